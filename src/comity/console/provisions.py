"""What the pages of the law show: instruments, their rules beside their source, the matrix."""

from dataclasses import dataclass
from typing import ClassVar

from comity.console.parts import Act, Chip, Deadline, Finding, Form, Input, Pair, Verdict
from comity.console.views import READY, Condition, Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRow:
    """One instrument in the list."""

    id: str
    title: str
    href: str
    kind: str
    in_force: str
    evidence: Chip
    rules: int
    gap: str = ""
    marks: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentList:
    """Every instrument this node holds, narrowed by kind or by what is openly missing."""

    TEMPLATE: ClassVar[str] = "instruments.html"
    rows: tuple[InstrumentRow, ...]
    kinds: tuple[Tab, ...]
    missing: Tab
    total: int
    tabs: tuple[Tab, ...] = ()
    condition: Condition = READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One line of a rule's conditions, in words; `depth` says what it stands under."""

    depth: int
    text: str
    note: str = ""
    is_fact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """One test of a rule: when it speaks, what lifts it, what it is asked of."""

    title: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """One told case of a rule: a sentence, what the law answers, and how it is decided."""

    text: str
    verdict: Verdict
    cite: str
    place: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCard:
    """One rule beside the source it rests on, with its told cases."""

    name: str
    text: str
    role: str
    cite: str
    url: str
    evidence: Chip
    gap: str
    place: str
    facts: tuple[Pair, ...]
    """Purposes, sides, from and until, who may lift."""
    conditions: tuple[Conditions, ...]
    duties: tuple[Finding, ...] = ()
    kept: tuple[ToldLine, ...] = ()
    broken: tuple[ToldLine, ...] = ()
    reading: tuple[Pair, ...] = ()
    """What a person found when reading the source, and who confirmed it."""
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLine:
    """One row of a treaty list."""

    party: str
    status: Chip
    signed: str
    bound: str
    in_force: str
    until: str
    as_of: str
    source: str
    href: str = ""
    """Where to say what was read of it, where nobody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationLine:
    """What a party kept back."""

    party: str
    article: str
    effect: Chip
    counterpart: str
    until: str
    source: str
    text: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentPage:
    """One instrument: what is held of it, whom it binds, and each rule beside its source."""

    TEMPLATE: ClassVar[str] = "instrument.html"
    id: str
    title: str
    chips: tuple[Chip, ...]
    pairs: tuple[Pair, ...]
    url: str
    gap: str
    assessment: bool
    """Whether a local human-rights assessment comes first."""
    partners: tuple[Pair, ...]
    """For each partner, whether it binds both sides today."""
    parties: tuple[PartyLine, ...]
    parties_total: int
    pages: tuple[Tab, ...]
    listing: str
    """What absence from the list means."""
    reservations: tuple[ReservationLine, ...]
    rules: tuple[RuleCard, ...]
    tabs: tuple[Tab, ...] = ()
    contents: tuple[Act, ...] = ()
    is_rule: bool = False
    """Whether one rule alone is shown, which cites no instrument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What the law says of one partner and one data category."""

    verdict: Verdict
    href: str
    name: str
    """Partner, category and verdict in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixLine:
    """One partner of the matrix."""

    partner: str
    code: str
    cells: tuple[Cell, ...]
    open: tuple[str, ...]
    """What would still be asked, as questions."""
    marks: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Partner by data category for one purpose."""

    TEMPLATE: ClassVar[str] = "matrix.html"
    purpose: str
    categories: tuple[tuple[str, str], ...]
    """Each data category: its word, and what it covers."""
    rows: tuple[MatrixLine, ...]
    inputs: tuple[Input, ...]
    suppose: tuple[Input, ...]
    """Questions an answer may be supposed for."""
    packs: str
    is_supposed: bool = False
    """Whether answers are supposed now."""
    tabs: tuple[Tab, ...] = ()
    condition: Condition = READY


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralCard:
    """A draft the law leaves to a person: which rules, what is not known, who decides."""

    href: str
    title: str
    detail: str
    verdict: Verdict
    rules: tuple[Finding, ...]
    missing: tuple[Pair, ...]
    """Each unknown fact, and where it is answered."""
    deciders: tuple[Pair, ...]
    """Each seat that may lift it: who holds it, and who stands in."""
    age: Chip
    is_mine: bool
    due: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrals:
    """Drafts that wait for a named person: those the reader may decide, and the others."""

    TEMPLATE: ClassVar[str] = "referrals.html"
    mine: tuple[ReferralCard, ...]
    others: tuple[ReferralCard, ...]
    more: int
    tabs: tuple[Tab, ...] = ()
    condition: Condition = READY
