"""Our images, checked without an engine: the Dockerfiles' rules, and what is copied is enough to run from."""

import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from dbt_lineage.cli.app import ROOMS
from stack.checkout import PROJECT_ROOT
from tests.compose_model import MAIN, Model, load, secrets_of_make

DOCKERFILES = ("docker/airflow/Dockerfile", "docker/superset/Dockerfile")
Instruction = tuple[str, str]
# From another part of the project; its tests are in test_compose_superset.py.
OF_SUPERSET = "superset"


def instructions(name: str) -> list[Instruction]:
    """The instructions of a Dockerfile, continued lines joined, comments left out."""
    lines = (line for line in (PROJECT_ROOT / name).read_text().splitlines() if not line.startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def copies(name: str) -> list[tuple[str, str]]:
    """Each source with the folder or file that it is copied to."""
    found = []
    for word, rest in instructions(name):
        if word == "COPY":
            *sources, target = [part for part in shlex.split(rest) if not part.startswith("--")]
            found += [(source, target) for source in sources]
    return found


@pytest.fixture(params=DOCKERFILES)
def dockerfile(request: pytest.FixtureRequest) -> str:
    """Each Dockerfile."""
    return request.param


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The whole stack."""
    return load((MAIN,), ("full", "mail", "tools"), secrets_of_make(tmp_path_factory.mktemp("secrets")))


def test_each_base_has_an_exact_tag(dockerfile: str) -> None:
    bases = [rest for word, rest in instructions(dockerfile) if word == "FROM"]
    assert len(bases) == 1
    assert re.fullmatch(r"apache/\w+:\d+\.\d+\.\d+(-python3\.\d+)?", bases[0])


def test_airflow_is_of_the_locked_version() -> None:
    locked = re.search(r"^apache-airflow==([\d.]+)", (PROJECT_ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert locked
    assert ("FROM", f"apache/airflow:{locked[1]}-python3.11") in instructions(DOCKERFILES[0])


def test_it_does_not_run_as_root(dockerfile: str) -> None:
    users = [rest for word, rest in instructions(dockerfile) if word == "USER"]
    assert users[-1] in ("airflow", "superset")


def test_root_only_makes_folders_or_installs(dockerfile: str) -> None:
    user = ""
    for word, rest in instructions(dockerfile):
        user = rest if word == "USER" else user
        if word == "RUN" and user == "root":
            assert rest.startswith(("install --directory", "uv pip install"))


def test_nothing_is_fetched_past_the_package_managers(dockerfile: str) -> None:
    words = [word for word, _ in instructions(dockerfile)]
    assert "ADD" not in words
    assert not any(re.search(r"\b(curl|wget|git clone)\b|https?://", rest) for word, rest in instructions(dockerfile))


def test_no_secret_is_built_in(dockerfile: str) -> None:
    assert [rest for word, rest in instructions(dockerfile) if word == "ARG"] == []
    named = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY", re.IGNORECASE)
    assert [rest for word, rest in instructions(dockerfile) if word == "ENV" and named.search(rest)] == []
    sources = {source.partition("/")[0] for source, _ in copies(dockerfile)}
    assert not sources & {".", ".env", ".stack", ".git", "tests"}


def test_packages_come_from_the_locks() -> None:
    [run] = [rest for word, rest in instructions(DOCKERFILES[0]) if word == "RUN" and "pip" in rest]
    installs = [part for part in run.split("&&") if "pip install" in part or "pip sync" in part]
    assert len(installs) == 3
    assert all("--require-hashes" in part for part in installs)
    locks = {word for part in installs for word in part.split() if word.endswith(".txt")}
    assert locks == {"requirements/uv.txt", "requirements.txt", "requirements/openmetadata.txt"}
    assert locks <= {source for source, _ in copies(DOCKERFILES[0])}


def test_the_environments_of_the_image_are_those_that_the_tests_run_in() -> None:
    uv = PROJECT_ROOT / ".venvs" / "uv" / "bin" / "uv"
    [run] = [rest for word, rest in instructions(DOCKERFILES[0]) if word == "RUN" and "uv pip sync" in rest]
    syncs = [shlex.split(part) for part in run.split("&&") if "uv pip sync" in part]
    assert len(syncs) == 2
    for _, *command in syncs:
        done = subprocess.run(
            [str(uv), *command, "--dry-run", "--offline"], cwd=PROJECT_ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        # Here, tools of the tests stand beside them.
        assert "Would install" not in done.stderr
        assert "Would download" not in done.stderr


def test_what_is_copied_is_there_and_is_sent_to_the_builder(dockerfile: str) -> None:
    rules = (PROJECT_ROOT / ".dockerignore").read_text().splitlines()
    assert rules[0].startswith("#")
    assert "*" in rules
    for source, _ in copies(dockerfile):
        if OF_SUPERSET not in source:
            assert (PROJECT_ROOT / source).exists(), source
        assert any(source == rule[1:] or source.startswith(f"{rule[1:]}/") for rule in rules if rule[:1] == "!"), source


def test_the_images_are_built_from_these_files(model: Model) -> None:
    built = {
        (service["image"], service["build"]["dockerfile"]) for service in model.services.values() if "build" in service
    }
    assert {file for _, file in built} == set(DOCKERFILES)
    assert len(built) == len(DOCKERFILES)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh folder with what the image of Airflow has, and no more of the checkout."""
    root = tmp_path_factory.mktemp("image")
    for source, target in copies(DOCKERFILES[0]):
        found = PROJECT_ROOT / source
        if not found.exists():
            continue
        if found.is_dir():
            shutil.copytree(found, root / target, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
        else:
            (root / target).mkdir(parents=True, exist_ok=True)
            shutil.copy(found, root / target)
    return root


def run_in(image: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a container would: in the folder, with the image's variables only."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": f"{image}/include:{image}",
        **variables,
    }
    return subprocess.run(command, cwd=image, env=environment, capture_output=True, text=True)


def test_every_module_that_a_container_starts_is_in_the_image(image: Path, model: Model) -> None:
    lines = [
        words
        for service in model.services.values()
        if service["image"].startswith("dbt-lineage-airflow")
        for words in (service.get("entrypoint", []), service["command"], service["healthcheck"].get("test", []))
    ]
    modules = sorted({argument for words in lines for option, argument in pairwise(words) if option == "-m"})
    assert len(modules) == 5
    started = {command for words in lines for module, command in pairwise(words) if module == "dbt_lineage"}
    assert {"dashboards", "health", "ingest", "relay"} <= started
    rooms = sorted(ROOMS[command].module for command in started & ROOMS.keys())
    names = ", ".join(f"{name!r}" for name in (*modules, *rooms, "dbt_lineage.events.dbt_command"))
    done = run_in(
        image, sys.executable, "-c", f"import importlib\nfor name in ({names}): importlib.import_module(name)"
    )
    assert done.returncode == 0, done.stderr


def test_what_airflow_loads_needs_nothing_that_is_not_in_the_image(image: Path) -> None:
    imports = re.compile(r"^\s*(?:from|import) (bench|prove|stack|tests)\b", re.MULTILINE)
    files = [file for folder in ("dags", "plugins", "include") for file in (image / folder).rglob("*.py")]
    assert len(files) > 50
    assert [file for file in files if imports.search(file.read_text())] == []


def test_the_relay_of_the_image_answers(image: Path, tmp_path: Path) -> None:
    done = run_in(image, sys.executable, "-m", "dbt_lineage", "relay", "status", "--json", SPOOL_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert '"relay": null' in done.stdout


@pytest.mark.parametrize("script", ["kafka/setup-topics.sh", "docker/airflow/initialise.sh"])
def test_scripts_are_executable_and_bash_can_read_them(image: Path, script: str) -> None:
    assert (image / script).stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(image / script)]).returncode == 0


def test_the_steps_of_the_first_run_are_those_of_the_local_stack(model: Model) -> None:
    text = (PROJECT_ROOT / "docker" / "airflow" / "initialise.sh").read_text()
    steps = [line for line in text.splitlines() if re.match(r"(python -m|airflow|kafka/)", line)]
    assert steps == [
        "python -m dbt_lineage.core.settings",
        "python -m dbt_lineage ledger migrate",
        "kafka/setup-topics.sh",
        "python -m dbt_lineage manifest --lenient",
        "airflow db migrate",
    ]
    assert model.services["airflow-init"]["command"] == ["bash", "docker/airflow/initialise.sh"]


def test_the_login_is_written_where_airflow_looks(image: Path, model: Model, tmp_path: Path) -> None:
    script = (image / "docker" / "airflow" / "initialise.sh").read_text()
    login = script[script.index("umask") :]
    passwords = tmp_path / "passwords.json"
    done = run_in(
        image,
        "bash",
        "-c",
        login,
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=str(passwords),
        AIRFLOW_ADMIN_PASSWORD='of "the" administrator',
    )
    assert done.returncode == 0, done.stderr
    assert passwords.read_text() == '{"admin": "of \\"the\\" administrator"}'
    assert passwords.stat().st_mode & 0o077 == 0
    folder = Path(model.environment("airflow-init")["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).parent
    assert f"airflow-login:{folder}" in model.services["airflow-init"]["volumes"]
    assert f"airflow-login:{folder}" in model.services["airflow-api-server"]["volumes"]


def test_volumes_lie_on_folders_that_the_image_has_made_for_its_user(model: Model) -> None:
    [made] = [rest for word, rest in instructions(DOCKERFILES[0]) if word == "RUN" and rest.startswith("install")]
    assert "--owner airflow" in made
    targets = {
        volume.split(":")[1]
        for service in model.services.values()
        if service["image"].startswith("dbt-lineage-airflow")
        for volume in service.get("volumes", [])
    }
    assert targets <= set(made.split())


def test_openlineage_reads_the_dbt_project_s_file(image: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from openlineage.client import OpenLineageClient as C; print(C().transport.kind)"],
        cwd=image / "dbt-jaffle-shop",
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{image}/include:{image}", "SPOOL_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "spool"
