"""docs/reference.md says what the code says."""

import re

import pytest

from dbt_lineage.core import settings
from stack import reference


def test_it_is_as_make_reference_would_write_it() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    assert reference.with_parts(text) == text, "run `make reference`"


def test_every_setting_has_a_row_with_its_meaning() -> None:
    text = reference.FILE.read_text(encoding="utf-8")
    for group in settings.GROUPS:
        for variable in settings.variables(group).values():
            assert re.search(rf"^\| `{variable}` \| \S.* \| \S.* \| \S.* \|$", text, re.MULTILINE), variable


def test_bounds_defaults_and_secrets_are_told() -> None:
    text = "\n".join(reference.settings_tables())
    assert "| `KAFKA_TIMEOUT_SECONDS` | how long to wait for the broker, seconds | number > 0 ≤ 50 | `10` |" in text
    assert "| `WAREHOUSE_PASSWORD` | password of that role | secret | none: it must be set |" in text
    assert "| `WAREHOUSE_PORT` | TCP port | whole number ≥ 1 ≤ 65535 | `5432` |" in text


def test_commands_are_told_with_those_below_them() -> None:
    text = "\n".join(reference.command_tables())
    assert "| `relay dead-letters show PARTITION OFFSET` | Print the original bytes of one dead letter. |" in text
    assert "| `relay drain [--timeout]` |" in text


def test_a_file_without_a_place_for_a_part_is_refused() -> None:
    with pytest.raises(reference.NoPlaceError, match="no place for settings: <!-- from the code: settings -->"):
        reference.with_parts("# Reference\n")
