"""What a person sees of a case of several parties, and of each act in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId, RecordId
from comity.core.store import Op, Reader, Where, eq
from comity.exchange import Station
from comity.exchange.cases import case_row
from comity.exchange.enacting import OwnAct
from comity.exchange.joint_view import declared, view_of
from comity.practice import (
    ActRow,
    Body,
    CitedRow,
    CopyRow,
    FalseRow,
    JointRow,
    Kind,
    Met,
    SectionRow,
    View,
    fold_children,
    kinds_in,
    met,
    open_kinds,
    section_names,
    standing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One section of an act, as this node may read it."""

    place: int
    name: str
    state: str
    """`held`, `recalled` or `erased`; of our own, `held`."""
    handling: str = ""
    body: Body = field(default_factory=dict[str, Value])


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """One act of a case, opened: its fields, and the sections this node holds."""

    digest: str
    kind: str
    author: AgencyId
    is_readable: bool
    body: Body
    sections: tuple[PartView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JointView:
    """A case of several parties as a person works on it."""

    case: CaseId
    wire: str
    view: View | None
    """`None` as long as the act that opens it waits for a person here."""
    quorums: Mapping[str, Met]
    """How each quorum of the declaration stands now, and who is missing."""
    acts: tuple[Kind, ...]
    """Kinds this person's seats may send now, as far as state and role say."""
    copies: tuple[CopyRow, ...]
    """What became of each party's copy of our acts."""
    framed_only: frozenset[str]
    """Acts of which this node holds the frame alone."""
    stale: frozenset[str]
    """Products that rest on what was corrected or recalled, as far as this node knows."""
    children: Mapping[str, bool | None]
    """By type of child: all done, one failed, or unknown."""
    evidence: tuple[FalseRow, ...]


def case_view(
    reader: Reader, row: JointRow, seats: frozenset[str], *, station: Station, at: Instant
) -> JointView:
    """Show a case of several parties."""
    of_case = eq("case", row.case)
    view = view_of(reader, row, station=station, at=at)
    acts = reader.find(ActRow, of_case)
    stale = reader.find(CitedRow, of_case, Where("stale_at", Op.NE, None))
    practice, joint = declared(reader, row, station)
    kinds = {kind.name: kind for kind in kinds_in(practice, joint)}
    quorums: dict[str, Met] = {}
    may_now: tuple[Kind, ...] = ()
    if view is not None:
        quorums = {
            name: met(view, quorum, kinds=kinds, at=at)
            for name, quorum in joint.quorums.items()
        }
        may_now = joint_kinds(reader, row, station)
    return JointView(
        case=CaseId(row.case),
        wire=row.wire,
        view=view,
        quorums=quorums,
        acts=tuple(kind for kind in may_now if kind.seats & seats),
        copies=tuple(reader.find(CopyRow, of_case, order="digest,party")),
        framed_only=frozenset(act.digest for act in acts if not act.is_readable),
        stale=frozenset(each.digest for each in stale)
        | (frozenset[str]() if view is None else view.stale),
        children=_children(reader, row, station),
        evidence=tuple(reader.find(FalseRow, of_case, order="at,digest")),
    )


def joint_kinds(reader: Reader, row: JointRow, station: Station) -> tuple[Kind, ...]:
    """Return the kinds our agency may send to all now, as far as state and role say."""
    at = station.clock.now()
    view = view_of(reader, row, station=station, at=at)
    if view is None:
        return ()
    practice, joint = declared(reader, row, station)
    return open_kinds(practice, joint, view, party=AgencyId(row.us))


def own_view(row: ActRow, own: OwnAct | None) -> ActView:
    """Show an act of ours, whole."""
    body: Body = {} if own is None else own.whole.body
    sections = () if own is None else own.whole.sections
    return ActView(
        digest=row.digest,
        kind=row.kind,
        author=AgencyId(row.author),
        is_readable=own is not None,
        body=body if own is None else _without_sections(body, section_names(own.whole.kind)),
        sections=tuple(
            PartView(
                place=each.place,
                name=each.name,
                state="held",
                handling=str(each.handling),
                body=each.body,
            )
            for each in sections
        ),
    )


def their_view(reader: Reader, row: ActRow, body: Body, *, station: Station) -> ActView:
    """Show an act of a party, as far as it is held here."""
    of_act = (eq("case", row.case), eq("digest", row.digest))
    sections = reader.find(SectionRow, *of_act, order="place")
    return ActView(
        digest=row.digest,
        kind=row.kind,
        author=AgencyId(row.author),
        is_readable=row.is_readable,
        body=_without_sections(body, frozenset({"act"})),
        sections=tuple(_part(reader, each, station) for each in sections),
    )


def _part(reader: Reader, row: SectionRow, station: Station) -> PartView:
    kept = station.safe.open(reader, RecordId(row.record_id)) if row.state == "held" else None
    if kept is None:
        return PartView(place=row.place, name=row.name, state=row.state)
    part = cast("Mapping[str, Value]", cbor.decode(kept))
    return PartView(
        place=row.place,
        name=row.name,
        state=row.state,
        handling=str(part["handling"]),
        body=cast("Body", part["body"]),
    )


def _children(reader: Reader, row: JointRow, station: Station) -> dict[str, bool | None]:
    """Fold the child cases this node holds: another party may see others."""
    _, joint = declared(reader, row, station)
    found = reader.find(JointRow, eq("parent", row.wire))
    states: dict[str, list[str]] = {}
    for each in found:
        state = standing(case_row(reader, CaseId(each.case)).state).state
        states.setdefault(each.type, []).append(state)
    return {
        declared_child.case: fold_children(declared_child, states.get(declared_child.case, ()))
        for declared_child in joint.children
    }


def _without_sections(body: Body, names: Sequence[str] | frozenset[str]) -> Body:
    return {name: value for name, value in body.items() if name not in names}
