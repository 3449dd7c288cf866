import pytest

from comity.core.errors import InvalidInputError, LimitError
from comity.interop import Import, Terms, import_ofac, sample_ofac
from comity.interop.ofac import import_ofac as read

NULL = "-0- "


def sdn(number: str, name: str, kind: str = NULL, *, remarks: str = NULL) -> str:
    columns = [number, f'"{name}"', kind, '"SDGT] [IFSR"', *[NULL] * 7, f'"{remarks}"']
    return ",".join(columns) + "\r\n"


def said(done: Import, prop: str) -> set[str]:
    return {each.value for each in done.statements if each.prop == prop}


def loaded(terms: Terms, *rows: str, alt: str = "", add: str = "") -> Import:
    files = {"sdn.csv": "".join(rows), "alt.csv": alt, "add.csv": add}
    return import_ofac({k: v.encode() for k, v in files.items()}, terms=terms)


@pytest.mark.no_cover  # the same lines for each of 18,000 entries
def test_the_whole_list_of_2021_is_taken(terms: Terms) -> None:
    done = import_ofac(sample_ofac().files, terms=terms)
    counts = dict(done.counts)
    assert counts.pop("UnknownLink") > 2_000
    assert counts == {
        "Person": 4_620,
        "Organization": 3_673,
        "Vessel": 406,
        "Airplane": 277,
    }
    people = [each for each in done.statements if each.schema == "Person"]
    born = {each.entity_id for each in people if each.prop == "birthDate"}
    holders = {each.entity_id for each in people if each.prop == "passportNumber"}
    assert (len(born), len(holders)) == (4_428, 1_191)
    assert done.rejections == len(done.rejected) < 40
    assert len({each.statement_id for each in done.statements}) == len(done.statements)


def test_a_person_is_named_in_speaking_order_and_as_written(terms: Terms) -> None:
    done = loaded(terms, sdn("7", "DOE, John Q", '"individual"'))
    (name,) = (each for each in done.statements if each.prop == "name")
    assert (name.value, name.original_value) == ("John Q DOE", "DOE, John Q")
    assert said(done, "program") == {"SDGT", "IFSR"}


def test_remarks_are_read_and_what_no_property_holds_is_noted(terms: Terms) -> None:
    remarks = (
        "DOB 15 Sep 1973; alt. DOB circa 1951; alt. DOB 1984 to 1986; POB Kirkuk, Iraq; "
        "nationality Korea, North; Gender Male; Passport F 572010 (Iraq) issued 22 Dec 2004; "
        "a.k.a. 'MUJIB, Abdul'; a.k.a. ''FUPI''; Linked To: ACME; Minister of Tests."
    )
    done = loaded(terms, sdn("7", "DOE, J", '"individual"', remarks=remarks), sdn("8", "ACME"))
    assert said(done, "birthDate") == {"1973-09-15", "1951", "1984", "1986"}
    assert said(done, "birthPlace") == {"Kirkuk, Iraq"}
    assert (said(done, "nationality"), said(done, "gender")) == ({"kp"}, {"male"})
    assert said(done, "passportNumber") == {"F 572010"}
    assert said(done, "weakAlias") == {"MUJIB, Abdul", "FUPI"}
    assert {"Linked To: ACME", "Minister of Tests"} <= said(done, "notes")
    assert (said(done, "subject"), said(done, "object")) == ({"ofac-7"}, {"ofac-8"})
    originals = {each.original_value for each in done.statements if each.prop == "birthDate"}
    assert "circa 1951" in originals
    assert done.rejected == ()


def test_two_bearers_of_a_name_are_not_linked_by_guess(terms: Terms) -> None:
    remarks = "Linked To: ACME."
    rows = (sdn("7", "X", remarks=remarks), sdn("8", "ACME"), sdn("9", "ACME"))
    assert "UnknownLink" not in loaded(terms, *rows).counts


