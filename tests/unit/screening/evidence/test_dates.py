import pytest
from tests.unit.screening.evidence.told import both, one

from comity.screening import Outcome

SAME, SIMILAR = Outcome.SAME, Outcome.SIMILAR
DIFFERS, NOT = Outcome.DIFFERS, Outcome.NOT_COMPARABLE

TOLD = [
    ("1962-05-13", "1962-05-13", SAME, "exact"),
    ("1962-05-13T00:00:00", "1962-05-13", SAME, "exact"),
    ("١٩٦٢-٠٥-١٣", "1962-05-13", SAME, "exact"),  # noqa: RUF001 - Arabic digits are meant
    ("1962-05", "1962-05", SAME, "exact-month"),
    ("1962", "1962", SAME, "exact-year"),
    ("1962-01-01", "1962-01-01", SIMILAR, "placeholder-day"),
    ("1962-05-13", "1962-05", SIMILAR, "partial-date"),
    ("1962-05-13", "1962", SIMILAR, "partial-date"),
    ("1962-05-13", "1962-01-01", SIMILAR, "partial-date"),
    ("1962-05-12", "1962-12-05", SIMILAR, "day-month-swapped"),
    ("1962-13-05", "1962-05-13", SIMILAR, "day-month-swapped"),
    ("1962-05-13", "1962-05-18", SIMILAR, "digit-slip"),
    ("1962-05-13", "1992-05-13", SIMILAR, "digit-slip"),
    ("1962-05-13", "1926-05-13", SIMILAR, "digits-swapped"),
    ("1962-05-13", "1963-05-13", SIMILAR, "year-off-by-one"),
    ("1962-05-13", "1962-05-28", SIMILAR, "same-month"),
    ("1962-05-13", "1962-09-28", DIFFERS, "same-year"),
    ("1962-05", "1962-06", DIFFERS, "same-year"),
    ("1962-05-13", "1963-09-28", DIFFERS, "near-year"),
    ("1962", "1966", DIFFERS, "near-years"),
    ("1962-01-01", "1972-01-01", DIFFERS, "other-date"),
    ("1962", "1980-05-13", DIFFERS, "other-date"),
    ("1962-02-30", "1980-05-13", NOT, "impossible-date"),
    ("1900-02-29", "1900-03-01", NOT, "impossible-date"),
    ("1962-02-30", "1962-02-20", SIMILAR, "digit-slip"),
    ("in the sixties", "1962", NOT, "not-readable"),
]
SLIPS = [
    # 12 Mordad 1370 and 3 August 1991 are one day; so are 1 Muharram 1400 and 21 November 1979.
    ("1370-05-12", "1991-08-03", "solar-hijri-day"),
    ("1357-11-22", "1979-02-11", "solar-hijri-day"),
    ("1370", "1991-06-01", "solar-hijri-year"),
    ("1370", "1992", "solar-hijri-year"),
    ("1400-01-01", "1979-11-20", "hijri-day"),
    ("1370", "1951", "hijri-year"),
    ("2513-05-13", "1970-05-13", "buddhist-day"),
    ("2513", "1970-05-13", "buddhist-year"),
    # 1 Mäskäräm 2000, the Ethiopian millennium.
    ("2000-01-01", "2007-09-12", "ethiopian-day"),
]


@pytest.mark.parametrize(("asked", "held", "outcome", "how"), TOLD)
def test_two_dates_are_told_apart(asked: str, held: str, outcome: Outcome, how: str) -> None:
    found = both("birthDate", asked, held)
    assert (found.outcome, found.how) == (outcome, how)


@pytest.mark.parametrize(("written", "meant", "how"), SLIPS)
def test_a_year_of_another_calendar_is_understood(written: str, meant: str, how: str) -> None:
    found = both("birthDate", written, meant)
    assert (found.outcome, found.how) == (SIMILAR, how)
    assert found.weight > 0


def test_a_gregorian_date_seven_years_apart_is_not_called_ethiopian() -> None:
    assert both("birthDate", "1962", "1969").how == "other-date"


def test_the_less_a_date_says_the_less_it_weighs() -> None:
    pairs = [("1962-05-13", "1962-05-13"), ("1962-05", "1962-05"), ("1962", "1962-05-13")]
    weights = [both("birthDate", *pair).weight for pair in pairs]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_new_years_day_says_less_than_any_other_day() -> None:
    named = both("birthDate", "1962-05-13", "1962-05-13").weight
    assert both("birthDate", "1962-01-01", "1962-01-01").weight < named - 2


def test_a_rare_birth_year_says_more_than_a_common_one() -> None:
    common = both("birthDate", "1970-05-13", "1970-05-13").weight
    assert both("birthDate", "1911-05-13", "1911-05-13").weight > common


def test_a_contradiction_is_shown_only_when_no_date_agrees() -> None:
    found = one({"birthDate": "1962-05-13"}, {"birthDate": ["1951", "1962-05-13", "1980"]})
    assert (found.how, found.held) == ("exact", "1962-05-13")


def test_one_of_many_dates_agrees_for_less_than_the_only_one() -> None:
    many = one({"birthDate": "1962-05-13"}, {"birthDate": ["1951", "1962-05-13", "1980"]})
    assert (
        0 < many.weight < one({"birthDate": "1962-05-13"}, {"birthDate": "1962-05-13"}).weight
    )


def test_too_many_dates_are_not_said_to_contradict() -> None:
    many = [f"{1800 + number}-02-10" for number in range(150)]
    assert one({"birthDate": "2010-05-13"}, {"birthDate": many}).how == "too-many"
