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
    place = machine()
    report = Report(machine=place, figures=tuple(measure(options)))
    lines = [msgspec.json.encode(report).decode()] if options.json else table(report)
    for line in lines:
        print(line)
    return 0


def machine() -> str:
    """Name processor, cores and interpreter, and how busy the machine is with other work."""
    python, load = platform.python_version(), os.getloadavg()[0]
    return f"{_processor()}, {cores()} cores, Python {python}, load {load:.1f} before"


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
    """Repeat `act`, which does `count` things, for some seconds; return things per second.

    Seconds are those of a core, so that other work on the machine does not count against us.
    """
    act()
    began, done = time.process_time(), 0
    while (took := time.process_time() - began) < seconds:
        act()
        done += count
    return done / took


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
