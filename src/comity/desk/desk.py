"""The desk of one node: its rooms side by side, over one station."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from comity.core.ids import AgencyId, CaseId, EntityId, member_of
from comity.desk.actor import Actor
from comity.desk.correspondence import Correspondence
from comity.desk.counsel import Counsel
from comity.desk.holdings import Holdings
from comity.desk.letters import Letter
from comity.desk.look_up import LookUp
from comity.desk.people import People
from comity.desk.reading import Reading
from comity.exchange import InboxRow, Station
from comity.message import Handling, Tlp
from comity.record import Safe
from comity.screening import Index, Profile
from comity.trust import Access

ACKNOWLEDGEMENTS = frozenset({"seen", "comply", "warning-ack"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A node, seen from where people sit."""

    station: Station
    agency: AgencyId
    correspondence: Correspondence
    reading: Reading
    look_up: LookUp
    holdings: Holdings
    people: People
    counsel: Counsel
    changed: Callable[[Iterable[Profile], Iterable[EntityId]], None] = field(repr=False)


def open_desk(  # noqa: PLR0913 - what a desk stands on, one keyword each
    station: Station,
    safe: Safe,
    access: Access,
    *,
    agency: AgencyId,
    index: Callable[[], Index],
    kick: Callable[[], None],
) -> Desk:
    """Set up a desk; `kick` wakes delivery, `index` gives the names that can be found now."""
    member = member_of(agency)

    def changed(profiles: Iterable[Profile], forget: Iterable[EntityId]) -> None:
        index().forget(forget)
        index().add(profiles)

    letters = Correspondence(station, agency, kick=kick)
    return Desk(
        station=station,
        agency=agency,
        correspondence=letters,
        reading=Reading(
            station, seen=lambda row, actor: _tell_seen(letters, station, row, actor)
        ),
        look_up=LookUp(station, safe, member=member, index=index),
        holdings=Holdings(station, safe, member=member, changed=changed),
        people=People(station, access, agency=agency),
        counsel=Counsel(station),
        changed=changed,
    )


def _tell_seen(letters: Correspondence, station: Station, row: InboxRow, actor: Actor) -> None:
    """Tell a partner that a person opened its message; acknowledgements end the chain."""
    if station.practices.kind(row.kind).word in ACKNOWLEDGEMENTS:
        return
    practice = station.practices.owner(row.kind).name
    body = {"about": row.mid.hex()}
    marking = Handling(tlp=Tlp.AMBER)
    letter = Letter(
        kind=f"{practice}.seen/1", body=body, handling=marking, case=CaseId(row.case)
    )
    letters.send(actor, letter)
