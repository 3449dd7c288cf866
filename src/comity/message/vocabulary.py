"""The vocabulary: FollowTheMoney 4.11 schemata, their properties, and what a value may be.

Frozen as `ftm.json` (MIT, see `ftm.NOTICE`). A value is returned in its normal form or rejected
with the form expected, never dropped; the message of an error never repeats the value.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Final, NotRequired, TypedDict, cast

from comity.core.errors import InvalidInputError, LimitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property: its type decides what a value may be."""

    name: str
    schema: str
    """The schema that brings it."""
    label: str
    type: str
    limit: int
    """Most characters of a value."""
    format: str = ""
    range: str = ""
    """Schema of the entity that a value of type `entity` names."""
    reverse: str = ""
    is_matchable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One kind of thing, with the properties of its ancestors."""

    name: str
    label: str
    plural: str
    ancestors: frozenset[str]
    """Every schema it is a kind of, itself included."""
    is_abstract: bool
    is_matchable: bool
    caption: tuple[str, ...]
    featured: tuple[str, ...]
    properties: Mapping[str, Property]


class _Prop(TypedDict):
    label: str
    type: str
    limit: NotRequired[int]
    format: NotRequired[str]
    range: NotRequired[str]
    reverse: NotRequired[str]
    matchable: NotRequired[bool]


class _Kind(TypedDict):
    label: str
    plural: str
    extends: list[str]
    abstract: bool
    matchable: bool
    caption: list[str]
    featured: list[str]
    properties: dict[str, _Prop]


class _File(TypedDict):
    types: dict[str, int]
    names: dict[str, dict[str, str]]
    schemata: dict[str, _Kind]


_LINES = frozenset({"text", "html", "json"})
_SHAPES: Final = {
    "checksum": (r"[0-9a-f]{40}", "a SHA-1 digest in 40 hex digits"),
    "email": (r'[^<>()\[\],;:?\s@"]{1,64}@[^\s@<>()]{1,180}\.[^\s@.]{2,}', "an e-mail address"),
    "entity": (r"[0-9a-zA-Z](?:[0-9a-zA-Z.-]*[0-9a-zA-Z])?", "letters, digits, `.` and `-`"),
    "mimetype": (r"[a-z0-9.+-]+/[a-z0-9.+-]+", "a media type such as `text/plain`"),
    "number": (r"[+-]?(?:\d{1,3}(?:[, ]\d{2,3})+|\d+)(?:\.\d+)?(?: ?[^\s\d]+)?", "a number"),
    "phone": (r"\+\d{6,15}", "a number in E.164 form such as `+442079460000`"),
    "url": (r"https?://[^\s/?#]+[^\s]*", "an address that begins with `http`"),
}
_FORMATS: Final = {
    "bic": r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
    "iban": r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}",
    "imo": r"(?:IMO)?\d{7}",
    "isin": r"[A-Z]{2}[A-Z0-9]{9}\d",
    "lei": r"[A-Z0-9]{18}\d{2}",
    "wikidata": r"Q\d{1,12}",
}
_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T[0-2]\d(?::[0-5]\d(?::[0-5]\d)?)?)?)?)?", re.ASCII
)
# ISO 3166-1: XA to XZ are user-assigned; exercises and demonstrations name their states so.
_USER_ASSIGNED = re.compile(r"x[a-z]")


def schema(name: str) -> Schema:
    """Return a schema by name (`Person`); raises `InvalidInputError`."""
    found = schemata().get(name)
    if found is None:
        raise InvalidInputError(f"unknown schema `{name[:40]}`")
    return found


def property_of(kind: str, name: str) -> Property:
    """Return a property of a schema, its own or inherited; raises `InvalidInputError`."""
    found = schema(kind).properties.get(name)
    if found is None:
        raise InvalidInputError(f"unknown property `{name[:40]}` of `{kind}`")
    return found


def validate(kind: str, name: str, value: str) -> str:
    """Return a value in the normal form of its property.

    Raises `InvalidInputError` naming property and expected form, `LimitError` on length.
    """
    prop = property_of(kind, name)
    if len(value) > 2 * prop.limit:
        raise _too_long(prop)
    text = _plain(value, prop)
    if len(text) > prop.limit:
        raise _too_long(prop)
    check = _CHECKS.get(prop.type)
    return text if check is None else check(text, prop)


def names(kind: str) -> Mapping[str, str]:
    """Return code to English name for `country`, `gender`, `language` or `topic`."""
    return _file()["names"][kind]


@cache
def schemata() -> Mapping[str, Schema]:
    """Return every schema by name."""
    frozen = _file()
    return {name: _schema(name, frozen) for name in frozen["schemata"]}


@cache
def _file() -> _File:
    return cast("_File", json.loads(files("comity.message").joinpath("ftm.json").read_bytes()))


def _schema(name: str, frozen: _File) -> Schema:
    own, limits = frozen["schemata"][name], frozen["types"]
    parents = [_schema(parent, frozen) for parent in own["extends"]]
    properties = dict[str, Property]()
    for parent in parents:
        properties |= parent.properties
    for key, prop in own["properties"].items():
        properties[key] = Property(
            name=key,
            schema=name,
            label=prop["label"],
            type=prop["type"],
            limit=prop.get("limit", limits[prop["type"]]),
            format=prop.get("format", ""),
            range=prop.get("range", ""),
            reverse=prop.get("reverse", ""),
            is_matchable=prop.get("matchable", False),
        )
    return Schema(
        name=name,
        label=own["label"],
        plural=own["plural"],
        ancestors=frozenset({name}).union(*(parent.ancestors for parent in parents)),
        is_abstract=own["abstract"],
        is_matchable=own["matchable"],
        caption=tuple(own["caption"]),
        featured=tuple(own["featured"]),
        properties=properties,
    )


def _plain(value: str, prop: Property) -> str:
    text = unicodedata.normalize("NFC", value)
    text = text.strip() if prop.type in _LINES else " ".join(text.split())
    allowed = "\n\r\t" if prop.type in _LINES else ""
    if not text:
        raise InvalidInputError(f"`{prop.name}` is empty, expected a value")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in allowed for c in text):
        raise InvalidInputError(f"`{prop.name}` has a control character, expected plain text")
    return text


def _wrong(prop: Property, expected: str) -> InvalidInputError:
    return InvalidInputError(f"`{prop.name}` of `{prop.schema}` expects {expected}")


def _too_long(prop: Property) -> LimitError:
    return LimitError(f"`{prop.name}` of `{prop.schema}` has at most {prop.limit} characters")


def _shaped(text: str, prop: Property) -> str:
    shape, expected = _SHAPES[prop.type]
    text = text.lower() if prop.type in ("checksum", "mimetype") else text
    text = re.sub(r"[\s().-]", "", text) if prop.type == "phone" else text
    if not re.fullmatch(shape, text, re.ASCII if prop.type != "email" else 0):
        raise _wrong(prop, expected)
    return text


def _dated(text: str, prop: Property) -> str:
    found = _DATE.fullmatch(text)
    expected = "a date such as `1951`, `1951-03` or `1951-03-20`"
    if found is None:
        raise _wrong(prop, expected)
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise _wrong(prop, expected) from None
    return text


def _coded(text: str, prop: Property) -> str:
    code = text.lower()
    is_known = code in names(prop.type)
    if is_known or (prop.type == "country" and _USER_ASSIGNED.fullmatch(code)):
        return code
    raise _wrong(prop, f"a code of the {prop.type} table")


def _identified(text: str, prop: Property) -> str:
    shape = _FORMATS.get(prop.format)
    if shape is None:
        return text
    code = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(shape, code, re.ASCII) or not _holds(prop.format, code):
        raise _wrong(prop, f"an identifier of form `{prop.format}`")
    return code


def _holds(form: str, code: str) -> bool:
    """Whether the check digits hold, for the formats that have them."""
    if form == "imo":
        digits = code.removeprefix("IMO")
        return sum(
            int(d) * w for d, w in zip(digits, range(7, 1, -1), strict=False)
        ) % 10 == int(digits[-1])
    if form in ("iban", "lei"):
        turned = code[4:] + code[:4] if form == "iban" else code
        return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1  # ISO 7064
    return True


def _addressed(text: str, prop: Property) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise _wrong(prop, "an IP address") from None


def _parsed(text: str, prop: Property) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong(prop, "JSON") from None
    return text


_CHECKS: Final[Mapping[str, Callable[[str, Property], str]]] = {
    **dict.fromkeys(_SHAPES, _shaped),
    **dict.fromkeys(("country", "gender", "language", "topic"), _coded),
    "date": _dated,
    "identifier": _identified,
    "ip": _addressed,
    "json": _parsed,
}
