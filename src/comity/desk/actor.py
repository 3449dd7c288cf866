"""Who sits at the desk: a person, the seats they hold now, and what this session is for."""

from dataclasses import dataclass

from comity.core.clock import Instant
from comity.core.errors import AuthorisationError
from comity.core.ids import PersonId
from comity.exchange import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A signed-in person; `purpose` and `case` bind a token to one use, where not empty."""

    person: PersonId
    seats: frozenset[str]
    session: str
    purpose: str = ""
    case: str = ""
    system: str = ""
    """The system that acts under this person's name; empty where they act themselves."""

    def seat(self, allowed: frozenset[str]) -> str:
        """Return the seat this act is done from; raises `AuthorisationError`."""
        held = sorted(self.seats & allowed)
        if not held:
            raise AuthorisationError(
                f"this act is for {', '.join(sorted(allowed))}; you hold "
                f"{', '.join(sorted(self.seats)) or 'no seat'}"
            )
        return held[0]

    def bound(self, *, purpose: str, case: str) -> None:
        """Refuse a token used beyond the purpose or case it was made for."""
        if self.purpose and purpose and purpose != self.purpose:
            raise AuthorisationError(f"this token is for the purpose `{self.purpose}` alone")
        if self.case and case and case != self.case:
            raise AuthorisationError(f"this token is for the case `{self.case}` alone")

    def act(self, allowed: frozenset[str], *, at: Instant) -> Act:
        """Return the record of an act done now from one of the `allowed` seats."""
        return Act(person=self.person, seat=self.seat(allowed), session=self.session, at=at)


LINE = frozenset({"officer", "analyst", "supervisor"})
"""Seats that read cases and screen."""
READERS = frozenset({"officer", "analyst", "supervisor", "legal", "rights"})
"""Seats that may open a case."""
DECIDERS = frozenset({"supervisor", "legal", "rights"})
"""Seats that may let in what the law held, and close a door."""
