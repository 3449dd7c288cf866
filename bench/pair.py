"""Two nodes that really exchange: their world, their letters, and the road at full load.

Every step is the product's own: decide, mark, seal and log; deliver in batches; receive,
verify, open, admit, file and acknowledge; settle. Only the people are missing.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from comity.adapters.memory import MemoryStore
from comity.adapters.sql import open_sqlite
from comity.adapters.world import World, make_world
from comity.core.cbor import Value
from comity.core.ids import AgencyId, NodeId, PersonId
from comity.core.store import Store, Transaction
from comity.desk.letters import Letter, draft_of, open_case
from comity.exchange import (
    Act,
    Carrier,
    Consignment,
    Logged,
    Releasable,
    Station,
    Stopped,
    delivery,
    inbound,
    outbound,
)
from comity.law import shipped_corpus
from comity.message import Draft, handling
from comity.node.bootstrap import shipped_practices
from comity.node.office import ROWS
from comity.trust import NodeEntry

ASKING, ASKED = AgencyId("xn.police"), AgencyId("xa.border")
HERE, THERE = NodeId("xn.police.n1"), NodeId("xa.border.n1")
BATCH = 64
BODY = 4_096
"""Bytes in the body of one message."""
_SUBJECT: dict[str, Value] = {
    "id": "subject",
    "schema": "Person",
    "properties": {"name": ["Anna Example"], "birthDate": ["1988-04-17"]},
}
_FACTS: dict[str, bool | None] = {
    "conduct_bombing": True,
    "political_offence": False,
    "for_investigation": True,
    "free_text_sensitive": False,
}


def found(folder: Path, durable: Sequence[NodeId]) -> World:
    """Found the same two nodes in every process; the `durable` ones keep SQLite files."""

    def store(node: NodeId) -> Store:
        return open_sqlite(folder / f"{node}.db", ROWS) if node in durable else MemoryStore()

    return make_world(
        (ASKING, ASKED),
        practices=shipped_practices(),
        corpus=shipped_corpus(),
        stores=store,
    )


class Here(Protocol):
    """A node as far as letters need it: a resident of a world, or an open office's."""

    @property
    def agency(self) -> AgencyId:
        """Return who writes."""
        ...

    @property
    def station(self) -> Station:
        """Return the node as the road sees it."""
        ...


def act_of(here: Here) -> Act:
    """Return the act of one officer."""
    person = PersonId(f"{here.agency}/officer")
    return Act(person=person, seat="officer", session="bench", at=here.station.clock.now())


def drafts(here: Here, count: int, *, to: AgencyId = ASKED, body: int = BODY) -> list[Draft]:
    """Write letters that each open a case of their own, and open these cases."""
    act, station = act_of(here), here.station
    letter = Letter(
        kind="requests.ask/1",
        body={
            "question": "Did she cross at Port Halden? ".ljust(body - 175, "x"),
            "subjects": [_SUBJECT],
            "subject_status": "suspect",
        },
        handling=handling("TLP:AMBER H1"),
        recipient=to,
        purpose="counter-terrorism",
        facts=_FACTS,
    )
    made = [
        here.station.store.read(lambda r: draft_of(r, letter, here.agency, station=station))
        for _ in range(count)
    ]
    opened = [here.station.store.commit(_opening(draft, act, here)) for draft in made]
    for future in opened:
        future.result()
    return made


def _opening(draft: Draft, act: Act, here: Here) -> Callable[[Transaction], None]:
    return lambda tx: open_case(tx, draft, act=act, station=here.station)


def send(here: Here, drafts: Sequence[Draft]) -> list[Logged]:
    """Take drafts from `decide` to `log`, all in flight at once."""
    act, station = act_of(here), here.station
    asked = [outbound.decide(draft, act, station) for draft in drafts]
    sealed = [outbound.seal(outbound.mark(_permitted(step)), station) for step in asked]
    logged = [outbound.log(each, station) for each in sealed]
    return [each.result() for each in logged]


def _permitted(step: "Future[Releasable | Stopped]") -> Releasable:
    match step.result():
        case Releasable() as released:
            return released
        case Stopped(decision=decision):
            raise AssertionError(f"expected a permit, got {decision.reasons}")


def settle(here: Here, logged: Sequence[Logged], carrier: Carrier, to: NodeEntry) -> int:
    """Carry one batch to its partner and write down each receipt; return how many came."""
    answers = delivery.deliver(logged, carrier, to, station=here.station)
    settled = [
        delivery.settle(item, answer, here.station)
        for item, answer in zip(logged, answers, strict=True)
    ]
    stored = [future.result() for future in settled]
    return sum(each.state == "receipted" for each in stored)


def exchange(here: Here, drafts: Sequence[Draft], carrier: Carrier, to: NodeEntry) -> int:
    """Send every draft and settle it; return how many receipts are durable here."""
    with ThreadPoolExecutor(max_workers=2) as carriers:
        under_way = [
            carriers.submit(settle, here, send(here, batch), carrier, to)
            for batch in _batches(drafts)
        ]
        return sum(each.result() for each in under_way)


def _batches(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    for first in range(0, len(drafts), BATCH):
        yield drafts[first : first + BATCH]


class Direct:
    """Carries to a node in this process, as its listener would take a batch."""

    def __init__(self, world: World) -> None:
        """Carry between the nodes of one world."""
        self._world = world

    def carry(self, entry: NodeEntry, consignment: Consignment, /) -> Sequence[bytes]:
        """Return one answer per envelope, in order."""
        station = self._world.residents[entry.node].station
        answers = [inbound.take(item, station) for item in consignment.items]
        return [answer.result() for answer in answers]

    def prekey(self, entry: NodeEntry, /) -> bytes:
        """Return the node's signed prekey."""
        return self._world.prekey(entry)
