"""What stands between referrals and an answer: rows of the law that somebody should read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from comity.core.clock import DAY, Instant, utc_date
from comity.core.ids import AgencyId
from comity.core.store import Op, Reader, Row, Transaction, Where
from comity.law.corpus import Corpus
from comity.law.model import Decision, Role, Rule, Verdict
from comity.law.reading import GENERAL, place_of
from comity.law.view import party_code

MONTH = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRow(Row):
    """How many decisions of one day a row nobody has read referred to a person."""

    table: ClassVar[str] = "unread"
    key: ClassVar[tuple[str, ...]] = ("row", "day")

    row: str
    """As a reading names it."""
    day: str
    referred: int


def unread(
    decision: Decision, corpus: Corpus, *, agencies: tuple[AgencyId, AgencyId]
) -> tuple[str, ...]:
    """Return the rows whose reading may let this decision be more than a referral."""
    referred = {each.rule for each in decision.reasons if each.outcome is Verdict.REFER}
    parties = (party_code(agencies[0]), party_code(agencies[1]))
    on = utc_date(decision.at)
    found: dict[str, None] = {}
    for rule in corpus.rules:
        if rule.name in referred and not rule.is_verified:
            found[rule.name] = None
        if rule.name in referred and rule.role is Role.BASIS:
            found |= dict.fromkeys(_of_parties(rule, parties, corpus, on=on))
    return tuple(found)


def _of_parties(
    rule: Rule, parties: tuple[str, str], corpus: Corpus, *, on: date
) -> Iterable[str]:
    treaties, name = corpus.treaties, rule.between
    for party in parties:
        if treaties.binds(name, party, on=on) is None:
            yield f"{name}/{party}"
        for row in treaties.reservations.get((name, party), ()):
            if row.effect == "doubt" and row.article in rule.articles | {""}:
                yield f"{name}/{party}/{row.article or GENERAL}"


def is_unread(corpus: Corpus, row: str, *, on: date) -> bool:
    """Whether somebody should still read this row."""
    name, party, article = place_of(row)
    if not party:
        return any(rule.name == row and not rule.is_verified for rule in corpus.rules)
    if not article:
        return corpus.treaties.binds(name, party, on=on) is None
    exact = "" if article == GENERAL else article
    return any(
        held.effect == "doubt" and held.article == exact
        for held in corpus.treaties.reservations.get((name, party), ())
    )


def count_unread(
    tx: Transaction, decision: Decision, corpus: Corpus, *, agencies: tuple[AgencyId, AgencyId]
) -> None:
    """Count what a referral waits for, in the unit that writes it; codes alone."""
    if decision.verdict is not Verdict.REFER:
        return
    day = utc_date(decision.at).isoformat()
    for row in unread(decision, corpus, agencies=agencies):
        held = tx.get(UnreadRow, row, day)
        tx.put(UnreadRow(row=row, day=day, referred=1 if held is None else held.referred + 1))


def referred_lately(reader: Reader, *, at: Instant) -> dict[str, int]:
    """Return how many decisions each row referred in the last month, the most first."""
    since = utc_date(Instant(at - MONTH)).isoformat()
    counted: dict[str, int] = {}
    for row in reader.find(UnreadRow, Where("day", Op.GE, since)):
        counted[row.row] = counted.get(row.row, 0) + row.referred
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
