"""What a hostile mirror, publisher, member or coalition may try on the directory."""

import json
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.trust.builders import (
    MEMBERS,
    NOW,
    PACK,
    POLICY_TEXT,
    Federation,
    document,
    own_keys,
    public,
    seed,
    signed,
)

from comity.core import limits
from comity.core.clock import DAY, Instant
from comity.core.errors import ComityError, InvalidInputError, LimitError, VerificationError
from comity.core.ids import AgencyId, MemberId, NodeId
from comity.trust import (
    Directory,
    Seen,
    directory_signer,
    key_set,
    make_member,
    make_root,
    publish,
    read_seen,
    sign,
    sign_key_change,
    stamp,
    start_key_change,
    verify_directory,
    write_member,
)
from comity.trust.metadata import Json, digest_of

XA, XC, XN = MEMBERS
BUILT = Federation()
FILES = BUILT.files()
ROOT = BUILT.root()
PUBLISHER = directory_signer(seed("publisher"))


def verified(files: dict[str, bytes], *, seen: Seen | None = None) -> Directory:
    return verify_directory(files, root=ROOT, at=NOW, seen=seen)


def resnapshot(files: dict[str, bytes], *, name: str, data: bytes) -> dict[str, bytes]:
    """Let a stolen publisher key vouch for any bytes under any name."""
    found = dict(files)
    found[name] = data
    role = name.removeprefix("metadata/").partition(".")[2].replace("%2F", "/")
    old = cast(
        "dict[str, dict[str, dict[str, Json]]]", json.loads(files["metadata/1.snapshot.json"])
    )
    meta = old["signed"]["meta"]
    assert isinstance(meta, dict)
    version = int(name.removeprefix("metadata/").partition(".")[0])
    meta[role] = {
        "version": version,
        "length": len(data),
        "hashes": {"sha256": digest_of(data)},
    }
    old["signatures"] = cast("dict[str, dict[str, Json]]", [])
    snapshot = sign(json.dumps(old).encode(), PUBLISHER)
    found["metadata/1.snapshot.json"] = snapshot
    stamped = cast("dict[str, dict[str, Json]]", json.loads(files["metadata/timestamp.json"]))
    stamped["signed"]["meta"] = {
        "snapshot.json": {
            "version": 1,
            "length": len(snapshot),
            "hashes": {"sha256": digest_of(snapshot)},
        }
    }
    stamped["signatures"] = cast("dict[str, Json]", [])
    found["metadata/timestamp.json"] = sign(json.dumps(stamped).encode(), PUBLISHER)
    return found


def changed(data: bytes, change: Callable[[dict[str, Json]], object]) -> bytes:
    value = cast("dict[str, Json]", json.loads(data))
    change(cast("dict[str, Json]", value["signed"]))
    value["signatures"] = []
    return json.dumps(value).encode()


def test_a_directory_signed_by_all_is_accepted_and_answers() -> None:
    found = verified(FILES)
    assert found.members() == MEMBERS
    assert not found.faults
    assert found.policy == POLICY_TEXT
    assert found.federation == BUILT.federation
    assert len(found.federation) == 32
    assert not found.is_expired(NOW)


def test_root_may_be_pinned_by_its_digest() -> None:
    pin = bytes.fromhex(digest_of(ROOT))
    assert verify_directory(FILES, root=pin, at=NOW) == verified(FILES)


def test_a_root_that_is_not_the_pinned_one_is_refused() -> None:
    with pytest.raises(VerificationError, match="not the one"):
        verify_directory(FILES, root=b"\x00" * 32, at=NOW)


def test_a_root_one_member_short_is_refused() -> None:
    built = Federation(root_signers=("root-xa", "root-xc", "oversight"))
    with pytest.raises(VerificationError, match="signed by 3 keys, 4 must"):
        built.files()


def test_a_root_without_oversight_is_refused_although_every_member_signed() -> None:
    built = Federation(root_signers=("root-xa", "root-xc", "root-xn"))
    with pytest.raises(VerificationError, match="`root`"):
        built.files()


def test_enough_keys_are_not_enough_where_no_oversight_key_is_among_them() -> None:
    names = tuple(MemberId(f"m{number}") for number in range(4))
    signers = tuple(f"root-{name}" for name in names)
    built = Federation(founders=names, root_signers=signers, targets_signers=signers)
    with pytest.raises(VerificationError, match="no oversight key"):
        built.files()


