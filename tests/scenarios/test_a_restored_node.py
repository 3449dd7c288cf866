"""A node restored from an old backup gets from its partners what it lost, and blocks first."""

from dataclasses import replace

import pytest
from tests.hostile.mortal import Kept, Mortal
from tests.scenarios.stage import (
    ARCADIA,
    NORLAND,
    A,
    N,
    ask,
    inbox,
    leaves,
    outbox,
    received,
    reply,
    send,
)

from comity.adapters.world import World, make_world
from comity.core import cbor
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import (
    ComityError,
    InvalidInputError,
    LimitError,
    VerificationError,
)
from comity.core.ids import MessageId, NodeId, RecordId
from comity.exchange import AgainRow, again
from comity.law import shipped_corpus
from comity.node.bootstrap import shipped_practices
from comity.seal import sign_document

RESTORE = b"\x07" * 16


class Ground:
    """Norland sends; Arcadia's store can be put back to an earlier day."""

    def __init__(self) -> None:
        self.stores: dict[NodeId, Mortal] = {}
        self.world: World = make_world(
            (NORLAND, ARCADIA),
            practices=shipped_practices(),
            corpus=shipped_corpus(),
            stores=self._store,
        )
        self.kept: Kept | None = None
        self.size = 0

    def _store(self, node: NodeId) -> Mortal:
        self.stores[node] = Mortal(node)
        return self.stores[node]

    def back_up(self) -> None:
        self.kept = self.stores[A].keep()
        self.size = len(self.kept.leaves)

    def restore(self) -> None:
        """Put the backup over Arcadia; its prekeys were never in it."""
        assert self.kept is not None
        self.stores[A].put_back(self.kept)
        self.world.restart(A)
        self.world.rotate(A)

    def asking(self, **changes: object) -> again.Asking:
        there = self.world.residents[A]
        made = again.Asking(
            node=A,
            asked=N,
            at=there.clock.now(),
            restore=RESTORE,
            origin=there.station.origin(),
            size=self.size,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def ask(self, **changes: object) -> bytes:
        here, there = self.world.residents[N], self.world.residents[A]
        return again.answer(
            again.write_asking(self.asking(**changes), there.station), here.station
        )

    def told(self, data: bytes) -> again.Told:
        return again.read_told(data, N, RESTORE, self.world.residents[A].station)


@pytest.fixture
def ground() -> Ground:
    return Ground()


def test_what_a_restored_node_lost_comes_again_by_the_road_and_nothing_else(
    ground: Ground,
) -> None:
    world = ground.world
    held = ask(world)
    world.run()
    ground.back_up()
    lost = ask(world)
    world.run()
    ground.restore()
    assert [row.mid.hex() for row in inbox(world.residents[A])] == [held.mid]
    told = ground.told(ground.ask())
    assert (told.recalled, told.owed) == ((), 0)
    world.run()
    newest = outbox(world.residents[N], lost.mid)
    assert newest.replaced_by is not None
    mids = {row.mid for row in inbox(world.residents[A])}
    assert mids == {bytes.fromhex(held.mid), newest.replaced_by}
    assert outbox(world.residents[N], held.mid).state == "receipted"


def test_asking_again_sends_nothing_a_third_time(ground: Ground) -> None:
    world = ground.world
    ground.back_up()
    lost = ask(world)
    world.run()
    ground.restore()
    ground.ask()
    world.run()
    before = len(world.outbox(N))
    ground.ask()
    world.run()
    assert len(world.outbox(N)) == before
    assert len(inbox(world.residents[A])) == 1
    assert outbox(world.residents[N], lost.mid).state == "rejected"


def test_a_recall_made_since_blocks_at_once_and_is_owed_until_it_came(ground: Ground) -> None:
    world = ground.world
    sent = ask(world)
    world.run()
    ground.back_up()
    send(world.residents[N], reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    world.run()
    ground.restore()
    there = world.residents[A]
    assert received(there, sent.mid).state == "filed"
    told = ground.told(ground.ask())
    assert told.recalled == (bytes.fromhex(sent.mid),)
    assert told.owed == 1
    assert again.block(told, there.station) == 1
    assert again.block(told, there.station) == 0
    assert received(there, sent.mid).state == "recalled"
    world.run()
    assert ground.told(ground.ask()).owed == 0
    assert any(row.kind.endswith("recall/1") for row in inbox(there))
    assert leaves(there).count("received") == 2


def test_a_partner_blocks_only_what_it_sent_itself(ground: Ground) -> None:
    world = ground.world
    sent = ask(world)
    world.run()
    mid = MessageId(bytes.fromhex(sent.mid))
    forged = again.Told(node=NodeId("xc.police.n1"), restore=RESTORE, recalled=(mid,), owed=0)
    there = world.residents[A]
    assert again.block(forged, there.station) == 0
    assert received(there, sent.mid).state == "filed"


def test_nobody_gets_anothers_messages_and_nobody_asks_for_the_past(ground: Ground) -> None:
    now = ground.world.clock.now()
    for changes in (
        {"node": N},
        {"asked": A},
        {"at": Instant(now - HOUR)},
        {"at": Instant(now + HOUR)},
        {"node": NodeId("xq.police.n1")},
    ):
        with pytest.raises(VerificationError):
            ground.ask(**changes)


def test_no_partner_makes_us_send_everything_all_day(ground: Ground) -> None:
    for number in range(again.PER_DAY):
        ground.ask(restore=bytes([number]) * 16)
    with pytest.raises(LimitError):
        ground.ask(restore=b"\xff" * 16)
    ground.world.clock.advance(DAY)
    ground.ask(restore=b"\xff" * 16)
    rows = ground.world.residents[N].store.read(lambda r: r.find(AgainRow))
    assert len(rows) == again.PER_DAY + 1


@pytest.mark.parametrize(
    "payload", [{}, {0: 1}, {0: "xa.border.n1", 1: "x", 2: 1, 3: b"short", 4: "o", 5: 1}, []]
)
def test_an_asking_in_another_form_is_refused(ground: Ground, payload: object) -> None:
    world = ground.world
    data = sign_document(
        cbor.encode(payload),  # type: ignore[arg-type]
        world.residents[A].station.node_key,
        sort=again.ASKING,
        federation=world.directory.federation,
    )
    with pytest.raises(InvalidInputError):
        again.answer(data, world.residents[N].station)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({0: N, 1: RESTORE, 2: [], 3: "many"}, InvalidInputError),
        ({0: N, 1: bytes(16), 2: [], 3: 0}, VerificationError),
        ({0: A, 1: RESTORE, 2: [], 3: 0}, VerificationError),
    ],
)
def test_an_answer_that_says_something_else_is_refused(
    ground: Ground, payload: object, error: type[ComityError]
) -> None:
    world = ground.world
    data = sign_document(
        cbor.encode(payload),  # type: ignore[arg-type]
        world.residents[N].station.node_key,
        sort=again.ANSWER,
        federation=world.directory.federation,
    )
    with pytest.raises(error):
        ground.told(data)


