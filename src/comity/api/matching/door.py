"""One address of the compatible routes: who asks, how much they may send, what is answered.

RISK: a key is all a program needs to be its owner. It is read from the `Authorization` header
and nowhere else, so no page can make a browser send it, and cross-origin reading opens nothing
that the key does not.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from comity.api.matching.shapes import Detail
from comity.api.problems import MethodError, UnprovenError
from comity.core import errors
from comity.core.errors import ComityError, LimitError, NotFoundError
from comity.screening.matching import Matcher

_JOURNAL = logging.getLogger(__name__)
BODY = 2 * 1024 * 1024
"""Largest request, in bytes: a hundred questions."""
LONGEST_NAME = 300
"""Longest name in an address."""
LONGEST_QUERY = 64 * 1024
"""Longest query string."""
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PAGE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
_ASKED = "Authorization, Content-Type, If-None-Match, Comity-Purpose, Comity-Case"
_TOLD = "X-Batch-Size, ETag, Retry-After"
_LONGEST = 600


@unique
class Need(Enum):
    """What a call needs of its caller."""

    NOTHING = "nothing"
    READING = "reading"
    SCORES = "scores"


class TooManyError(ComityError):
    """Somebody asked too often; `seconds` later it works again."""

    code = "too-many"

    def __init__(self, seconds: int) -> None:
        """Say when to come again."""
        super().__init__(f"too many calls with this key: come again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a caller says of itself."""

    authorization: str
    purpose: str
    case: str


class Gate(Protocol):
    """Says who may ask, and what they ask of."""

    def admit(self, caller: Caller, need: Need, /) -> Matcher:
        """Return what this caller may ask; raises `AuthorisationError` and `TooManyError`."""
        ...

    def lets_read(self, origin: str, /) -> bool:
        """Whether a page of this origin may read an answer."""
        ...

    @property
    def wants_key(self) -> bool:
        """Whether a caller must prove who it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Anyone:
    """Lets everyone in who reaches it, and pages of this machine or of named origins read."""

    matcher: Matcher
    origins: tuple[str, ...] = ()

    def admit(self, caller: Caller, need: Need, /) -> Matcher:
        """Return the one matcher there is."""
        del caller, need
        return self.matcher

    def lets_read(self, origin: str, /) -> bool:
        """Whether a page of this origin may read an answer."""
        try:
            host = urlsplit(origin).hostname
        except ValueError:
            return False
        return origin in self.origins or host in ("127.0.0.1", "localhost", "::1")

    @property
    def wants_key(self) -> bool:
        """Whether a caller must prove who it is: nobody does."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read as far as every handler needs it."""

    admit: Callable[[Need], Matcher]
    path: Mapping[str, str]
    query: QueryParams
    form: QueryParams
    body: bytes
    seen: str
    """The entity tag the caller holds already."""
    base: str
    """Where these routes are, without a slash at the end."""
    wants_key: bool
    is_post: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered."""

    body: msgspec.Struct | Mapping[str, msgspec.Struct] | None
    status: int = 200
    page: str = ""
    """A small HTML page instead of JSON."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Handler = Callable[[Call], Reply]
_STATUS: Mapping[type[ComityError], int] = {
    UnprovenError: 401,
    errors.AuthorisationError: 403,
    errors.NotFoundError: 404,
    MethodError: 405,
    errors.ConflictError: 409,
    TooManyError: 429,
    errors.InvalidInputError: 400,
    errors.StateError: 400,
    errors.UnreachableError: 503,
    errors.ConfigurationError: 503,
    errors.StorageError: 503,
}


