from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.errors import StorageError, VerificationError
from comity.core.ids import RecordId
from comity.record import SALT, RecordRow, Safe

WEEK = 7 * DAY


def kept(store: MemoryStore, safe: Safe, at: Instant, words: bytes = b"words") -> RecordId:
    return store.commit(lambda tx: safe.keep(tx, sort="act", plaintext=words, at=at)).result()


def row(store: MemoryStore, name: RecordId) -> RecordRow:
    found = store.read(lambda reader: reader.get(RecordRow, name))
    assert found is not None
    return found


@given(words=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_what_is_kept_comes_back(
    store: MemoryStore, safe: Safe, at: Instant, words: bytes
) -> None:
    name = kept(store, safe, at, words)
    assert store.read(lambda reader: safe.open(reader, name)) == words


def test_words_do_not_stand_in_the_row(store: MemoryStore, safe: Safe, at: Instant) -> None:
    found = row(store, kept(store, safe, at, b"Anna Example"))
    assert b"Anna" not in (found.sealed or b"") + (found.wrapped or b"")


def test_two_records_share_neither_key_nor_salt(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    names = [kept(store, safe, at) for _ in range(2)]
    salts = store.read(lambda reader: [safe.salt_of(reader, name) for name in names])
    assert salts[0] != salts[1]
    assert all(salt is not None and len(salt) == SALT for salt in salts)
    assert row(store, names[0]).wrapped != row(store, names[1]).wrapped


def test_an_erased_record_is_unreadable_at_once(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    name = kept(store, safe, at)
    assert store.commit(lambda tx: safe.erase(tx, name, at=at)).result()
    assert store.read(lambda reader: safe.open(reader, name)) is None
    assert store.read(lambda reader: safe.salt_of(reader, name)) is None
    assert (row(store, name).wrapped, row(store, name).sealed) == (None, None)
    assert not store.commit(lambda tx: safe.erase(tx, name, at=at)).result()


def test_erasing_what_never_was_is_no_erasure(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    assert not store.commit(lambda tx: safe.erase(tx, RecordId("none"), at=at)).result()
    assert store.read(lambda reader: safe.salt_of(reader, RecordId("none"))) is None


def test_sealed_bytes_moved_to_another_row_do_not_open(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    one, other = kept(store, safe, at), kept(store, safe, at)
    stolen = replace(row(store, one), record_id=other)
    store.commit(lambda tx: tx.put(stolen)).result()
    with pytest.raises(VerificationError):
        store.read(lambda reader: safe.open(reader, other))


def test_sealed_bytes_passed_off_as_another_sort_do_not_open(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    name = kept(store, safe, at)
    passed_off = replace(row(store, name), sort="statement")
    store.commit(lambda tx: tx.put(passed_off)).result()
    with pytest.raises(VerificationError):
        store.read(lambda reader: safe.open(reader, name))


def test_rewrapped_records_outlive_the_old_key_and_erased_ones_do_not(
    store: MemoryStore, safe: Safe, at: Instant, week_keys: dict[int, bytes]
) -> None:
    living, gone = kept(store, safe, at), kept(store, safe, at)
    stolen = row(store, gone)
    store.commit(lambda tx: safe.erase(tx, gone, at=at)).result()
    later = Instant(at + WEEK)
    assert store.commit(lambda tx: safe.rewrap(tx, later)).result() == 1
    assert store.commit(lambda tx: safe.rewrap(tx, later)).result() == 0
    del week_keys[at // WEEK]
    assert store.read(lambda reader: safe.open(reader, living)) == b"words"
    store.commit(lambda tx: tx.put(stolen)).result()  # an old copy of the page comes back
    with pytest.raises(StorageError):
        store.read(lambda reader: safe.open(reader, gone))


def test_rewrapping_goes_in_bounded_units(store: MemoryStore, safe: Safe, at: Instant) -> None:
    for _ in range(3):
        kept(store, safe, at)
    later = Instant(at + WEEK)
    done = [store.commit(lambda tx: safe.rewrap(tx, later, limit=2)).result() for _ in range(3)]
    assert done == [2, 1, 0]


def test_many_records_open_together_without_the_erased(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    texts = [f"{n}".encode() for n in range(1_200)]
    names = store.commit(
        lambda tx: safe.keep_many(tx, sort="act", plaintexts=texts, at=at)
    ).result()
    store.commit(lambda tx: safe.erase(tx, names[7], at=at)).result()
    opened = store.read(lambda reader: safe.open_many(reader, names))
    assert [opened.get(name) for name in names[:8]] == [*texts[:7], None]
    assert len(opened) == 1_199