def test_targets_of_enough_members_without_oversight_are_refused() -> None:
    names = tuple(MemberId(f"m{number}") for number in range(4))
    signers = tuple(f"root-{name}" for name in names)
    built = Federation(
        founders=names, root_signers=(*signers, "oversight"), targets_signers=signers
    )
    with pytest.raises(VerificationError, match="targets is signed by no oversight key"):
        built.files()


def test_two_oversight_keys_do_not_stand_in_for_a_member() -> None:
    plan = BUILT.root_plan()
    root = make_root(
        type(plan)(
            founders=plan.founders,
            oversight=[public("oversight"), public("oversight-2")],
            publishers=plan.publishers,
            expires=plan.expires,
        )
    )
    root = signed(root, "root-xa", "root-xc", "oversight", "oversight-2")
    with pytest.raises(VerificationError, match="signed by 2 members, 3 must"):
        verify_directory(FILES, root=root, at=NOW)


def test_targets_one_member_short_are_refused() -> None:
    built = Federation(targets_signers=("root-xa", "root-xc", "oversight"))
    with pytest.raises(VerificationError, match="`targets`"):
        built.files()


def test_one_member_key_alone_costs_that_member_its_place_and_nobody_else() -> None:
    data = signed(make_member(BUILT.document(XA), expires=BUILT.expires), "xa-0")
    found = verified(resnapshot(FILES, name="metadata/1.members%2Fxa.json", data=data))
    assert found.members() == (XC, XN)
    assert "signed by 1 keys, 2 must" in found.faults[XA]
    assert "members/xa.json" not in found.seen.roles


def test_a_member_cannot_sign_for_another() -> None:
    data = signed(make_member(BUILT.document(XC), expires=BUILT.expires), "xa-0", "xa-1")
    found = verified(resnapshot(FILES, name="metadata/1.members%2Fxc.json", data=data))
    assert "signed by 0 keys" in found.faults[XC]


def test_a_member_cannot_place_a_file_under_the_path_of_another() -> None:
    data = signed(make_member(BUILT.document(XC), expires=BUILT.expires), "xa-0", "xa-1")
    found = verified(resnapshot(FILES, name="metadata/1.members%2Fxa.json", data=data))
    assert "another path" in found.faults[XA]
    assert XC in found.members()


def test_a_member_cannot_speak_for_the_nodes_of_another() -> None:
    built = Federation(documents={XA: write_member(document(XC, BUILT.federation))})
    moved = changed(
        make_member(built.document(XA), expires=built.expires),
        lambda part: part.update(
            targets={
                "members/xa/member.json": next(
                    iter(cast("dict[str, Json]", part["targets"]).values())
                )
            }
        ),
    )
    found = verified(
        resnapshot(
            FILES, name="metadata/1.members%2Fxa.json", data=signed(moved, "xa-0", "xa-1")
        )
    )
    assert XA in found.faults


def test_a_node_cannot_claim_the_ledger_of_another() -> None:
    text = BUILT.document(XA).replace(b"/log/xa.police.n1/1", b"/log/xc.police.n1/1")
    with pytest.raises(ComityError, match="not its own"):
        Federation(documents={XA: text}).files()


def test_a_key_listed_under_two_names_is_refused() -> None:
    def double(part: dict[str, Json]) -> None:
        keys = cast("dict[str, Json]", part["keys"])
        keys["0" * 64] = next(iter(keys.values()))

    with pytest.raises(VerificationError, match="under its own name"):
        verify_directory(FILES, root=changed(ROOT, double), at=NOW)


@pytest.mark.parametrize("public_half", ["", "AB" * 32, "ab" * 31])
def test_a_key_that_is_not_ed25519_in_lower_case_hex_is_refused(public_half: str) -> None:
    def spoil(part: dict[str, Json]) -> None:
        first = next(iter(cast("dict[str, dict[str, Json]]", part["keys"]).values()))
        first["keyval"] = {"public": public_half}

    with pytest.raises(InvalidInputError, match="lower-case hex"):
        verify_directory(FILES, root=changed(ROOT, spoil), at=NOW)


def test_a_key_in_the_sets_of_two_members_is_refused() -> None:
    shared = key_set([public("xc-0"), public("xa-1"), public("xa-2")])
    built = Federation()
    built.keys[XA] = shared
    with pytest.raises(VerificationError, match="one key to two members"):
        built.targets()


