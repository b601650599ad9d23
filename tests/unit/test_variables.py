"""What a setting is spelled like is what arrives: in the stack's processes, from a user's file, in each address."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy.engine import make_url

from dbt_lineage.core import settings
from dbt_lineage.watch.health import parts
from dbt_lineage.watch.health.of_projects import mail_server
from stack import airflow, databases, ledger, superset, variables
from stack.checkout import PROJECT_ROOT
from stack.config import Credentials, StackConfig, StackSettings
from stack.services import SERVICES
from stack.supervisor import Supervisor

SPELLED = (
    *(
        "pa$${X}word",
        "${HOME}",
        "$HOME",
        "%(here)s",
        "50%",
        "a:b@c/d?e#f",
        "::1",
        "it's",
        'say "hi"',
        "a\\\\b\\'c",
        "~/x",
    ),
    *(" blanks ", "größe-😀", "{{ x }}", "[bold]", "a+b", "#no-comment"),
)


@pytest.fixture
def stack(tmp_path: Path) -> StackConfig:
    config = StackConfig(StackSettings(home=tmp_path / "stack", well_known_ports=False))
    config.prepare()
    return config


@pytest.mark.parametrize("value", SPELLED)
def test_a_process_of_the_stack_is_given_a_value_as_it_is_spelled(
    environment: pytest.MonkeyPatch, stack: StackConfig, value: str
) -> None:
    environment.setenv("WAREHOUSE_PASSWORD", value)
    Supervisor(stack)._write_configuration([service for service in SERVICES if service.name == "airflow-scheduler"])
    [file] = [each for each in (stack.home / "env").iterdir() if each.name.startswith("airflow-scheduler")]
    command = [sys.executable, "-m", "stack.variables", str(file)]
    shown = "import os; print(ascii(os.environ['WAREHOUSE_PASSWORD']))"
    done = subprocess.run([*command, sys.executable, "-c", shown], capture_output=True, text=True, cwd=PROJECT_ROOT)
    assert done.stdout.strip() == ascii(value), done.stderr


@pytest.mark.parametrize("value", [each for each in SPELLED if "'" not in each and "\\" not in each])
def test_what_stands_between_single_quotes_in_a_users_file_stays_as_it_is(
    environment: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    environment.delenv("WAREHOUSE_PASSWORD")
    (tmp_path / ".env").write_text(f"A=1\nexport WAREHOUSE_PASSWORD='{value}' # a comment\n")
    variables.load_env_file(tmp_path / ".env")
    assert os.environ.pop("A") == "1"
    assert settings.warehouse().password.get_secret_value() == value


def test_other_values_of_a_users_file_are_filled_in_and_the_environment_wins(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("DBT_TARGET", "of the shell")
    environment.setenv("FOLDER_OF_TEST", "/srv")
    environment.setenv("DBT_ARTIFACTS_DIR", "")
    environment.delenv("DBT_ARTIFACTS_DIR")
    (tmp_path / ".env").write_text('DBT_TARGET=of-the-file\nDBT_ARTIFACTS_DIR="${FOLDER_OF_TEST}/x"\n# A=b\n')
    variables.load_env_file(tmp_path / ".env")
    variables.load_env_file(tmp_path / "none")
    assert (os.environ["DBT_TARGET"], os.environ["DBT_ARTIFACTS_DIR"]) == ("of the shell", "/srv/x")


@pytest.mark.parametrize("value", SPELLED)
def test_an_address_has_role_and_password_as_they_are_spelled(value: str) -> None:
    url = make_url(databases.address("::1", 5432, value, value, "warehouse"))
    assert (url.username, url.password, url.host, url.port) == (value, value, "::1", 5432)


@pytest.mark.parametrize("value", SPELLED)
def test_the_stacks_addresses_have_its_passwords_as_they_are_spelled(
    environment: pytest.MonkeyPatch, stack: StackConfig, value: str
) -> None:
    made = Credentials(ledger_password=value, airflow_database_password=value, superset_database_password=value)
    environment.setattr(StackConfig, "credentials", made)
    addresses = {
        "ledger": ledger.url(stack),
        "airflow": airflow.environment(stack)["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"],
        "superset": superset.environment(stack)["SUPERSET_DATABASE_URI"],
    }
    assert {name: make_url(address).password for name, address in addresses.items()} == dict.fromkeys(addresses, value)
    # Airflow fills in variables and the home in what it reads of the environment.
    assert os.path.expandvars(addresses["airflow"]) == addresses["airflow"]


@pytest.mark.parametrize("host", ["::1", "[::1]", "fe80::1", "127.0.0.1", "db.example.com"])
def test_a_namespace_is_an_address(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.setenv("WAREHOUSE_HOST", host)
    parts = urlsplit(settings.warehouse().namespace)
    assert (parts.hostname, parts.port) == (host.strip("[]"), 5432)


# Where nothing else forbids it, each file could be read by everybody.
WRITE_SECRETS = """
import os, stat, sys
from pathlib import Path
from stack import airflow, compose_secrets, config
from stack.services import SERVICES
from stack.supervisor import Supervisor

os.umask(0)
home, changed = Path(sys.argv[1]), []
sys.addaudithook(lambda event, args: changed.append(str(args[0])) if event == "os.chmod" else None)
stack = config.StackConfig(config.StackSettings(home=home / "stack", well_known_ports=False))
stack.prepare()
Supervisor(stack)._write_configuration(SERVICES)
airflow.write_login(stack)
compose_secrets.complete(home / ".env")
secrets = [*stack.credentials.model_dump().values(), *compose_secrets.variables((home / ".env").read_text()).values()]
for file in filter(Path.is_file, home.rglob("*")):
    if any(len(secret) > 15 and secret in file.read_text() for secret in secrets):
        print(file.relative_to(home), oct(stat.S_IMODE(file.stat().st_mode)), str(file) in changed)
"""


def test_a_file_with_a_secret_has_its_mode_from_the_beginning(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE_SECRETS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_ROOT, check=True)
    files = {name: how for name, *how in map(str.split, done.stdout.splitlines())}
    assert {
        ".env",
        "stack/credentials.json",
        "stack/airflow/passwords.json",
        "stack/env/airflow-scheduler.json",
    } <= files.keys()
    assert set(map(tuple, files.values())) == {("0o600", "False")}


@pytest.mark.parametrize("value", SPELLED)
def test_health_asks_the_server_that_an_address_names(value: str) -> None:
    assert parts._server(databases.address("::1", 5433, value, value, "ledger")) == ("::1", 5433)
    if not set(value) & set("@/"):
        assert parts._server(f"postgresql+psycopg2://u:{value}@db.example.com/ledger") == ("db.example.com", 5432)


def test_health_asks_a_mail_server_with_an_ipv6_address(environment: pytest.MonkeyPatch) -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")

    def answer() -> None:
        with listening, listening.accept()[0] as client, client.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 here\r\n")
            while line := lines.readline():
                lines.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 well\r\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    environment.setenv("ALERT_SMTP_SERVER", f"[::1]:{listening.getsockname()[1]}")
    server = settings.mail().smtp_server
    assert server is not None
    assert mail_server(server, 5).level == "ok"
    thread.join(5)
