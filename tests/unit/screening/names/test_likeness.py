import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.screening import How
from comity.screening.names import Token, matches, near, nicknames, rarest, rarity, read_name

WORDS = st.text("abcdefghiklmnorstuyz", min_size=1, max_size=12)


def token(text: str) -> Token:
    (only,) = read_name(text).tokens
    return only


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mohammed", "muhammad"),
        ("muhammad", "mohamad"),
        ("yusuf", "youssef"),
        ("hussein", "husayn"),
        ("qadhafi", "gaddafi"),
        ("osman", "uthman"),
        ("hassan", "hasan"),
        ("aleksandr", "alexander"),
        ("tchaikovsky", "chaikovskiy"),
        ("jamal", "gamal"),
        ("chowdhury", "chaudhry"),
    ],
)
def test_two_spellings_of_a_name_are_nearer_than_two_names(one: str, other: str) -> None:
    two_names = [
        ("bush", "habbash"),
        ("maria", "mario"),
        ("ali", "ala"),
        ("karim", "rahim"),
        ("daniel", "daniela"),
        ("ryan", "lyon"),
    ]
    assert near(one, other) > 0.75
    assert near(one, other) > max(near(*pair) for pair in two_names) + 0.35


@pytest.mark.parametrize(("typed", "meant"), [("barac", "barack"), ("obamt", "obama")])
def test_a_slip_of_one_letter_leaves_a_name_near(typed: str, meant: str) -> None:
    assert near(typed, meant) > 0.25


@given(WORDS, WORDS)
def test_nearness_lies_between_0_and_1_and_knows_no_order(one: str, other: str) -> None:
    assert 0 <= near(one, other) <= 1
    assert near(one, other) == near(other, one)
    assert near(one, one) == 1.0


@pytest.mark.parametrize(
    ("asked", "held", "how"),
    [
        ("Hussein", "Hussein", How.EXACT),
        ("حسين", "Hussein", How.TRANSLITERATION),
        ("Hussein", "Husayn", How.PHONETIC),
        ("J", "John", How.INITIAL),
        ("Obamt", "Obama", How.EDIT),
        ("Pepe", "Jose", How.NICKNAME),
        ("Mueller", "Müller", How.TRANSLITERATION),
    ],
)
def test_a_match_says_by_what(asked: str, held: str, how: How) -> None:
    found, said = matches(token(asked), token(held))
    assert said is how
    assert found > 0.3


def test_an_initial_is_no_other_letter() -> None:
    assert matches(token("K"), token("John"))[0] == 0.0


def test_nicknames_go_both_ways() -> None:
    assert "bill" in nicknames("william")
    assert "william" in nicknames("bill")
    assert not nicknames("nobody")


def test_a_common_word_says_less_than_a_rare_one() -> None:
    assert 1 < rarity("john") < rarity("zawahiri") <= rarest()
    assert rarity("a name nobody bears") == rarest()
