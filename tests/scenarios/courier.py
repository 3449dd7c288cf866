"""Sticks carried between two nodes that have no line, and hands that meddle with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from tests.scenarios.stage import A, N

from comity.adapters.shape import LedgerReader
from comity.adapters.world import Resident, World
from comity.core import cbor
from comity.core.clock import DAY, Instant
from comity.core.ids import NodeId
from comity.core.store import Reader
from comity.exchange import Logged
from comity.exchange.bundle import read_ack
from comity.exchange.bundling import Packed, Settled, pack, settle_ack, written
from comity.exchange.unbundling import (
    Unpacked,
    acknowledge,
    acknowledged,
    split_answers,
    take,
)
from comity.ledger import (
    Checkpoint,
    KeyType,
    Signer,
    Verifier,
    consistency_proof,
    root,
    sign_note,
)
from comity.seal import PrekeyNotice, sign_prekey

ROOM = 64 << 20


def _nodes(reader: Reader) -> Callable[[int, int], bytes]:
    return cast("LedgerReader", reader).ledger_node


@dataclass(slots=True)
class Courier:
    """Carries sticks in a world; nothing else connects its nodes."""

    world: World
    again: list[Logged] = field(default_factory=list[Logged])

    def notice(self, node: NodeId, *, life: int = 60 * DAY) -> bytes:
        here, now = self.world.residents[node], self.world.clock.now()
        said = PrekeyNotice(
            node=node, key=here.prekey.public, since=now, until=Instant(now + life)
        )
        federation = self.world.directory.federation
        return sign_prekey(said, here.station.node_key, federation=federation)

    def sign_ledgers(self) -> None:
        """Let every node put its newest checkpoint beside what it sends."""
        for here in self.world.residents.values():
            here.station = replace(here.station, checkpoint=partial(checkpoint, here))

    def pack(
        self, from_node: NodeId = N, to_node: NodeId = A, *, room: int = ROOM, **more: int
    ) -> Packed | None:
        here = self.world.residents[from_node]
        return pack(
            to_node,
            here.station,
            notice=self.notice(from_node),
            prove=prove,
            room=room,
            **more,
        )

    def write(self, from_node: NodeId = N, to_node: NodeId = A, **more: int) -> Packed:
        packed = self.pack(from_node, to_node, **more)
        assert packed is not None
        written(packed, self.world.residents[from_node].station).result()
        return packed

    def read(
        self, packed: Packed, *, at: NodeId = A, parts: Sequence[bytes] | None = None
    ) -> Unpacked:
        given = packed.parts if parts is None else parts
        return take(packed.manifest, given, self.world.residents[at].station)

    def ack(self, unpacked: Unpacked, *, at: NodeId = A) -> tuple[bytes, bytes]:
        station = self.world.residents[at].station
        made = acknowledge(unpacked.row, station, notice=self.notice(at))
        acknowledged(unpacked.row, station)
        return made

    def bring_back(self, ack: tuple[bytes, bytes], *, to: NodeId = N) -> Settled:
        here = self.world.residents[to]
        answers = split_answers(ack[1], read_ack(ack[0])[1])

        def resend(logged: Logged) -> None:
            self.again.append(logged)
            here.desk.correspondence.resend(logged.mid.hex())

        return settle_ack(ack[0], answers, here.station, resend=resend)

    def round(self) -> Settled:
        """Carry one stick there and its acknowledgement back."""
        return self.bring_back(self.ack(self.read(self.write())))


def checkpoint(here: Resident) -> bytes:
    """Sign the ledger as it stands."""
    size, top = here.store.read(lambda r: (r.size(), root(r.size(), _nodes(r))))
    return signed(here, size, top)


def signed(here: Resident, size: int, top: bytes) -> bytes:
    """Sign any tree with a node's own log key."""
    origin, key = here.station.origin(), here.keys.log
    verifier = Verifier(name=origin, type=KeyType.ED25519, key=key.public)
    stated = Checkpoint(origin=origin, size=size, root=top)
    return sign_note(stated, [Signer(verifier=verifier, sign=key.sign)], at=1_780_000_000)


def prove(reader: Reader, old: int, size: int) -> Sequence[bytes]:
    return consistency_proof(old, size, _nodes(reader))


def flipped(data: bytes, at: int) -> bytes:
    """Return the bytes with one bit turned."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def answers_in(data: bytes) -> int:
    return len(cbor.sequence(data, tag=18))
