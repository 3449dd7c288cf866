"""Suspension lapses, closure stays, expulsion and leave keep the proofs."""

import json
from dataclasses import replace
from typing import cast

import pytest
from tests.unit.trust.builders import (
    IN_A_MONTH,
    MEMBERS,
    NOW,
    Federation,
    document,
    own_keys,
    public,
    seed,
    signed,
)

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, VerificationError
from comity.core.ids import NodeId
from comity.trust import (
    Closure,
    Directory,
    Seen,
    Standing,
    Status,
    Suspension,
    directory_signer,
    make_member,
    make_status,
    publish,
    read_status,
    sign_key_change,
    start_key_change,
    verify_directory,
    write_member,
    write_status,
)
from comity.trust.metadata import Json, tuf_key

XA, XC, XN = MEMBERS
PUBLISHER = directory_signer(seed("publisher"))
LATER = Instant(NOW + 15 * DAY)
CONDUCT = Suspension(since=NOW, until=Instant(NOW + 10 * DAY), ground="conduct")
STOLEN = Closure(since=NOW, keys=own_keys("xn").digest, ground="keys stolen")


def verified(built: Federation, files: dict[str, bytes], seen: Seen | None = None) -> Directory:
    return verify_directory(files, root=built.root(), at=NOW, seen=seen)


def suspended(*signers: str) -> Federation:
    return Federation(status=Status(suspended={XN: CONDUCT}), status_signers=signers)


@pytest.mark.parametrize("signers", [("root-xa", "root-xc"), ("root-xc", "oversight")])
def test_fewer_than_a_quorum_suspend_a_member_and_it_lapses_by_itself(
    signers: tuple[str, ...],
) -> None:
    built = suspended(*signers)
    found = verified(built, built.files())
    assert found.standing(XN, at=NOW) is Standing.SUSPENDED
    assert found.standing(XN, at=CONDUCT.until) is Standing.MEMBER
    assert found.standing(XA, at=NOW) is Standing.MEMBER


@pytest.mark.parametrize("signers", [(), ("root-xa",), ("oversight",), ("xa-0", "xa-1")])
def test_one_state_or_one_office_alone_suspends_nobody(signers: tuple[str, ...]) -> None:
    with pytest.raises(VerificationError, match="`status` is signed by"):
        suspended(*signers).files()


def test_two_keys_of_oversight_are_one_party() -> None:
    built = suspended("oversight", "oversight-2")
    built.oversight = ("oversight", "oversight-2")
    with pytest.raises(VerificationError, match="signed by 1 parties, 2 must"):
        built.files()


def test_an_old_status_file_does_not_make_the_directory_expire() -> None:
    built = suspended("root-xa", "root-xc")
    assert built.status is not None
    old = signed(
        make_status(write_status(built.status), expires=Instant(NOW + 1_000)),
        "root-xa",
        "root-xc",
    )
    found = verified(built, publish(replace(built.release(), status=old), signer=PUBLISHER))
    assert found.expires > NOW + 1_000


@pytest.mark.parametrize("is_stranger", [True, False])
def test_the_standing_is_delegated_to_the_parties_of_root_and_to_nobody_else(
    *, is_stranger: bool
) -> None:
    built = suspended("root-xa", "root-xc")
    found = cast("dict[str, Json]", json.loads(built.targets()))
    signed_part = cast("dict[str, dict[str, list[dict[str, Json]]]]", found["signed"])
    roles = signed_part["delegations"]["roles"]
    listed = cast("dict[str, Json]", signed_part["delegations"]["keys"])
    (role,) = [role for role in roles if role["name"] == "status"]
    if is_stranger:
        key = tuf_key(public("stranger"))
        listed[key.keyid] = cast("Json", key.to_dict())
        cast("list[Json]", role["keyids"]).append(key.keyid)
    else:
        role["threshold"] = 1
    found["signatures"] = []
    data = signed(json.dumps(found).encode(), *built.targets_signers)
    with pytest.raises(VerificationError, match="not delegated to root's parties"):
        publish(built.release(targets=data), signer=PUBLISHER)


