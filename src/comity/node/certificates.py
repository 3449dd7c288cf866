"""The node's TLS certificates: the current and the next, made here and listed in the directory.

    keys/tls/current.pem    encrypted key and certificate now shown
    keys/tls/next.pem       those that follow: listed in the directory before they are used

The keys lie under a passphrase derived from the master key. Where a proxy in front ends TLS by
certificates of its own, those are listed instead, and lie beside, without their keys:

    keys/tls/proxy.pem  keys/tls/proxy-next.pem
"""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.http.tls import Own
from comity.core.clock import DAY, Clock, Instant
from comity.core.errors import ConfigurationError, ConflictError, NotFoundError
from comity.node.config import Config, address
from comity.node.keyring import Keyring
from comity.seal import keyed_hash, make_tls_pair
from comity.trust import Directory

CURRENT: Final = "current.pem"
NEXT: Final = "next.pem"
PROXY: Final = ("proxy.pem", "proxy-next.pem")
LIFE: Final = 730 * DAY
"""What a certificate says about its end; the directory, not this date, decides what counts."""
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def tls_certificates(folder: Path) -> tuple[bytes, ...]:
    """Return the certificates a directory should list, DER, current first; none before `make`.

    Raises `ConfigurationError` where a file may be read by others, or holds no certificate.
    """
    place = folder / "keys" / "tls"
    names = PROXY if (place / PROXY[0]).exists() else (CURRENT, NEXT)
    paths = (place / name for name in names)
    return tuple(_certificate(path) for path in paths if path.exists())


def make_certificates(config: Config, ring: Keyring, *, clock: Clock) -> tuple[bytes, ...]:
    """Make what is missing of current and next; return both, DER."""
    for name in (CURRENT, NEXT):
        if not (_folder(ring.folder) / name).exists():
            _make(config, ring, name, at=clock.now())
    return tls_certificates(ring.folder)


def rotate_certificate(
    config: Config, ring: Keyring, *, listed: Sequence[bytes], clock: Clock
) -> tuple[bytes, ...]:
    """Show the next certificate from now on, and make the one after it; return both, DER.

    Raises `ConflictError` where the directory does not list the next one: partners would close
    the connection. Listeners that run take the change up with the next caller.
    """
    place = _folder(ring.folder)
    if not (place / NEXT).exists() or _certificate(place / NEXT) not in listed:
        raise ConflictError(
            "the directory does not list the next certificate yet: announce it, wait until"
            " partners have fetched the directory, then rotate"
        )
    write_private(place / CURRENT, read_private(place / NEXT))
    _make(config, ring, NEXT, at=clock.now())
    return tls_certificates(ring.folder)


def own_certificate(ring: Keyring, *, listed: Sequence[bytes]) -> Own:
    """Return the certificate to show: the current one, unless only the next is listed.

    Raises `NotFoundError` where none was made.
    """
    place = ring.folder / "keys" / "tls"
    paths = [path for path in (place / CURRENT, place / NEXT) if path.exists()]
    if not paths:
        raise NotFoundError(
            "this node has no TLS certificate: make it with `comity node certificate`"
        )
    shown = next((path for path in paths if _certificate(path) in listed), paths[0])
    return Own(path=shown, passphrase=_passphrase(ring), stamp=shown.stat().st_mtime_ns)


def listed_certificates(directory: Directory, node: str) -> tuple[bytes, ...]:
    """Return the certificates the directory lists for a node, DER."""
    return tuple(
        _der(each) for entry in directory.nodes() if entry.node == node for each in entry.tls
    )


def partners_certificates(directory: Directory) -> tuple[bytes, ...]:
    """Return every node's certificates, DER."""
    return tuple(sorted(_der(each) for entry in directory.nodes() for each in entry.tls))


def _make(config: Config, ring: Keyring, name: str, *, at: Instant) -> None:
    pair = make_tls_pair(
        node=config.node,
        host=address(config.url)[0],
        since=Instant(at - DAY),
        until=Instant(at + LIFE),
        passphrase=_passphrase(ring),
        entropy=ring.entropy,
    )
    write_private(_folder(ring.folder) / name, pair.pem)


def _folder(folder: Path) -> Path:
    return make_private_folder(folder / "keys" / "tls")


def _passphrase(ring: Keyring) -> bytes:
    return keyed_hash(ring.master, "comity/v1/tls").hex().encode()


def _certificate(path: Path) -> bytes:
    found = read_private(path).partition(_BEGIN)
    if not found[1]:
        raise ConfigurationError(f"`{path}` holds no certificate in PEM form")
    return _der(found[1] + found[2].partition(_END)[0] + _END)


def _der(certificate: bytes) -> bytes:
    if certificate.startswith(b"-----"):
        try:
            return ssl.PEM_cert_to_DER_cert(certificate.decode("ascii", "replace"))
        except ValueError:
            return b""  # what cannot be read is nobody's
    return certificate
