"""What was imported last, so that changes made in Superset stay."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from dbt_lineage.core.settings import SupersetSettings
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import Warehouse


def code_of(superset: SupersetSettings, warehouse: Warehouse, manifest: Manifest) -> str:
    """A digest that changes with the files of the dashboards and with what else is put into them.

    Args:
        superset: the folder, and the accounts.
        warehouse: the address and role that the charts read with.
        manifest: of the dbt project, for its tables.
    """
    digest = hashlib.sha256()
    for file in sorted(file for file in superset.assets_dir.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(superset.assets_dir)}\n".encode() + file.read_bytes())
    values = [*(value for _, value in sorted(superset)), *(warehouse.superset_address() or ())]
    known = [value.get_secret_value() if isinstance(value, SecretStr) else str(value) for value in values]
    digest.update("\n".join([*known, *sorted(manifest.relations())]).encode())
    return digest.hexdigest()


def unless_last(file: Path | None, code: str, import_: Callable[[], str]) -> str:
    """Import, unless what was imported last was the same.

    Args:
        file: the record of the last import; without one, everything is imported.
        code: a digest of what is to be imported.
        import_: imports, and returns in words what was imported.

    Returns:
        What was done, in words.

    Raises:
        OSError: the file cannot be read or written.
    """
    if file is not None and file.exists() and file.read_text(encoding="utf-8") == code:
        return "the code of the dashboards is that of the last import: what was changed in Superset stays"
    done = import_()
    if file is not None:
        file.write_text(code, encoding="utf-8")
    return done