@pytest.mark.parametrize(
    ("field", "value"), [("oversight", []), ("members", {"xa": "0" * 64}), ("quorum", 4)]
)
def test_a_root_that_does_not_say_whose_its_keys_are_is_refused(
    field: str, value: Json
) -> None:
    def alter(part: dict[str, Json]) -> None:
        cast("dict[str, Json]", part["comity"])[field] = value

    with pytest.raises(VerificationError):
        verify_directory(FILES, root=changed(ROOT, alter), at=NOW)


def test_a_root_whose_publisher_could_sign_targets_is_refused() -> None:
    def mix(part: dict[str, Json]) -> None:
        roles = cast("dict[str, dict[str, Json]]", part["roles"])
        roles["timestamp"]["keyids"] = roles["root"]["keyids"]

    with pytest.raises(VerificationError, match="offline and an online use"):
        verify_directory(FILES, root=changed(ROOT, mix), at=NOW)


def test_a_root_whose_threshold_needs_no_oversight_is_refused() -> None:
    def lower(part: dict[str, Json]) -> None:
        cast("dict[str, dict[str, Json]]", part["roles"])["targets"]["threshold"] = 3

    with pytest.raises(VerificationError, match="leaves out the oversight key"):
        verify_directory(FILES, root=changed(ROOT, lower), at=NOW)


def test_a_member_that_the_snapshot_does_not_name_is_refused() -> None:
    def forget(part: dict[str, Json]) -> None:
        cast("dict[str, Json]", part["meta"]).pop("members/xa.json")

    snapshot = sign(changed(FILES["metadata/1.snapshot.json"], forget), PUBLISHER)
    meta: Json = {
        "snapshot.json": {
            "version": 1,
            "length": len(snapshot),
            "hashes": {"sha256": digest_of(snapshot)},
        }
    }
    stamped = changed(FILES["metadata/timestamp.json"], lambda part: part.update(meta=meta))
    files = {
        **FILES,
        "metadata/1.snapshot.json": snapshot,
        "metadata/timestamp.json": sign(stamped, PUBLISHER),
    }
    with pytest.raises(VerificationError, match="does not name `members/xa`"):
        verified(files)


def test_a_document_named_for_another_member_costs_the_place() -> None:
    other = BUILT.document(XC)
    data = changed(
        make_member(BUILT.document(XA), expires=BUILT.expires),
        lambda part: part.update(
            targets={
                "members/xa/member.json": {
                    "length": len(other),
                    "hashes": {"sha256": digest_of(other)},
                }
            }
        ),
    )
    files = resnapshot(
        FILES, name="metadata/1.members%2Fxa.json", data=signed(data, "xa-0", "xa-1")
    )
    files[f"targets/members/xa/{digest_of(other)}.member.json"] = other
    assert "holds the document of `xc`" in verified(files).faults[XA]


@pytest.mark.parametrize(
    "targets", [{}, {"members/xa/member.json": {"length": 1, "hashes": {"md5": "0"}}}]
)
def test_a_delegation_without_its_document_by_sha256_costs_the_place(targets: Json) -> None:
    data = changed(BUILT.member(XA), lambda part: part.update(targets=targets))
    found = verified(
        resnapshot(
            FILES, name="metadata/1.members%2Fxa.json", data=signed(data, "xa-0", "xa-1")
        )
    )
    assert XA in found.faults


@pytest.mark.parametrize("policy", [None, b"\xff"])
def test_a_policy_may_lack_but_not_be_broken(policy: bytes | None) -> None:
    def replace_policy(part: dict[str, Json]) -> None:
        targets = cast("dict[str, Json]", part["targets"])
        targets.pop("policy.txt")
        if policy is not None:
            hashes: Json = {"sha256": digest_of(policy)}
            targets["policy.txt"] = {"length": len(policy), "hashes": hashes}

    data = signed(changed(BUILT.targets(), replace_policy), *BUILT.targets_signers)
    files = resnapshot(FILES, name="metadata/1.targets.json", data=data)
    if policy is None:
        assert verified(files).policy == ""
        return
    files[f"targets/{digest_of(policy)}.policy.txt"] = policy
    with pytest.raises(InvalidInputError, match="UTF-8"):
        verified(files)


