"""Comparing what a log shows us with what it showed before, and to others.

Every consignment carries its sender's newest checkpoint, and witnesses give out what they
cosigned. Two roots for one size are evidence at once; two sizes are compared through the log's
own tiles. What agrees is kept as the newest that log showed; what does not is kept as evidence
that stands alone, in the store, as a file, and as an `incident` leaf.

INVARIANT: only what a log's own key signed accuses it, and comparing never holds a message up.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from comity.adapters.files import make_private_folder, write_private
from comity.core.cbor import Value
from comity.core.clock import HOUR, MINUTE, Clock, Entropy, Instant
from comity.core.errors import (
    ComityError,
    InvalidInputError,
    StorageError,
    VerificationError,
)
from comity.core.store import Op, Reader, Store, Transaction, Where, eq
from comity.exchange.leaves import commit, pack
from comity.ledger import (
    Checkpoint,
    Equivocation,
    LeafType,
    OpenedNote,
    Read,
    Verifier,
    compare,
    expose,
    open_note,
    parse_checkpoint,
    parse_note,
)
from comity.node.rows import EquivocationRow, ShownRow, UnprovenRow, WitnessedRow
from comity.record import Safe
from comity.seal import verify

FOLDER = "evidence"
ENDING = ".equivocation"
MOST = 8
"""Most checkpoints of one log that wait to be compared; further ones are not kept."""
MOST_EVIDENCE = 16
"""Most pieces of evidence kept of one log: one would do."""
_REMEMBERED = 512
_PATIENCE = 24 * HOUR
"""After this a log that cannot show how two of its checkpoints agree is named in the check."""

Tiles = Callable[[bytes], Read]
"""Gives the nodes of the tree under a signed checkpoint, from the log that signed it."""


@dataclass(slots=True, kw_only=True)
class Gossip:
    """Compares the checkpoints of other logs for one folder."""

    store: Store
    clock: Clock
    folder: Path
    keys: Callable[[str], Sequence[Verifier]]
    """Gives the trusted keys of a log by its origin."""
    accuse: Callable[[Transaction, str, bytes, Instant], None]
    """Writes into the ledger that evidence against an origin was found, in the same unit."""
    own: Callable[[], str] = lambda: ""
    """The origin of our own log, which is compared elsewhere."""
    _heard: OrderedDict[bytes, None] = field(default_factory=OrderedDict[bytes, None])

    def hear(self, note: bytes) -> None:
        """Take in a checkpoint somebody showed us; bytes that prove nothing are dropped."""
        heard = hashlib.sha256(note).digest()
        if not note or heard in self._heard:
            return
        try:
            opened = self._open(note)
        except (InvalidInputError, VerificationError):
            # Whoever carried it is not its signer: nothing can be held against anybody.
            return
        stated = opened.checkpoint
        if opened.seen and stated.origin != self.own():
            self._take(stated, note)
        self._remember(heard)

    def due(self) -> Sequence[UnprovenRow]:
        """Return the checkpoints that wait to be compared and may be tried now."""
        now = self.clock.now()
        return self.store.read(
            lambda r: r.find(UnprovenRow, Where("next_at", Op.LE, now), order="at")
        )

    def compare(self, row: UnprovenRow, tiles: Tiles) -> bool:
        """Compare one waiting checkpoint with all we hold of its log; return whether it could.

        A log that cannot prove that two of its checkpoints agree is asked again.
        """
        held = self.store.read(lambda r: _held(r, row.origin))
        try:
            for note in held:
                self._judge(note, row, tiles)
        except StorageError:
            raise
        except ComityError:
            # Whatever a log answers instead of its tiles, it has proven nothing.
            self._later(row)
            return False
        self._agree(row)
        return True

    def evidence(self) -> Sequence[EquivocationRow]:
        """Return every piece of evidence, oldest first."""
        return self.store.read(lambda r: r.find(EquivocationRow, order="at"))

    def keep(self, found: Equivocation) -> bool:
        """Keep evidence in the store, the ledger and as a file; return whether it was new.

        Raises `VerificationError` where it shows nothing under the keys we trust.
        """
        origin = parse_checkpoint(parse_note(found.earlier).text).origin
        shown = expose(found, self.keys(origin), verify=verify)
        digest = hashlib.sha256((shown.earlier.body() + shown.later.body()).encode()).digest()
        row = EquivocationRow(
            digest=digest, origin=origin, evidence=found.encode(), at=self.clock.now()
        )

        def unit(tx: Transaction) -> bool:
            is_known = tx.get(EquivocationRow, digest) is not None
            if is_known or tx.count(EquivocationRow, eq("origin", origin)) >= MOST_EVIDENCE:
                return False
            tx.insert(row)
            self.accuse(tx, origin, digest, Instant(row.at))
            return True

        is_new = self.store.commit(unit).result()
        if is_new:
            name = f"{digest.hex()[:16]}{ENDING}"
            write_private(make_private_folder(self.folder / FOLDER) / name, row.evidence)
        return is_new

    def _open(self, note: bytes) -> OpenedNote:
        origin = parse_checkpoint(parse_note(note).text).origin
        return open_note(note, self.keys(origin), verify=verify)

    def _take(self, stated: Checkpoint, note: bytes) -> None:
        found = self._at_once(stated, note)
        if found is not None:
            self.keep(found)
            return
        digest, now = hashlib.sha256(stated.body().encode()).digest(), self.clock.now()

        def unit(tx: Transaction) -> None:
            held = [_stated(each) for each in _held(tx, stated.origin)]
            waiting = eq("origin", stated.origin)
            if not held:
                tx.put(_shown(stated, note, at=now))
            elif stated not in held and tx.count(UnprovenRow, waiting) < MOST:
                row = UnprovenRow(origin=stated.origin, digest=digest, note=note, at=now)
                if tx.get(UnprovenRow, stated.origin, digest) is None:
                    tx.insert(row)

        self.store.commit(unit).result()

    def _at_once(self, stated: Checkpoint, note: bytes) -> Equivocation | None:
        """Compare with what is held of the same size: that needs nobody's help."""
        notes = self.store.read(lambda r: (*_held(r, stated.origin), *_waiting(r, stated)))
        for held in notes:
            if _stated(held).size == stated.size:
                found = compare(held, note, keys=self.keys(stated.origin))
                if found is not None:
                    return found
        return None

    def _judge(self, held: bytes, row: UnprovenRow, tiles: Tiles) -> None:
        larger = max(held, row.note, key=lambda note: _stated(note).size)
        is_same = _stated(held).size == _stated(row.note).size
        found = compare(
            held,
            row.note,
            keys=self.keys(row.origin),
            read=None if is_same else tiles(larger),
        )
        if found is not None:
            self.keep(found)

    def _agree(self, row: UnprovenRow) -> None:
        stated = _stated(row.note)

        def unit(tx: Transaction) -> None:
            tx.delete(UnprovenRow, eq("origin", row.origin), eq("digest", row.digest))
            newest = tx.get(ShownRow, row.origin)
            accused = tx.count(EquivocationRow, eq("origin", row.origin))
            if not accused and (newest is None or newest.size < stated.size):
                tx.put(_shown(stated, row.note, at=self.clock.now()))

        self.store.commit(unit).result()

    def _later(self, row: UnprovenRow) -> None:
        wait = min(HOUR, MINUTE << min(row.tried, 10))
        later = replace(row, tried=row.tried + 1, next_at=Instant(self.clock.now() + wait))

        def unit(tx: Transaction) -> None:
            if tx.get(UnprovenRow, row.origin, row.digest) is not None:
                tx.put(later)

        self.store.commit(unit).result()

    def _remember(self, heard: bytes) -> None:
        self._heard[heard] = None
        while len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)


