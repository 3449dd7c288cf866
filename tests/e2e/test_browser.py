"""A real browser on a real network: an urgent question by keyboard, counted, without flaw."""

import importlib.util
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol, cast

import pytest

from comity.node.stage import TOLD, Stage, build_stage

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


LATE = 180_000
"""Milliseconds a page may take on a machine with much else to do."""


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
    made.lists = TOLD
    made.start_all()
    try:
        made.wait_ready()
        yield made
    finally:
        made.stop()


class Send(Protocol):
    """Gives a command to the browser itself (Chrome DevTools Protocol)."""

    def __call__(self, method: str, params: Mapping[str, object] = ..., /) -> object:
        """Return what the browser answers."""
        ...


def flaws_of(send: Send) -> list[str]:
    """Return what axe finds; the page's policy forbids it, so it runs in its own world."""
    tree = cast("dict[str, dict[str, dict[str, str]]]", send("Page.getFrameTree"))
    frame = {"frameId": tree["frameTree"]["frame"]["id"]}
    world = cast("dict[str, int]", send("Page.createIsolatedWorld", frame))
    at = {"contextId": world["executionContextId"]}
    send("Runtime.evaluate", {"expression": AXE.read_text("utf-8"), **at})
    asked = {"expression": _RUN, "awaitPromise": True, "returnByValue": True, **at}
    found = cast("dict[str, dict[str, str]]", send("Runtime.evaluate", asked))
    return cast("list[str]", json.loads(found["result"]["value"]))


ASKED = (
    "/law/explain?partner=xa.border&kind=requests.ask/1&purpose=counter-terrorism"
    "&categories=identity&marking=TLP:AMBER"
)
LAW_PAGES = (
    "/law",
    "/law/instruments",
    "/law/instruments?missing=yes",
    "/law/instruments/UN-BOMBINGS-1997",
    "/law/instruments/UN-HOSTAGES-1979",
    "/law/matrix",
    "/law/past",
    "/law/referrals",
    "/law/changes",
    "/law/worklist",
    "/law/readings?row=hostages-4",
    ASKED,
)


def test_no_page_of_the_law_has_a_flaw_in_any_theme_or_direction(stage: Stage) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    norland = stage.players["xn"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        kept = None
        base = norland.sign_in["legal"].partition("/sign-in")[0]
        for theme, lang in (("light", "en"), ("dark", "ar")):
            context = browser.new_context(
                viewport={"width": 1440, "height": 900},
                color_scheme=theme,
                extra_http_headers={"accept-language": lang},
                storage_state=kept,
            )
            page = context.new_page()
            page.set_default_timeout(LATE)
            if kept is None:
                page.goto(norland.sign_in["legal"])
                page.get_by_role("button", name="Sign me in").press("Enter")
                page.wait_for_url("**/")
                kept = context.storage_state()
            for path in LAW_PAGES:
                assert page.goto(f"{base}{path}").status == 200, path
                assert flaws_of(context.new_cdp_session(page).send) == [], (path, theme, lang)
                width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert width <= 0, path
            context.close()
        browser.close()


def test_an_urgent_question_takes_few_inputs_and_no_page_has_a_flaw(  # noqa: PLR0915 - a story
    stage: Stage, tmp_path: Path
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    norland = stage.players["xn"]
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(LATE)

        def flaws() -> list[str]:
            return flaws_of(page.context.new_cdp_session(page).send)

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
        # Contrary signs are offered to be ticked; nobody has to answer that there is none.
        asked = page.locator("#questions fieldset:not(#f-sign-signs)").count()
        assert asked <= QUESTIONS
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
