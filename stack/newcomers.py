"""Try fresh clones as the people who come: ``make newcomers``, or some of them by ``make newcomers WHO="root umask"``.

Each row is one clone of the last commit, and ends as proved (``make demo`` did) or as refused, which must be one sentence
within five seconds, before anything is installed. The rows are in build/newcomers.json.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dbt_lineage.core import commands
from dbt_lineage.core.errors import ExpectedError
from stack.checkout import PROJECT_ROOT
from stack.doctor import CERTIFICATES, SYSTEM_FOLDERS, system_program

RESULT = PROJECT_ROOT / "build" / "newcomers.json"
REFUSED_SECONDS = 5.0
USER = "lineage-newcomer"
SMALL_DISK = "300m"
# What this project's own settings and environments would bring into a clone.
_OURS = ("STACK_", "DBT_", "KAFKA_", "WAREHOUSE_", "LEDGER_", "OPENMETADATA_", "SUPERSET_", "AIRFLOW_", "AIRFLOW__")
_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "VIRTUAL_ENV", "PYTHONPATH")
console = Console()


class CannotTry(ExpectedError):
    """A row cannot be tried on this machine; the message says why."""


@dataclass
class Clone:
    """A fresh clone and how ``make`` is run in it.

    Args:
        folder: of the clone.
        environment: variables; those that are missing are unset.
        before: words before ``make``, such as those that change the user.
        options: words after it, such as ``PYTHON=python3.12``.
    """

    folder: Path
    environment: dict[str, str]
    before: Sequence[str] = ()
    options: Sequence[str] = ()

    def make(self, *targets: str) -> "Ended":
        """Run make, and keep what it said in a log beside the clone."""
        log, started = self.folder.with_name(f"{self.folder.name}-{targets[0]}.log"), time.monotonic()
        with log.open("w") as kept:
            command = [*self.before, "make", *targets, *self.options]
            done = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=kept, stderr=subprocess.STDOUT)
        return Ended(done.returncode, time.monotonic() - started, log.read_text(errors="replace"))


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, its time in seconds and what it printed."""

    code: int
    seconds: float
    said: str


@dataclass
class Row:
    """What became of one kind of newcomer.

    Args:
        who: the kind, in words.
        seen: ``proved``, ``refused``, ``not tried`` or ``FAILED``.
        seconds: from typing the command to its end.
        said: the sentence of a refusal, or what went wrong.
    """

    who: str
    seen: str
    seconds: float = 0.0
    said: str = ""

    @property
    def holds(self) -> bool:
        """Whether a newcomer got there, or knows at once why not."""
        return self.seen != "FAILED"


@dataclass
class Trials:
    """Makes clones below one folder and tries them.

    Args:
        scratch: a folder of its own, closed to others (0700).
        refused_seconds: who is refused must know so soon.
    """

    scratch: Path
    refused_seconds: float = REFUSED_SECONDS
    clones: list[Clone] = field(default_factory=list)

    def clone(
        self, name: str, *before: str, folder: Path | None = None, environment: Mapping[str, str | None] | None = None
    ) -> Clone:
        """A fresh clone of the last commit; an environment variable that is None is unset."""
        target = (folder or self.scratch) / name
        quiet = ["git", "-c", "safe.directory=*", "clone", "--quiet", "--no-hardlinks"]
        subprocess.run([*quiet, str(PROJECT_ROOT), str(target)], check=True)
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(_OURS) and name not in _MAKE
        }
        # Those that sbin/python of an environment would find first are the project's own, not the newcomer's.
        paths = [each for each in inherited["PATH"].split(os.pathsep) if ".venvs" not in each]
        merged = inherited | {"PATH": os.pathsep.join(paths)} | dict(environment or {})
        clone = Clone(target, {name: value for name, value in merged.items() if value is not None}, before)
        self.clones.append(clone)
        return clone

    def proved(self, who: str, clone: Clone) -> Row:
        """The demo must end well; its stack is deleted afterwards."""
        ended = clone.make("demo")
        clone.make("stack-clean")
        if ended.code == 0 and "proved" in ended.said:
            return Row(who, "proved", ended.seconds)
        return Row(who, "FAILED", ended.seconds, _tail(ended.said))

    def refused(self, who: str, clone: Clone, *words: str) -> Row:
        """The demo must be refused by one sentence with these words, in time, with nothing installed."""
        ended = clone.make("demo")
        sentences = [line for line in ended.said.splitlines() if line.startswith("doctor:")]
        well = (
            ended.code != 0
            and len(sentences) == 1
            and all(word in sentences[0] for word in words)
            and "Traceback" not in ended.said
            and ended.seconds <= self.refused_seconds
            and not (clone.folder / ".venvs").exists()
        )
        if not well:
            clone.make("stack-clean")
        return Row(who, "refused" if well else "FAILED", ended.seconds, sentences[0] if well else _tail(ended.said))

    def clean(self) -> None:
        """Delete the clones; logs of rows that failed stay beside them."""
        for clone in self.clones:
            shutil.rmtree(clone.folder, ignore_errors=True)


