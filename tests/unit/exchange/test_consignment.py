"""A consignment is the same bytes by every road, and a partner's bytes are bounded here."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError, LimitError
from comity.exchange import Consigned, Consignment, read_consignment, write_consignment
from comity.exchange.consignment import split

ITEM = b"\xd2\x84\x40\xa0\x40\x40"
"""The smallest thing that looks like a COSE_Sign1."""

notes = st.binary(max_size=300)


@st.composite
def consignment_of(draw: st.DrawFn) -> Consignment:
    """Draw envelopes of any size, each with a proof or none."""
    bodies = draw(st.lists(st.tuples(st.binary(max_size=300), notes), max_size=6))
    empty: Mapping[int, Value] = {}
    items = tuple(
        Consigned(envelope=b"\xd2" + cbor.encode([b"", empty, body, b""]), proof=proof)
        for body, proof in bodies
    )
    return Consignment(items=items, checkpoint=draw(notes))


consignments = consignment_of()


@given(consignments)
def test_what_was_written_is_read(consignment: Consignment) -> None:
    assert read_consignment(write_consignment(consignment)) == consignment


@given(consignments, st.integers(1, 1_000), st.integers(1, 4))
def test_a_split_keeps_order_and_proofs_and_names_the_checkpoint_once(
    consignment: Consignment, size: int, count: int
) -> None:
    parts = split(consignment, size=size, count=count)
    assert tuple(item for part in parts for item in part.items) == consignment.items
    assert [part.checkpoint for part in parts if part.checkpoint] == (
        [consignment.checkpoint] if consignment.checkpoint else []
    )
    for part in parts:
        assert len(part.items) <= count
        assert len(part.items) <= 1 or len(write_consignment(part)) <= size


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\x41c\x41p" + ITEM, "envelope before each proof"),
        (ITEM + b"\x41p\x41q", "envelope before each proof"),
        (ITEM + b"\x40", "a note of 1 bytes"),
        (b"\x40" + ITEM, "a note of 1 bytes"),
        (ITEM + b"\x61p", "tag 18"),
        (ITEM + b"\xd8\x60\x84\x40\xa0\x40\x40", "tag 18"),
        (ITEM[:-1], "at byte"),
        (b"\x5f\x41c\xff", "at byte"),
        (ITEM + b"\x58\x01p", "shortest"),
    ],
)
def test_other_sequences_are_turned_away_by_place(data: bytes, place: str) -> None:
    with pytest.raises(InvalidInputError, match=place):
        read_consignment(data)


def test_more_envelopes_than_allowed_are_not_looked_at() -> None:
    assert len(read_consignment(ITEM * limits.CONSIGNED).items) == limits.CONSIGNED
    with pytest.raises(LimitError):
        read_consignment(ITEM * (limits.CONSIGNED + 1))
    with pytest.raises(LimitError, match="more than 3 items"):
        read_consignment(ITEM * 3 + b"\x00" * 1_000, limit=1)


def test_a_note_beyond_its_limit_is_refused() -> None:
    with pytest.raises(LimitError, match="a note of"):
        read_consignment(cbor.encode(bytes(limits.NOTE + 10)))
