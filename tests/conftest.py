"""Switches for every run: how long properties search, whether a skip fails, whether to soak."""

import gc
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent
# A slow machine is not a fault, so no single example is timed; `make soak` searches longer.
settings.register_profile("ci", max_examples=25, deadline=None)
settings.register_profile("soak", max_examples=5_000, deadline=None)
settings.load_profile("ci")


# These walk the same lines thousands of times, or from outside: the others say whether a line
# is reached at all, and measuring takes as long again.
UNMEASURED = frozenset({"docs", "hostile", "oracle"})
SEARCHES = frozenset({"test_fail_open.py", "test_properties.py", "test_told_cases.py"})
OUTSIDE = frozenset({"test_browser.py", "test_comparison_page.py", "test_demo.py"})
"""Of whole networks that are looked at from outside, only two nodes are measured."""


# These take minutes; begun last, one of them would keep all other workers waiting.
FIRST = ("test_three_hosts.py", "test_demo.py", "test_browser.py", "test_tutorial.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(ROOT).parts[0]
        if folder in UNMEASURED or item.path.name in SEARCHES | OUTSIDE:
            item.add_marker("no_cover")
    items.sort(key=lambda item: item.path.name not in FIRST)


@pytest.fixture(autouse=True)
def measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test that is not measured start processes that are not measured either."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


def pytest_collection_finish() -> None:
    # The shipped law and ten thousand tests stay to the end: looking through them for garbage
    # again and again takes a fifth of the run.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="a skipped test fails")
    parser.addoption("--soak", action="store_true", help="the same tests with larger numbers")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _judge(report, item.config)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    # A module that misses its oracle skips as a whole, before any test runs.
    report = yield
    if report.skipped:
        _judge(report, collector.config)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport, config: pytest.Config) -> None:
    if config.getoption("fail_on_skip"):
        report.outcome = "failed"
