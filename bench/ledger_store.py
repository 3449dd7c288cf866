"""How many ledger appends a node makes durable per second, and what one unit costs.

    python bench/ledger_store.py [--quick] [--json] [--folder DIR]

Beside it, in the same run and on the same disk: bare sqlite3 writing the same rows with
`executemany`, one commit for every 64 units. That is the limit of what any store on SQLite can
do with this durability (WAL, `synchronous=FULL`).
"""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from comity.adapters.sql import SqlStore, open_sqlite
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number, beside the limit measured in the same run."""

    name: str
    value: float
    unit: str
    beside: str = ""
    limit: float | None = None


def main() -> int:
    """Measure, print a table or one JSON document, return 0."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = measure(Path(folder), units=2_000 if options.quick else 20_000)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, SQLite {sqlite3.sqlite_version}"
    if options.json:
        shown = {"machine": machine, "figures": [_as_json(figure) for figure in figures]}
        print(json.dumps(shown))
        return 0
    print(machine)
    for figure in figures:
        beside = f"   {figure.beside} {figure.limit:,.0f}" if figure.limit is not None else ""
        print(f"{figure.name:58} {figure.value:10,.1f} {figure.unit:12}{beside}")
    return 0


def measure(folder: Path, *, units: int) -> list[Figure]:
    """Run every case on a store of its own."""
    appends = _appends(folder / "appends.db", units)
    bare = _bare(folder / "bare.db", units)
    unit, cpu = _units(folder / "units.db", units // 2)
    return [
        Figure(
            name="durable appends, one a unit, group commit",
            value=appends,
            unit="appends/s",
            beside="bare sqlite3 executemany, 64 a commit:",
            limit=bare,
        ),
        Figure(
            name=f"units of {LEAVES} leaves and {ROWS} rows, group commit",
            value=unit,
            unit="units/s",
        ),
        Figure(name="CPU of such a unit, whole process", value=cpu, unit="µs"),
        Figure(
            name="one lone unit, durable, median",
            value=_lone(folder / "lone.db", 50 if units < 5_000 else 300),
            unit="ms",
        ),
    ]


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


def _as_json(figure: Figure) -> dict[str, object]:
    shown: dict[str, object] = {
        "name": figure.name,
        "value": round(figure.value, 2),
        "unit": figure.unit,
    }
    if figure.limit is not None:
        shown["beside"] = {"name": figure.beside.rstrip(":"), "value": round(figure.limit, 2)}
        shown["ratio"] = round(figure.value / figure.limit, 3)
    return shown


class _Options(argparse.Namespace):
    quick: bool
    json: bool
    folder: str | None


def _options() -> _Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--folder", help="where to write: the disk to measure")
    return parser.parse_args(namespace=_Options())


if __name__ == "__main__":
    sys.exit(main())
