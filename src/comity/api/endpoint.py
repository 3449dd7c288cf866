"""Endpoints: each is declared by its handler, whose types and first words describe it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import getdoc
from typing import Protocol, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

from comity.api.ports import Ports
from comity.api.problems import MalformedError
from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.desk import Actor, Desk, SignedIn

A = TypeVar("A", bound=Struct)
B = TypeVar("B", bound=Struct)
Read = TypeVar("Read")
BODY = 3 * limits.BODY // 2
"""Largest JSON request, in bytes: a whole message body with its files in base64."""
UPLOAD = 4 * limits.UPLOAD // 3 + limits.MIB
"""Largest import, in bytes: the largest file in base64."""
LONGEST_NAME = 200
"""Longest name in an address: of a case, an entity, a person."""
Example = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a proven person."""

    desk: Desk
    ports: Ports
    signed: SignedIn
    path: Mapping[str, str]
    """The names in the address: `case`, `mid` …"""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.signed.actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path, with everything that its documentation says."""

    method: str
    path: str
    name: str
    about: str
    takes: type[Struct]
    gives: type[Struct]
    answer: Callable[[Call, bytes | Mapping[str, str]], Struct]
    example: Example = field(default_factory=dict[str, object])
    limit: int = BODY


class Declare(Protocol):
    """Makes an endpoint of a handler."""

    def __call__(self, act: Callable[[Call, B], A], /) -> Endpoint:
        """Read the handler's types and docstring."""
        ...


def get(path: str) -> Declare:
    """Declare a handler that only reads; what it takes comes as query parameters."""

    def declare(act: Callable[[Call, B], A], /) -> Endpoint:
        return declared("GET", path, act=act)

    return declare


def post(path: str, *, example: Example | None = None, limit: int = BODY) -> Declare:
    """Declare a handler that acts; what it takes comes as JSON."""

    def declare(act: Callable[[Call, B], A], /) -> Endpoint:
        return declared("POST", path, act=act, example=example, limit=limit)

    return declare


def declared(
    method: str,
    path: str,
    *,
    act: Callable[[Call, B], A],
    example: Example | None = None,
    limit: int = BODY,
) -> Endpoint:
    """Make an endpoint of a handler, reading its types and its docstring."""
    hints = get_type_hints(act)
    takes: type[B] = hints["asked"]
    return Endpoint(
        method=method,
        path=path,
        name=getattr(act, "__name__", path),
        about=(getdoc(act) or "").partition("\n")[0],
        takes=takes,
        gives=hints["return"],
        answer=lambda call, given: act(call, read(given, takes)),
        example=example or {},
        limit=limit,
    )


def read(given: bytes | Mapping[str, str], kind: type[Read]) -> Read:
    """Read JSON, or query parameters, into a type.

    Raises `MalformedError` on what is no JSON, `InvalidInputError` naming the field that does
    not hold, `LimitError` on deep nesting.
    """
    try:
        if isinstance(given, bytes):
            return msgspec.json.decode(given or b"{}", type=kind)
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(_told(error)) from None
    except (msgspec.DecodeError, UnicodeError):
        raise MalformedError("expected one JSON document in UTF-8") from None
    except RecursionError:
        raise LimitError("the document is nested too deeply") from None


def _told(error: msgspec.ValidationError) -> str:
    """Repeat what was expected and where, but never the value that was sent."""
    text = str(error)
    head, found, tail = text.partition(" value '")
    place = tail.rpartition("' - at ")[2] if found else ""
    told = f"{head} value - at {place}" if found else text
    return told[:1].lower() + told[1:]
