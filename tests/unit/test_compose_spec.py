"""docker-compose.yml, checked without an engine: the specification, variables, images, ports, health and limits."""

import ipaddress
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from stack import compose_secrets
from stack.checkout import PROJECT_ROOT
from stack.config import StackSettings
from tests.compose_model import (
    FILES,
    MAIN,
    PROFILES,
    ZOOKEEPER,
    Environment,
    MissingVariable,
    Model,
    interpolate,
    load,
    secrets_of_make,
)

SCHEMA = json.loads((Path(__file__).parent.parent / "data" / "compose-spec" / "compose-spec.json").read_text())
COMBINATIONS = [(files, profiles) for files in FILES for profiles in PROFILES]
IDS = [f"{len(files)} files, {'+'.join(profiles)}" for files, profiles in COMBINATIONS]
# What a person opens, by service: and nothing else is reached from outside.
OPENED = {
    "airflow-api-server": 8080,
    "kafka": 9092,
    "kafka-ui": 9021,
    "mail": 8025,
    "openmetadata-server": 8585,
    "superset": 8088,
}
EXACT_TAG = re.compile(r"^[\w./-]+:v?\d+(\.\d+){1,3}$")


@pytest.fixture(scope="module")
def secrets_file(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables that `make secrets` writes."""
    return secrets_of_make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture(scope="module", params=COMBINATIONS, ids=IDS)
def model(request: pytest.FixtureRequest, secrets_file: dict[str, str]) -> Model:
    """Each combination of files and profiles, with nothing but what `make secrets` gives."""
    files, profiles = request.param
    return load(files, profiles, secrets_file)


def jobs(model: Model) -> set[str]:
    """What others wait for until it is done, what nobody waits for, and what a person starts."""
    awaited = {
        name
        for service in model.services.values()
        for name, condition in service.get("depends_on", {}).items()
        if condition["condition"] == "service_completed_successfully"
    }
    return (awaited | {"openmetadata-token", "superset-dashboards", "dbt", "commands"}) & model.services.keys()


def long_running(model: Model) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in model.services.items() if name not in jobs(model)}


def test_it_is_what_the_specification_allows(model: Model) -> None:
    problems = [error.message for error in Draft202012Validator(SCHEMA).iter_errors(model.content)]
    assert problems == []


def test_the_schema_refuses_what_it_does_not_know(secrets_file: dict[str, str]) -> None:
    content = load((MAIN,), ("full",), secrets_file).content
    content["services"]["kafka"]["healthchek"] = {}
    assert not Draft202012Validator(SCHEMA).is_valid(content)


@pytest.mark.parametrize("missing", sorted(compose_secrets.GENERATED))
def test_without_a_secret_it_says_what_to_do(secrets_file: dict[str, str], missing: str) -> None:
    others = {name: value for name, value in secrets_file.items() if name != missing}
    with pytest.raises(MissingVariable, match=f"{missing} is missing a value: run make secrets"):
        load((MAIN,), ("full",), others)


def test_every_variable_without_a_default_is_a_secret_of_the_env_file(model: Model) -> None:
    asked = {name for name in model.asked if name.startswith("SECRET_")}
    assert asked == set(compose_secrets.GENERATED)


def test_ports_are_chosen_by_the_variables_of_the_local_stack(model: Model) -> None:
    known = {f"STACK_{name}".upper() for name in StackSettings.model_fields}
    asked = {name for name in model.asked if name.startswith("STACK_")}
    # Those of services that the local stack does not have, or has not always had.
    assert asked - known <= {"STACK_KAFKA_UI_PORT", "STACK_MAIL_PORT", "STACK_SUPERSET_PORT"}


def test_every_image_has_an_exact_tag(model: Model) -> None:
    for service in model.services.values():
        assert EXACT_TAG.match(service["image"]), service["image"]


def test_each_image_of_ours_is_built_by_one_service_that_its_users_wait_for(model: Model) -> None:
    builders = {name: service["image"] for name, service in model.services.items() if "build" in service}
    assert len(set(builders.values())) == len(builders), "builds of one tag run at the same time, and fail"
    for name, service in model.services.items():
        if name not in builders and service["image"] in builders.values():
            assert service["pull_policy"] == "never", name
            assert service["image"] in {builders.get(each) for each in needs(model, name)}, name


def needs(model: Model, name: str) -> set[str]:
    """The services that a service waits for, and those that they wait for."""
    direct = model.services[name].get("depends_on", {}).keys()
    return {*direct, *(each for below in direct for each in needs(model, below))}


def test_openmetadata_is_of_the_version_of_its_ingestion(secrets_file: dict[str, str]) -> None:
    locked = (PROJECT_ROOT / "requirements" / "openmetadata.in").read_text()
    version = re.search(r"openmetadata-ingestion\[.*\]==([\d.]+)", locked)
    assert version
    services = load((MAIN,), ("full",), secrets_file).services
    for name in ("openmetadata-server", "openmetadata-migrate"):
        tag = services[name]["image"].rpartition(":")[2]
        assert version[1].startswith(f"{tag}.")


def test_only_what_a_person_opens_is_published_and_only_here(model: Model) -> None:
    published = {}
    for name, service in model.services.items():
        for port in service.get("ports", []):
            address, outer, _ = port.split(":")
            assert ipaddress.ip_address(address).is_loopback
            published[name] = int(outer)
    assert published == {name: port for name, port in OPENED.items() if name in model.services}


def test_every_service_has_a_health_check_and_comes_back(model: Model) -> None:
    for name, service in long_running(model).items():
        check = service["healthcheck"]
        assert check["test"][0] in ("CMD", "CMD-SHELL"), name
        assert {"interval", "timeout", "retries", "start_period"} <= check.keys(), name
        assert service["restart"] == "unless-stopped", name


def test_a_job_runs_once_and_has_no_health(model: Model) -> None:
    for name in jobs(model):
        assert model.services[name]["restart"] == "no", name
        assert model.services[name]["healthcheck"] == {"disable": True}, name


def test_every_service_has_limits_rotated_logs_and_no_way_to_more_rights(model: Model) -> None:
    for name, service in model.services.items():
        assert {"cpus", "memory"} == service["deploy"]["resources"]["limits"].keys(), name
        assert service["logging"]["driver"] == "json-file", name
        assert {"max-size", "max-file"} == service["logging"]["options"].keys(), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name


def test_no_service_asks_for_more_processors_than_the_documentation() -> None:
    said = re.search(r"at least (\d+) processors", (PROJECT_ROOT / "docs" / "deployment.md").read_text())
    asked = re.findall(r'cpus: "([\d.]+)"', (PROJECT_ROOT / MAIN).read_text() + (PROJECT_ROOT / ZOOKEEPER).read_text())
    assert said
    assert max(map(float, asked)) == float(said[1])


@pytest.mark.parametrize(("text", "filled"), [("${A-x}", ""), ("${A:-x}", "x"), ("${B-x}", "x"), ("$${A}", "${A}")])
def test_a_variable_is_filled_in_as_the_specification_has_it(text: str, filled: str) -> None:
    assert interpolate(text, Environment({"A": ""})) == filled


def test_a_variable_without_value_default_or_message_is_refused() -> None:
    with pytest.raises(MissingVariable, match="B has no value"):
        interpolate("${B}", Environment({"A": ""}))


def test_nobody_waits_for_what_cannot_be(model: Model) -> None:
    for name, service in model.services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in model.services, f"{name} needs {needed}, which this profile has not"
            if how["condition"] == "service_healthy":
                assert needed in long_running(model), f"{name} waits for the health of the job {needed}"
            else:
                assert how["condition"] == "service_completed_successfully", f"{name} only waits for {needed}'s start"


def test_there_is_one_network_and_every_volume_is_used_and_named(model: Model) -> None:
    assert model.content["networks"] == {"openmetadata_network": {"name": "openmetadata_network"}}
    for name, service in model.services.items():
        assert service["networks"] == ["openmetadata_network"], name
    used = {source for source in _sources(model) if not source.startswith("./")}
    assert used <= model.content["volumes"].keys()


def _sources(model: Model) -> Iterator[str]:
    for service in model.services.values():
        for volume in service.get("volumes", []):
            yield volume.split(":")[0]


def test_no_volume_is_declared_for_nothing(secrets_file: dict[str, str]) -> None:
    everything = load((MAIN, ZOOKEEPER), ("full", "mail", "tools"), secrets_file)
    # With ZooKeeper, Kafka has a volume of its own.
    assert set(everything.content["volumes"]) - set(_sources(everything)) == {"kafka-data"}


def test_what_is_mounted_from_the_checkout_is_there(model: Model) -> None:
    for source in _sources(model):
        if source.startswith("./"):
            assert (PROJECT_ROOT / source).exists(), source


def test_the_relay_reads_the_spool_that_every_emitter_writes(model: Model) -> None:
    emitters = ["airflow-api-server", "airflow-scheduler", "airflow-triggerer", "airflow-dag-processor"]
    for name in ["relay", *emitters, *({"dbt"} & model.services.keys())]:
        folder = model.environment(name)["SPOOL_DIR"]
        assert f"spool:{folder}" in model.services[name]["volumes"], name
        assert model.environment(name)["OPENLINEAGE__TRANSPORT__TYPE"] == "dbt_lineage.spool.transport.SpoolTransport"


def test_the_documentation_mounts_a_dbt_project_wherever_its_settings_are_read(secrets_file: dict[str, str]) -> None:
    document = (PROJECT_ROOT / "docs" / "deployment.md").read_text()
    [override] = [
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", document, re.DOTALL | re.MULTILINE)
    ]
    model = load((MAIN,), ("full", "tools"), {**secrets_file, "DBT_PROJECT_DIR": "finance"})
    readers = {name for name in model.services if "DBT_PROJECT_DIR" in model.environment(name)}
    assert override["services"].keys() == readers
    assert len({str(service) for service in override["services"].values()}) == 1


def test_a_profile_chooses_the_services(secrets_file: dict[str, str]) -> None:
    full = set(load((MAIN,), ("full",), secrets_file).services)
    lineage = set(load((MAIN,), ("lineage",), secrets_file).services)
    assert lineage < full
    absent = {"search", "openmetadata-keys", "openmetadata-migrate", "openmetadata-server", "openmetadata-token"}
    assert full - lineage == absent | {"superset", "superset-dashboards"}
    assert set(load((MAIN,), ("full", "mail"), secrets_file).services) - full == {"mail"}


def test_an_empty_password_says_that_there_is_no_superset(secrets_file: dict[str, str]) -> None:
    given = load((MAIN,), ("lineage",), {**secrets_file, "SUPERSET_PASSWORD": ""}).environment("airflow-scheduler")
    assert given["SUPERSET_PASSWORD"] == ""
    given = load((MAIN,), ("lineage",), secrets_file).environment("airflow-scheduler")
    assert given["SUPERSET_PASSWORD"] == secrets_file["SECRET_SUPERSET_REFRESH_PASSWORD"]


def test_each_container_gets_only_the_secrets_that_it_needs(secrets_file: dict[str, str]) -> None:
    model = load((MAIN,), ("full", "mail", "tools"), secrets_file)
    superuser = secrets_file["SECRET_POSTGRES_PASSWORD"]
    holders = {name for name in model.services if any(superuser in str(v) for v in model.environment(name).values())}
    assert holders == {"postgres", "databases"}
    for foreign in ("kafka", "kafka-ui", "mail", "search"):
        assert not any(
            secret in str(value)
            for name, secret in secrets_file.items()
            if name.startswith("SECRET_")
            for value in model.environment(foreign).values()
        )