def test_endless_rotation_of_root_is_cut_short() -> None:
    files, last = dict(FILES), ROOT
    for version in range(2, limits.DIRECTORY_ROTATIONS + 2):
        last = signed(make_root(BUILT.root_plan(), previous=last), *BUILT.root_signers)
        files[f"metadata/{version}.root.json"] = last
    with pytest.raises(LimitError, match="rotated"):
        verified(files)


def test_a_root_that_asks_for_too_few_members_is_refused() -> None:
    def lower(part: dict[str, Json]) -> None:
        cast("dict[str, Json]", part["comity"])["quorum"] = 1

    with pytest.raises(VerificationError, match="two thirds"):
        verify_directory(FILES, root=changed(ROOT, lower), at=NOW)


@pytest.mark.parametrize("paths", [["*"], ["members/xc/*"], ["members/xa/*", "packs/*"]])
def test_a_delegation_beyond_its_own_path_is_refused(paths: list[Json]) -> None:
    def widen(part: dict[str, Json]) -> None:
        roles = cast("dict[str, list[dict[str, Json]]]", part["delegations"])["roles"]
        roles[0]["paths"] = paths

    data = signed(changed(BUILT.targets(), widen), *BUILT.targets_signers)
    with pytest.raises(VerificationError, match="beyond its path"):
        verified(resnapshot(FILES, name="metadata/1.targets.json", data=data))


def test_a_role_of_another_kind_is_refused_not_skipped() -> None:
    def rename(part: dict[str, Json]) -> None:
        roles = cast("dict[str, list[dict[str, Json]]]", part["delegations"])["roles"]
        roles[0]["name"] = "status"

    data = signed(changed(BUILT.targets(), rename), *BUILT.targets_signers)
    with pytest.raises(VerificationError, match="beyond its path"):
        verified(resnapshot(FILES, name="metadata/1.targets.json", data=data))


def test_targets_that_delegate_to_nobody_are_refused() -> None:
    data = signed(
        changed(BUILT.targets(), lambda part: part.pop("delegations")), *BUILT.targets_signers
    )
    with pytest.raises(VerificationError, match="nobody"):
        verified(resnapshot(FILES, name="metadata/1.targets.json", data=data))


def test_a_member_may_not_delegate_further() -> None:
    delegations = cast("dict[str, Json]", json.loads(BUILT.targets())["signed"]["delegations"])
    data = changed(BUILT.member(XA), lambda part: part.update(delegations=delegations))
    found = verified(
        resnapshot(
            FILES, name="metadata/1.members%2Fxa.json", data=signed(data, "xa-0", "xa-1")
        )
    )
    assert "another path" in found.faults[XA]


def test_old_metadata_is_refused_once_newer_was_seen() -> None:
    newer = publish(BUILT.release(), signer=PUBLISHER, previous=FILES)
    seen = verified(newer).seen
    with pytest.raises(VerificationError, match="goes back"):
        verified(FILES, seen=seen)


def test_an_old_root_is_refused_once_a_newer_was_seen() -> None:
    with pytest.raises(VerificationError, match="older than 2"):
        verified(FILES, seen=Seen(root=2))


def test_a_role_turned_back_under_a_newer_snapshot_is_refused() -> None:
    seen = verified(FILES).seen
    ahead = Seen(keys=seen.keys, roles={**seen.roles, "members/xn.json": 2})
    with pytest.raises(VerificationError, match=r"turns back `members/xn\.json`"):
        verified(FILES, seen=ahead)


def test_a_role_dropped_from_the_snapshot_is_refused() -> None:
    with pytest.raises(VerificationError, match="drops"):
        verified(FILES, seen=Seen(roles={"members/xz.json": 1}))


def test_the_same_directory_may_be_read_again() -> None:
    found = verified(FILES)
    assert verified(FILES, seen=found.seen).seen == found.seen


def test_a_new_publisher_is_not_bound_by_the_versions_of_a_stolen_key() -> None:
    seen = verified(FILES).seen
    stolen = Seen(
        timestamp=10**9, snapshot=10**9, keys=seen.keys, publishers=frozenset({"stolen"})
    )
    assert verified(FILES, seen=stolen).version == 1


@pytest.mark.parametrize(
    "name",
    ["1.snapshot", "1.targets", "1.members%2Fxa"],
)
def test_a_file_of_another_edition_is_refused(name: str) -> None:
    path = f"metadata/{name}.json"
    other = Federation(expires=Instant(NOW + 20 * DAY)).files()
    other[path] = Federation(expires=Instant(NOW + 21 * DAY)).files()[path]
    mixed = {**FILES, path: other[path] + b" "}
    with pytest.raises(VerificationError, match="not the file"):
        verified(mixed)


