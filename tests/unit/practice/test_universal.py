"""The rights of partner and person, as kinds that no practice can lack."""

import pytest

from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.practice import (
    UNSTOPPED,
    VALUES,
    WORDS,
    Kind,
    Second,
    Type,
    parse_body,
    universal,
)

REF = "0190a1b2c3d4e5f60718293a4b5c6d7e"
KINDS = {kind.word: kind for kind in universal("letters")}
EXAMPLES: dict[str, dict[str, Value]] = {
    "correct": {"about": REF, "place": "text", "ground": "wrong-value"},
    "recall": {"about": REF, "ground": "court-order", "text": "Order of 3 May."},
    "challenge": {"about": REF, "ground": "inaccurate", "by": "person-concerned"},
    "challenge-answer": {"about": REF, "outcome": "upheld"},
    "expire": {"about": REF, "ground": "retention-ended"},
    "seen": {"about": REF},
    "comply": {"about": REF, "done": "erased", "told": 2, "complied": 1, "outstanding": 1},
    "consent": {"about": REF, "use": "onward", "partners": ["xa.police"]},
    "consent-answer": {"about": REF, "answer": "given-with-terms", "text": "Not in court."},
    "dissent": {"about": REF, "ground": "facts", "text": "The date is disputed."},
    "stop": {"ground": "violation-of-rights"},
    "stop-confirm": {"about": REF},
    "lift": {"about": REF},
}
PROTECTIVE = {
    "recall",
    "stop",
    "expire",
    "challenge",
    "comply",
    "challenge-answer",
    "seen",
}


def test_every_universal_kind_has_an_example() -> None:
    assert EXAMPLES.keys() == WORDS == KINDS.keys()


@pytest.mark.parametrize("word", sorted(WORDS))
def test_its_example_holds_and_an_empty_body_does_not(word: str) -> None:
    assert parse_body(KINDS[word], EXAMPLES[word]) == EXAMPLES[word]
    with pytest.raises(InvalidInputError, match="expected"):
        parse_body(KINDS[word], {})


def test_the_seven_rights_are_all_there() -> None:
    rights = {"correct", "recall", "challenge", "expire", "consent", "dissent", "stop"}
    assert rights <= WORDS


def test_what_names_only_what_the_partner_holds_needs_no_basis() -> None:
    assert all(KINDS[word].is_protective for word in PROTECTIVE)
    assert not any(
        KINDS[word].is_protective for word in ("consent", "consent-answer", "dissent")
    )


def test_a_stop_never_holds_back_correction_recall_or_challenge() -> None:
    assert {"correct", "recall", "challenge"} <= UNSTOPPED <= WORDS


def test_a_protective_kind_has_no_room_for_a_new_value() -> None:
    def carries(kind: Kind) -> bool:
        return any(each.type in VALUES | {Type.CODES} for each in kind.fields)

    assert [word for word in PROTECTIVE if carries(KINDS[word])] == []


def test_a_stop_acts_at_once_and_lapses_unconfirmed() -> None:
    assert KINDS["stop"].second is Second.LAPSING


def test_hearing_a_person_and_giving_consent_take_two() -> None:
    assert KINDS["challenge-answer"].second is Second.BEFORE
    assert KINDS["consent-answer"].second is Second.BEFORE


def test_a_rights_officer_may_stop_lift_correct_recall_and_challenge() -> None:
    acts = ("stop", "lift", "correct", "recall", "challenge", "challenge-answer")
    assert all("rights" in KINDS[word].seats for word in acts)


def test_an_oversight_seat_may_stop_and_challenge_and_nothing_more() -> None:
    given = {word for word, kind in KINDS.items() if "oversight" in kind.seats}
    assert given == {"stop", "stop-confirm", "challenge"}
