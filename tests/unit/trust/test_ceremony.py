"""The steps of the ceremony refuse what no node would accept."""

import pytest
from tests.unit.trust.builders import MEMBERS, NOW, Federation, own_keys, public, seed, signed

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, StateError, VerificationError
from comity.core.ids import MemberId
from comity.trust import (
    bootstrap_quorum,
    directory_signer,
    key_set,
    make_member,
    make_root,
    publish,
    sign,
    sign_key_change,
    start_key_change,
)

XA, _, XN = MEMBERS
BUILT = Federation()
PUBLISHER = directory_signer(seed("publisher"))


@pytest.mark.parametrize(("founders", "quorum"), [(1, 1), (3, 3), (4, 3), (9, 7), (12, 9)])
def test_the_bootstrap_quorum_is_more_than_two_thirds(founders: int, quorum: int) -> None:
    assert bootstrap_quorum(founders) == quorum


def test_one_key_cannot_found_for_two() -> None:
    plan = BUILT.root_plan()
    double = type(plan)(
        founders=plan.founders,
        oversight=[public("root-xa")],
        publishers=plan.publishers,
        expires=plan.expires,
    )
    with pytest.raises(InvalidInputError, match="distinct keys"):
        make_root(double)


def test_signing_again_with_the_same_key_adds_nothing() -> None:
    once = signed(make_root(BUILT.root_plan()), "root-xa")
    assert signed(once, "root-xa") == once


def test_signatures_may_be_added_in_any_order_on_separate_machines() -> None:
    draft = make_root(BUILT.root_plan())
    one = signed(draft, "root-xa", "root-xc", "root-xn", "oversight")
    other = signed(draft, "oversight", "root-xn", "root-xc", "root-xa")
    assert len(one) == len(other)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"signed":{},"signatures":[]}', b'{"a":0.5}'])
def test_only_metadata_is_signed(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        sign(data, PUBLISHER)


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_a_seed_has_32_bytes(short: bytes) -> None:
    with pytest.raises(InvalidInputError):
        directory_signer(short)


def test_a_key_set_needs_two_distinct_signers() -> None:
    with pytest.raises(InvalidInputError, match="two or more"):
        key_set([public("a"), public("a"), public("b")])
    with pytest.raises(InvalidInputError, match="two or more"):
        key_set([public("a"), public("b")], threshold=1)
    with pytest.raises(InvalidInputError, match="two or more"):
        key_set([public("a"), public("b")], threshold=3)


def test_only_a_member_with_keys_changes_them_and_only_its_old_keys_consent() -> None:
    with pytest.raises(StateError, match="no keys to change"):
        start_key_change(MemberId("xz"), new=own_keys("xz"), targets=BUILT.targets())
    change = start_key_change(XN, new=own_keys("xn", "-new"), targets=BUILT.targets())
    with pytest.raises(StateError, match="being replaced"):
        sign_key_change(change, directory_signer(seed("xa-0")), federation=BUILT.federation)


def test_a_member_that_no_node_would_accept_is_not_published() -> None:
    bad = signed(make_member(BUILT.document(XA), expires=BUILT.expires), "xa-0")
    members = {**{member: BUILT.member(member) for member in MEMBERS}, XA: bad}
    with pytest.raises(StateError, match="signed by 1 keys"):
        publish(BUILT.release(members=members), signer=PUBLISHER)


def test_a_stranger_cannot_publish() -> None:
    with pytest.raises(VerificationError):
        publish(BUILT.release(), signer=directory_signer(seed("stranger")))


def test_a_member_renews_its_delegation_under_the_next_version() -> None:
    files = BUILT.files()
    members = {m: BUILT.member(m, previous=BUILT.member(m)) for m in MEMBERS}
    after = publish(BUILT.release(members=members), signer=PUBLISHER, previous=files)
    assert "metadata/2.members%2Fxn.json" in after
    assert "metadata/2.snapshot.json" in after


def test_expiries_are_whole_seconds() -> None:
    data = make_member(BUILT.document(XA), expires=Instant(NOW + DAY + 999))
    assert b'"2027-01-16T08:00:00Z"' in data
