"""A folder served twice: the second to sign is stopped, and no size has two quorums."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town, grow
from tests.unit.node.witnesses import Circle, circle

from comity.core.errors import ConflictError
from comity.node.office import Office, open_office
from comity.node.rows import CheckpointRow, HaltRow


@contextmanager
def served_twice(town: Town) -> Iterator[tuple[Circle, Office]]:
    copy = town.folder / "copy"
    shutil.copytree(town.node(NORLAND), copy)
    with circle(town) as made:
        second = open_office(copy, clock=made.clock)
        try:
            yield made, second
        finally:
            second.close()


def is_stopped(office: Office) -> bool:
    origin = office.chronicle.origin()
    return office.store.read(lambda r: r.get(HaltRow, origin)) is not None


def met(office: Office) -> dict[int, bytes]:
    rows = office.store.read(lambda r: r.find(CheckpointRow))
    return {row.size: row.root for row in rows if row.met_at is not None}


@pytest.mark.parametrize("entries", [3, 2, 5], ids=["as many", "fewer", "more"])
def test_of_two_offices_over_one_ledger_the_second_to_sign_is_stopped(
    town: Town, entries: int
) -> None:
    with served_twice(town) as (made, second):
        grow(made.norland, 3)
        assert made.round(made.norland) == 2
        grow(second, entries, mark=2)
        with pytest.raises(ConflictError):
            made.round(second)
        assert is_stopped(second)
        with pytest.raises(ConflictError, match="signs no more"):
            second.chronicle.sign()
        assert not is_stopped(made.norland)
        first, other = met(made.norland), met(second)
        assert 3 in first
        assert all(first[size] == root for size, root in other.items() if size in first)


def test_one_witness_each_gives_neither_history_a_quorum_of_one_size(town: Town) -> None:
    with served_twice(town) as (made, second):
        grow(made.norland, 3)
        grow(second, 3, mark=2)
        made.away = {CASTALIA}
        made.round(made.norland)
        made.away = {ARCADIA}
        made.round(second)
        made.away = set()
        made.clock.advance(120_000)
        with pytest.raises(ConflictError):
            made.round(second)
        assert is_stopped(second)
        sizes = met(made.norland).keys() & met(second).keys()
        assert all(met(made.norland)[each] == met(second)[each] for each in sizes)