def accuser(safe: Safe, entropy: Entropy) -> Callable[[Transaction, str, bytes, Instant], None]:
    """Return what writes an `incident` leaf about evidence, with its record in the safe."""

    def accuse(tx: Transaction, origin: str, digest: bytes, at: Instant) -> None:
        record: dict[str, Value] = {
            "what": "equivocation",
            "origin": origin,
            "evidence": digest,
        }
        made = commit(LeafType.INCIDENT, record, at=at, entropy=entropy)
        tx.append(made.leaf.encode())
        safe.keep(tx, sort="incident", plaintext=pack({}, made), at=at)

    return accuse


def unproven(reader: Reader, at: Instant) -> Sequence[str]:
    """Return the logs that for a day could not show how their checkpoints agree."""
    since = Where("at", Op.LT, at - _PATIENCE)
    return sorted({row.origin for row in reader.find(UnprovenRow, since)})


def _held(reader: Reader, origin: str) -> tuple[bytes, ...]:
    shown, cosigned = reader.get(ShownRow, origin), reader.get(WitnessedRow, origin)
    return tuple(row.note for row in (shown, cosigned) if row is not None)


def _waiting(reader: Reader, stated: Checkpoint) -> tuple[bytes, ...]:
    return tuple(row.note for row in reader.find(UnprovenRow, eq("origin", stated.origin)))


def _stated(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def _shown(stated: Checkpoint, note: bytes, *, at: Instant) -> ShownRow:
    return ShownRow(origin=stated.origin, size=stated.size, root=stated.root, note=note, at=at)
