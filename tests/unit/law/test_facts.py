"""Each fact has one home; an officer's no to an absolute prohibition does not exist."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.clock import DAY, Instant, from_iso
from comity.core.errors import AuthorisationError, InvalidInputError
from comity.core.ids import AgencyId, PersonId, RecordId
from comity.core.store import R, Scalar, Where
from comity.law import (
    AssessmentRow,
    Home,
    assess,
    compose_facts,
    confirm,
    shipped_lexicon,
    standing_facts,
)
from comity.message import Facts

AT = from_iso("2026-11-23T10:00:00Z")
LEGAL, RIGHTS = PersonId("xn.police/aaaa"), PersonId("xn.police/bbbb")
ROW = AssessmentRow(
    partner="xa.border",
    purpose="counter-terrorism",
    fact="torture_risk",
    value=False,
    at=AT,
    until=Instant(AT + 180 * DAY),
    by=LEGAL,
    confirmed_by=RIGHTS,
    record_id=RecordId("r"),
)


class Shelf:
    """Rows in memory, read as a store would."""

    def __init__(self, *rows: AssessmentRow) -> None:
        self.rows = rows

    def find(
        self, kind: type[R], /, *where: Where, order: str = "", limit: int | None = None
    ) -> Sequence[R]:
        assert order == "at"
        assert limit is None
        kept = [
            row
            for row in self.rows
            if isinstance(row, kind) and all(_meets(row, each) for each in where)
        ]
        return sorted(kept, key=lambda row: getattr(row, order))

    def get(self, kind: type[R], /, *key: Scalar) -> R | None:
        raise NotImplementedError

    def count(self, kind: type[R], /, *where: Where) -> int:
        raise NotImplementedError

    def size(self) -> int:
        raise NotImplementedError

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        raise NotImplementedError


def _meets(row: AssessmentRow, where: Where) -> bool:
    held = getattr(row, where.field)
    if where.op.value == "<=":
        return isinstance(where.value, int) and held <= where.value
    return bool(held == where.value)


def standing(*rows: AssessmentRow, at: Instant = AT) -> Facts:
    return standing_facts(Shelf(*rows), AgencyId("xa.border"), "counter-terrorism", at=at)


def composed(
    *,
    derived: Facts | None = None,
    standing: Facts | None = None,
    case: Facts | None = None,
    message: Facts | None = None,
    signs: tuple[str, ...] = (),
) -> Facts:
    return compose_facts(
        derived=derived or {},
        standing=standing or {},
        case=case or {},
        message=message or {},
        contrary_signs=signs,
    )


def test_a_confirmed_assessment_stands() -> None:
    assert standing(ROW) == {"torture_risk": False}


def test_an_assessment_nobody_confirmed_does_not_count() -> None:
    assert standing(replace(ROW, confirmed_by=None)) == {}


def test_an_expired_assessment_is_unknown_and_revives_no_older_one() -> None:
    older = replace(ROW, at=Instant(AT - 10 * DAY), until=Instant(AT + 300 * DAY))
    assert standing(older, ROW, at=Instant(AT + 200 * DAY)) == {"torture_risk": None}


def test_the_newest_assessment_decides() -> None:
    later = replace(ROW, at=Instant(AT + DAY), value=True)
    assert standing(later, ROW, at=Instant(AT + 2 * DAY)) == {"torture_risk": True}
    assert standing(later, ROW) == {"torture_risk": False}


def test_an_assessment_of_the_member_holds_for_its_agencies() -> None:
    member = replace(ROW, partner="xa", value=None)
    assert standing(member) == {"torture_risk": None}
    assert standing(member, ROW) == {"torture_risk": False}


def test_another_purpose_or_partner_is_not_assessed() -> None:
    others = (replace(ROW, purpose="operation"), replace(ROW, partner="xc.border"))
    assert standing(*others) == {}


def test_an_assessment_is_confirmed_by_another_person() -> None:
    waiting = assess(ROW)
    assert waiting.confirmed_by is None
    assert confirm(waiting, RIGHTS).confirmed_by == RIGHTS
    with pytest.raises(AuthorisationError, match="another person"):
        confirm(waiting, LEGAL)


def test_an_assessment_lives_at_most_twelve_months() -> None:
    year = replace(ROW, until=from_iso("2027-11-23T10:00:00Z"))
    assert assess(year).until == year.until
    for until in (Instant(from_iso("2027-11-23T10:00:00Z") + 1), AT):
        with pytest.raises(InvalidInputError, match="12 months"):
            assess(replace(ROW, until=until))


@pytest.mark.parametrize("fact", ["minor", "political_offence", "nonsense"])
def test_only_standing_facts_are_assessed(fact: str) -> None:
    with pytest.raises(InvalidInputError, match="expected a standing fact"):
        assess(replace(ROW, fact=fact))


def test_an_unknown_purpose_is_not_assessed() -> None:
    with pytest.raises(InvalidInputError, match="unknown purpose `fun`"):
        assess(replace(ROW, purpose="fun"))


def test_each_fact_comes_from_its_own_home() -> None:
    facts = composed(
        derived={"minor": False},
        standing={"torture_risk": False},
        case={"political_offence": False},
        message={"for_prevention": True},
    )
    assert facts == {
        "minor": False,
        "torture_risk": False,
        "political_offence": False,
        "for_prevention": True,
    }


def test_a_fact_from_another_home_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="`minor` is stated by derived, not by case"):
        composed(case={"minor": False})
    with pytest.raises(InvalidInputError, match="stated by standing, not by derived"):
        composed(derived={"torture_risk": False})


def test_an_officer_never_answers_an_absolute_prohibition_with_no() -> None:
    with pytest.raises(AuthorisationError, match="only a standing assessment"):
        composed(case={"torture_risk": False})
    with pytest.raises(AuthorisationError, match="only a standing assessment"):
        composed(message={"torture_risk": False})


def test_an_officer_may_make_it_true_or_unknown_over_an_assessment() -> None:
    held = {"torture_risk": False}
    assert composed(standing=held, case={"torture_risk": True}) == {"torture_risk": True}
    assert composed(standing=held, message={"torture_risk": None}) == {"torture_risk": None}
    both = composed(standing=held, case={"torture_risk": True}, message={"torture_risk": None})
    assert both == {"torture_risk": True}


def test_a_contrary_sign_makes_a_no_unknown_again_and_leaves_a_yes() -> None:
    held = {"persecution_risk": False, "torture_risk": True, "death_penalty_risk": False}
    facts = composed(standing=held, signs=("asylum",))
    assert facts == {
        "persecution_risk": None,
        "torture_risk": True,
        "death_penalty_risk": False,
    }


def test_unknown_facts_and_signs_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="unknown fact `x`"):
        composed(case={"x": True})
    with pytest.raises(InvalidInputError, match="unknown contrary sign `omen`"):
        composed(signs=("omen",))


def test_every_absolute_fact_but_derived_ones_falls_to_a_challenge() -> None:
    for fact in shipped_lexicon().facts.values():
        if fact.absolute and fact.home is Home.STANDING:
            assert (
                composed(standing={fact.name: False}, signs=("challenge",))[fact.name] is None
            )


FACTS = shipped_lexicon().facts
ABSOLUTE = sorted(name for name, fact in FACTS.items() if fact.absolute)
ANSWERS = st.dictionaries(st.sampled_from(ABSOLUTE), st.sampled_from((True, False, None)))


@given(
    *(ANSWERS, ANSWERS, ANSWERS, ANSWERS),
    st.sets(st.sampled_from(sorted(shipped_lexicon().signs))),
)
def test_no_words_of_an_officer_answer_an_absolute_prohibition_with_no(
    derived: Facts, standing: Facts, case: Facts, message: Facts, signs: set[str]
) -> None:
    homes = {"derived": derived, "standing": standing}
    own = {
        home: {name: value for name, value in facts.items() if FACTS[name].home.value == home}
        for home, facts in homes.items()
    }
    try:
        found = composed(
            derived=own["derived"],
            standing=own["standing"],
            case=case,
            message=message,
            signs=tuple(signs),
        )
    except AuthorisationError:
        assert False in {*case.values(), *message.values()}
        return
    for name in ABSOLUTE:
        if found.get(name) is False:
            fact = FACTS[name]
            assert own[fact.home.value][name] is False
            assert not fact.signs & signs
            assert case.get(name, False) is not None
            assert message.get(name, False) is not None
