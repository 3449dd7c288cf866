"""The listener that other nodes call: messages, prekeys, ledger, witness, directory.

Its own listener, apart from the one for people. Handlers only bound, split and hand on; who
may do what is decided by signatures on the road, not here. Nothing a partner sent appears in an
error or in the journal.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from comity.adapters.http.carrier import CBOR_SEQUENCE
from comity.adapters.http.client import is_loopback
from comity.adapters.http.throttle import address_of
from comity.core import limits
from comity.core.errors import (
    ComityError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    StorageError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.core.store import T
from comity.exchange import Consignment, read_consignment

_AT_ONCE = 16
"""Most calls read or answered at the same time; further ones are told to come back."""
_BODIES_EACH = 4
"""Most bodies that one address may be sending at the same time; loopback is not counted."""
_BODY_SECONDS = 60.0
_IMMUTABLE = {"cache-control": "public, max-age=31536000, immutable"}
_BRIEF = {"cache-control": "max-age=5"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"(?:metadata|targets)(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){1,8}")
_SECONDS = re.compile(r"[0-9]{1,5}")
_BEAT = 0.5
"""Seconds between looks at what waits for a node that asks."""
_LONGEST = 1_800
"""Longest asking, in seconds."""
_REGISTRY = re.compile(
    r"checkpoint|tile/(?:entries|\d{1,2})/(?:x\d{3}/){0,5}\d{3}(?:\.p/\d{1,3})?"
    r"|proof/\d{1,9}\.tlog-proof"
)
_LATER = {"retry-after": "1"}
_STATUS: tuple[tuple[type[ComityError], int], ...] = (
    (LimitError, 413),
    (InvalidInputError, 400),
    (NotFoundError, 404),
    (StorageError, 503),
    (VerificationError, 403),
    (ComityError, 500),
)

Handler = Callable[[Request], Awaitable[Response]]


class MailboxDoor(Protocol):
    """What waits for nodes that take no call."""

    def hear(self, data: bytes, /) -> NodeId:
        """Take a signed asking and return who asks."""
        ...

    def give(self, node: NodeId, /) -> bytes:
        """Return what waits for a node as a consignment; empty where nothing does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What a node opens to its partners. All may block; all run in threads.

    `None` from a reader means that there is nothing by that name.
    """

    inbox: Callable[[Consignment], Sequence[bytes]]
    """Takes envelopes in order; returns one signed receipt or rejection for each."""
    prekeys: Callable[[], bytes]
    checkpoint: Callable[[], bytes | None]
    tile: Callable[[str], bytes | None]
    """Takes the path of a tile or bundle, `tile/…`, below the log's prefix."""
    may_read_entries: Callable[[str], bool]
    """Whether a reader's token opens the entry bundles."""
    witness: Callable[[bytes], tuple[int, bytes, str]]
    """Answers `add-checkpoint`: status, body, media type."""
    witnessed: Callable[[str], bytes | None]
    """Takes SHA-256 of an origin in hex; returns the newest cosigned checkpoint."""
    directory: Callable[[str], bytes | None]
    """Takes `metadata/…`, `targets/…` or `registry/…`; no segment of it begins with a dot."""
    is_alive: Callable[[], bool]
    is_ready: Callable[[], bool]
    journal: Callable[[str, str], None]
    """Takes a route and an error's code."""
    mailbox: MailboxDoor | None = None
    blob: Callable[[bytes, bytes], int] | None = None
    """Takes a digest and a signed offer with its piece; returns how many bytes lie here."""
    again: Callable[[bytes], bytes] | None = None
    """Answers a restored node that asks for what it lost, signed."""


def partner_app(doors: Doors) -> Starlette:
    """Build the listener for partners."""
    calls = _Calls(doors=doors)
    routes = [
        Route(path, calls.guarded(handler), methods=[method])
        for method, path, handler in (
            ("POST", "/x/v1/inbox", calls.inbox),
            ("GET", "/x/v1/prekeys", calls.prekeys),
            ("POST", "/x/v1/mailbox", calls.mailbox),
            ("POST", "/x/v1/again", calls.again),
            ("PUT", "/x/v1/blob/{digest}", calls.blob),
            ("GET", "/log/checkpoint", calls.checkpoint),
            ("GET", "/log/{path:path}", calls.log),
            ("POST", "/witness/add-checkpoint", calls.add_checkpoint),
            ("GET", "/witness/{origin}/checkpoint", calls.witnessed),
            ("GET", "/directory/{path:path}", calls.directory),
            ("GET", "/registry/{path:path}", calls.registry),
            ("GET", "/healthz", calls.health),
            ("GET", "/readyz", calls.ready),
        )
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _plain})


