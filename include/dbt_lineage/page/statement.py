"""Receipts that are signed: an in-toto statement in a DSSE envelope, by an Ed25519 key of a file.

The signature is over the payload's bytes as they are, with its type (DSSE 1.0.2). So a verifier checks first and parses
then. It needs the public key alone, and no network.
"""

import base64
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from dbt_lineage.core.errors import ExpectedError
from dbt_lineage.page.graph import Graph

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:dbt-lineage-airflow:receipt:v1"
_EDGES = "edges"

Edge = list[str]


class KeyUnusable(ExpectedError):
    """A file is no key that can be used, or is open to others; the message names it and says what to do."""


class NotVerified(ExpectedError):
    """A receipt is not what the owner of the key signed; the message says what is wrong."""


def make_key(file: Path) -> Path:
    """Make a key that signs receipts.

    Args:
        file: where the private key goes, with mode 0600; the public key goes beside it.

    Returns:
        The file of the public key.

    Raises:
        KeyUnusable: there is such a file already, or none can be written there.
    """
    key = Ed25519PrivateKey.generate()
    public = file.with_name(f"{file.name}.pub")
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except FileExistsError:
        raise KeyUnusable(f"{file} is there already: a new key would make older receipts unverifiable") from None
    except OSError as error:
        raise KeyUnusable(f"the key {file} cannot be written: {error}") from error
    return public


def private_key(file: Path) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        KeyUnusable: it is missing, others may read it, or it is no Ed25519 key.
    """
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            raise KeyUnusable(f"others may read the key {file}, its mode is {mode:04o}: `chmod 600 {file}`")
        found = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"PAGE_RECEIPT_KEY={file} is no private key: {error}") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise KeyUnusable(f"PAGE_RECEIPT_KEY={file} is no Ed25519 key: make one by `dbt-lineage receipt key`")
    return found


def public_key(file: Path) -> Ed25519PublicKey:
    """Read a public key. Raises KeyUnusable."""
    try:
        found = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{file} is no public key: {error}") from error
    if not isinstance(found, Ed25519PublicKey):
        raise KeyUnusable(f"{file} is no Ed25519 key")
    return found


def key_id(key: Ed25519PublicKey) -> str:
    """The fingerprint of a key: SHA-256 of its DER form."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def edges_of(graph: Graph) -> list[Edge]:
    """Every edge of tables and columns: from, to, kind and proof; sorted."""
    told = graph.columns
    names = [f"{graph.nodes[node].id}.{name}" for node, name in told.names]
    tables = [[graph.nodes[start].id, graph.nodes[end].id, "TABLE", graph.source] for start, end in graph.edges]
    columns = told.as_json()
    kinds, proofs = columns["kinds"], columns["proofs"]
    return sorted(
        [
            *tables,
            *([names[start], names[end], kinds[kind], proofs[proof]] for start, end, kind, proof in told.edges),
            *(
                [names[start], graph.nodes[end].id, kinds[kind], proofs[proof]]
                for start, end, kind, proof in told.node_edges
            ),
        ]
    )


def statement(
    receipt: Mapping[str, Any], edges: Sequence[Edge], files: Iterable[Path], versions: Mapping[str, str]
) -> dict[str, Any]:
    """What is signed of a receipt.

    Args:
        receipt: the receipt, as the page reads it.
        edges: the lineage.
        files: the manifest, and what dbt said of its run; one that is missing is left out.
        versions: of what made it.
    """
    subject = [
        {"name": file.name, "digest": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}}
        for file in files
        if file.is_file()
    ]
    return {
        "_type": STATEMENT_TYPE,
        "subject": [*subject, {"name": _EDGES, "digest": {"sha256": _digest(edges)}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": "PASSED" if receipt["whole"] else "FAILED",
            "receipt": receipt,
            _EDGES: edges,
            "versions": dict(versions),
        },
    }


def signed(content: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """A DSSE envelope of a statement."""
    payload = json.dumps(content, separators=(",", ":"), sort_keys=True).encode()
    signature = key.sign(_with_type(PAYLOAD_TYPE, payload))
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }


def verified(envelope: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """The statement in an envelope.

    Args:
        envelope: as ``signed`` made it, JSON.
        key: of who is trusted.

    Raises:
        NotVerified: it is no envelope, the key did not sign it, or it holds no receipt.
    """
    try:
        told = json.loads(envelope)
        payload_type, payload = str(told["payloadType"]), base64.b64decode(told["payload"], validate=True)
        signatures = [base64.b64decode(each["sig"], validate=True) for each in told["signatures"]]
    except (ValueError, KeyError, TypeError) as error:
        raise NotVerified(f"it is no DSSE envelope: {error!r}") from None
    if payload_type != PAYLOAD_TYPE:
        raise NotVerified(f"its payloadType is {payload_type!r}, not {PAYLOAD_TYPE}")
    if not any(_is_of(key, each, _with_type(payload_type, payload)) for each in signatures):
        raise NotVerified(f"none of its {len(signatures)} signatures is of the key {key_id(key)}")
    try:
        content: dict[str, Any] = json.loads(payload)
        if content["_type"] != STATEMENT_TYPE or content["predicateType"] != PREDICATE_TYPE:
            raise NotVerified(f"it is signed, and a {content['predicateType']!r}, not a {PREDICATE_TYPE}")
        digests = {each["name"]: each["digest"]["sha256"] for each in content["subject"]}
        edges = content["predicate"][_EDGES]
    except (ValueError, KeyError, TypeError) as error:
        raise NotVerified(f"it is signed, and no statement: {error!r}") from None
    if digests.get(_EDGES) != _digest(edges):
        raise NotVerified("its edges are not those that its subject names")
    return content


def _is_of(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _with_type(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])


def _digest(edges: Sequence[Edge]) -> str:
    """SHA-256 of the edges: one a line, its parts between tabs."""
    return hashlib.sha256("\n".join("\t".join(edge) for edge in edges).encode()).hexdigest()