@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets", "1.members%2Fxa"])
def test_a_file_left_out_is_refused(name: str) -> None:
    kept = {path: data for path, data in FILES.items() if path != f"metadata/{name}.json"}
    with pytest.raises(VerificationError, match="lacks"):
        verified(kept)


def test_a_document_left_out_costs_its_member_the_place() -> None:
    kept = {path: data for path, data in FILES.items() if "targets/members/xa/" not in path}
    assert "lacks" in verified(kept).faults[XA]


def test_a_version_inside_that_differs_from_the_one_named_is_refused() -> None:
    data = signed(
        changed(BUILT.targets(), lambda part: part.update(version=7)), *BUILT.targets_signers
    )
    with pytest.raises(VerificationError, match="version 7, expected 1"):
        verified(resnapshot(FILES, name="metadata/1.targets.json", data=data))


def test_a_timestamp_by_a_stranger_is_refused() -> None:
    path = "metadata/timestamp.json"
    forged = sign(
        changed(FILES[path], lambda part: part.update(version=9)), directory_signer(b"s" * 32)
    )
    with pytest.raises(VerificationError, match="`timestamp`"):
        verified({**FILES, path: forged})


def test_an_expired_directory_is_returned_and_says_so() -> None:
    late = Instant(NOW + 2 * DAY)
    found = verify_directory(FILES, root=ROOT, at=late)
    assert found.is_expired(late)
    assert found.expires == NOW + DAY
    assert found.checked_at == late


def test_an_expired_directory_sends_only_where_nothing_changed() -> None:
    late = Instant(NOW + 2 * DAY)
    fresh = verified(FILES)
    again = verified(FILES)
    other = Federation(
        documents={XA: write_member(document(XA, BUILT.federation, era="-stolen"))}
    )
    swapped = verified(other.files())
    node = NodeId("xa.police.n1")
    assert again.may_send(node, at=NOW, fresh=None)
    assert again.may_send(node, at=late, fresh=fresh)
    assert not again.may_send(node, at=late, fresh=None)
    assert not swapped.may_send(node, at=late, fresh=fresh)
    assert swapped.may_send(NodeId("xc.police.n1"), at=late, fresh=fresh)


def test_a_member_out_of_time_is_still_there_but_gets_no_new_keys() -> None:
    built = Federation()
    built.expires = Instant(NOW + 30 * DAY)
    old = signed(make_member(built.document(XA), expires=Instant(NOW + 1000)), "xa-0", "xa-1")
    members = {**{m: built.member(m) for m in MEMBERS}, XA: old}
    found = verified(publish(built.release(members=members), signer=PUBLISHER))
    assert XA in found.members()
    assert not found.may_send(NodeId("xa.police.n1"), at=Instant(NOW + 2000), fresh=None)


def rotated() -> tuple[Federation, bytes]:
    """Member xn takes new keys, and the two old ones agree."""
    later = Federation()
    later.keys[XN] = own_keys("xn", "-new")
    later.signers[XN] = ("xn-new-0", "xn-new-1")
    change = start_key_change(XN, new=later.keys[XN], targets=BUILT.targets())
    for name in ("xn-0", "xn-2"):
        change = sign_key_change(
            change, directory_signer(seed(name)), federation=BUILT.federation
        )
    return later, change


def test_a_member_changes_its_keys_with_consent_of_the_old_ones() -> None:
    later, change = rotated()
    targets = later.targets(previous=BUILT.targets(), changes=[change])
    files = publish(later.release(targets=targets), signer=PUBLISHER, previous=FILES)
    found = verified(files, seen=verified(FILES).seen)
    assert found.members() == MEMBERS
    assert found.seen.keys["xn"] == later.keys[XN].digest
    assert verified(files).seen.keys == found.seen.keys


def test_a_threshold_of_members_cannot_swap_the_keys_of_one_without_it() -> None:
    later, _ = rotated()
    files = later.files()
    with pytest.raises(VerificationError, match="without its old keys"):
        verified(files, seen=verified(FILES).seen)


def test_no_targets_can_be_drafted_that_swap_keys_without_consent() -> None:
    later, _ = rotated()
    with pytest.raises(VerificationError, match="without its old keys"):
        later.targets(previous=BUILT.targets())


