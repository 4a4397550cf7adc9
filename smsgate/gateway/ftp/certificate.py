"""A certificate for a gateway that was given none: its own authority, for clients to trust.

``gateway.pem`` has the key and the certificate, ``ca.pem`` only the certificate, for clients'
``--ca-file``. Both are made once; who deletes them gets new ones.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from smsgate.gateway.settings import HttpTls, Role, Settings, Tls
from smsgate.outbox import writing

NAME = "gateway.pem"
AUTHORITY = "ca.pem"

_VALID = timedelta(days=3650)
_EARLIER = timedelta(days=1)  # clocks differ
_LOCAL = ("localhost", "127.0.0.1", "::1")


def ensure(folder: Path, hosts: Iterable[str], now: float) -> Path:
    """The certificate in a folder, made for these hosts and this machine if there is none.

    Raises OutboxError.
    """
    path = folder / NAME
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        pem = _certificate(key, hosts, datetime.fromtimestamp(now, UTC)).public_bytes(Encoding.PEM)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        writing.write_pieces(folder / AUTHORITY, (pem,), mode=0o600)
        writing.write_pieces(path, (secret, pem), mode=0o600)
    return path


def prepare(settings: Settings, now: float) -> None:
    """Make the one that FTP and HTTP server share, if they need it and have no other.

    Raises OutboxError.
    """
    ftp, http, roles = settings.ftp, settings.http, settings.node.roles
    needed = (
        (Role.FTP in roles and ftp.tls is not Tls.OFF and not ftp.certificate),
        (Role.WEB in roles and http.tls is not HttpTls.OFF and not http.certificate),
    )
    if any(needed):
        ensure(settings.data, (ftp.host, ftp.public_address, http.host, *http.name), now)


def _certificate(
    key: ec.EllipticCurvePrivateKey, hosts: Iterable[str], now: datetime
) -> x509.Certificate:
    """A certificate of a server, signed by itself (RFC 5280)."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SMS gateway")])
    public = key.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(hosts)), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )


_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _alternatives(hosts: Iterable[str]) -> list[x509.GeneralName]:
    return [_general(host) for host in dict.fromkeys((*_LOCAL, *filter(None, hosts)))]


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
