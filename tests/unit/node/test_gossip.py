"""What logs show us, compared: two histories are found and proven, honest ones are not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.node.witnesses import Log

from comity.adapters.memory import FixedClock, MemoryStore, SeededEntropy
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import StorageError, UnreachableError, VerificationError
from comity.core.store import Transaction
from comity.ledger import (
    Checkpoint,
    Equivocation,
    LeafType,
    Read,
    Verifier,
    decode_leaf,
    expose,
    parse_equivocation,
    sign_note,
    write_request,
)
from comity.node.gossip import MOST, MOST_EVIDENCE, Gossip, accuser, unproven
from comity.node.rows import ShownRow, UnprovenRow
from comity.node.witnessing import Witness
from comity.record import Safe
from comity.seal import RecordCipher, verify

LOG, FORK = Log(), Log(mark=b"fork")
OWN = Log("exercise/log/xa.border.n1/1")
CLOCK = FixedClock(Instant(1_790_000_000_000))
SECRET = bytes(32)


class Weeks:
    """One key of the week."""

    def current(self, at: Instant, /) -> tuple[int, bytes]:
        del at
        return 1, SECRET

    def key(self, week: int, /) -> bytes | None:
        return SECRET if week == 1 else None


def keys(origin: str) -> tuple[Verifier, ...]:
    return next((log.keys for log in (LOG, OWN) if log.origin == origin), ())


def safe() -> Safe:
    entropy = SeededEntropy(b"gossip")
    return Safe(cipher=RecordCipher(), weeks=Weeks(), entropy=entropy, keyed_hash=str.strip)


@pytest.fixture
def gossip(tmp_path: Path) -> Gossip:
    return Gossip(
        store=MemoryStore(),
        clock=FixedClock(CLOCK.now()),
        folder=tmp_path,
        keys=keys,
        accuse=accuser(safe(), SeededEntropy(b"leaf")),
        own=lambda: OWN.origin,
    )


def shown(gossip: Gossip) -> int:
    row = gossip.store.read(lambda r: r.get(ShownRow, LOG.origin))
    return 0 if row is None else row.size


def compare_all(gossip: Gossip, tiles: Callable[[bytes], Read]) -> list[bool]:
    return [gossip.compare(row, tiles) for row in gossip.due()]


def later(gossip: Gossip, milliseconds: int) -> None:
    assert isinstance(gossip.clock, FixedClock)
    gossip.clock.advance(milliseconds)


def test_one_history_is_followed_as_it_grows(gossip: Gossip) -> None:
    for note in (LOG.note(3), LOG.note(300), LOG.note(2), LOG.note(301), LOG.note(301), b""):
        gossip.hear(note)
    assert compare_all(gossip, LOG.tiles) == [True, True, True]
    assert shown(gossip) == 301
    assert gossip.due() == []
    assert gossip.evidence() == []


def test_two_roots_of_one_size_are_evidence_at_once(gossip: Gossip) -> None:
    gossip.hear(LOG.note(5))
    gossip.hear(FORK.note(5))
    gossip.hear(FORK.note(5, OWN.signers[0]))
    (row,) = gossip.evidence()
    found = parse_equivocation(row.evidence)
    assert expose(found, LOG.keys, verify=verify).signers == LOG.keys
    leaves = gossip.store.read(lambda r: r.entries(0, 9))
    assert [decode_leaf(entry).type for entry in leaves] == [LeafType.INCIDENT]
    (file,) = (gossip.folder / "evidence").glob("*.equivocation")
    assert file.read_bytes() == row.evidence


@pytest.mark.parametrize(("true", "false"), [(5, 9), (9, 5)])
def test_a_history_that_does_not_hold_the_other_is_evidence(
    gossip: Gossip, true: int, false: int
) -> None:
    gossip.hear(LOG.note(true))
    gossip.hear(FORK.note(false))
    assert compare_all(gossip, (LOG if true > false else FORK).tiles) == [True]
    (row,) = gossip.evidence()
    both = expose(parse_equivocation(row.evidence), LOG.keys, verify=verify)
    assert (both.earlier.size, both.later.size) == (5, 9)
    assert shown(gossip) == true


def test_a_history_shown_to_a_witness_counts_as_shown(gossip: Gossip) -> None:
    """I11: what one was asked to cosign, another was shown otherwise."""
    witness = Witness(
        store=gossip.store, clock=gossip.clock, keys=keys, signers=lambda: OWN.signers[:1]
    )
    assert witness.answer(write_request(0, (), LOG.note(4)))[0] == 200
    gossip.hear(FORK.note(4))
    assert len(gossip.evidence()) == 1
    answer = witness.answer(write_request(4, (), LOG.note(4)))
    assert answer[:2] == (403, b"this log showed two histories\n")


def test_tiles_that_lead_elsewhere_prove_nothing_and_are_asked_for_again(
    gossip: Gossip,
) -> None:
    gossip.hear(LOG.note(5))
    gossip.hear(FORK.note(9))
    LOG.grow(9)
    assert compare_all(gossip, LOG.tiles) == [False]
    assert gossip.due() == []
    assert gossip.evidence() == []
    assert gossip.store.read(lambda r: unproven(r, gossip.clock.now())) == []
    later(gossip, DAY + HOUR)
    assert gossip.store.read(lambda r: unproven(r, gossip.clock.now())) == [LOG.origin]
    assert len(gossip.due()) == 1


def test_a_log_that_does_not_answer_is_asked_again(gossip: Gossip) -> None:
    def away(_note: bytes) -> Read:
        raise UnreachableError("away")

    gossip.hear(LOG.note(5))
    gossip.hear(LOG.note(10))
    assert compare_all(gossip, away) == [False]
    later(gossip, HOUR)
    assert compare_all(gossip, LOG.tiles) == [True]
    assert shown(gossip) == 10


def test_a_failing_disk_is_no_fault_of_the_log(gossip: Gossip) -> None:
    def broken(_note: bytes) -> Read:
        raise StorageError("full")

    gossip.hear(LOG.note(5))
    gossip.hear(LOG.note(10))
    (row,) = gossip.due()
    with pytest.raises(StorageError):
        gossip.compare(row, broken)
    assert gossip.due() == [row]


def test_nobody_is_accused_by_what_he_did_not_sign(gossip: Gossip) -> None:
    gossip.hear(LOG.note(5))
    stated = Checkpoint(origin=LOG.origin, size=5, root=bytes(32))
    stranger = sign_note(stated, OWN.signers, at=1)
    unknown = Log("elsewhere/log").note(5)
    lies = (stranger, unknown, b"\xff", b"x\n\ny\n", FORK.note(5)[:-9], FORK.note(5) + b"-\n")
    for lie in lies:
        gossip.hear(lie)
    assert gossip.evidence() == []
    assert gossip.due() == []
    forged = Equivocation(keys=LOG.keys, earlier=LOG.note(5), later=stranger)
    with pytest.raises(VerificationError):
        gossip.keep(forged)


def test_our_own_log_is_compared_elsewhere(gossip: Gossip) -> None:
    gossip.hear(OWN.note(5))
    gossip.hear(Log(OWN.origin, mark=b"fork").note(5))
    assert gossip.evidence() == []


def test_a_log_that_shows_endless_histories_fills_nothing(gossip: Gossip) -> None:
    gossip.hear(LOG.note(3))
    for size in range(4, 30):
        gossip.hear(FORK.note(size))
    assert len(gossip.due()) == MOST
    for place in range(MOST_EVIDENCE + 9):
        stated = Checkpoint(origin=LOG.origin, size=3, root=bytes([place]) * 32)
        gossip.hear(sign_note(stated, LOG.signers, at=1))
    assert len(gossip.evidence()) == MOST_EVIDENCE


def test_a_comparison_that_came_too_late_brings_nothing_back(gossip: Gossip) -> None:
    gossip.hear(LOG.note(5))
    gossip.hear(LOG.note(10))
    (row,) = gossip.due()
    assert gossip.compare(row, LOG.tiles)
    assert not gossip.compare(replace(row, note=FORK.note(12)), LOG.tiles)
    assert gossip.store.read(lambda r: r.find(UnprovenRow)) == []


def test_evidence_that_the_ledger_cannot_take_is_not_kept(gossip: Gossip) -> None:
    def full(_tx: Transaction, _origin: str, _digest: bytes, _at: Instant) -> None:
        raise StorageError("full")

    gossip.accuse = full
    gossip.hear(LOG.note(5))
    with pytest.raises(StorageError):
        gossip.hear(FORK.note(5))
    assert gossip.evidence() == []
    assert not (gossip.folder / "evidence").exists()
