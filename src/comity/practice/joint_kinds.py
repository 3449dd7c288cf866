"""Kinds that come with every case of several parties, and what the kit adds to its own kinds.

`dissent`, `stop`, `lift`, `correct` and `recall` have their second version here: they name an
act by its digest, which is the same for every party, where the first names one partner's copy.
"""

from collections.abc import Iterable
from dataclasses import replace

from comity.core import limits
from comity.practice.joint import JointCase
from comity.practice.model import Field, Kind, Practice
from comity.practice.terms import Need, Second, Type
from comity.practice.universal import DECIDERS, LINE, STOPPERS, universal

ACT = Field(name="act", type=Type.ACT)
"""What the kit puts into every act of several parties."""
BY_CLOCK = frozenset({"number", "withheld", "due"})
"""Words of the kit that no person sends."""
LONE = frozenset({"number", "withheld"})
"""Words of the kit that travel in such a case and are themselves not numbered."""
JOINT_WORDS = frozenset({"number", "withheld", "due", "handover", "succeed", "second"})
"""Words that no practice may take for a kind of its own."""
_ROOT = Field(name="root", type=Type.DIGEST, need=Need.REQUIRED, is_framed=True)
_SECTION = Field(name="section", type=Type.INTEGER, limit=63, is_framed=True)
_TEXT = Field(name="text", type=Type.TEXT, category="free-text")


def kinds_in(practice: Practice, joint: JointCase) -> tuple[Kind, ...]:
    """Return every kind that may be numbered in cases of this type."""
    own = (kind for kind in practice.kinds if kind.name in joint.kinds)
    return (*map(with_act, own), *(k for k in kits(practice) if k.word not in LONE))


def is_joint(practice: Practice, kind: str) -> bool:
    """Whether a kind travels in cases of several parties."""
    return joint_of(practice, kind) is not None or kind in {k.name for k in kits(practice)}


def joint_of(practice: Practice, kind: str) -> JointCase | None:
    """Return the type of case that an own kind of the practice belongs to, if to one."""
    return next((joint for joint in practice.joint if kind in joint.kinds), None)


def with_act(kind: Kind) -> Kind:
    """Return a kind with the field that the kit puts beside its own."""
    return replace(kind, fields=(*kind.fields, ACT))


def kits(practice: Practice) -> tuple[Kind, ...]:
    """Return the kinds the kit adds to a practice with cases of several parties."""
    if not practice.joint:
        return ()
    return tuple(_kits(practice))


def _kits(practice: Practice) -> Iterable[Kind]:
    name = practice.name
    timers = {timer.name for joint in practice.joint for timer in joint.timers}
    number = Field(name="number", type=Type.INTEGER, need=Need.REQUIRED, is_framed=True)
    epoch = replace(number, name="epoch")
    successor = Field(
        name="successor", type=Type.PARTIES, need=Need.REQUIRED, is_framed=True, limit=1
    )
    rests = Field(name="rests", type=Type.DIGESTS, need=Need.REQUIRED, is_framed=True, limit=64)
    numbers = Field(name="numbers", type=Type.NUMBERS, need=Need.REQUIRED, limit=limits.NUMBERS)
    timer = Field(
        name="timer",
        type=Type.CODE,
        need=Need.REQUIRED,
        is_framed=True,
        choices=tuple(sorted(timers)) or ("none",),
    )
    yield Kind(name=f"{name}.number/1", fields=(numbers,), seats=LINE, is_protective=True)
    # Protective as far as its frame tells nothing but codes and digests: `fields.protects`.
    proof = Kind(name=f"{name}.withheld/1", seats=LINE | STOPPERS, is_protective=True)
    yield with_act(proof)
    yield with_act(Kind(name=f"{name}.due/1", fields=(timer,), seats=LINE))
    # A number, an epoch and an agency of the case: what its parties hold already.
    yield with_act(
        Kind(name=f"{name}.handover/1", fields=(successor, epoch, number), seats=DECIDERS)
    )
    yield with_act(
        Kind(name=f"{name}.succeed/1", fields=(epoch, number, rests), seats=DECIDERS)
    )
    yield with_act(Kind(name=f"{name}.second/1", fields=(_ROOT,), seats=LINE | STOPPERS))
    yield from map(with_act, _second_versions(practice))


def _second_versions(practice: Practice) -> Iterable[Kind]:
    first = {kind.word: kind for kind in universal(practice.name)}
    sections = tuple(
        each
        for kind in practice.kinds
        for field in kind.fields
        if field.type is Type.SECTIONS
        for each in field.sections
    )
    new_value = (
        (Field(name="sections", type=Type.SECTIONS, sections=sections, limit=1),)
        if sections
        else ()
    )
    about: dict[str, tuple[Field, ...]] = {
        "dissent": (_ROOT, _SECTION, _ground(first["dissent"]), _TEXT),
        "stop": (_ground(first["stop"]), _TEXT),
        "stop-confirm": (),
        "lift": (_TEXT,),
        "correct": (_ROOT, _SECTION, _ground(first["correct"]), _TEXT, *new_value),
        "recall": (_ROOT, _SECTION, _ground(first["recall"]), _TEXT),
    }
    for word, fields in about.items():
        yield Kind(
            name=f"{practice.name}.{word}/2",
            fields=fields,
            seats=first[word].seats,
            second=Second.LAPSING if word == "stop" else Second.NONE,
            is_protective=first[word].is_protective,
            is_to_all=True,
        )


def _ground(kind: Kind) -> Field:
    found = next(field for field in kind.fields if field.name == "ground")
    return replace(found, is_framed=True)
