"""Large files: in and out as they are, a piece at a time; all else of them is JSON."""

from collections.abc import Iterator
from typing import Final

import msgspec
from anyio import from_thread
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from typing_extensions import override

from comity.api import answers, bodies
from comity.api.answers import moment
from comity.api.endpoint import LONGEST_NAME, Call, get, post
from comity.api.ports import Ports
from comity.api.problems import HEADERS, MethodError
from comity.api.resource import Resource
from comity.core.errors import InvalidInputError, NotFoundError
from comity.desk import Desk, Laid

Json = dict[str, object]
_RAW: Final = "application/octet-stream"
_PLACES: Final = 4


class Named(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a file that comes in is called, and of what type it is."""

    name: bodies.FileName
    media: bodies.MediaType


@get("files")
def list_files(call: Call, asked: bodies.Nothing) -> answers.Files:
    """List the files you brought that no letter has taken along yet."""
    del asked
    return answers.Files(files=[laid_out(each) for each in call.desk.files.waiting(call.actor)])


@post("files/{file}/drop")
def drop_file(call: Call, asked: bodies.Nothing) -> answers.Done:
    """Let a file go that no letter took along."""
    del asked
    call.desk.files.drop(call.actor, call.path["file"])
    return answers.Done()


def laid_out(found: Laid) -> answers.LaidFile:
    """Write a file that waits for its letter."""
    return answers.LaidFile(
        file=found.file,
        name=found.name,
        media=found.media,
        size=found.size,
        until=moment(found.until),
    )


class Bring(Resource):
    """Takes a file in while it comes: no more than a piece of it is ever held."""

    @override
    async def _done(self, request: Request) -> Response:
        signed = await run_in_threadpool(self._signed_in, request.headers.get("authorization"))
        given = dict(request.query_params)
        try:
            named = msgspec.convert(given, Named)
        except msgspec.ValidationError as error:
            raise InvalidInputError(
                f"expected `name` and `media` of the file: {error}"
            ) from None
        stream = request.stream()

        async def piece() -> bytes | None:
            return await anext(stream, None)

        def pieces() -> Iterator[bytes]:
            while (data := from_thread.run(piece)) is not None:
                yield data

        def brought() -> Laid:
            return self._desk.files.bring(
                signed.actor, name=named.name, media=named.media, pieces=pieces()
            )

        found = await run_in_threadpool(brought)
        body = msgspec.json.encode(laid_out(found))
        return Response(body, headers=HEADERS, media_type="application/json")


class Fetch(Resource):
    """Gives one file of a message to a reader, never to be shown inline."""

    @override
    async def _done(self, request: Request) -> Response:
        if request.method != "GET":
            raise MethodError("a file is read here")
        mid, place = request.path_params["mid"], request.path_params["place"]
        if len(mid) > LONGEST_NAME or not place.isascii() or not place.isdigit():
            raise NotFoundError("this message has no such file")
        signed = await run_in_threadpool(self._signed_in, request.headers.get("authorization"))
        number = int(place[:_PLACES])
        found = await run_in_threadpool(self._desk.files.open, signed.actor, mid, number)
        headers = {**HEADERS, "content-disposition": "attachment"}
        if isinstance(found.content, bytes):
            return Response(found.content, headers=headers, media_type=_RAW)
        return StreamingResponse(found.content, headers=headers, media_type=_RAW)


def streams(desk: Desk, ports: Ports, *, base: str) -> list[Route]:
    """Return the routes that carry files as they are; the list of them is JSON."""
    return [
        Route(f"{base}/files", Bring(desk, ports, endpoints=()), methods=["PUT"]),
        Route(f"{base}/messages/{{mid}}/files/{{place}}", Fetch(desk, ports, endpoints=())),
    ]


def described(refusals: Json) -> dict[str, Json]:
    """Describe those routes for OpenAPI, by path and method."""
    raw: Json = {"content": {_RAW: {"schema": {"type": "string", "format": "binary"}}}}
    text: Json = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
    laid: Json = {"schema": {"$ref": "#/components/schemas/LaidFile"}}
    brought: Json = {"description": "It waits.", "content": {"application/json": laid}}
    given: Json = {"description": "The file.", **raw}
    bring: Json = {
        "operationId": "bring_file",
        "summary": "Take a large file in, as it is, for a letter to name.",
        "tags": ["files"],
        "parameters": [
            _parameter("name", "query", {"type": "string", "pattern": bodies.FILE}),
            _parameter("media", "query", {"type": "string", "pattern": bodies.MEDIA}),
        ],
        "requestBody": {"required": True, **raw},
        "responses": {"200": brought, **refusals},
    }
    fetch: Json = {
        "operationId": "fetch_file",
        "summary": "Read one file of a message, as it is.",
        "tags": ["messages"],
        "parameters": [_parameter("mid", "path", text), _parameter("place", "path", text)],
        "responses": {"200": given, **refusals},
    }
    return {"files": {"put": bring}, "messages/{mid}/files/{place}": {"get": fetch}}


def _parameter(name: str, place: str, shape: Json) -> Json:
    return {"name": name, "in": place, "required": True, "schema": shape}


FILES = (list_files, drop_file)
