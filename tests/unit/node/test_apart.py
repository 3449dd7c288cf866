"""The erasure list: a restore brings nothing back into use that was taken out of it."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import A, a_world, ask, received

from comity.adapters.world import World
from comity.core.store import Transaction
from comity.exchange import InboxRow
from comity.node.apart import Entry, Noting, is_protective


@pytest.fixture
def world() -> World:
    return a_world()


def filed(world: World) -> InboxRow:
    return received(world.residents[A], ask(world).mid)


@pytest.mark.parametrize("state", ["restricted", "recalled", "erased"])
def test_a_restore_does_not_bring_back_what_was_taken_out_of_use(
    world: World, state: str
) -> None:
    row, store = filed(world), world.residents[A].store

    def unit(tx: Transaction) -> Noting:
        noting = Noting(tx)
        noting.put(replace(row, state=state))
        return noting

    steps = store.commit(unit).result().steps
    # The backup knows nothing of it.
    store.commit(lambda tx: tx.put(row)).result()
    entry = Entry(at=world.clock.now(), steps=tuple(steps))
    store.commit(lambda tx: entry.replay(tx, {"inbox": InboxRow})).result()
    assert received(world.residents[A], row.mid.hex()).state == state


@pytest.mark.parametrize("state", ["filed", "held"])
def test_what_is_in_use_is_not_listed(world: World, state: str) -> None:
    assert not is_protective(replace(filed(world), state=state))
