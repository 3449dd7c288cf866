"""What every measure shares: options, report, and how a figure is put beside a limit."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from comity.cli.bench import Beside, Figure, Report, table


class Options(argparse.Namespace):
    """What a measure is told."""

    quick: bool
    json: bool
    folder: Path | None
    """Where to write: the disk to measure."""


Measure = Callable[[Options], Sequence[Figure]]


def run(measure: Measure, *, about: str) -> int:
    """Read the options, measure, and print a table or one JSON document; return 0."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a part of the work")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--folder", type=Path, help="where to write: the disk to measure")
    options = parser.parse_args(namespace=Options())
    report = Report(machine=machine(), figures=tuple(measure(options)))
    lines = [msgspec.json.encode(report).decode()] if options.json else table(report)
    for line in lines:
        print(line)
    return 0


def machine() -> str:
    """Name processor, cores and interpreter."""
    return f"{_processor()}, {cores()} cores, Python {platform.python_version()}"


def cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def figure(
    name: str, value: float, unit: str, *, beside: tuple[str, float] | None = None
) -> Figure:
    """Put a number beside its peer or limit, with the ratio of the two."""
    if beside is None:
        return Figure(name=name, value=_rounded(value), unit=unit)
    return Figure(
        name=name,
        value=_rounded(value),
        unit=unit,
        beside=Beside(name=beside[0], value=_rounded(beside[1])),
        ratio=_rounded(value / beside[1]),
    )


def rate(act: Callable[[], object], *, seconds: float, count: int = 1) -> float:
    """Repeat `act`, which does `count` things, for some seconds; return things per second."""
    act()
    began, done = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        act()
        done += count
    return done / took


def each(act: Callable[[int], object], rounds: int) -> float:
    """Run `act` for so many rounds; return rounds per second."""
    began = time.perf_counter()
    for number in range(rounds):
        act(number)
    return rounds / (time.perf_counter() - began)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if told.is_file():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
