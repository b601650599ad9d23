"""The client of Airflow's REST API that the demo and the tests use."""

from pathlib import Path

import pytest

from stack import airflow
from stack.airflow_api import AirflowApi
from stack.config import StackConfig, StackError, StackSettings


def test_an_airflow_that_is_away_is_named_with_what_was_asked(tmp_path: Path) -> None:
    config = StackConfig(StackSettings(home=tmp_path / "stack", well_known_ports=False))
    config.prepare()
    airflow.write_login(config)
    with pytest.raises(StackError, match=r"^Airflow at http://127\.0\.0\.1:\d+: POST /auth/token: .*refused"):
        AirflowApi(config)
