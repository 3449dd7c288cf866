"""`comity watch`: what lives, what was requested, and the acts on it, from a terminal."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.unit.cli.terminal import Terminal
from tests.unit.cli.test_verifying import token_of
from tests.unit.node.ground import NORLAND, Town

from comity.cli import watching
from comity.cli.client import Client
from comity.cli.command import Given, Run
from comity.cli.say import Document

CASE = "2026-0000000000"
WATCH: Document = {
    "case": CASE,
    "asker": "xa.border",
    "purpose": "counter-terrorism",
    "started": "2026-11-27T08:00:00Z",
    "started_by": "xn.police/7f3a",
    "until": "2026-12-17T08:00:00Z",
    "renewals": 1,
}
REQUESTED: Document = {
    "asker": "xa.border",
    "days": 20,
    "reason": "She is expected.",
    "verdict": "permit",
    "reasons": [{"outcome": "permit", "rule": "watch-ends", "cite": "art. 5"}],
    "has_ended": False,
    "watch": None,
}


def test_where_no_watch_lives_it_is_said_how_one_begins(
    comity: Terminal, town: Town, tmp_path: Path
) -> None:
    officer = token_of(town.node(NORLAND), "officer", tmp_path)
    shown = comity("watch", "list", *officer)
    assert "watch_days" in shown.err
    assert "comity watch start CASE" in shown.err
    assert comity("watch", "list", "--json", *officer).json == {"watches": []}
    for word in ("show", "start", "decline", "end", "found"):
        assert comity("watch", word, CASE, *officer).code == 1
    assert comity("watch", "renew", CASE, "--reason", "Still expected.", *officer).code == 1
    assert comity("watch", "renew", CASE, *officer).code == 2


def answers(answer: Document) -> Client:
    """Return the way to a node that answers this, whatever is asked."""

    def told(_request: Request) -> JSONResponse:
        return JSONResponse(answer)

    return Client(Starlette(routes=[Route("/{rest:path}", told, methods=["GET", "POST"])]), "t")


def lines(run: Run, answer: Document) -> str:
    given = Given(client=answers(answer), values={"case": CASE, "reason": "Put off."})
    said = run(given)
    assert said.document == answer
    return "\n".join(said.lines)


def test_the_list_names_who_started_and_renewed_and_nothing_more() -> None:
    shown = lines(watching.list_watches, {"watches": [WATCH]})
    assert "started 2026-11-27T08:00:00Z by xn.police/7f3a  renewed 1 times" in shown
    assert "renewed" not in lines(
        watching.list_watches, {"watches": [{**WATCH, "renewals": 0}]}
    )


@pytest.mark.parametrize("run", [watching.show, watching.start, watching.renew])
def test_what_was_requested_is_shown_beside_the_law(run: Run) -> None:
    assert "no watch is kept" in lines(run, REQUESTED)
    assert "it has ended" in lines(run, {**REQUESTED, "has_ended": True})
    kept = lines(run, {**REQUESTED, "watch": WATCH})
    assert "xa.border requested 20 days: She is expected." in kept
    assert "permit  watch-ends  art. 5" in kept
    assert "kept until 2026-12-17T08:00:00Z" in kept


def test_who_came_in_is_listed_for_a_person() -> None:
    assert "nobody came in" in lines(watching.found, {"candidates": []})
    one: Document = {"entity": "p-1", "name": "Anna Example", "dataset": "own-file"}
    assert lines(watching.found, {"candidates": [one]}) == "p-1  Anna Example  own-file"


def test_what_ended_and_what_was_declined_is_said() -> None:
    assert "destroyed" in lines(watching.end, {})
    assert "its asker is told" in lines(watching.decline, {})
