"""An exported ledger: sound as written, and every change to it is found."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger.ground import Ground, Shelf

from comity.ledger import LeafType, Policy, Report, verify_export

GROUND = Ground().road(700)
WITNESS = GROUND.signer("witness.example/w1")
POLICY = GROUND.policy(WITNESS)
FILES = GROUND.files(WITNESS)
SMALL = Ground().road(4)
SMALL_FILES = SMALL.files(WITNESS)


def audit(
    files: Mapping[str, bytes], policy: Policy = POLICY, ground: Ground = GROUND
) -> Report:
    """Verify files as an auditor does."""
    return verify_export(Shelf(dict(files)), policy, verify=ground.verify)


def found(ground: Ground) -> list[tuple[str, str]]:
    """Export a ledger and list the findings."""
    report = audit(ground.files(), ground.policy(), ground)
    return [(finding.where, finding.what) for finding in report.findings]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_a_true_export_is_sound(size: int) -> None:
    ground = Ground().road(size)
    report = audit(ground.files(WITNESS))
    assert report.findings == ()
    assert (report.origin, report.size, report.read) == (ground.origin, size, size)
    assert report.root == ground.checkpoint().root
    assert sum(report.counts.values()) == size
    assert len(report.seen) == 3


def test_counts_are_by_type() -> None:
    assert audit(FILES).counts[LeafType.SENT] == 175


@settings(max_examples=60)
@given(st.sampled_from(sorted(FILES)), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_anywhere_is_found(path: str, place: int, mask: int) -> None:
    data = bytearray(FILES[path])
    data[place % len(data)] ^= mask
    assert audit({**FILES, path: bytes(data)}).findings


@pytest.mark.parametrize("path", sorted(SMALL_FILES))
def test_every_single_byte_of_a_small_export_matters(
    path: str, pytestconfig: pytest.Config
) -> None:
    size = len(SMALL_FILES[path])
    # A checkpoint is mostly one long signature: in a short run every fifth byte of it.
    step = 1 if size < 1_000 or pytestconfig.getoption("soak") else 5
    for place in range(0, size, step):
        data = bytearray(SMALL_FILES[path])
        data[place] ^= 1
        assert audit({**SMALL_FILES, path: bytes(data)}).findings, (path, place)


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_missing_cut_or_longer_file_is_found(path: str) -> None:
    rest = {other: data for other, data in FILES.items() if other != path}
    assert audit(rest).findings
    assert audit({**FILES, path: FILES[path][:-1]}).findings
    assert audit({**FILES, path: FILES[path] + b"\0"}).findings


def test_a_finding_names_the_tile_and_the_hash() -> None:
    data = bytearray(FILES["tile/0/001"])
    data[32 * 5 + 3] ^= 1
    report = audit({**FILES, "tile/0/001": bytes(data)})
    assert [(finding.where, "hash 5" in finding.what) for finding in report.findings] == [
        ("tile/0/001", True)
    ]


def test_another_history_under_the_true_checkpoint_is_found() -> None:
    other = Ground()
    other.add(other.leaf(LeafType.DENIED))
    other.road(700)
    assert audit({**other.files(WITNESS), "checkpoint": FILES["checkpoint"]}).findings


def test_a_checkpoint_that_witnesses_did_not_see_is_found() -> None:
    assert audit(GROUND.files()).findings


def test_a_signature_that_the_policy_does_not_name_is_found() -> None:
    assert audit(FILES, GROUND.policy()).findings


def test_a_sent_leaf_without_an_earlier_permit_is_found() -> None:
    for kind in (LeafType.DENIED, LeafType.REFERRED, LeafType.SENT):
        ground = Ground()
        ground.add(ground.leaf(kind, follows=None))
        ground.add(ground.leaf(LeafType.SENT, follows=0))
        assert ("entry 1", "sent without an earlier permitted") in found(ground)
    silent = Ground().road(1)
    silent.add(silent.leaf(LeafType.SENT))
    assert found(silent) == [("entry 1", "sent without an earlier permitted")]


def test_a_permit_that_comes_after_is_found() -> None:
    ground = Ground()
    ground.add(ground.leaf(LeafType.SENT, follows=1))
    ground.add(ground.leaf(LeafType.PERMITTED))
    assert found(ground) == [("entry 0", "follows entry 1, which is not before it")]


def test_a_received_leaf_follows_admitted_or_held() -> None:
    for kind in (LeafType.ADMITTED, LeafType.HELD):
        lawful = Ground()
        lawful.add(lawful.leaf(kind))
        lawful.add(lawful.leaf(LeafType.RECEIVED, follows=0))
        assert found(lawful) == []
    ground = Ground()
    ground.add(ground.leaf(LeafType.NOT_ADMITTED))
    ground.add(ground.leaf(LeafType.RECEIVED, follows=0))
    assert found(ground) == [("entry 1", "received without an earlier admitted or held")]


def test_an_entry_that_is_no_leaf_is_found_and_the_rest_is_read() -> None:
    ground = Ground().road(2)
    ground.add(b"not a leaf")
    ground.road(700)
    report = audit(ground.files(), ground.policy())
    assert [finding.where for finding in report.findings] == ["entry 2", "entry 3"]
    assert report.read == 700


def test_findings_are_bounded() -> None:
    assert len(found(Ground().grow(300))) == 100
