"""Gathering cosignatures: every witness is asked at once, and one that is away delays no other.

Nothing is given up: while all witnesses are away the ledger grows and is delivered from, and
the first round after their return covers everything that was written meanwhile.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import TypeAlias, cast

from comity.adapters.shape import LedgerReader
from comity.core.clock import MINUTE, SECOND, Clock, Instant
from comity.core.errors import InvalidInputError, UnreachableError, VerificationError
from comity.core.ids import NodeId
from comity.core.store import Reader, Store, Transaction
from comity.ledger import (
    Note,
    consistency_proof,
    open_note,
    parse_note,
    parse_vkey,
    write_request,
)
from comity.node.quorum import met_at, policy_of
from comity.node.rows import CheckpointRow
from comity.seal import verify
from comity.trust import Directory, NodeEntry

Ask = Callable[[NodeEntry, bytes], tuple[int, bytes]]
"""Posts `add-checkpoint` to a witness; returns status and body, raises `UnreachableError`."""
Away: TypeAlias = dict[NodeId, tuple[Instant, int]]
"""When to ask a witness again, and for how long it is let alone."""
AT_ONCE = 8
"""Most witnesses asked at the same time."""
CAP = 1 * MINUTE
"""Longest wait before a witness that was away is asked again."""
_OK, _CONFLICT, _UNPROVEN = 200, 409, 422


class _Said(Enum):
    """What came of asking one witness."""

    COSIGNED = "cosigned"
    NOTHING = "nothing"
    DOUBTED = "doubted"
    """It knows a later size than ours, or a history that ours does not extend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Asks the directory's witnesses for one node's ledger."""

    store: Store
    clock: Clock
    directory: Callable[[], Directory]
    node: NodeId
    away: Away
    """Forgotten at a restart: then everybody is asked at once."""

    def ask_all(self, row: CheckpointRow, ask: Ask) -> tuple[int, Sequence[NodeEntry]]:
        """Ask whoever has not cosigned this checkpoint and is due.

        Return how many cosigned now, and who knows another history than the one they were
        shown.
        """
        now, held = self.clock.now(), set(row.cosigners.split())
        due = [
            entry
            for entry in self.directory().nodes()
            if entry.node != self.node
            and entry.witness_vkeys
            and entry.node not in held
            and self.away.get(entry.node, (now, 0))[0] <= now
        ]
        if not due and row.met_at is not None:
            return 0, ()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="witnesses") as pool:
            said = list(pool.map(partial(self._asked, ask, row.size), due))
        # Also where nobody cosigned: a policy that asks for no witness is met at once.
        self.settle(row.size)
        doubting = [
            entry for entry, answer in zip(due, said, strict=True) if answer is _Said.DOUBTED
        ]
        return said.count(_Said.COSIGNED), doubting

    def settle(self, size: int) -> bool:
        """Write down whether a checkpoint has met its policy by now; return whether it has."""
        row = self.store.read(lambda r: r.get(CheckpointRow, size))
        if row is None or row.met_at is not None:
            return row is not None
        policy = policy_of(self.directory(), self.node)
        at = met_at(policy, open_note(row.note, policy.verifiers, verify=verify))
        if at is None:
            return False

        def unit(tx: Transaction) -> None:
            held = tx.get(CheckpointRow, size)
            if held is not None and held.met_at is None:
                tx.put(replace(held, met_at=at))

        self.store.commit(unit).result()
        return True

    def _asked(self, ask: Ask, size: int, entry: NodeEntry) -> "_Said":
        try:
            said = self._ask(size, entry, ask)
        except (InvalidInputError, UnreachableError, VerificationError):
            # What one witness answers keeps no other from being asked.
            said = _Said.NOTHING
        if said is _Said.COSIGNED:
            self.away.pop(entry.node, None)
        else:
            wait = min(CAP, 2 * self.away.get(entry.node, (0, SECOND))[1])
            self.away[entry.node] = (Instant(self.clock.now() + wait), wait)
        return said

    def _ask(self, size: int, entry: NodeEntry, ask: Ask) -> "_Said":
        row = self.store.read(lambda r: r.get(CheckpointRow, size))
        if row is None:
            return _Said.NOTHING
        old = 0
        for _attempt in range(2):
            proof = self.store.read(partial(_proof, old=old, size=size))
            status, body = ask(entry, write_request(old, proof, row.note))
            if status == _OK:
                return self._keep(size, entry, body)
            if status != _CONFLICT:
                return _Said.DOUBTED if status == _UNPROVEN else _Said.NOTHING
            old = _size(body)
            if old > size:
                return _Said.DOUBTED
        return _Said.NOTHING

    def _keep(self, size: int, entry: NodeEntry, body: bytes) -> "_Said":
        keys = [parse_vkey(text) for text in entry.witness_vkeys]
        named = {(key.name, key.id) for key in keys}
        # A witness speaks for itself alone: lines in another's name are dropped.
        found = parse_note(b"x\n\n" + body).signatures
        lines = tuple(line for line in found if (line.name, line.id) in named)
        at = self.clock.now()

        def unit(tx: Transaction) -> _Said:
            row = tx.get(CheckpointRow, size)
            if row is None or entry.node in row.cosigners.split():
                return _Said.NOTHING
            note = parse_note(row.note)
            joined = Note(text=note.text, signatures=(*note.signatures, *lines)).encode()
            # Nothing is stored that does not verify under the witness's own keys.
            if not open_note(joined, keys, verify=verify).seen:
                return _Said.NOTHING
            tx.put(
                replace(
                    row,
                    note=joined,
                    witnessed_at=at,
                    witnesses=row.witnesses + 1,
                    cosigners=f"{row.cosigners} {entry.node}".strip(),
                )
            )
            return _Said.COSIGNED

        return self.store.commit(unit).result()


def _size(body: bytes) -> int:
    digits = body.strip()
    if not digits.isdigit() or len(digits) > 19:  # noqa: PLR2004 - sizes stay below 2^63
        raise InvalidInputError("expected a size from the witness")
    return int(digits)


def _proof(reader: Reader, *, old: int, size: int) -> tuple[bytes, ...]:
    # Every store of a node keeps the tree beside the entries.
    return consistency_proof(old, size, cast("LedgerReader", reader).ledger_node)