def test_one_old_key_alone_cannot_hand_over() -> None:
    later, _ = rotated()
    change = start_key_change(XN, new=later.keys[XN], targets=BUILT.targets())
    change = sign_key_change(
        change, directory_signer(seed("xn-0")), federation=BUILT.federation
    )
    with pytest.raises(VerificationError, match="1 signatures of its old keys, 2 must"):
        later.targets(previous=BUILT.targets(), changes=[change])


def test_consent_given_in_another_federation_does_not_count() -> None:
    later, _ = rotated()
    change = start_key_change(XN, new=later.keys[XN], targets=BUILT.targets())
    for name in ("xn-0", "xn-1"):
        change = sign_key_change(change, directory_signer(seed(name)), federation="f" * 32)
    with pytest.raises(VerificationError, match="0 signatures"):
        later.targets(previous=BUILT.targets(), changes=[change])


def test_a_consent_cannot_be_used_twice() -> None:
    later, change = rotated()
    once = later.targets(previous=BUILT.targets(), changes=[change])
    with pytest.raises(VerificationError, match="gap"):
        later.targets(previous=once, changes=[change])


def test_a_consent_once_given_does_not_bring_the_new_keys_back_after_a_return() -> None:
    later, there = rotated()
    once = later.targets(previous=BUILT.targets(), changes=[there])
    back = start_key_change(XN, new=own_keys("xn"), targets=once)
    for name in ("xn-new-0", "xn-new-1"):
        back = sign_key_change(back, directory_signer(seed(name)), federation=BUILT.federation)
    twice = BUILT.targets(previous=once, changes=[back])
    with pytest.raises(VerificationError, match="gap"):
        later.targets(previous=twice, changes=[there])


def test_a_member_expelled_is_not_forgotten_and_cannot_be_replaced_under_its_name() -> None:
    without = Federation()
    del without.keys[XN]
    targets = without.targets(previous=BUILT.targets())
    files = publish(without.release(targets=targets), signer=PUBLISHER, previous=FILES)
    seen = verified(files, seen=verified(FILES).seen).seen
    assert seen.keys["xn"] == own_keys("xn").digest
    later, _ = rotated()
    again = later.targets(previous=targets)
    replaced = publish(later.release(targets=again), signer=PUBLISHER, previous=files)
    with pytest.raises(VerificationError, match="without its old keys"):
        verified(replaced, seen=seen)


def test_root_rotates_through_the_old_and_the_new_threshold() -> None:
    second = signed(
        make_root(BUILT.root_plan(), previous=ROOT),
        "root-xa",
        "root-xc",
        "root-xn",
        "oversight",
    )
    found = verified({**FILES, "metadata/2.root.json": second})
    assert found.seen.root == 2
    assert found.federation == BUILT.federation


def test_a_new_root_the_old_one_did_not_sign_is_refused() -> None:
    plan = BUILT.root_plan()
    coup = type(plan)(
        founders={MemberId("xz"): public("root-xz")},
        oversight=[public("oversight-z")],
        publishers=[public("publisher-z")],
        expires=plan.expires,
    )
    second = signed(make_root(coup, previous=ROOT), "root-xz", "oversight-z")
    with pytest.raises(VerificationError, match="signed by 0 keys, 4 must"):
        verified({**FILES, "metadata/2.root.json": second})


def test_a_root_under_the_number_of_another_is_refused() -> None:
    with pytest.raises(VerificationError, match="says it is version 1"):
        verified({**FILES, "metadata/2.root.json": ROOT})


