from dataclasses import replace

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.ids import CaseId, RecordId
from comity.message import Statement
from comity.record import (
    ErasureRow,
    Safe,
    StatementRow,
    contest,
    due_before,
    erase_statements,
    keep_statements,
    release,
    row_of,
    settle,
    sweep,
)
from comity.record.correction import Finding

CASE = CaseId("c-9")


def hold(store: MemoryStore, safe: Safe, at: Instant, *said: Statement) -> None:
    store.commit(lambda tx: keep_statements(tx, said, safe=safe, at=at)).result()


def test_what_is_past_its_time_is_erased_and_certified(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    longer = replace(a_name, statement_id="s-2", retain_until=Instant(at + 99 * DAY))
    hold(store, safe, at, a_name, longer)
    late = a_name.retain_until
    record = store.read(lambda reader: row_of(reader, "s-1")).record_id
    assert store.read(lambda reader: due_before(reader, Instant(late + 1))) == 1
    swept = store.commit(lambda tx: sweep(tx, safe=safe, at=late)).result()
    assert [(c.subject, c.why, c.at) for c in swept.certificates] == [("s-1", "expired", late)]
    assert swept.entities == {"p-1"}
    assert store.read(lambda reader: safe.open(reader, RecordId(record))) is None
    assert store.read(lambda reader: reader.count(StatementRow)) == 1
    assert store.read(lambda reader: reader.count(ErasureRow)) == 1
    assert store.commit(lambda tx: sweep(tx, safe=safe, at=late)).result().entities == set()


def test_a_sweep_is_bounded(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    hold(store, safe, at, *(replace(a_name, statement_id=f"s-{n}") for n in range(3)))
    late = a_name.retain_until
    done = [
        len(store.commit(lambda tx: sweep(tx, safe=safe, at=late, limit=2)).result().entities)
        for _ in range(3)
    ]
    assert done == [1, 1, 0]


def test_erasure_waits_for_an_open_challenge_and_comes_after_it(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    hold(store, safe, at, a_name)
    store.commit(lambda tx: contest(tx, "s-1", challenge=CASE, at=at)).result()
    late = a_name.retain_until
    swept = store.commit(lambda tx: sweep(tx, safe=safe, at=late)).result()
    assert (swept.certificates, swept.restricted) == ((), ("s-1",))
    store.commit(lambda tx: settle(tx, "s-1", finding=Finding.DISMISSED, at=late)).result()
    store.commit(lambda tx: release(tx, "s-1", procedure=CASE)).result()
    again = store.commit(lambda tx: sweep(tx, safe=safe, at=late)).result()
    assert [c.subject for c in again.certificates] == ["s-1"]


def test_erasure_on_request_spares_what_a_procedure_needs(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement
) -> None:
    hold(store, safe, at, a_name, replace(a_name, statement_id="s-2"))
    store.commit(lambda tx: contest(tx, "s-2", challenge=CASE, at=at)).result()
    swept = store.commit(
        lambda tx: erase_statements(tx, ["s-1", "s-2"], safe=safe, at=at)
    ).result()
    assert [c.subject for c in swept.certificates] == ["s-1"]
    assert swept.restricted == ("s-2",)
