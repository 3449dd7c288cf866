import pytest
from tests.unit.screening.evidence.told import evidence, one

from comity.screening import Outcome
from comity.screening.evidence import speaks_strongly_against, stands_alone
from comity.screening.evidence.schema import are_compatible


@pytest.mark.parametrize(
    ("asked", "held"),
    [("Person", "Company"), ("Vessel", "Airplane"), ("Organization", "Vessel")],
)
def test_what_cannot_be_one_thing_speaks_strongly_against(asked: str, held: str) -> None:
    for schema, other in ((asked, held), (held, asked)):
        (found,) = evidence({}, {}, schema=schema, other=other)
        assert (found.prop, found.how, found.outcome) == (
            "schema",
            "other-schema",
            Outcome.DIFFERS,
        )
        assert speaks_strongly_against(found)


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("Company", "Organization"),
        ("LegalEntity", "Person"),
        ("Thing", "Vessel"),
        ("Nonsense", "Person"),
        ("PublicBody", "Company"),
    ],
)
def test_what_may_be_one_thing_says_nothing(asked: str, held: str) -> None:
    assert are_compatible(asked, held)
    assert evidence({}, {}, schema=asked, other=held) == ()


def test_sex_is_compared_only_as_far_as_it_is_stated() -> None:
    assert one({"gender": "male"}, {"gender": "M"}).outcome is Outcome.SAME
    differs = one({"gender": "male"}, {"gender": "female"})
    assert differs.outcome is Outcome.DIFFERS
    assert differs.weight < -1
    unstated = one({"gender": "male"}, {"gender": "other"})
    assert (unstated.how, unstated.weight) == ("not-stated", 0.0)


def test_what_one_side_lacks_is_said_and_weighs_nothing() -> None:
    asked = one({"birthDate": "1962"}, {})
    held = one({}, {"birthDate": ["1962", "1963"]})
    assert (asked.how, asked.asked, asked.held, asked.weight) == ("not-held", "1962", "", 0.0)
    assert (held.how, held.held, held.weight) == ("not-asked", "1962, 1963", 0.0)
    assert {asked.outcome, held.outcome} == {Outcome.NOT_COMPARABLE}


def test_an_equal_birth_date_never_stands_alone_and_an_equal_passport_does() -> None:
    assert not stands_alone(one({"birthDate": "1911-05-13"}, {"birthDate": "1911-05-13"}))
    assert stands_alone(one({"passportNumber": "K1234567"}, {"passportNumber": "K1234567"}))
    assert not stands_alone(one({"passportNumber": "K1234567"}, {"passportNumber": "K1234568"}))
    assert not stands_alone(one({"idNumber": "12"}, {"idNumber": "12"}))
