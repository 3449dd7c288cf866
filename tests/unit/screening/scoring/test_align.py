import pytest

from comity.screening import How
from comity.screening.names import read_name
from comity.screening.scoring.align import Alignment, align


def laid(asked: str, held: str, schema: str = "Person") -> Alignment:
    return align(read_name(asked, schema), read_name(held, schema))


def answers(found: Alignment) -> dict[str, tuple[str, How]]:
    return {
        " ".join(found.asked[place].token.text for place in pair.asked): (
            " ".join(found.held[place].token.text for place in pair.held),
            pair.how,
        )
        for pair in found.pairs
    }


def test_words_answer_each_other_in_any_order() -> None:
    found = answers(laid("Anna Maria Beispiel", "BEISPIEL, Anna Maria"))

    assert found == {
        "anna": ("anna", How.EXACT),
        "maria": ("maria", How.EXACT),
        "beispiel": ("beispiel", How.EXACT),
    }


def test_each_word_is_used_once() -> None:
    found = laid("Karim Karim", "Karim")

    assert len(found.pairs) == 1
    assert len(found.asked_only) == 1
    assert found.held_only == ()


def test_repeated_words_answer_in_their_order() -> None:
    found = laid("Hassan Omar Hassan", "Hassan Omar Hassan")

    assert sorted((pair.asked, pair.held) for pair in found.pairs) == [
        ((0,), (0,)),
        ((1,), (1,)),
        ((2,), (2,)),
    ]


@pytest.mark.parametrize(
    ("asked", "held"),
    [("JSCARGUMENT", "JSC Argument"), ("Maria Luisa Exemplo", "Marialuisa Exemplo")],
)
def test_words_written_as_one_are_found_joined_both_ways(asked: str, held: str) -> None:
    for found in (laid(asked, held, "Company"), laid(held, asked, "Company")):
        assert How.JOINED in {pair.how for pair in found.pairs}
        assert found.asked_only == found.held_only == ()


def test_an_acronym_answers_the_whole_name() -> None:
    (pair,) = laid("UNDP", "United Nations Development Programme", "Organization").pairs

    assert pair.how is How.ACRONYM
    assert pair.held == (0, 1, 2, 3)


def test_an_acronym_of_two_letters_says_nothing() -> None:
    assert laid("AB", "Alpha Beta", "Organization").pairs == ()


def test_names_without_words_lie_beside_each_other_empty() -> None:
    found = laid("😀", "Anna")

    assert found.asked == ()
    assert found.pairs == ()


def test_a_long_list_of_words_is_bounded() -> None:
    found = laid(" ".join(f"word{chr(97 + n % 26)}{n}" for n in range(60)), "Anna")

    assert len(found.asked) == 16
