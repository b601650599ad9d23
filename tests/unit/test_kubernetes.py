"""The files for Kubernetes: right by its own schemas, with settings that there are. No cluster has run them."""

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dbt_lineage.core import settings
from stack.checkout import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "deploy" / "kubernetes"
# Sidecars are on by default since the first; the last is the newest that there are schemas of.
VERSIONS = ("1.29", "1.37")
DOCUMENTS = list(yaml.safe_load_all((FOLDER / "lineage.yaml").read_text(encoding="utf-8")))
VALUES = yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))
# Each pod that emits, as the chart makes it.
EMITTERS = {"worker": VALUES["workers"]["kubernetes"], "scheduler": VALUES["scheduler"], "api": VALUES["apiServer"]}


def name_of(document: dict[str, Any]) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def pod(of: dict[str, Any]) -> dict[str, Any]:
    """What the chart makes of a part's values, as far as this project says something."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "base"},
        "spec": {
            "terminationGracePeriodSeconds": of.get("terminationGracePeriodSeconds", 30),
            "containers": [{"name": "base", "image": "airflow", "volumeMounts": of["extraVolumeMounts"]}],
            "initContainers": of["extraInitContainers"],
            "volumes": of["extraVolumes"],
        },
    }


def kept(kind: str) -> dict[str, str]:
    return next(each["data"] for each in DOCUMENTS if each["kind"] == kind)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_each_object_is_as_kubernetes_wants_it(document: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("part", EMITTERS)
def test_each_pod_that_emits_has_a_relay_that_ends_after_it(part: str, version: str) -> None:
    made = pod(EMITTERS[part])
    kubernetes_validate.validate(made, version, strict=True)
    [relay] = made["spec"]["initContainers"]
    assert relay["restartPolicy"] == "Always"
    assert not {"startupProbe", "readinessProbe"} & relay.keys()
    assert relay["volumeMounts"] == made["spec"]["containers"][0]["volumeMounts"]
    assert kept("ConfigMap")["SPOOL_DIR"] == relay["volumeMounts"][0]["mountPath"]


def test_a_task_s_pod_is_given_the_time_that_its_relay_takes() -> None:
    given = kept("ConfigMap")
    taken = float(given["RELAY_DRAIN_SECONDS"]) + float(given["SPOOL_HANDOVER_SECONDS"])
    for part in EMITTERS:
        assert taken < EMITTERS[part]["terminationGracePeriodSeconds"]


def test_the_settings_are_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {variable for group in settings.GROUPS for variable in settings.variables(group).values()}
    assert {name for name in kept("ConfigMap") if not name.startswith("OPENLINEAGE__")} <= known
    secrets = {each["metadata"]["name"]: each["stringData"] for each in DOCUMENTS if each["kind"] == "Secret"}
    for names in secrets.values():
        assert names.keys() <= known
        assert not any(names.values())
    assert "OPENMETADATA_TOKEN" not in secrets["lineage-secrets-relay"]
    assert all(
        "WAREHOUSE_PASSWORD" not in names for party, names in secrets.items() if party != "lineage-secrets-tasks"
    )
    used = set(re.findall(r"lineage-secrets-\w+", (FOLDER / "values.yaml").read_text())) | {
        each["secretRef"]["name"]
        for document in DOCUMENTS
        if document["kind"] in ("StatefulSet", "Deployment")
        for container in document["spec"]["template"]["spec"]["containers"]
        for each in container["envFrom"]
        if "secretRef" in each
    }
    assert used == secrets.keys()
    for name, value in kept("ConfigMap").items():
        monkeypatch.setenv(name, value)
    settings.forget()
    settings.refuse_wrong()
    assert settings.spool().handover == "handover"


def test_the_relay_that_takes_over_has_a_disk_that_stays() -> None:
    [relay] = [each for each in DOCUMENTS if each["kind"] == "StatefulSet"]
    [container] = relay["spec"]["template"]["spec"]["containers"]
    [claim] = relay["spec"]["volumeClaimTemplates"]
    assert {"name": "SPOOL_HANDOVER", "value": "off"} in container["env"]
    assert [each["name"] for each in container["volumeMounts"]] == [claim["metadata"]["name"]]