def test_ctrl_z_is_the_end_and_no_row(terms: Terms) -> None:
    assert loaded(terms, sdn("7", "ACME"), "\x1a").rejected == ()


def test_aliases_and_addresses_join_their_entry(terms: Terms) -> None:
    done = loaded(
        terms,
        sdn("7", "ACME"),
        alt=f'7,1,"aka","ACME TWO",{NULL}\r\n7,2,"fka","OLD","was, once"\r\n'
        f'7,3,"?","X",{NULL}\r\n',
        add=f'7,1,"1 Road","Tehran","Iran",{NULL}\r\n7,2,{NULL},{NULL},"Iran","head office"\r\n'
        f'8,3,{NULL},{NULL},"Iran",{NULL}\r\n7,4,{NULL},{NULL},"Atlantis",{NULL}\r\n',
    )
    assert (said(done, "alias"), said(done, "previousName")) == ({"ACME TWO"}, {"OLD"})
    assert said(done, "address") == {"1 Road, Tehran, Iran"}
    assert said(done, "country") == {"ir"}
    assert said(done, "notes") == {"was, once", "head office"}
    places = [(each.file, each.line, each.field) for each in done.rejected]
    assert places == [
        ("alt.csv", 3, "type"),
        ("add.csv", 3, "ent_num"),
        ("add.csv", 4, "country"),
    ]


def test_vessels_keep_their_columns(terms: Terms) -> None:
    row = '9,"SHIP","vessel",-0- ,"Flagship","9HDS9","Tanker","99,087","56,068","Iran","ACME",'
    imo = "Vessel Registration Identification IMO 9187631"
    remarks = f'"{imo}; MMSI 256845000; Former Vessel Flag Malta."'
    done = loaded(terms, row + remarks + "\r\n")
    assert said(done, "callSign") == {"9HDS9"}
    assert said(done, "imoNumber") == {"IMO9187631"}
    assert (said(done, "flag"), said(done, "pastFlags")) == ({"ir"}, {"mt"})
    assert (said(done, "tonnage"), said(done, "mmsi")) == ({"99,087"}, {"256845000"})
    assert said(done, "notes") == {"Flagship", "Vessel Owner: ACME"}


def test_a_number_with_a_wrong_check_digit_is_rejected_and_noted(terms: Terms) -> None:
    remarks = "Vessel Registration Identification IMO 9187632."
    done = loaded(terms, sdn("7", "ACME", '"vessel"', remarks=remarks))
    assert said(done, "imoNumber") == set()
    assert said(done, "notes") == {"Vessel Registration Identification IMO 9187632"}
    (rejected,) = done.rejected
    assert "9187632" not in rejected.journal() + repr(rejected)
    assert rejected.value == "IMO 9187632"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("7,short\r\n", "row"),
        (sdn("x", "ACME"), "ent_num"),
        (sdn("1", "TWICE"), "ent_num"),
        (sdn("7", "ACME", '"spaceship"'), "type"),
        (sdn("7", "A\x00B"), "name"),
    ],
)
def test_a_bad_row_never_costs_a_good_one(terms: Terms, row: str, field: str) -> None:
    done = loaded(terms, sdn("1", "GOOD"), row)
    assert [(each.field, each.line) for each in done.rejected] == [(field, 2)]
    assert "GOOD" in said(done, "name")


def test_without_the_main_file_nothing_is_read(terms: Terms) -> None:
    with pytest.raises(InvalidInputError):
        read({"alt.csv": b""}, terms=terms)


def test_a_name_of_ten_thousand_letters_is_rejected(terms: Terms) -> None:
    done = loaded(terms, sdn("1", "A" * 10_000), sdn("2", "B"))
    assert said(done, "name") == {"B"}
    assert "at most" in done.rejected[0].reason


def test_a_file_over_the_limit_is_not_read() -> None:
    from comity.interop.intake import bounded  # noqa: PLC0415 - the limit itself is the subject

    with pytest.raises(LimitError):
        bounded(b"123", limit=2)
