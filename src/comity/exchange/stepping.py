"""Which case a message moves, and how: between two partners, or among several parties."""

from comity.core.clock import Instant
from comity.core.errors import StateError
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Reader, Transaction
from comity.exchange import cases, effects, joint
from comity.exchange.stages import Opened, Sealed
from comity.exchange.station import Station
from comity.practice import Body, JointRow, Kind, PartyRow, read_act, universal

_SEQUENCED = frozenset({"stop", "stop-confirm", "lift", "dissent"})
"""Words that in a case of several parties are said to all of them, by their second version."""


def place(reader: Reader, opened: Opened, *, station: Station) -> CaseId | None:
    """Find the case a partner's message belongs to; `None` where it opens a new one.

    Raises as `cases.place`.
    """
    name = opened.message.kind
    if station.practices.is_joint(name):
        return joint.place(reader, opened, station=station)
    found = cases.place(reader, opened, station=station)
    if found is not None:
        check_pairwise(reader, found, name, station)
    return found


def step_in(
    tx: Transaction, opened: Opened, kind: Kind, *, station: Station, at: Instant
) -> cases.Stepped:
    """Open or move the case a filed message belongs to."""
    if station.practices.is_joint(kind.name):
        return joint.step_in(tx, opened, station=station, at=at)
    step = cases.step_in(tx, opened, kind, station=station, at=at)
    check_pairwise(tx, step.case, kind.name, station)
    return step


def step_out(
    tx: Transaction, sealed: Sealed, *, station: Station, at: Instant, leaf: int
) -> None:
    """Move our side of a case as its message is logged, and let it take effect here."""
    draft = sealed.marked.releasable.draft
    if station.practices.is_joint(draft.kind):
        joint.step_out(tx, sealed, station=station)
        return
    check_pairwise(tx, draft.case, draft.kind, station)
    cases.step_out(tx, sealed, station=station, at=at)
    effects.sent(tx, sealed, station=station, at=at, leaf=leaf)


def conversation(reader: Reader, case: CaseId, partner: AgencyId) -> bytes:
    """Return the conversation in which a case is spoken of with one partner."""
    pair = reader.get(PartyRow, case, partner)
    return cases.case_row(reader, case).conv if pair is None else pair.conv


def act_of(kind: Kind, body: Body) -> bytes:
    """Return the digest of an act of several parties; empty where a message is none."""
    return (
        bytes.fromhex(read_act(kind, body).digest)
        if "act" in body and joint.is_act(kind)
        else b""
    )


def check_pairwise(reader: Reader, case: CaseId, name: str, station: Station) -> None:
    """Refuse, within a case of several parties, what would move it for two of them alone.

    Raises `StateError`.
    """
    if reader.get(JointRow, case) is None:
        return
    kit = {kind.name: kind.word for kind in universal(station.practices.owner(name).name)}
    if name not in kit or kit[name] in _SEQUENCED:
        raise StateError(f"`{name[:80]}` does not move a case of several parties")
