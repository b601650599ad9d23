"""Command line of the receipts of runs: ``dbt-lineage receipt verify``."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="where the private key goes; the public one goes beside it")],
) -> None:
    """Make a key that signs receipts; PAGE_RECEIPT_KEY names it to Airflow's API server."""
    from dbt_lineage.page.statement import key_id, make_key, public_key

    public = make_key(file)
    print(f"private key {file} (mode 0600: keep it secret), public key {public}, its id {key_id(public_key(public))}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="the signed receipt")],
    public: Annotated[Path, typer.Option("--key", help="the public key of who is trusted")],
    manifest: Annotated[Path | None, typer.Option(help="a manifest.json that must be the one of the receipt")] = None,
) -> None:
    """Check a signed receipt, without any network; exit code 1 when it is not what was signed."""
    from dbt_lineage.page.statement import NotVerified, public_key, verified

    try:
        envelope = file.read_bytes()
    except OSError as error:
        raise NotVerified(f"{file} cannot be read: {error}") from error
    told = verified(envelope, public_key(public))
    if manifest is not None:
        digests = {each["name"]: each["digest"]["sha256"] for each in told["subject"]}
        if digests.get("manifest.json") != sha256(manifest.read_bytes()).hexdigest():
            raise NotVerified(f"{manifest} is not the manifest of this receipt")
    receipt = told["predicate"]["receipt"]
    rows = receipt["rows"]
    back = sum(each["read_back"] is not None for each in rows)
    print(
        f"signed receipt of {receipt['dag_id']} {receipt['run_id']} ({receipt['state']}), made {receipt['made_at']}: "
        f"{'whole' if receipt['whole'] else 'not whole'}, {back} of {len(rows)} models read back, "
        f"{len(told['predicate']['edges'])} edges"
    )
