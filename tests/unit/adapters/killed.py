"""Writes units until it is killed; prints the number of each one that resolved.

A unit is two rows and two ledger entries that bear its number; every seventh raises.
"""

import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from comity.adapters.sql import open_sqlite
from comity.core.store import Row, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow(Row):
    """The same table as in `test_sql`."""

    table: ClassVar[str] = "note"
    key: ClassVar[tuple[str, ...]] = ("number",)

    number: int
    text: str = ""


def _unit(tx: Transaction, number: int) -> None:
    tx.append(b"%d" % number)
    tx.insert(NoteRow(number=2 * number, text="first"))
    tx.insert(NoteRow(number=2 * number + 1, text="second"))
    if number % 7 == 0:
        raise ZeroDivisionError
    tx.append(b"%d" % number)


def _main() -> None:
    store = open_sqlite(Path(sys.argv[1]), (NoteRow,))
    slots = threading.Semaphore(200)
    first = 1_000_000 * int(sys.argv[2])

    def resolved(future: "Future[None]", number: int) -> None:
        slots.release()
        if future.exception() is None:
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    for number in range(first, first + 1_000_000):
        slots.acquire()
        future = store.commit(partial(_unit, number=number))
        future.add_done_callback(partial(resolved, number=number))


_main()
