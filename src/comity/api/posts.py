"""What the API gives back of doors and of the duty post."""

from msgspec import Struct

from comity.api.bodies import Moment


class ClosedDoor(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A door this member closed to a partner, by whom, when, and what waits behind it."""

    partner: str
    purpose: str
    person: str
    at: Moment
    warnings: bool
    """Whether warnings of danger to life are closed out as well."""
    reasons: str
    held_back: int
    undecided: int
    opened_by: str
    """The first of the two who open it, where one has."""


class TurnedBack(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A partner whose own door turns back what this node sends it, for one purpose."""

    partner: str
    purpose: str
    since: Moment
    waiting: int


class Doors(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every door that is closed, by this member or to it."""

    doors: list[ClosedDoor]
    closed_to_us: list[TurnedBack]


class Opening(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether a door is open now, or waits for the second person."""

    is_open: bool


class RotaShift(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One person's weekly shift, in hours on the wall of the rota's time zone."""

    shift: str
    person: str
    days: list[str]
    start: str
    end: str
    rank: int
    until: Moment | None


class Absence(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a person is away."""

    person: str
    since: Moment
    until: Moment


class Woken(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That a person was woken; `ways` is how many worked, -1 where they had just been."""

    person: str
    at: Moment
    ways: int


class DutyCall(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call to an urgent message, or a trial; of the message nothing but its id."""

    call: str
    case: str
    at: Moment
    state: str
    person: str
    woken: list[Woken]


class Gap(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A span in which nobody is on the rota."""

    since: Moment
    until: Moment


class DutyPost(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is on duty, whom a call would wake, and the calls that stand."""

    on_duty: list[str]
    wakes: list[str]
    rota: list[RotaShift]
    away: list[Absence]
    calls: list[DutyCall]
    trials: list[DutyCall]
    gaps: list[Gap]
