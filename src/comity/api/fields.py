"""Kinds as JSON types, generated from what each declares, and bodies to and from JSON."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec import Meta, Raw, Struct

from comity.api import bodies
from comity.api.answers import instant_of, moment
from comity.api.bodies import Attachment, Moment, Subject
from comity.api.endpoint import read
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.desk import LAID_AS
from comity.practice import Field, Kind, Need, Type, attachment, blob_of

_CODE = r"^[a-z0-9][a-z0-9.-]{0,63}$"
_PATH = r"^[A-Za-z][A-Za-z_]{0,60}(?:/(?:[A-Za-z][A-Za-z]{0,60}|[0-9]{1,5})){0,4}$"
_SAMPLES: Mapping[Type, object] = {
    Type.TEXT: "Did she cross at Port Halden?",
    Type.LINE: "Port Halden",
    Type.CODE: "code",
    Type.CODES: ["code"],
    Type.FLAG: True,
    Type.INTEGER: 1,
    Type.INSTANT: "2026-11-23T14:02:00Z",
    Type.REFERENCE: "0123456789abcdef0123456789abcdef",
    Type.PATH: "entities/0/properties/birthDate/0",
    Type.DIGEST: "ab" * 32,
    Type.DIGESTS: ["ab" * 32],
    Type.PARTIES: ["xa.border"],
    Type.ROSTER: [
        {"party": "xa.border", "roles": ["host"]},
        {"party": "xn.police", "roles": ["lead"]},
    ],
    Type.SECTIONS: [
        {
            "name": "mission",
            "handling": "TLP:AMBER H1",
            "audience": ["xa.border"],
            "body": {"text": "Watch the port"},
        }
    ],
    Type.ENTITY: {
        "id": "subject",
        "schema": "Person",
        "properties": {"name": ["Anna Example"]},
    },
}


def title(kind: Kind) -> str:
    """Name a kind as a type: `requests.ask/1` is `RequestsAsk`; later versions say which."""
    words, _, version = kind.name.partition("/")
    name = "".join(part.capitalize() for part in re.split(r"[.-]", words))
    return name if version == "1" else f"{name}{version}"


def body_type(kind: Kind) -> type[Struct]:
    """Return the JSON type of a kind's body."""
    members: list[tuple[str, object, object] | tuple[str, object]] = [
        (field.name, _json_type(field))
        if field.need is Need.REQUIRED
        else (field.name, _json_type(field) | None, None)
        for field in kind.fields
        if field.type not in _OF_THE_KIT
    ]
    return _struct(f"{title(kind)}Body", members, f"The fields of `{kind.name}`.")


def letter_type(kind: Kind) -> type[Struct]:
    """Return the JSON type of a letter of this kind: `Letter` with its body declared."""
    members: list[tuple[str, object, object] | tuple[str, object]] = [
        ("body", body_type(kind)),
        ("handling", bodies.Marking),
        ("case", bodies.Reference | None, None),
        ("recipient", bodies.Reference | None, None),
        ("purpose", Annotated[str, Meta(max_length=80)], ""),
        ("parent", bodies.Reference | None, None),
        ("facts", bodies.Facts, {}),
    ]
    return _struct(title(kind), members, f"A letter of `{kind.name}`.")


def body_of(kind: Kind, given: bytes) -> Mapping[str, Value]:
    """Read a body from JSON; raises `InvalidInputError` naming the field that does not hold."""
    return body_from(read(given, body_type(kind)))


def body_from(typed: Struct) -> Mapping[str, Value]:
    """Turn a typed body into what the wire carries; what was not given is not there."""
    return {
        name: _value(value)
        for name in typed.__struct_fields__
        if (value := cast("object", getattr(typed, name))) is not None
    }


def body_as_json(kind: Kind, body: Mapping[str, Value]) -> dict[str, Raw]:
    """Write a body as JSON: times as text, bytes in base64, unknown fields as they came."""
    instants = {field.name for field in kind.fields if field.type is Type.INSTANT}
    files = {field.name for field in kind.fields if field.type is Type.ATTACHMENTS}
    return {
        name: Raw(
            msgspec.json.encode(
                moment(value)
                if name in instants and isinstance(value, int)
                else _without_keys(value)
                if name in files
                else value
            )
        )
        for name, value in body.items()
    }


