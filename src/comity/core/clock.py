"""Time and chance, as ports: nothing below a node reads a clock or a dice.

An `Instant` is whole milliseconds since 1970-01-01T00:00:00Z, as on the wire.
"""

from datetime import UTC, date, datetime
from typing import NewType, Protocol

from comity.core.errors import InvalidInputError
from comity.core.ids import MessageId

Instant = NewType("Instant", int)

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Return the present instant."""
        ...


class Entropy(Protocol):
    """Gives unguessable bytes."""

    def take(self, count: int, /) -> bytes:
        """Return `count` fresh random bytes."""
        ...


def iso(instant: Instant) -> str:
    """Write an instant as UTC to the second: `2026-11-23T14:02:00Z`."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def from_iso(text: str) -> Instant:
    """Read an ISO 8601 instant with its offset; raises `InvalidInputError`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(
            f"expected a time like 2026-11-23T14:02:00Z, got `{text[:40]}`"
        ) from None
    if moment.tzinfo is None:
        raise InvalidInputError(f"a time needs its offset from UTC, got `{text[:40]}`")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise InvalidInputError(
            f"a time lies in the years 1 to 9999, got `{text[:40]}`"
        ) from None
    return Instant(int(moment.timestamp() * 1000))


def utc_date(instant: Instant) -> date:
    """Return the UTC calendar day of an instant; law counts in days."""
    return datetime.fromtimestamp(instant / 1000, UTC).date()


def new_message_id(at: Instant, entropy: Entropy) -> MessageId:
    """Make a UUIDv7 (RFC 9562, 5.7) whose first 48 bits are `at`."""
    tail = bytearray(entropy.take(10))
    tail[0] = 0x70 | tail[0] & 0x0F
    tail[2] = 0x80 | tail[2] & 0x3F
    return MessageId(at.to_bytes(6, "big") + bytes(tail))


def signing_time(mid: MessageId) -> Instant:
    """Read the time inside a message id; raises `InvalidInputError` on anything but UUIDv7."""
    is_uuid7 = len(mid) == 16 and mid[6] >> 4 == 7 and mid[8] >> 6 == 2  # noqa: PLR2004 - RFC 9562
    if not is_uuid7:
        raise InvalidInputError("expected a message id in UUIDv7 form")
    return Instant(int.from_bytes(mid[:6], "big"))
