import pytest

from comity.core.errors import InvalidInputError
from comity.interop import Import, Terms, import_csv


def said(done: Import) -> set[tuple[str, str]]:
    return {(each.prop, each.value) for each in done.statements}


def rejected(done: Import) -> list[tuple[int, str]]:
    return [(each.line, each.field) for each in done.rejected]


def test_headers_are_properties_and_a_bar_parts_values(terms: Terms) -> None:
    data = "id,schema,name,nationality\r\na-1,Person,Anna Example | A. Example,XN|ir\r\n"
    done = import_csv(b"\xef\xbb\xbf" + data.encode(), terms=terms)
    assert said(done) == {
        ("name", "Anna Example"),
        ("name", "A. Example"),
        ("nationality", "xn"),
        ("nationality", "ir"),
    }
    assert done.rejected == ()


def test_a_spreadsheet_with_semicolons_is_read(terms: Terms) -> None:
    assert said(import_csv(b"id;schema;name\na-1;Person;Anna\n\n", terms=terms)) == {
        ("name", "Anna")
    }


def test_good_rows_stay_when_bad_ones_are_rejected(terms: Terms) -> None:
    data = (
        b"id,schema,name,birthDate,shoeSize\n"
        b"a-1,Person,Anna,1970-13-40,\n"
        b"a-2,Robot,R2,,\n"
        b"a b,Person,Bad id,,\n"
        b"a-3,Person\n"
        b"a-4,Person,\xe9t\xe9,,\n"
        b"a-5,Thing,Abstract,,\n"
        b"a-6,Person,Berta,,42\n"
    )
    done = import_csv(data, terms=terms)
    assert said(done) == {("name", "Anna"), ("name", "Berta")}
    assert rejected(done) == [
        (2, "birthDate"),
        (3, "row"),
        (4, "row"),
        (5, "row"),
        (6, "name"),
        (6, "id"),
        (7, "row"),
        (8, "shoeSize"),
    ]
    assert "1970" not in " ".join(each.journal() for each in done.rejected)
    assert "9999-99-99" in done.rejected[0].journal()


@pytest.mark.parametrize(
    "row", ['a-1,Person,"' + "x" * 200_000, "a-1,Person," + "x" * 40_000, "," * 600]
)
def test_a_bomb_in_a_row_is_rejected_and_the_next_row_read(terms: Terms, row: str) -> None:
    data = f"id,schema,name\n{row}\na-2,Person,Berta\n"
    done = import_csv(data.encode(), terms=terms)
    assert done.rejections == 1
    assert len(done.rejected[0].value) <= 1_000


@pytest.mark.parametrize("data", [b"", b"name\nAnna\n", "id,schema".encode("utf-16")])
def test_a_file_that_is_no_such_table_is_refused_whole(terms: Terms, data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        import_csv(data, terms=terms)
