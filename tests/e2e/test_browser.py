"""A real browser on a real network: an urgent question by keyboard, counted, without flaw."""

import importlib.util
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from comity.node.stage import Stage, build_stage

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent / "vendor/axe.min.js"
INPUTS, QUESTIONS = 12, 5
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(
        not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None,
        reason="no browser here",
    ),
]
_RUN = "axe.run().then(found => JSON.stringify(found.violations.map(each => each.id)))"


def free_port() -> int:
    """Find eight ports in a row that nobody listens on."""
    for first in range(8920, 9900, 20):
        try:
            for port in range(first, first + 8):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = build_stage(tmp_path_factory.mktemp("network"), nodes=2, port=free_port())
    made.start_all()
    try:
        made.wait_ready()
        yield made
    finally:
        made.stop()


def test_an_urgent_question_takes_few_inputs_and_no_page_has_a_flaw(  # noqa: PLR0915 - a story
    stage: Stage, tmp_path: Path
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    norland = stage.players["xn"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()

        def flaws() -> list[str]:
            # The page's policy forbids foreign scripts, so axe runs in a world of its own.
            session = page.context.new_cdp_session(page)
            frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
            world = session.send("Page.createIsolatedWorld", {"frameId": frame})
            at = {"contextId": world["executionContextId"]}
            session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8"), **at})
            asked = {"expression": _RUN, "awaitPromise": True, "returnByValue": True, **at}
            found = session.send("Runtime.evaluate", asked)["result"]["value"]
            return cast("list[str]", json.loads(found))

        page.goto(norland.sign_in["officer"])
        inputs = 0
        page.get_by_role("button", name="Sign me in").press("Enter")
        page.wait_for_url("**/")
        assert flaws() == []
        page.keyboard.press("n")
        page.wait_for_url("**/compose")
        inputs += 2
        typed = {
            "body.question": "Did she cross at Port Halden?",
            "body.subjects/0/properties/name": "Anna Example",
            "body.subjects/0/properties/birthDate": "1988-04-17",
        }
        for name, text in typed.items():
            page.locator(f'[name="{name}"]').focus()
            page.keyboard.type(text)
        chosen = {
            "body.subject_status": "suspect",
            "body.urgency_ground": "suspect-may-flee",
            "purpose": "counter-terrorism",
        }
        for name, code in chosen.items():
            page.select_option(f'select[name="{name}"]', code)
        page.locator('[name="partner"][value="xa.border"]').press("Space")
        inputs += len(typed) + len(chosen) + 1
        page.wait_for_selector("#questions fieldset")
        assert flaws() == []
        answers = {
            "political_offence": "no",
            "conduct": "conduct_bombing",
            "stage": "for_investigation",
            "free_text_sensitive": "no",
        }
        assert page.locator("#questions fieldset").count() <= QUESTIONS
        for name, code in answers.items():
            page.locator(f'[name="fact.{name}"][value="{code}"]').press("Space")
        page.wait_for_selector(".law .verdict.warn >> text=Permitted")
        page.keyboard.press("Control+Enter")
        inputs += 1
        page.wait_for_url("**/cases/**")
        assert flaws() == []
        page.screenshot(path=str(tmp_path / "case.png"))
        assert inputs <= INPUTS
        assert len(answers) <= QUESTIONS
        browser.close()