def test_renewing_the_timestamp_moves_the_expiry_and_not_the_version() -> None:
    until = Instant(NOW + 2 * DAY)
    found = verified(stamp(FILES, signer=PUBLISHER, expires=until), seen=verified(FILES).seen)
    assert (found.version, found.expires, found.seen.timestamp) == (1, until, 2)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("timestamp", limits.DIRECTORY_TIMESTAMP),
        ("2.root", limits.DIRECTORY_ROOT),
    ],
)
def test_oversize_metadata_is_refused_unread(name: str, limit: int) -> None:
    with pytest.raises(LimitError):
        verified({**FILES, f"metadata/{name}.json": b" " * (limit + 1)})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b'{"signed":1}',
        b'{"signed":{"_type":"timestamp"},"signatures":[]}',
        b'{"signed":{"_type":"root"},"signatures":{}}',
        b'{"a":1,"a":2}',
        b'{"a":1.5}',
        b'{"a":NaN}',
        b'{"a":12345678901234567890}',
        b'{"a":"\\ud800"}',
        b"[" * 16_000,
        FILES["metadata/1.snapshot.json"],
    ],
)
def test_weird_json_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        verified({**FILES, "metadata/timestamp.json": data})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(value=JSON, name=st.sampled_from(sorted(FILES)), data=st.data())
def test_no_value_in_any_place_raises_an_error_of_another_house(
    value: Json, name: str, data: st.DataObject
) -> None:
    if not name.startswith("metadata/") or name == "metadata/1.root.json":
        return
    found = cast("Json", json.loads(FILES[name]))
    here = found
    while isinstance(here, dict | list) and here:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        place = data.draw(st.sampled_from(places))
        inner = here[place]  # type: ignore[call-overload,index]
        if data.draw(st.booleans()) or not isinstance(inner, dict | list) or not inner:
            here[place] = value  # type: ignore[call-overload,index]
            break
        here = inner
    broken = json.dumps(found).encode()
    files = {**FILES, name: broken}
    if "snapshot" not in name and "timestamp" not in name:
        files = resnapshot(FILES, name=name, data=broken)
    try:
        verified(files)
    except ComityError:
        return


@given(flips=st.integers(0, 10**6), name=st.sampled_from(sorted(FILES)))
def test_no_changed_byte_goes_unnoticed_in_what_digests_name(flips: int, name: str) -> None:
    data = bytearray(FILES[name])
    data[flips % len(data)] ^= 1
    if name in {"metadata/timestamp.json", "metadata/1.root.json"}:
        return
    try:
        found = verified({**FILES, name: bytes(data)})
    except ComityError:
        return
    assert found.faults or name.endswith((".example.yaml", ".law.yaml"))


def test_keys_count_only_in_their_time() -> None:
    found = verified(FILES)
    node, kid = NodeId("xa.police.n1"), public("xa.police.n1").kid
    assert found.node_key(node, kid, at=NOW) == public("xa.police.n1")
    assert found.node_key(node, kid, at=Instant(NOW - 1)) is None
    assert found.node_key(node, kid, at=Instant(NOW + 300 * DAY)) is None
    assert found.node_key(NodeId("xc.police.n1"), kid, at=NOW) is None
    assert found.agency_key(AgencyId("xa.police"), kid, at=NOW) is None
    agency = AgencyId("xa.police")
    assert found.agency_key(agency, public("xa.police").kid, at=NOW) == public("xa.police")
    assert found.current_agency_keys(agency, at=NOW) == (public("xa.police"),)
    assert found.current_node_keys(node, at=Instant(NOW - 1)) == ()


def test_look_ups_answer_for_what_is_listed_and_for_nothing_else() -> None:
    found = verified(FILES)
    agency, node = AgencyId("xa.police"), NodeId("xa.police.n1")
    assert found.agency(agency).name == "Police"
    assert found.node(node).member == XA
    assert found.node(node).log_vkey.startswith(BUILT.federation)
    assert found.node(node).witness_vkey.startswith("witness+")
    assert found.nodes_for(agency) == (found.node(node),)
    assert found.nodes_for(AgencyId("xz.police")) == ()
    assert found.serves(node, agency)
    assert not found.serves(node, AgencyId("xc.police"))
    assert not found.serves(NodeId("xz.police.n1"), agency)
    assert [entry.agency for entry in found.agencies()] == [
        "xa.police",
        "xc.police",
        "xn.police",
    ]
    with pytest.raises(ComityError, match="no agency"):
        found.agency(AgencyId("xz.police"))
    with pytest.raises(ComityError, match="no node"):
        found.node(NodeId("xz.police.n1"))


def test_only_the_named_bytes_are_a_pack() -> None:
    found = verified(FILES)
    assert found.check_pack("packs/example.yaml", PACK).member is None
    assert found.check_pack("members/xn/law.yaml", PACK).member == XN
    with pytest.raises(VerificationError):
        found.check_pack("packs/example.yaml", PACK + b"x")
    with pytest.raises(ComityError, match="no pack"):
        found.check_pack("packs/other.yaml", PACK)


def test_what_was_seen_survives_on_disk() -> None:
    seen = verified(FILES).seen
    assert read_seen(seen.as_bytes()) == seen
    with pytest.raises(InvalidInputError):
        read_seen(b'{"root":"1"}')
