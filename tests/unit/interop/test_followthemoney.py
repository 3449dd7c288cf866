import json

import pytest

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.interop import Import, Reading, Terms, batches, import_ftm, read_ftm


def line(name: str = "a-1", **more: object) -> bytes:
    members = {"id": name, "schema": "Person", "properties": {"name": ["Anna"]}} | more
    return json.dumps(members).encode() + b"\n"


def said(done: Import) -> set[tuple[str, str]]:
    return {(each.prop, each.value) for each in done.statements}


def test_an_export_of_entities_is_read(terms: Terms) -> None:
    done = import_ftm(line(caption="Anna", datasets=["x"], target=True), terms=terms)
    assert (said(done), done.rejected) == ({("name", "Anna")}, ())


def test_the_same_statement_has_the_same_id_in_every_edition(terms: Terms) -> None:
    one, other = (import_ftm(line(), terms=terms).statements[0] for _ in range(2))
    assert one.statement_id == other.statement_id
    assert "Anna" not in one.statement_id


@pytest.mark.parametrize(
    "bad",
    [
        b"{\n",
        b"[]\n",
        b"\xff\n",
        b"[" * 100_000 + b"\n",
        line(shoe="42"),
        line(schema="Robot"),
        line(schema=None),
        line(id=7),
        line(properties=["name"]),
        line(properties={"name": [7]}),
        line(properties={"shoeSize": ["42"]}),
        line(properties={"name": ["x"] * (limits.ENTRIES + 1)}),
        b'"' + b"x" * (2 * limits.BODY) + b'"\n',
    ],
)
def test_a_bad_line_is_rejected_and_the_next_one_read(terms: Terms, bad: bytes) -> None:
    done = import_ftm(bad + line("a-2"), terms=terms)
    assert done.rejected[0].line == 1
    assert {each.entity_id for each in done.statements} == {"a-2"}


def test_a_single_value_need_not_stand_in_a_list(terms: Terms) -> None:
    assert said(import_ftm(line(properties={"name": "Anna"}), terms=terms)) == {
        ("name", "Anna")
    }


def test_a_large_file_comes_in_batches(terms: Terms) -> None:
    data = b"".join(line(f"a-{n}") for n in range(5)) + b"{\n\n"
    reading = Reading("x.json")
    made = list(batches(read_ftm(data, reading), reading=reading, terms=terms, size=2))
    assert [len(each.statements) for each in made] == [2, 2, 1]
    assert [each.rejections for each in made] == [0, 0, 1]


def test_a_file_in_utf16_is_refused(terms: Terms) -> None:
    with pytest.raises(InvalidInputError):
        import_ftm("{}".encode("utf-16"), terms=terms)
