"""Notes and keys: one spelling each, bounded, and refused with our errors only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import Ground

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.core.keys import PublicKey
from comity.ledger import KeyType, Verifier, parse_note, parse_vkey

GROUND = Ground().grow(3)
NOTE = GROUND.note()
VKEY = GROUND.log.verifier.text


@pytest.mark.parametrize("kind", list(KeyType))
def test_a_key_survives_being_written(kind: KeyType) -> None:
    verifier = GROUND.signer("w.example/a", kind).verifier
    assert parse_vkey(verifier.text) == verifier


def test_a_note_survives_being_read() -> None:
    assert parse_note(NOTE).encode() == NOTE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b+c",
        VKEY.replace("exercise", "other"),
        VKEY[:-1],
        VKEY + "\n",
        " " + VKEY,
        VKEY.replace("/log", "\u202e"),
        VKEY.replace("/log", "/lo g"),
        "n+00000000+/w==",
        "n+00000000+AQ==",
    ],
)
def test_a_key_in_another_spelling_or_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_vkey(text)


def test_a_key_must_fit_its_type() -> None:
    key = PublicKey(algorithm="ed25519", raw=bytes(32))
    with pytest.raises(InvalidInputError):
        Verifier(name="w", type=KeyType.ML_DSA_44, key=key)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE.replace(b"\n\n", b"\n"),
        NOTE.replace(b"\n", b"\r\n"),
        NOTE + b"\xe2\x80\x94 name AAAAAA==\n",
        NOTE + b"\xe2\x80\x94  AAAAAAAA\n",
        NOTE + b"\xe2\x80\x94 a+b AAAAAAAA\n",
        NOTE + b"- name AAAAAAAA\n",
        NOTE + b"\xe2\x80\x94 name AAAAAB==\n",
        NOTE + b"\xe2\x80\x94 name !!!!!!!!\n",
        NOTE.replace(b"exercise", b"\xff"),
        NOTE.replace(b"exercise", b"\0"),
    ],
)
def test_a_malformed_note_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_note(data)


def test_a_note_that_costs_too_much_is_refused() -> None:
    line = b"\xe2\x80\x94 name AAAAAAAA\n"
    with pytest.raises(LimitError):
        parse_note(b"text\n\n" + line * (limits.NOTE_SIGNATURES + 1))
    with pytest.raises(LimitError):
        parse_note(bytes(limits.NOTE + 1))
    assert len(parse_note(b"text\n\n" + line * limits.NOTE_SIGNATURES).signatures) == 100


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_back_or_refused(data: bytes) -> None:
    try:
        assert parse_note(data).encode() == data
    except InvalidInputError:
        return


@given(st.text(max_size=80))
def test_arbitrary_keys_are_refused_with_our_error(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_vkey(text)
