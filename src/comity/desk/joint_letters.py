"""An act of several parties from what a person filled in: its frame, its parts, would it count.

What the kit knows better than a person is filled in here: the root that is spoken of, the
number of a revision and the one before it, the last number seen, who handed the numbering over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, PersonId, member_of
from comity.core.store import Reader
from comity.desk.lineage import inherited
from comity.exchange import Act, Station
from comity.exchange.cases import case_row
from comity.exchange.drafts import draft_record
from comity.exchange.enacting import OwnAct, sign_act
from comity.exchange.joint_view import declared, held_of, the_case
from comity.message import Draft, Facts, Handling, handling
from comity.practice import (
    HAND,
    Body,
    Frame,
    Held,
    JointCase,
    Kind,
    View,
    WholeAct,
    fold,
    framed,
    joint_of,
    kinds_in,
    may,
    members_named,
    normal_body,
    parse_body,
    roster,
    take_apart,
)

_WIRE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class JointLetter:
    """What a person filled in: an act to every party. Without `case` it opens one.

    `facts` are the officer's answers to what the law asks, the same for every copy.
    """

    kind: str
    body: Body
    handling: Handling
    case: CaseId | None = None
    purpose: str = ""
    parent: CaseId | None = None
    """The case here whose child it opens."""
    facts: Facts = field(default_factory=dict[str, bool | None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an act is to stand: its case as held here, and as it is seen now."""

    wire: str
    purpose: str
    setting: str
    joint: JointCase
    held: Held | None
    view: View | None
    parent: str = ""


def prepare(
    reader: Reader, letter: JointLetter, act: Act, *, agency: AgencyId, station: Station
) -> OwnAct:
    """Take an act apart, and sign it; nothing is written.

    Raises `StateError` with the reason where it would not count now, `InvalidInputError` naming
    each field that does not hold, `NotFoundError`.
    """
    kind = station.practices.kind(letter.kind)
    place = _place(reader, letter, station)
    whole = _taken_apart(reader, letter, act, kind, place, agency=agency, station=station)
    own = OwnAct(
        whole=whole,
        act=act,
        purpose=place.purpose,
        setting=place.setting,
        signed=sign_act(whole, station),
    )
    why = _would_not_count(own, place, station)
    # A second person confirms later what is only prepared now.
    if why and not (why == "second-person" and act.second is None):
        raise StateError(f"this act would not count: `{why}`")
    return own


def pack_letter(letter: JointLetter, shown: Draft, act: Act) -> bytes:
    """Write a letter that waits for its second person, who is `shown` it as a draft."""
    told: dict[str, Value] = {
        "kind": letter.kind,
        "body": letter.body,
        "handling": str(letter.handling),
        "case": letter.case or "",
        "purpose": letter.purpose,
        "parent": letter.parent or "",
        "facts": dict(letter.facts),
    }
    return cbor.encode({"letter": told, "draft": draft_record(shown), "act": act.record()})


def read_letter(kept: bytes | None) -> JointLetter:
    """Read back a letter; raises `NotFoundError` once it is erased."""
    if kept is None:
        raise NotFoundError("the act that waited has been erased")
    whole = cast("Mapping[str, Mapping[str, Value]]", cbor.decode(kept))
    part = whole["letter"]
    case, parent = cast("str", part["case"]), cast("str", part["parent"])
    return JointLetter(
        kind=cast("str", part["kind"]),
        body=cast("Body", part["body"]),
        handling=handling(cast("str", part["handling"])),
        case=CaseId(case) if case else None,
        purpose=cast("str", part["purpose"]),
        parent=CaseId(parent) if parent else None,
        facts=cast("Facts", part["facts"]),
    )


def _place(reader: Reader, letter: JointLetter, station: Station) -> Place:
    practice = station.practices.owner(letter.kind)
    if letter.case is None:
        joint = joint_of(practice, letter.kind)
        if joint is None or joint.opens != letter.kind or not letter.purpose:
            raise InvalidInputError("the act that opens a case names its purpose")
        return Place(
            wire=station.entropy.take(_WIRE).hex(),
            purpose=letter.purpose,
            setting=letter.handling.setting.value,
            joint=joint,
            held=None,
            view=None,
            parent=_parent(reader, letter),
        )
    row = the_case(reader, letter.case)
    held, case = held_of(reader, row), case_row(reader, letter.case)
    if held is None:
        raise StateError("the act that opens this case waits for a person here")
    of, joint = declared(reader, row, station)
    return Place(
        wire=row.wire,
        purpose=case.purpose,
        setting=case.setting,
        joint=joint,
        held=held,
        view=fold(of, joint, held, at=station.clock.now()),
    )


