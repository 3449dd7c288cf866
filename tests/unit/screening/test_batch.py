import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError
from comity.screening import Query
from comity.screening.batch import (
    Asked,
    Columns,
    Refused,
    Row,
    ask,
    chain,
    cut,
    read_columns,
    shards,
)


def rows(count: int) -> Iterator[Row]:
    return (Row(n, {"id": str(n), "name": f"Anna {n}"}) for n in range(count))


def asked(**members: object) -> Asked:
    found = ask(Row(7, members))
    assert isinstance(found, Asked)
    return found


@given(st.integers(0, 25), st.integers(0, 30), st.integers(1, 7))
def test_every_row_is_in_one_shard_and_in_order(count: int, skip: int, size: int) -> None:
    found = list(shards(rows(count), skip=skip, size=size))
    assert [row.line for each in found for row in each.rows] == list(range(skip, count))
    assert [each.offset for each in found] == list(range(skip, count, size))


def test_only_one_piece_is_taken_ahead() -> None:
    taken = list[int]()

    def counted() -> Iterator[Row]:
        for row in rows(100):
            taken.append(row.line)
            yield row

    next(cut(counted(), size=10))
    assert len(taken) == 10


def test_a_row_is_a_person_unless_it_says_otherwise() -> None:
    assert asked(name="Anna Example").query.schema == "Person"
    assert asked(name="Grey Harbour", schema="Company").query.schema == "Company"


def test_a_cell_may_hold_several_values() -> None:
    assert asked(name="Anna Example | Ana Example").query.names == (
        "Anna Example",
        "Ana Example",
    )


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({}, "at least one name"),
        ({"name": "  "}, "at least one name"),
        ({"name": "Anna", "schema": "Wizard"}, "unknown schema"),
        ({"name": "A" * 3_000}, "at least one name"),
    ],
)
def test_a_row_that_cannot_be_screened_keeps_its_place_and_id(
    members: dict[str, object], told: str
) -> None:
    found = ask(Row(12, {"id": "p-1", **members}))
    assert isinstance(found, Refused)
    assert (found.line, found.key) == (12, "p-1")
    assert told in found.reason


def test_an_impossible_date_is_said_and_the_rest_is_screened() -> None:
    found = asked(name="Anna Example", birthDate="1988-02-31")
    assert found.query.properties == {"name": ("Anna Example",)}
    assert "`birthDate`" in found.warnings[0]
    assert "1988" not in found.warnings[0]


def test_a_fault_of_the_file_is_the_reason() -> None:
    assert ask(Row(3, {"id": "x"}, "no row")) == Refused(3, "x", "no row")


def test_columns_are_properties_or_mapped() -> None:
    columns = read_columns(["Full name=name", "no=id"])
    header = ["no", "Full name", " birthDate ", "seat"]
    assert columns.of(header) == {"no": "id", "Full name": "name", "birthDate": "birthDate"}


@pytest.mark.parametrize("typed", ["name", "=name", "x=", "x=shoeSize"])
def test_a_mapping_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError, match="--map"):
        read_columns([typed])


def test_a_list_without_any_name_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInputError, match="no column holds a name"):
        Columns(named={}).of(["id", "birthDate"])
    with pytest.raises(InvalidInputError, match="no column `Full name`"):
        Columns(named={"Full name": "name"}).of(["name"])


def test_a_chain_binds_every_question_and_its_order() -> None:
    anna = Query(schema="Person", properties={"name": ("Anna",), "birthDate": ("1988",)})
    turned = Query(schema="Person", properties={"birthDate": ("1988",), "name": ("Anna",)})
    bert = Query(schema="Person", properties={"name": ("Bert",)})
    salt = bytes(32)
    assert chain(salt, [anna]) == chain(salt, [turned])
    assert chain(salt, [anna, bert]) != chain(salt, [bert, anna])
    assert chain(chain(salt, [anna]), [bert]) != chain(salt, [anna, bert])
    told = b'[["Person",[["name",["Bert"]]]]]'
    assert chain(salt, [bert]) == hashlib.sha256(salt + told).digest()
