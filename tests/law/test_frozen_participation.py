"""Freezing tables of participation: what a source may and may not prove."""

import csv
import io
import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "freeze_participation.py"))
main = cast("Callable[[Sequence[str]], int]", TOOL["main"])

INSTRUMENTS = """id,in_force
UN-BOMBINGS-1997,2001-05-23
UN-PLASTIC-1991,1998-06-21
OAS-CICTE-2002,2003-07-10
UN-CAT-1984,1987-06-26
UN-FINANCING-1999,2002-04-10
"""
DATED = """instrument,iso2,participant,signed,bound,action,in_force_from_computed,as_of,source
UN-BOMBINGS-1997,NA,Namibia,1998-01-12,,,,2015-03-14,first list
UN-BOMBINGS-1997,NO,Norway,1998-09-28,1999-09-20,ratification,2001-05-23,2015-03-14,first list
UN-BOMBINGS-1997,FR,France,,2005-01-01,accession,2005-01-31,2015-03-14,first list
UN-CAT-1984,FR,France,,1986-02-18,ratification,1987-06-26,2015-03-14,first list
UN-CAT-1984,NO,Norway,,1986-07-09,ratification,1987-06-26,2015-03-14,first list
UN-CAT-1984,GB,United Kingdom,,1988-12-08,ratification,1989-01-07,2015-03-14,first list
"""
EXTRA = """instrument,iso2,signed,bound,in_force,action,as_of,source_url,note
UN-BOMBINGS-1997,NO,,,,party,2021,second list,named as party
UN-BOMBINGS-1997,FR,,2005-02-02,,accession,2016,second list,
UN-BOMBINGS-1997,TR,,,,party,2021,second list,named as party
UN-BOMBINGS-1997,HK,,2001-02-02,,territorial application,2016,second list,
UN-BOMBINGS-1997,KZ,,2006-03-01,,accession,,second list,
UN-BOMBINGS-1997,SK,,2006-03-01,,succession,2016,second list,
UN-BOMBINGS-1997,CU,,,,party,,second list,
UN-PLASTIC-1991,TR,,2000-01-01,,accession,2015-11-25,second list,
UN-PLASTIC-1991,BY,,2002-02-01,2002-04-07,accession,2015-11-25,second list,dates doubtful
UN-PLASTIC-1991,CU,,1990-01-01,,accession,2015-11-25,second list,
OAS-CICTE-2002,CL,,2004-09-29,,,2005-11 (CO later),third list,
OAS-CICTE-2002,US,,2005-11-15,,,2005-11 (CO later),third list,
OAS-CICTE-2002,CO,,2008-06-24,,,2005-11 (CO later),third list,
"""
STATUS = """instrument,iso2,state_party,year,as_of,source
UN-CAT-1984,FR,0,,2022-08,status list
UN-CAT-1984,NO,1,1976,2022-08,status list
UN-CAT-1984,GB,1,1988,2022-08,status list
UN-CAT-1984,TP,1,2003,2022-08,status list
UN-CAT-1984,FJ,1,2016,2022-08,status list
UN-CAT-1984,CU,0,,2022-08,status list
"""
NOTES = """instrument,iso2,article,kind,status,effect_for_a_program,as_of,source_url
UN-FINANCING-1999,EG,24(1),reservation,as listed,no arbitration,2013-08-08,notes
UN-FINANCING-1999,EG,2(1)(b),reservation,as listed,definition narrowed,2013-08-08,notes
UN-FINANCING-1999,US,"2(1)(b), 21",understanding,as listed,armed conflict,2013-08-08,notes
UN-FINANCING-1999,PH,2(2)(a),declaration,withdrawn,withdrawn by notice of 25 Jun 2004,,notes
UN-FINANCING-1999,BE,14,reservation,withdrawn,Withdrawn (gazette III 144/2008),,notes
UN-FINANCING-1999,RU,15,declaration,as listed,without weakening accountability,2013,notes
UN-FINANCING-1999,YE,recognition,declaration,as listed,relation in doubt,2013,notes
UN-FINANCING-1999,KW,,declaration,text not read,unknown until read,2013,notes
"""
PACK = """pack: universal
instruments:
  - {id: UN-BOMBINGS-1997}
  - {id: UN-PLASTIC-1991}
  - {id: OAS-CICTE-2002}
  - {id: UN-CAT-1984}
  - {id: UN-FINANCING-1999}
"""


@pytest.fixture(name="source")
def a_folder_of_sources(tmp_path: Path) -> Path:
    texts = {"instruments": INSTRUMENTS, "parties_one": DATED, "parties_two": EXTRA}
    for name, text in {**texts, "hr_status_x": STATUS, "reservations": NOTES}.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "universal.yaml").write_text(PACK)
    return tmp_path


def _frozen(source: Path, kind: str = "parties") -> dict[tuple[str, str, str], dict[str, str]]:
    main([str(source), "--packs", str(source)])
    text = (source / f"universal-{kind}.csv").read_text()
    return {
        (row["instrument"], row["party"], row.get("article", "")): row
        for row in csv.DictReader(io.StringIO(text))
    }