def _parent(reader: Reader, letter: JointLetter) -> str:
    return "" if letter.parent is None else the_case(reader, letter.parent).wire


def _taken_apart(  # noqa: PLR0913 - a letter, who writes it, what it is and where it stands
    reader: Reader,
    letter: JointLetter,
    act: Act,
    kind: Kind,
    place: Place,
    *,
    agency: AgencyId,
    station: Station,
) -> WholeAct:
    filled = {**_filled(kind, place, agency), **letter.body}
    body = parse_body(kind, normal_body(kind, filled))
    marking = inherited(reader, letter.handling, kind, body, partner=agency, station=station)
    if marking.setting.value != place.setting:
        raise StateError(f"this case is of the `{place.setting}` setting alone")
    frame = Frame(
        case=place.wire,
        kind=kind.name,
        author=agency,
        at=act.at,
        hand=_mark(place.wire, act.person, station),
        seat=act.seat,
        epoch=1 if place.view is None else place.view.epoch,
        seen=0 if place.view is None else place.view.number,
        second=b"" if act.second is None else _mark(place.wire, act.second, station),
        parent=place.parent,
        fields=framed(kind, body),
    )
    whole = take_apart(kind, frame, body, marking=marking, entropy=station.entropy)
    _check_readers(whole, place)
    return whole


def _mark(wire: str, person: PersonId, station: Station) -> bytes:
    """Return a person's mark in one case: the same there, and nothing anywhere else."""
    return station.keyed_hash(f"hand {wire} {person}")[:HAND]


def _filled(kind: Kind, place: Place, agency: AgencyId) -> dict[str, Value]:
    """Fill in what the case itself says."""
    names, view = {each.name for each in kind.fields if each.is_framed}, place.view
    if view is None:
        return {"revision": 1} if "revision" in names else {}
    known: dict[str, Value] = {"root": view.root}
    if kind.name in place.joint.revises:
        roster_now = view.body.get("parties")
        known = {"revision": view.revision + 1, "previous": view.root, "parties": roster_now}
    elif kind.word == "handover":
        known = {"epoch": view.epoch + 1, "number": view.number}
    elif kind.word == "succeed":
        known = _succession(place, view, agency)
    return {name: value for name, value in known.items() if name in names}


def _succession(place: Place, view: View, agency: AgencyId) -> dict[str, Value]:
    acts = dict[str, Frame]() if place.held is None else place.held.acts
    called = {
        digest: frame
        for digest, frame in acts.items()
        if frame.kind.endswith(".handover/1")
        and frame.number("epoch") == view.epoch + 1
        and frame.texts("successor") == (agency,)
    }
    last = max((frame.number("number") or 0 for frame in called.values()), default=0)
    if not called or last > view.number:
        raise StateError("nobody handed the numbering over, or numbers are missing here")
    return {"epoch": view.epoch + 1, "number": last, "rests": sorted(called)}


def _check_readers(whole: WholeAct, place: Place) -> None:
    """Refuse a marking or audience that names, to the parties, who is none of them."""
    named = roster(whole.body.get("parties")) or (place.view.roster if place.view else ())
    members = {member_of(each.party) for each in named}
    told = members_named(whole.sections) | (whole.handling.releasable or frozenset())
    if not told <= members:
        raise InvalidInputError("a release list or audience names parties of the case alone")


def _would_not_count(own: OwnAct, place: Place, station: Station) -> str:
    whole = own.whole
    practice = station.practices.owner(whole.kind.name)
    if whole.kind.name not in {each.name for each in kinds_in(practice, place.joint)}:
        return "no-step"
    if whole.kind.word in {"handover", "succeed"}:
        # These speak where the convenor does not: the chain judges them, not its next number.
        return ""
    held = place.held or Held(case=place.wire, opening=whole.digest, acts={})
    act = (whole.digest, whole.frame)
    return may(practice, place.joint, held, act=act, at=Instant(own.act.at))
