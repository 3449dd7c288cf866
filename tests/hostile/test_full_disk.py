"""A full or failing disk: no receipt without its row, and all goes on once there is room."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.hostile.checkers import EVERY, check
from tests.hostile.evidence import Evidence
from tests.scenarios.stage import ARCADIA, NORLAND, A, N, inbox, outbox, question, send

from comity.adapters.memory import MemoryStore
from comity.adapters.sql import open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.adapters.world import World, make_world
from comity.core.errors import StorageError
from comity.core.ids import NodeId
from comity.core.store import Store
from comity.exchange import delivery
from comity.law import shipped_corpus
from comity.node.bootstrap import shipped_practices
from comity.node.office import ROWS


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[dict[NodeId, SqlStore]]:
    opened = {A: open_sqlite(tmp_path / "store.db", ROWS)}
    yield opened
    for store in opened.values():
        store.close()


@pytest.fixture
def world(stores: dict[NodeId, SqlStore]) -> World:
    def store(node: NodeId) -> Store:
        return stores.get(node) or MemoryStore()

    return make_world(
        (NORLAND, ARCADIA), practices=shipped_practices(), corpus=shipped_corpus(), stores=store
    )


@contextmanager
def no_room(file: Path) -> Iterator[None]:
    """Let no file of this process grow beyond what the store has now."""
    used = max(each.stat().st_size for each in file.parent.iterdir())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (used, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def evidence(world: World, mids: list[str], *, settled: bool) -> Evidence:
    return Evidence(
        federation=world.directory.federation,
        stores={node: here.store for node, here in world.residents.items()},
        names={node: here.agency for node, here in world.residents.items()},
        queued={(N, bytes.fromhex(mid)) for mid in mids},
        settled=settled,
    )


def test_a_full_disk_gives_no_receipt_and_loses_nothing(world: World, tmp_path: Path) -> None:
    here, there = world.residents[N], world.residents[A]
    mids = [send(here, question()).mid for _ in range(40)]
    due = world.due(here, A)
    assert isinstance(there.store, SqlStore)
    there.store.truncate_log()
    failures, entry = 0, world.directory.node(A)
    with no_room(tmp_path / "store.db"):
        for item in due:
            try:
                (answer,) = delivery.deliver([item], world, entry, station=here.station)
            except StorageError:
                failures += 1
                assert outbox(here, item.mid.hex()).state == "queued"
            else:
                world.settle(here, entry, item, answer)
    assert failures
    check(evidence(world, mids, settled=False), EVERY)
    world.run()
    assert len(inbox(there)) == len(mids)
    check(evidence(world, mids, settled=True), EVERY)


def test_an_officer_whose_disk_is_full_is_told_and_nothing_is_half_sent(
    world: World, tmp_path: Path
) -> None:
    there = world.residents[A]
    assert isinstance(there.store, SqlStore)
    there.store.truncate_log()
    told: list[str] = []

    def write_on() -> None:
        while len(told) < 200:
            told.append(send(there, question(NORLAND)).mid)

    with no_room(tmp_path / "store.db"), pytest.raises(StorageError, match="store"):
        write_on()
    seen = evidence(world, [], settled=False)
    seen.queued |= {(A, bytes.fromhex(mid)) for mid in told}
    check(seen, EVERY)
    world.run()
    assert send(there, question(NORLAND)).mid
    world.run()
    seen.settled = True
    check(seen, EVERY)
