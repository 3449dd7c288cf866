"""Levels belong to (system, code): holes round up, and the same word is not the same level."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from comity.core.errors import InvalidInputError
from comity.message import classification, code_lists, equivalent, systems

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("ro:Secret", 2),
        ("ro:Strict_secret", 3),
        ("ro:Secret_de_serviciu", 1),
        ("ie:Secret", 3),
        ("es:SECRETO", 4),
        ("es:RESERVADO", 3),
        ("pt:Secreto", 3),
        ("pt:Reservado", 1),
        ("it:Riservato", 1),
        ("it:Riservatissimo", 2),
        ("it:Segretissimo", 4),
        ("nl:Dep._VERTROUWELIJK", 1),
        ("be:Vertrouwelijk", 2),
        ("se:Begränsat_hemlig", 1),
        ("se:Hemlig", 3),
        ("fr:TRÈS_SECRET_DÉFENSE", 4),
        ("fr:SECRET_DÉFENSE", 3),
        ("fr:CONFIDENTIEL_DÉFENSE", 2),
        ("de:VS-NfD", 1),
        ("eu:TS-UE/EU-TS", 4),
        ("nato:CTS", 4),
    ],
)
def test_a_level_is_that_of_the_code_in_its_own_system(written: str, level: int) -> None:
    assert classification(written).level == level


@pytest.mark.parametrize(
    ("level", "system", "written"),
    [
        (1, "be", "be:Confidentiel"),
        (2, "fr", "fr:SECRET"),
        (1, "fr", "fr:SECRET"),
        (2, "gb", "gb:SECRET"),
        (1, "us", "us:CONFIDENTIAL"),
    ],
)
def test_a_hole_rounds_up_and_says_so(level: int, system: str, written: str) -> None:
    found = equivalent(level, system)
    assert str(found) == written
    assert found.level > level
    assert found.is_rounded_up


def test_a_level_that_a_system_has_is_written_in_its_own_long_form() -> None:
    found = equivalent(1, "de")
    assert str(found) == "de:VS-NUR_FÜR_DEN_DIENSTGEBRAUCH"
    assert not found.is_rounded_up


def test_equivalence_never_loosens_in_any_system() -> None:
    for system, codes in systems().items():
        for level in range(1, 5):
            assert equivalent(level, system).level >= level
        for each in codes:
            for other in systems():
                assert equivalent(each.level, other).level >= each.level


def test_no_code_of_old_documents_is_written_anew() -> None:
    old = {each for codes in systems().values() for each in codes if each.is_old}
    assert old
    written = {str(equivalent(n, name)) for name in systems() for n in range(1, 5)}
    assert written.isdisjoint(map(str, old))


def test_what_no_official_text_was_read_for_says_so() -> None:
    unread = {name for name, codes in systems().items() if not codes[0].is_verified}
    assert unread == {"gb", "nato", "us"}
    assert not equivalent(2, "gb").is_verified


def test_every_member_of_the_union_has_its_system() -> None:
    assert len(systems()) == 27 + len({"eu", "nato", "gb", "us"})


@pytest.mark.parametrize("written", ["xn:SECRET", "ro:SECRET", "ro:", "", "fr", "FR:SECRET"])
def test_an_unknown_system_or_code_is_refused(written: str) -> None:
    with pytest.raises(InvalidInputError):
        classification(written)


@pytest.mark.parametrize(("level", "system"), [(0, "eu"), (5, "eu"), (2, "xn"), (-1, "fr")])
def test_no_level_outside_the_scale_has_an_equivalent(level: int, system: str) -> None:
    with pytest.raises(InvalidInputError):
        equivalent(level, system)


def test_an_accent_in_two_spellings_is_one_code() -> None:
    apart = unicodedata.normalize("NFD", "fr:TRÈS_SECRET")
    assert classification(apart) == classification("fr:TRÈS_SECRET")


def test_lists_of_others_are_closed() -> None:
    assert "TEARLINE" in code_lists("acs")["privilege_action"]
    assert "RELIDO" in code_lists("ism")["dissem"]
    assert code_lists("iep")["unmodified_resale"] == ("may", "must-not")


def test_freezing_takes_holes_old_codes_and_short_codes_from_its_source(tmp_path: Path) -> None:
    head = "system,level4_top_secret,level3_secret,level2_confidential,level1_restricted,source"
    row = (
        "FR,TRÈS SECRET (old TRÈS SECRET DÉFENSE),SECRET,(only old CONFIDENTIEL; rest),(none),x"
    )
    (tmp_path / "classification_equivalence.csv").write_text(f"{head}\n{row}\n")
    names = ("acs-marking", "iep2-policy", "dni-ism")
    (tmp_path / "taxonomies").mkdir()
    for name in names:
        (tmp_path / "taxonomies" / f"{name}.json").write_text('{"values": []}')
    (tmp_path / "taxonomies" / "fr-classif.json").write_text(
        json.dumps(
            {
                "values": [
                    {"predicate": "a", "entry": [{"value": "TS", "expanded": "TRES SECRET"}]}
                ]
            }
        )
    )
    script = str(ROOT / "tools" / "freeze_handling.py")
    made = subprocess.run(
        [sys.executable, script, str(tmp_path)], check=True, capture_output=True, text=True
    )
    held = json.loads(made.stdout)["systems"]["fr"]
    assert held["levels"] == {"4": ["TRÈS_SECRET", "TS"], "3": ["SECRET"], "2": [], "1": []}
    assert held["old"]["4"] == ["TRÈS_SECRET_DÉFENSE"]
    assert held["old"]["2"] == ["CONFIDENTIEL"]
