"""Example pages, as the preview tool reads them."""

import runpy
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from comity.console import render
from comity.console.parts import Shell
from comity.console.views import Page

ROOT = Path(__file__).parents[3]
Example = tuple[str, Page, Shell]
_read = cast(
    "Callable[[], Iterable[Example]]",
    runpy.run_path(str(ROOT / "tools/preview_console.py"))["examples"],
)
EXAMPLES = {name: (page, shell) for name, page, shell in _read()}


@pytest.fixture(params=sorted(EXAMPLES))
def example(request: pytest.FixtureRequest) -> Example:
    name = cast("str", request.param)
    page, shell = EXAMPLES[name]
    return name, page, shell


@pytest.fixture(params=["en", "ar"])
def html(request: pytest.FixtureRequest, example: Example) -> str:
    _, page, shell = example
    return render(page, replace(shell, lang=cast("str", request.param)))


@pytest.fixture
def pages() -> dict[str, tuple[Page, Shell]]:
    return dict(EXAMPLES)
