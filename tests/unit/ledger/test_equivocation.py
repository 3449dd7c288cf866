"""Two histories of one ledger: found, proven offline, and never proven against the honest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import AT, Ground

from comity.core.errors import InvalidInputError, VerificationError
from comity.ledger import (
    Equivocation,
    compare,
    expose,
    open_note,
    parse_equivocation,
    sign_note,
)

GROUND = Ground().grow(300)
FORK = Ground()
FORK.add(b"another first entry")
FORK.grow(300)
KEYS = (GROUND.log.verifier, GROUND.log_pq.verifier)
WITNESS = GROUND.signer("witness.example/w1")
OTHER = GROUND.signer("witness.example/w2")


def fork(one: int, other: int) -> Equivocation:
    """Return the evidence that GROUND showed `one` and FORK `other` entries."""
    larger = GROUND if one > other else FORK
    found = compare(
        GROUND.note(WITNESS, OTHER, size=one),
        FORK.note(WITNESS, size=other),
        keys=KEYS,
        read=larger.read,
    )
    assert found is not None
    return found


@given(st.integers(1, 300), st.integers(1, 300))
def test_two_histories_of_any_sizes_are_proven_offline(one: int, other: int) -> None:
    evidence = parse_equivocation(fork(one, other).encode())
    shown = expose(evidence, KEYS, verify=GROUND.verify)
    assert shown.signers == KEYS
    assert (shown.earlier.size, shown.later.size) == tuple(sorted((one, other)))


@given(st.integers(0, 300), st.integers(0, 300))
def test_one_history_is_never_evidence(one: int, other: int) -> None:
    notes = GROUND.note(size=one), GROUND.note(size=other)
    assert compare(*notes, keys=KEYS, read=GROUND.read) is None


def test_two_roots_of_one_size_stand_by_themselves() -> None:
    found = replace(fork(3, 3), proof=(bytes(32),))
    with pytest.raises(VerificationError, match="no proof"):
        expose(found, KEYS, verify=GROUND.verify)


def empty_as(root: bytes) -> bytes:
    """Return a signed checkpoint of no entries under any root."""
    return sign_note(
        replace(GROUND.checkpoint(0), root=root), [GROUND.log, GROUND.log_pq], at=AT
    )


@pytest.mark.parametrize("size", [0, 1, 300])
def test_a_root_of_nothing_that_is_not_the_empty_root_is_evidence(size: int) -> None:
    lie = empty_as(b"\1" * 32)
    for pair in ((lie, GROUND.note(size=size)), (GROUND.note(size=size), lie), (lie, lie)):
        found = compare(*pair, keys=KEYS)
        assert found is not None
        shown = expose(parse_equivocation(found.encode()), KEYS, verify=GROUND.verify)
        assert (shown.earlier.size, shown.earlier.root) == (0, b"\1" * 32)
        assert shown.signers == KEYS


@pytest.mark.parametrize("size", [0, 1, 300])
@pytest.mark.parametrize("root", [b"", b"\1" * 32])
def test_the_honest_empty_tree_is_never_evidence(size: int, root: bytes) -> None:
    lie = Equivocation(
        keys=KEYS, earlier=GROUND.note(size=0), later=GROUND.note(size=size), root=root
    )
    with pytest.raises(VerificationError):
        expose(lie, KEYS, verify=GROUND.verify)


def test_a_witness_that_cosigned_both_is_named_and_one_that_did_not_is_not() -> None:
    trusted = (*KEYS, WITNESS.verifier, OTHER.verifier)
    shown = expose(fork(100, 200), trusted, verify=GROUND.verify)
    assert shown.signers == (*KEYS, WITNESS.verifier)


@given(st.integers(1, 299), st.data())
def test_an_honest_log_cannot_be_accused(size: int, data: st.DataObject) -> None:
    later = data.draw(st.integers(size, 300))
    true = Equivocation(
        keys=KEYS, earlier=GROUND.note(size=size), later=GROUND.note(size=later)
    )
    proven = fork(later, size)
    for lie in (
        true,
        replace(true, root=proven.root or b"\1" * 32, proof=proven.proof),
        replace(true, root=GROUND.checkpoint(size).root, proof=proven.proof),
        replace(true, earlier=true.later, later=true.earlier, root=b"\1" * 32),
    ):
        with pytest.raises(VerificationError):
            expose(lie, KEYS, verify=GROUND.verify)


def test_a_stranger_can_accuse_nobody() -> None:
    forger = Ground(origin="elsewhere/log").grow(9)
    note = forger.note(size=9)
    with pytest.raises(InvalidInputError):
        compare(GROUND.note(size=9), note, keys=KEYS)
    lie = Equivocation(keys=KEYS, earlier=GROUND.note(size=9), later=note)
    with pytest.raises(VerificationError):
        expose(lie, KEYS, verify=GROUND.verify)
    with pytest.raises(VerificationError):
        expose(fork(9, 9), [OTHER.verifier], verify=GROUND.verify)


def test_checkpoints_of_two_ledgers_under_one_key_prove_nothing() -> None:
    twin = Ground(origin="elsewhere/log").grow(8)
    witnesses = (WITNESS.verifier,)
    lie = Equivocation(keys=witnesses, earlier=GROUND.note(WITNESS), later=twin.note(WITNESS))
    for each in (lie, replace(lie, earlier=lie.later, later=lie.earlier)):
        with pytest.raises(VerificationError):
            expose(each, witnesses, verify=GROUND.verify)


def test_nodes_that_lead_elsewhere_prove_nothing_yet() -> None:
    one, other = GROUND.note(size=70), FORK.note(size=200)
    with pytest.raises(VerificationError):
        compare(one, other, keys=KEYS, read=GROUND.read)
    with pytest.raises(VerificationError):
        compare(one, other, keys=KEYS)


@given(st.integers(0), st.integers(1, 255))
def test_no_changed_byte_changes_what_is_shown(place: int, mask: int) -> None:
    data = bytearray(fork(100, 200).encode())
    data[place % len(data)] ^= mask
    try:
        shown = expose(parse_equivocation(bytes(data)), KEYS, verify=GROUND.verify)
    except (InvalidInputError, VerificationError):
        return
    assert (shown.earlier, shown.later) == (GROUND.checkpoint(100), FORK.checkpoint(200))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"\nroot ", b"\nroots "),
        (b"\nkey ", b"\nkeys "),
        (b"\n\n", b"\n"),
        (b"\nroot ", b"\nroot A"),
        (b"root", b"AAAA\n" * 70 + b"root"),
    ],
)
def test_a_malformed_file_is_refused_in_words(old: bytes, new: bytes) -> None:
    data = fork(100, 200).encode()
    assert old in data
    with pytest.raises(InvalidInputError):
        parse_equivocation(data.replace(old, new))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_equivocation(data)


def test_the_notes_come_out_as_they_went_in() -> None:
    evidence = fork(7, 7)
    assert parse_equivocation(evidence.encode()) == evidence
    opened = open_note(evidence.later, KEYS, verify=GROUND.verify)
    assert opened.checkpoint.size == 7
