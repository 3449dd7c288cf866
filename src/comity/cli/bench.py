"""`comity bench`: measure this machine, each figure beside a peer or limit of the same run.

The measures lie in `bench/` beside the source, because they need what a wheel does not carry.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from enum import Enum, unique
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import typer

from comity.cli.say import printable
from comity.core.errors import UnreachableError

Run: TypeAlias = Callable[[Sequence[str], Path], bytes | None]
"""Runs a module with arguments in a folder; returns what it printed, if it ended well."""


class Beside(msgspec.Struct, frozen=True):
    """The peer or limit measured in the same run."""

    name: str
    value: float


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measured number; `ratio` is `value` over what stands beside it."""

    name: str
    value: float
    unit: str
    beside: Beside | None = None
    ratio: float | None = None


class Report(msgspec.Struct, frozen=True):
    """What one run measured, and on which machine."""

    machine: str
    figures: tuple[Figure, ...]


@unique
class Topic(Enum):
    """What can be measured."""

    ROAD = "road"
    LEDGER = "ledger"
    LAW = "law"
    SCREENING = "screening"
    BLIND = "blind"
    INTEROP = "interop"


def bench(
    topics: Annotated[list[Topic], typer.Argument(help="What to measure.")],
    quick: Annotated[bool, typer.Option("--quick", help="A part of the work.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure this machine, each figure beside a peer or a limit of the same run."""
    options = ("--json", "--quick") if quick else ("--json",)
    report = measured(topics, options, root=checkout(Path(__file__)), run=run_module)
    lines = [msgspec.json.encode(report).decode()] if as_json else table(report)
    for line in lines:
        sys.stdout.write(printable(line) + "\n")


def checkout(module: Path) -> Path:
    """Return the source checkout this module lies in; raises `UnreachableError` without one."""
    source = module.resolve().parents[2]
    if source.name != "src" or not (source.parent / "bench" / "measure.py").is_file():
        raise UnreachableError(
            "`comity bench` needs a source checkout, this is an installation"
        )
    return source.parent


def measured(
    topics: Sequence[Topic], options: Sequence[str], *, root: Path, run: Run
) -> Report:
    """Run the measures of each topic, one after the other.

    Raises `UnreachableError` for a topic that is not offered or does not end well.
    """
    for topic in topics:
        if not (root / "bench" / f"{topic.value}.py").is_file():
            raise UnreachableError(f"`bench {topic.value}` is not offered yet")
    reports = [
        _report(topic, run((f"bench.{topic.value}", *options), root)) for topic in topics
    ]
    figures = tuple(figure for report in reports for figure in report.figures)
    return Report(machine=reports[0].machine, figures=figures)


def run_module(arguments: Sequence[str], root: Path) -> bytes | None:
    """Run a module of the checkout by this interpreter; what it says meanwhile goes through."""
    done = subprocess.run(  # noqa: S603 - our own module, no shell
        (sys.executable, "-m", *arguments), cwd=root, stdout=subprocess.PIPE, check=False
    )
    return None if done.returncode else done.stdout


def table(report: Report) -> list[str]:
    """Write a report as lines for people."""
    return [report.machine, *(_line(figure) for figure in report.figures)]


def _line(figure: Figure) -> str:
    line = f"{figure.name:<54} {_number(figure.value):>10} {figure.unit}"
    if figure.beside is None:
        return line
    ratio = "" if figure.ratio is None else f", ratio {_number(figure.ratio)}"
    return f"{line}   (beside {figure.beside.name}: {_number(figure.beside.value)}{ratio})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - digits


def _report(topic: Topic, printed: bytes | None) -> Report:
    if printed is None:
        raise UnreachableError(f"measuring `{topic.value}` did not end well")
    try:
        return msgspec.json.decode(printed, type=Report)
    except msgspec.DecodeError:
        raise UnreachableError(f"measuring `{topic.value}` gave no report") from None
