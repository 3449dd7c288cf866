"""The node's listeners: bound first, over TLS where it is the node's own, each throttled."""

import contextlib
import socket
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from comity.adapters.http import is_loopback
from comity.adapters.http.throttle import Buckets, SignInThrottle, Throttle
from comity.adapters.http.tls import Own, TlsDoor
from comity.core.errors import ConfigurationError
from comity.node.certificates import (
    CURRENT,
    listed_certificates,
    own_certificate,
    partners_certificates,
)
from comity.node.config import Config, address
from comity.node.office import Office
from comity.node.parting import Role
from comity.node.settings import PARTNERS

GRACE: Final = 10
"""Seconds a request under way may take once the node is told to stop."""
LOOPBACK: Final = ("127.0.0.1", "::1")
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The bound sockets of both listeners."""

    partners: socket.socket
    people: socket.socket

    def close(self) -> None:
        """Give both ports free."""
        self.partners.close()
        self.people.close()


def bind(config: Config, role: Role) -> Places | None:
    """Bind both listeners; none for a worker. Raises `ConfigurationError` on a port in use."""
    if role is Role.WORKER:
        return None
    check_addresses(config)
    shared = role is Role.WEB
    partners = _bound(config.listen, shared=shared)
    try:
        people = _bound(config.people, shared=shared)
    except BaseException:
        partners.close()
        raise
    return Places(partners=partners, people=people)


def check_addresses(config: Config) -> None:
    """Refuse what would send secrets in clear; raises `ConfigurationError`."""
    if not config.people.startswith("http:"):
        raise ConfigurationError(
            "the listener for the node's own people speaks plain HTTP: set `[web] people` to"
            " its plain address, and let a proxy in front of it end TLS"
        )
    plain = [config.people]
    if config.listen.startswith("http:"):
        plain.append(config.listen)
    for url in plain:
        if not is_loopback(address(url)[0]) and not config.web.proxies:
            raise ConfigurationError(
                f"plain HTTP at `{url}` could be read on its way: listen on loopback, or name"
                " the proxy that ends TLS in `[web] proxies`"
            )


def _bound(url: str, *, shared: bool) -> socket.socket:
    host, port = address(url)
    try:
        family, sort, number, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, sort, number)
    except OSError as error:
        raise ConfigurationError(f"cannot listen at `{url}`: {error.strerror}") from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(place)
    except OSError:
        bound.close()
        raise ConfigurationError(
            f"port {port} is in use: is this node served already?"
        ) from None
    return bound


def shown(office: Office) -> Callable[[], Own | None]:
    """Return our own certificate for those who ask for one, where the node has any."""

    def own() -> Own | None:
        if not (office.folder / "keys" / "tls" / CURRENT).exists():
            return None
        return own_certificate(office.keyring, listed=_listed(office))

    return own


def tls_door(office: Office, journal: Callable[[str, str], None]) -> TlsDoor | None:
    """Return the TLS of the listener for partners; none where a proxy in front ends it."""
    if not office.config.listen.startswith("https:"):
        return None

    def accepted() -> tuple[bytes, ...] | None:
        is_asked = office.config.web.client_certificates == PARTNERS
        if not is_asked or not office.register.has_joined:
            return None
        return partners_certificates(office.register.current())

    return TlsDoor(
        own=lambda: own_certificate(office.keyring, listed=_listed(office)),
        accepted=accepted,
        journal=journal,
    )


def for_partners(app: ASGIApp, config: Config, refused: Callable[[str], None]) -> ASGIApp:
    """Bound how often one address may call the listener for partners."""
    if not config.web.calls:
        return app
    rate = float(config.web.calls)
    buckets = Buckets(rate, _AT_ONCE * rate, time.monotonic)
    return Throttle(app, buckets, lambda: refused("partners"))


def for_people(app: ASGIApp, config: Config, refused: Callable[[str], None]) -> ASGIApp:
    """Bound how often one address may try a secret that is none."""
    if not config.web.sign_ins:
        return app
    buckets = Buckets(config.web.sign_ins / 60, float(config.web.sign_ins), time.monotonic)
    return SignInThrottle(app, buckets, lambda: refused("people"))


def server_of(app: ASGIApp, config: Config, *, door: TlsDoor | None) -> uvicorn.Server:
    """Make a server that takes no signal and writes no journal of its own."""
    made = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        lifespan="off",
        forwarded_allow_ips=list(config.web.proxies or LOOPBACK),
        ssl_context_factory=None if door is None else lambda _made, _plain: door.context(),
    )
    return _QuietServer(made)


def _listed(office: Office) -> tuple[bytes, ...]:
    if not office.register.has_joined:
        return ()
    return listed_certificates(office.register.current(), office.config.node)


class _QuietServer(uvicorn.Server):
    """Leaves signals to the node: both of its servers share one loop."""

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Generator[None]:
        """Take no signal."""
        yield