def test_the_status_role_names_one_file_and_delegates_no_further() -> None:
    built = suspended("root-xa", "root-xc")
    other = signed(make_member(built.document(XA), expires=IN_A_MONTH), "root-xa", "root-xc")
    with pytest.raises(VerificationError, match="another path than its own"):
        publish(replace(built.release(), status=other), signer=PUBLISHER)
    with pytest.raises(InvalidInputError, match="not the standing"):
        make_status(write_status(Status()), expires=IN_A_MONTH, previous=other)


def test_a_status_file_nobody_wrote_yet_says_nothing() -> None:
    built = suspended("root-xa", "root-xc")
    files = publish(replace(built.release(), status=None), signer=PUBLISHER)
    assert verified(built, files).standing(XN, at=NOW) is Standing.MEMBER


@pytest.mark.parametrize(
    "data",
    [
        b"{}x",
        b'{"suspended":{"X N":{"since":0,"until":1,"ground":""}}}',
        b'{"suspended":{"xn":{"since":0,"until":999999999999,"ground":""}}}',
        b'{"closed":{"xn":{"since":0,"keys":"short"}}}',
    ],
)
def test_a_status_that_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_status(data)


def test_a_closure_for_stolen_keys_ends_only_with_a_new_key_ceremony() -> None:
    built = Federation(status=Status(closed={XN: STOLEN}))
    files = built.files()
    first = verified(built, files)
    assert first.standing(XN, at=IN_A_MONTH) is Standing.CLOSED
    # The next status forgets it; who saw it does not.
    after = Federation(status=Status())
    status = after.stated(previous=files["metadata/1.status.json"])
    forgot = publish(replace(after.release(), status=status), signer=PUBLISHER, previous=files)
    again = verified(built, forgot, first.seen)
    assert again.standing(XN, at=IN_A_MONTH) is Standing.CLOSED
    # New keys, agreed by the old ones, open it again.
    later = Federation(status=Status())
    later.keys[XN], later.signers[XN] = own_keys("xn", "-new"), ("xn-new-0", "xn-new-1")
    change = start_key_change(XN, new=later.keys[XN], targets=built.targets())
    for name in ("xn-0", "xn-1"):
        key = directory_signer(seed(name))
        change = sign_key_change(change, key, federation=built.federation)
    targets = later.targets(previous=built.targets(), changes=[change])
    release = replace(later.release(targets=targets), status=status)
    renewed = publish(release, signer=PUBLISHER, previous=files)
    assert verified(built, renewed, again.seen).standing(XN, at=IN_A_MONTH) is Standing.MEMBER


def test_a_candidate_is_one_until_targets_leave_that_out() -> None:
    built = Federation(targets_says={"candidates": frozenset({XN})})
    assert verified(built, built.files()).standing(XN, at=NOW) is Standing.CANDIDATE


def test_who_is_expelled_keeps_its_keys_in_the_directory() -> None:
    built = Federation(targets_says={"expelled": {XN: NOW}})
    found = verified(built, built.files())
    assert found.standing(XN, at=NOW) is Standing.LEFT
    node = NodeId("xn.police.n1")
    assert found.node_key(node, public("xn.police.n1").kid, at=NOW) is not None


def test_a_member_leaves_by_its_own_act_alone() -> None:
    federation = Federation().federation
    leaving = replace(document(XN, federation), leaves=LATER)
    built = Federation(documents={XN: write_member(leaving)})
    found = verified(built, built.files())
    assert found.standing(XN, at=NOW) is Standing.MEMBER
    assert found.standing(XN, at=LATER) is Standing.LEFT


def test_only_the_publisher_whose_turn_it_is_publishes() -> None:
    built = Federation(publishers=("publisher", "publisher-2"))
    built.targets_says["publisher"] = public("publisher-2")
    second = directory_signer(seed("publisher-2"))
    assert verified(built, publish(built.release(), signer=second)).members() == MEMBERS
    with pytest.raises(VerificationError, match="publisher targets names"):
        publish(built.release(), signer=PUBLISHER)
