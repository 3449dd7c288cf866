import pytest
from tests.unit.screening.evidence.told import Told, both, evidence, one

from comity.screening import Outcome

SAME, SIMILAR = Outcome.SAME, Outcome.SIMILAR
DIFFERS, NOT = Outcome.DIFFERS, Outcome.NOT_COMPARABLE

STATES = [
    ("ir", "ir", SAME, "exact"),
    ("IR", "Iran", SAME, "exact"),
    ("IRN", "ir", SAME, "exact"),
    ("D", "DEU", SAME, "exact"),
    ("SUN", "suhh", SAME, "exact"),
    ("suhh", "ua", SIMILAR, "former-state"),
    ("yucs", "rs", SIMILAR, "former-state"),
    ("cshh", "sk", SIMILAR, "former-state"),
    ("ua-cri", "ua", SIMILAR, "part-of"),
    ("ua-cri", "ru", SIMILAR, "part-of"),
    ("hk", "cn", SIMILAR, "part-of"),
    ("ir", "iq", DIFFERS, "other-value"),
    ("zz", "iq", NOT, "not-stated"),
]
PLACES = [
    ("Cali, Colombia", "Colombia, CALI", SAME, "exact"),
    ("Córdoba", "Cordoba", SAME, "exact"),
    ("Cali", "Cali, Valle del Cauca, Colombia", SIMILAR, "part-of-place"),
    ("Qandahar", "Kandahar", SIMILAR, "spelling"),
    ("Mosul", "Mossul", SIMILAR, "spelling"),
    ("Shali, Grozny", "Shali, Kurchaloy", SIMILAR, "same-region"),
    ("Cali, Colombia", "Medellin, Colombia", SIMILAR, "same-country"),
    ("Cali", "Grozny", DIFFERS, "other-value"),
    ("---", "Grozny", NOT, "not-readable"),
]


@pytest.mark.parametrize(("asked", "held", "outcome", "how"), STATES)
def test_two_nationalities_are_told_apart(
    asked: str, held: str, outcome: Outcome, how: str
) -> None:
    found = both("nationality", asked, held)
    assert (found.outcome, found.how) == (outcome, how)


@pytest.mark.parametrize(("asked", "held", "outcome", "how"), PLACES)
def test_two_birth_places_are_told_apart(
    asked: str, held: str, outcome: Outcome, how: str
) -> None:
    found = both("birthPlace", asked, held)
    assert (found.outcome, found.how) == (outcome, how)


def test_a_rare_nationality_says_more_than_a_common_one() -> None:
    assert both("nationality", "li", "li").weight > both("nationality", "co", "co").weight


def test_a_citizenship_answers_for_a_nationality() -> None:
    found = one({"nationality": "ir"}, {"citizenship": "ir"})
    assert (found.prop, found.how) == ("nationality", "exact")


def test_a_country_stands_in_where_no_nationality_is_held_and_weighs_less() -> None:
    stood_in = one({"nationality": "ir"}, {"country": "ir"})
    assert stood_in.how == "exact"
    assert 0 < stood_in.weight < one({"nationality": "ir"}, {"nationality": "ir"}).weight
    back = one({"country": "ir"}, {"nationality": "ir"})
    assert back.weight == stood_in.weight


def test_what_repeats_one_fact_does_not_count_twice() -> None:
    told: dict[str, str | list[str]] = {
        "nationality": "ir",
        "country": "ir",
        "birthCountry": "ir",
    }
    alone = [one({prop: "ir"}, {prop: "ir"}).weight for prop in told]
    together = sum(each.weight for each in evidence(told, told))
    assert together == pytest.approx(max(alone) + (sum(alone) - max(alone)) / 2, abs=0.001)


def test_a_ship_that_flew_the_flag_before_is_no_contradiction() -> None:
    found = evidence(
        {"flag": "pa"}, {"flag": "lr", "pastFlags": "pa"}, schema="Vessel", other="Vessel"
    )
    assert [each.how for each in found] == ["past-flag"]
    assert found[0].weight > 0


def test_many_places_take_bounded_work_and_contradict_nothing() -> None:
    many = [f"Upper{n}ville Lower{n}ton" for n in range(500)]
    assert one({"birthPlace": "Grozny"}, {"birthPlace": many}).how == "too-many"


def test_a_country_beside_what_stands_for_it_is_one_line_both_ways_round() -> None:
    asked: Told = {"nationality": "xa", "flag": "xa"}
    held: Told = {"jurisdiction": "xa"}
    there, back = evidence(asked, held), evidence(held, asked)
    assert [(each.prop, each.how) for each in there] == [("nationality", "exact")]
    assert [(each.prop, each.how) for each in back] == [("jurisdiction", "exact")]
    assert there[0].weight == back[0].weight > 0


def test_a_flag_flown_before_that_is_another_one_changes_nothing() -> None:
    asked: Told = {"flag": "xa"}
    held: Told = {"flag": "xm", "pastFlags": "xc"}
    [plain] = evidence(asked, {"flag": "xm"}, schema="Vessel", other="Vessel")
    assert evidence(asked, held, schema="Vessel", other="Vessel") == (plain,)
    assert plain.how == "other-value"
