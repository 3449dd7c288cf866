"""TLS certificates that a node makes itself: the directory lists them, no authority signs them.

Whoever connects pins exactly the certificates the directory lists, so name and dates inside
bind nothing; they are there for other people's tools.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.core.clock import Entropy, Instant

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (SEC 2, 2.4.2)."""
_SCALAR = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPair:
    """A certificate and its private key, the key only under a passphrase."""

    certificate: bytes
    """DER."""
    pem: bytes
    """The encrypted key (PKCS #8), then the certificate: what a TLS server loads."""


def make_tls_pair(  # noqa: PLR0913 - what stands in a certificate
    *,
    node: str,
    host: str,
    since: Instant,
    until: Instant,
    passphrase: bytes,
    entropy: Entropy,
) -> TlsPair:
    """Make a P-256 key and its self-signed certificate for server and client."""
    # FIPS 186-5, A.2.1: 128 bits more than the order leave no bias.
    scalar = int.from_bytes(entropy.take(_SCALAR), "big") % (_ORDER - 1) + 1
    key = ec.derive_private_key(scalar, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(entropy.take(16), "big") >> 1 | 1)
        .not_valid_before(_moment(since))
        .not_valid_after(_moment(until))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(subject, critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    sealed = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
    )
    return TlsPair(
        certificate=certificate.public_bytes(Encoding.DER),
        pem=sealed + certificate.public_bytes(Encoding.PEM),
    )


def _moment(at: Instant) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)