@pytest.mark.parametrize(
    ("instrument", "party", "said"),
    [
        ("UN-BOMBINGS-1997", "NA", ("signatory", "", "2015-03-14")),
        ("UN-BOMBINGS-1997", "NO", ("bound", "2001-05-23", "2021-12-31")),
        ("UN-BOMBINGS-1997", "FR", ("doubtful", "", "2016-12-31")),
        ("UN-BOMBINGS-1997", "TR", ("party", "", "2021-12-31")),
        ("UN-BOMBINGS-1997", "HK", ("territory", "", "2016-12-31")),
        ("UN-BOMBINGS-1997", "KZ", ("bound", "2006-03-31", "")),
        ("UN-BOMBINGS-1997", "SK", ("bound", "2006-03-01", "2016-12-31")),
        ("UN-PLASTIC-1991", "TR", ("bound", "2000-03-01", "2015-11-25")),
        ("UN-PLASTIC-1991", "BY", ("doubtful", "", "2015-11-25")),
        ("UN-PLASTIC-1991", "CU", ("bound", "1998-06-21", "2015-11-25")),
        ("OAS-CICTE-2002", "CL", ("party", "", "2005-11-30")),
        ("OAS-CICTE-2002", "US", ("doubtful", "", "2005-11-30")),
        ("OAS-CICTE-2002", "CO", ("doubtful", "", "2008-06-24")),
        ("UN-CAT-1984", "FR", ("doubtful", "", "2015-03-14")),
        ("UN-CAT-1984", "NO", ("doubtful", "", "2022-08-31")),
        ("UN-CAT-1984", "GB", ("bound", "1989-01-07", "2022-08-31")),
        ("UN-CAT-1984", "TL", ("doubtful", "", "2022-08-31")),
        ("UN-CAT-1984", "FJ", ("party", "", "2022-08-31")),
    ],
)
def test_a_row_says_what_its_sources_prove_and_no_more(
    source: Path, instrument: str, party: str, said: tuple[str, str, str]
) -> None:
    row = _frozen(source)[instrument, party, ""]
    assert (row["status"], row["in_force"], row["as_of"]) == said


def test_a_day_on_which_a_party_leaves_is_kept(source: Path) -> None:
    lines = DATED.splitlines()
    left = [line + (",until" if number == 0 else ",") for number, line in enumerate(lines)]
    left[2] += "2024-05-01"
    (source / "parties_one.csv").write_text("\n".join(left) + "\n")
    assert _frozen(source)["UN-BOMBINGS-1997", "NO", ""]["until"] == "2024-05-01"


def test_what_no_source_dates_and_what_one_denies_is_not_written(source: Path) -> None:
    written = {(instrument, party) for instrument, party, _ in _frozen(source)}
    assert ("UN-BOMBINGS-1997", "CU") not in written
    assert ("UN-CAT-1984", "CU") not in written


@pytest.mark.parametrize(
    ("party", "article", "effect", "until"),
    [
        ("EG", "24(1)", "none", ""),
        ("EG", "2(1)(b)", "doubt", ""),
        ("US", "2(1)(b)", "none", ""),
        ("US", "21", "none", ""),
        ("PH", "2(2)(a)", "doubt", "2004-06-25"),
        ("BE", "14", "doubt", "2008-12-31"),
        ("RU", "15", "none", ""),
        ("YE", "", "doubt", ""),
        ("KW", "", "doubt", ""),
    ],
)
def test_a_reservation_has_the_effect_of_its_article(
    source: Path, *, party: str, article: str, effect: str, until: str
) -> None:
    row = _frozen(source, "reservations")["UN-FINANCING-1999", party, article]
    assert (row["effect"], row["until"]) == (effect, until)


def test_a_relation_in_doubt_is_in_doubt_towards_one_state(source: Path) -> None:
    row = _frozen(source, "reservations")["UN-FINANCING-1999", "YE", ""]
    assert row["counterpart"] == "IL"


def test_a_stale_table_is_found(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _frozen(source)
    asked = [str(source), "--packs", str(source), "--check"]
    assert main(asked) == 0
    (source / "parties_one.csv").write_text(DATED.replace("2015-03-14", "2016-03-14"))
    assert main(asked) == 1
    assert "stale: universal-parties.csv" in capsys.readouterr().out


def test_an_instrument_no_pack_declares_is_named_and_left_out(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "universal.yaml").write_text(PACK.replace("  - {id: UN-CAT-1984}\n", ""))
    assert ("UN-CAT-1984", "GB", "") not in _frozen(source)
    assert "no pack declares them: UN-CAT-1984" in capsys.readouterr().out


def test_a_country_is_looked_up_exactly(source: Path) -> None:
    (source / "parties_one.csv").write_text(DATED.replace(",NA,", ",Niger,"))
    with pytest.raises(ValueError, match="unknown country `Niger`"):
        main([str(source), "--packs", str(source)])


def test_a_withdrawal_without_a_date_is_refused(source: Path) -> None:
    (source / "reservations.csv").write_text(NOTES.replace("25 Jun 2004", "late"))
    with pytest.raises(ValueError, match="names its date"):
        main([str(source), "--packs", str(source)])
