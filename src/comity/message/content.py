"""What lies inside the seal: a body with the terms that travel with it.

Terms and values are signed together by the author's agency, so no copy can shed its marking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.message.draft import Urgency
from comity.message.handling import Handling, handling

_WORDS = ("handling", "purpose", "urgency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One message as its recipient may read it.

    `basis` cites the provisions it was sent on; `obligations` are the law's codes the recipient
    takes on; `values` are markings of single values, by path, where stricter than the whole.
    `unknown` keeps members a newer version added, so that nothing signed is dropped.
    """

    handling: Handling
    purpose: str
    urgency: Urgency
    body: Mapping[str, Value]
    basis: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    values: Mapping[str, Handling] = field(default_factory=dict[str, Handling])
    unknown: Mapping[str, Value] = field(default_factory=dict[str, Value])

    def encode(self) -> bytes:
        """Write deterministic CBOR."""
        known: dict[str, Value] = {
            "handling": str(self.handling),
            "purpose": self.purpose,
            "urgency": self.urgency.value,
            "body": self.body,
            "basis": self.basis,
            "obligations": self.obligations,
            "values": {path: str(marking) for path, marking in self.values.items()},
        }
        return cbor.encode({**self.unknown, **known})


def decode_content(data: bytes) -> Content:
    """Read what a partner sealed; raises `InvalidInputError` naming what is wrong."""
    members = _mapping(cbor.decode(data), "content")
    words = {name: _text(members.get(name), name) for name in _WORDS}
    try:
        urgency = Urgency(words["urgency"])
    except ValueError:
        raise InvalidInputError("`urgency` is neither `urgent` nor `normal`") from None
    known = {*_WORDS, "body", "basis", "obligations", "values"}
    marks = _mapping(members.get("values", {}), "values")
    return Content(
        handling=handling(words["handling"]),
        purpose=words["purpose"],
        urgency=urgency,
        body=_mapping(members.get("body"), "body"),
        basis=_texts(members.get("basis", ()), "basis"),
        obligations=_texts(members.get("obligations", ()), "obligations"),
        values={path: handling(_text(mark, path)) for path, mark in marks.items()},
        unknown={name: value for name, value in members.items() if name not in known},
    )


def _mapping(value: Value, name: str) -> Mapping[str, Value]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidInputError(f"`{name}` is not a map of named values")
    return cast("Mapping[str, Value]", value)


def _text(value: Value, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"`{name}` is not text")
    return value


def _texts(value: Value, name: str) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise InvalidInputError(f"`{name}` is not a list of texts")
    return tuple(_text(entry, name) for entry in value)
