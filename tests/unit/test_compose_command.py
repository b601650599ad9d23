"""``make … DOCKER=1`` and ``make secrets``: what is asked of Docker, what is said when it cannot be, what stays secret.

There is no Docker engine here, so a script in its place notes what it is asked and answers as the real one is documented
to.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from dbt_lineage.core import settings
from dbt_lineage.core.settings import PROJECT_ROOT
from stack import compose, compose_secrets
from stack.of_lineage import DAGS
from tests.compose_model import MAIN, ZOOKEEPER, load

DOCKER = """#!/bin/bash
folder="${0%/*}/.."
echo "$*" >> "$folder/asked"
for file in "$folder"/answers/*; do
    words="${file##*/}"
    if [[ "$*"$'\n' == "${words//+/ }"* ]]; then
        { read -r code; cat; } < "$file"
        exit "$code"
    fi
done
"""


class Docker:
    """A program that stands in for docker.

    Args:
        folder: where it keeps its notes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "bin").mkdir()
        program = folder / "bin" / "docker"
        program.write_text(DOCKER)
        program.chmod(0o755)
        self.answers({})

    @property
    def asked(self) -> list[str]:
        """The command lines, without those that only ask what there is."""
        file = self._folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if not line.startswith(("compose version", "info", "image", "compose config"))]

    def answers(self, answers: dict[str, tuple[int, str]]) -> None:
        """What it says and how it ends, by the first words that it is asked."""
        compose._model.cache_clear()
        folder = self._folder / "answers"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for words, (code, said) in answers.items():
            (folder / words.replace(" ", "+")).write_text(f"{code}\n{said}\n")

    def has(self, *absent: str, fails: bool = False, **containers: dict[str, object]) -> None:
        """The containers that ``ps`` shows, one object a line as Compose prints them.

        Args:
            absent: services of the files that have no container.
            fails: whether ``up`` ends with an error, as it does when others wait for one of them in vain.
            containers: what is told of each.
        """
        found = {name.replace("_", "-"): told for name, told in containers.items()}
        lines = [json.dumps({"Service": name, **told}) for name, told in found.items()]
        services = {name: {"restart": "no" if name in JOBS else "unless-stopped"} for name in (*found, *absent)}
        self.answers(
            {
                "compose config": (0, json.dumps({"services": services})),
                "compose ps": (0, "\n".join(lines)),
                "compose logs": (0, "the end of its log"),
                "compose up": (1 if fails else 0, ""),
            }
        )

    def also(self, service: str, told: dict[str, object]) -> None:
        """One more container of a service."""
        with (self._folder / "answers" / "compose+ps").open("a") as answer:
            answer.write(json.dumps({"Service": service, **told}) + "\n")

    def prints_a_list(self) -> None:
        """The same containers, as versions of Compose before 2.21 print them."""
        answer = self._folder / "answers" / "compose+ps"
        code, *lines = answer.read_text().splitlines()
        answer.write_text(f"{code}\n[{','.join(lines)}]\n")

    def reads(self, files: tuple[str, ...], fails: str | None = None) -> None:
        """What ``config`` says of our own files; and one command line that fails, if one does."""
        content = load(files, ("full", "mail"), compose_secrets.variables(compose.ENV_FILE.read_text())).content
        services = {
            name: {
                "restart": service["restart"],
                "volumes": [
                    {"type": "bind" if volume.startswith("./") else "volume", "source": volume.split(":")[0]}
                    for volume in service.get("volumes", [])
                ],
            }
            for name, service in content["services"].items()
        }
        volumes = {name: {"name": f"{content['name']}_{name}"} for name in content["volumes"]}
        told = {"compose config": (0, json.dumps({"services": services, "volumes": volumes}))}
        self.answers(told | ({fails: (1, "")} if fails else {}))


@pytest.fixture
def docker(tmp_path: Path, environment: pytest.MonkeyPatch) -> Docker:
    """Docker's stand-in, first on PATH, and an env file with every secret."""
    environment.setattr(compose, "ENV_FILE", tmp_path / ".env")
    for name in (*compose_secrets.GENERATED, *compose_secrets.CHOSEN, "OPENMETADATA_TOKEN", "SUPERSET_PASSWORD"):
        environment.delenv(name, raising=False)
    compose_secrets.complete(tmp_path / ".env")
    made = Docker(tmp_path)
    environment.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return made


