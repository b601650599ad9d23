"""The ledger of the local stack: a database of its own in the stack's PostgreSQL."""

from pydantic import SecretStr

from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ledger.ledger import LedgerError
from dbt_lineage.ledger.migrations import migrate as bring_up_to_date
from stack import postgres
from stack.config import StackConfig, StackError


def url(config: StackConfig) -> str:
    """Address of the database, with the password of its role."""
    return postgres.address(config, postgres.LEDGER_USER, config.credentials.ledger_password, postgres.LEDGER_DATABASE)


def reader_url(config: StackConfig) -> str:
    """Address of the database for a process that only reads it."""
    password = config.credentials.ledger_reader_password
    return postgres.address(config, postgres.LEDGER_READER_USER, password, postgres.LEDGER_DATABASE)


def migrate(config: StackConfig) -> None:
    """Bring the ledger's schema to its present form. Raises StackError when that fails."""
    try:
        bring_up_to_date(LedgerSettings(url=SecretStr(url(config))))
    except LedgerError as error:
        raise StackError(f"the ledger could not be migrated: {error}") from error
