"""A dead letter names the file of an event that was too large; who can write letters must not have other files opened."""

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from dbt_lineage.columns.cache import LineageCache
from dbt_lineage.core.liveness import SignOfLife
from dbt_lineage.relay import oversize
from dbt_lineage.relay.oversize import KeptUnreadable

EVENT = b'{"large": true}'
OTHERS = b"of others, to hide"


def header(path: Path | str) -> str:
    return f"{os.uname().nodename}:{path}"


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    file = oversize.keep(tmp_path, EVENT)
    name, value = oversize.header(file)
    assert (name, oversize.read(tmp_path, value.decode())) == ("kept_as", EVENT)


def test_a_file_outside_of_the_spool_is_not_opened(tmp_path: Path) -> None:
    spool, outside = tmp_path / "spool", tmp_path / "outside"
    kept = oversize.keep(spool, EVENT)
    outside.mkdir()
    theirs = outside / f"{sha256(OTHERS).hexdigest()}.json"
    theirs.write_bytes(OTHERS)
    for path in (
        theirs,
        f"{kept.parent}/../../outside/{theirs.name}",
        f"{kept.parent}/./../unsendable/{kept.name}",
        theirs.name,
        "/etc/passwd",
        "/dev/stdin",
        kept.parent / "passwd",
        kept.parent / f"{kept.stem.upper()}.json",
        "",
    ):
        with pytest.raises(KeptUnreadable, match="is no file that was kept in") as refused:
            oversize.read(spool, header(path))
        assert OTHERS.decode() not in str(refused.value)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_file_of_its_own_is_not_read(tmp_path: Path, kind: str) -> None:
    kept = oversize.keep(tmp_path / "spool", OTHERS)
    theirs = kept.rename(tmp_path / "theirs")
    {"link": lambda: kept.symlink_to(theirs), "folder": kept.mkdir, "pipe": lambda: os.mkfifo(kept)}[kind]()
    with pytest.raises(KeptUnreadable):
        oversize.read(tmp_path / "spool", header(kept))


@pytest.mark.parametrize("first", ["kept event", "columns", "sign of life"])
def test_the_spools_folder_is_for_its_user_only_whoever_makes_it_first(tmp_path: Path, first: str) -> None:
    spool = tmp_path / "spool"
    if first == "kept event":
        oversize.keep(spool, EVENT)
    elif first == "columns":
        LineageCache(spool / "columns")
    else:
        with SignOfLife(spool / "alive.json"):
            pass
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [spool, *spool.iterdir()] if path.is_dir()}
    assert set(modes.values()) == {0o700}
