"""Opening one leaf to an inspector: the salt and the record it commits to, from the Safe.

The act of a person in the seat of oversight, at the machine itself, and in the ledger with that
person before anything is shown. An erased record stays closed: that is what erasing means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import SECOND, Instant
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import PersonId, RecordId
from comity.core.store import Op, Reader, Transaction, Where
from comity.exchange.leaves import commit, pack
from comity.ledger import Leaf, LeafType, commit_to, decode_leaf
from comity.node.membership import self_of
from comity.node.office import Office, open_office
from comity.record import RecordRow

OVERSIGHT = frozenset({"oversight"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """What opens a leaf: anyone can compute `commitment` from salt and record."""

    index: int
    type: str
    at: Instant
    commitment: bytes
    salt: bytes
    record: bytes


def reveal(folder: Path, index: int, *, person: PersonId, passphrase: str | None) -> Revealed:
    """Open one leaf of a node that does not run, and log who had it opened.

    Raises `AuthorisationError` for any seat but oversight's, `NotFoundError` where there is no
    such entry, or nothing that opens it is held (any more).
    """
    office = open_office(folder, passphrase=passphrase)
    try:
        self_of(office, person).seat(OVERSIGHT)
        return office.store.commit(lambda tx: _opened(tx, office, index, person)).result()
    finally:
        office.close()


def _opened(tx: Transaction, office: Office, index: int, person: PersonId) -> Revealed:
    if not 0 <= index < tx.size():
        raise NotFoundError(f"no entry {index}: the ledger holds {tx.size()}")
    leaf = decode_leaf(tx.entries(index, 1)[0])
    found = _evidence(tx, office, leaf)
    if found is None:
        raise NotFoundError(f"nothing held opens entry {index}: its record is erased")
    _log(tx, office, index, person)
    return Revealed(
        index=index,
        type=leaf.type.name.lower(),
        at=Instant(leaf.at * 1000),
        commitment=leaf.commitment,
        salt=found[0],
        record=found[1],
    )


def _evidence(reader: Reader, office: Office, leaf: Leaf) -> tuple[bytes, bytes] | None:
    """Find salt and record among what was kept in the second of the leaf."""
    begun = leaf.at * SECOND
    kept = reader.find(
        RecordRow,
        Where("created", Op.GE, begun),
        Where("created", Op.LT, begun + SECOND),
        Where("erased_at", Op.EQ, None),
    )
    for row in kept:
        plain = office.safe.open(reader, RecordId(row.record_id))
        for salt, record in _pairs(plain or b""):
            if commit_to(salt, record) == leaf.commitment:
                return salt, record
    return None


def _pairs(plain: bytes) -> Sequence[tuple[bytes, bytes]]:
    """Read the evidence in what one unit kept; most records hold none."""
    try:
        found = cbor.decode(plain)
    except InvalidInputError:
        return ()
    if not isinstance(found, Mapping):
        return ()
    kept = cast("Mapping[str, Value]", found).get("evidence", ())
    pairs = cast("Sequence[Mapping[str, bytes]]", kept)
    return [(one["salt"], one["record"]) for one in pairs]


def _log(tx: Transaction, office: Office, index: int, person: PersonId) -> None:
    at = office.clock.now()
    said: dict[str, Value] = {"entry": index, "person": person, "seat": "oversight"}
    made = commit(LeafType.INSPECTION, said, at=at, entropy=office.entropy)
    tx.append(made.leaf.encode())
    office.safe.keep(tx, sort="inspection", plaintext=pack({}, made), at=at)