def root(trials: Trials) -> Iterator[Row]:
    """Root, in a folder of mode 0700."""
    _require_root()
    yield trials.proved("root, folder of mode 0700", trials.clone("root"))


def again(trials: Trials) -> Iterator[Row]:
    """Somebody who runs it a second time, with everything installed."""
    clone = trials.clone("again")
    clone.make("setup")
    first = trials.proved("", clone)
    yield trials.proved("a second time, everything installed", clone) if first.holds else first


def plain_user(trials: Trials) -> Iterator[Row]:
    """A plain user that is made for it, with nothing cached."""
    _require_root()
    with _made_user() as home:
        as_user = (system_program("runuser") or "runuser", "-u", USER, "--")
        own = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin"}
        foreign = {name: None for name in os.environ if name.startswith(("PYENV", "XDG_", "UV_"))}
        clone = trials.clone("project", *as_user, folder=home, environment={**foreign, **own})
        subprocess.run(["chown", "-R", USER, str(clone.folder)], check=True)
        clone.folder.with_name("project-demo.log").touch()
        yield trials.proved("a plain user, nothing cached", clone)


def pythons(trials: Trials) -> Iterator[Row]:
    """Each Python that is found, as the one that is named."""
    found = _interpreters()
    for version in ("3.10", "3.11", "3.12", "3.13", "3.14"):
        who = f"Python {version}"
        if version not in found:
            yield Row(who, "not tried", said="not on this machine")
            continue
        clone = trials.clone(f"python{version}")
        clone.options = (f"PYTHON={found[version]}",)
        supported = version in ("3.11", "3.12", "3.13")
        yield trials.proved(who, clone) if supported else trials.refused(who, clone, version, "is required")


def blanks(trials: Trials) -> Iterator[Row]:
    """Blanks and an umlaut in the path, and the usual port of Airflow taken."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8080))
            other.listen()
        except OSError:
            pass  # Somebody else has it: as good.
        yield trials.proved("blanks and an umlaut in the path; port 8080 taken", trials.clone("mein  Projekt ü"))


def umask(trials: Trials) -> Iterator[Row]:
    """A umask that closes every new file to others."""
    yield trials.proved("umask 077", trials.clone("umask", "sh", "-c", 'umask 077; exec "$@"', "sh"))


def no_home(trials: Trials) -> Iterator[Row]:
    """No HOME."""
    yield trials.proved("no HOME", trials.clone("no-home", environment={"HOME": None}))


def no_sbin(trials: Trials) -> Iterator[Row]:
    """A PATH without sbin, on a machine where the user of PostgreSQL has to be made."""
    _require_root()
    paths = [each for each in os.environ["PATH"].split(os.pathsep) if not each.endswith("sbin")]
    # In a mount namespace of its own, /etc is a copy: no user of this machine is touched.
    script = (
        "mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w "
        "&& mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc "
        f'&& (/usr/sbin/userdel postgres-stack 2>/dev/null; PATH="{os.pathsep.join(paths)}" exec "$@")'
    )
    namespace = ("unshare", "--mount", "sh", "-c", script, "sh")
    if subprocess.run([*namespace, "true"], capture_output=True).returncode != 0:
        raise CannotTry("no mount namespace with an overlay can be made here")
    yield trials.proved("root, PATH without sbin, user of PostgreSQL to be made", trials.clone("no-sbin", *namespace))


def certificates(trials: Trials) -> Iterator[Row]:
    """The network's certificate authorities named in SSL_CERT_FILE alone."""
    file = next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)
    if file is None:
        raise CannotTry("no variable names a file of certificate authorities here")
    unset = dict.fromkeys((*CERTIFICATES, "SSL_CERT_DIR", "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE"))
    yield trials.proved(
        "only SSL_CERT_FILE is set", trials.clone("certificates", environment={**unset, "SSL_CERT_FILE": file})
    )


def two(trials: Trials) -> Iterator[Row]:
    """Two clones whose demos run at the same time."""
    pair = [trials.clone(f"two-{number}") for number in (1, 2)]
    started = time.monotonic()
    running = []
    for clone in pair:
        log = clone.folder.with_name(f"{clone.folder.name}-demo.log").open("w")
        running.append(
            subprocess.Popen(["make", "demo"], cwd=clone.folder, env=clone.environment, stdout=log, stderr=log)
        )
    codes = [process.wait() for process in running]
    seconds = time.monotonic() - started
    said = [clone.folder.with_name(f"{clone.folder.name}-demo.log").read_text() for clone in pair]
    for clone in pair:
        clone.make("stack-clean")
    failed = [_tail(text) for code, text in zip(codes, said, strict=True) if code != 0 or "proved" not in text]
    yield Row("two clones at once", "FAILED" if failed else "proved", seconds, " | ".join(failed))


