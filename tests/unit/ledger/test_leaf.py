"""Leaves: one encoding, equal to the general codec's, and commitments that need their salt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.ledger import Leaf, LeafType, commit_to, decode_leaf

NUMBERS = st.integers(0, 2**64 - 1) | st.integers(0, 300)
HASHES = st.binary(min_size=32, max_size=32)
LEAVES = st.builds(
    Leaf,
    type=st.sampled_from(LeafType),
    at=NUMBERS,
    ref=st.binary(min_size=16, max_size=16),
    commitment=HASHES,
    digest=st.none() | HASHES,
    follows=st.none() | NUMBERS,
)
PLAIN = Leaf(type=LeafType.DENIED, at=1_790_000_000, ref=bytes(16), commitment=bytes(32))


@given(LEAVES)
def test_a_leaf_is_the_deterministic_cbor_of_its_fields(leaf: Leaf) -> None:
    fields: dict[int, Value] = {
        0: 1,
        1: int(leaf.type),
        2: leaf.at,
        3: leaf.ref,
        4: leaf.commitment,
    }
    if leaf.digest is not None:
        fields[5] = leaf.digest
    if leaf.follows is not None:
        fields[6] = leaf.follows
    assert leaf.encode() == cbor.encode(fields)
    assert decode_leaf(leaf.encode()) == leaf


@given(st.binary(max_size=120))
def test_arbitrary_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        decode_leaf(data)


@given(LEAVES, st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_never_reads_as_the_same_leaf(leaf: Leaf, place: int, mask: int) -> None:
    data = bytearray(leaf.encode())
    data[place % len(data)] ^= mask
    try:
        assert decode_leaf(bytes(data)) != leaf
    except InvalidInputError:
        return


@pytest.mark.parametrize(
    "number", [b"\x18\x03", b"\x19\x00\x03", b"\x1a\x00\x00\x00\x03", b"\x00", b"\x18\x63"]
)
def test_long_numbers_and_unknown_types_are_refused(number: bytes) -> None:
    data = PLAIN.encode().replace(b"\x01\x03\x02", b"\x01" + number + b"\x02", 1)
    with pytest.raises(InvalidInputError):
        decode_leaf(data)


def test_a_head_that_counts_wrong_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="count"):
        decode_leaf(b"\xa6" + PLAIN.encode()[1:])


@pytest.mark.parametrize(
    "leaf",
    [
        Leaf(type=LeafType.SENT, at=1, ref=bytes(15), commitment=bytes(32)),
        Leaf(type=LeafType.SENT, at=1, ref=bytes(16), commitment=bytes(31)),
        Leaf(type=LeafType.SENT, at=1, ref=bytes(16), commitment=bytes(32), digest=b""),
        Leaf(type=LeafType.SENT, at=-1, ref=bytes(16), commitment=bytes(32)),
        Leaf(type=LeafType.SENT, at=2**64, ref=bytes(16), commitment=bytes(32)),
    ],
)
def test_fields_of_the_wrong_size_are_not_written(leaf: Leaf) -> None:
    with pytest.raises(InvalidInputError):
        leaf.encode()


def test_a_commitment_hides_its_record_behind_a_whole_salt() -> None:
    assert commit_to(bytes(32), b"no-hit") != commit_to(b"\1" * 32, b"no-hit")
    with pytest.raises(InvalidInputError):
        commit_to(b"", b"no-hit")
