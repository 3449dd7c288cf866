import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.screening.names import Name, Sort, read_name

READING = re.compile(r"[a-z0-9]{1,40}")


def texts(name: Name) -> list[str]:
    return [token.text for token in name.tokens]


def sorts(name: Name, sort: Sort) -> list[str]:
    return [token.text for token in name.tokens if token.sort is sort]


@pytest.mark.parametrize(
    "written",
    [
        "abd al rahman",
        "Abdulrahman",
        "abdul rahman",
        "Abd ar-Rahman",
        "Abdurrahman",
        "Abdel-Rahman",
        "عبد الرحمن",
        "عبدالرحمن",
    ],
)
def test_abd_and_what_follows_are_one_name_however_parted(written: str) -> None:
    name = read_name(written)
    assert len(name.tokens) == 1
    assert "abdulrahman" in name.tokens[0].readings


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("B\u0430rack Ob\u0430ma", "Barack Obama"),  # Cyrillic a
        ("\u0412arack \u041ebama", "Barack Obama"),  # Cyrillic B and O
        ("\uff22arack Obama", "Barack Obama"),  # full width
        ("Bar\u200back Oba\u2060ma", "Barack Obama"),
        ("\u0399brahim", "Ibrahim"),  # Greek iota
        ("Barack 😀 Obama", "Barack Obama"),
    ],
)
def test_disguise_does_not_hide_a_name(written: str, plain: str) -> None:
    assert texts(read_name(written)) == texts(read_name(plain))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Eva \u0412\u043e\u0441\u0430", "boca"),
        ("0bama", "obama"),
        ("M0hammed Ali", "mohammed"),
    ],
)
def test_what_may_be_a_disguise_is_read_both_ways(written: str, meant: str) -> None:
    assert any(meant in token.readings for token in read_name(written).tokens)


def test_disguise_is_told() -> None:
    assert read_name("B\u0430rack").warnings == ("homoglyphs",)
    assert read_name("Ba\u200brack").warnings == ("invisible",)
    assert read_name("Иван Петров").warnings == ()


def test_latin_letters_in_a_cyrillic_word_are_read_as_cyrillic() -> None:
    assert texts(read_name("\u0418\u0432a\u043d\u043e\u0432")) == texts(read_name("Иванов"))


@pytest.mark.parametrize(
    "form",
    [
        "Ltd",
        "Limited",
        "L.L.C.",
        "GmbH",
        "OOO",
        "\u041e\u041e\u041e",
        "SARL",
        "S.à r.l.",
        "ش.م.م",
    ],
)
def test_legal_forms_of_one_kind_have_one_form(form: str) -> None:
    assert sorts(read_name(f"Acme {form}", "Company"), Sort.LEGAL) == ["llc"]


def test_a_person_has_no_legal_form() -> None:
    assert not sorts(read_name("Ag Limited"), Sort.LEGAL)


def test_a_legal_form_stuck_to_the_name_is_read_both_ways() -> None:
    (token,) = read_name("JSCARGUMENT", "Company").tokens
    assert "argument" in token.readings


@pytest.mark.parametrize(
    ("written", "number"), [("Star VII", "7"), ("Star 07", "7"), ("Star Seven", "7")]
)
def test_numbers_of_ships_are_one_number(written: str, number: str) -> None:
    assert sorts(read_name(written, "Vessel"), Sort.NUMBER) == [number]


def test_apostrophes_join_and_hyphens_part() -> None:
    assert texts(read_name("Jean-Pierre O'Brien")) == ["jean", "pierre", "obrien"]


def test_a_long_name_is_cut_and_says_so() -> None:
    name = read_name("a b " * 5_000)
    assert "cut" in name.warnings
    assert len(name.tokens) <= 48


@given(st.text(max_size=60), st.sampled_from(["Person", "Company"]))
def test_anything_is_read_into_plain_letters(text: str, schema: str) -> None:
    name = read_name(text, schema)
    for token in name.tokens:
        assert token.readings[0] == token.text
        assert 1 <= len(token.readings) <= 8
        assert all(READING.fullmatch(reading) for reading in token.readings)


@pytest.mark.parametrize(
    "written",
    ["Saad al-Din", "Saad Uddin", "Saaduddin", "Saad ad-Din", "Saadeddine", "سعد الدين"],
)
def test_names_of_the_faith_are_one_word(written: str) -> None:
    (token,) = read_name(written).tokens
    assert "saaduddin" in token.readings


@pytest.mark.parametrize("written", ["Rahmat Allah", "Rahmatullah", "Rahmatollah", "رحمت الله"])
def test_names_of_god_are_one_word(written: str) -> None:
    assert texts(read_name(written)) == ["rahmatullah"]