JOBS = ("databases", "airflow-init")
HEALTHY = {
    "relay": {"State": "running", "Health": "healthy"},
    "databases": {"State": "exited", "ExitCode": 0},
    "airflow_api_server": {
        "State": "running",
        "Health": "healthy",
        "Publishers": [{"URL": "127.0.0.1", "TargetPort": 8080, "PublishedPort": 8080, "Protocol": "tcp"}],
    },
    "kafka": {
        "State": "running",
        "Health": "healthy",
        "Publishers": [{"URL": "127.0.0.1", "TargetPort": 9092, "PublishedPort": 9092, "Protocol": "tcp"}],
    },
}


def test_up_starts_waits_and_tells_where(docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    docker.has(**HEALTHY)
    compose.main(["up"])
    assert docker.asked[0] == "compose up --detach --build --remove-orphans"
    said = capsys.readouterr().out
    assert "airflow-api-server: http://127.0.0.1:8080" in said
    assert "kafka: 127.0.0.1:9092" in said
    assert "databases: done" in said
    for secret in compose_secrets.variables(compose.ENV_FILE.read_text()).values():
        assert secret not in said or secret == compose_secrets.CHOSEN["COMPOSE_PROFILES"]


def test_some_services_only(docker: Docker) -> None:
    docker.has(**HEALTHY)
    compose.main(["up", "kafka"])
    assert docker.asked[0].endswith(" --remove-orphans kafka")


def test_a_job_that_fails_is_named_with_its_log(docker: Docker) -> None:
    docker.has(**HEALTHY, airflow_init={"State": "exited", "ExitCode": 3})
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value) == "airflow-init: failed with exit code 3. Its log ends:\nthe end of its log"


def test_what_lets_compose_fail_before_a_container_runs_is_left_to_its_own_words(docker: Docker) -> None:
    docker.has(**HEALTHY, fails=True)
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value).endswith(" failed with exit code 1; see above")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"State": "exited", "ExitCode": 3}, "failed with exit code 3"),
        ({"State": "running", "Health": "unhealthy"}, "unhealthy"),
        ({"State": "restarting", "ExitCode": 1}, "restarting"),
    ],
)
def test_what_lets_compose_itself_fail_is_named_with_its_log(
    docker: Docker, told: dict[str, object], said: str
) -> None:
    docker.has(**HEALTHY, superset=told, airflow_scheduler={"State": "created"}, fails=True)
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value) == (
        "docker compose up --detach --build --remove-orphans failed with exit code 1; see above\n"
        f"superset: {said}. Its log ends:\nthe end of its log"
    )


def test_what_does_not_become_healthy_is_named_with_its_log(docker: Docker, environment: pytest.MonkeyPatch) -> None:
    docker.has(**{**HEALTHY, "relay": {"State": "running", "Health": "starting"}})
    environment.setattr(compose, "START_TIMEOUT_SECONDS", 0)
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value) == "not healthy after 0 s: relay\nthe end of its log"


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        ("down", "compose --profile * down --remove-orphans"),
        ("clean", "compose --profile * down --volumes --remove-orphans"),
    ],
)
def test_a_word_of_the_local_stack(docker: Docker, word: str, asked: str) -> None:
    compose.main([word])
    assert docker.asked == [asked]


def test_restart_stops_and_starts(docker: Docker) -> None:
    docker.has(**HEALTHY)
    compose.main(["restart"])
    assert ["down" in docker.asked[0], "up" in docker.asked[1]] == [True, True]


@pytest.mark.parametrize("as_a_list", [False, True])
def test_status_is_green_when_all_are_healthy_or_done(
    docker: Docker, capsys: pytest.CaptureFixture[str], as_a_list: bool
) -> None:
    docker.has(**HEALTHY)
    if as_a_list:
        docker.prints_a_list()
    compose.main(["status"])
    assert re.search(r"^relay +healthy$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    "told",
    [
        {"State": "running", "Health": "unhealthy"},
        {"State": "exited", "ExitCode": 1},
        {"State": "exited", "ExitCode": 0},
        {"State": "created"},
        {"State": "restarting"},
    ],
)
def test_status_is_red_when_one_is_not(docker: Docker, told: dict[str, object]) -> None:
    docker.has(**{**HEALTHY, "kafka": told})
    with pytest.raises(SystemExit) as ended:
        compose.main(["status"])
    assert ended.value.code == 1


