"""Whether one value is what its field declares. Every size a partner sends is bounded here."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from comity.core import limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.core.ids import agency_id
from comity.message import vocabulary
from comity.practice.frame import is_digest, roster
from comity.practice.model import Field
from comity.practice.parts import is_act
from comity.practice.sections import section_fault
from comity.practice.terms import Type
from comity.seal import BlobRef, is_whole

YEAR_10000 = 253_402_300_800_000
"""First instant, in ms, that a calendar of four-digit years cannot write."""
_CODE = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_REFERENCE = re.compile(r"[0-9a-f]{32}")
_PATH = re.compile(r"[A-Za-z][A-Za-z_]{0,60}(?:/(?:[A-Za-z][A-Za-z]{0,60}|[0-9]{1,5})){0,4}")
_SCHEMA = re.compile(r"[A-Z][A-Za-z]{0,60}")
_PROPERTY = re.compile(r"[a-z][A-Za-z0-9]{0,60}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}")
_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}")
_MEDIA = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BREAK = re.compile(r"[\t\n\u2028\u2029]")


def expected(field: Field) -> str:
    """Say what a field takes, for people: `a time like 2026-11-23T14:02:00Z`."""
    codes = ", ".join(f"`{code}`" for code in field.choices) or "a code like `lower-case`"
    return _WORDS[field.type].format(most=field.limit, codes=codes)


def fault(field: Field, value: Value) -> str:
    """Say what was expected where `value` is not of the field; nothing where it is."""
    if field.type is Type.SECTIONS:
        return section_fault(field, value, fault)
    if not _CHECKS[field.type](field, value):
        return expected(field)
    entities = {Type.ENTITY: [value], Type.ENTITIES: listed(value)}.get(field.type)
    told = (_unknown(entity) for entity in entities or ())
    return next((text for text in told if text), "")


def normal(value: Value) -> Value:
    """Return an entity with each value in its normal form; what is wrong stays as it is."""
    if not _is_entity(value):
        return value
    whole = cast("Mapping[str, Value]", value)
    properties = cast("Mapping[str, Sequence[str]]", whole["properties"])
    kind = str(whole["schema"])
    changed: Mapping[str, Value] = {
        prop: [_normal(kind, prop, text) for text in texts]
        for prop, texts in properties.items()
    }
    return {**whole, "properties": changed}


def _normal(kind: str, prop: str, text: str) -> str:
    try:
        return vocabulary.validate(kind, prop, text)
    except InvalidInputError:
        return text


def _unknown(entity: Value) -> str:
    """Say what the vocabulary expects of an entity of the right shape."""
    whole = cast("Mapping[str, Value]", entity)
    properties = cast("Mapping[str, Sequence[str]]", whole["properties"])
    kind = str(whole["schema"])
    try:
        vocabulary.schema(kind)
        for prop, texts in properties.items():
            vocabulary.property_of(kind, prop)
            # INVARIANT: one value has one form, or `XA` would slip past a rule about `xa`.
            if any(vocabulary.validate(kind, prop, text) != text for text in texts):
                return f"`{prop}` of `{kind}` in its normal form"
    except InvalidInputError as error:
        return f"words of FollowTheMoney: {error}"
    return ""


def _is_entity(value: Value) -> bool:
    if not isinstance(value, Mapping):
        return False
    entity = cast("Mapping[str, Value]", value)
    properties = entity.get("properties")
    return (
        _matches(_ID, entity.get("id"))
        and _matches(_SCHEMA, entity.get("schema"))
        and isinstance(properties, Mapping)
        and len(properties) <= limits.FIELDS
        and all(
            _matches(_PROPERTY, name) and _is_texts(texts)
            for name, texts in cast("Mapping[str, Value]", properties).items()
        )
    )


def attachment(name: str, *, media: str, content: bytes) -> Mapping[str, Value]:
    """Make the value of one attachment, with the digest its recipient will check."""
    digest = hashlib.sha256(content).digest()
    return {"name": name, "media": media, "digest": digest, "content": content}


def listed(value: Value) -> Sequence[Value] | None:
    """Return a value as a list, if it is one."""
    if isinstance(value, (list, tuple)):
        return cast("Sequence[Value]", value)
    return None


def _matches(shape: re.Pattern[str], value: Value) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None


def _is_text(field: Field, value: Value) -> bool:
    is_bounded = isinstance(value, str) and len(value) <= field.limit and bool(value.strip())
    return is_bounded and not _CONTROL.search(str(value))


def _is_line(field: Field, value: Value) -> bool:
    return _is_text(field, value) and not _BREAK.search(str(value))


def _is_code(field: Field, value: Value) -> bool:
    return _matches(_CODE, value) and (not field.choices or value in field.choices)


def _is_codes(field: Field, value: Value) -> bool:
    codes = listed(value)
    return (
        codes is not None
        and 1 <= len(codes) <= field.limit
        and all(_is_code(field, code) for code in codes)
        and len(set(cast("Sequence[str]", codes))) == len(codes)
    )


def _is_texts(value: Value) -> bool:
    texts = listed(value)
    return (
        texts is not None
        and len(texts) <= limits.FIELDS
        and all(isinstance(text, str) and 1 <= len(text) <= limits.TEXT for text in texts)
    )


def _is_number(value: Value, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_attachment(value: Value) -> bool:
    if not isinstance(value, Mapping):
        return False
    part = cast("Mapping[str, Value]", value)
    is_named = _matches(_NAME, part.get("name")) and _matches(_MEDIA, part.get("media"))
    content, digest = part.get("content"), part.get("digest")
    if content is None:
        is_digest = isinstance(digest, bytes) and len(digest) == hashlib.sha256().digest_size
        return is_named and is_digest and blob_of(part) is not None
    return (
        is_named
        and isinstance(content, bytes)
        and len(content) <= limits.ATTACHMENT
        and "blob" not in part
        and digest == hashlib.sha256(content).digest()
    )


def _is_digests(field: Field, value: Value) -> bool:
    found = listed(value)
    is_bounded = found is not None and 1 <= len(found) <= field.limit
    return is_bounded and all(map(is_digest, found or ())) and _are_different(found or ())


def _is_parties(field: Field, value: Value) -> bool:
    found = listed(value)
    if found is None or not 1 <= len(found) <= min(field.limit, limits.PARTIES):
        return False
    try:
        names = [agency_id(name) if isinstance(name, str) else "" for name in found]
    except InvalidInputError:
        return False
    return "" not in names and _are_different(names)


def _are_different(texts: Sequence[Value]) -> bool:
    return len(set(cast("Sequence[str]", texts))) == len(texts)


def _is_numbers(field: Field, value: Value) -> bool:
    found = listed(value)
    return (
        found is not None
        and 1 <= len(found) <= field.limit
        and all(isinstance(each, bytes) and len(each) <= limits.NUMBER for each in found)
    )


def blob_of(part: Mapping[str, Value]) -> BlobRef | None:
    """Return the blob in which an attachment's content travels, if it does and fits."""
    match part.get("blob"):
        case {
            "key": bytes(key),
            "digest": bytes(digest),
            "length": int(length),
            "chunks": int(chunks),
            **rest,
        } if not rest:
            ref = BlobRef(key=key, digest=digest, length=length, chunks=chunks)
            return ref if is_whole(ref) else None
        case _:
            return None


