"""Hold a real OpenMetadata server to what the catalogue stand-in does: ``python -m stack.contract --url … --token …``.

The tests make services of their own and remove them; nothing else on the server is touched. Not run here: there is no real
server where this is built.
"""

import os
from typing import Annotated

import httpx
import pytest
import typer

from dbt_lineage.catalogue.client import CatalogueDenied, checked
from dbt_lineage.core import commands
from stack.checkout import PROJECT_ROOT


def main(
    url: Annotated[str, typer.Option(help="address of the server, without /api")],
    token: Annotated[str, typer.Option(help="JWT of a bot that may create services", envvar="OPENMETADATA_TOKEN")],
) -> None:
    """Run the contract tests against a server; exit code 1 when the server does otherwise."""
    address = url.rstrip("/")
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.get(f"{address}/api/v1/services/databaseServices", headers=headers, timeout=10)
    except httpx.TransportError as error:
        raise CatalogueDenied(f"OpenMetadata at {address} does not answer: {error}") from error
    checked(answer, f"OpenMetadata at {address}: GET /api/v1/services/databaseServices")
    os.environ.update({"OPENMETADATA_URL": address, "OPENMETADATA_TOKEN": token})
    raise typer.Exit(pytest.main(["-q", str(PROJECT_ROOT / "tests" / "standin")]))


if __name__ == "__main__":
    commands.run("contract", lambda: typer.run(main))
