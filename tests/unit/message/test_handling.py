"""The lattice of markings: joining can only tighten."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId
from comity.message import (
    OPEN,
    Handling,
    Pap,
    Setting,
    Tlp,
    classification,
    handling,
)

MEMBERS = st.sampled_from(["xa", "xc", "xm", "xn"]).map(MemberId)
AGENCIES = st.sampled_from(["xa.border", "xn.police"]).map(AgencyId)
PURPOSES = st.sampled_from(["counter-terrorism", "border-security"])
TIMES = st.integers(0, 4_000_000).map(lambda seconds: Instant(seconds * 1_000))

CLASSES = st.frozensets(
    st.sampled_from(["fr:SECRET", "ro:Secret", "se:Begränsat_hemlig", "nato:CTS"]), max_size=2
)
CAVEATS = st.sampled_from(["NOFORN", "RELIDO", "LES", "ism.dissem.OC"])
TERMS = st.sampled_from(["encrypt_in_transit=must", "attribution=must", "attribution=must-not"])


def markings(setting: Setting = Setting.REAL) -> st.SearchStrategy[Handling]:
    return CLASSES.flatmap(lambda classes: marked(setting, classes))


def marked(setting: Setting, classes: frozenset[str]) -> st.SearchStrategy[Handling]:
    least = max((classification(each).level for each in classes), default=0)
    return st.builds(
        Handling,
        caveats=st.frozensets(CAVEATS, max_size=2),
        tlp=st.sampled_from(Tlp),
        level=st.integers(least, 4),
        classes=st.just(classes),
        pap=st.none() | st.sampled_from(Pap),
        terms=st.frozensets(TERMS, max_size=2),
        codes=st.frozensets(st.sampled_from(["H0", "H1", "H2", "H3"])),
        releasable=st.none() | st.frozensets(MEMBERS),
        originators=st.frozensets(AGENCIES),
        purposes=st.none() | st.frozensets(PURPOSES),
        until=st.none() | TIMES,
        setting=st.just(setting),
    ).map(eyes_only)


def eyes_only(marking: Handling) -> Handling:
    is_listed = marking.releasable is not None and "LES" in marking.caveats
    return replace(marking, caveats=marking.caveats | {"EYES-ONLY"}) if is_listed else marking


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


@given(REAL, REAL, REAL)
def test_joining_keeps_the_order_of_what_is_joined(
    one: Handling, two: Handling, three: Handling
) -> None:
    assert one.join(two).join(three).is_within(one.join(three))


@given(REAL, REAL)
def test_a_join_keeps_every_original_and_every_restriction(
    one: Handling, two: Handling
) -> None:
    joined = one.join(two)
    for each in (one, two):
        assert each.classes <= joined.classes
        assert each.codes | each.caveats | each.terms <= (
            joined.codes | joined.caveats | joined.terms
        )
        assert each.originators <= joined.originators
        assert each.pap is None or (joined.pap is not None and joined.pap >= each.pap)
    assert joined.level >= max((classification(c).level for c in joined.classes), default=0)


@given(REAL, REAL, MEMBERS, MEMBERS)
def test_a_join_reaches_nobody_that_either_does_not(
    one: Handling, two: Handling, reader: MemberId, owner: MemberId
) -> None:
    if one.join(two).reaches(reader, owner=owner):
        assert one.reaches(reader, owner=owner)
        assert two.reaches(reader, owner=owner)


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


def test_a_classification_gives_the_level_and_stays_as_it_was_written() -> None:
    marking = handling("TLP:AMBER CLASS:fr:SECRET,ro:Secret")
    assert marking.level == 3
    assert str(marking) == "TLP:AMBER L3 CLASS:fr:SECRET,ro:Secret"


def test_a_level_written_below_the_original_code_does_not_lower_it() -> None:
    assert handling("TLP:AMBER L1 CLASS:fr:SECRET").level == 3
    assert handling("TLP:AMBER CLASS:fr:SECRET L1").level == 3
    with pytest.raises(InvalidInputError, match="below"):
        Handling(level=1, classes=frozenset({"fr:SECRET"}))


@pytest.mark.parametrize(
    "text", ["TLP:RED REL:xa REL:xa,xc", "TLP:RED TLP:CLEAR", "TLP:RED PAP:RED PAP:CLEAR"]
)
def test_no_second_word_takes_the_place_of_a_stricter_first(text: str) -> None:
    with pytest.raises(InvalidInputError, match="once"):
        handling(text)


@pytest.mark.parametrize("label", ["TLP:WHITE", "TLP:UNCLEAR", "TLP:EX:CHR", "TLP:clear"])
def test_only_the_five_labels_of_tlp_2_are_read(label: str) -> None:
    with pytest.raises(InvalidInputError, match="begins with its TLP label"):
        handling(label)


@pytest.mark.parametrize("caveat", ["NOFORN", "ism.dissem.NF", "ism.nonic.LES-NF"])
def test_a_national_caveat_reaches_its_owner_alone(caveat: str) -> None:
    marking = handling(f"TLP:CLEAR CAVEAT:{caveat} REL:xa,xn")
    xa, xn = MemberId("xa"), MemberId("xn")
    assert marking.reaches(xn, owner=xn)
    assert not marking.reaches(xa, owner=xn)
    assert not marking.may_release(xa, purpose="counter-terrorism", at=Instant(0))


def test_eyes_only_reaches_a_closed_list_and_does_not_stand_without_one() -> None:
    assert handling("TLP:RED CAVEAT:EYES-ONLY REL:xa").reaches(MemberId("xa"))
    assert not handling("TLP:RED CAVEAT:EYES-ONLY REL:xa").reaches(MemberId("xc"))
    with pytest.raises(InvalidInputError, match="list of its readers"):
        handling("TLP:RED CAVEAT:EYES-ONLY")


def test_terms_at_odds_are_read_by_a_person() -> None:
    must, must_not = (handling(f"TLP:RED IEP:attribution={w}") for w in ("must", "must-not"))
    assert not must.needs_a_reader
    assert must.join(must_not).needs_a_reader


def test_nothing_said_is_the_strictest_light() -> None:
    assert Handling().tlp is Tlp.RED


UNKNOWN = ("H4", "H1:x", "L5", "L0", "ORCON:", "ORCON:xn", "REL:XN", "UNTIL:now", "NOFORN")
UNKNOWN_CODES = (
    *("CLASS:fr:SECRET_UE", "CLASS:xn:SECRET", "CLASS:SECRET", "CLASS:", "CLASS:fr:secret"),
    *("PAP:WHITE", "PAP:", "CAVEAT:", "CAVEAT:nof", "CAVEAT:acs.privilege_action.DSPLY"),
    *("CAVEAT:ism.dissem.REL", "CAVEAT:acs.formal_determination.PUBREL", "CAVEAT:ism.x.OC"),
    *("IEP:attribution=may", "IEP:tlp=red", "IEP:iep_version=2.0", "IEP:attribution", "IEP:"),
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AMBER",
        "TLP:PINK",
        "tlp:red",
        "H1 TLP:RED",
        *(f"TLP:RED {word}" for word in UNKNOWN + UNKNOWN_CODES),
    ],
)
def test_a_marking_with_an_unknown_word_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        handling(text)
