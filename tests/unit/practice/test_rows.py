"""What is stored of a case: codes, ids, times and keyed hashes, never a name."""

import hashlib
import hmac

from comity.core.cbor import Value
from comity.practice import ROWS, Field, Kind, Type, case_fields, normalised

PROPERTIES: dict[str, Value] = {
    "name": ["Ilan  TORVALD"],
    "passportNumber": ["N1"],
    "notes": ["seen"],
    "religion": ["x"],
}
PERSON: dict[str, Value] = {"id": "p1", "schema": "Person", "properties": PROPERTIES}


def searched(name: str, kind: Type) -> Field:
    return Field(name=name, type=kind, is_searchable=True)


KIND = Kind(
    name="letters.write/1",
    fields=(
        searched("sort", Type.CODE),
        searched("tags", Type.CODES),
        searched("when", Type.INSTANT),
        searched("known", Type.FLAG),
        searched("title", Type.LINE),
        searched("subject", Type.ENTITY),
        searched("subjects", Type.ENTITIES),
        Field(name="text", type=Type.TEXT),
    ),
)


def keyed(text: str) -> bytes:
    return hmac.digest(b"key", text.encode(), hashlib.sha256)


def found(body: dict[str, Value]) -> set[tuple[str, str]]:
    rows = case_fields(KIND, body, case="c1", keyed=keyed)
    assert all(row.case == "c1" for row in rows)
    return {(row.name, row.value) for row in rows}


def test_codes_and_times_are_kept_as_they_are() -> None:
    body: dict[str, Value] = {"sort": "open", "tags": ["a", "b"], "when": 5, "known": True}
    assert found(body) == {
        ("sort", "open"),
        ("tags", "a"),
        ("tags", "b"),
        ("when", "0000000000000005"),
        ("known", "true"),
    }


def test_a_name_is_kept_only_as_its_keyed_hash() -> None:
    rows = found({"title": "Ilan Torvald", "subject": PERSON, "subjects": [PERSON]})
    name, passport = keyed("ilan torvald").hex(), keyed("n1").hex()
    assert rows == {
        ("title", name),
        ("subject", name),
        ("subject", passport),
        ("subjects", name),
        ("subjects", passport),
    }


def test_what_is_not_declared_searchable_is_not_kept() -> None:
    assert found({"text": "secret", "later": "x"}) == set()


def test_the_same_name_written_otherwise_has_the_same_hash() -> None:
    assert normalised(" \uff29lan\tTORVALD ") == normalised("ilan torvald")


def test_every_key_and_index_names_a_field() -> None:
    for row in ROWS:
        names = set(row.__annotations__)
        assert set(row.key) <= names
        assert {name for index in row.indexes for name in index} <= names
    assert len({row.table for row in ROWS}) == len(ROWS)
