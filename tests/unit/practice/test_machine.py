"""How a case moves, and what a stop holds back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.clock import Instant
from comity.core.errors import StateError
from comity.practice import (
    STOP_LAPSES,
    UNSTOPPED,
    Branch,
    Duty,
    Field,
    Kind,
    Practice,
    Side,
    Step,
    Timer,
    Type,
    advance,
    allowed,
    elapse,
    kinds,
    lapse,
    owed,
    standing,
)

ASK = Kind(name="letters.ask/1")
ANSWER = Kind(
    name="letters.answer/1",
    fields=(Field(name="outcome", type=Type.CODE, choices=("part", "whole")),),
    decides="outcome",
)
WARN = Kind(
    name="letters.warn/1",
    fields=(Field(name="danger", type=Type.CODE, choices=("life", "goods")),),
    decides="danger",
    branches=(Branch(choice="life", passes_stop=True),),
)
PRACTICE = Practice(
    name="letters",
    command="letter",
    kinds=(ASK, ANSWER, WARN),
    initial="none",
    steps=(
        Step(before="none", kind=ASK.name, after="open", by=Side.OPENER),
        Step(before="open", kind=ANSWER.name, after="closed", by=Side.ASKED),
        Step(before="open", kind=ANSWER.name, after="open", by=Side.ASKED, choice="part"),
        Step(before="open", kind=WARN.name, after="open"),
        Step(before="closed", kind="letters.challenge/1", after="contested"),
    ),
    closed=frozenset({"closed"}),
    duties=(Duty(state="open", owed_by=Side.ASKED, clock="a-clock"),),
    timers=(Timer(state="open", field="until", after="closed"),),
)
OPENER, ASKED = Side.OPENER, Side.ASKED
LIFE_SAVING = {"correct", "recall", "challenge"}


def step(state: str, word: str, side: Side, *, choice: str = "") -> str:
    return advance(PRACTICE, state, kind=f"letters.{word}/1", side=side, choice=choice)


def words(state: str, side: Side) -> set[str]:
    return {kind.word for kind in allowed(PRACTICE, state, side)}


def test_a_message_moves_the_case() -> None:
    assert step("none", "ask", OPENER) == "open"
    assert step("open", "answer", ASKED, choice="whole") == "closed"


def test_a_choice_picks_its_own_step() -> None:
    assert step("open", "answer", ASKED, choice="part") == "open"


def test_the_wrong_side_takes_no_step_and_is_told_what_it_may() -> None:
    with pytest.raises(StateError, match="expected one of: warn, correct"):
        step("open", "answer", OPENER)


def test_a_case_that_does_not_exist_takes_nothing_but_its_opening() -> None:
    assert words("none", OPENER) == {"ask"}
    assert words("none", ASKED) == set()
    with pytest.raises(StateError, match="expected one of: nothing"):
        step("none", "stop", ASKED)


@pytest.mark.parametrize("kind", ["letters.ask/2", "other.stop/1", "", "stop", "x" * 10_000])
def test_a_kind_of_no_one_moves_nothing(kind: str) -> None:
    with pytest.raises(StateError) as caught:
        advance(PRACTICE, "open", kind=kind, side=OPENER)
    assert len(str(caught.value)) < 400


def test_only_a_party_takes_a_step() -> None:
    with pytest.raises(StateError):
        step("open", "warn", Side.EITHER)


def test_an_unknown_state_takes_no_step_of_the_practice() -> None:
    with pytest.raises(StateError):
        step("elsewhere", "answer", ASKED)


def test_a_universal_kind_may_have_a_step_of_the_practice() -> None:
    assert step("closed", "challenge", OPENER) == "contested"
    assert step("open", "challenge", OPENER) == "open"


@pytest.mark.parametrize("side", [OPENER, ASKED])
def test_a_stop_halts_all_but_what_protects(side: Side) -> None:
    stopped = step("open", "stop", ASKED)
    assert standing(stopped).is_stopped
    assert words(stopped, side) <= UNSTOPPED | {"warn"}
    assert words(stopped, side) >= LIFE_SAVING | {"warn"}


def test_a_stop_holds_back_an_answer() -> None:
    with pytest.raises(StateError):
        step(step("open", "stop", OPENER), "answer", ASKED, choice="whole")


def test_a_stop_never_holds_back_a_warning_of_danger_to_life() -> None:
    stopped = step("open", "stop", OPENER)
    assert step(stopped, "warn", ASKED, choice="life") == stopped
    with pytest.raises(StateError):
        step(stopped, "warn", ASKED, choice="goods")
    with pytest.raises(StateError):
        step(stopped, "warn", ASKED)


def test_a_stop_is_lifted_only_by_each_party() -> None:
    stopped = step("open", "stop", ASKED)
    once = step(stopped, "lift", OPENER)
    assert standing(once).is_stopped
    with pytest.raises(StateError):
        step(once, "lift", OPENER)
    assert step(once, "lift", ASKED) == "open"


def test_a_new_stop_asks_all_parties_again() -> None:
    once = step(step("open", "stop", ASKED), "lift", OPENER)
    again = step(once, "stop", OPENER)
    assert standing(again).lifts == ""
    assert standing(again).stops == "ao"


def test_an_unconfirmed_stop_lapses_and_a_confirmed_one_does_not() -> None:
    stopped = step("open", "stop", ASKED)
    assert lapse(stopped, ASKED) == "open"
    assert lapse(stopped, OPENER) == stopped
    confirmed = step(stopped, "stop-confirm", ASKED)
    assert lapse(confirmed, ASKED) == confirmed
    assert STOP_LAPSES == 72 * 3_600_000


def test_the_other_party_cannot_confirm_a_stop() -> None:
    with pytest.raises(StateError):
        step(step("open", "stop", ASKED), "stop-confirm", OPENER)


def test_one_stop_outlasts_the_lapse_of_another() -> None:
    both = step(step("open", "stop", ASKED), "stop", OPENER)
    assert standing(lapse(both, ASKED)).stops == "o"


def test_stopping_again_does_not_undo_a_confirmation() -> None:
    confirmed = step(step("open", "stop", ASKED), "stop-confirm", ASKED)
    assert standing(step(confirmed, "stop", ASKED)).stops == "A"


def test_nothing_is_lifted_or_confirmed_where_nothing_is_stopped() -> None:
    for word in ("lift", "stop-confirm"):
        with pytest.raises(StateError):
            step("open", word, OPENER)


def test_a_timer_fires_once_its_instant_is_past_even_while_stopped() -> None:
    stopped = step("open", "stop", ASKED)
    until = {"until": Instant(100)}
    assert elapse(PRACTICE, "open", fields=until, at=Instant(99)) == "open"
    assert elapse(PRACTICE, "open", fields=until, at=Instant(100)) == "closed"
    assert elapse(PRACTICE, "open", fields={}, at=Instant(100)) == "open"
    assert elapse(PRACTICE, stopped, fields=until, at=Instant(100)) == "stopped/a//closed"


def test_the_laws_clock_runs_against_who_owes_and_through_a_stop() -> None:
    assert owed(PRACTICE, "open", ASKED) == PRACTICE.duties
    assert owed(PRACTICE, "open", OPENER) == ()
    assert owed(PRACTICE, "closed", ASKED) == ()
    assert owed(PRACTICE, step("open", "stop", ASKED), ASKED) == PRACTICE.duties


acts = st.lists(
    st.tuples(
        st.sampled_from([kind.name for kind in kinds(PRACTICE)]),
        st.sampled_from([OPENER, ASKED]),
        st.sampled_from(["", "part", "whole", "life", "goods"]),
    ),
    max_size=30,
)


@given(acts=acts)
def test_no_order_of_acts_lets_an_answer_through_a_stop(
    acts: list[tuple[str, Side, str]],
) -> None:
    state = "open"
    for kind, side, choice in acts:
        before = standing(state)
        try:
            state = advance(PRACTICE, state, kind=kind, side=side, choice=choice)
        except StateError:
            continue
        assert not (before.is_stopped and kind == ANSWER.name)
        assert standing(state).text == state
        assert standing(state).state in {"open", "closed", "contested"}
