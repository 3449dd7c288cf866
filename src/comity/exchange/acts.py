"""Who acts: the record that a permitted leaf commits to.

INVARIANT: the agency's key signs only for a unit whose act names person, seat and session and,
where the kind requires it, a second person who is not the first.
"""

from dataclasses import dataclass, field

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import PersonId
from comity.message import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One person's act in one seat and session, with the second person where one is needed."""

    person: PersonId
    seat: str
    session: str
    at: Instant
    second: PersonId | None = None
    lifted: tuple[str, ...] = ()
    """Rules whose referral a person in the right seat has lifted, each `rule=person`."""
    stated: Facts = field(default_factory=dict[str, bool | None])
    """What the person answered to the law; kept, so that it can be asked again."""
    again: str = ""
    """The message that this act seals anew, because its partner could not open it in time."""

    def record(self) -> dict[str, Value]:
        """Return the act as the ledger commits to it."""
        return {
            "person": self.person,
            "seat": self.seat,
            "session": self.session,
            "at": self.at,
            "second": self.second,
            "lifted": list(self.lifted),
            "stated": dict(self.stated),
            "again": self.again,
        }
