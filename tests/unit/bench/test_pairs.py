"""The labelled pairs: what keeps them honest."""

import pytest
from bench.quality.dice import Dice
from bench.quality.likeness import derives, told_apart
from bench.quality.noise import Noise, people, slips
from bench.quality.noise.companies import acronym, form_changed, number_changed
from bench.quality.noise.facts import date_slipped
from bench.quality.pairs import Entity, Pair
from bench.quality.splits import split_of, split_of_row


def test_splits_are_stable_and_of_the_sizes_told() -> None:
    found = [split_of(str(place)) for place in range(10_000)]
    assert abs(found.count("fit") - 5000) < 200
    assert abs(found.count("held-out") - 3000) < 200
    assert [split_of("a"), split_of("c"), split_of("e")] == ["fit", "tune", "held-out"]


def test_a_token_lies_in_one_split_however_it_is_spaced() -> None:
    assert split_of_row("م ح م د") == split_of_row("محمد")


def test_dice_fall_the_same_way_for_the_same_words() -> None:
    draws = [Dice("a", "b").below(1000) for _ in range(3)]
    assert len(set(draws)) == 1
    assert Dice("ab").below(1 << 60) != Dice("a", "b").below(1 << 60)


@pytest.mark.parametrize("noise", [slips.letter_lost, slips.key_beside, slips.letters_swapped])
def test_a_slip_changes_one_place(noise: Noise) -> None:
    told = noise("Example Person", Dice("slip"))
    assert told != "Example Person"
    assert abs(len(told) - len("Example Person")) < 2


def test_a_name_without_a_middle_comes_back_as_it_was() -> None:
    assert people.middle_dropped("Example Person", Dice("")) == "Example Person"


def test_companies_change_form_number_and_length() -> None:
    assert form_changed("Acme LLC", Dice("1")) != "Acme LLC"
    assert number_changed("Acme 7", Dice("1"))[:5] == "Acme "
    assert number_changed("Acme 7", Dice("1")) != "Acme 7"
    assert acronym("Bank of Northern Example Trade", Dice("1")) == "BNET"


def test_a_birth_date_stays_one() -> None:
    told = {date_slipped("1970-03-09", Dice(str(place))) for place in range(300)}
    assert {"1970", "1970-03-09", "1970-09-03", "1970-01-01", "1969-03-09"} <= told


def test_respelling_tells_nobody_apart_and_another_name_does() -> None:
    assert not told_apart("Mohammed Hassan", "Muhammad Hasan")
    assert not told_apart("J. Person", "John Person")
    assert told_apart("George Bush", "George Habbash")
    assert derives("Abu Hassan", ["Ali HASAN"])
    assert not derives("The Falcon", ["Ali HASAN"])


def test_a_pair_is_read_as_screening_takes_it() -> None:
    one = Entity(id="a", schema="Person", properties={"name": ("Example Person",)})
    other = Entity(
        id="b", schema="Person", properties={"name": ("E. Person",), "gender": ("male",)}
    )
    pair = Pair("1", one, other, is_match=True, kind="initials", script="latin", split="fit")
    assert pair.asked().names == ("Example Person",)
    assert pair.held().properties["gender"] == ("male",)
    assert not pair.is_names_only
