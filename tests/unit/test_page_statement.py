"""Signed receipts: only what was signed verifies, offline, also by another program."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner

from dbt_lineage.page import command_line
from dbt_lineage.page.statement import (
    KeyUnusable,
    NotVerified,
    make_key,
    private_key,
    public_key,
    signed,
    statement,
    verified,
)

EDGES = [["a.b.c.x", "a.b.d.x", "DIRECT/IDENTITY", "proved"], ["a.b.c", "a.b.d", "TABLE", "ledger"]]
RECEIPT = {
    **{"dag_id": "shop", "run_id": "manual", "state": "success", "made_at": "2026-11-29T00:00:00+00:00"},
    **{"whole": True, "rows": [{"model": "orders", "read_back": "2026-11-29T00:00:00+00:00"}]},
}


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """The files of a private key and of its public one."""
    return tmp_path / "key.pem", make_key(tmp_path / "key.pem")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text('{"nodes": {}}')
    return tmp_path / "manifest.json"


@pytest.fixture
def envelope(keys: tuple[Path, Path], manifest: Path) -> dict[str, Any]:
    files = [manifest, manifest.with_name("run_results.json")]
    return signed(statement(RECEIPT, EDGES, files, {"python": "3.11"}), private_key(keys[0]))


def test_what_was_signed_is_verified(envelope: dict[str, Any], keys: tuple[Path, Path]) -> None:
    told = verified(json.dumps(envelope).encode(), public_key(keys[1]))
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert [each["name"] for each in told["subject"]] == ["manifest.json", "edges"]
    assert told["predicate"]["receipt"] == RECEIPT
    assert told["predicate"]["result"] == "PASSED"
    assert told["predicate"]["edges"] == EDGES


def test_any_change_of_the_payload_is_noticed(envelope: dict[str, Any], keys: tuple[Path, Path]) -> None:
    payload = bytearray(base64.b64decode(envelope["payload"]))
    for place in range(0, len(payload), 7):
        changed = bytearray(payload)
        changed[place] ^= 1
        other = {**envelope, "payload": base64.b64encode(bytes(changed)).decode()}
        with pytest.raises(NotVerified, match="none of its 1 signatures"):
            verified(json.dumps(other).encode(), public_key(keys[1]))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"payloadType": "application/json"}, "payloadType is 'application/json'"),
        ({"signatures": []}, "none of its 0 signatures"),
        ({"payload": "%%%"}, "no DSSE envelope"),
        ({"signatures": [{"keyid": "x"}]}, "no DSSE envelope"),
    ],
)
def test_what_is_no_signed_receipt_is_refused(
    envelope: dict[str, Any], keys: tuple[Path, Path], changed: dict[str, Any], problem: str
) -> None:
    with pytest.raises(NotVerified, match=problem):
        verified(json.dumps({**envelope, **changed}).encode(), public_key(keys[1]))
    with pytest.raises(NotVerified, match="no DSSE envelope"):
        verified(b"no JSON", public_key(keys[1]))


def test_a_signature_of_somebody_else_is_refused(envelope: dict[str, Any], tmp_path: Path) -> None:
    other = make_key(tmp_path / "other.pem")
    with pytest.raises(NotVerified, match="none of its 1 signatures is of the key"):
        verified(json.dumps(envelope).encode(), public_key(other))


def test_a_statement_that_is_no_receipt_is_refused_though_it_is_signed(keys: tuple[Path, Path]) -> None:
    content = {**statement(RECEIPT, EDGES, [], {}), "predicateType": "https://slsa.dev/provenance/v1"}
    envelope = signed(content, private_key(keys[0]))
    with pytest.raises(NotVerified, match="not a urn:dbt-lineage-airflow:receipt:v1"):
        verified(json.dumps(envelope).encode(), public_key(keys[1]))


def test_edges_that_are_not_those_of_the_subject_are_refused(keys: tuple[Path, Path]) -> None:
    content = statement(RECEIPT, EDGES, [], {})
    content["predicate"]["edges"] = EDGES[:1]
    with pytest.raises(NotVerified, match="its edges are not those"):
        verified(json.dumps(signed(content, private_key(keys[0]))).encode(), public_key(keys[1]))


def test_openssl_verifies_it_too(envelope: dict[str, Any], keys: tuple[Path, Path], tmp_path: Path) -> None:
    """Independent of our code but for DSSE's encoding, which is written down here once more."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"]
    (tmp_path / "signed").write_bytes(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
    (tmp_path / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(keys[1]), "-rawin"]
    command += ["-in", str(tmp_path / "signed"), "-sigfile", str(tmp_path / "signature")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, "Verified Successfully" in told.stdout) == (0, True), told.stderr


def test_the_key_is_for_its_owner_alone_and_is_never_overwritten(keys: tuple[Path, Path]) -> None:
    assert keys[0].stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyUnusable, match="is there already"):
        make_key(keys[0])
    keys[0].chmod(0o640)
    with pytest.raises(KeyUnusable, match=r"others may read the key .* its mode is 0640: `chmod 600"):
        private_key(keys[0])


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match=r"nowhere\.pem is no private key"):
        private_key(tmp_path / "nowhere.pem")
    file = tmp_path / "ec.pem"
    file.write_bytes(generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    with pytest.raises(KeyUnusable, match="no Ed25519 key"):
        private_key(file)
    with pytest.raises(KeyUnusable, match="is no public key"):
        public_key(file)


def test_the_command_makes_a_key_and_verifies_a_receipt(
    envelope: dict[str, Any], keys: tuple[Path, Path], manifest: Path, tmp_path: Path
) -> None:
    run = CliRunner().invoke
    made = run(command_line.app, ["key", str(tmp_path / "new.pem")])
    assert (made.exit_code, "mode 0600" in made.output) == (0, True)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(envelope))
    told = run(command_line.app, ["verify", str(file), "--key", str(keys[1]), "--manifest", str(manifest)])
    assert told.exit_code == 0
    assert "signed receipt of shop manual (success)" in told.output
    assert "whole, 1 of 1 models read back, 2 edges" in told.output
    manifest.write_text("{}")
    other = run(command_line.app, ["verify", str(file), "--key", str(keys[1]), "--manifest", str(manifest)])
    assert isinstance(other.exception, NotVerified)
