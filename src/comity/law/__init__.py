"""May it? Instruments, participation, rules, and the decisions they give."""

from comity.core.store import Row
from comity.law.corpus import (
    Corpus,
    deadline,
    load_corpus,
    shipped_corpus,
    shipped_lexicon,
    shipped_packs,
)
from comity.law.decide import decide, holds
from comity.law.explain import Explanation, as_json, explain, lines, packs_report, why_not
from comity.law.facts import (
    AssessmentRow,
    assess,
    compose_facts,
    confirm,
    standing_facts,
)
from comity.law.inquiry import parse_inquiry, write_inquiry
from comity.law.model import (
    Category,
    Clock,
    Decision,
    Denied,
    Evidence,
    Fact,
    Home,
    Instrument,
    Lexicon,
    Obligation,
    Permitted,
    Reason,
    Referred,
    Role,
    Rule,
    Side,
    Span,
    Told,
    Verdict,
)
from comity.law.overlay import outdated, overlay
from comity.law.participation import Participation, Party, Reservation
from comity.law.predicate import Predicate
from comity.law.reading import (
    Reading,
    ReadingOutcome,
    ReadingRow,
    check_reading,
    confirm_reading,
    place_of,
    read_record,
    row_digest,
)
from comity.law.told import answer, failures, ordinary_facts, told_cases, told_of
from comity.law.unread import UnreadRow, count_unread, is_unread, referred_lately
from comity.law.view import party_code

ROWS: tuple[type[Row], ...] = (AssessmentRow, ReadingRow, UnreadRow)

__all__ = [
    "ROWS",
    "AssessmentRow",
    "Category",
    "Clock",
    "Corpus",
    "Decision",
    "Denied",
    "Evidence",
    "Explanation",
    "Fact",
    "Home",
    "Instrument",
    "Lexicon",
    "Obligation",
    "Participation",
    "Party",
    "Permitted",
    "Predicate",
    "Reading",
    "ReadingOutcome",
    "ReadingRow",
    "Reason",
    "Referred",
    "Reservation",
    "Role",
    "Rule",
    "Side",
    "Span",
    "Told",
    "UnreadRow",
    "Verdict",
    "answer",
    "as_json",
    "assess",
    "check_reading",
    "compose_facts",
    "confirm",
    "confirm_reading",
    "count_unread",
    "deadline",
    "decide",
    "explain",
    "failures",
    "holds",
    "is_unread",
    "lines",
    "load_corpus",
    "ordinary_facts",
    "outdated",
    "overlay",
    "packs_report",
    "parse_inquiry",
    "party_code",
    "place_of",
    "read_record",
    "referred_lately",
    "row_digest",
    "shipped_corpus",
    "shipped_lexicon",
    "shipped_packs",
    "standing_facts",
    "told_cases",
    "told_of",
    "why_not",
    "write_inquiry",
]
