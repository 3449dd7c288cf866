"""TLS contexts: what we accept of others, and what we show at our own listener.

No authority is trusted and no date is compared: the directory says which certificates count,
and when they end. So a clock that is wrong, or a certificate nobody renewed, cuts nobody off.
"""

import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.core.errors import ComityError, ConfigurationError, UnreachableError

UNPINNED: Final = (b"",)
"""In place of certificates: take any. Only for what is verified by other means once it came."""
_NO_DATES: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME (openssl/x509_vfy.h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Our own certificate with its key: a PEM file and the passphrase of the key in it."""

    path: Path
    passphrase: bytes
    stamp: int
    """Changes when the file does."""

    def load(self, context: ssl.SSLContext) -> None:
        """Load both; raises `ConfigurationError` where the file does not hold them."""
        try:
            context.load_cert_chain(self.path, password=lambda: self.passphrase)
        except (OSError, ssl.SSLError):
            raise ConfigurationError(
                f"`{self.path}` holds no TLS key of this node: make one anew with"
                " `comity node certificate`"
            ) from None


def pinned(certificates: Sequence[bytes], own: Own | None = None) -> ssl.SSLContext:
    """Trust exactly these certificates, PEM or DER; raises `UnreachableError` on other bytes.

    The name in the certificate is not compared: the directory binds it to the node. `own` is
    shown where the other side asks for it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    if own is not None:
        own.load(context)
    if tuple(certificates) == UNPINNED:
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        _accept(context, certificates)
    except (ssl.SSLError, ValueError):
        raise UnreachableError("a TLS certificate in the directory cannot be read") from None
    return context


def served(own: Own, accepted: Sequence[bytes] | None = None) -> ssl.SSLContext:
    """Serve with our certificate; with `accepted`, a caller must show one of those."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    own.load(context)
    if accepted is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        for certificate in accepted:
            # A certificate in the directory that cannot be read keeps nobody else out.
            with suppress(ssl.SSLError, ValueError):
                _accept(context, (certificate,))
    return context


def _accept(context: ssl.SSLContext, certificates: Sequence[bytes]) -> None:
    # INVARIANT: with a partial chain a listed certificate is its own anchor; no authority is.
    flags = int(context.verify_flags) | int(ssl.VERIFY_X509_PARTIAL_CHAIN) | _NO_DATES
    context.verify_flags = ssl.VerifyFlags(flags)
    for certificate in certificates:
        is_pem = certificate.startswith(b"-----")
        context.load_verify_locations(
            cadata=certificate.decode("ascii") if is_pem else certificate
        )


@dataclass(slots=True)
class TlsDoor:
    """The listener's TLS, made anew for the next caller whenever what it stands on changes."""

    own: Callable[[], Own]
    accepted: Callable[[], tuple[bytes, ...] | None]
    """Certificates one of which a caller must show; `None`: no certificate is asked for."""
    journal: Callable[[str, str], None]
    _stands_on: tuple[Own, tuple[bytes, ...] | None] | None = None
    _context: ssl.SSLContext | None = None
    _outer: ssl.SSLContext | None = field(default=None)

    def context(self) -> ssl.SSLContext:
        """Return the context to listen with; raises `ConfigurationError`."""
        if self._outer is None:
            self._outer = served(self.own(), self.accepted())
            self._outer.sni_callback = self._greet
        return self._outer

    def _greet(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _: ssl.SSLContext
    ) -> None:
        # OpenSSL calls this for each handshake, with a name or without one.
        try:
            connection.context = self._newest()
        except ComityError as error:
            self.journal("tls", error.code)

    def _newest(self) -> ssl.SSLContext:
        stands_on = (self.own(), self.accepted())
        if self._context is None or stands_on != self._stands_on:
            self._context, self._stands_on = served(*stands_on), stands_on
        return self._context