def test_status_is_red_when_a_service_has_no_container(docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    docker.has("kafka-ui", **HEALTHY)
    with pytest.raises(SystemExit) as ended:
        compose.main(["status"])
    assert ended.value.code == 1
    assert re.search(r"^kafka-ui +absent$", capsys.readouterr().out, re.MULTILINE)


def test_a_command_that_somebody_ran_is_no_service(docker: Docker) -> None:
    labels = "com.docker.compose.project=lineage,com.docker.compose.oneoff={}"
    failed = {"State": "exited", "ExitCode": 1, "Labels": labels.format("True")}
    docker.has(**{**HEALTHY, "relay": {**HEALTHY["relay"], "Labels": labels.format("False")}})
    docker.also("relay", failed)
    compose.main(["status"])


def test_status_of_nothing_is_red(docker: Docker) -> None:
    docker.has()
    with pytest.raises(SystemExit) as ended:
        compose.main(["status"])
    assert ended.value.code == "nothing was started"


def test_a_command_runs_where_the_settings_are_and_its_exit_code_is_ours(docker: Docker) -> None:
    docker.answers({"compose run": (1, "")})
    with pytest.raises(SystemExit) as ended:
        compose.main(["run", "--", "python", "-m", "dbt_lineage.watch.health", "--json"])
    assert ended.value.code == 1
    assert docker.asked == ["compose run --rm --no-deps --no-TTY commands python -m dbt_lineage.watch.health --json"]


def test_dbt_by_hand_runs_in_a_container_of_its_own_size(docker: Docker) -> None:
    docker.answers({"compose run": (2, "")})
    with pytest.raises(SystemExit) as ended:
        compose.main(["dbt", "--", "build", "--select", "orders+"])
    assert ended.value.code == 2
    assert docker.asked == ["compose run --rm --no-deps --no-TTY dbt build --select orders+"]


def test_an_image_that_is_not_there_is_built_before_a_command_runs(docker: Docker) -> None:
    docker.answers({"image inspect": (1, "No such image")})
    with pytest.raises(SystemExit):
        compose.main(["run", "--", "true"])
    assert docker.asked == ["compose build databases", "compose run --rm --no-deps --no-TTY commands true"]
    services = load((MAIN,), ("full", "tools"), compose_secrets.variables(compose.ENV_FILE.read_text())).services
    assert "build" in services[compose.BUILDER]
    for name in (compose.BUILDER, compose.COMMANDS_RUN_IN, compose.DBT_RUNS_IN):
        assert services[name]["image"] == compose.IMAGE


REMOVE = "compose run --rm --no-deps --no-TTY commands python -m dbt_lineage.ops remove"
REMOVAL = [
    f"{REMOVE} --dry-run",
    f"compose run --rm --no-deps --no-TTY commands airflow dags pause --yes --treat-dag-id-as-regex ^({'|'.join(DAGS)})$",
    "compose stop relay ingestion",
    REMOVE,
]


@pytest.mark.parametrize(
    ("files", "services", "volumes"),
    [
        ((MAIN,), "relay ingestion kafka kafka-ui", "lineage_kafka-data"),
        (
            (MAIN, ZOOKEEPER),
            "relay ingestion kafka kafka-ui zookeeper",
            "lineage_kafka-zookeeper-data lineage_zookeeper-data",
        ),
    ],
)
def test_the_lineage_is_removed_with_its_services_and_their_data(
    docker: Docker, files: tuple[str, ...], services: str, volumes: str
) -> None:
    docker.reads(files)
    compose.main(["lineage-remove"])
    removed = [f"compose rm --stop --force {services}", f"volume rm --force {volumes}"]
    assert docker.asked == [*REMOVAL, *removed]


def test_a_removal_may_lose_events_only_when_it_is_forced(docker: Docker) -> None:
    docker.reads((MAIN,))
    compose.main(["lineage-remove", "--force"])
    assert [line for line in docker.asked if line.startswith(REMOVE)] == [
        f"{REMOVE} --force --dry-run",
        f"{REMOVE} --force",
    ]


def test_what_would_be_removed_is_only_said(docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    docker.reads((MAIN,))
    compose.main(["lineage-remove", "--dry-run"])
    assert docker.asked == REMOVAL[:1]
    assert "services: relay, ingestion, kafka, kafka-ui; their data: lineage_kafka-data\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fails", "asked"),
    [(f"{REMOVE} --dry-run", REMOVAL[:1]), (f"{REMOVE}\n", [*REMOVAL, "compose start relay ingestion"])],
)
def test_a_removal_that_is_refused_or_fails_goes_no_further(docker: Docker, fails: str, asked: list[str]) -> None:
    docker.reads((MAIN,), fails=fails)
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["lineage-remove"])
    assert "failed with exit code 1" in str(ended.value)
    assert docker.asked == asked


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"compose version": (1, "unknown command")}, "docker has no compose plugin: install docker-compose-plugin"),
        ({"info": (1, "Cannot connect to the daemon")}, "engine does not answer: Cannot connect to the daemon"),
        ({"compose --profile * down": (17, "")}, "down --remove-orphans failed with exit code 17"),
    ],
)
def test_what_is_wrong_with_docker_is_said(docker: Docker, answers: dict[str, tuple[int, str]], said: str) -> None:
    docker.answers(answers)
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["down"])
    assert said in str(ended.value)


