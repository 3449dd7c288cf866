"""A key's turn: the ledger says so first, the old log key signs once more, then the new one."""

from comity.core.cbor import Value
from comity.core.errors import ConflictError
from comity.core.store import Transaction
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.node.generations import LOG
from comity.node.office import Office
from comity.node.recovery import may_sign
from comity.node.rotation import due
from comity.node.rows import HaltRow


def turn_due(office: Office) -> tuple[str, ...]:
    """Let every key whose time has come sign from now on; return their uses.

    Of the log: its old key signs the last checkpoint of its epoch, unless it may sign no more,
    and the next epoch begins with the leaf that says so. Raises `StorageError`.
    """
    ring, now = office.keyring, office.clock.now()
    ring.refresh()
    directory = office.register.current()
    halt = office.store.read(lambda r: r.get(HaltRow, office.chronicle.origin()))
    stopped = frozenset(() if halt is None and may_sign(office) else (LOG,))
    turned = due(ring, directory, office.config.node, at=now, stopped=stopped)
    for use in turned:
        if use == LOG:
            _close_epoch(office)
        _say(office, LeafType.KEY_CHANGED, _named(office, use))
        ring.turn(use, at=now)
    ring.destroy_retired(now)
    return turned


def _close_epoch(office: Office) -> None:
    """Sign the last checkpoint of an epoch; one that stands still has its reason logged."""
    origin = office.chronicle.origin()
    if not may_sign(office):
        _say(
            office, LeafType.INCIDENT, {"origin": origin, "why": "not compared since restored"}
        )
        return
    halt = office.store.read(lambda r: r.get(HaltRow, origin))
    if halt is not None:
        record: dict[str, Value] = {"origin": origin, "size": halt.size, "root": halt.root}
        _say(office, LeafType.INCIDENT, {**record, "why": "signed what this store lacks"})
        return
    try:
        office.chronicle.sign()
    except ConflictError:
        # Two roots for one size: nothing more is signed in this epoch.
        _say(office, LeafType.INCIDENT, {"origin": origin, "why": "two roots for one size"})


def _named(office: Office, use: str) -> dict[str, Value]:
    ring = office.keyring
    old, new = ring.active(use), ring.next(use)
    fresh = () if new is None else ring.publics(new)
    return {
        "use": use,
        "old": [port.public.kid for port in ring.publics(old)],
        "new": [port.public.kid for port in fresh],
        "revoked": old.revoked,
    }


def _say(office: Office, sort: LeafType, record: dict[str, Value]) -> None:
    now = office.clock.now()

    def unit(tx: Transaction) -> None:
        made = commit(sort, {**record, "at": now}, at=now, entropy=office.entropy)
        tx.append(made.leaf.encode())
        office.safe.keep(tx, sort=sort.name.lower(), plaintext=pack({}, made), at=now)

    office.store.commit(unit).result()
