"""Speaks the API: to a running node over HTTP, or to the same application in process.

A personal token travels only over TLS or on this machine.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import quote, urlsplit

import httpx2
import msgspec
from starlette.types import ASGIApp

from comity.cli.say import Document
from comity.core import errors
from comity.core.errors import ComityError, InvalidInputError, UnreachableError

BASE = "/api/v1/"


class OpenNode(Protocol):
    """Opens a node's folder under its lock, without serving it."""

    def __call__(
        self, folder: Path, /, *, passphrase: str | None
    ) -> AbstractContextManager[ASGIApp]:
        """Give the application its people would call."""
        ...


_SECONDS = 60.0
_PIECE = 256 * 1024
_OK = 200
_KINDS: Mapping[str, type[ComityError]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ComityError)
}


class Client:
    """One person's way to one node; every answer is one JSON object."""

    def __init__(self, node: str | ASGIApp, token: str) -> None:
        """Speak to an address, or to an application in process.

        Raises `InvalidInputError` on an address a token must not be sent to.
        """
        self._base = safe_address(node) if isinstance(node, str) else "http://node.invalid"
        self._app = None if isinstance(node, str) else node
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def get(self, *path: str, query: Mapping[str, str] | None = None) -> Document:
        """Read; each part of the path is written safely."""
        return asyncio.run(self._asked("GET", path, query=query))

    def post(self, *path: str, body: Document | None = None) -> Document:
        """Act."""
        data = msgspec.json.encode(body or {})
        return asyncio.run(self._asked("POST", path, data=data))

    def put(self, *path: str, query: Mapping[str, str], file: BinaryIO) -> Document:
        """Send a file as it is, a piece at a time."""
        return asyncio.run(self._put(path, query=query, file=file))

    def fetch(self, *path: str, into: BinaryIO) -> int:
        """Write a file as it comes; return its size, in bytes."""
        return asyncio.run(self._fetched(path, into=into))

    async def _put(
        self, path: tuple[str, ...], *, query: Mapping[str, str], file: BinaryIO
    ) -> Document:
        async def pieces() -> AsyncGenerator[bytes]:
            while data := file.read(_PIECE):
                yield data

        async with self._http() as http:
            try:
                response = await http.put(
                    _address(path), params=query, content=pieces(), headers=self._headers
                )
            except httpx2.HTTPError as error:
                raise _silent(error) from None
        return read_answer(response.status_code, response.content)

    async def _fetched(self, path: tuple[str, ...], *, into: BinaryIO) -> int:
        size = 0
        async with self._http() as http:
            try:
                async with http.stream("GET", _address(path), headers=self._headers) as reply:
                    if reply.status_code != _OK:
                        read_answer(reply.status_code, await reply.aread())
                    async for data in reply.aiter_bytes():
                        size += into.write(data)
            except httpx2.HTTPError as error:
                raise _silent(error) from None
        return size

    def _http(self) -> httpx2.AsyncClient:
        transport = None if self._app is None else httpx2.ASGITransport(app=self._app)
        return httpx2.AsyncClient(transport=transport, base_url=self._base, timeout=_SECONDS)

    async def _asked(
        self,
        method: str,
        path: tuple[str, ...],
        *,
        query: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Document:
        headers = {**self._headers, **({"Content-Type": "application/json"} if data else {})}
        async with self._http() as http:
            try:
                response = await http.request(
                    method, _address(path), params=query, content=data, headers=headers
                )
            except httpx2.HTTPError as error:
                raise _silent(error) from None
        return read_answer(response.status_code, response.content)


def _address(path: tuple[str, ...]) -> str:
    return BASE + "/".join(quote(part, safe="") for part in path)


def _silent(error: httpx2.HTTPError) -> UnreachableError:
    return UnreachableError(
        f"the node does not answer ({type(error).__name__}): is it running?"
    )


def read_answer(status: int, data: bytes) -> Document:
    """Read an answer; a problem document is raised as the error it names."""
    try:
        found = cast("object", msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreachableError("what answers there is no Comity node")
    document = cast("Document", found)
    if status == _OK:
        return document
    raise _error(document)


def _error(problem: Document) -> ComityError:
    """Make a problem the error it names; of a code never heard of, the kind it belongs to."""
    code = str(problem.get("code", ""))
    family = {"input": InvalidInputError, "act": errors.AuthorisationError}
    known = _KINDS.get(code) or family.get(code.partition(".")[0], ComityError)
    return known(str(problem.get("detail", "the node refused and did not say why")))


def safe_address(address: str) -> str:
    """Return an address a token may be sent to; raises `InvalidInputError`."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname))
    if not parts.hostname or parts.username is not None or not is_safe:
        raise InvalidInputError(
            f"a node's address is https://…, or http:// on this machine: `{address[:80]}`"
        )
    return address.rstrip("/")


def _is_here(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


@contextmanager
def connect(
    node: str, token: str, *, open_node: OpenNode, passphrase: str | None = None
) -> Generator[Client]:
    """Reach a node by its address, or open its folder in this process."""
    if "://" in node:
        yield Client(node, token)
        return
    folder = Path(node)
    if not folder.is_dir():
        raise InvalidInputError(f"`{node[:200]}` is no address and no folder of a node")
    with open_node(folder, passphrase=passphrase) as app:
        yield Client(app, token)
