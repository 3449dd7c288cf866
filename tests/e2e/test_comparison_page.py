"""The comparison in a real browser: no flaw in either theme or direction, and by keyboard."""

import importlib.util
import mimetypes
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from tests.e2e.test_browser import CHROMIUM, flaws_of
from tests.unit.console.conftest import EXAMPLES

from comity.console import render
from comity.console.parts import Theme

STATIC = Path(__file__).parents[2] / "src/comity/console/static"
SEEN = (
    ("light/en/comparison-final", 1440),
    ("dark/ar/comparison-final", 1440),
    ("light/ar/candidates", 390),
    ("dark/en/comparison-first", 390),
)
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(
        not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None,
        reason="no browser here",
    ),
]


def answer(path: str) -> tuple[bytes, str]:
    """Return what stands at an address: a page in a form, `/dark/ar/NAME`, or a static file."""
    if path.startswith("/static/"):
        name = path.removeprefix("/static/").partition("?")[0]
        return (STATIC / name).read_bytes(), mimetypes.guess_type(name)[0] or "text/plain"
    theme, lang, name = path.strip("/").split("/")
    page, shell = EXAMPLES[name]
    text = render(page, replace(shell, theme=Theme(theme), lang=lang))
    return text.encode(), "text/html; charset=utf-8"


class Request(Protocol):
    """What the browser asks for."""

    url: str


class Route(Protocol):
    """A request that the browser leaves to us."""

    request: Request

    def fulfill(self, *, body: bytes, content_type: str) -> None:
        """Answer it."""
        ...


def fulfil(route: Route) -> None:
    body, sort = answer(route.request.url.removeprefix("http://console.test"))
    route.fulfill(body=body, content_type=sort)


def test_no_comparison_has_a_flaw_and_a_view_is_chosen_by_keyboard() -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for address, width in SEEN:
            context = browser.new_context(viewport={"width": width, "height": 900})
            page = context.new_page()
            page.set_default_timeout(180_000)
            page.route("http://console.test/**", fulfil)
            page.goto(f"http://console.test/{address}")
            flaws = flaws_of(context.new_cdp_session(page).send)
            assert flaws == [], (address, width)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            if address.endswith("-first"):
                page.keyboard.press("2")
                chosen = page.locator("[name=judgement]:checked")
                assert chosen.get_attribute("value") == "different"
        browser.close()