def blobs_of(body: Mapping[str, Value]) -> tuple[BlobRef, ...]:
    """Return every blob a body names, in the order of its attachments."""
    parts = (
        cast("Mapping[str, Value]", each)
        for value in body.values()
        for each in listed(value) or ()
        if isinstance(each, Mapping)
    )
    return tuple(ref for part in parts if (ref := blob_of(part)) is not None)


def large_attachment(
    name: str, *, media: str, digest: bytes, blob: BlobRef
) -> Mapping[str, Value]:
    """Make the value of one attachment whose content travels as a blob."""
    said: Mapping[str, Value] = {
        "key": blob.key,
        "digest": blob.digest,
        "length": blob.length,
        "chunks": blob.chunks,
    }
    return {"name": name, "media": media, "digest": digest, "blob": said}


def _are(each: Callable[[Value], bool]) -> Callable[[Field, Value], bool]:
    def check(field: Field, value: Value) -> bool:
        found = listed(value)
        return found is not None and 1 <= len(found) <= field.limit and all(map(each, found))

    return check


_WORDS = {
    Type.TEXT: "text of 1 to {most} characters",
    Type.LINE: "one line of 1 to {most} characters",
    Type.CODE: "one of {codes}",
    Type.CODES: "1 to {most} different codes of {codes}",
    Type.FLAG: "`yes` or `no`",
    Type.INTEGER: "a whole number from 0 to {most}",
    Type.INSTANT: "a time like 2026-11-23T14:02:00Z",
    Type.REFERENCE: "the id of a message or statement, 32 hex digits",
    Type.PATH: "a place like `entities/0/properties/birthDate/0`",
    Type.ENTITY: "an entity with `id`, `schema` and `properties`",
    Type.ENTITIES: "1 to {most} entities with `id`, `schema` and `properties`",
    Type.ATTACHMENTS: "1 to {most} files with `name`, `media`, `content` of at most "
    f"{limits.ATTACHMENT} bytes and its SHA-256 `digest`, a larger one with "
    "`blob` for `content`",
    Type.DIGEST: "the digest of an act, 64 hex digits",
    Type.DIGESTS: "1 to {most} digests of different acts",
    Type.PARTIES: "1 to {most} different agencies like `xn.police`",
    Type.ROSTER: f"2 to {limits.PARTIES} parties in order, each with `party` and `roles`",
    Type.SECTIONS: "1 to {most} sections",
    Type.ACT: "what the kit puts into an act of several parties",
    Type.NUMBERS: "1 to {most} signed numbers",
}
_CHECKS: Mapping[Type, Callable[[Field, Value], bool]] = {
    Type.TEXT: _is_text,
    Type.LINE: _is_line,
    Type.CODE: _is_code,
    Type.CODES: _is_codes,
    Type.FLAG: lambda _, value: isinstance(value, bool),
    Type.INTEGER: lambda field, value: _is_number(value, field.limit),
    Type.INSTANT: lambda _, value: _is_number(value, YEAR_10000 - 1),
    Type.REFERENCE: lambda _, value: _matches(_REFERENCE, value),
    Type.PATH: lambda _, value: _matches(_PATH, value),
    Type.ENTITY: lambda _, value: _is_entity(value),
    Type.ENTITIES: _are(_is_entity),
    Type.ATTACHMENTS: _are(_is_attachment),
    Type.DIGEST: lambda _, value: is_digest(value),
    Type.DIGESTS: _is_digests,
    Type.PARTIES: _is_parties,
    Type.ROSTER: lambda _, value: roster(value) is not None,
    Type.ACT: lambda _, value: is_act(value),
    Type.NUMBERS: _is_numbers,
}