def test_without_docker_it_is_said_what_to_install(docker: Docker, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATH", "")
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value) == ("there is no docker on this machine: install Docker Engine, or leave DOCKER=1 away")


def test_without_secrets_it_is_said_how_to_make_them(docker: Docker) -> None:
    text = compose.ENV_FILE.read_text()
    compose.ENV_FILE.write_text(text.replace("SECRET_SUPERSET_KEY=", "# SECRET_SUPERSET_KEY="))
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value) == ".env lacks SECRET_SUPERSET_KEY: run `make secrets`"


def test_a_secret_that_cannot_stand_in_an_address_is_named_and_not_shown(docker: Docker) -> None:
    secrets = compose_secrets.variables(compose.ENV_FILE.read_text())
    text = compose.ENV_FILE.read_text()
    name = "SECRET_LEDGER_DATABASE_PASSWORD"
    compose.ENV_FILE.write_text(text.replace(f"{name}={secrets[name]}", f"{name}='p@ss/word'"))
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    assert str(ended.value) == (
        f"{name}: may hold letters, digits and - . _ ~ only, since it becomes part of an address"
    )
    assert docker.asked == []


def test_the_secrets_that_stand_in_an_address_are_known() -> None:
    text = (PROJECT_ROOT / MAIN).read_text()
    assert set(re.findall(r"://\w+:\$\{(SECRET_\w+)", text)) == set(compose_secrets.IN_ADDRESSES)


def test_what_the_profile_has_not_must_be_named(docker: Docker) -> None:
    compose.ENV_FILE.write_text(compose.ENV_FILE.read_text().replace("full,mail", "lineage,mail"))
    with pytest.raises(compose.ComposeError) as ended:
        compose.main(["up"])
    wanted = "set OPENMETADATA_URL, OPENMETADATA_TOKEN, SUPERSET_PASSWORD (empty for no Superset) in .env"
    assert wanted in str(ended.value)
    with compose.ENV_FILE.open("a") as handle:
        handle.write("OPENMETADATA_URL=http://catalogue:8585\nOPENMETADATA_TOKEN=t\nSUPERSET_PASSWORD=\n")
    docker.has(**HEALTHY)
    compose.main(["up"])
    with compose.ENV_FILE.open("a") as handle:
        handle.write("SUPERSET_PASSWORD=p\n")
    with pytest.raises(compose.ComposeError, match=r"set SUPERSET_URL in \.env"):
        compose.main(["up"])


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("stack-up", "up"),
        ("stack-down", "down"),
        ("stack-restart", "restart"),
        ("stack-status", "status"),
        ("stack-clean", "clean"),
        ("health", "run -- python -m dbt_lineage.watch.health"),
        ("checks", "run -- python -m dbt_lineage.watch.checks"),
        ("kafka-start", "up kafka"),
        ("kafka-topics", "run -- python -m dbt_lineage.kafka"),
        ("kafka-logs", "logs kafka"),
        ("dbt-run-with-lineage", "dbt -- build"),
        ("lineage-off", "run -- python -m dbt_lineage.ops off"),
        ("lineage-on", "run -- python -m dbt_lineage.ops on"),
        ("lineage-resend", "run -- python -m dbt_lineage.ops resend"),
        ("lineage-remove", "lineage-remove"),
        ("dead-letters", "run -- python -m dbt_lineage.relay dead-letters list"),
        ("manifest", "run -- python -m dbt_lineage.manifest.parse"),
    ],
)
def test_make_drives_the_containers_by_the_same_words(target: str, words: str) -> None:
    planned = make(target)
    assert [line.strip() for line in planned.stdout.splitlines()] == [f"python3 -m stack.compose {words}"]
    assert f"`{target}`" in of_containers()


