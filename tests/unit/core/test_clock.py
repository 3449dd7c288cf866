"""Instants and message ids."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.memory import SeededEntropy
from comity.core.clock import (
    DAY,
    Instant,
    from_iso,
    iso,
    new_message_id,
    signing_time,
    utc_date,
)
from comity.core.errors import InvalidInputError
from comity.core.ids import MessageId

INSTANTS = st.integers(0, 4_102_444_800_000).map(Instant)


@given(INSTANTS)
def test_a_written_instant_reads_back_to_the_second(at: Instant) -> None:
    assert from_iso(iso(at)) == at - at % 1_000


@given(INSTANTS)
def test_a_message_id_carries_its_signing_time_and_is_a_uuid_of_version_7(at: Instant) -> None:
    mid = new_message_id(at, SeededEntropy(b"one"))
    assert signing_time(mid) == at
    assert (len(mid), mid[6] >> 4, mid[8] >> 6) == (16, 7, 2)


def test_two_ids_of_one_instant_differ() -> None:
    entropy = SeededEntropy(b"two")
    assert new_message_id(Instant(5), entropy) != new_message_id(Instant(5), entropy)


@pytest.mark.parametrize(
    "mid",
    [
        b"",
        bytes(16),
        bytes(15),
        bytes(6) + b"\x70" + bytes(9),
        bytes(6) + b"\x40\0\x80" + bytes(7),
    ],
)
def test_no_other_id_has_a_signing_time(mid: bytes) -> None:
    with pytest.raises(InvalidInputError, match="UUIDv7"):
        signing_time(MessageId(mid))


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "2026-06-01T12:00:00"])
def test_a_time_needs_its_form_and_its_offset(text: str) -> None:
    with pytest.raises(InvalidInputError):
        from_iso(text)


def test_an_offset_is_counted_in() -> None:
    assert from_iso("2026-06-01T14:00:00+02:00") == from_iso("2026-06-01T12:00:00Z")


def test_the_day_is_the_day_in_utc() -> None:
    late = Instant(int(datetime(2026, 6, 1, 23, 59, tzinfo=UTC).timestamp() * 1000))
    assert utc_date(late).isoformat() == "2026-06-01"
    assert utc_date(Instant(late + DAY)).isoformat() == "2026-06-02"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_leaves_the_calendar_in_utc_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="in the years 1 to 9999"):
        from_iso(text)
