"""The record of processing: every field of the law, with its source, and nothing guessed."""

from dataclasses import replace

from tests.unit.node.ground import NORLAND, Town, begin

from comity.node.config import FILE, read_config, write_config
from comity.node.processing import Processing, markdown, processing_of
from comity.node.settings import Record

WHOLE = Record(
    controller="Norland Police, Harbour Road 1, Halden",
    officer="dpo@police.example",
    joint=("Norland Border Agency",),
    authority="Data Protection Commission",
    measures=("guarded rooms",),
)


def record(town: Town) -> Processing:
    return processing_of(town.node(NORLAND), passphrase=None)


def test_every_point_of_the_article_has_its_entry_and_its_source(town: Town) -> None:
    entries = record(town).entries
    assert sorted({each.led for each in entries}) == list("abcdefghi")
    assert {each.gdpr for each in entries} >= set("abcdefg")
    assert all(each.source for each in entries)
    assert all(each.words or each.missing for each in entries)


def test_what_only_the_controller_knows_is_missing_until_it_is_said(town: Town) -> None:
    home = town.node(NORLAND)
    missing = [each.field for each in record(town).entries if each.missing]
    assert "Joint controllers and data protection officer" in missing
    config = replace(read_config(home), record=WHOLE)
    (home / FILE).write_text(write_config(config), "utf-8")
    found = record(town)
    assert [each for each in found.entries if each.missing] == []
    text = markdown(found)
    for words in (WHOLE.controller, WHOLE.officer, *WHOLE.joint, *WHOLE.measures):
        assert words in text


def test_it_says_what_this_node_does_and_not_another(town: Town) -> None:
    said = {each.field: " ".join(each.words) for each in record(town).entries}
    assert "xn police" in said["Controller"]
    assert "+000 55 0100" in said["Controller"]
    assert "xa border" in said["Categories of recipients"]
    assert "xn police" not in said["Categories of recipients"]
    assert "suspect" in said["Categories of data subjects"]
    assert "biometric" in said["Categories of personal data"]
    assert "special category" in said["Categories of personal data"]
    assert "IN CLEAR" in said["Technical and organisational security measures"]
    assert "180 days" in said["Time limits for erasure"]


def test_a_node_outside_every_network_has_a_record_too(town: Town) -> None:
    begin(town.folder / "alone")
    found = processing_of(town.folder / "alone", passphrase=None)
    said = {each.field: " ".join(each.words) for each in found.entries}
    assert "nobody" in said["Categories of recipients"]
    assert "contact details" in next(
        each.missing for each in found.entries if each.field == "Controller"
    )