def test_an_answer_signed_by_another_node_is_refused(ground: Ground) -> None:
    world = ground.world
    payload = cbor.encode({0: N, 1: RESTORE, 2: [], 3: 0})
    federation = world.directory.federation
    key = world.residents[A].station.node_key
    data = sign_document(payload, key, sort=again.ANSWER, federation=federation)
    with pytest.raises(VerificationError, match="no such key"):
        ground.told(data)


def test_a_recall_whose_words_are_gone_here_is_still_owed(ground: Ground) -> None:
    world = ground.world
    sent = ask(world)
    world.run()
    ground.back_up()
    recall = send(
        world.residents[N], reply(sent.case, "recall", about=sent.mid, ground="unlawful")
    )
    world.run()
    here = world.residents[N]
    row = outbox(here, recall.mid)
    here.store.commit(
        lambda tx: here.safe.erase(tx, RecordId(row.record_id), at=here.clock.now())
    ).result()
    ground.restore()
    told = ground.told(ground.ask())
    assert (told.recalled, told.owed) == ((), 1)


def test_a_recall_whose_successor_was_taken_away_is_not_owed_forever(ground: Ground) -> None:
    world = ground.world
    sent = ask(world)
    world.run()
    ground.back_up()
    recall = send(
        world.residents[N], reply(sent.case, "recall", about=sent.mid, ground="unlawful")
    )
    world.run()
    ground.restore()
    ground.ask()
    here = world.residents[N]
    lost = replace(outbox(here, recall.mid), state="expired", replaced_by=bytes(16))
    here.store.commit(lambda tx: tx.put(lost)).result()
    assert ground.told(ground.ask()).owed == 0
