"""The lattice of markings: joining can only tighten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId
from comity.message import OPEN, Handling, Setting, Tlp, handling

MEMBERS = st.sampled_from(["xa", "xc", "xm", "xn"]).map(MemberId)
AGENCIES = st.sampled_from(["xa.border", "xn.police"]).map(AgencyId)
PURPOSES = st.sampled_from(["counter-terrorism", "border-security"])
TIMES = st.integers(0, 4_000_000).map(lambda seconds: Instant(seconds * 1_000))


def markings(setting: Setting = Setting.REAL) -> st.SearchStrategy[Handling]:
    return st.builds(
        Handling,
        tlp=st.sampled_from(Tlp),
        level=st.integers(0, 4),
        codes=st.frozensets(st.sampled_from(["H0", "H1", "H2", "H3"])),
        releasable=st.none() | st.frozensets(MEMBERS),
        originators=st.frozensets(AGENCIES),
        purposes=st.none() | st.frozensets(PURPOSES),
        until=st.none() | TIMES,
        setting=st.just(setting),
    )


REAL = markings()


@given(REAL, REAL, REAL)
def test_joining_is_associative(one: Handling, two: Handling, three: Handling) -> None:
    assert one.join(two).join(three) == one.join(two.join(three))


@given(REAL, REAL)
def test_joining_is_commutative(one: Handling, two: Handling) -> None:
    assert one.join(two) == two.join(one)


@given(REAL)
def test_joining_a_marking_with_itself_or_the_loosest_changes_nothing(one: Handling) -> None:
    assert one.join(one) == one
    assert one.join(OPEN) == one


@given(REAL, REAL)
def test_a_join_is_within_both(one: Handling, two: Handling) -> None:
    joined = one.join(two)
    assert joined.is_within(one)
    assert joined.is_within(two)


@given(REAL, REAL)
def test_within_is_an_order(one: Handling, two: Handling) -> None:
    if one.is_within(two) and two.is_within(one):
        assert one == two


@given(REAL, REAL, MEMBERS, PURPOSES, TIMES)
def test_a_join_releases_nothing_that_either_withholds(
    one: Handling, two: Handling, reader: MemberId, purpose: str, at: Instant
) -> None:
    if one.join(two).may_release(reader, purpose=purpose, at=at):
        assert one.may_release(reader, purpose=purpose, at=at)
        assert two.may_release(reader, purpose=purpose, at=at)


@given(REAL, markings(Setting.EXERCISE))
def test_exercise_and_real_never_join(real: Handling, exercise: Handling) -> None:
    for one, two in ((real, exercise), (exercise, real)):
        assert not one.is_within(two)
        with pytest.raises(InvalidInputError, match="do not mix"):
            one.join(two)


@given(REAL | markings(Setting.EXERCISE))
def test_a_written_marking_reads_back(one: Handling) -> None:
    assert handling(str(one)) == one


@given(REAL, MEMBERS)
def test_a_reader_sees_its_own_clause_alone(one: Handling, reader: MemberId) -> None:
    shown = one.for_reader(reader)
    assert (shown.releasable or frozenset()) <= {reader}
    assert shown.is_within(one)
    assert (one.releasable is None) is (shown.releasable is None)


def test_an_empty_audience_or_purpose_releases_to_nobody() -> None:
    at, reader = Instant(0), MemberId("xa")
    for text in ("TLP:CLEAR REL:", "TLP:CLEAR PURPOSE:"):
        assert not handling(text).may_release(reader, purpose="counter-terrorism", at=at)


def test_a_release_ends_on_its_instant() -> None:
    marking = handling("TLP:CLEAR UNTIL:1970-01-01T00:00:10Z")
    reader = MemberId("xa")
    assert marking.may_release(reader, purpose="any", at=Instant(9_999))
    assert not marking.may_release(reader, purpose="any", at=Instant(10_000))


def test_nothing_said_is_the_strictest_light() -> None:
    assert Handling().tlp is Tlp.RED


UNKNOWN = ("H4", "H1:x", "L5", "L0", "ORCON:", "ORCON:xn", "REL:XN", "UNTIL:now", "NOFORN")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AMBER",
        "TLP:PINK",
        "tlp:red",
        "H1 TLP:RED",
        *(f"TLP:RED {word}" for word in UNKNOWN),
    ],
)
def test_a_marking_with_an_unknown_word_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        handling(text)
