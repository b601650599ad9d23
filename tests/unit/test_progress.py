"""The ledger is told how far the ingestion has come, and its absence stops nothing."""

import logging

import pytest

from dbt_lineage.core import settings
from dbt_lineage.core.settings import LedgerSettings
from dbt_lineage.ingest.ledger_updates import LedgerProgress


def test_a_ledger_that_is_away_is_a_warning_without_its_password(caplog: pytest.LogCaptureFixture) -> None:
    address = "postgresql+psycopg2://user:dummy-password@127.0.0.1:1/ledger"
    progress = LedgerProgress(LedgerSettings(url=address, timeout_seconds=1))
    with caplog.at_level(logging.WARNING):
        progress.ingested("events", {0: 1})
        progress.verified("events", {0: 1})
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "events is ingested up to {0: 1}" in caplog.text
    assert "events is verified up to {0: 1}" in caplog.text
    assert "dummy-password" not in caplog.text


def test_no_ledger_at_all_is_a_warning_that_names_the_variable(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environment.delenv("LEDGER_URL", raising=False)
    settings.ledger.cache_clear()
    with caplog.at_level(logging.WARNING):
        LedgerProgress.from_environment().verified("events", {0: 1})
    assert "LEDGER_URL" in caplog.text
