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
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from include import settings
from include.settings import PROJECT_ROOT
from stack import compose, compose_secrets

Run = Callable[..., subprocess.CompletedProcess[str]]

DOCKER = """#!/bin/bash
folder="${0%/*}/.."
echo "$*" >> "$folder/asked"
for file in "$folder"/answers/*; do
    words="${file##*/}"
    if [[ "$*" == "${words//_/ }"* ]]; then
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
        """The command lines, without those that ask whether Docker is there."""
        file = self._folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line not in ("compose version", "info")]

    def answers(self, answers: dict[str, tuple[int, str]]) -> None:
        """What it says and how it ends, by the first words that it is asked."""
        folder = self._folder / "answers"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for words, (code, said) in answers.items():
            (folder / words.replace(" ", "_")).write_text(f"{code}\n{said}\n")

    def has(self, **containers: dict[str, object]) -> None:
        """The containers that ``ps`` shows, one object a line as Compose prints them."""
        lines = [json.dumps({"Service": name.replace("_", "-"), **told}) for name, told in containers.items()]
        self.answers({"compose ps": (0, "\n".join(lines)), "compose logs": (0, "the end of its log")})


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


HEALTHY = {
    "relay": {"State": "running", "Health": "healthy"},
    "databases": {"State": "exited", "ExitCode": 0},
    "airflow_api_server": {
        "State": "running",
        "Health": "healthy",
        "Publishers": [{"URL": "127.0.0.1", "TargetPort": 8080, "PublishedPort": 8080, "Protocol": "tcp"}],
    },
}


def test_up_starts_waits_and_tells_where(docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    docker.has(**HEALTHY)
    compose.main(["up"])
    assert docker.asked[0] == "compose up --detach --build --remove-orphans"
    said = capsys.readouterr().out
    assert "airflow-api-server: http://127.0.0.1:8080" in said
    assert "databases: done" in said
    for secret in compose_secrets.variables(compose.ENV_FILE.read_text()).values():
        assert secret not in said or secret == compose_secrets.CHOSEN["COMPOSE_PROFILES"]


def test_some_services_only(docker: Docker) -> None:
    docker.has(**HEALTHY)
    compose.main(["up", "kafka"])
    assert docker.asked[0].endswith(" --remove-orphans kafka")


def test_a_job_that_fails_is_named_with_its_log(docker: Docker) -> None:
    docker.has(**HEALTHY, airflow_init={"State": "exited", "ExitCode": 3})
    with pytest.raises(SystemExit) as ended:
        compose.main(["up"])
    assert ended.value.code == "stack: airflow-init failed with exit code 3. Its log ends:\nthe end of its log"


def test_what_does_not_become_healthy_is_named_with_its_log(docker: Docker, environment: pytest.MonkeyPatch) -> None:
    docker.has(**{**HEALTHY, "relay": {"State": "running", "Health": "starting"}})
    environment.setattr(compose, "START_TIMEOUT_SECONDS", 0)
    with pytest.raises(SystemExit) as ended:
        compose.main(["up"])
    assert ended.value.code == "stack: not healthy after 0 s: relay\nthe end of its log"


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        ("down", "compose down --remove-orphans"),
        ("clean", "compose down --volumes --remove-orphans"),
    ],
)
def test_a_word_of_the_local_stack(docker: Docker, word: str, asked: str) -> None:
    compose.main([word])
    assert docker.asked == [asked]


def test_restart_stops_and_starts(docker: Docker) -> None:
    docker.has(**HEALTHY)
    compose.main(["restart"])
    assert [line.split()[1] for line in docker.asked[:2]] == ["down", "up"]


@pytest.mark.parametrize("as_a_list", [False, True])
def test_status_is_green_when_all_are_healthy_or_done(
    docker: Docker, capsys: pytest.CaptureFixture[str], as_a_list: bool
) -> None:
    docker.has(**HEALTHY)
    if as_a_list:
        found = [{"Service": name, **told} for name, told in HEALTHY.items()]
        docker.answers({"compose ps": (0, json.dumps(found))})
    compose.main(["status"])
    assert re.search(r"^relay +healthy$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    "told",
    [
        {"State": "running", "Health": "unhealthy"},
        {"State": "exited", "ExitCode": 1},
        {"State": "created"},
        {"State": "restarting"},
    ],
)
def test_status_is_red_when_one_is_not(docker: Docker, told: dict[str, object]) -> None:
    docker.has(**HEALTHY, kafka=told)
    with pytest.raises(SystemExit) as ended:
        compose.main(["status"])
    assert ended.value.code == 1


def test_status_of_nothing_is_red(docker: Docker) -> None:
    docker.has()
    with pytest.raises(SystemExit) as ended:
        compose.main(["status"])
    assert ended.value.code == "nothing was started"


def test_a_command_runs_where_the_settings_are_and_its_exit_code_is_ours(docker: Docker) -> None:
    docker.answers({"compose run": (1, "")})
    with pytest.raises(SystemExit) as ended:
        compose.main(["run", "--", "python", "-m", "include.health", "--json"])
    assert ended.value.code == 1
    assert docker.asked == ["compose run --rm --no-deps --no-TTY relay python -m include.health --json"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"compose version": (1, "unknown command")}, "docker has no compose plugin: install docker-compose-plugin"),
        ({"info": (1, "Cannot connect to the daemon")}, "engine does not answer: Cannot connect to the daemon"),
        ({"compose down": (17, "")}, "docker compose down failed with exit code 17"),
    ],
)
def test_what_is_wrong_with_docker_is_said(docker: Docker, answers: dict[str, tuple[int, str]], said: str) -> None:
    docker.answers(answers)
    with pytest.raises(SystemExit) as ended:
        compose.main(["down"])
    assert said in str(ended.value.code)


def test_without_docker_it_is_said_what_to_install(docker: Docker, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PATH", "")
    with pytest.raises(SystemExit) as ended:
        compose.main(["up"])
    assert ended.value.code == (
        "stack: there is no docker on this machine: install Docker Engine, or leave DOCKER=1 away"
    )


def test_without_secrets_it_is_said_how_to_make_them(docker: Docker) -> None:
    text = compose.ENV_FILE.read_text()
    compose.ENV_FILE.write_text(text.replace("SECRET_SUPERSET_KEY=", "# SECRET_SUPERSET_KEY="))
    with pytest.raises(SystemExit) as ended:
        compose.main(["up"])
    assert ended.value.code == "stack: .env lacks SECRET_SUPERSET_KEY: run `make secrets`"


def test_what_the_profile_has_not_must_be_named(docker: Docker) -> None:
    compose.ENV_FILE.write_text(compose.ENV_FILE.read_text().replace("full,mail", "lineage,mail"))
    with pytest.raises(SystemExit) as ended:
        compose.main(["up"])
    wanted = "set OPENMETADATA_URL, OPENMETADATA_TOKEN, SUPERSET_PASSWORD (empty for no Superset) in .env"
    assert wanted in str(ended.value.code)
    with compose.ENV_FILE.open("a") as handle:
        handle.write("OPENMETADATA_URL=http://catalogue:8585\nOPENMETADATA_TOKEN=t\nSUPERSET_PASSWORD=\n")
    docker.has(**HEALTHY)
    compose.main(["up"])


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("stack-up", "up"),
        ("stack-down", "down"),
        ("stack-restart", "restart"),
        ("stack-status", "status"),
        ("stack-clean", "clean"),
        ("health", "run -- python -m include.health"),
        ("checks", "run -- python -m include.checks"),
        ("kafka-topics", "run -- python -m include.kafka"),
    ],
)
def test_make_drives_the_containers_by_the_same_words(target: str, words: str) -> None:
    planned = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", target, "DOCKER=1", "PYTHON=python3"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    assert [line.strip() for line in planned.stdout.splitlines()] == [f"python3 -m stack.compose {words}"]


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
        [sys.executable, "-I", "-S", "-c", "import sys; sys.path.insert(0, '.'); import stack.compose"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