@dataclass(slots=True, kw_only=True)
class _Calls:
    doors: Doors
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))
    under_way: int = 0
    sending: dict[str, int] = field(default_factory=dict[str, int])
    """Bodies under way by address; an address without any is not in it."""
    turns: dict[NodeId, object] = field(default_factory=dict[NodeId, object])
    """The asking of each node that is answered once something comes for it."""

    async def inbox(self, request: Request) -> Response:
        """Take a CBOR sequence of envelopes and answer each, in order."""
        return await self._bounded(request, limits.BATCH, self._deliver)

    async def mailbox(self, request: Request) -> Response:
        """Give a node what waits for it, at once or when something comes within `wait`."""
        door, heard = self.doors.mailbox, list[NodeId]()
        wait = request.query_params.get("wait", "0")
        if door is None or not _SECONDS.fullmatch(wait):
            return _nothing()

        def hear(data: bytes) -> Response:
            heard.append(door.hear(data))
            return Response()

        reply = await self._bounded(request, limits.BODY, hear)
        if not heard:
            return reply
        return await self._until(request, door, heard[0], seconds=min(int(wait), _LONGEST))

    async def _until(
        self, request: Request, door: MailboxDoor, node: NodeId, *, seconds: int
    ) -> Response:
        """Look for what waits until something does; of two askings the newer one is kept."""
        turn = self.turns[node] = object()
        end = time.monotonic() + seconds
        while True:
            found = await self._call(lambda: door.give(node))
            is_over = time.monotonic() >= end or self.turns.get(node) is not turn
            if found or is_over or await request.is_disconnected():
                return Response(found, media_type=CBOR_SEQUENCE)
            await asyncio.sleep(_BEAT)

    async def prekeys(self, _: Request) -> Response:
        """Give the signed prekey notice."""
        return await self._give(self.doors.prekeys, sort="application/cose")

    async def checkpoint(self, _: Request) -> Response:
        """Give the newest checkpoint."""
        return await self._give(self.doors.checkpoint, headers=_BRIEF)

    async def log(self, request: Request) -> Response:
        """Give tiles to all, entry bundles behind a reader's token: `r/<token>/…`."""
        path: str = request.path_params["path"]
        token, rest = "", path
        if path.startswith("r/"):
            token, _, rest = path.removeprefix("r/").partition("/")
        if rest.startswith("tile/entries/") or token:
            may = await self._call(lambda: bool(token) and self.doors.may_read_entries(token))
            if not may:
                return PlainTextResponse("a reader's token is needed\n", 403)
        if rest == "checkpoint":
            return await self.checkpoint(request)
        if not rest.startswith("tile/"):
            return _nothing()
        return await self._give(
            lambda: self.doors.tile(rest),
            sort="application/octet-stream",
            headers=_IMMUTABLE,
        )

    async def again(self, request: Request) -> Response:
        """Send anew what a restored node asks for, and say what was recalled since."""
        answer = self.doors.again
        if answer is None:
            return _nothing()
        return await self._bounded(
            request,
            limits.NOTE,
            lambda data: Response(answer(data), media_type="application/cose"),
        )

    async def blob(self, request: Request) -> Response:
        """Take a piece of a blob, or say from where to go on."""
        take, digest = self.doors.blob, str(request.path_params["digest"])
        if take is None or not _DIGEST.fullmatch(digest):
            return _nothing()
        return await self._bounded(
            request,
            limits.BLOB_PIECE + limits.ANSWER,
            lambda data: PlainTextResponse(str(take(bytes.fromhex(digest), data))),
        )

    async def add_checkpoint(self, request: Request) -> Response:
        """Cosign another log's checkpoint, or say why not (C2SP tlog-witness)."""
        return await self._bounded(request, limits.NOTE, self._cosign)

    async def witnessed(self, request: Request) -> Response:
        """Give the newest checkpoint cosigned for one origin."""
        origin: str = request.path_params["origin"]
        if not _DIGEST.fullmatch(origin):
            return _nothing()
        return await self._give(lambda: self.doors.witnessed(origin), headers=_BRIEF)

    async def directory(self, request: Request) -> Response:
        """Give one published file of the directory."""
        path: str = request.path_params["path"]
        if not _FILE.fullmatch(path):
            return _nothing()
        folder, _, name = path.partition("/")
        if folder == "metadata":
            path = f"metadata/{name.replace('/', '%2F')}"  # the server undid the escape
        return await self._give(
            lambda: self.doors.directory(path), sort="application/octet-stream"
        )

    async def registry(self, request: Request) -> Response:
        """Give one file of the registry log: its entries are for everybody to read."""
        path: str = request.path_params["path"]
        if not _REGISTRY.fullmatch(path):
            return _nothing()
        brief = path == "checkpoint"
        return await self._give(
            lambda: self.doors.directory(f"registry/{path}"),
            sort="text/plain; charset=utf-8" if brief else "application/octet-stream",
            headers=_BRIEF if brief else _IMMUTABLE,
        )

    async def health(self, _: Request) -> Response:
        """Say whether the process works; a stranger learns no more than that."""
        if await self._call(self.doors.is_alive):
            return PlainTextResponse("ok\n")
        return PlainTextResponse("a worker hangs\n", 503)

    async def ready(self, _: Request) -> Response:
        """Say whether messages can be taken now."""
        if await self._call(self.doors.is_ready):
            return PlainTextResponse("ok\n")
        return PlainTextResponse("not ready\n", 503)

    def guarded(self, handler: Handler) -> Handler:
        """Answer every error here: further out its words would reach the server's log."""

        async def guard(request: Request) -> Response:
            try:
                return await handler(request)
            except HTTPException:
                raise
            except Exception as error:  # noqa: BLE001 - the listener outlives any one call
                return self._failed(request, error)

        return guard

    def _failed(self, request: Request, error: Exception) -> Response:
        code = error.code if isinstance(error, ComityError) else type(error).__name__
        status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
        self.doors.journal(str(request.url.path).split("/")[1], code)
        headers = _LATER if isinstance(error, StorageError) else None
        return PlainTextResponse(f"{status}\n", status, headers=headers)

    def _deliver(self, data: bytes) -> Response:
        answers = self.doors.inbox(read_consignment(data))
        return Response(b"".join(answers), media_type=CBOR_SEQUENCE)

    def _cosign(self, data: bytes) -> Response:
        status, body, sort = self.doors.witness(data)
        return Response(body, status, media_type=sort)

    async def _bounded(
        self, request: Request, limit: int, act: Callable[[bytes], Response]
    ) -> Response:
        if self.under_way >= _AT_ONCE:
            return PlainTextResponse("busy\n", 503, headers=_LATER)
        # A proxy's word counts only where one is configured: the server puts it into `client`.
        address = address_of(request.scope)
        if self.sending.get(address, 0) >= _BODIES_EACH and not is_loopback(address):
            return PlainTextResponse("too many at once\n", 429, headers=_LATER)
        self.under_way += 1
        self.sending[address] = self.sending.get(address, 0) + 1
        try:
            data = await _read(request, limit)
            return await self._call(lambda: act(data))
        except TimeoutError:
            return PlainTextResponse("the body came too slowly\n", 408)
        except ClientDisconnect:
            return PlainTextResponse("the body did not come whole\n", 400)
        finally:
            self.under_way -= 1
            self.sending[address] -= 1
            if not self.sending[address]:
                del self.sending[address]

    async def _give(
        self,
        read: Callable[[], bytes | None],
        *,
        sort: str = "text/plain; charset=utf-8",
        headers: dict[str, str] | None = None,
    ) -> Response:
        found = await self._call(read)
        if found is None:
            return _nothing()
        return Response(found, media_type=sort, headers=headers)

    async def _call(self, act: Callable[[], T]) -> T:
        return await to_thread.run_sync(act, limiter=self.threads)


async def _read(request: Request, limit: int) -> bytes:
    """Read a body as it comes; raises `LimitError` as soon as it is too long."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > len(str(limit)) or int(length) > limit:
        raise LimitError(f"expected at most {limit} bytes")
    body = bytearray()
    async with asyncio.timeout(_BODY_SECONDS):
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise LimitError(f"expected at most {limit} bytes")
    return bytes(body)


def _nothing() -> Response:
    return PlainTextResponse("not found\n", 404)


async def _plain(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse(f"{status}\n", status)
