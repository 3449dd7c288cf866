"""Every figure of screening's quality in one run, and the page that shows them.

    python -m bench.quality [--quick] [--json] [--write] [--environment DIR]

`--write` renews the tables of `docs/explanation/screening-quality.md` between their marks, and
the curve beside it; nobody types a figure. Figures come from `held-out` alone.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from bench.measure import figure, machine
from bench.quality.chart import picture
from bench.quality.gathered import OURS, RERANKED, Gathered, gather, scored
from bench.quality.metrics import (
    at_threshold,
    average_precision,
    calibration_error,
    reliability,
)
from bench.quality.peers import HOME
from bench.quality.tables import tables

from comity.cli.bench import Figure, Report

DOCS = Path(__file__).parents[2] / "docs" / "explanation"
PAGE, CURVE = DOCS / "screening-quality.md", DOCS / "screening-reliability.svg"
_BEST = "logic-v2"


def figures(found: Gathered) -> list[Figure]:
    """Return the figures that are held beside their targets, each with its peer."""
    made = []
    for subset in ("names only, Latin", "names only", "names and facts", "all"):
        if scored(found.pairs[OURS][0], subset):
            made += _pair_figures(found, subset)
    error = calibration_error(scored(found.pairs[OURS][0], "all"))
    made.append(figure("calibration error", error, "", beside=("goal", 0.05)))
    for title, runs in found.searches.items():
        part = "derivable" if title.startswith("aliases") else "all"
        peer = runs[RERANKED].figures(part) if RERANKED in runs else None
        mine = runs[OURS].figures(part)
        beside = (RERANKED, peer.at_one) if peer and peer.at_one else None
        made.append(figure(f"{title}: found at 1 % false", mine.at_one, "", beside=beside))
        tenth = (RERANKED, peer.tenth) if peer and peer.tenth else None
        made.append(figure(f"{title}: R@10", mine.tenth, "", beside=tenth))
        spent = (RERANKED, peer.milliseconds) if peer else None
        made.append(figure(f"{title}: one search", mine.milliseconds, "ms", beside=spent))
    return made


def measured(environment: Path = HOME, *, is_quick: bool) -> list[Figure]:
    """Measure and return the figures; where no peer stands beside, say why."""
    found = gather("held-out", environment, is_quick=is_quick)
    if found.missing:
        print(f"no peer beside: {found.missing}", file=sys.stderr)
    return figures(found)


def renewed(page: str, parts: dict[str, str]) -> str:
    """Put each table between its marks; what stands outside them stays."""
    for name, text in parts.items():
        mark, end = f"<!-- figures: {name} -->\n", "<!-- end -->"
        before, found, rest = page.partition(mark)
        if found:
            page = f"{before}{mark}{text}\n{end}{rest.partition(end)[2]}"
    return page


def write(found: Gathered) -> None:
    """Renew the page and its curve."""
    told = scored(found.pairs[OURS][0], "all")
    parts = tables(found) | {"machine": _where(found)}
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    drawn = picture(reliability(told), error=calibration_error(told))
    CURVE.write_text(drawn, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and renew the page where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a part of the work")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--write", action="store_true", help="renew the page")
    parser.add_argument("--environment", type=Path, default=HOME, help="where the peers live")
    options = parser.parse_args(arguments, namespace=_Options())
    found = gather("held-out", options.environment, is_quick=options.quick)
    if options.json:
        report = Report(machine=machine(), figures=tuple(figures(found)))
        print(msgspec.json.encode(report).decode())
    else:
        print("\n\n".join(f"{name}\n{text}" for name, text in tables(found).items()))
    if found.missing:
        print(f"no peer beside: {found.missing}", file=sys.stderr)
    if options.write:
        write(found)
    return 0


class _Options(argparse.Namespace):
    quick: bool
    json: bool
    write: bool
    environment: Path


def _pair_figures(found: Gathered, subset: str) -> list[Figure]:
    mine = scored(found.pairs[OURS][0], subset)
    peer = scored(found.pairs[_BEST][0], subset) if _BEST in found.pairs else None
    first = (_BEST, at_threshold(peer, 0.7).f1) if peer else None
    second = (_BEST, average_precision(peer)) if peer else None
    return [
        figure(f"{subset}: F1 at .7", at_threshold(mine, 0.7).f1, "", beside=first),
        figure(f"{subset}: average precision", average_precision(mine), "", beside=second),
    ]


def _where(found: Gathered) -> str:
    peers = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    return f"Measured on {machine()}. Peers: {peers or 'none could be had here'}."
