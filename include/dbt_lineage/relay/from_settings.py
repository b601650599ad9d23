"""Spool, relay and ledger, made from the settings."""

import logging
from typing import TYPE_CHECKING

from dbt_lineage.core import settings
from dbt_lineage.core.projects import projects
from dbt_lineage.spool.spool import Spool
from dbt_lineage.warehouse.of_project import warehouse_of

if TYPE_CHECKING:
    from dbt_lineage.ledger.of_relays import RelayLedger
    from dbt_lineage.relay.relay import Relay


def spool(bounded: bool = False) -> Spool:
    """Make the spool of this machine.

    Args:
        bounded: whether this process emits; a relay only frees room.
    """
    chosen = settings.spool()
    return Spool(chosen.dir, chosen.max_bytes, bounded=bounded)


def relay(of: Spool) -> "Relay":
    """Make a relay.

    Args:
        of: its spool.

    Raises:
        SettingsError: a setting is missing or wrong.
    """
    from dbt_lineage.relay.completion import Completion
    from dbt_lineage.relay.relay import Relay

    chosen = settings.spool()
    completion = Completion([warehouse_of(each) for each in projects()], chosen)
    wait = settings.relay().columns_wait_seconds
    return Relay(of, settings.kafka(), ledger(), completion, wait, leaves=chosen.handover != "off")


def ledger() -> "RelayLedger | None":
    """The ledger of ``LEDGER_URL``; None, with a warning, when that is not set."""
    if not settings.ledger_is_configured():
        logging.getLogger(__name__).warning("LEDGER_URL is not set: events are not recorded in a ledger")
        return None
    from dbt_lineage.ledger.of_relays import RelayLedger

    return RelayLedger(settings.ledger())
