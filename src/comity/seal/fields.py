"""Takes a partner's map apart: each value has one type and one length, or is refused."""

from collections.abc import Collection, Mapping
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import Instant, signing_time
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MessageId, NodeId, agency_id, node_id

_LAST_INSTANT = 253_402_300_799_999
# The end of the year 9999, the last a calendar here can name.


class Fields:
    """A map with exactly the labels expected; every method raises `InvalidInputError`."""

    __slots__ = ("_members", "_place")

    def __init__(self, value: Value, labels: Collection[int], *, place: str) -> None:
        """Refuse anything but a map with these labels; `place` is named in errors."""
        members = cast("Mapping[int, Value]", value if isinstance(value, Mapping) else {})
        if set(members) != set(labels):
            raise InvalidInputError(f"expected exactly the labels {sorted(labels)} in {place}")
        self._members = members
        self._place = place

    def value(self, label: int) -> Value:
        """Return a value as it is."""
        return self._members[label]

    def octets(self, label: int, length: int) -> bytes:
        """Return a byte string of this length."""
        found = self._members[label]
        if not isinstance(found, bytes) or len(found) != length:
            raise self._unexpected(f"{length} bytes", label)
        return found

    def text(self, label: int) -> str:
        """Return a text."""
        found = self._members[label]
        if not isinstance(found, str):
            raise self._unexpected("a text", label)
        return found

    def number(self, label: int) -> int:
        """Return a whole number from 0; `true` is not one."""
        found = self._members[label]
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise self._unexpected("a whole number", label)
        return found

    def instant(self, label: int) -> Instant:
        """Return milliseconds from 1970 up to the year 9999."""
        found = self.number(label)
        if found > _LAST_INSTANT:
            raise self._unexpected("a time before the year 10000", label)
        return Instant(found)

    def message_id(self, label: int) -> MessageId:
        """Return a UUIDv7 whose time lies before the year 10000."""
        found = MessageId(self.octets(label, 16))
        if signing_time(found) > _LAST_INSTANT:
            raise self._unexpected("a time before the year 10000", label)
        return found

    def node(self, label: int) -> NodeId:
        """Return a node's name."""
        return node_id(self.text(label))

    def agency(self, label: int) -> AgencyId:
        """Return an agency's name."""
        return agency_id(self.text(label))

    def _unexpected(self, expected: str, label: int) -> InvalidInputError:
        return InvalidInputError(f"expected {expected} at label {label} in {self._place}")
