"""HTTP/1.1 messages piece by piece: where one ends and the next begins (RFC 9112, 6)."""

import asyncio
from collections.abc import AsyncIterator, Iterator

_END = b"\r\n\r\n"
_PIECE = 1 << 16


class CutError(Exception):
    """Ends a connection: on purpose, or because the other side did."""


async def head_of(reader: asyncio.StreamReader, first: bytes = b"") -> bytes | None:
    """Read the head of a message, or nothing where the connection ended before it."""
    try:
        return first + await reader.readuntil(_END)
    except asyncio.IncompleteReadError as error:
        if not first + error.partial:
            return None
        raise


async def answer_of(reader: asyncio.StreamReader, asked: bytes) -> AsyncIterator[bytes]:
    """Give one answer piece by piece: its head, then its body."""
    head = await head_of(reader)
    if head is None:
        raise CutError
    yield head
    status = head.split(b" ", 2)[1][:3]
    if asked.startswith(b"HEAD ") or status in {b"204", b"304"}:
        return
    async for piece in body_of(reader, head, is_answer=True):
        yield piece


async def body_of(
    reader: asyncio.StreamReader, head: bytes, *, is_answer: bool = False
) -> AsyncIterator[bytes]:
    """Give the body behind a head, piece by piece."""
    fields = dict(_fields(head))
    if b"chunked" in fields.get(b"transfer-encoding", b"").lower():
        async for piece in _chunks(reader):
            yield piece
    elif (length := fields.get(b"content-length")) is not None:
        left = int(length)
        while left:
            piece = await reader.read(min(left, _PIECE))
            if not piece:
                raise CutError
            left -= len(piece)
            yield piece
    elif is_answer:
        while piece := await reader.read(_PIECE):
            yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        size = await reader.readuntil(b"\r\n")
        yield size
        count = int(size.split(b";")[0], 16)
        yield await reader.readexactly(count + 2)
        if not count:
            return


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        yield name.strip().lower(), value.strip()
