"""Checkpoints and cosignatures of real folders: no fork gets in, no old backup signs on."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town, grow

from comity.core.errors import ConflictError, UnreachableError
from comity.ledger import (
    Checkpoint,
    open_note,
    parse_note,
    parse_vkey,
    root,
    sign_note,
    write_request,
)
from comity.node.chronicle import Chronicle, checkpoint_of, signer
from comity.node.office import Office, open_office
from comity.node.rows import CheckpointRow
from comity.seal import verify
from comity.trust import NodeEntry

Offices = dict[str, Office]


@pytest.fixture
def offices(town: Town) -> Iterator[Offices]:
    with ExitStack() as stack:
        opened: Offices = {}
        for node in (NORLAND, ARCADIA, CASTALIA):
            opened[node] = open_office(town.node(node))
            stack.callback(opened[node].close)
        yield opened


def ask_of(offices: Offices) -> Callable[[NodeEntry, bytes], tuple[int, bytes]]:
    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        status, answer, _ = offices[entry.node].chronicle.witness(body)
        return status, answer

    return ask


def recall_of(offices: Offices) -> Callable[[NodeEntry, str], bytes | None]:
    def recall(entry: NodeEntry, origin: str) -> bytes | None:
        held = offices[entry.node].chronicle.witnessed(origin)
        return None if held is None else held.note

    return recall


def nothing(_entry: NodeEntry, _origin: str) -> bytes | None:
    return None


def tell(_entry: NodeEntry, _origin: str, *, lie: bytes) -> bytes | None:
    return lie


def chronicle(offices: Offices) -> Chronicle:
    return offices[NORLAND].chronicle


def forged(office: Office, size: int) -> bytes:
    """Sign another history of the same size with the true keys, as a forking node would."""
    checkpoint = Checkpoint(origin=office.chronicle.origin(), size=size, root=bytes(32))
    return sign_note(checkpoint, office.chronicle.signers(), at=1_800_000_000)


def test_a_checkpoint_bears_both_keys_of_the_directory(offices: Offices) -> None:
    grow(offices[NORLAND], 3)
    row = chronicle(offices).sign()
    entry = offices[ARCADIA].register.current().node(NORLAND)
    opened = open_note(row.note, [parse_vkey(t) for t in entry.log_vkeys], verify=verify)
    assert len(opened.seen) == 2
    assert checkpoint_of(row) == opened.checkpoint
    assert opened.checkpoint.size == 3


def test_a_size_is_signed_once(offices: Offices) -> None:
    grow(offices[NORLAND], 2)
    assert chronicle(offices).sign() == chronicle(offices).sign()


def test_a_size_with_another_root_is_not_signed_again(offices: Offices) -> None:
    office = offices[NORLAND]
    grow(office, 2)
    row = chronicle(offices).sign()
    wrong = CheckpointRow(size=3, root=bytes(32), note=row.note, at=row.at)
    office.store.commit(lambda tx: tx.insert(wrong)).result()
    grow(office, 1)
    assert chronicle(offices).sign() == wrong  # what is stored is read, nothing new is signed


def test_witnesses_cosign_and_the_note_verifies_under_their_keys(offices: Offices) -> None:
    grow(offices[NORLAND], 5)
    chronicle(offices).sign()
    assert chronicle(offices).gather(ask_of(offices), recall_of(offices)) == 2
    row = chronicle(offices).newest()
    assert row is not None
    keys = [
        parse_vkey(text)
        for entry in offices[NORLAND].register.current().nodes()
        for text in entry.witness_vkeys
    ]
    assert len(open_note(row.note, keys, verify=verify).seen) == 4
    assert row.witnesses == 2


def test_witnesses_are_asked_once_for_one_size(offices: Offices) -> None:
    grow(offices[NORLAND], 5)
    chronicle(offices).sign()
    chronicle(offices).gather(ask_of(offices), recall_of(offices))
    assert chronicle(offices).gather(ask_of(offices), recall_of(offices)) == 0


def test_a_ledger_that_grew_is_cosigned_from_the_size_last_seen(offices: Offices) -> None:
    for count in (2, 300):
        grow(offices[NORLAND], count)
        chronicle(offices).sign()
        assert chronicle(offices).gather(ask_of(offices), recall_of(offices)) == 2
    held = offices[ARCADIA].chronicle.witnessed(chronicle(offices).origin())
    assert held is not None
    assert held.size == 302


def test_a_witness_that_is_away_keeps_no_other_from_cosigning(offices: Offices) -> None:
    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        if entry.node == ARCADIA:
            raise UnreachableError("away")
        return ask_of(offices)(entry, body)

    grow(offices[NORLAND], 1)
    chronicle(offices).sign()
    assert chronicle(offices).gather(ask, nothing) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"no signature at all"),
        (200, b""),
        (200, "— someone AAAAAAA=\n".encode()),
        (409, b"9" * 10_000),
        (409, b"999999"),
        (409, b"minus one"),
        (422, b"you lie\n"),
        (500, b"\xff\xfe"),
    ],
)
def test_what_one_witness_answers_harms_no_other(
    offices: Offices, answer: tuple[int, bytes]
) -> None:
    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        return answer if entry.node == ARCADIA else ask_of(offices)(entry, body)

    grow(offices[NORLAND], 1)
    chronicle(offices).sign()
    assert chronicle(offices).gather(ask, nothing) == 1
    row = chronicle(offices).newest()
    assert row is not None
    assert len(parse_note(row.note).signatures) == 4


def test_a_witness_speaks_for_no_other(offices: Offices) -> None:
    grow(offices[NORLAND], 1)
    chronicle(offices).sign()
    name = f"{chronicle(offices).origin().partition('/')[0]}/witness/{CASTALIA}"

    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        status, lines = ask_of(offices)(entry, body)
        other = f"— {name} AAAAAAAAAAAAAAAA\n".encode() if entry.node == ARCADIA else b""
        return status, other + lines

    assert chronicle(offices).gather(ask, nothing) == 2


def request(offices: Offices, old: int, size: int) -> bytes:
    office = offices[NORLAND]
    grow(office, size - office.store.read(lambda r: r.size()))
    row = office.chronicle.sign()
    return write_request(old, (), row.note)


def test_an_unknown_origin_is_not_cosigned(offices: Offices) -> None:
    checkpoint = Checkpoint(origin="elsewhere/log", size=1, root=bytes(32))
    own = signer(offices[NORLAND].keyring, "elsewhere/log")
    note = sign_note(checkpoint, [own], at=1)
    assert offices[ARCADIA].chronicle.witness(write_request(0, (), note))[0] == 404


def test_a_checkpoint_signed_by_a_stranger_is_not_cosigned(offices: Offices) -> None:
    checkpoint = Checkpoint(origin=chronicle(offices).origin(), size=1, root=bytes(32))
    stranger = signer(offices[CASTALIA].keyring, chronicle(offices).origin())
    note = sign_note(checkpoint, [stranger], at=1)
    assert offices[ARCADIA].chronicle.witness(write_request(0, (), note))[0] == 403


@pytest.mark.parametrize("body", [b"", b"old x\n\n", b"\xff", b"old 0\n" + b"A" * 100])
def test_a_malformed_request_is_refused_with_400(offices: Offices, body: bytes) -> None:
    assert offices[ARCADIA].chronicle.witness(body)[0] == 400


def test_a_fork_of_the_same_size_is_refused(offices: Offices) -> None:
    witness = offices[ARCADIA].chronicle
    assert witness.witness(request(offices, 0, 4))[0] == 200
    fork = forged(offices[NORLAND], 4)
    assert witness.witness(write_request(0, (), fork))[:2] == (409, b"4\n")
    assert witness.witness(write_request(4, (), fork))[0] == 422


def test_a_fork_that_grew_is_refused(offices: Offices) -> None:
    witness = offices[ARCADIA].chronicle
    assert witness.witness(request(offices, 0, 4))[0] == 200
    fork = write_request(4, (bytes(32),), forged(offices[NORLAND], 5))
    assert witness.witness(fork)[0] == 422


def test_an_earlier_size_than_was_seen_is_refused_with_the_size(offices: Offices) -> None:
    witness = offices[ARCADIA].chronicle
    early = request(offices, 0, 2)
    assert witness.witness(request(offices, 0, 4))[0] == 200
    status, body, sort = witness.witness(early)
    assert (status, body, sort) == (409, b"4\n", "text/x.tlog.size")


def test_two_concurrent_histories_cannot_both_win(offices: Offices) -> None:
    witness = offices[ARCADIA].chronicle
    honest = request(offices, 0, 3)
    fork = write_request(0, (), forged(offices[NORLAND], 3))
    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda body: witness.witness(body)[0], [honest, fork] * 4))
    # The first to be stored may be said again; the other never gets in.
    assert statuses.count(200) >= 1
    assert {statuses[0], statuses[1]} != {200}
    held = witness.witnessed(chronicle(offices).origin())
    assert held is not None


def restored(town: Town, offices: Offices) -> Office:
    """Bring back the store as it was before its last entries were signed and cosigned."""
    office = offices[NORLAND]
    grow(office, 2)
    office.chronicle.sign()
    office.close()
    folder = town.node(NORLAND)
    backup = town.folder / "backup"
    shutil.copytree(folder, backup)
    office = offices[NORLAND] = open_office(folder)
    grow(office, 3)
    office.chronicle.sign()
    assert office.chronicle.gather(ask_of(offices), recall_of(offices)) == 2
    office.close()
    shutil.rmtree(folder)
    shutil.copytree(backup, folder)
    return open_office(folder)


def test_a_restored_older_store_refuses_to_sign(town: Town, offices: Offices) -> None:
    office = offices[NORLAND] = restored(town, offices)
    with pytest.raises(ConflictError, match="older"):
        office.chronicle.look_back(recall_of(offices))
    grow(office, 1, mark=2)
    with pytest.raises(ConflictError, match="signs no more"):
        office.chronicle.sign()
    office.close()
    reopened = offices[NORLAND] = open_office(town.node(NORLAND))
    with pytest.raises(ConflictError, match="signs no more"):
        reopened.chronicle.sign()
    reopened.close()


def test_a_restored_store_that_outgrew_its_past_is_found_when_it_gathers(
    town: Town, offices: Offices
) -> None:
    office = offices[NORLAND] = restored(town, offices)
    grow(office, 9, mark=2)
    office.chronicle.sign()
    with pytest.raises(ConflictError):
        office.chronicle.gather(ask_of(offices), recall_of(offices))
    with pytest.raises(ConflictError):
        office.chronicle.sign()
    office.close()


def test_a_witness_cannot_stop_us_with_a_checkpoint_we_never_signed(offices: Offices) -> None:
    office = offices[NORLAND]
    origin = office.chronicle.origin()
    stated = Checkpoint(origin=origin, size=99, root=bytes(32))
    stranger = sign_note(stated, [signer(offices[ARCADIA].keyring, origin)], at=1)
    other = sign_note(
        Checkpoint(origin="elsewhere", size=99, root=bytes(32)),
        [signer(office.keyring, "elsewhere")],
        at=1,
    )
    grow(office, 1)
    for lie in (stranger, other, b"", b"\xff" * 50, b"x\n\ny\n"):
        office.chronicle.look_back(partial(tell, lie=lie))
    assert office.chronicle.sign().size == 1


def test_looking_back_on_what_we_hold_changes_nothing(offices: Offices) -> None:
    office = offices[NORLAND]
    grow(office, 4)
    office.chronicle.sign()
    office.chronicle.gather(ask_of(offices), recall_of(offices))
    grow(office, 4)
    office.chronicle.look_back(recall_of(offices))
    row = office.chronicle.sign()
    assert row.root == office.store.read(lambda r: root(8, r.ledger_node))


def test_nothing_is_gathered_before_the_first_checkpoint(offices: Offices) -> None:
    assert chronicle(offices).gather(ask_of(offices), nothing) == 0
