"""What a docket keeps: never more than its limit, and nothing that breaks."""

from dataclasses import replace
from datetime import date

from typing_extensions import override

from comity.core.ids import AgencyId
from comity.law import (
    Corpus,
    Denied,
    Participation,
    Permitted,
    Role,
    Side,
    decide,
    shipped_corpus,
    told_cases,
)
from comity.law.docket import Docket
from comity.law.view import Truth, View
from comity.message import Draft, Item

CORPUS = shipped_corpus()
[ASK, *_] = (
    each.draft for each in told_cases(CORPUS) if each.name == "released to this partner"
)
MOST = 4_096


def anew() -> Corpus:
    return replace(CORPUS)


def docket_of(draft: Draft, corpus: Corpus) -> Docket:
    view = View(draft, corpus.treaties, day=date(2026, 11, 23))
    return corpus.docket(view, Side.RELEASE)


def breaks(_view: View) -> Truth:
    raise ZeroDivisionError


class Torn(Participation):
    """Lists that cannot be read."""

    __slots__ = ()

    @override
    def between(self, *_args: object, **_named: object) -> bool | None:
        raise ZeroDivisionError


def test_what_is_kept_of_messages_is_forgotten_before_it_fills_the_memory() -> None:
    corpus = anew()
    first = decide(ASK, corpus)
    for number in range(MOST // 3 + 10):
        decide(ASK, corpus, lifted=[f"rule{number}"])
    assert len(docket_of(ASK, corpus).known) <= MOST
    assert decide(ASK, corpus) == first


def test_reasons_are_forgotten_before_they_fill_the_memory() -> None:
    corpus = anew()
    for number in range(MOST):
        item = Item(path=f"subjects/0/{number}", category="identity", handling=ASK.handling)
        decide(replace(ASK, items=(item,), categories=frozenset({"identity"})), corpus)
        if number > MOST // 2 and len(docket_of(ASK, corpus).reasons) < MOST // 4:
            break
    assert len(docket_of(ASK, corpus).reasons) <= MOST


def test_a_limit_that_asks_lists_nobody_can_read_denies() -> None:
    torn = Torn(**{name: getattr(CORPUS.treaties, name) for name in FIELDS})
    asked = replace(ASK, facts={**ASK.facts, "political_offence": True})
    found = decide(asked, replace(CORPUS, treaties=torn))
    assert isinstance(found, Denied)
    assert "political-offence" in {each.rule for each in found.reasons}


FIELDS = ("parties", "reservations", "listings", "in_force", "groups", "ended")


def test_a_basis_near_at_hand_that_breaks_is_named_and_denies() -> None:
    stranger = replace(ASK, recipient=AgencyId("xm.police"))
    rules = tuple(
        replace(rule, test=breaks) if rule.name == "bombings-15-b" else rule
        for rule in CORPUS.rules
        if rule.role is not Role.BASIS or rule.name == "bombings-15-b"
    )
    found = decide(stranger, replace(CORPUS, rules=rules))
    assert isinstance(found, Denied)
    assert any("could not be applied" in each.text for each in found.reasons)
    assert isinstance(decide(ASK, CORPUS), Permitted)
