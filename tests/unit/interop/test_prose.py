import pytest

from comity.core.errors import InvalidInputError
from comity.interop.countries import country_code
from comity.interop.prose import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1951", ("1951",)),
        ("Mar 1951", ("1951-03",)),
        ("03 Mar 1951", ("1951-03-03",)),
        ("circa 1951", ("1951",)),
        ("1958-1959", ("1958", "1959")),
        ("1984 to 1986", ("1984", "1986")),
        ("19 May 1973 to 20 Jun 1973", ("1973-05-19", "1973-06-20")),
        ("1978-04-28", ("1978-04-28",)),
    ],
)
def test_a_date_is_as_precise_as_it_was_written(text: str, expected: tuple[str, ...]) -> None:
    assert dates(text) == expected


@pytest.mark.parametrize("text", ["", "unknown", "51", "1960s", "1951 in Basra", "19511"])
def test_what_is_no_date_or_more_than_one_is_rejected(text: str) -> None:
    with pytest.raises(InvalidInputError):
        dates(text)


@pytest.mark.parametrize(
    ("name", "code"), [("Iran", "ir"), ("KOREA,  NORTH", "kp"), ("Côte d\u2019Ivoire", "ci")]
)
def test_a_country_is_found_by_its_exact_name(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize("name", ["", "Iraan", "Korea", "undetermined", "na"])
def test_a_country_is_never_guessed(name: str) -> None:
    with pytest.raises(InvalidInputError):
        country_code(name)
