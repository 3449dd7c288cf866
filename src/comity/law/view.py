"""What one rule sees: one value of a draft, or the message as a whole, on one day."""

from collections.abc import Callable
from datetime import date

from comity.core.ids import AgencyId, member_of
from comity.law.participation import Participation
from comity.message import Draft, Facts, Handling

Truth = bool | None
"""True, false or unknown."""


class View:
    """The draft as a rule looks at it; `category` is `None` for the message as a whole."""

    __slots__ = ("category", "day", "draft", "facts", "giver", "handling", "taker", "treaties")

    def __init__(self, draft: Draft, treaties: Participation, *, day: date) -> None:
        """Look at the whole message."""
        self.draft = draft
        self.treaties = treaties
        self.day = day
        self.facts: Facts = draft.facts
        self.handling = draft.handling
        self.category: str | None = None
        self.giver = party_code(draft.originator)
        self.taker = party_code(draft.recipient)

    def of(self, category: str, handling: Handling, *, facts: Facts) -> "View":
        """Look at one value instead."""
        view = View.__new__(View)
        view.draft, view.treaties, view.day = self.draft, self.treaties, self.day
        view.giver, view.taker = self.giver, self.taker
        view.category, view.handling, view.facts = category, handling, facts
        return view


Test = Callable[[View], Truth]
"""A compiled predicate."""


def party_code(agency: AgencyId) -> str:
    """Return the code a treaty list knows an agency's member by: `XN`, `org-interpol`."""
    member = member_of(agency)
    return member if member.startswith("org-") else member.upper()
