"""An answer that is missing never passes for one that is there: tried on every told permit."""

from dataclasses import replace

from tests.law.ground import CATEGORIES, LEXICON, ask

from comity.law import Told, Verdict, shipped_corpus, told_cases
from comity.message import Draft

CORPUS = shipped_corpus()
PERMITTED = [each for each in told_cases(CORPUS) if each.verdict is Verdict.PERMIT]
# A person who lifts a referral answers for what is unknown in that rule.
UNAIDED = [each for each in PERMITTED if not each.lifted]


def answered_by_category(draft: Draft) -> set[str]:
    """Return the facts that the categories of a draft answer themselves."""
    carried = draft.categories & set(CATEGORIES)
    return {name for each in carried for name in LEXICON.categories[each].implies}


def stays_permitted(told: Told, facts: dict[str, bool | None]) -> bool:
    draft = replace(told.draft, facts=facts)
    return ask(draft, CORPUS, told.side).verdict is Verdict.PERMIT


def test_where_the_contrary_would_stop_it_silence_stops_it_too() -> None:
    """What a prohibition, a term or the only basis reads is what its contrary would change."""
    open_to_silence: list[tuple[str, str]] = []
    stopped = 0
    for told in UNAIDED:
        facts = dict(told.draft.facts)
        for name in facts.keys() - answered_by_category(told.draft):
            answer = facts[name]
            if answer is None:
                continue
            silent = {known: value for known, value in facts.items() if known != name}
            if not stays_permitted(told, silent):
                stopped += 1
            elif not stays_permitted(told, {**facts, name: not answer}):
                open_to_silence.append((told.name, name))
    assert open_to_silence == []
    assert stopped > 10 * len(UNAIDED)


def test_where_nothing_is_answered_only_what_protects_is_permitted() -> None:
    for told in UNAIDED:
        permitted = stays_permitted(told, {})
        assert not permitted or told.draft.is_protective or told.draft.categories == frozenset()
