"""Web and worker processes of a node over one PostgreSQL store: one ledger, one holder."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.unit.node.ground import config_of

from comity.core.errors import ConflictError
from comity.core.store import Transaction
from comity.node.beginning import begin_node
from comity.node.office import Office, open_office
from comity.node.parting import Leases, read_part

EACH = 40


def append(office: Office, mark: str) -> list[int]:
    def unit(tx: Transaction, number: int) -> int:
        return tx.append(f"{mark}-{number}".encode())

    made = [office.store.commit(partial(unit, number=number)) for number in range(EACH)]
    return [each.result() for each in made]


def test_two_processes_write_one_ledger_and_keep_a_third_out(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    folder = tmp_path / "node"
    config = replace(config_of("xn", "police"), store=new_database())
    begin_node(folder, config, admin="Ada", passphrase=None)
    web = open_office(folder, part=read_part("web", "1"))
    worker = open_office(folder, part=read_part("worker", "1"))
    try:
        with ThreadPoolExecutor(2) as pool:
            places = [*pool.map(append, (web, worker), ("web", "worker"))]
        assert sorted(place for part in places for place in part) == list(range(2 * EACH))
        entries = web.store.read(lambda r: r.entries(0, r.size()))
        assert len(set(entries)) == 2 * EACH
        assert entries == worker.store.read(lambda r: r.entries(0, r.size()))
        assert web.screening.place != worker.screening.place
        one, two = (
            Leases(store=office.store, clock=office.clock, holder=office.part.name, life=30)
            for office in (web, worker)
        )
        assert (one.hold("ledger"), two.hold("ledger")) == (True, False)
        one.release()
        assert two.hold("ledger")
        with pytest.raises(ConflictError):
            open_office(folder)
    finally:
        web.close()
        worker.close()
    open_office(folder).close()
