"""The door of the console: who asks, what their form holds, and how errors are said in words.

Every page but sign-in wants a session; every act wants the session's own field in its form.
Whatever is not there answers as what may not be seen does, and a visitor without a session
learns nothing but where to sign in.

RISK: a browser session is a cookie. It is HttpOnly and SameSite=Strict, and of this host alone
where the connection is encrypted; on loopback without encryption it is named after the node,
since browsers do not part cookies by port.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from comity.console.parts import Shell
from comity.console.ports import Window
from comity.console.registers import Problem
from comity.console.render import SECURITY_HEADERS, render
from comity.console.shell import bare_shell, shell_of
from comity.console.tastes import COOKIE, YEAR, read_tastes
from comity.console.visit import Answer, Download, Go, Shown, Tastes, Upload, Visit
from comity.core import limits
from comity.core.errors import (
    AuthorisationError,
    ComityError,
    InvalidInputError,
    LimitError,
    NotFoundError,
)

_JOURNAL = logging.getLogger(__name__)
FORM: Final = 8 * limits.ATTACHMENT + limits.BODY
"""Largest form with its files, in bytes."""
STATUSES: Final[Mapping[str, int]] = {
    "act.not-authorised": 403,
    "not-found": 404,
    "conflict": 409,
    "state.no-such-step": 409,
    "state.too-early": 409,
    "input.limit": 413,
    "input.invalid": 422,
    "verify.failed": 422,
    "comity": 500,
    "config.invalid": 503,
    "unreachable": 503,
    "storage.failed": 507,
}
"""Error codes to HTTP statuses; a code below a known one takes its status."""
_LONGEST_DETAIL = 600
_LONGEST_NAME = 200
_FIELDS = 1_000
Handler = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A body as it was read."""

    posted: tuple[tuple[str, str], ...] = ()
    uploads: tuple[Upload, ...] = ()


class Door:
    """Answers one path: a handler for looking, a handler for acting."""

    def __init__(
        self, window: Window, handlers: Mapping[str, Handler], *, limit: int = FORM
    ) -> None:
        """Serve `handlers` by method; none makes a path that is not there."""
        self._window = window
        self._handlers = handlers
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, limited(receive, self._limit))
        try:
            response = await self._answered(request)
        except ClientDisconnect:
            return
        response.headers.update(SECURITY_HEADERS)
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        visit = await run_in_threadpool(visit_of, request, self._window)
        if visit is None:
            return RedirectResponse("/sign-in", status_code=303)
        try:
            return await self._done(request, visit)
        except ComityError as error:
            return await run_in_threadpool(refused, error, visit)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: no trace reaches anybody
            return await run_in_threadpool(failed, error, visit)

    async def _done(self, request: Request, visit: Visit) -> Response:
        handler = self._handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None or any(len(name) > _LONGEST_NAME for name in visit.names.values()):
            raise NotFoundError("nothing here has that name")
        read = await _body(request) if request.method == "POST" else _Read()
        visit = _with(visit, read)
        if request.method == "POST":
            check_csrf(visit.form("csrf"), visit.signed.csrf)
        return await run_in_threadpool(self._handled, handler, visit)

    def _handled(self, handler: Handler, visit: Visit) -> Response:
        return response_of(handler(visit), visit)


def visit_of(request: Request, window: Window) -> Visit | None:
    """Return who asks, as far as the address says what for; nothing without a session."""
    secret = request.cookies.get(session_cookie(request, window), "")
    signed = window.desk.people.session(secret) if secret else None
    if signed is None:
        return None
    return Visit(
        window=window,
        signed=signed,
        secret=secret,
        path=request.url.path,
        names=dict(cast("Mapping[str, str]", request.path_params)),
        query=dict(request.query_params),
        tastes=tastes_of(request),
        is_partial=request.headers.get("hx-request") == "true",
    )


def tastes_of(request: Request) -> Tastes:
    """Return what this browser's person prefers."""
    accept = request.headers.get("accept-language", "")
    return read_tastes(request.cookies.get(COOKIE, ""), accept)


def session_cookie(request: Request, window: Window) -> str:
    """Name the session's cookie: of this host alone where encrypted, else by the node."""
    if request.url.scheme == "https":
        return "__Host-comity"
    return f"comity-{window.office.config.node.replace('.', '-')}"


