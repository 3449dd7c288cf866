"""Checkpoints: what is signed, by whom and when."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import AT, Ground

from comity.core.errors import InvalidInputError, VerificationError
from comity.ledger import (
    Checkpoint,
    KeyType,
    Signature,
    cosign,
    open_note,
    parse_checkpoint,
    parse_note,
    sign_note,
)
from comity.ledger.note import Note

GROUND = Ground().grow(5)
POINT = GROUND.checkpoint()
WITNESS = GROUND.signer("witness.example/w1")
KEYS = [GROUND.log.verifier, GROUND.log_pq.verifier, WITNESS.verifier]


def opened(data: bytes) -> list[tuple[KeyType, int | None]]:
    """Open with every known key; tell type and time of what holds."""
    note = open_note(data, KEYS, verify=GROUND.verify)
    return [(seen.verifier.type, seen.at) for seen in note.seen]


def test_every_kind_of_signature_is_read_back_with_its_time() -> None:
    assert opened(GROUND.note(WITNESS)) == [
        (KeyType.ED25519, None),
        (KeyType.ML_DSA_44, AT),
        (KeyType.COSIGNATURE, AT),
    ]


def test_unknown_keys_count_for_nothing() -> None:
    stranger = GROUND.signer("stranger.example")
    assert opened(sign_note(POINT, [stranger], at=AT)) == []


@given(st.integers(0), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_loses_its_signer(place: int, mask: int) -> None:
    data = bytearray(GROUND.note(WITNESS))
    data[place % len(data)] ^= mask
    try:
        assert len(opened(bytes(data))) == 2
    except (InvalidInputError, VerificationError):
        return


def test_a_cosignature_without_time_is_refused() -> None:
    for kind in (KeyType.COSIGNATURE, KeyType.ML_DSA_44):
        signer = GROUND.signer("witness.example/w1", kind)
        honest = cosign(POINT, signer, at=AT)
        for value in (bytes(8) + honest.value[8:], b"\xff" * 8 + honest.value[8:], b"\1"):
            line = Signature(name=honest.name, id=honest.id, value=value)
            data = Note(text=POINT.body(), signatures=(line,)).encode()
            with pytest.raises(VerificationError):
                open_note(data, [signer.verifier], verify=GROUND.verify)


@pytest.mark.parametrize("at", [0, -1, 2**63])
def test_nobody_signs_at_an_impossible_time(at: int) -> None:
    with pytest.raises(InvalidInputError):
        cosign(POINT, WITNESS, at=at)


def test_an_origin_too_long_for_a_cosignature_is_refused() -> None:
    point = Checkpoint(origin="o" * 256, size=0, root=bytes(32))
    with pytest.raises(InvalidInputError):
        cosign(point, GROUND.log_pq, at=AT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n5\n", "\n05\n"),
        ("\n5\n", "\n+5\n"),
        ("\n5\n", "\n\u0665\n"),
        ("\n5\n", f"\n{2**63}\n"),
        ("exercise", "exer cise"),
        ("=\n", "=\nextension\n"),
        ("=\n", "\n"),
        ("=\n", "="),
        ("=\n", "AAA=\n"),
    ],
)
def test_a_checkpoint_has_one_spelling(old: str, new: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_checkpoint(POINT.body().replace(old, new, 1))


@given(st.text(max_size=120))
def test_arbitrary_text_is_read_back_or_refused(text: str) -> None:
    try:
        assert parse_checkpoint(text).body() == text
    except InvalidInputError:
        return


def test_the_bytes_under_each_signature_are_those_of_the_specification() -> None:
    signed = list[bytes]()
    for signer in (GROUND.log, WITNESS, GROUND.log_pq):

        def keep(data: bytes) -> bytes:
            signed.append(data)
            return bytes(64)

        cosign(POINT, replace(signer, sign=keep), at=AT)
    origin = GROUND.origin.encode()
    assert signed[0] == POINT.body().encode()
    assert signed[1] == b"cosignature/v1\ntime 1790000000\n" + signed[0]
    named = bytes([len(origin)]) + origin
    size = bytes(8) + (5).to_bytes(8, "big") + POINT.root
    assert signed[2] == b"subtree/v1\n\0" + named + AT.to_bytes(8, "big") + named + size
    assert len(parse_note(GROUND.note()).signatures) == 2
