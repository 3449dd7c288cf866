"""What users of other engines complained of, as cases that must hold here.

Each names the complaint it answers. *Level* is where a candidate is suggested; nothing follows
from it by itself.
"""

import math
from collections.abc import Sequence

import pytest

from comity.core.ids import EntityId
from comity.screening import Candidate, Flag, How, Profile, Query, Shelf, band, compare

LEVEL = 0.7
_CROWD = (
    "Amara Diallo",
    "Nguyen Van Minh",
    "Peter Lindqvist",
    "Rosa Marchetti",
    "Tomasz Zielinski",
    "Yuki Watanabe",
)


def _ask(name: str, *more: str, schema: str = "Person", **known: str) -> Query:
    facts = {prop: (value,) for prop, value in known.items()}
    return Query(schema=schema, properties={"name": (name, *more), **facts})


def _held(*names: str, schema: str = "Person", key: str = "held", **known: str) -> Profile:
    facts = {prop: (value,) for prop, value in known.items()}
    return Profile(
        entity_id=EntityId(key),
        dataset="example",
        schema=schema,
        properties={"name": names[:1], "alias": names[1:], **facts},
    )


def _score(query: Query, profile: Profile) -> float:
    return compare(query, profile).score


def _found(query: Query, *profiles: Profile) -> tuple[Candidate, ...]:
    crowd = [_held(name, key=f"crowd-{place}") for place, name in enumerate(_CROWD)]
    return _shelf((*crowd, *profiles)).search(query, limit=10).candidates


def _shelf(profiles: Sequence[Profile]) -> Shelf:
    shelf = Shelf()
    shelf.add(profiles)
    return shelf


def test_another_surname_is_not_suggested() -> None:
    """A1, moov-io/watchman#115."""
    assert _score(_ask("George Bush"), _held("George Habbash")) < LEVEL


@pytest.mark.parametrize("name", ["emma daniels", "Emma"])
def test_a_person_is_no_company_that_bears_a_first_name(name: str) -> None:
    """A2, moov-io/watchman#338."""
    assert _score(_ask(name), _held("EMMA LLC", schema="Company")) < LEVEL


@pytest.mark.parametrize("name", ["CORP", "Trading Co., Ltd."])
def test_generic_words_alone_ask_for_more_evidence(name: str) -> None:
    """A3, moov-io/watchman#483 and #469."""
    held = [
        _held("ACME CORP", schema="Company", key="a"),
        _held("EXAMPLE TRADING CO., LTD.", schema="Company", key="b"),
    ]
    found = _shelf(held).search(_ask(name, schema="Company"), limit=10)
    assert Flag.TOO_COMMON in found.flags
    assert all(candidate.score < LEVEL for candidate in found.candidates)


@pytest.mark.parametrize(
    ("asked", "held", "schema"),
    [
        ("JSCARGUMENT", "JSC ARGUMENT", "Organization"),
        ("JSC ARGUMENT", "JSCARGUMENT", "Organization"),
        ("abd al rahman saleh", "abdulrahman saleh", "Person"),
        ("abdulrahman saleh", "Abd al-Rahman Saleh", "Person"),
    ],
)
def test_words_written_as_one_are_found(asked: str, held: str, schema: str) -> None:
    """A4, moov-io/watchman#594."""
    query, profile = _ask(asked, schema=schema), _held(held, schema=schema)
    assert _score(query, profile) >= LEVEL
    assert _found(query, profile)[0].entity_id == "held"


@pytest.mark.parametrize(
    "asked", ["Barac Obamt", "Brack Obama", "Barack Obmaa", "Barack Obame"]
)
def test_a_slip_does_not_hide_a_name(asked: str) -> None:
    """A5, opensanctions/yente#761 and #762."""
    assert _found(_ask(asked), _held("Barack Obama"))[0].entity_id == "held"


@pytest.mark.parametrize("name", ["Li Wei", "Ana Ruiz", "Kim Un"])
def test_short_true_names_score_at_the_top(name: str) -> None:
    """A6, opensanctions/yente#245."""
    exact, near = _held(name, key="exact"), _held(f"{name}ger Holt", key="near")
    best = _found(_ask(name), exact, near)[0]
    assert best.entity_id == "exact"
    assert best.score >= LEVEL


@pytest.mark.parametrize("other", ["Rosa Marchetti", "Ana Torres", "Pedro Ruiz"])
def test_an_equal_birth_date_alone_lifts_nobody(other: str) -> None:
    """A6, opensanctions/yente#245."""
    query = _ask("Ana Ruiz", birthDate="1970-03-09")
    assert _score(query, _held(other, birthDate="1970-03-09")) < LEVEL


