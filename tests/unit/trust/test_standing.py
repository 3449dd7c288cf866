"""Where a member stands, and what a stolen key still proves."""

from dataclasses import replace

import pytest
from tests.unit.trust.builders import IN_A_MONTH, MEMBERS, NOW, Federation, public

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, MemberId, NodeId
from comity.trust import (
    SUSPENSION,
    DatedKey,
    Directory,
    MemberEntry,
    Standing,
    Suspension,
    verify_directory,
)

XA = MEMBERS[0]
NODE, AGENCY = NodeId("xa.police.n1"), AgencyId("xa.police")
BUILT = Federation()
FOUND = verify_directory(BUILT.files(), root=BUILT.root(), at=NOW)
LATER = Instant(NOW + 2 * DAY)


def changed(entry: MemberEntry) -> Directory:
    return replace(FOUND, entries={**FOUND.entries, XA: entry})


def test_a_member_stands_as_one_until_something_is_said() -> None:
    assert FOUND.standing(XA, at=NOW) is Standing.MEMBER
    with pytest.raises(NotFoundError):
        FOUND.standing(MemberId("xz"), at=NOW)


def test_the_hardest_standing_that_holds_counts() -> None:
    entry = FOUND.entries[XA]
    held = Suspension(since=NOW, until=LATER, ground="conduct")
    assert replace(entry, is_candidate=True).standing(NOW) is Standing.CANDIDATE
    suspended = replace(entry, is_candidate=True, suspensions=(held,))
    assert suspended.standing(NOW) is Standing.SUSPENDED
    assert suspended.standing(LATER) is Standing.CANDIDATE
    gone = replace(suspended, left=NOW)
    assert gone.standing(NOW) is Standing.LEFT
    assert gone.standing(Instant(NOW - 1)) is Standing.CANDIDATE
    closed = replace(gone, closed=LATER)
    assert closed.standing(NOW) is Standing.LEFT
    assert closed.standing(IN_A_MONTH) is Standing.CLOSED


@pytest.mark.parametrize("length", [-1, 0, SUSPENSION + 1])
def test_a_suspension_lapses_within_fourteen_days(length: int) -> None:
    with pytest.raises(InvalidInputError, match="14 days"):
        Suspension(since=NOW, until=Instant(NOW + length), ground="conduct")


def test_a_revoked_key_counts_only_for_what_was_witnessed_before() -> None:
    key = DatedKey(key=public("k"), since=NOW, revoked=LATER)
    before = Instant(LATER - 1)
    assert not key.is_valid(NOW)
    assert key.is_valid(NOW, witnessed=before)
    assert not key.is_valid(NOW, witnessed=LATER)
    assert not key.is_valid(LATER, witnessed=before)


def test_the_keys_of_a_member_closed_for_compromise_are_revoked_from_then_on() -> None:
    directory = changed(replace(FOUND.entries[XA], closed=LATER))
    (kid,) = [dated.key.kid for dated in FOUND.node(NODE).keys]
    dated = directory.dated_key(NODE, kid)
    assert dated is not None
    assert dated.revoked == LATER
    assert directory.node_key(NODE, kid, at=NOW) is None
    assert directory.node_key(NODE, kid, at=NOW, witnessed=NOW) is not None
    assert directory.current_node_keys(NODE, at=NOW) == ()
    assert directory.current_agency_keys(AGENCY, at=NOW) == ()
    assert FOUND.current_agency_keys(AGENCY, at=NOW) == (public(AGENCY),)
