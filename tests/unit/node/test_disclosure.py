"""Opening a leaf: by oversight alone, seen in the ledger, impossible once erased."""

import hashlib
from pathlib import Path

import pytest
from tests.unit.node.ground import NORLAND, Town, grow, person_in

from comity.core import cbor
from comity.core.clock import Instant
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import PersonId, RecordId
from comity.core.store import Transaction
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType, decode_leaf
from comity.node.disclosure import reveal
from comity.node.office import open_office


def recorded(folder: Path, said: str) -> RecordId:
    """Append a leaf over a record, and keep its evidence as every unit of the road does."""
    office = open_office(folder)

    def unit(tx: Transaction) -> RecordId:
        at = Instant(office.clock.now())
        made = commit(LeafType.OPENED, {"said": said}, at=at, entropy=office.entropy)
        tx.append(made.leaf.encode())
        return office.safe.keep(tx, sort="test", plaintext=pack({}, made), at=at)

    try:
        return office.store.commit(unit).result()
    finally:
        office.close()


def size_of(folder: Path) -> int:
    office = open_office(folder)
    try:
        return office.store.read(lambda r: r.size())
    finally:
        office.close()


@pytest.fixture
def folder(town: Town) -> Path:
    return town.node(NORLAND)


@pytest.fixture
def overseer(folder: Path) -> PersonId:
    return PersonId(person_in(folder, "oversight"))


def test_salt_and_record_open_the_commitment(folder: Path, overseer: PersonId) -> None:
    for said in ("one", "two", "three"):
        recorded(folder, said)
    found = reveal(folder, 1, person=overseer, passphrase=None)
    assert hashlib.sha256(found.salt + found.record).digest() == found.commitment
    assert cbor.decode(found.record) == {"said": "two", "leaf": int(LeafType.OPENED)}


def test_the_ledger_says_that_somebody_looked(folder: Path, overseer: PersonId) -> None:
    recorded(folder, "one")
    reveal(folder, 0, person=overseer, passphrase=None)
    office = open_office(folder)
    (entry,) = office.store.read(lambda r: r.entries(1, 1))
    office.close()
    assert decode_leaf(entry).type is LeafType.INSPECTION
    said = reveal(folder, 1, person=overseer, passphrase=None).record
    assert overseer.encode() in said


@pytest.mark.parametrize(
    "seat", ["officer", "supervisor", "legal", "rights", "engineer", "admin"]
)
def test_no_other_seat_opens_a_leaf(folder: Path, seat: str) -> None:
    recorded(folder, "one")
    person = PersonId(person_in(folder, seat))
    with pytest.raises(AuthorisationError):
        reveal(folder, 0, person=person, passphrase=None)
    assert size_of(folder) == 1


def test_nobody_unknown_opens_a_leaf(folder: Path) -> None:
    recorded(folder, "one")
    with pytest.raises(InvalidInputError):
        reveal(folder, 0, person=PersonId("xn.police/ffff"), passphrase=None)


def test_an_erased_record_stays_closed(folder: Path, overseer: PersonId) -> None:
    record = recorded(folder, "one")
    office = open_office(folder)
    at = office.clock.now()
    office.store.commit(lambda tx: office.safe.erase(tx, record, at=at)).result()
    office.close()
    with pytest.raises(NotFoundError, match="erased"):
        reveal(folder, 0, person=overseer, passphrase=None)
    assert size_of(folder) == 1


@pytest.mark.parametrize("index", [-1, 1, 10**9])
def test_no_entry_beyond_the_ledger_is_opened(
    folder: Path, overseer: PersonId, index: int
) -> None:
    recorded(folder, "one")
    with pytest.raises(NotFoundError):
        reveal(folder, index, person=overseer, passphrase=None)


def test_an_entry_without_evidence_is_not_opened(folder: Path, overseer: PersonId) -> None:
    office = open_office(folder)
    grow(office, 1)
    office.close()
    with pytest.raises(NotFoundError):
        reveal(folder, 0, person=overseer, passphrase=None)