def test_a_likeness_by_sound_is_named() -> None:
    """A7, opensanctions/yente#245."""
    (name,) = (
        each
        for each in compare(_ask("Katrin Jakobs"), _held("Cathryn Jacobs")).evidence
        if each.prop == "name"
    )
    ways = {token.how for token in name.tokens if token.held}
    assert ways <= {How.PHONETIC, How.TRANSLITERATION}
    assert ways


def test_a_short_alias_in_another_script_does_not_outweigh_the_full_name() -> None:
    """A8, opensanctions/nomenklatura#257."""
    record = _held("Khalid Saleh Mansour Al-Masri", "محمد علي")
    assert _score(_ask("Mohammed Ali"), record) < LEVEL
    assert _score(_ask("Khalid Saleh Al-Masri"), record) >= LEVEL


def test_many_aliases_change_neither_rank_nor_score() -> None:
    """A9, opensanctions/nomenklatura#303 and #363."""
    more = tuple(f"{one} {other}" for one in _GIVEN for other in _FAMILY)[:100]
    few, many = _held("Barack Obama", key="few"), _held("Barack Obama", *more, key="many")
    turned = _held("Barack Obama", *more[::-1], key="many")
    query = _ask("Barack Obama")
    assert _score(query, many) == _score(query, turned)
    assert _score(query, many) >= LEVEL
    assert _score(query, few) >= _score(query, many)
    assert _score(_ask("Barack Obama", *more), few) >= LEVEL
    assert {each.entity_id for each in _found(query, few, many)[:2]} == {"few", "many"}


def test_candidates_are_few_and_near() -> None:
    """A10, opensanctions/yente#782 and #1132."""
    found = _found(_ask("Barack Obama"), _held("Barack Obama"))
    assert [candidate.entity_id for candidate in found if candidate.score >= LEVEL] == ["held"]


def test_no_band_is_called_a_match() -> None:
    """A11, opensanctions/yente#245."""
    assert {band(score / 100) for score in range(101)} == {"weak", "possible", "strong"}


def test_an_explanation_goes_token_by_token_and_sums_to_the_score() -> None:
    """A12: one string for a feature explains nothing."""
    query = _ask("Katrin M Jacobs", birthDate="1970-03-09")
    one = compare(query, _held("Cathryn Maria Jacobs", birthDate="1970-03-09"))
    other = compare(query, _held("Catherine Jacobson", birthDate="1971-03-09"))
    for candidate in (one, other):
        name = next(each for each in candidate.evidence if each.prop == "name")
        assert [token.asked for token in name.tokens if token.asked][:1] == ["katrin"]
        assert {"birthDate", "name"} <= {each.prop for each in candidate.evidence}
    assert _intercept(one) == pytest.approx(_intercept(other), abs=0.01)


@pytest.mark.parametrize(
    "asked",
    [
        "Bаrаck Оbаmа",  # noqa: RUF001 - Cyrillic vowels
        "Βarack Οbama",  # noqa: RUF001 - Greek capitals
        "Ｂａｒａｃｋ　Ｏｂａｍａ",  # noqa: RUF001 - full width
        "Bar\u200back O\u00adba\u2060ma",
        "B\u0430r\u0430ck Obam\u0430\u0301",
    ],
)
def test_look_alikes_do_not_hide_a_name(asked: str) -> None:
    """A13: a bypass that costs nothing."""
    best = _found(_ask(asked), _held("Barack Obama"))[0]
    assert best.entity_id == "held"
    assert best.score >= LEVEL


def test_what_is_removed_or_corrected_stops_matching_at_once() -> None:
    """A14: promised to the person concerned."""
    shelf = _shelf([_held("Barack Obama", key="a"), _held("Ana Ruiz", key="b")])
    shelf.forget([EntityId("a")])
    assert not shelf.search(_ask("Barack Obama"), limit=5).candidates
    shelf.add([_held("Rosa Marchetti", key="b")])
    assert not shelf.search(_ask("Ana Ruiz"), limit=5).candidates
    assert shelf.search(_ask("Rosa Marchetti"), limit=5).candidates[0].entity_id == "b"


def _intercept(candidate: Candidate) -> float:
    weights = sum(each.weight for each in candidate.evidence)
    return math.log(candidate.score / (1 - candidate.score)) - weights


_GIVEN = ("Amara", "Nadia", "Tomasz", "Yuki", "Rosa", "Peter", "Minh", "Lucia", "Ines", "Otto")
_FAMILY = (
    "Diallo",
    "Kowalski",
    "Lindqvist",
    "Marchetti",
    "Okafor",
    "Watanabe",
    "Zielinski",
    "Ruge",
)
