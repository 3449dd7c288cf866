"""The law in force here: the packs a node holds, with its member's own readings over them."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.ids import MemberId
from comity.core.store import Op, Reader, Store, Where
from comity.law import Corpus, Reading, ReadingRow, overlay, read_record
from comity.record import Safe


class InForce:
    """Gives the law in force now; a confirmed reading counts from the moment it is renewed."""

    def __init__(
        self,
        packs: Callable[[], Corpus],
        store: Store,
        safe: Safe,
        *,
        member: MemberId,
        renewed: Callable[[Sequence[Reading]], None] = lambda _readings: None,
    ) -> None:
        """Lay what was read and confirmed over the packs; `renewed` learns what that is."""
        self.packs, self._renewed = packs, renewed
        self._store, self._safe, self._member = store, safe, member
        self.renew()

    def __call__(self) -> Corpus:
        """Return the law in force; units ask it too, so it reads no store."""
        packs = self.packs()
        if packs is not self._over:
            self._lay(packs)
        return self._law

    def renew(self) -> None:
        """Read again what this member's people have confirmed."""
        self._readings = self._store.read(lambda r: confirmed(r, self._safe))
        self._lay(self.packs())
        self._renewed(self._readings)

    def _lay(self, packs: Corpus) -> None:
        self._law = overlay(packs, self._readings, member=self._member)
        self._over = packs


def confirmed(reader: Reader, safe: Safe) -> tuple[Reading, ...]:
    """Return the confirmed readings, the oldest first."""
    counts = Where("confirmed_by", Op.NE, None)
    rows = reader.find(ReadingRow, counts, order="confirmed_at")
    kept = safe.open_many(reader, [row.record_id for row in rows])
    return tuple(opened_reading(kept[row.record_id]) for row in rows if row.record_id in kept)


def opened_reading(kept: bytes) -> Reading:
    """Read a reading from its record."""
    members = cast("Mapping[str, Mapping[str, Value]]", cbor.decode(kept))
    return read_record(members["reading"])
