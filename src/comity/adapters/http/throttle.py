"""How often one address may call: a bucket of tokens each, in a table of bounded size.

This protects the listeners from strangers, before any signature or secret is looked at. What
one partner may take of another's share is judged on the road, by its signature.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.adapters.http.client import is_loopback

ADDRESSES: Final = 10_000
"""Most addresses remembered; beyond them the one not seen for longest is forgotten."""
_PREFIX = 4
_NOT_SIGNED_IN = frozenset({403, 422})
_NOT_PROVEN = 401


@dataclass(slots=True)
class Buckets:
    """Tokens by address: `rate` flow in each second, up to `burst`."""

    rate: float
    burst: float
    steady: Callable[[], float]
    """Seconds of a clock that nobody sets."""
    _held: dict[str, tuple[float, float]] = field(
        default_factory=dict[str, tuple[float, float]]
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str) -> float:
        """Return for how many seconds the address has to wait for a token; 0: there is one."""
        with self._lock:
            return max(0.0, (1.0 - self._level(address)) / self.rate)

    def take(self, address: str) -> float:
        """Take a token where there is one; return as `wait` does."""
        with self._lock:
            level = self._level(address)
            if level < 1.0:
                return (1.0 - level) / self.rate
            self._held.pop(address, None)
            if len(self._held) >= ADDRESSES:
                self._held.pop(next(iter(self._held)))
            self._held[address] = (level - 1.0, self.steady())
            return 0.0

    def _level(self, address: str) -> float:
        level, since = self._held.get(address, (self.burst, self.steady()))
        return min(self.burst, level + (self.steady() - since) * self.rate)


def address_of(scope: Scope) -> str:
    """Return who calls; of an IPv6 address its network of 64 bits, which one house shares."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    if ":" in host and not is_loopback(host):
        return ":".join(host.split(":")[:_PREFIX])
    return host


@dataclass(slots=True)
class Throttle:
    """Lets an address call so often and no oftener; loopback, this machine, is not counted."""

    app: ASGIApp
    buckets: Buckets
    refused: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 429 with `Retry-After`, or pass the call on (ASGI)."""
        address = address_of(scope)
        if scope["type"] == "http" and not is_loopback(address):
            wait = self.buckets.take(address)
            if wait:
                self.refused()
                await later(wait)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@dataclass(slots=True)
class SignInThrottle:
    """Counts failed attempts to sign in or use a token, by address; success costs nothing."""

    app: ASGIApp
    buckets: Buckets
    refused: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 429 before any secret is looked at, or pass the call on and see what came."""
        refusals = _refusals(scope) if scope["type"] == "http" else frozenset[int]()
        if not refusals:
            await self.app(scope, receive, send)
            return
        address = address_of(scope)
        wait = self.buckets.wait(address)
        if wait:
            self.refused()
            await later(wait)(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in refusals:
                self.buckets.take(address)
            await send(message)

        await self.app(scope, receive, watched)


def _refusals(scope: Scope) -> frozenset[int]:
    """Return the statuses that say that a secret was none; nothing where none is shown."""
    if scope["path"] == "/sign-in" and scope["method"] == "POST":
        return _NOT_SIGNED_IN
    if any(name == b"authorization" for name, _ in scope["headers"]):
        return frozenset({_NOT_PROVEN})
    return frozenset()


def later(wait: float) -> PlainTextResponse:
    """Answer that it is too often, and when to come back."""
    headers = {"retry-after": str(max(1, math.ceil(wait)))}
    return PlainTextResponse("too often\n", 429, headers=headers)
