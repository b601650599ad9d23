"""The account that refreshes the dashboards, with the least rights.

``tests/integration/test_superset.py`` takes each right away in turn and sees the refresh fail.
"""

from typing import Any

from dbt_lineage.core.settings import SupersetSettings
from dbt_lineage.dashboards.client import Superset, SupersetError
from dbt_lineage.dashboards.folder import Assets

ROLE = "lineage_refresh"
# (permission, view); access to the charts' databases is added to these.
RIGHTS = (
    ("can_read", "SecurityRestApi"),  # the CSRF token
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Dataset"),
    ("can_write", "Dataset"),  # to re-read its columns and to note what its rows were; owners only
    ("can_invalidate", "CacheRestApi"),
    ("can_explore_json", "Superset"),  # the data of country maps
)


def ensure_account(administrator: Superset, settings: SupersetSettings, assets: Assets) -> None:
    """Make or correct the role and the account, and let it own the datasets.

    Args:
        administrator: a client with all rights.
        settings: the account's name and password.
        assets: whose databases it may read and whose datasets it owns; they have been imported.

    Raises:
        SupersetError: a call failed.
    """
    role = _ensure_role(administrator)
    databases = _by_uuid(administrator, "database", assets)
    access = [("database_access", f"[{each['database_name']}].(id:{each['id']})") for each in databases]
    set_rights(administrator, role, [*RIGHTS, *access])
    user = _ensure_user(administrator, settings, role)
    for dataset in _by_uuid(administrator, "dataset", assets):
        _ensure_owner(administrator, dataset["id"], dataset["table_name"], user)


def set_rights(administrator: Superset, role: int, rights: list[tuple[str, str]]) -> None:
    """Give a role just these rights. Raises SupersetError when there is no such right."""
    known = {
        (each["permission"]["name"], each["view_menu"]["name"]): each["id"]
        for each in administrator.pages("/api/v1/security/permissions-resources/", what="rights")
    }
    if unknown := [right for right in rights if right not in known]:
        raise SupersetError(f"Superset at {administrator.address}: there is no right {unknown}")
    administrator.call(
        "POST",
        f"/api/v1/security/roles/{role}/permissions",
        what=f"role {ROLE}",
        json={"permission_view_menu_ids": [known[right] for right in rights]},
    )


def role_id(administrator: Superset) -> int | None:
    """The number of the role, if there is one. Raises SupersetError."""
    return next(
        (each["id"] for each in administrator.pages("/api/v1/security/roles/", what="roles") if each["name"] == ROLE),
        None,
    )


def _ensure_role(administrator: Superset) -> int:
    found = role_id(administrator)
    if found is not None:
        return found
    answer = administrator.call("POST", "/api/v1/security/roles/", what=f"role {ROLE}", json={"name": ROLE})
    return administrator.json(answer)["id"]


def _ensure_user(administrator: Superset, settings: SupersetSettings, role: int) -> int:
    what, path = f"user {settings.user}", "/api/v1/security/users/"
    found = next((each for each in administrator.pages(path, what=what) if each["username"] == settings.user), None)
    wanted = {
        "username": settings.user,
        "first_name": "Lineage",
        "last_name": "Refresh",
        "email": f"{settings.user}@example.com",
        "active": True,
        "roles": [role],
        "password": settings.password.get_secret_value(),
    }
    if found is None:
        return administrator.json(administrator.call("POST", path, what=what, json=wanted))["id"]
    administrator.call("PUT", f"{path}{found['id']}", what=what, json=wanted)
    return found["id"]


def _ensure_owner(administrator: Superset, dataset: int, name: str, user: int) -> None:
    what, path = f"dataset {name}", f"/api/v1/dataset/{dataset}"
    owners = [owner["id"] for owner in administrator.get(path, what=what)["result"]["owners"]]
    if user not in owners:
        administrator.call("PUT", path, what=what, json={"owners": [*owners, user]})


def _by_uuid(administrator: Superset, kind: str, assets: Assets) -> list[dict[str, Any]]:
    """The databases or datasets of the code, with Superset's numbers."""
    uuids = {content["uuid"] for content in assets.of_kind(f"{kind}s").values()}
    found = administrator.pages(f"/api/v1/{kind}/", what=f"{kind}s")
    return [each for each in found if each["uuid"] in uuids]
