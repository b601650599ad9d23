#!/usr/bin/env bash
# What must be there before Airflow starts. Doing it again changes nothing.
set -euo pipefail

# A wrong setting is named before anything is changed.
python -m dbt_lineage.core.settings
python -m dbt_lineage ledger migrate
kafka/setup-topics.sh
# One of several projects that is broken keeps nothing else from starting: Airflow's page says what is wrong with it.
python -m dbt_lineage manifest --lenient
airflow db migrate

# The simple auth manager reads its passwords from a file.
umask 077
python - <<'PYTHON'
import json
import os
from pathlib import Path

passwords = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
passwords.write_text(json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}))
PYTHON
