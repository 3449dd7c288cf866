"""A bounded HTTP client with pinned certificates: what another node sends is never trusted.

A node's certificates, current and next, stand in the directory; only these are accepted, and a
wrong one ends the connection before a byte of the request leaves. Plain HTTP is for loopback.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx2

from comity.adapters.http.tls import Own, pinned
from comity.core.errors import UnreachableError

_READ, _CONNECT = 60.0, 10.0
TIMEOUT = httpx2.Timeout(_READ, connect=_CONNECT)
"""Seconds for any one read or write, and to connect."""
_LIMITS = httpx2.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=60.0)
_WHOLE = 600.0
"""Seconds after which an answer that trickles in is given up."""
_PLAIN = {"accept-encoding": "identity"}  # nobody sends us a bomb to unpack
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no certificate: for plain HTTP on loopback, without reading every authority's."""
_TOO_MANY = 512
"""Most partners to whom connections are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: an HTTP status and a body within the limit asked for."""

    status: int
    body: bytes


_Key = tuple[str, tuple[bytes, ...], Own | None]


@dataclass(slots=True)
class Client:
    """Keeps connections alive, one pool for each address and its certificates."""

    own: Callable[[], Own | None] = lambda: None
    """Our certificate, shown where the other side asks for one."""
    _pools: dict[_Key, httpx2.Client] = field(default_factory=dict["_Key", httpx2.Client])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, url: str, *, tls: Sequence[bytes] = (), limit: int) -> Reply:
        """Fetch at most `limit` bytes; raises as `_send` does."""
        return self._send("GET", url, tls=tls, limit=limit)

    def post(  # noqa: PLR0913 - a request
        self,
        url: str,
        body: bytes,
        *,
        sort: str,
        limit: int,
        tls: Sequence[bytes] = (),
        wait: int = 0,
    ) -> Reply:
        """Post a body of media type `sort`; raises as `_send` does.

        `wait` is how many seconds longer than usual the answer may take.
        """
        return self._send("POST", url, tls=tls, limit=limit, body=body, sort=sort, wait=wait)

    def put(
        self, url: str, body: bytes, *, sort: str, limit: int, tls: Sequence[bytes] = ()
    ) -> Reply:
        """Put a body of media type `sort`; raises as `_send` does."""
        return self._send("PUT", url, tls=tls, limit=limit, body=body, sort=sort)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def _send(  # noqa: PLR0913 - one place where a request is made
        self,
        method: str,
        url: str,
        *,
        tls: Sequence[bytes],
        limit: int,
        body: bytes | None = None,
        sort: str | None = None,
        wait: int = 0,
    ) -> Reply:
        """Raise `UnreachableError` in words where there is no answer or too long a one."""
        pool = self._pool(url, tuple(tls))
        headers = _PLAIN if sort is None else {**_PLAIN, "content-type": sort}
        host = urlsplit(url).netloc
        try:
            with pool.stream(
                method, url, content=body, headers=headers, timeout=_patient(wait)
            ) as response:
                return Reply(status=response.status_code, body=_bounded(response, limit, host))
        except (httpx2.HTTPError, httpx2.StreamError, ssl.SSLError, OSError) as error:
            raise UnreachableError(f"`{host}` does not answer ({_reason(error)})") from None
        except httpx2.InvalidURL:
            raise UnreachableError(f"`{host}` is no address") from None

    def _pool(self, url: str, tls: tuple[bytes, ...]) -> httpx2.Client:
        parts = urlsplit(url)
        own = self.own() if parts.scheme == "https" else None
        key = (f"{parts.scheme}://{parts.netloc}", tls, own)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                if len(self._pools) >= _TOO_MANY:
                    self._pools.pop(next(iter(self._pools))).close()
                pool = self._pools[key] = _new_pool(parts.scheme, parts.hostname, tls, own)
            return pool


def _patient(wait: int) -> httpx2.Timeout:
    if not wait:
        return TIMEOUT
    return httpx2.Timeout(_READ, connect=_CONNECT, read=_READ + wait)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this very machine, by name or number."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_among(host: str | None, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether a host, by number, lies in one of these networks."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return False
    return any(address in network for network in networks)


def _new_pool(
    scheme: str, host: str | None, tls: tuple[bytes, ...], own: Own | None
) -> httpx2.Client:
    if scheme == "http" and not is_loopback(host):
        raise UnreachableError(f"`{host}` is not this machine: expected https")
    if scheme not in {"http", "https"}:
        raise UnreachableError(
            f"expected an address like https://…, got scheme `{scheme[:20]}`"
        )
    if tls:
        verify: ssl.SSLContext = pinned(tls, own)
    elif scheme == "http":
        verify = NOBODY
    else:
        verify = ssl.create_default_context()
    return httpx2.Client(
        verify=verify,
        timeout=TIMEOUT,
        limits=_LIMITS,
        trust_env=False,  # no proxy, no keys from the environment
        follow_redirects=False,
    )


def _bounded(response: httpx2.Response, limit: int, host: str) -> bytes:
    body, until = bytearray(), time.monotonic() + _WHOLE
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > limit:
            raise UnreachableError(f"`{host}` answers with more than {limit} bytes")
        if time.monotonic() > until:
            raise UnreachableError(f"`{host}` answers too slowly")
    return bytes(body)


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not the one in the directory"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