class Door:
    """Answers every method of one address, always in JSON."""

    def __init__(self, gate: Gate, handlers: Mapping[str, Handler]) -> None:
        """Serve `handlers` by method; none makes an address that is not there."""
        self._gate = gate
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, receive)
        try:
            response = await self._answered(request)
        except ClientDisconnect:
            return
        response.headers.update(self._crossing(request))
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        try:
            return await self._done(request)
        except ComityError as error:
            return refused(error, allowed=self._handlers)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: no trace reaches anybody
            _JOURNAL.error("unexpected %s in %s", type(error).__name__, _place(error))
            told = Detail(detail="this service failed; its engineer can find out why")
            return answered(Reply(body=told, status=500))

    async def _done(self, request: Request) -> Response:
        if request.method == "OPTIONS" and self._handlers:
            return Response(status_code=204, headers=HEADERS)
        if not self._handlers:
            raise NotFoundError("no such path")
        handler = self._handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise MethodError(f"this path has {', '.join(sorted(self._handlers))} alone")
        call = await self._read(request)
        return answered(await run_in_threadpool(handler, call))

    async def _read(self, request: Request) -> Call:
        if any(len(name) > LONGEST_NAME for name in request.path_params.values()):
            raise NotFoundError("nothing here has so long a name")
        if len(request.url.query) > LONGEST_QUERY:
            raise LimitError(f"a query string has at most {LONGEST_QUERY} characters")
        caller = Caller(
            authorization=request.headers.get("authorization", ""),
            purpose=request.headers.get("comity-purpose", ""),
            case=request.headers.get("comity-case", ""),
        )
        body = await _body(request)
        return Call(
            admit=lambda need: self._gate.admit(caller, need),
            path=request.path_params,
            query=request.query_params,
            form=_form(request, body),
            body=body,
            seen=request.headers.get("if-none-match", ""),
            base=str(request.base_url).rstrip("/"),
            wants_key=self._gate.wants_key,
            is_post=request.method == "POST",
        )

    def _crossing(self, request: Request) -> dict[str, str]:
        # Fetch standard, CORS protocol; Reconciliation API 0.2, "Cross-Origin Access".
        origin = request.headers.get("origin", "")
        found = {"Vary": "Origin"}
        if not origin or not self._gate.lets_read(origin):
            return found
        found |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": _TOLD,
        }
        if request.method == "OPTIONS":
            found |= {
                "Access-Control-Allow-Methods": ", ".join(sorted(self._handlers)),
                "Access-Control-Allow-Headers": _ASKED,
                "Access-Control-Max-Age": "600",
            }
        return found


def answered(reply: Reply) -> Response:
    """Write a reply."""
    if reply.page:
        return HTMLResponse(
            reply.page, reply.status, headers={**HEADERS, **_PAGE, **reply.headers}
        )
    data = b"" if reply.body is None else msgspec.json.encode(reply.body)
    return Response(
        data,
        status_code=reply.status,
        headers={**HEADERS, **reply.headers},
        media_type=None if reply.body is None else "application/json",
    )


def refused(error: ComityError, *, allowed: Mapping[str, Handler]) -> Response:
    """Answer with what was expected: `{"detail": …}`."""
    kinds = (kind for kind in type(error).__mro__ if issubclass(kind, ComityError))
    status = next((_STATUS[kind] for kind in kinds if kind in _STATUS), 500)
    headers: dict[str, str] = {}
    if isinstance(error, UnprovenError):
        headers["WWW-Authenticate"] = "ApiKey, Bearer"
    if isinstance(error, MethodError):
        headers["Allow"] = ", ".join(sorted(allowed))
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.seconds)
    told = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(error))
    return answered(Reply(body=Detail(detail=told[:_LONGEST]), status=status, headers=headers))


def _place(error: Exception) -> str:
    # The message may hold what a person wrote; the journal gets type and place alone.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return "" if place is None else f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}"


async def _body(request: Request) -> bytes:
    """Read no more than is allowed, whatever the sender says of its length."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > BODY:
            raise LimitError(f"a request here has at most {BODY} bytes")
    return bytes(found)


def _form(request: Request, body: bytes) -> QueryParams:
    """Read a form sent as `application/x-www-form-urlencoded`."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        return QueryParams()
    return QueryParams(body.decode("utf-8", "replace"))
