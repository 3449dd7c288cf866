"""One path of the API as an application: who asks, how much they may send, and in what form.

RISK: a personal token is all a program needs to be its owner. It is never read from an address
or a cookie, so no page can make a browser send it.
"""

import logging
from collections.abc import Mapping, Sequence

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from comity.api.endpoint import LONGEST_NAME, Call, Endpoint
from comity.api.ports import Ports
from comity.api.problems import (
    HEADERS,
    MediaError,
    MethodError,
    UnexpectedError,
    UnprovenError,
    refusal,
)
from comity.core.errors import AuthorisationError, ComityError, LimitError, NotFoundError
from comity.desk import Desk, SignedIn

_JOURNAL = logging.getLogger(__name__)
_LONGEST_TOKEN = 200


class Resource:
    """Answers every method of one path, always in JSON."""

    def __init__(self, desk: Desk, ports: Ports, *, endpoints: Sequence[Endpoint]) -> None:
        """Serve `endpoints`, which share a path; none makes a path that is not there."""
        self._desk = desk
        self._ports = ports
        self._methods = {each.method: each for each in endpoints}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        try:
            response = await self._answered(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        try:
            return await self._done(request)
        except MethodError as error:
            return refusal(error, headers={"Allow": ", ".join(sorted(self._methods))})
        except ComityError as error:
            return refusal(error)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: no trace reaches anybody
            # The message may hold what a person wrote; the journal gets type and place alone.
            place = error.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            where = (
                "" if place is None else f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}"
            )
            _JOURNAL.error("unexpected %s in %s", type(error).__name__, where)
            return refusal(UnexpectedError("this node failed; its engineer can find out why"))

    async def _done(self, request: Request) -> Response:
        if not self._methods:
            raise NotFoundError("the API has no such path")
        endpoint = self._methods.get(request.method)
        if endpoint is None:
            raise MethodError(f"this path has {', '.join(sorted(self._methods))} alone")
        if any(len(name) > LONGEST_NAME for name in request.path_params.values()):
            raise NotFoundError("nothing here has so long a name")
        signed = await run_in_threadpool(self._signed_in, request.headers.get("authorization"))
        given = await _given(request, endpoint)
        call = Call(desk=self._desk, ports=self._ports, signed=signed, path=request.path_params)
        answer = await run_in_threadpool(endpoint.answer, call, given)
        return Response(
            msgspec.json.encode(answer), headers=HEADERS, media_type="application/json"
        )

    def _signed_in(self, header: str | None) -> SignedIn:
        scheme, _, token = (header or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN:
            raise UnprovenError("expected `Authorization: Bearer` with a personal token")
        try:
            return self._desk.people.bearer(token)
        except AuthorisationError as error:
            raise UnprovenError(str(error)) from None


async def _given(request: Request, endpoint: Endpoint) -> bytes | Mapping[str, str]:
    if endpoint.method == "GET":
        return dict(request.query_params)
    if request.query_params:
        raise NotFoundError("this path takes no query parameters")
    data = await _body(request, endpoint.limit)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if data and media != "application/json":
        raise MediaError("expected `Content-Type: application/json`")
    return data


async def _body(request: Request, limit: int) -> bytes:
    """Read no more than `limit` bytes, whatever the sender says of their number."""
    stated = request.headers.get("content-length", "0")
    if not stated.isascii() or not stated.isdigit() or int(stated[:20]) > limit:
        raise LimitError(f"a request here has at most {limit} bytes")
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > limit:
            raise LimitError(f"a request here has at most {limit} bytes")
    return bytes(found)
