"""The catalogue: a rule in words for whoever reads it; what has no words shows none."""

from dataclasses import replace

from comity.law import shipped_corpus
from comity.law.catalogue import rule_record
from comity.law.view import Truth, View

CORPUS = shipped_corpus()
[BOMBINGS] = (rule for rule in CORPUS.rules if rule.name == "bombings-15-b")


def anything(_view: View) -> Truth:
    return True


def test_conditions_are_shown_line_by_line() -> None:
    shown = rule_record(BOMBINGS, CORPUS)["conditions"]
    assert isinstance(shown, dict)
    assert "  conduct_bombing" in shown["when"]


def test_a_test_nobody_wrote_in_words_shows_none() -> None:
    shown = rule_record(replace(BOMBINGS, test=anything), CORPUS)["conditions"]
    assert isinstance(shown, dict)
    assert shown["when"] == []
