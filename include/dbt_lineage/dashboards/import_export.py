"""Bringing the dashboards of a folder into Superset and back."""

import json
from collections.abc import Sequence
from typing import Any

from dbt_lineage.core.settings import SupersetSettings
from dbt_lineage.dashboards.account import ensure_account
from dbt_lineage.dashboards.client import Superset, SupersetError
from dbt_lineage.dashboards.files import KINDS, AssetsError
from dbt_lineage.dashboards.folder import Assets, Files, from_export
from dbt_lineage.manifest.graph import Manifest
from dbt_lineage.warehouse.port import Warehouse


def publish(settings: SupersetSettings, warehouse: Warehouse, manifest: Manifest) -> Assets:
    """Import the dashboards of the folder, and make the account that refreshes them; idempotent.

    Args:
        settings: the server, its administrator, the account, and the folder.
        warehouse: the address and read-only role that the charts read with.
        manifest: of the dbt project, for the schemas.

    Returns:
        What was imported.

    Raises:
        AssetsError: a file is broken; the message names file and field.
        SupersetError: Superset is away or refuses.
    """
    assets = Assets.load(settings.assets_dir)
    with Superset.as_administrator(settings) as administrator:
        import_assets(administrator, assets, warehouse, manifest)
        ensure_account(administrator, settings, assets)
    return assets


def make_account(settings: SupersetSettings) -> None:
    """Make the account that refreshes the dashboards, without importing a dashboard; idempotent.

    Args:
        settings: the server, its administrator, the account, and the folder.

    Raises:
        AssetsError: a file of the folder is broken.
        SupersetError: Superset is away or refuses.
    """
    with Superset.as_administrator(settings) as administrator:
        ensure_account(administrator, settings, Assets.load(settings.assets_dir))


def import_assets(superset: Superset, assets: Assets, warehouse: Warehouse, manifest: Manifest) -> None:
    """Import every file; idempotent.

    Args:
        superset: as the administrator.
        assets: the files.
        warehouse: the address and read-only role that the charts read with.
        manifest: of the dbt project, for the schemas.

    Raises:
        AssetsError: Superset refused a file; the message names file and field.
        SupersetError: a call failed.
    """
    bundle = assets.bundle(warehouse, manifest)
    address = warehouse.superset_address()
    passwords = dict.fromkeys(assets.of_kind("databases"), address.password if address else "")
    try:
        # Not again when it fails: Superset answers 500 for what is wrong with the files.
        answer = _import(superset, "/api/v1/assets/import/", "bundle", bundle, passwords)
    except SupersetError as error:
        raise _explained(superset, bundle, passwords) or error from None
    if superset.json(answer, "assets") != {"message": "OK"}:
        raise SupersetError(f"Superset at {superset.address}: POST /api/v1/assets/import/ said {answer.text[:200]}")


def export_assets(superset: Superset, code: Assets, slugs: Sequence[str]) -> Files:
    """The running dashboards with all that they are made of, in the form of our files.

    What the code has besides, such as a chart that is on no dashboard, is asked for by itself. What is not in Superset
    any more is left out.

    Args:
        superset: as the administrator.
        code: whose paths are used.
        slugs: which dashboards of the code, by the last part of their addresses.

    Raises:
        SupersetError: a call failed.
        AssetsError: Superset exported what is broken; the message names the file in its archive.
    """
    archives: list[bytes] = []
    files: Files = {}
    for kind in reversed(KINDS):
        wanted = [content["uuid"] for path, content in code.of_kind(kind).items() if path not in files]
        if kind == "dashboards":
            wanted = [code.dashboards[slug]["uuid"] for slug in slugs]
        if wanted and (archive := _exported(superset, kind.removesuffix("s"), wanted)):
            archives.append(archive)
            files = from_export(archives, code)
    return files


def _exported(superset: Superset, kind: str, uuids: Sequence[str]) -> bytes | None:
    """The archive of some things of a kind, requested by Superset's numbers; None if it has none of them."""
    numbers = {each["uuid"]: each["id"] for each in superset.pages(f"/api/v1/{kind}/", what=f"{kind}s")}
    found = [str(numbers[uuid]) for uuid in uuids if uuid in numbers]
    if not found:
        return None
    params = {"q": f"!({','.join(found)})"}
    return superset.call("GET", f"/api/v1/{kind}/export/", what=f"{kind}s", params=params).content


def _import(superset: Superset, path: str, field: str, bundle: bytes, passwords: dict[str, str], **more: str) -> Any:
    return superset.call(
        "POST",
        path,
        what="assets",
        again=False,
        files={field: ("assets.zip", bundle, "application/zip")},
        data={"passwords": json.dumps(passwords), **more},
    )


def _explained(superset: Superset, bundle: bytes, passwords: dict[str, str]) -> AssetsError | None:
    """Why an import failed. The import of dashboards checks alike and, unlike that of assets, names the error."""
    as_dashboards = _with_type(bundle, "Dashboard")
    try:
        _import(superset, "/api/v1/dashboard/import/", "formData", as_dashboards, passwords, overwrite="true")
    except SupersetError as error:
        return AssetsError(f"Superset refused the files: {error}")
    return None


def _with_type(bundle: bytes, kind: str) -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "assets/metadata.yaml":
                content = content.replace(b"type: assets", f"type: {kind}".encode())
            new.writestr(name, content)
    return out.getvalue()
