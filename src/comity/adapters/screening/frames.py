"""What node and screening process say to each other: one message a frame, over two pipes.

A frame is four bytes of length and that many bytes of MessagePack. Nothing of it is written
anywhere: the pipes have no name, and neither side keeps what it read.
"""

from collections.abc import Callable
from typing import BinaryIO, TypeAlias

import msgspec

from comity.core.errors import LimitError, UnreachableError
from comity.core.limits import MIB
from comity.record import Stand
from comity.screening import Found, Held, Query

FRAME = 64 * MIB
"""Largest frame either side reads; a page of entities and a slice of answers stay far below."""
_HEAD = 4


class Open(msgspec.Struct, frozen=True, tag=True):
    """Open the indexes in a folder, and end after so many seconds of silence."""

    folder: str
    idle: float


class Take(msgspec.Struct, frozen=True, tag=True):
    """Let entities be found as they are held now."""

    held: tuple[Held, ...]
    stand: Stand


class Clear(msgspec.Struct, frozen=True, tag=True):
    """Forget everything."""


class Search(msgspec.Struct, frozen=True, tag=True):
    """Answer questions for one purpose, standing at least at `least`."""

    queries: tuple[Query, ...]
    purpose: str
    limit: int
    least: int
    is_batch: bool


class Merge(msgspec.Struct, frozen=True, tag=True):
    """Write anew what still holds what was forgotten; `at` is noted as the time."""

    at: int


Asked: TypeAlias = Open | Take | Clear | Search | Merge


class Done(msgspec.Struct, frozen=True, tag=True):
    """It is done; the indexes stand there."""

    stand: Stand


class Answers(msgspec.Struct, frozen=True, tag=True):
    """The answers, in the order of the questions."""

    found: tuple[Found, ...]


class Behind(msgspec.Struct, frozen=True, tag=True):
    """The indexes stand before what was asked of them."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It could not be done, by the error's code and words; they repeat nothing personal."""

    code: str
    words: str


Said: TypeAlias = Done | Answers | Behind | Failed


class Request(msgspec.Struct, frozen=True):
    """One request, by number."""

    number: int
    asked: Asked


class Reply(msgspec.Struct, frozen=True):
    """The reply to the request of that number."""

    number: int
    said: Said


_encode: Callable[[object], bytes] = msgspec.msgpack.Encoder().encode
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)


def write_frame(stream: BinaryIO, message: Request | Reply) -> None:
    """Write one frame; raises `LimitError` or `OSError` where nobody reads."""
    data = _encode(message)
    if len(data) > FRAME:
        raise LimitError(f"a message to screening has at most {FRAME} bytes")
    stream.write(len(data).to_bytes(_HEAD, "big") + data)
    stream.flush()


def read_request(stream: BinaryIO) -> Request | None:
    """Read the next request; `None` where the other side is gone."""
    data = _read(stream)
    return None if data is None else _requests.decode(data)


def read_reply(stream: BinaryIO) -> Reply | None:
    """Read the next reply; `None` where the other side is gone.

    Raises `UnreachableError` on what is none.
    """
    data = _read(stream)
    try:
        return None if data is None else _replies.decode(data)
    except msgspec.MsgspecError as error:
        raise UnreachableError("screening answered in a form that is not read") from error


def _read(stream: BinaryIO) -> bytes | None:
    head = _exactly(stream, _HEAD)
    size = int.from_bytes(head, "big")
    if len(head) < _HEAD or size > FRAME:
        return None
    data = _exactly(stream, size)
    return data if len(data) == size else None


def _exactly(stream: BinaryIO, size: int) -> bytes:
    """Read so many bytes, however they arrive; fewer where the other side is gone."""
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            break
        data = data + more if data else more
    return data
