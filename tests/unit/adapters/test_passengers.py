import csv
import sys
from pathlib import Path

import pytest

from comity.adapters.passengers import format_of, rows_in
from comity.core import limits
from comity.core.errors import InvalidInputError, UnreachableError
from comity.screening.batch import Columns, Row, read_columns

PLAIN = Columns(named={})


def rows(path: Path, data: bytes, columns: Columns = PLAIN) -> list[Row]:
    path.write_bytes(data)
    return list(rows_in(str(path), columns))


def test_headers_are_properties_and_other_columns_are_not_read(tmp_path: Path) -> None:
    data = b"id,name,birthDate,seat\r\n1,Anna Example,1988,12A\r\n2,Bert Sample,,3C\r\n"
    assert rows(tmp_path / "a.csv", data) == [
        Row(2, {"id": "1", "name": "Anna Example", "birthDate": "1988"}),
        Row(3, {"id": "2", "name": "Bert Sample"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_read_from_the_first_line(tmp_path: Path, delimiter: str) -> None:
    data = "id,name\n1,Anna\n".replace(",", delimiter).encode()
    assert rows(tmp_path / "a.csv", data)[0].members == {"id": "1", "name": "Anna"}


def test_two_columns_of_one_property_are_two_values(tmp_path: Path) -> None:
    columns = read_columns(["given=firstName", "other=firstName"])
    found = rows(tmp_path / "a.csv", b"given,other,lastName\nAnna,Ana,Example\n", columns)
    assert found[0].members == {"firstName": ["Anna", "Ana"], "lastName": "Example"}


def test_a_cell_in_quotes_may_run_over_lines(tmp_path: Path) -> None:
    data = b'id,name\n1,"Anna\nExample, the ""first"""\n2,Bert\n'
    found = rows(tmp_path / "a.csv", data)
    assert [(row.line, row.members["id"]) for row in found] == [(2, "1"), (4, "2")]
    assert found[0].members["name"] == 'Anna\nExample, the "first"'


HOSTILE = (
    (b'1,"open\n', "a quote that does not close"),
    (b"1\n", "expected 2 columns, got 1"),
    (b"1,a,b\n", "expected 2 columns, got 3"),
    (b"1,M\xfcller\n", "UTF-8"),
    (b'1,"a"b"\n', "quotes in the wrong place"),
    (b"1," + b"x" * (limits.BODY + 1) + b"\n", "longer than"),
    (b"1," + b"x" * 200_000 + b"\n", "far too long"),
    (b"1," + b",".join([b"x"] * 600) + b"\n", "columns"),
)


@pytest.mark.parametrize(("bad", "told"), HOSTILE, ids=[told for _, told in HOSTILE])
def test_a_bad_row_is_told_with_its_line_and_costs_no_other(
    tmp_path: Path, bad: bytes, told: str
) -> None:
    data = b"id,name\n0,Anna\n" + bad + b"2,Bert\n3,Carla\n"
    found = rows(tmp_path / "a.csv", data)
    assert [row.line for row in found] == [2, 3, 4, 5]
    assert [bool(row.fault) for row in found] == [False, True, False, False]
    assert told in found[1].fault
    assert [row.members.get("id") for row in found[2:]] == ["2", "3"]


def test_many_open_quotes_swallow_nothing(tmp_path: Path) -> None:
    lines = [f'{n},"Anna {n}' if n % 2 else f"{n},Bert {n}" for n in range(200)]
    found = rows(tmp_path / "a.csv", ("id,name\n" + "\n".join(lines)).encode())
    assert [row.line for row in found] == list(range(2, 202))
    assert sum(bool(row.fault) for row in found) == 100


def test_a_ragged_row_keeps_its_id(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.csv", b"id,name,seat\nq-7,Anna\n")[0].members == {"id": "q-7"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", b"id,seat\n1,2\n"),
        ("a.csv", b'"open\n1,2\n'),
        ("a.csv", b"\xff\xfei\x00d\x00"),
        ("a.csv", b"n\xfcme,id\n"),
        ("a.parquet", b"no parquet"),
        ("a.xlsx", b"PK"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        rows(tmp_path / name, data)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot read"):
        list(rows_in(str(tmp_path / "no.csv"), PLAIN))


def test_json_lines_may_be_flat_or_entities(tmp_path: Path) -> None:
    data = (
        b'{"id": 1, "name": "Anna", "seat": 3}\n\n[1]\nnonsense\n'
        b'{"id": "e", "schema": "Person", "properties": {"name": ["Bert"]}}\n'
    )
    found = rows(tmp_path / "a.jsonl", data, read_columns(["seat=notes"]))
    assert found[0] == Row(1, {"id": 1, "name": "Anna", "notes": 3})
    assert [row.line for row in found if row.fault] == [3, 4]
    assert found[-1] == Row(5, {"name": ["Bert"], "id": "e", "schema": "Person"})


class _Without:
    """An import system that has no pyarrow."""

    def find_spec(self, name: str, *_where: object) -> None:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)


@pytest.fixture
def without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Without(), *sys.meta_path])


@pytest.mark.usefixtures("without_pyarrow")
def test_parquet_without_its_library_names_the_extra(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match=r"comity\[parquet\]"):
        rows(tmp_path / "a.parquet", b"")


def test_formats_are_told_by_the_ending() -> None:
    assert [format_of(f"x{end}") for end in (".CSV", ".tsv", ".jsonl", ".parquet")] == [
        *("csv", "csv", "jsonl", "parquet")
    ]


def test_what_python_itself_reads_is_read_alike(tmp_path: Path) -> None:
    cells = [["1", 'a "b" c'], ["2", "x,y"], ["3", "line\nbreak"], ["4", '"']]
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "name"], *cells])
    found = list(rows_in(str(path), PLAIN))
    assert [[row.members["id"], row.members["name"]] for row in found] == cells
