"""Who is bound: lists prove participation; only complete ones show absence."""

from dataclasses import replace
from datetime import date

import pytest

from comity.law import Participation, Party, Reservation, shipped_corpus
from comity.law.participation import Listing

TREATIES = shipped_corpus().treaties
BOMBINGS = "UN-BOMBINGS-1997"
DAY = date(2026, 11, 23)


def a_party(code: str, *, begins: date | None, until: date | None = None) -> Party:
    return Party(
        instrument="T",
        party=code,
        in_force=begins,
        until=until,
        is_party=False,
        as_of=date(2020, 1, 1),
        source="the test",
    )


def some(
    *rows: Party, kept: tuple[Reservation, ...] = (), full: date | None = None
) -> Participation:
    listing = (
        []
        if full is None
        else [Listing(instrument="T", complete_until=full, covers=frozenset())]
    )
    return Participation(
        {("T", row.party): [row] for row in rows},
        {("T", row.party): [row] for row in kept},
        {"T": listing},
        {"T": date(2000, 1, 1)},
        {},
    )


@pytest.mark.parametrize("status", ["doubtful", "party"])
def test_a_complete_list_shows_no_absence_of_a_party_without_a_sure_date(status: str) -> None:
    undated = replace(
        a_party("XN", begins=None),
        status=status,
        is_party=status == "party",
        as_of=date(2020, 1, 1),
    )
    treaties = some(undated, full=date(2026, 12, 31))
    assert treaties.binds("T", "XN", on=date(2019, 1, 1)) is None
    assert treaties.binds("T", "XA", on=date(2019, 1, 1)) is False


@pytest.mark.parametrize(
    ("one", "other", "on", "answer"),
    [
        ("FR", "DE", DAY, True),
        ("FR", "DE", date(2001, 1, 1), False),
        ("FR", "NP", DAY, None),
        ("XN", "XA", DAY, True),
        ("XN", "XM", DAY, False),
        ("XM", "NP", DAY, False),
        ("XN", "XF", date(2024, 12, 31), True),
        ("XN", "XF", date(2025, 1, 1), False),
    ],
)
def test_in_force_between_two_parties_on_a_day(
    one: str,
    other: str,
    on: date,
    answer: bool | None,  # noqa: FBT001 - the answer expected
) -> None:
    assert TREATIES.between(BOMBINGS, one, other, on=on) is answer
    assert TREATIES.between(BOMBINGS, other, one, on=on) is answer


def test_norway_and_namibia_are_states() -> None:
    assert TREATIES.between("UN-FINANCING-1999", "NO", "NA", on=DAY) is True


def test_an_instrument_nobody_holds_is_unknown() -> None:
    assert TREATIES.between("UN-NOTHING", "FR", "DE", on=DAY) is None


def test_a_partial_list_never_shows_absence() -> None:
    late = a_party("AA", begins=date(2022, 1, 1))
    assert some(late).binds("T", "BB", on=DAY) is None
    assert some(late).binds("T", "AA", on=date(2021, 1, 1)) is None


def test_a_complete_list_shows_absence_up_to_its_day_only() -> None:
    treaties = some(a_party("AA", begins=date(2001, 1, 1)), full=date(2019, 12, 31))
    assert treaties.binds("T", "BB", on=date(2019, 12, 31)) is False
    assert treaties.binds("T", "BB", on=date(2020, 1, 1)) is None


def test_signature_is_not_consent_to_be_bound() -> None:
    signed = a_party("AA", begins=None)
    assert some(signed).binds("T", "AA", on=DAY) is None
    assert some(signed, full=DAY).binds("T", "AA", on=DAY) is False


def test_a_source_without_a_date_proves_from_its_own_day_on() -> None:
    row = Party(
        instrument="T",
        party="AA",
        in_force=None,
        until=None,
        is_party=True,
        as_of=date(2021, 12, 31),
        source="the test",
    )
    assert some(row).binds("T", "AA", on=date(2021, 12, 31)) is True
    assert some(row).binds("T", "AA", on=date(2021, 12, 30)) is None


@pytest.mark.parametrize(
    ("effect", "counterpart", "until", "answer"),
    [
        ("excludes", "", None, True),
        ("doubt", "", None, None),
        ("none", "", None, False),
        ("excludes", "CC", None, False),
        ("excludes", "BB", None, True),
        ("excludes", "", date(2026, 1, 1), False),
    ],
)
def test_a_reservation_counts_for_its_article_counterpart_and_time(
    effect: str,
    counterpart: str,
    until: date | None,
    answer: bool | None,  # noqa: FBT001 - as above
) -> None:
    row = Reservation(
        instrument="T",
        party="AA",
        article="7",
        effect=effect,
        counterpart=counterpart,
        until=until,
        source="the test",
    )
    treaties = some(kept=(row,))
    for parties in (("AA", "BB"), ("BB", "AA")):
        assert treaties.reserved("T", frozenset({"7"}), parties=parties, on=DAY) is answer
    assert treaties.reserved("T", frozenset({"8"}), parties=("AA", "BB"), on=DAY) is False


def test_a_general_reservation_touches_every_article() -> None:
    row = Reservation(
        instrument="T",
        party="AA",
        article="",
        effect="doubt",
        counterpart="",
        until=None,
        source="the test",
    )
    both = [a_party(code, begins=date(2001, 1, 1)) for code in ("AA", "BB")]
    treaties = some(*both, kept=(row,))
    for article in ("1", "99"):
        articles = frozenset({article})
        assert treaties.applies("T", articles, parties=("AA", "BB"), on=DAY) is None


def test_remembering_changes_no_answer_however_much_is_asked() -> None:
    treaties = some(a_party("AA", begins=date(2001, 1, 1)), full=DAY)
    first = [
        treaties.applies("T", frozenset(), parties=("AA", str(i)), on=DAY)
        for i in range(100_001)
    ]
    assert set(first) == {False}
    assert treaties.applies("T", frozenset(), parties=("AA", "AA"), on=DAY) is True


def test_a_group_has_members_for_a_time() -> None:
    assert TREATIES.is_member("eu-schengen", "NO", on=DAY)
    assert not TREATIES.is_member("eu-schengen", "GB", on=DAY)
    assert not TREATIES.is_member("led-adequate", "GB", on=date(2021, 1, 1))
    assert not TREATIES.is_member("led-adequate", "GB", on=date(2031, 12, 27))
    assert TREATIES.is_member("led-adequate", "GB", on=date(2031, 12, 26))


def test_a_treaty_whose_entry_into_force_is_not_known_binds_nobody_for_sure() -> None:
    listed = Listing(instrument="T", complete_until=date(2030, 1, 1), covers=frozenset({"XA"}))
    treaties = Participation({}, {}, {"T": [listed]}, {}, {})
    assert treaties.binds("T", "XN", on=DAY) is None
    assert treaties.binds("T", "XA", on=DAY) is False