_OF_THE_KIT = frozenset({Type.ACT, Type.NUMBERS})
"""Types of fields that the kit fills in, and nobody types."""
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


def _without_keys(value: Value) -> Value:
    """Leave out the keys of large files: who may read one asks the node for it."""
    return [
        {**part, "blob": {"length": found.length}} if (found := blob_of(part)) else part
        for part in cast("Sequence[Mapping[str, Value]]", value)
    ]


def example_body(kind: Kind) -> dict[str, object]:
    """Return a body with every field of the kind, as its documentation shows it."""
    given = (field for field in kind.fields if field.type not in _OF_THE_KIT)
    return {field.name: _sample(field) for field in given}


def _struct(
    name: str, members: Sequence[tuple[str, object, object] | tuple[str, object]], about: str
) -> type[Struct]:
    return msgspec.defstruct(
        name,
        cast("list[str | tuple[str, type] | tuple[str, type, object]]", list(members)),
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        namespace={"__doc__": about},
        module=__name__,
    )


def _json_type(field: Field) -> type:
    most = field.limit
    code = Literal[field.choices] if field.choices else Annotated[str, Meta(pattern=_CODE)]
    text = Annotated[str, Meta(min_length=1, max_length=most)]
    found: Mapping[Type, object] = {
        Type.TEXT: text,
        Type.LINE: text,
        Type.CODE: code,
        Type.CODES: Annotated[
            list[Annotated[str, Meta(pattern=_CODE)]], Meta(min_length=1, max_length=most)
        ],
        Type.FLAG: bool,
        Type.INTEGER: Annotated[int, Meta(ge=0, le=most)],
        Type.INSTANT: Moment,
        Type.REFERENCE: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")],
        Type.PATH: Annotated[str, Meta(pattern=_PATH)],
        Type.ENTITY: Subject,
        Type.ENTITIES: Annotated[list[Subject], Meta(min_length=1, max_length=most)],
        Type.ATTACHMENTS: Annotated[list[Attachment], Meta(min_length=1, max_length=most)],
        Type.DIGEST: Digest,
        Type.DIGESTS: Annotated[list[Digest], Meta(min_length=1, max_length=most)],
        Type.PARTIES: Annotated[list[bodies.Reference], Meta(min_length=1, max_length=64)],
        Type.ROSTER: Annotated[list[bodies.Party], Meta(min_length=2, max_length=64)],
        Type.SECTIONS: Annotated[list[bodies.Section], Meta(min_length=1, max_length=62)],
    }
    return cast("type", found[field.type])


def _value(value: object) -> Value:
    match value:
        case datetime():
            return int(instant_of(value))
        case Attachment():
            return _file(value)
        case Subject():
            entity: dict[str, Value] = {"id": value.id, "schema": value.schema}
            return {**entity, "properties": {**value.properties}}
        case bodies.Party() | bodies.Section():
            return _part(value)
        case list():
            return [_value(each) for each in cast("list[object]", value)]
        case _:
            return cast("Value", value)


def _file(value: Attachment) -> Value:
    if (value.content is None) is (value.file is None):
        raise InvalidInputError("an attachment has either `content` or `file`")
    if value.content is None:
        return {LAID_AS: value.file}
    return attachment(value.name, media=value.media, content=value.content)


def _part(value: bodies.Party | bodies.Section) -> Value:
    if isinstance(value, bodies.Party):
        return {"party": value.party, "roles": list(value.roles)}
    told: dict[str, Value] = {
        "name": value.name,
        "handling": value.handling,
        "body": {name: _value(each) for name, each in value.body.items()},
    }
    return {**told, **({"audience": value.audience} if value.audience else {})}


def _sample(field: Field) -> object:
    if field.choices:
        return [field.choices[0]] if field.type is Type.CODES else field.choices[0]
    if field.type is Type.ENTITIES:
        return [_SAMPLES[Type.ENTITY]]
    if field.type is Type.ATTACHMENTS:
        return [{"name": "note.txt", "media": "text/plain", "content": "bm90ZQ=="}]
    return _SAMPLES[field.type]
