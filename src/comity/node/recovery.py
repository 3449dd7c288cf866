"""A restored node made whole: partners asked what they sent since, witnesses compared."""

from collections.abc import Callable

from comity.core.cbor import Value
from comity.core.errors import ComityError, NotFoundError
from comity.core.ids import NodeId, PersonId
from comity.core.store import Transaction
from comity.desk import DECIDERS
from comity.exchange import again
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.node.mailbox import only_asks
from comity.node.membership import self_of
from comity.node.office import Office
from comity.node.restored import (
    Restored,
    accept,
    compared,
    finish,
    heard,
    missing,
    read_restored,
    told,
)
from comity.trust import NodeEntry

Ask = Callable[[NodeEntry, bytes], bytes]
"""Posts an asking to a partner's node and returns its answer; raises `UnreachableError`."""
Recall = Callable[[NodeEntry, str], bytes | None]
"""Gets the newest checkpoint a witness cosigned for an origin; raises `UnreachableError`."""


def may_sign(office: Office) -> bool:
    """Whether this epoch of the ledger may be signed: not before a restored node compared."""
    restored = read_restored(office.folder)
    return restored is None or restored.is_compared or office.keyring.epoch != restored.epoch


def compare(office: Office, recall: Recall) -> None:
    """Compare a restored ledger with every witness; each must have answered.

    Raises `UnreachableError` where one is away (the next epoch may be signed without it), and
    `ConflictError` where one holds a later state: this epoch is never signed again.
    """
    origin = office.chronicle.origin()
    for entry in office.register.current().nodes():
        if entry.node != office.config.node and entry.witness_vkeys:
            recall(entry, origin)
    try:
        office.chronicle.look_back(recall)
    finally:
        compared(office.folder)  # where it found a later state, that is stored and forbids it


def recover(office: Office, ask: Ask, journal: Callable[[str, str], None]) -> bool:
    """Ask each partner that has not answered yet; return whether the node became whole.

    What a partner says it recalled is blocked before its answer is written down.
    """
    restored = read_restored(office.folder)
    if restored is None:
        return False
    asked = () if restored.is_told else office.register.current().nodes()
    for entry in asked:
        if entry.node not in missing(restored, partners(office)):
            continue
        try:
            _ask(office, restored, entry, ask)
        except ComityError as error:
            journal("restored", error.code)
    restored = read_restored(office.folder)
    if restored is None or missing(restored, partners(office)):
        return False
    if not restored.is_told:
        _say_whole(office, restored)
        told(office.folder)
    if may_sign(office):
        finish(office.folder)
    return True


def partners(office: Office) -> tuple[str, ...]:
    """Return the nodes a restored node asks: all the directory lists but itself."""
    nodes = office.register.current().nodes()
    return tuple(entry.node for entry in nodes if entry.node != office.config.node)


def do_without(office: Office, node: NodeId, *, person: PersonId, why: str) -> None:
    """Let a person in a deciding seat do without a partner's answer.

    Raises `AuthorisationError` for any other seat, `InvalidInputError` for nobody here,
    `NotFoundError` where this node was not restored or asks no such partner.
    """
    self_of(office, person).seat(DECIDERS)
    if node not in partners(office):
        raise NotFoundError(f"no partner's node `{node}` is asked")
    accept(office.folder, node, person=person, why=why, at=office.clock.now())


def _ask(office: Office, restored: Restored, entry: NodeEntry, ask: Ask) -> None:
    if only_asks(entry):
        return  # it takes no call: a named person does without its answer
    station, name = office.station, bytes.fromhex(restored.name)
    federation = office.register.current().federation
    asking = again.Asking(
        node=office.config.node,
        asked=entry.node,
        at=station.clock.now(),
        restore=name,
        origin=f"{federation}/log/{office.config.node}/{restored.epoch}",
        size=restored.size,
    )
    data = ask(entry, again.write_asking(asking, station))
    answer = again.read_told(data, entry.node, name, station)
    again.block(answer, station)
    if answer.owed == 0:
        heard(office.folder, entry.node)


def _say_whole(office: Office, restored: Restored) -> None:
    now = office.clock.now()
    accepted: list[Value] = [
        {"node": each.node, "person": each.person, "why": each.why, "at": each.at}
        for each in restored.accepted
    ]
    record: dict[str, Value] = {
        "why": "whole again after a restore",
        "backup": bytes.fromhex(restored.name),
        "done-without": accepted,
        "at": now,
    }

    def unit(tx: Transaction) -> None:
        made = commit(LeafType.INCIDENT, record, at=now, entropy=office.entropy)
        tx.append(made.leaf.encode())
        office.safe.keep(tx, sort="incident", plaintext=pack({}, made), at=now)

    office.store.commit(unit).result()
