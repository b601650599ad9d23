"""A private certificate authority and what it signs: for the local stack with TLS, and for tests."""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAYS = 3650
_SERVER = "server"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files.

    Args:
        certificate: the file with the certificate.
        key: the file with the key, which only its owner can read.
        both: the file with the key and the certificate, as Kafka takes them; only its owner can read it.
    """

    certificate: Path
    key: Path
    both: Path


def ensure(folder: Path, *hosts: str) -> tuple[Path, Pair]:
    """An authority and the certificate of a server, made once.

    Args:
        folder: where they are kept.
        hosts: host names and addresses of the server.

    Returns:
        The authority's certificate, and the server's.
    """
    finished = folder / "made"
    if not finished.exists():
        Authority(folder).issue(_SERVER, *hosts)
        finished.touch()
    return folder / "ca.pem", _pair(folder, _SERVER)


def _pair(folder: Path, name: str) -> Pair:
    return Pair(*(folder / f"{name}.{kind}" for kind in ("crt", "key", "pem")))


class Authority:
    """A certificate authority that keeps all in one folder.

    Args:
        folder: where; made when it is not there.
        name: of the authority.
    """

    def __init__(self, folder: Path, name: str = "lineage authority") -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        certificate = (
            _begun(self._name, self._name, self._key, timedelta(days=_DAYS))
            .add_extension(constraints, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .add_extension(_usage(signs=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *hosts: str, days: float = _DAYS) -> Pair:
        """Sign a certificate.

        Args:
            name: whose it is: its common name, and its files'.
            hosts: host names and IP addresses that it is for.
            days: how long it is valid; below 0 for one that has expired.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_general(host) for host in hosts or (name,)])
        certificate = (
            _begun(_named(name), self._name, key, timedelta(days=days))
            .add_extension(alternatives, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(_usage(signs=False), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        pair = _pair(self._folder, name)
        public = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pair.certificate.write_bytes(public)
        for file, content in ((pair.key, private), (pair.both, private + public)):
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
                handle.write(content)
        return pair


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + valid) - timedelta(days=1))
        .not_valid_after(now + valid)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
