"""An act of several parties taken apart: one leaf for each part, one root that all agree on.

    leaf = SHA-256(0x00 || salt16 || part)        parts: frame, other fields, then sections

The root over the leaves (RFC 6962) is the act's digest. A copy shows its reader the parts meant
for it, each with its salt, and of the others the hash alone; the list is padded with random
leaves, so that nobody counts what was kept back.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import Entropy
from comity.core.errors import InvalidInputError, LimitError
from comity.message import Handling, handling
from comity.practice.frame import Frame, as_map, read_frame
from comity.practice.model import Kind
from comity.practice.sections import Section, sections_of
from comity.practice.terms import Type

SALT: Final = 16
HASH: Final = 32
PADDED: Final = (8, 16, 32, 64)
"""How many leaves an act with sections may have."""
BARE: Final = 2
"""How many an act without: its frame, and its other fields."""
FRAME_LEAF, SAID_LEAF = 0, 1
_COUNT = 10_000
# Above it a number in a frame is an instant.


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeAct:
    """An act as its author holds it: every part, with its salt."""

    kind: Kind
    frame: Frame
    body: Mapping[str, Value]
    handling: Handling
    salts: tuple[bytes, ...]
    hashes: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """The root over its leaves, 64 hex digits."""
        return root_of(self.hashes)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections, in order."""
        return sections_of(self.kind.fields, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAct:
    """An act as a partner showed it; its signature is not checked yet."""

    frame: Frame
    frame_bytes: bytes
    digest: str
    shown: frozenset[int]
    """The leaves whose parts are here."""
    signed: bytes
    leaves: tuple[bytes, ...]
    """The salt of the frame, and the hashes of every other leaf."""
    handling: Handling | None
    """The marking of the fields outside sections, where they are shown."""


def take_apart(
    kind: Kind, frame: Frame, body: Mapping[str, Value], *, marking: Handling, entropy: Entropy
) -> WholeAct:
    """Salt and hash each part of a body that holds; raises `LimitError` beyond 64 leaves."""
    sections = sections_of(kind.fields, body)
    parts = [frame.encode(), _said(kind, body, marking)]
    parts += [cbor.encode(each.plain) for each in sections]
    if len(parts[0]) > limits.FRAME:
        raise LimitError(f"a frame has at most {limits.FRAME} bytes")
    salts = tuple(entropy.take(SALT) for _ in parts)
    hashes = [leaf_hash(salt + part) for salt, part in zip(salts, parts, strict=True)]
    fillers = [entropy.take(HASH) for _ in range(_padded(kind, len(parts)) - len(parts))]
    return WholeAct(
        kind=kind,
        frame=frame,
        body=body,
        handling=marking,
        salts=salts,
        hashes=(*hashes, *fillers),
    )


def copy_for(act: WholeAct, shown: Collection[int], *, signed: bytes) -> dict[str, Value]:
    """Return the body of one party's copy: what is shown, and hashes of what is not."""
    has_said = SAID_LEAF in shown
    leaves = [
        act.salts[place] if place in {FRAME_LEAF, *shown} and place < len(act.salts) else each
        for place, each in enumerate(act.hashes)
    ]
    told: dict[str, Value] = {
        "frame": act.frame.encode(),
        "leaves": leaves,
        "signed": signed,
        **({"handling": str(act.handling)} if has_said else {}),
    }
    framed, names = framed_names(act.kind), section_names(act.kind)
    body = {
        name: value
        for name, value in act.body.items()
        if name in framed or (has_said and name not in names)
    }
    sections = [
        {**each.plain, "place": each.place} for each in act.sections if each.place in shown
    ]
    for name in names if sections else ():
        body[name] = sections
    return {**body, "act": told}


def withheld(act: WholeAct, *, signed: bytes) -> dict[str, Value]:
    """Return the proof that a party may not read an act: its frame, and hashes alone."""
    told = cast("Mapping[str, Value]", copy_for(act, {FRAME_LEAF}, signed=signed)["act"])
    return {"act": told}


def read_act(kind: Kind, body: Mapping[str, Value]) -> ReadAct:
    """Put a copy together again; raises `InvalidInputError` where it contradicts itself."""
    told = as_map(body.get("act"))
    if not told:
        raise InvalidInputError("an act of several parties comes with its frame")
    leaves = cast("Sequence[bytes]", told["leaves"])
    frame_bytes = cast("bytes", told["frame"])
    frame = read_frame(frame_bytes)
    shown = {place for place, leaf in enumerate(leaves) if len(leaf) == SALT}
    is_withheld = kind.word == "withheld"
    parts: dict[int, bytes] = {FRAME_LEAF: frame_bytes}
    if not is_withheld:
        _check_frame(kind, frame, body)
        parts |= _shown_parts(kind, body, told)
    if shown != parts.keys():
        raise InvalidInputError("an act shows other parts than its leaves say")
    if not is_withheld and len(leaves) not in (PADDED if section_names(kind) else (BARE,)):
        raise InvalidInputError("an act has another number of leaves than its kind")
    hashes = [
        leaf_hash(leaf + parts[place]) if place in parts else leaf
        for place, leaf in enumerate(leaves)
    ]
    return ReadAct(
        frame=frame,
        frame_bytes=frame_bytes,
        digest=root_of(hashes),
        shown=frozenset(shown),
        signed=cast("bytes", told["signed"]),
        leaves=(leaves[0], *hashes[1:]),
        handling=handling(str(told["handling"])) if "handling" in told else None,
    )


def is_act(value: Value) -> bool:
    """Whether a value has the shape of what the kit puts into an act of several parties."""
    match value:
        case {"frame": bytes(frame), "leaves": [*leaves], "signed": bytes(signed), **rest}:
            return (
                1 <= len(frame) <= limits.FRAME
                and len(signed) <= limits.NUMBER
                and len(leaves) in {BARE, *PADDED}
                and all(_is_leaf(cast("Value", each)) for each in leaves)
                and len(cast("bytes", leaves[0])) == SALT
                and rest.keys() <= {"handling"}
                and all(_is_short(cast("Value", each)) for each in rest.values())
            )
        case _:
            return False


def _is_leaf(value: Value) -> bool:
    return isinstance(value, bytes) and len(value) in (SALT, HASH)


def _is_short(value: Value) -> bool:
    return isinstance(value, str) and len(value) <= limits.TEXT


def hides_fields(body: Mapping[str, Value]) -> bool:
    """Whether a copy was cut so that its reader has no field but the framed ones."""
    return "act" in body and "handling" not in as_map(body["act"])


def tells_codes_alone(body: Mapping[str, Value]) -> bool:
    """Whether a proof says of its act only what every party may know: codes, digests, counts.

    A roster, a list or an instant in the frame is new to its reader, and needs a basis.
    """
    match body.get("act"):
        case {"frame": bytes(frame)}:
            return all(_is_plain(value) for value in read_frame(frame).fields.values())
        case _:
            return False


def _is_plain(value: Value) -> bool:
    return isinstance(value, (str, bool)) or (isinstance(value, int) and value < _COUNT)


def root_of(hashes: Sequence[bytes]) -> str:
    """Return the root over leaf hashes, 64 hex digits; their number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        # RFC 6962, 2.1; the tests hold it equal to the ledger's tree.
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
    return level[0].hex()


def leaf_hash(part: bytes) -> bytes:
    """Hash a salted part (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\0" + part).digest()


def framed_names(kind: Kind) -> frozenset[str]:
    """Return the names of the fields in a kind's frame."""
    return frozenset(field.name for field in kind.fields if field.is_framed)


def section_names(kind: Kind) -> frozenset[str]:
    """Return the names of the fields that hold sections."""
    return frozenset(field.name for field in kind.fields if field.type is Type.SECTIONS)


def framed(kind: Kind, body: Mapping[str, Value]) -> dict[str, Value]:
    """Return the framed fields of a body."""
    names = framed_names(kind)
    return {name: value for name, value in body.items() if name in names}


def _said(kind: Kind, body: Mapping[str, Value], marking: Handling) -> bytes:
    apart = {"act", *framed_names(kind), *section_names(kind)}
    said = {name: value for name, value in body.items() if name not in apart}
    return cbor.encode({"handling": str(marking), "body": said})


def _check_frame(kind: Kind, frame: Frame, body: Mapping[str, Value]) -> None:
    # INVARIANT: the fields that are judged here are those that every other party reads.
    same = cbor.encode(framed(kind, body)) == cbor.encode(frame.fields)
    if frame.kind != kind.name or not same:
        raise InvalidInputError("an act says otherwise than its frame")


def _shown_parts(
    kind: Kind, body: Mapping[str, Value], told: Mapping[str, Value]
) -> dict[int, bytes]:
    parts: dict[int, bytes] = {}
    if "handling" in told:
        parts[SAID_LEAF] = _said(kind, body, handling(str(told["handling"])))
    elif body.keys() - {"act", *framed_names(kind), *section_names(kind)}:
        raise InvalidInputError("an act shows fields that its leaves hide")
    for section in sections_of(kind.fields, body):
        parts[section.place] = cbor.encode(section.plain)
    return parts


def _padded(kind: Kind, count: int) -> int:
    if not section_names(kind):
        return BARE
    found = next((size for size in PADDED if size >= count), None)
    if found is None:
        raise LimitError(f"an act has at most {limits.SECTIONS} sections")
    return found
