"""A statement: one value of one property of one entity, with all it came with.

Words follow the FollowTheMoney 4.11 statement: `entity_id`, `schema`, `prop`, `value`.
"""

from dataclasses import dataclass
from enum import Enum, unique

from comity.core.clock import Instant
from comity.core.ids import AgencyId, EntityId
from comity.message.handling import Handling


@unique
class Status(Enum):
    """Where a statement stands; only `ACTIVE` and `CONTESTED` are ever shown."""

    ACTIVE = "active"
    CONTESTED = "contested"
    RECALLED = "recalled"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How reliable, in the source's own scale; scales are never converted silently.

    `scale` is `europol-4x4`, `admiralty` or `uk-3x5x2`; `source` and `information` are its
    codes (`B`, `2`). Without an agreement the Europol default is `X4`.
    """

    scale: str
    source: str
    information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One value under its own marking, basis, grade, purpose and time to live."""

    statement_id: str
    entity_id: EntityId
    schema: str
    prop: str
    value: str
    dataset: str
    """Where it came from: a list (`ofac-sdn`), a partner's answer, an officer's file."""
    originator: AgencyId
    grade: Grade
    handling: Handling
    basis: str
    """The provision it is held on, as written by who imported or sent it."""
    purpose: str
    collected: Instant
    retain_until: Instant
    valid_from: str = ""
    valid_until: str = ""
    original_value: str = ""
    """What the source wrote, where `value` is a normal form of it (`circa 1951`)."""
    status: Status = Status.ACTIVE
