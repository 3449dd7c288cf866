"""The evidence file: it holds offline, and no changed copy of it does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import AT, Ground

from comity.core.errors import InvalidInputError, VerificationError
from comity.ledger import Proof, parse_proof, prove, verify_proof

GROUND = Ground().grow(100)
WITNESS = GROUND.signer("witness.example/w1")
POLICY = GROUND.policy(WITNESS)
NOTE = GROUND.note(WITNESS)
PROOF = prove(41, NOTE, read=GROUND.read)
ENTRY = GROUND.entries[41]


@given(st.integers(0, 99), st.binary(max_size=20))
def test_a_proof_survives_its_file_and_holds(index: int, extra: bytes) -> None:
    proof = prove(index, NOTE, read=GROUND.read, extra=extra)
    assert parse_proof(proof.encode()) == proof
    opened = verify_proof(proof, GROUND.entries[index], POLICY, verify=GROUND.verify)
    assert [seen.at for seen in opened.seen] == [None, AT, AT]


@given(st.integers(0), st.integers(1, 255))
def test_no_changed_byte_changes_what_is_proven(place: int, mask: int) -> None:
    data = bytearray(PROOF.encode())
    data[place % len(data)] ^= mask
    try:
        opened = verify_proof(parse_proof(bytes(data)), ENTRY, POLICY, verify=GROUND.verify)
    except (InvalidInputError, VerificationError):
        return
    # Losing one of the log's two signatures leaves a proof that this policy still accepts.
    assert (opened.checkpoint, len(opened.seen)) == (GROUND.checkpoint(), 2)


def test_another_entry_or_an_unseen_checkpoint_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify_proof(PROOF, GROUND.entries[40], POLICY, verify=GROUND.verify)
    unseen = prove(41, GROUND.note(), read=GROUND.read)
    with pytest.raises(VerificationError):
        verify_proof(unseen, ENTRY, POLICY, verify=GROUND.verify)


def test_an_entry_beyond_the_checkpoint_cannot_be_proven() -> None:
    with pytest.raises(InvalidInputError):
        prove(100, NOTE, read=GROUND.read)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"proof@v1", b"proof@v2"),
        (b"index 41\n", b""),
        (b"index 41\n", b"index 041\n"),
        (b"index 41\n", b"extra \nindex 41\n"),
        (b"index 41\n", b"extra !\nindex 41\n"),
        (b"index 41\n", b"index 41\nAAAA\n"),
        (b"index 41\n", b"index 41\n" + b"A" * 43 + b"=\n"),
        (b"index 41\n", b"index 41\n" + (b"A" * 43 + b"=\n") * 64),
        (b"index 41\n", b"index 41\n\n"),
        (b"\n\n", b"\n"),
    ],
)
def test_a_malformed_proof_is_refused(old: bytes, new: bytes) -> None:
    data = PROOF.encode().replace(old, new, 1)
    with pytest.raises((InvalidInputError, VerificationError)):
        verify_proof(parse_proof(data), ENTRY, POLICY, verify=GROUND.verify)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_proof(data)


def test_a_proof_of_the_only_entry_has_no_hashes() -> None:
    lone = Ground().grow(1)
    proof = prove(0, lone.note(), read=lone.read)
    assert proof == Proof(index=0, hashes=(), note=lone.note())
    verify_proof(parse_proof(proof.encode()), b"entry 0", lone.policy(), verify=lone.verify)
