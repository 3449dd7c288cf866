"""Numbers are the published examples of the standards, or made up."""

import pytest
from tests.unit.screening.evidence.told import Told, both, evidence, one

from comity.screening import Outcome
from comity.screening.evidence.numbers import KINDS
from comity.screening.evidence.numbers.reading import is_placeholder

SAME = [
    ("passportNumber", "No. K 123-4567", "k1234567", "exact"),
    ("passportNumber", "К1234567", "K1234567", "exact"),  # noqa: RUF001 - a Cyrillic letter
    ("passportNumber", "K١٢٣٤٥٦٧", "K1234567", "exact"),  # noqa: RUF001 - Arabic digits
    # ICAO Doc 9303-4, the specimen: number and check digit of the machine-readable zone.
    ("passportNumber", "L898902C", "L898902C3", "with-check-digit"),
    ("phone", "+49 (0)30 1234567", "0049301234567", "exact"),
    ("phone", "+49 30 1234567", "030 1234567", "national-prefix"),
    ("email", "Jane.Roe@Example.org", "jane.roe@example.org", "exact"),
    ("email", "jane+news@example.org", "jane@example.org", "same-mailbox"),
    ("vatCode", "DE136695976", "136695976", "country-prefix"),
    ("imoNumber", "IMO 9074729", "9074729", "exact"),
    ("iban", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432", "exact"),
    ("swiftBic", "DEUTDEFFXXX", "DEUTDEFF", "exact"),
    ("registrationNumber", "0012345", "12345", "exact"),
    ("cryptoAddress", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
     "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "exact"),
]  # fmt: skip
NEAR = [
    ("passportNumber", "K1234567", "K1234576", "near-miss"),
    ("passportNumber", "KO123456", "K0123456", "look-alike"),
    ("imoNumber", "9074729", "9074728", "near-miss-checked"),
    ("iban", "GB82WEST12345698765432", "GB82WEST12345698765423", "near-miss-checked"),
    ("leiCode", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R21", "near-miss-checked"),
    ("swiftBic", "DEUTDEFF", "DEUTDEFF500", "same-bank"),
    ("cryptoAddress", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "near-miss-checked"),
]  # fmt: skip
OTHER = [
    ("passportNumber", "K1234567", "Z7654321", "other-number"),
    ("imoNumber", "9074729", "9176187", "other-number"),
    ("leiCode", "5493001KJTIIGC8Y1R12", "7ZW8QJWVPR4P1J1KQY45", "other-number"),
    ("phone", "+49301234567", "+33142345678", "other-number"),
]
VALID = [
    ("iban", "DE89370400440532013000"),
    ("iban", "FR1420041010050500013M02606"),
    ("leiCode", "7ZW8QJWVPR4P1J1KQY45"),
    ("imoNumber", "9319466"),
    ("innCode", "7707083893"),
    ("innCode", "500100732259"),
    ("ogrnCode", "1027700132195"),
    ("idNumber", "11010519491231002X"),
    ("idNumber", "10000000146"),
    ("idNumber", "0499370899"),
    ("idNumber", "12345678Z"),
    ("idNumber", "X1234567L"),
    ("cryptoAddress", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("cryptoAddress", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
]


@pytest.mark.parametrize(("prop", "asked", "held", "how"), SAME)
def test_one_number_in_two_writings_is_the_same(
    prop: str, asked: str, held: str, how: str
) -> None:
    found = both(prop, asked, held)
    assert (found.outcome, found.how) == (Outcome.SAME, how)
    assert found.weight > 3


@pytest.mark.parametrize(("prop", "asked", "held", "how"), NEAR)
def test_one_slip_is_a_near_miss(prop: str, asked: str, held: str, how: str) -> None:
    found = both(prop, asked, held)
    assert (found.outcome, found.how) == (Outcome.SIMILAR, how)
    assert 0 < found.weight < one({prop: asked}, {prop: asked}).weight


@pytest.mark.parametrize(("prop", "asked", "held", "how"), OTHER)
def test_another_number_speaks_against(prop: str, asked: str, held: str, how: str) -> None:
    found = both(prop, asked, held)
    assert (found.outcome, found.how) == (Outcome.DIFFERS, how)
    assert found.weight < 0


@pytest.mark.parametrize(("prop", "number"), VALID)
def test_the_check_digits_of_published_examples_hold(prop: str, number: str) -> None:
    kind = KINDS[prop]
    assert kind.holds(kind.read(number)) is True


@pytest.mark.parametrize(
    "prop_number",
    [(p, n) for p, n in VALID if p in ("iban", "leiCode", "imoNumber", "innCode", "ogrnCode")],
)
def test_no_other_last_digit_holds(prop_number: tuple[str, str]) -> None:
    kind, number = KINDS[prop_number[0]], prop_number[1]
    last = {digit for digit in "0123456789" if kind.holds(number[:-1] + digit)}
    assert number[-1] in last
    assert len(last) <= 2


def test_a_person_has_several_passports_and_a_ship_one_number() -> None:
    person = both("passportNumber", "K1234567", "Z7654321")
    ship = both("imoNumber", "9074729", "9176187")
    company = both("leiCode", "5493001KJTIIGC8Y1R12", "7ZW8QJWVPR4P1J1KQY45")
    assert person.weight > -1
    assert max(ship.weight, company.weight) < -5


def test_a_number_whose_check_digit_fails_contradicts_nothing() -> None:
    found = both("imoNumber", "9074728", "9176187")
    assert (found.outcome, found.how, found.weight) == (
        Outcome.NOT_COMPARABLE,
        "fails-check",
        0.0,
    )


def test_two_valid_numbers_one_digit_apart_are_two_numbers() -> None:
    # 9074729 and 9074779 both hold: the fifth and sixth digit are weighed by 3 and 2.
    found = both("imoNumber", "9074729", "9074779")
    assert (found.outcome, found.how) == (Outcome.DIFFERS, "near-miss-valid")
    assert found.weight < 0


def test_one_number_given_by_two_states_is_not_the_same() -> None:
    found = both("idNumber", "4812937 (Iran)", "4812937 (Iraq)")
    assert (found.outcome, found.how) == (Outcome.SIMILAR, "other-issuer")
    assert both("idNumber", "4812937 (Iran)", "4812937").how == "exact"


def test_a_number_in_another_box_is_found() -> None:
    found = evidence({"passportNumber": "K1234567"}, {"idNumber": "K-1234567"})
    assert [(each.prop, each.how) for each in found if each.weight] == [
        ("passportNumber", "other-property")
    ]


def test_a_number_in_two_other_boxes_is_one_number() -> None:
    held: Told = {"idNumber": "K1234567", "taxNumber": "K1234567"}
    once = weight({"passportNumber": "K1234567"}, {"idNumber": "K1234567"})
    assert weight({"passportNumber": "K1234567"}, held) == once
    assert weight(held, {"passportNumber": "K1234567"}) == once


def test_what_a_box_says_by_itself_does_not_weigh_where_its_number_is_in_another() -> None:
    asked: Told = {"passportNumber": "K1234567", "idNumber": "Z7654321"}
    held: Told = {"passportNumber": "P5550123", "idNumber": "K1234567"}
    assert weight(asked, held) == weight(held, asked) > 0
    assert {each.how for each in evidence(asked, held)} == {"other-property", "other-number"}


def test_a_number_that_agrees_in_its_own_box_is_not_counted_in_another() -> None:
    asked: Told = {"passportNumber": "K1234567"}
    held: Told = {"passportNumber": "K1234567", "idNumber": "K1234567"}
    assert weight(asked, held) == weight(asked, asked) == weight(held, asked)


def weight(asked: Told, held: Told) -> float:
    return sum(each.weight for each in evidence(asked, held))


def test_a_form_filled_in_with_nothing_is_no_number() -> None:
    found = both("passportNumber", "000000000", "000000000")
    assert (found.how, found.weight) == ("placeholder-number", 0.0)
    assert all(map(is_placeholder, ("UNKNOWN", "123456789", "XXXXXXX")))
    assert not is_placeholder("K1234567")


def test_a_short_number_weighs_less_than_a_long_one() -> None:
    short = one({"idNumber": "481"}, {"idNumber": "481"})
    assert 0 < short.weight < one({"idNumber": "48119273"}, {"idNumber": "48119273"}).weight / 2


def test_an_equal_number_is_found_among_more_than_are_compared() -> None:
    many = [f"X{number:07}" for number in range(1_000)]
    assert one({"passportNumber": "X0000999"}, {"passportNumber": many}).how == "exact"
    found = one({"passportNumber": "Z7700077"}, {"passportNumber": many})
    assert (found.how, found.weight) == ("too-many", 0.0)


def test_the_best_agreeing_pair_is_shown() -> None:
    found = one(
        {"passportNumber": ["Z7654321", "K1234567"]},
        {"passportNumber": ["A1111112", "K1234576", "K1234567"]},
    )
    assert (found.how, found.asked, found.held) == ("exact", "K1234567", "K1234567")
