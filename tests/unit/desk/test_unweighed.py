"""What of a comparison leaves the desk before the first view."""

from comity.desk.look_up import _unweighed
from comity.screening import Evidence, How, Outcome, TokenMatch


def test_no_weight_of_a_word_leaves_the_desk_before_the_first_view() -> None:
    word = TokenMatch(asked="Anna", held="Ana", how=How.EDIT, rarity=4.0, weight=2.5)
    name = Evidence(
        prop="name",
        asked="Anna",
        held="Ana",
        outcome=Outcome.SIMILAR,
        how="edit",
        weight=2.5,
        tokens=(word,),
    )
    (found,) = _unweighed((name,))
    assert (found.weight, found.tokens[0].weight) == (0.0, 0.0)
