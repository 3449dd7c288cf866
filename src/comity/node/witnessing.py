"""A witness: cosigns what grows, and refuses what was rewritten (C2SP tlog-witness).

INVARIANT: reading what was cosigned before, deciding and storing are one unit, and the answer
leaves only after its commit; one origin never gets cosignatures on two histories.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from comity.core.clock import Clock, Instant
from comity.core.errors import InvalidInputError
from comity.core.store import Store, Transaction, eq
from comity.ledger import (
    Checkpoint,
    Cosigned,
    Refused,
    Signer,
    Verifier,
    WitnessRequest,
    consider,
    parse_request,
    parse_vkey,
)
from comity.node.rows import EquivocationRow, WitnessedRow
from comity.seal import verify
from comity.trust import Directory

_CONFLICT, _FORBIDDEN, _BAD = 409, 403, 400
_PLAIN = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Cosigns the checkpoints of other logs for one folder of keys."""

    store: Store
    clock: Clock
    keys: Callable[[str], Iterable[Verifier]]
    """Gives the trusted keys of a log by its origin; none where it is unknown."""
    signers: Callable[[], Iterable[Signer]]

    def answer(self, body: bytes) -> tuple[int, bytes, str]:
        """Answer `add-checkpoint`: status, body and media type."""
        try:
            request = parse_request(body)
        except InvalidInputError as error:
            return _BAD, f"{error}\n".encode(), _PLAIN
        trusted = tuple(self.keys(request.origin))
        at = self.clock.now()
        answer = self.store.commit(
            lambda tx: self._decide(tx, request, trusted=trusted, at=at)
        ).result()
        if isinstance(answer, Cosigned):
            return 200, answer.body.encode(), _PLAIN
        sort = "text/x.tlog.size" if answer.status == _CONFLICT else _PLAIN
        return answer.status, answer.body.encode(), sort

    def newest(self, origin: str) -> WitnessedRow | None:
        """Return the newest checkpoint of a log that was cosigned here."""
        return self.store.read(lambda r: r.get(WitnessedRow, origin))

    def _decide(
        self,
        tx: Transaction,
        request: WitnessRequest,
        *,
        trusted: tuple[Verifier, ...],
        at: Instant,
    ) -> Cosigned | Refused:
        if tx.count(EquivocationRow, eq("origin", request.origin)):
            # Nobody vouches again for a log that showed two histories; its next epoch may.
            return Refused(status=_FORBIDDEN, body="this log showed two histories\n")
        held = tx.get(WitnessedRow, request.origin)
        answer = consider(
            request,
            None if held is None else _stored(held),
            trusted=trusted,
            signers=self.signers(),
            at=at // 1000,
            verify=verify,
        )
        if isinstance(answer, Cosigned):
            seen = answer.checkpoint
            tx.put(
                WitnessedRow(
                    origin=seen.origin, size=seen.size, root=seen.root, note=request.note, at=at
                )
            )
        return answer


def keys_of(directory: Directory, origin: str) -> tuple[Verifier, ...]:
    """Return the keys of one log a directory names; none where it names no such log."""
    return logs_in(directory).get(origin, ())


def logs_in(directory: Directory) -> Mapping[str, tuple[Verifier, ...]]:
    """Return the keys of every log a directory names, by origin: its nodes' and the registry's.

    A node that changes its log's keys has two origins for a while, the old and the next.
    """
    found: dict[str, tuple[Verifier, ...]] = {}
    for entry in directory.nodes():
        for key in _read(entry.log_vkeys):
            # INVARIANT: a node's log bears the node's own name; nobody speaks for another's.
            if key.name.startswith(f"{directory.federation}/log/{entry.node}/"):
                found[key.name] = (*found.get(key.name, ()), key)
    registry = directory.registry
    if registry is not None:
        found[registry.origin] = _read(registry.vkeys)
    return found


def _read(vkeys: Iterable[str]) -> tuple[Verifier, ...]:
    try:
        return tuple(parse_vkey(text) for text in vkeys)
    except InvalidInputError:
        return ()


def _stored(row: WitnessedRow) -> Checkpoint:
    return Checkpoint(origin=row.origin, size=row.size, root=row.root)
