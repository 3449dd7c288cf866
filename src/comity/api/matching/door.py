"""One address of the compatible routes: who asks, how much they may send, what is answered.

RISK: a key is all a program needs to be its owner. It is read from the `Authorization` header
and nowhere else, so no page can make a browser send it, and cross-origin reading opens nothing
that the key does not.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from comity.core.errors import ComityError, LimitError, NotFoundError
from comity.screening.matching import Catalog, Matcher, Method

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

    def admit(self, caller: Caller, /) -> Matcher:
        """Return what this caller may ask; raises `AuthorisationError` and `TooManyError`."""
        ...

    def catalog(self, caller: Caller, /) -> Catalog:
        """Return what this caller may search, whatever the case; raises as `admit`."""
        ...

    def public(self) -> Catalog:
        """Return what anybody may know can be searched here."""
        ...

    def method(self) -> Method:
        """Return how scores are made; anybody may know."""
        ...

    def is_ready(self) -> bool:
        """Whether a search would be answered; anybody may know."""
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

    def admit(self, caller: Caller, /) -> Matcher:
        """Return the one matcher there is."""
        del caller
        return self.matcher

    def catalog(self, caller: Caller, /) -> Catalog:
        """Return what is loaded."""
        del caller
        return self.matcher.catalog()

    def public(self) -> Catalog:
        """Return what is loaded."""
        return self.matcher.catalog()

    def method(self) -> Method:
        """Return how scores are made."""
        return self.matcher.method()

    def is_ready(self) -> bool:
        """Whether everything is loaded."""
        return self.matcher.is_ready()

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

    gate: Gate
    caller: Caller
    path: Mapping[str, str]
    query: QueryParams
    form: QueryParams
    body: bytes
    seen: str
    """The entity tag the caller holds already."""
    base: str
    """Where these routes are, without a slash at the end."""
    is_post: bool

    def admit(self) -> Matcher:
        """Return what the caller may ask; raises `AuthorisationError` and `TooManyError`."""
        return self.gate.admit(self.caller)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered."""

    body: msgspec.Struct | Mapping[str, msgspec.Struct] | None
    status: int = 200
    page: str = ""
    """A small HTML page instead of JSON."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Handler = Callable[[Call], Reply]
_STATUS: Mapping[str, int] = {
    "act.not-proven": 401,
    "act.not-authorised": 403,
    "not-found": 404,
    "input.method": 405,
    "conflict": 409,
    "too-many": 429,
    "input.invalid": 400,
    "state.no-such-step": 400,
    "unreachable": 503,
    "config.invalid": 503,
    "storage.failed": 503,
}
"""A code below a known one takes its status."""


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
        names: Mapping[str, str] = request.path_params
        if any(len(name) > LONGEST_NAME or not name.isprintable() for name in names.values()):
            raise NotFoundError("nothing here has so long or so strange a name")
        if len(request.url.query) > LONGEST_QUERY:
            raise LimitError(f"a query string has at most {LONGEST_QUERY} characters")
        caller = Caller(
            authorization=request.headers.get("authorization", ""),
            purpose=request.headers.get("comity-purpose", ""),
            case=request.headers.get("comity-case", ""),
        )
        body = await _body(request)
        return Call(
            gate=self._gate,
            caller=caller,
            path=names,
            query=request.query_params,
            form=_form(request, body),
            body=body,
            seen=request.headers.get("if-none-match", ""),
            base=str(request.base_url).rstrip("/"),
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
    codes = (kind.code for kind in type(error).__mro__ if issubclass(kind, ComityError))
    status = next((_STATUS[code] for code in codes if code in _STATUS), 500)
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
