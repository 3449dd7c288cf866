"""The page on quality: figures are put between its marks, and nowhere else."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from bench.quality.chart import picture
from bench.quality.evaluate import errors, judge, report, scorer_of, token_sort, worst
from bench.quality.gathered import OURS, RERANKED, Gathered
from bench.quality.metrics import Bin
from bench.quality.pairs import Entity, Pair
from bench.quality.peers import Peer, PeerMissingError
from bench.quality.report import PAGE, figures, renewed
from bench.quality.retrieval import Row, Run
from bench.quality.tables import tables

NAMES = (
    ("Ana Ruiz", "Ruiz Ana", True),
    ("Ana Ruiz", "Ana Ruis", True),
    ("Ana Ruiz", "Rosa Marchetti", False),
    ("Ana Ruiz", "Tomasz Zielinski", False),
)


def _pair(place: int, asked: str, held: str, *, is_match: bool) -> Pair:
    one, other = (
        Entity(id=f"{place}-{name}", schema="Person", properties={"name": (name,)})
        for name in (asked, held)
    )
    return Pair(
        id=str(place),
        query=one,
        candidate=other,
        is_match=is_match,
        kind="order",
        script="latin",
        split="held-out",
    )


def _gathered(*, missing: str = "") -> Gathered:
    pairs = [
        _pair(place, asked, held, is_match=same)
        for place in range(6)
        for asked, held, same in NAMES
    ]
    judged = judge(pairs, token_sort)
    made = Run((Row("derivable", 1, 0.9),) * 20, (("any", 0.1),) * 20, 2.0)
    searches = {"aliases": {OURS: made} | ({} if missing else {RERANKED: made})}
    scorers = {OURS: (judged, 1e-5)} | ({} if missing else {"logic-v2": (judged, 1e-3)})
    return Gathered("held-out", scorers, searches, {"aliases": 100}, missing)


def test_tables_go_between_their_marks_and_nowhere_else() -> None:
    page = "before\n<!-- figures: pairs -->\nold\n<!-- end -->\nafter\n<!-- end -->\n"
    told = renewed(page, {"pairs": "new | 1", "absent": "never"})
    assert (
        told == "before\n<!-- figures: pairs -->\nnew | 1\n<!-- end -->\nafter\n<!-- end -->\n"
    )
    assert renewed(told, {"pairs": "new | 1"}) == told


def test_the_page_has_a_place_for_every_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in tables(_gathered()):
        assert f"<!-- figures: {name} -->" in page


def test_every_figure_stands_beside_a_peer_of_the_same_run() -> None:
    told = figures(_gathered())
    assert {each.beside.name for each in told if each.beside} == {"logic-v2", RERANKED, "goal"}
    assert all(each.beside for each in told)


def test_without_a_peer_ours_stands_alone() -> None:
    told = figures(_gathered(missing="cannot be had"))
    assert [each.beside.name for each in told if each.beside] == ["goal"]


def test_a_peer_that_cannot_run_is_said_to_be_missing(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o700)
    with pytest.raises(PeerMissingError, match="without an answer"):
        Peer(tmp_path)


def test_the_curve_is_a_picture_with_a_dot_for_each_bin() -> None:
    drawn = ET.fromstring(picture([Bin(5, 0.2, 0.1), Bin(5, 0.8, 0.9)], error=0.1))  # noqa: S314
    assert len(drawn.findall("{http://www.w3.org/2000/svg}circle")) == 2


def test_a_judged_split_is_told_in_lines() -> None:
    judged = _gathered().pairs[OURS][0]
    assert report(judged)[1].split()[:2] == ["all", "24"]
    assert errors(judged, lambda pair: pair.kind, 0.7)[1].split() == [
        "order",
        "12",
        "0.000",
        "12",
        "0.000",
    ]
    assert "other order" in worst(judged, 1)[0] or "same  order" in worst(judged, 1)[0]


def test_a_scorer_is_named_or_found_by_its_module() -> None:
    assert scorer_of("token_sort") is scorer_of("bench.quality.evaluate:token_sort")
