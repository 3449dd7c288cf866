import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from comity.cli import bench as room
from comity.cli.bench import (
    Beside,
    Figure,
    Report,
    Topic,
    bench,
    checkout,
    measured,
    run_module,
    table,
)
from comity.cli.say import UNREACHABLE, exit_code
from comity.core.errors import UnreachableError

FIGURE = {
    "name": "appends",
    "value": 12_000,
    "unit": "appends/s",
    "beside": {"name": "bare", "value": 24_000},
    "ratio": 0.5,
}
REPORT = json.dumps({"machine": "mill", "figures": [FIGURE]}).encode()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src" / "comity" / "cli").mkdir(parents=True)
    (tmp_path / "bench").mkdir()
    for name in ("measure", "ledger", "law"):
        (tmp_path / "bench" / f"{name}.py").write_text("")
    return tmp_path


class Ran:
    """A stand-in for the interpreter: remembers what it was told to run."""

    def __init__(self, printed: bytes | None) -> None:
        self.printed = printed
        self.told: list[tuple[str, ...]] = []

    def __call__(self, arguments: Sequence[str], root: Path) -> bytes | None:
        del root
        self.told.append(tuple(arguments))
        return self.printed


def test_the_checkout_is_found_from_the_package(root: Path) -> None:
    assert checkout(root / "src" / "comity" / "cli" / "bench.py") == root.resolve()
    assert checkout(Path(room.__file__)).joinpath("bench", "measure.py").is_file()


@pytest.mark.parametrize("place", ["site-packages", "src"])
def test_an_installation_has_no_measures_and_says_so(tmp_path: Path, place: str) -> None:
    with pytest.raises(UnreachableError, match="source checkout") as caught:
        checkout(tmp_path / place / "comity" / "cli" / "bench.py")
    assert exit_code(caught.value) == UNREACHABLE


def test_each_topic_is_run_once_with_its_options_and_the_figures_are_joined(root: Path) -> None:
    ran = Ran(REPORT)
    report = measured((Topic.LEDGER, Topic.LAW), ("--json", "--quick"), root=root, run=ran)
    assert ran.told == [
        ("bench.ledger", "--json", "--quick"),
        ("bench.law", "--json", "--quick"),
    ]
    assert report.machine == "mill"
    assert [figure.value for figure in report.figures] == [12_000, 12_000]


def test_what_cannot_be_measured_yet_is_refused_before_anything_runs(root: Path) -> None:
    ran = Ran(REPORT)
    with pytest.raises(UnreachableError, match="`bench blind` is not offered yet") as caught:
        measured((Topic.LEDGER, Topic.BLIND), (), root=root, run=ran)
    assert ran.told == []
    assert exit_code(caught.value) == UNREACHABLE


@pytest.mark.parametrize("printed", [None, b"", b"a table", b'{"machine": 1}'])
def test_a_measure_that_fails_gives_no_half_report(root: Path, printed: bytes | None) -> None:
    with pytest.raises(UnreachableError, match="measuring `law`"):
        measured((Topic.LAW,), (), root=root, run=Ran(printed))


def test_a_module_that_ends_badly_gives_nothing(root: Path) -> None:
    (root / "bench" / "law.py").write_text("raise SystemExit(4)")
    (root / "bench" / "ledger.py").write_text("print('told')")
    assert run_module(("bench.law",), root) is None
    assert run_module(("bench.ledger",), root) == b"told\n"


def test_a_table_puts_every_figure_beside_its_limit() -> None:
    limit = Beside(name="bare", value=24_000)
    lone = Figure(name="one lone unit", value=0.51234, unit="ms")
    limited = Figure(name="appends", value=12_000, unit="appends/s", beside=limit, ratio=0.5)
    lines = table(Report(machine="mill", figures=(lone, limited)))
    assert lines[0] == "mill"
    assert lines[1].split() == ["one", "lone", "unit", "0.512", "ms"]
    assert lines[2].endswith("12,000 appends/s   (beside bare: 24,000, ratio 0.5)")


def test_a_limit_without_a_ratio_still_stands_there() -> None:
    figure = Figure(name="n", value=1, unit="u", beside=Beside(name="limit", value=2))
    assert table(Report(machine="", figures=(figure,)))[1].endswith("(beside limit: 2)")


def test_the_command_knows_its_topics_and_no_others() -> None:
    app = Typer()
    app.command()(bench)
    assert CliRunner().invoke(app, ["everything"]).exit_code == 2
    refused = CliRunner().invoke(app, ["blind"])
    assert isinstance(refused.exception, UnreachableError)
