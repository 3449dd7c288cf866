"""The desk of one node: its rooms side by side, over one station."""

from collections.abc import Callable
from dataclasses import dataclass, field

from comity.core.errors import ComityError
from comity.core.ids import AgencyId, member_of
from comity.desk.actor import READERS, Actor
from comity.desk.bulk import Bulk
from comity.desk.calls import Terms
from comity.desk.correspondence import Correspondence
from comity.desk.counsel import Counsel
from comity.desk.custody import Custody
from comity.desk.departures import Departures
from comity.desk.doors import Doors
from comity.desk.duty import Duty
from comity.desk.emergency import validate
from comity.desk.files import Files, Keeps, Nothing
from comity.desk.holdings import Holdings
from comity.desk.joint import Joint
from comity.desk.look_up import LookUp
from comity.desk.matching import Matching
from comity.desk.overdue import OWES_SEEN, run
from comity.desk.past import Past
from comity.desk.people import People
from comity.desk.ranking import Ranking
from comity.desk.reading import ACKNOWLEDGEMENTS, Reading
from comity.desk.readings import Readings
from comity.desk.release import Release
from comity.desk.sweep import Sweep
from comity.desk.systems import Systems
from comity.desk.watch import Watches
from comity.exchange import InboxRow, InForce, Station
from comity.message import Content
from comity.practice import CaseFieldRow
from comity.record import Safe
from comity.screening import Finder
from comity.trust import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A node, seen from where people sit."""

    station: Station
    agency: AgencyId
    correspondence: Correspondence
    reading: Reading
    look_up: LookUp
    bulk: Bulk
    matching: Matching
    holdings: Holdings
    joint: Joint
    people: People
    systems: Systems
    counsel: Counsel
    custody: Custody
    departures: Departures
    doors: Doors
    duty: Duty
    files: Files
    release: Release
    past: Past
    readings: Readings
    sweep: Sweep
    watches: Watches
    changed: Callable[[], None] = field(repr=False)
    """Lets screening take in what changed; what is gone can be found no more after it."""

    def validate(self, actor: Actor, mid: str, *, reasons: str = "") -> None:
        """Validate what went on the emergency path; raises as `emergency.validate`."""
        validate(self.station, actor, mid, reasons=reasons)

    def overdue(self, notify: Callable[[], int]) -> bool:
        """Do what time brings, and wake the person on duty for it; for a worker."""
        is_moved = self.joint.round()
        return run(self.station, self.correspondence.owed, notify=notify) or is_moved


def open_desk(  # noqa: PLR0913 - what a desk stands on, one keyword each
    station: Station,
    safe: Safe,
    access: Access,
    *,
    agency: AgencyId,
    law: InForce,
    finder: Callable[[], Finder],
    kick: Callable[[], None],
    duty: Terms | None = None,
    keeps: Keeps | None = None,
) -> Desk:
    """Set up a desk; `kick` wakes delivery, `finder` finds what is held.

    `law` is what the station asks as its corpus: a reading confirmed here counts at once.
    """
    member = member_of(agency)

    def changed() -> None:
        finder().renew()

    def opened(actor: Actor, mid: str) -> Content | None:
        return reading.message(actor, mid).content

    joint = Joint(station, agency, opened=opened, kick=kick)
    letters = Correspondence(station, agency, joint=joint, kick=kick)
    look_up = LookUp(station, safe, member=member, finder=finder)
    reading = Reading(station, seen=lambda row, actor: _tell_seen(letters, station, row, actor))
    return Desk(
        station=station,
        agency=agency,
        correspondence=letters,
        reading=reading,
        joint=joint,
        look_up=look_up,
        bulk=Bulk(
            station, agency, member=member, ranking=Ranking(station, safe, finder=finder)
        ),
        matching=Matching(
            station, safe, agency=agency, ranking=Ranking(station, safe, finder=finder)
        ),
        holdings=Holdings(station, safe, member=member, changed=changed),
        people=People(station, access, agency=agency),
        systems=Systems(station),
        counsel=Counsel(station),
        custody=Custody(station),
        departures=Departures(station, letters, member=member),
        doors=Doors(station),
        duty=Duty(station, duty or Terms()),
        files=Files(station, reading, keeps or Nothing()),
        release=Release(station, agency),
        past=Past(station),
        readings=Readings(station, agency, law=law),
        sweep=Sweep(station),
        watches=Watches(station, look_up),
        changed=changed,
    )


def _tell_seen(letters: Correspondence, station: Station, row: InboxRow, actor: Actor) -> None:
    """Tell a partner that a person opened its message; acknowledgements end the chain."""
    if station.practices.kind(row.kind).word in ACKNOWLEDGEMENTS:
        return
    act = actor.act(READERS, at=station.clock.now())
    try:
        letters.owed.seen(row, act)
    except ComityError:
        # Reading must not wait for the road: a worker tells it later.
        value = f"{row.mid.hex()} {act.person} {act.seat}"
        owes = CaseFieldRow(case=row.case, name=OWES_SEEN, value=value)
        station.store.commit(lambda tx: tx.put(owes)).result()
