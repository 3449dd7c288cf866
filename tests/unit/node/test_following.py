"""A disclosure followed back: what was recorded, asked again with the folder's own law."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from tests.unit.node.ground import begin

from comity.core.clock import Instant, from_iso
from comity.core.errors import VerificationError
from comity.core.ids import CaseId, agency_id
from comity.law import as_json, explain, ordinary_facts, shipped_corpus, write_inquiry
from comity.message import Draft, handling
from comity.node.following import followed
from comity.node.stage import Player, Stage
from comity.node.story import Json, Told

AT: Instant = from_iso("2026-11-23T12:00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A node that answers what it is told to answer."""

    player: Player
    answers: Mapping[str, Json]

    def get(self, path: str, /) -> Json:
        return self.answers[path]


def recorded(recipient: str, **changes: object) -> Json:
    corpus = shipped_corpus()
    draft = Draft(
        kind="requests.ask/1",
        originator=agency_id("xn.police"),
        recipient=agency_id(recipient),
        purpose="counter-terrorism",
        at=AT,
        body={},
        handling=handling("TLP:AMBER"),
        case=CaseId("c"),
        categories=frozenset({"identity"}),
        facts=ordinary_facts(corpus.lexicon),
    )
    decision = as_json(explain(draft, corpus))
    found: dict[str, object] = {
        "recorded": {"verdict": decision["verdict"]},
        "question": write_inquiry(draft),
        "decision": decision,
        **changes,
    }
    return found


def follow(folder: Path, sent: Json, denied: Json) -> str:
    begun = begin(folder)
    player = Player(folder=folder, config=begun.config)
    stage = Stage(folder=folder, players={"xn": player}, network=folder)
    listed: list[Json] = [{"reference": "a", "verdict": "permit"}]
    answers: dict[str, Json] = {
        "cases/c/decisions": {"decisions": listed},
        "decisions/a": sent,
        "decisions/b": denied,
    }
    told = Told(case="c", denied={"reference": "b"})
    return followed(stage, told, caller=Recorded(player=player, answers=answers))


def test_both_lead_to_an_article_with_an_address(tmp_path: Path) -> None:
    said = follow(tmp_path / "n", recorded("xa.border"), recorded("xm.justice"))
    assert said.startswith("permit: Bombings Convention, art. 15(b), https://")
    assert "deny: Bombings Convention, art. 15(b), https://" in said


def test_another_verdict_than_the_recorded_one_is_found(tmp_path: Path) -> None:
    other = recorded("xm.justice")
    lie = recorded("xa.border", question=other["question"])
    with pytest.raises(VerificationError, match="recorded permit, asked again deny"):
        follow(tmp_path / "n", lie, other)


def test_a_verdict_without_an_address_is_found(tmp_path: Path) -> None:
    bare = cast("Json", {**recorded("xa.border"), "decision": {"reasons": []}})
    with pytest.raises(VerificationError, match="nothing that says permit has an address"):
        follow(tmp_path / "n", bare, recorded("xm.justice"))