def check_csrf(given: str, expected: str) -> None:
    """Demand a form's own field; raises `AuthorisationError`."""
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise AuthorisationError("this form is not of this session: open the page again")


def response_of(answer: Answer, visit: Visit) -> Response:
    """Turn an answer into bytes."""
    match answer:
        case Shown(page=page, status=status, marking=marking, refresh=refresh):
            told = visit.query.get("told", "")
            html = render(page, shell_of(visit, marking=marking, told=told))
            response = html_response(html, status=status)
            if refresh:
                # Without a script: the post that stays open must hear of a call by itself.
                response.headers["refresh"] = f"{refresh}; url={visit.path}"
            return response
        case Go():
            return _gone(answer)
        case Download(content=content, name=name):
            disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
            sort, headers = "application/octet-stream", {"content-disposition": disposition}
            if isinstance(content, bytes):
                return Response(content, media_type=sort, headers=headers)
            return StreamingResponse(content, media_type=sort, headers=headers)


def _gone(answer: Go) -> Response:
    page, hash_mark, place = answer.href.partition("#")
    mark = "&" if "?" in page else "?"
    told = f"{mark}told={answer.told}" if answer.told else ""
    target = f"{page}{told}{hash_mark}{place}"
    response = RedirectResponse(target, status_code=303)
    if answer.tastes:
        response.set_cookie(
            COOKIE, answer.tastes, max_age=YEAR, httponly=True, samesite="strict"
        )
    return response


def html_response(html: str, *, status: int = 200) -> Response:
    """Return a page."""
    return Response(html, status_code=status, media_type="text/html; charset=utf-8")


def refused(error: ComityError, visit: Visit) -> Response:
    """Say an error in words, as the page of its status."""
    codes = (kind.code for kind in type(error).__mro__ if issubclass(kind, ComityError))
    status = STATUSES[next(code for code in codes if code in STATUSES)]
    # What is not there, and what may not be known of, must read the same.
    detail = "" if isinstance(error, NotFoundError) else str(error)[:_LONGEST_DETAIL]
    return _problem(visit, status=status, detail=detail)


def failed(error: Exception, visit: Visit) -> Response:
    """Answer for our own fault: the journal gets type and place, nobody gets the words."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}"
    _JOURNAL.error("unexpected %s in %s", type(error).__name__, where)
    return _problem(visit, status=500, detail=visit.said.say("problem.unexpected"))


def _problem(visit: Visit, *, status: int, detail: str) -> Response:
    page = Problem(status=status, reference=f"e-{secrets.token_hex(4)}", detail=detail)
    return html_response(render(page, _shell(visit)), status=status)


def _shell(visit: Visit) -> Shell:
    try:
        return bare_shell(visit)
    except ComityError:
        # The store itself may be what failed: the words still reach the person.
        office = visit.window.office.config
        return Shell(csrf="", agency=office.name, lang=visit.said.lang)


def limited(receive: Receive, limit: int) -> Receive:
    """Read no more of a body than `limit` bytes, whatever its sender says of it."""
    taken = 0

    async def counted() -> Message:
        """Give the next part of the body, within the limit."""
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise LimitError(f"a form here has at most {limit} bytes")
        return message

    return counted


async def _body(request: Request) -> _Read:
    """Read a form; raises `InvalidInputError` on what is none, `LimitError` on too much."""
    try:
        async with request.form(
            max_files=16, max_fields=_FIELDS, max_part_size=limits.BODY
        ) as form:
            pairs = form.multi_items()
            posted = tuple((key, value) for key, value in pairs if isinstance(value, str))
            uploads = [
                await _upload(key, value)
                for key, value in pairs
                if isinstance(value, UploadFile) and value.filename
            ]
            return _Read(posted=posted, uploads=tuple(uploads))
    except (MultiPartException, UnicodeError, ValueError):
        raise InvalidInputError("expected a form as the page sends it") from None


async def _upload(field: str, file: UploadFile) -> Upload:
    media = (file.content_type or "application/octet-stream").partition(";")[0].strip()
    name = (file.filename or "file").replace("\\", "/").rpartition("/")[2]
    return Upload(field=field, name=name[:255], media=media.lower(), content=await file.read())


def _with(visit: Visit, read: _Read) -> Visit:
    return replace(visit, posted=read.posted, uploads=read.uploads)
