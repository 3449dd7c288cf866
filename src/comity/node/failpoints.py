"""Failpoints: where a node under test dies as by `kill -9`. Unarmed in service.

    COMITY_CRASH_AT=in_inbound.file:17,after_receipt:3

A place is a moment and what is under way then: `before_`, `in_` (written, not committed) or
`after_` (durable, its caller not told) a unit of the road, which is named by the function that
hands it to the store (`outbound.decide`, `outbound.log`, `inbound.file`, `delivery.settle` …);
`before_` or `after_` `receipt` (an answer to a partner's batch) or `deliver` (a batch of ours).
The number counts how often the place was reached when the node dies.

RISK: who can set a node's environment can end it; they could as well by `kill`.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.core.errors import ConfigurationError
from comity.core.store import Reader, Store, T, Transaction
from comity.exchange import Carrier
from comity.exchange.consignment import Consignment
from comity.trust import NodeEntry

VARIABLE = "COMITY_CRASH_AT"
_INBOX = "/x/v1/inbox"


def unit_name(unit: Callable[[Transaction], object]) -> str:
    """Return what a unit of work is called here: its module's last name and its function."""
    module, name = unit.__module__, unit.__qualname__
    return f"{module.rpartition('.')[2]}.{name.partition('.')[0]}"


def die() -> None:
    """End this process as a power cut or `kill -9` does: nothing is closed or flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Failpoints:
    """The places that are armed, and how often each was reached."""

    armed: Mapping[str, int]
    end: Callable[[], None] = die
    reached: Counter[str] = field(default_factory=Counter[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reach(self, place: str) -> None:
        """Count a place, and end the process where it is armed for this count."""
        with self._lock:
            self.reached[place] += 1
            is_due = self.armed.get(place) == self.reached[place]
        if is_due:
            self.end()

    def store(self, store: Store) -> Store:
        """Let units of the road fail before, in and after their commit."""
        return _FailingStore(store, self) if self.armed else store

    def carrier(self, carrier: Carrier) -> Carrier:
        """Let the node fail before and after it carries a batch."""
        return _FailingCarrier(carrier, self) if self.armed else carrier

    def app(self, app: ASGIApp) -> ASGIApp:
        """Let the node fail before and after an answer to a partner's batch leaves."""
        return _failing_app(app, self) if self.armed else app


def armed() -> Failpoints:
    """Return what this process's environment arms; raises `ConfigurationError`."""
    return read_failpoints(os.environ.get(VARIABLE, ""))  # noqa: TID251 - for tests alone: no setting


def read_failpoints(text: str) -> Failpoints:
    """Read the variable; raises `ConfigurationError` on anything but `PLACE:COUNT,…`."""
    armed: dict[str, int] = {}
    for each in filter(None, text.split(",")):
        place, _, count = each.partition(":")
        if not place or not count.isdigit() or int(count) < 1:
            raise ConfigurationError(f"expected `{VARIABLE}=PLACE:COUNT`, got `{each[:40]}`")
        armed[place] = int(count)
    return Failpoints(armed)


class _FailingStore:
    def __init__(self, inner: Store, points: Failpoints) -> None:
        self._inner = inner
        self._points = points

    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        name, points = unit_name(unit), self._points
        points.reach(f"before_{name}")

        def within(tx: Transaction) -> T:
            made = unit(tx)
            points.reach(f"in_{name}")
            return made

        told: Future[T] = Future()

        def tell(done: "Future[T]") -> None:
            points.reach(f"after_{name}")
            error = done.exception()
            if error is None:
                told.set_result(done.result())
            else:
                told.set_exception(error)

        self._inner.commit(within).add_done_callback(tell)
        return told

    def read(self, query: Callable[[Reader], T], /) -> T:
        return self._inner.read(query)


class _FailingCarrier:
    def __init__(self, inner: Carrier, points: Failpoints) -> None:
        self._inner = inner
        self._points = points

    def carry(self, entry: NodeEntry, consignment: Consignment, /) -> Sequence[bytes]:
        self._points.reach("before_deliver")
        answers = self._inner.carry(entry, consignment)
        self._points.reach("after_deliver")
        return answers

    def prekey(self, entry: NodeEntry, /) -> bytes:
        return self._inner.prekey(entry)


def _failing_app(app: ASGIApp, points: Failpoints) -> ASGIApp:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _INBOX:
            await app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                points.reach("before_receipt")
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                points.reach("after_receipt")

        await app(scope, receive, sending)

    return served
