"""The view of a case of several parties from what a node holds of it, and where it is kept."""

from dataclasses import replace

from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.ids import CaseId
from comity.core.store import Reader, Transaction, eq
from comity.exchange.cases import case_row
from comity.exchange.station import Station
from comity.practice import (
    NUMBER_SORT,
    ActRow,
    Held,
    JointCase,
    JointRow,
    Number,
    NumberRow,
    Practice,
    View,
    fold,
    read_frame,
    read_number,
)
from comity.seal import read_document


def joint_row(reader: Reader, wire: str) -> JointRow | None:
    """Return the case of several parties that its parties know by this name."""
    rows = reader.find(JointRow, eq("wire", wire), limit=1)
    return rows[0] if rows else None


def the_case(reader: Reader, case: str) -> JointRow:
    """Return a case of several parties; raises `NotFoundError`."""
    row = reader.get(JointRow, case)
    if row is None:
        raise NotFoundError(f"no case of several parties `{case[:40]}`")
    return row


def number_of(row: NumberRow) -> Number:
    """Read a number that was checked when it came."""
    return read_number(read_document(row.signed, sort=NUMBER_SORT).payload)[0]


def held_of(reader: Reader, row: JointRow) -> Held | None:
    """Return what is held of a case; `None` as long as the act that opens it may not be."""
    acts = {
        act.digest: read_frame(act.frame) for act in reader.find(ActRow, eq("case", row.case))
    }
    if row.opening not in acts:
        return None
    numbers = reader.find(NumberRow, eq("case", row.case))
    return Held(
        case=row.wire,
        opening=row.opening,
        acts=acts,
        numbers=tuple(number_of(each) for each in numbers),
    )


def declared(reader: Reader, row: JointRow, station: Station) -> tuple[Practice, JointCase]:
    """Return the practice and the type of a case."""
    name = case_row(reader, CaseId(row.case)).practice
    return station.practices.named(name), station.practices.joint(name, row.type)


def view_of(reader: Reader, row: JointRow, *, station: Station, at: Instant) -> View | None:
    """Fold a case as of `at`; `None` as long as the act that opens it may not be held."""
    held = held_of(reader, row)
    if held is None:
        return None
    practice, joint = declared(reader, row, station)
    return fold(practice, joint, held, at=at)


def refold(tx: Transaction, case: CaseId, *, station: Station, at: Instant) -> View | None:
    """Fold a case and keep where it stands; a stop is told by how many hold and have lifted."""
    row = the_case(tx, case)
    view = view_of(tx, row, station=station, at=at)
    if view is None:
        return None
    _, joint = declared(tx, row, station)
    is_over = view.state in joint.closed
    tx.put(
        replace(
            row,
            convenor=view.convenor,
            epoch=view.epoch,
            number=view.number,
            is_over=is_over,
        )
    )
    held = case_row(tx, case)
    state = _text(view)
    if (held.state, held.partner) != (state, view.convenor):
        tx.put(replace(held, state=state, partner=view.convenor, changed=at))
    return view


def _text(view: View) -> str:
    if not view.is_stopped:
        return view.state
    return f"stopped/{len(view.stops)}/{len(view.lifts)}/{view.state}"
