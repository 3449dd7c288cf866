"""What ledgers do on a bad day: checkpoints, forks, and old backups put back."""

import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import cast

from tests.hostile.evidence import Fork
from tests.hostile.network import NODES, OLAND, Network
from tests.scenarios.stage import ARCADIA, A, N, question

from comity.core.errors import ComityError, UnreachableError
from comity.core.ids import NodeId
from comity.ledger import (
    Checkpoint,
    LeafType,
    Verifier,
    decode_leaf,
    expose,
    parse_checkpoint,
    parse_equivocation,
    parse_note,
    parse_vkey,
    sign_note,
    write_request,
)
from comity.node.chronicle import Chronicle
from comity.node.gossip import Gossip, accuser
from comity.node.keyring import Keyring
from comity.seal import verify
from comity.trust import NodeEntry


def checkpoint(network: Network, node: NodeId) -> None:
    """Sign the committed size and ask the witnesses."""
    chronicle = chronicle_of(network, node)
    with network.mortal():
        row = chronicle.sign()
        _published(network, row.note)
        chronicle.gather(_ask(network, node), _recall(network, node))


def _published(network: Network, note: bytes) -> None:
    stated = parse_checkpoint(parse_note(note).text)
    network.seen.roots.setdefault((stated.origin, stated.size), set()).add(stated.root)


def fork(network: Network, node: NodeId) -> None:
    """Sign a second history of a size a witness knows, and ask it to cosign."""
    chronicle, witness = chronicle_of(network, node), A if node != A else N
    known = chronicle_of(network, witness).witnessed(chronicle.origin())
    if known is None:
        return
    other = Checkpoint(origin=known.origin, size=known.size, root=bytes(32))
    note = sign_note(other, chronicle.signers(), at=network.world.clock.now() // 1000)
    status = 0
    with network.mortal():
        status, _, _ = chronicle_of(network, witness).witness(
            write_request(known.size, (), note)
        )
    proofs, incidents = _shown(network, witness, known.note, note)
    network.seen.forks.append(
        Fork(
            origin=known.origin,
            size=known.size,
            status=status,
            proofs=proofs,
            incidents=incidents,
        )
    )


def _shown(network: Network, node: NodeId, *notes: bytes) -> tuple[int, int]:
    """Let a node hear both histories; return its proofs that hold, and its incidents."""
    here = network.world.residents[node]

    def keys(origin: str) -> tuple[Verifier, ...]:
        entry = next(e for e in network.world.directory.nodes() if e.origin == origin)
        return tuple(parse_vkey(text) for text in entry.log_vkeys)

    gossip = Gossip(
        store=here.store,
        clock=here.clock,
        folder=Path(_folder().name),
        keys=keys,
        accuse=accuser(here.safe, network.world.entropy),
    )
    for note in notes:
        gossip.hear(note)
    origin = parse_checkpoint(parse_note(notes[0]).text).origin
    held = [row for row in gossip.evidence() if row.origin == origin]
    for row in held:
        expose(parse_equivocation(row.evidence), keys(origin), verify=verify)
    incidents = sum(
        decode_leaf(entry).type is LeafType.INCIDENT
        for entry in here.store.read(lambda r: r.entries(0, r.size()))
    )
    return len(held), incidents


@lru_cache(maxsize=1)
def _folder() -> "tempfile.TemporaryDirectory[str]":
    # Taken away with the process: the cache is its only holder.
    return tempfile.TemporaryDirectory(prefix="comity-evidence-")


def back_up(network: Network, node: NodeId) -> None:
    """Keep a copy of a node's store."""
    network.backups[node] = network.stores[node].keep()


def restore(network: Network, node: NodeId) -> None:
    """Put an old backup over a node, let it look back and sign, then put the truth back."""
    if node not in network.backups:
        return
    truth = network.stores[node].keep()
    network.stores[node].put_back(network.backups[node])
    network.restart(node)
    chronicle = chronicle_of(network, node)
    try:
        chronicle.look_back(_recall(network, node, everybody=True))
        network.write(node, question(ARCADIA if node != A else OLAND))
        row = chronicle.sign()
    except ComityError:
        row = None
    if row is not None and _is_witnessed(network, node, row.size):
        _published(network, row.note)
    network.stores[node].put_back(truth)
    network.seen.queued = {
        (at, mid)
        for at, mid in network.seen.queued
        if at != node or any(each.mid == mid for each in network.world.outbox(node))
    }
    network.restart(node)


def _is_witnessed(network: Network, node: NodeId, size: int) -> bool:
    origin = network.world.directory.node(node).origin
    others = (chronicle_of(network, each).witnessed(origin) for each in NODES if each != node)
    return any(row is not None and row.size >= size for row in others)


def chronicle_of(network: Network, node: NodeId) -> Chronicle:
    """Return a node's ledger towards the world."""
    here = network.world.residents[node]
    return Chronicle(
        store=here.store,
        keyring=cast("Keyring", network.pens[node]),
        clock=here.clock,
        origin=lambda: network.world.directory.node(node).origin,
        directory=lambda: network.world.directory,
        node=node,
    )


def _ask(network: Network, node: NodeId) -> Callable[[NodeEntry, bytes], tuple[int, bytes]]:
    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        if frozenset({node, entry.node}) in network.cut:
            raise UnreachableError("the line is cut")
        status, answer, _ = chronicle_of(network, entry.node).witness(body)
        return status, answer

    return ask


def _recall(
    network: Network, node: NodeId, *, everybody: bool = False
) -> Callable[[NodeEntry, str], bytes | None]:
    def recall(entry: NodeEntry, origin: str) -> bytes | None:
        if frozenset({node, entry.node}) in network.cut and not everybody:
            raise UnreachableError("the line is cut")
        held = chronicle_of(network, entry.node).witnessed(origin)
        return None if held is None else held.note

    return recall