def test_the_local_stack_has_its_topics_once_it_is_up() -> None:
    planned = make("stack-up", docker=False).stdout
    started, topics = planned.index("-m stack up"), planned.index("-m dbt_lineage.kafka")
    assert started < topics


def test_make_passes_on_that_a_removal_is_only_asked_for_or_forced() -> None:
    planned = make("lineage-remove", "DRY_RUN=1", "FORCE=1")
    assert planned.stdout.split() == ["python3", "-m", "stack.compose", "lineage-remove", "--dry-run", "--force"]


def test_make_refuses_what_is_not_for_the_containers() -> None:
    text = (PROJECT_ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)):
        planned = make(target)
        local = ".venvs" in planned.stdout and target not in NO_STACK
        assert not local, f"{target} is about something else than the containers, and does not say so"
        if planned.returncode:
            assert f"{target}: not for the containers, leave DOCKER=1 away" in planned.stderr
            assert f"`{target}`" not in of_containers()
    assert make("data").returncode


# They are about the checkout, whatever runs.
NO_STACK = ("doctor", "setup", "browser", "lint", "types", "lock", "reference")


def make(*words: str, docker: bool = True) -> subprocess.CompletedProcess[str]:
    """What make would do."""
    where = ["DOCKER=1", "PYTHON=python3"] if docker else []
    command = ["make", "--dry-run", "--no-print-directory", *words, *where]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True)


def of_containers() -> str:
    """The sentence of the reference that names what DOCKER=1 is for."""
    return (PROJECT_ROOT / "docs" / "reference.md").read_text().split("With `DOCKER=1`, ")[1].split("\n\n")[0]


def test_secrets_are_for_their_owner_and_differ(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert set(compose_secrets.complete(file)) == compose_secrets.GENERATED.keys() | compose_secrets.CHOSEN.keys()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = compose_secrets.variables(file.read_text())
    generated = [made[name] for name in compose_secrets.GENERATED]
    assert len(set(generated)) == len(generated)
    assert all(re.fullmatch(r"[\w=-]{16,}", secret) for secret in generated)
    for name in ("SECRET_AIRFLOW_FERNET_KEY", "SECRET_OPENMETADATA_FERNET_KEY"):
        Fernet(made[name])


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_value_may_stand_between_quotes(quote: str) -> None:
    text = f"# A=b\nexport COMPOSE_PROFILES={quote}full,mail{quote}\nSUPERSET_PASSWORD = {quote}{quote}\nMIXED='a\"b'\n"
    told = {"COMPOSE_PROFILES": "full,mail", "SUPERSET_PASSWORD": "", "MIXED": 'a"b'}
    assert compose_secrets.variables(text) == told


def test_what_stands_in_the_env_file_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nexport SECRET_SUPERSET_KEY=chosen\nDBT_TARGET=prod\nCOMPOSE_PROFILES=lineage")
    file.chmod(0o644)
    added = compose_secrets.complete(file)
    text = file.read_text()
    assert text.startswith("# mine\nexport SECRET_SUPERSET_KEY=chosen\nDBT_TARGET=prod\nCOMPOSE_PROFILES=lineage\n")
    assert not {"SECRET_SUPERSET_KEY", "COMPOSE_PROFILES"} & set(added)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert compose_secrets.complete(file) == []
    assert file.read_text() == text


def test_the_secrets_of_the_containers_are_no_settings_of_the_local_stack() -> None:
    known = {name for group in settings.GROUPS for name in settings.variables(group).values()}
    assert not known & (compose_secrets.GENERATED.keys() | compose_secrets.CHOSEN.keys())


def test_the_env_file_is_in_no_commit_and_in_no_image() -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", ".env"], cwd=PROJECT_ROOT)
    assert ignored.returncode == 0
    assert "!.env" not in (PROJECT_ROOT / ".dockerignore").read_text()


def test_both_need_nothing_but_python() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import sys; sys.path[:0] = ['include', '.']; import stack.compose"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
