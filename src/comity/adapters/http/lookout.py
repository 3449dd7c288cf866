"""The listener of a witness, mirror or monitor that stands alone.

    POST /witness/add-checkpoint                     witness (C2SP tlog-witness)
    GET  /witness/<sha256 of the origin>/checkpoint  witness
    GET  /mirror/<sha256>/checkpoint, …/tile/…       mirror; bundles below /mirror/r/<token>/
    GET  /alarms                                     monitor and mirror: what stands, as JSON

Handlers only bound and hand on, as those of the listener for partners.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from comity.core import limits

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SECONDS = 30.0
_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a lookout opens; `None` from a reader means that there is nothing by that name."""

    witness: Callable[[bytes], tuple[int, bytes, str]] | None
    """Answers `add-checkpoint`; `None` where it is no witness."""
    checkpoint: Callable[[str], bytes | None]
    file: Callable[[str, str], bytes | None]
    """Takes SHA-256 of an origin and a path `tile/…`."""
    may_read: Callable[[str], bool]
    """Whether a reader's token opens entry bundles."""
    alarms: Callable[[], bytes]
    keys: Callable[[], bytes]
    """Its own public keys, one a line."""
    failed: Callable[[str, str], None]
    """Takes a route and an error's code, for the journal."""


def lookout_app(sight: Sight) -> Starlette:
    """Build the listener."""
    views = _Views(sight=sight)
    routes = [
        Route("/witness/add-checkpoint", views.add_checkpoint, methods=["POST"]),
        Route("/witness/{digest}/checkpoint", views.checkpoint),
        Route("/mirror/{digest}/checkpoint", views.checkpoint),
        Route("/mirror/r/{token}/{digest}/{path:path}", views.file),
        Route("/mirror/{digest}/{path:path}", views.file),
        Route("/alarms", views.alarms),
        Route("/vkeys", views.keys),
        Route("/healthz", views.health),
    ]
    return Starlette(routes=routes, exception_handlers={Exception: views.broken})


@dataclass(slots=True, kw_only=True)
class _Views:
    sight: Sight
    under_way: int = 0

    async def add_checkpoint(self, request: Request) -> Response:
        answer = self.sight.witness
        if answer is None:
            return _nothing()
        if self.under_way >= _AT_ONCE:
            return PlainTextResponse("busy\n", 503, headers={"retry-after": "1"})
        self.under_way += 1
        try:
            body = await _read(request, limits.NOTE)
            status, said, sort = await to_thread.run_sync(lambda: answer(body))
            return Response(said, status, media_type=sort)
        except ValueError:
            return PlainTextResponse("too large\n", 413)
        except TimeoutError:
            return PlainTextResponse("the body came too slowly\n", 408)
        except ClientDisconnect:
            return PlainTextResponse("the body did not come whole\n", 400)
        finally:
            self.under_way -= 1

    async def checkpoint(self, request: Request) -> Response:
        digest = _digest(request)
        found = await to_thread.run_sync(lambda: self.sight.checkpoint(digest))
        return _nothing() if found is None else _text(found)

    async def file(self, request: Request) -> Response:
        digest, path = _digest(request), str(request.path_params["path"])
        token = str(request.path_params.get("token", ""))
        if path.startswith("tile/entries/") and not self.sight.may_read(token):
            return PlainTextResponse("a reader's token is needed\n", 403)
        if path == "checkpoint":
            return await self.checkpoint(request)
        found = await to_thread.run_sync(lambda: self.sight.file(digest, path))
        if found is None:
            return _nothing()
        return Response(found, media_type="application/octet-stream")

    async def alarms(self, _: Request) -> Response:
        found = await to_thread.run_sync(self.sight.alarms)
        return Response(found, media_type="application/json")

    async def keys(self, _: Request) -> Response:
        return _text(self.sight.keys())

    async def health(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def broken(self, request: Request, error: Exception) -> Response:
        """Answer without words: what was sent appears in no journal."""
        self.sight.failed(request.url.path.split("/")[1], type(error).__name__)
        return PlainTextResponse("500\n", 500)


def _digest(request: Request) -> str:
    digest = str(request.path_params["digest"])
    return digest if _DIGEST.fullmatch(digest) else ""


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    async with asyncio.timeout(_SECONDS):
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise ValueError("more than the limit")
    return bytes(body)


def _text(data: bytes) -> Response:
    return Response(data, media_type="text/plain; charset=utf-8")


def _nothing() -> Response:
    return PlainTextResponse("not found\n", 404)