def no_network(trials: Trials) -> Iterator[Row]:
    """No network at all, and a proxy that does not answer."""
    if os.geteuid() == 0:
        yield trials.refused("no network", trials.clone("no-network", "unshare", "--net"), "network", "does not answer")
    proxies = {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "NO_PROXY": None,
        "no_proxy": None,
    }
    yield trials.refused(
        "a proxy that does not answer", trials.clone("no-proxy", environment=proxies), "network", "proxy"
    )


def port_taken(trials: Trials) -> Iterator[Row]:
    """A port that was chosen, and that another program has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        clone = trials.clone("port", environment={"STACK_AIRFLOW_PORT": port})
        yield trials.refused("a chosen port is taken", clone, "STACK_AIRFLOW_PORT", port)


def full_disk(trials: Trials) -> Iterator[Row]:
    """A disk that is too small, and one where no program may run."""
    _require_root()
    for who, options, words in (
        ("a full disk", f"size={SMALL_DISK}", ("disk", "GiB are required")),
        ("a disk where no program may run", "noexec,size=6g", ("noexec",)),
    ):
        with tempfile.TemporaryDirectory(dir=trials.scratch) as folder:
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True)
            if mounted.returncode != 0:
                raise CannotTry("no small disk can be mounted here")
            try:
                clone = trials.clone("clone", folder=Path(folder))
                # Its log must not fill what is left.
                yield trials.refused(who, clone, *words)
            finally:
                subprocess.run(["umount", folder], check=True)


def long_tmpdir(trials: Trials) -> Iterator[Row]:
    """A folder for temporary files whose path is too long for a socket."""
    folder = trials.scratch / ("t" * 100)
    folder.mkdir()
    yield trials.refused(
        "a TMPDIR of 100 letters", trials.clone("tmpdir", environment={"TMPDIR": str(folder)}), "TMPDIR", "too long"
    )


KINDS: Mapping[str, Callable[[Trials], Iterator[Row]]] = {
    "root": root,
    "again": again,
    "user": plain_user,
    "pythons": pythons,
    "blanks": blanks,
    "umask": umask,
    "home": no_home,
    "sbin": no_sbin,
    "certificates": certificates,
    "two": two,
    "network": no_network,
    "port": port_taken,
    "disk": full_disk,
    "tmpdir": long_tmpdir,
}


def _require_root() -> None:
    if os.geteuid() != 0:
        raise CannotTry("only root can make this")


@contextmanager
def _made_user() -> Iterator[Path]:
    """A user with a home of its own, deleted afterwards."""
    useradd, userdel = system_program("useradd"), system_program("userdel")
    if not useradd or not userdel or not system_program("runuser"):
        raise CannotTry(f"no useradd, userdel or runuser in PATH or {', '.join(SYSTEM_FOLDERS)}")
    home = Path(tempfile.mkdtemp(prefix="newcomer-"))
    subprocess.run([useradd, "--home-dir", str(home), "--no-create-home", USER], check=True, capture_output=True)
    shutil.chown(home, USER)
    try:
        yield home
    finally:
        subprocess.run([userdel, USER], capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def _interpreters() -> dict[str, str]:
    """An interpreter of each version that PATH, the system or pyenv has."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [
        *pyenv.glob("3.*/bin/python3"),
        *Path("/usr/local/bin").glob("python3.*"),
        *Path("/usr/bin").glob("python3.*"),
    ]
    found: dict[str, str] = {}
    for candidate in candidates:
        asked = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
        )
        if asked.returncode == 0:
            found.setdefault(asked.stdout.strip(), str(candidate))
    return found


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-5:])


def main(
    who: Annotated[list[str] | None, typer.Argument(help=f"which kinds: {', '.join(KINDS)}; all by default")] = None,
    refused_seconds: Annotated[float, typer.Option(help="who is refused must know so soon")] = REFUSED_SECONDS,
) -> None:
    """Try each kind of newcomer on a fresh clone; exit code 1 when one neither got there nor was told why."""
    if unknown := set(who or ()) - set(KINDS):
        raise CannotTry(f"there is no kind {', '.join(sorted(unknown))}; there are: {', '.join(KINDS)}")
    rows: list[Row] = []
    with ExitStack() as cleanup:
        trials = Trials(Path(tempfile.mkdtemp(prefix="newcomers-")), refused_seconds)
        cleanup.callback(trials.clean)
        for name in who or KINDS:
            try:
                for row in KINDS[name](trials):
                    rows.append(row)
                    console.print(
                        f"{row.who}: {row.seen} {row.seconds:.1f} s {row.said}", markup=False, highlight=False
                    )
            except CannotTry as reason:
                rows.append(Row(name, "not tried", said=str(reason)))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n")
    table = Table("newcomer", "seen", "seconds", "what was said")
    for row in rows:
        table.add_row(row.who, row.seen, f"{row.seconds:.1f}" if row.seconds else "", Text(row.said))
    console.print(table)
    if not all(row.holds for row in rows):
        console.print(f"logs of what failed: {trials.scratch}")
        raise typer.Exit(1)
    shutil.rmtree(trials.scratch, ignore_errors=True)


if __name__ == "__main__":
    commands.run("newcomers", lambda: typer.run(main))
