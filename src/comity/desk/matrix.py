"""Who may be sent what: partner by data category, for one purpose, before anybody has answered.

Each partner is asked about twice: once about the message, once with a value of every category;
the law judges value by value, so nothing is asked per cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Reader
from comity.desk.derive import derived_facts
from comity.exchange import Station
from comity.exchange.doors import closed_to
from comity.law import Corpus, Verdict, decide, standing_facts
from comity.message import Draft, Facts, Handling, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the whole matrix is about: who sends which kind, for what, under which marking."""

    agency: AgencyId
    kind: str
    purpose: str
    handling: Handling
    facts: Facts = field(default_factory=dict[str, bool | None])
    """Answers supposed, beside what stands of each partner."""

    def draft(self, partner: AgencyId, *, at: Instant) -> Draft:
        """Return the message as far as it is known: no value is written yet."""
        return Draft(
            kind=self.kind,
            originator=self.agency,
            recipient=partner,
            purpose=self.purpose,
            at=at,
            body={},
            handling=self.handling,
            case=CaseId(""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """What the law says of one partner, category by category."""

    partner: AgencyId
    cells: Mapping[str, Verdict]
    missing: tuple[str, ...]
    """Facts that would still be asked, or looked for in a standing assessment."""
    is_closed: bool
    """Whether this member closed its own door to the partner."""


def known_of(reader: Reader, partner: AgencyId, asked: Asked, *, at: Instant) -> Facts:
    """Return what is known of a message before it is written: what stands of its partner.

    It passes nothing on and names nobody: what the values of a real one show comes later.
    """
    standing = standing_facts(reader, partner, asked.purpose, at=at)
    return {**derived_facts(asked.draft(partner, at=at)), **standing, **asked.facts}


def row_of(reader: Reader, partner: AgencyId, asked: Asked, *, station: Station) -> MatrixRow:
    """Return one partner's row."""
    at = station.clock.now()
    facts = known_of(reader, partner, asked, at=at)
    draft = replace(asked.draft(partner, at=at), facts=facts)
    cells, missing = _cells(draft, station.corpus())
    return MatrixRow(
        partner=partner,
        cells=cells,
        missing=missing,
        is_closed=station.is_closed(partner, asked.purpose)
        or any(row.purpose in {"", asked.purpose} for row in closed_to(reader, partner)),
    )


def _cells(draft: Draft, corpus: Corpus) -> tuple[Mapping[str, Verdict], tuple[str, ...]]:
    names = tuple(corpus.lexicon.categories)
    items = tuple(Item(path=each, category=each, handling=draft.handling) for each in names)
    whole = decide(draft, corpus).verdict
    found = decide(replace(draft, items=items, categories=frozenset(names)), corpus)
    worse = frozenset(names if found.smallest_set is None else found.smallest_set)
    denied = {p for r in found.reasons if r.outcome is Verdict.DENY for p in r.paths}
    # What is judged no worse than the message is judged as the message is.
    return {
        name: Verdict.DENY
        if whole is Verdict.DENY or name in denied
        else Verdict.REFER
        if name in worse
        else whole
        for name in names
    }, found.missing
