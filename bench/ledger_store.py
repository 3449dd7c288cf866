"""How many ledger appends a node makes durable per second, and what one unit costs.

Beside it, in the same run and on the same disk: bare sqlite3 writing the same rows with
`executemany`, one commit for every 64 units. That is the limit of what any store on SQLite can
do with this durability (WAL, `synchronous=FULL`).
"""

import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bench.measure import figure

from comity.adapters.sql import SqlStore, open_sqlite
from comity.cli.bench import Figure
from comity.core.store import Row, Transaction

LEAF = 150
"""Bytes in a leaf: what `ledger` encodes for a `sent` leaf."""
LEAVES, ROWS = 2, 3
"""What TX-F writes: `admitted` and `received`, and rows for inbox, case and event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow(Row):
    """As many fields as an inbox row has, with a receipt of 300 bytes."""

    table: ClassVar[str] = "letter"
    key: ClassVar[tuple[str, ...]] = ("node", "mid")
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("case",), ("state", "stored_at"))

    node: str
    mid: bytes
    case: str
    state: str
    stored_at: int
    leaf: int
    digest: bytes
    receipt: bytes


def measure(folder: Path, *, units: int) -> Sequence[Figure]:
    """Measure units of work on stores of their own below `folder`."""
    appends = _appends(folder / "appends.db", units)
    bare = ("bare sqlite3 executemany, 64 a commit", _bare(folder / "bare.db", units))
    unit, cpu = _units(folder / "units.db", units // 2)
    lone = _lone(folder / "lone.db", 50 if units < 5_000 else 300)
    return (
        figure("durable appends, one a unit, group commit", appends, "appends/s", beside=bare),
        figure(f"units of {LEAVES} leaves and {ROWS} rows, group commit", unit, "units/s"),
        figure("CPU of such a unit, whole process", cpu, "us"),
        figure("one lone unit, durable, median", lone, "ms"),
    )


def _appends(path: Path, units: int) -> float:
    leaf = os.urandom(LEAF)
    return _timed(path, lambda _: lambda tx: tx.append(leaf), units)[0]


def _units(path: Path, units: int) -> tuple[float, float]:
    return _timed(path, _letter, units)


def _letter(number: int) -> Callable[[Transaction], int]:
    mid = number.to_bytes(16, "big")
    leaf, receipt = os.urandom(LEAF), os.urandom(300)

    def unit(tx: Transaction) -> int:
        tx.append(leaf)
        index = tx.append(leaf)
        for copy in range(ROWS):
            tx.insert(
                LetterRow(
                    node=f"xn.police.n{copy}",
                    mid=mid,
                    case=mid.hex(),
                    state="filed",
                    stored_at=number,
                    leaf=index,
                    digest=mid + mid,
                    receipt=receipt,
                )
            )
        return index

    return unit


def _timed(
    path: Path, make: Callable[[int], Callable[[Transaction], int]], units: int
) -> tuple[float, float]:
    """Return units per second and microseconds of CPU per unit."""
    store = _store(path)
    work = [make(number) for number in range(units)]
    began, cpu = time.perf_counter(), time.process_time()
    futures: list[Future[int]] = [store.commit(unit) for unit in work]
    for future in futures:
        future.result()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    store.close()
    return units / took, used / units * 1e6


def _lone(path: Path, units: int) -> float:
    store = _store(path)
    took: list[float] = []
    for number in range(units):
        unit = _letter(number)
        began = time.perf_counter()
        store.commit(unit).result()
        took.append(time.perf_counter() - began)
    store.close()
    return statistics.median(took) * 1e3


def _bare(path: Path, units: int) -> float:
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute("CREATE TABLE entry (place INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT")
    leaf = os.urandom(LEAF)
    began = time.perf_counter()
    for first in range(0, units, 64):
        store.execute("BEGIN IMMEDIATE")
        rows = [(place, leaf) for place in range(first, min(first + 64, units))]
        store.executemany("INSERT INTO entry VALUES (?, ?)", rows)
        store.execute("COMMIT")
    took = time.perf_counter() - began
    store.close()
    return units / took


def _store(path: Path) -> SqlStore:
    return open_sqlite(path, (LetterRow,))
