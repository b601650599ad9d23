"""Properties of librdkafka: any that exists, refused by name what does not, secrets never shown."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from dbt_lineage.core import settings
from dbt_lineage.core.settings import KafkaSettings, SettingsError
from dbt_lineage.ingest import connector_login
from dbt_lineage.ingest.connector_login import ConnectorLoginError
from dbt_lineage.ingest.workflows import TEMPLATES
from dbt_lineage.kafka import clients
from dbt_lineage.kafka.acls import rights
from stack.certificates import Authority

SCRAM = {"security.protocol": "sasl_ssl", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "relay"}
PASSWORD = "hunter2-and-more"


def given(environment: pytest.MonkeyPatch, properties: object, secret: object = None, **more: object) -> None:
    environment.setenv("KAFKA_PROPERTIES", properties if isinstance(properties, str) else json.dumps(properties))
    for name, value in {"SECRET_PROPERTIES": secret, **more}.items():
        if value is not None:
            environment.setenv(f"KAFKA_{name}", value if isinstance(value, str) else json.dumps(value))
    settings.forget()


def test_properties_and_secrets_become_those_of_every_client(environment: pytest.MonkeyPatch) -> None:
    given(environment, {**SCRAM, "linger.ms": 7, "log.connection.close": False}, {"sasl.password": PASSWORD})
    found = settings.kafka()
    assert found.client == {
        **SCRAM,
        "linger.ms": "7",
        "log.connection.close": "false",
        "sasl.password": PASSWORD,
    }
    assert found.login == "TLS, as relay"
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"sasl.usernam": "x"}, 'No such configuration property: "sasl.usernam"'),
        ({"linger.ms": "soon"}, "Invalid value for configuration property"),
        (
            {"security.protocol": "tls"},
            "security.protocol=tls: must be one of plaintext, ssl, sasl_plaintext, sasl_ssl",
        ),
        ({"ssl.ca.location": "/no/such/ca.pem"}, "ssl.ca.location=/no/such/ca.pem: must be a file that can be read"),
        ({"acks": "1"}, "acks: not for users to choose: that nothing is lost rests on it"),
        ({"error_cb": "os.system"}, "error_cb: not for users to choose"),
        ({"sasl.password": PASSWORD}, "sasl.password: a secret; give it in KAFKA_SECRET_PROPERTIES"),
        ({"linger.ms": [1]}, "linger.ms: must be text, a number, true or false"),
        (f'{{"sasl.password": {PASSWORD}}}', "must be a JSON object"),
        ({"delivery.report.only.error": True}, "delivery.report.only.error: not for users to choose"),
        ({"default.topic.config": "x"}, "default.topic.config: not for users to choose"),
        ("linger.ms=5", "must be a JSON object"),
        ("[1]", "must be a JSON object"),
    ],
)
def test_a_property_that_cannot_be_is_refused_by_name(
    environment: pytest.MonkeyPatch, properties: object, said: str
) -> None:
    given(environment, properties)
    with pytest.raises(SettingsError) as refused:
        settings.refuse_wrong()
    assert "KAFKA_PROPERTIES=***" in str(refused.value)
    assert said in str(refused.value)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ({"sasl.pasword": PASSWORD}, 'No such configuration property: "sasl.pasword"'),
        ({"sasl.password": PASSWORD, "acks": "0"}, "acks: not for users to choose"),
        (f'{{"sasl.password": {PASSWORD}}}', "must be a JSON object"),
    ],
)
def test_a_wrong_secret_is_named_and_not_shown(environment: pytest.MonkeyPatch, secret: object, said: str) -> None:
    given(environment, SCRAM, secret)
    with pytest.raises(SettingsError) as refused:
        settings.kafka()
    assert "KAFKA_SECRET_PROPERTIES=***" in str(refused.value)
    assert said in str(refused.value)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    ("properties", "secret", "said"),
    [
        (SCRAM, None, "sasl.username and sasl.password must be set"),
        ({"security.protocol": "sasl_ssl"}, None, "sasl.mechanism is not set in KAFKA_PROPERTIES"),
        (
            {},
            {"bootstrap.servers": "other:9092"},
            "bootstrap.servers=other:9092 of KAFKA_PROPERTIES or KAFKA_SECRET_PROPERTIES differs from",
        ),
        ({"oauth_cb": "no.such.function"}, None, "oauth_cb=no.such.function: there is no such function"),
    ],
)
def test_what_only_a_client_can_tell_is_a_wrong_setting_too(
    environment: pytest.MonkeyPatch, properties: object, secret: object, said: str
) -> None:
    given(environment, properties, secret)
    for made in (
        clients.admin,
        lambda kafka: clients.producer(kafka, {}),
        lambda kafka: clients.consumer(kafka, {"group.id": "g"}),
    ):
        with pytest.raises(SettingsError, match=said.replace(".", r"\.")):
            made(settings.kafka())


def test_the_file_of_the_projects_may_have_them(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "kafka.json"
    secret.write_text(json.dumps({"sasl.password": PASSWORD}, indent=2))
    file = tmp_path / "lineage.yml"
    group = {"properties": SCRAM, "secret_properties": {"file": "kafka.json"}}
    projects = [{"name": "shop", "dbt": {"project_dir": str(Path("dbt-jaffle-shop").resolve())}}]
    file.write_text(yaml.safe_dump({"shared": {"kafka": group}, "projects": projects}))
    environment.setenv("LINEAGE_CONFIG", str(file))
    settings.forget()
    assert settings.kafka().client == {**SCRAM, "sasl.password": PASSWORD}
    group["properties"] = {"sasl.usernam": "x"}
    file.write_text(yaml.safe_dump({"shared": {"kafka": group}, "projects": projects}))
    settings.forget()
    with pytest.raises(SettingsError, match=r"shared\.kafka\.properties=.*No such configuration property"):
        settings.kafka()


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, "no TLS, as nobody"),
        ({"security.protocol": "SSL"}, "TLS, as nobody"),
        ({"security.protocol": "ssl", "ssl.certificate.location": "/run/me.pem"}, "TLS, as the owner of /run/me.pem"),
        ({"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN", "sasl.username": "a"}, "no TLS, as a"),
        ({"security.protocol": "sasl_ssl", "sasl.mechanism": "OAUTHBEARER"}, "TLS, as OAUTHBEARER"),
        (
            {"security.protocol": "ssl", "enable.ssl.certificate.verification": "false"},
            "TLS without a look at the broker's certificate, as nobody",
        ),
    ],
)
def test_how_a_client_logs_in_is_told(properties: dict[str, str], words: str) -> None:
    assert KafkaSettings.model_construct(properties=properties, secret_properties=None).login == words


def test_a_token_can_be_made_by_a_function_of_the_user(
    environment: pytest.MonkeyPatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tokens_of_ours.py").write_text("def token(config):\n    return f'token of {config}', 4102444800.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    given(
        environment,
        {"security.protocol": "sasl_plaintext", "sasl.mechanism": "OAUTHBEARER", "oauth_cb": "tokens_of_ours.token"},
    )
    clients.admin(settings.kafka())
    assert "tokens_of_ours" in sys.modules


def connector(properties: dict[str, str], secret: object = None, more: object = None) -> dict[str, object]:
    """What the template makes of the login."""
    kafka = KafkaSettings(
        properties=properties,
        secret_properties=json.dumps(secret) if secret else None,
        connector_properties=json.dumps(more) if more else None,
    )
    text = (TEMPLATES / "openlineage.yaml").read_text()
    for name, value in connector_login.variables(kafka).items():
        assert f"${{{name}}}" in text
        text = text.replace(f"${{{name}}}", value)
    broker = yaml.safe_load(text)["source"]["serviceConnection"]["config"]["brokerConfig"]
    return {name: broker[name] for name in ("securityProtocol", "saslConfig", "sslConfig")}


def test_the_connector_is_told_in_its_own_words(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    mine = authority.issue("connector")
    properties = {**SCRAM, "ssl.ca.location": str(authority.file), "socket.keepalive.enable": "true"}
    assert connector(properties, {"sasl.password": 'it\'s "${HOME}"'}) == {
        "securityProtocol": "SASL_SSL",
        "saslConfig": {
            "saslMechanism": "SCRAM-SHA-512",
            "saslUsername": "relay",
            "saslPassword": 'it\'s "${HOME}"',
        },
        "sslConfig": {"caCertificate": authority.file.read_text()},
    }
    mutual = {
        "security.protocol": "ssl",
        "ssl.ca.location": str(authority.file),
        "ssl.certificate.location": str(mine.certificate),
        "ssl.key.location": str(mine.key),
    }
    assert connector(mutual)["sslConfig"] == {
        "caCertificate": authority.file.read_text(),
        "sslCertificate": mine.certificate.read_text(),
        "sslKey": mine.key.read_text(),
    }
    assert connector({}) == {"securityProtocol": "PLAINTEXT", "saslConfig": None, "sslConfig": None}


def test_the_connector_may_log_in_as_somebody_else() -> None:
    found = connector(SCRAM, {"sasl.password": "a"}, {"sasl.username": "connector", "sasl.password": "b"})
    assert found["saslConfig"] == {
        "saslMechanism": "SCRAM-SHA-512",
        "saslUsername": "connector",
        "saslPassword": "b",
    }


@pytest.mark.parametrize(
    ("properties", "secret", "named"),
    [
        ({"security.protocol": "sasl_ssl", "sasl.mechanism": "OAUTHBEARER"}, None, "sasl.mechanism=OAUTHBEARER"),
        ({"security.protocol": "ssl"}, {"ssl.key.password": "p"}, "ssl.key.password"),
        (
            {"security.protocol": "ssl", "enable.ssl.certificate.verification": "false"},
            None,
            "enable.ssl.certificate.verification",
        ),
    ],
)
def test_what_the_connector_cannot_be_told_is_said(properties: dict[str, str], secret: object, named: str) -> None:
    with pytest.raises(ConnectorLoginError, match=f"cannot be told {named}") as refused:
        connector(properties, secret)
    assert "KAFKA_CONNECTOR_PROPERTIES" in str(refused.value)


def test_an_empty_value_takes_a_property_from_the_connector() -> None:
    found = connector({"security.protocol": "ssl"}, {"ssl.key.password": "p"}, {"ssl.key.password": ""})
    assert found["securityProtocol"] == "SSL"


def test_rights_name_the_topics_and_groups_of_the_settings() -> None:
    kafka = KafkaSettings(
        events_topic="team.events", dlq_topic="team.refused", lineage_topic="team.curated", reader_group="team.readers"
    )
    principals = {"relay": "User:r", "writer": "User:w", "connector": "User:c", "airflow": "", "looker": "User:l"}
    found = rights(kafka, "team.writer", ["team.connector"], principals)
    assert {right.principal for right in found} == {"User:r", "User:w", "User:c", "User:l"}
    of_relay = [right for right in found if right.principal == "User:r" and "Write" in right.operations]
    assert [right.names for right in of_relay] == [("team.events", "team.refused")]
    assert found[0].command("broker:9093", "admin.properties") == (
        "kafka-acls.sh --bootstrap-server broker:9093 --command-config admin.properties --add --allow-principal User:r "
        "--operation Write --operation Describe --operation DescribeConfigs --topic team.events --topic team.refused"
    )
    prefixed = [right for right in found if right.prefixed]
    assert {right.names for right in prefixed} == {("team.connector",)}
