"""What a person reads before signing is what the file says, and nothing can be slipped in."""

from dataclasses import replace

import pytest
from tests.unit.trust.builders import MEMBERS, NOW, Federation, document, own_keys, public, seed

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError
from comity.trust import (
    LOSS_NOTICE,
    Losses,
    Noted,
    Record,
    Recorded,
    Records,
    describe,
    describe_key_change,
    describe_member,
    directory_signer,
    make_member,
    make_root,
    payload_digest,
    plan_again,
    sign_key_change,
    start_key_change,
    write_member,
)

XA, _, XN = MEMBERS
BUILT = Federation()


def test_a_root_names_each_key_and_the_quorum() -> None:
    said = describe(BUILT.root())
    assert "the root of the federation, version 1, which holds until 2028-01-15" in said
    assert "3 of 3 members and one oversight key must sign" in said
    assert f"Key {public('root-xa').raw.hex()} belongs to member xa" in said
    assert f"Key {public('oversight').raw.hex()} belongs to an oversight body" in said


def test_a_new_root_says_what_changes() -> None:
    plan = BUILT.root_plan()
    after = type(plan)(
        founders=plan.founders,
        oversight=[public("oversight-2")],
        publishers=plan.publishers,
        expires=plan.expires,
    )
    said = describe(make_root(after, previous=BUILT.root()), previous=BUILT.root())
    assert f"new: Key {public('oversight-2').raw.hex()}" in said
    assert f"gone: Key {public('oversight').raw.hex()}" in said
    assert "new: Key" in said
    assert f"new: Key {public('root-xa').raw.hex()}" not in said


def test_targets_say_who_signs_for_whom_and_that_keys_changed_by_consent() -> None:
    later = Federation()
    later.keys[XN] = own_keys("xn", "-new")
    change = start_key_change(XN, new=later.keys[XN], targets=BUILT.targets())
    for name in ("xn-0", "xn-1"):
        change = sign_key_change(
            change, directory_signer(seed(name)), federation=BUILT.federation
        )
    said = describe(later.targets(previous=BUILT.targets(), changes=[change]))
    assert "Delegation members/xa is signed by 2 of" in said
    assert "Delegation members/xn has changed its keys 1 times by consent" in said
    assert "File packs/example.yaml has SHA-256" in said
    told = describe_key_change(change)
    assert "change 1 of the keys of member xn" in told
    assert f"Takes key {public('xn-new-0').raw.hex()}" in told
    assert "Old keys that have consented: 2" in told


def test_the_publisher_and_a_member_read_what_they_sign() -> None:
    files = BUILT.files()
    assert "stands at version 1" in describe(files["metadata/1.snapshot.json"])
    assert "time stamp" in describe(files["metadata/timestamp.json"])
    said = describe(make_member(BUILT.document(XA), expires=Instant(NOW + DAY)))
    assert "a member's delegation, version 1, which holds until 2027-01-16" in said


def test_a_member_reads_its_document_and_what_changes() -> None:
    before = BUILT.document(XA)
    after = write_member(document(XA, BUILT.federation, era="-new"))
    said = describe_member(after, previous=before)
    assert "Agency xa.police is Police (police)" in said
    assert f"new: Key {public('xa.police-new').raw.hex()} of xa.police" in said
    assert f"gone: Key {public('xa.police').raw.hex()} of xa.police" in said


def test_a_name_cannot_write_a_line_of_its_own() -> None:
    draft = BUILT.files()["metadata/1.snapshot.json"].replace(
        b"members/xa.json", b"x\\nFile harmless stands at version 1"
    )
    assert "\nFile harmless" not in describe(draft)


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"signed":{"_type":"mirrors"}}', b"{"])
def test_what_is_not_metadata_has_no_words(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        describe(data)


def test_a_revoked_key_a_publisher_and_a_loss_are_told() -> None:
    made = document(XN, BUILT.federation)
    (node,) = made.nodes
    keys = tuple(replace(key, revoked=NOW) for key in node.keys)
    told = replace(made, nodes=(replace(node, keys=keys),))
    assert "revoked from" in describe_member(write_member(told))
    records = Records(
        (
            Noted(
                record=Record(
                    sort=Recorded.LOSS,
                    at=NOW,
                    digest=own_keys("xn", "-new").digest,
                    member=XN,
                ),
                seen=Instant(NOW - LOSS_NOTICE),
            ),
        )
    )
    later = Federation()
    later.keys[XN] = own_keys("xn", "-new")
    later.targets_says["losses"] = Losses(records=records, at=NOW)
    later.targets_says["publisher"] = public("publisher")
    change = start_key_change(XN, new=later.keys[XN], targets=BUILT.targets())
    said = describe(later.targets(previous=BUILT.targets(), changes=[change]))
    assert "0 times by consent, 1 times after an announced loss" in said
    assert "The publisher is the key named" in said


def test_a_plan_cannot_be_said_again_without_its_files() -> None:
    with pytest.raises(InvalidInputError, match="is missing"):
        plan_again(BUILT.targets(), expires=NOW, contents={})


@pytest.mark.parametrize("data", [b"x", b"{}", b'{"signed":{}}'])
def test_only_metadata_has_bytes_to_be_signed(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        payload_digest(data)
