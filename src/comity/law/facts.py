"""Who may say what: facts composed from their homes, and the standing assessments of partners.

INVARIANT: an officer may set a fact that an absolute prohibition reads to true or unknown,
never to false; only a standing assessment (or the record itself) can, and a contrary sign in
the case makes it unknown again. What nobody answered is unknown.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

from comity.core.clock import Instant
from comity.core.errors import AuthorisationError, InvalidInputError
from comity.core.ids import AgencyId, MemberId, PersonId, RecordId, member_of
from comity.core.store import Op, Reader, Row, Where, eq
from comity.law.corpus import shipped_lexicon
from comity.law.model import Fact, Home, Span
from comity.law.view import Truth
from comity.message import Facts

LONGEST = Span(length=12, unit="month")
"""How long an assessment may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRow(Row):
    """One standing fact of a partner and purpose: the legal adviser's, confirmed by another."""

    table: ClassVar[str] = "assessment"
    key: ClassVar[tuple[str, ...]] = ("partner", "purpose", "fact", "at")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("partner", "purpose"),)

    partner: str
    """An agency, or a member and so all its agencies."""
    purpose: str
    fact: str
    value: bool | None
    at: Instant
    until: Instant
    by: PersonId
    confirmed_by: PersonId | None
    """The rights officer; `None` while it waits, and does not count."""
    record_id: RecordId
    """Reasons and sources."""


def assess(row: AssessmentRow) -> AssessmentRow:
    """Check a new assessment and return it, unconfirmed.

    Raises `InvalidInputError` on a fact that is not standing, a purpose that is not listed, or
    a life beyond 12 months.
    """
    lexicon = shipped_lexicon()
    fact = lexicon.facts.get(row.fact)
    if fact is None or fact.home is not Home.STANDING:
        raise InvalidInputError(f"expected a standing fact, got `{row.fact[:60]}`")
    if row.purpose not in lexicon.purposes:
        raise InvalidInputError(f"unknown purpose `{row.purpose[:60]}`")
    if not row.at < row.until <= LONGEST.after(row.at):
        raise InvalidInputError("an assessment stands for at most 12 months")
    return replace(row, confirmed_by=None)


def confirm(row: AssessmentRow, by: PersonId) -> AssessmentRow:
    """Return the assessment as confirmed; raises `AuthorisationError` for its own author."""
    if by == row.by:
        raise AuthorisationError("an assessment is confirmed by another person than its author")
    return replace(row, confirmed_by=by)


def standing_facts(
    reader: Reader, partner: AgencyId | MemberId, purpose: str, *, at: Instant
) -> Facts:
    """Return what stands of a partner and purpose; an agency's own outweighs its member's.

    Expired means unknown: the newest confirmed assessment decides, never an older one.
    """
    facts: dict[str, bool | None] = {}
    for name in dict.fromkeys((member_of(AgencyId(partner)), partner)):
        found = reader.find(
            AssessmentRow,
            eq("partner", name),
            eq("purpose", purpose),
            Where("at", Op.LE, at),
            order="at",
        )
        for row in found:
            if row.confirmed_by is not None:
                facts[row.fact] = row.value if at < row.until else None
    return facts


def compose_facts(
    *,
    derived: Facts,
    standing: Facts,
    case: Facts,
    message: Facts,
    contrary_signs: Collection[str] = (),
) -> Facts:
    """Return one answer per fact, each from its own home.

    An officer (case, message) may also make a fact on an absolute prohibition true or unknown.
    Raises `InvalidInputError` on a fact or sign that is not declared, or one stated from
    another home than its own; `AuthorisationError` on an officer's no to an absolute
    prohibition.
    """
    lexicon = shipped_lexicon()
    strange = set(contrary_signs) - lexicon.signs.keys()
    if strange:
        raise InvalidInputError(f"unknown contrary sign `{min(strange)[:60]}`")
    homes = {
        Home.DERIVED: derived,
        Home.STANDING: standing,
        Home.CASE: case,
        Home.MESSAGE: message,
    }
    composed: dict[str, Truth] = {}
    for home, facts in homes.items():
        for name, value in facts.items():
            fact = lexicon.facts.get(name)
            if fact is None:
                raise InvalidInputError(f"unknown fact `{name[:60]}`")
            _check(fact, value, home=home)
            if home is fact.home or composed.get(name) is not True:
                composed[name] = value
    signs = frozenset(contrary_signs)
    doubted = (name for name in composed if lexicon.facts[name].signs & signs)
    return composed | {name: None for name in doubted if composed[name] is False}


def _check(fact: Fact, value: Truth, *, home: Home) -> None:
    if home is fact.home:
        return
    if not fact.absolute or home not in {Home.CASE, Home.MESSAGE}:
        raise InvalidInputError(f"`{fact.name}` is stated by {fact.home}, not by {home}")
    if value is False:
        raise AuthorisationError(f"only a standing assessment can answer `{fact.name}` with no")
