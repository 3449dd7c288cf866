"""Everything one run of the laboratory measures, before it is written in any form."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.quality.evaluate import Judged, Scorer, judge, ours, token_sort
from bench.quality.metrics import Scored
from bench.quality.pairs import Pair, load
from bench.quality.peers import ALGORITHMS, Peer, PeerMissingError, judged
from bench.quality.retrieval import Run, run, trials
from bench.quality.searches import brute, reranked
from bench.quality.searches import ours as search_ours
from bench.quality.splits import Split

OURS = "comity"
RERANKED = "30 candidates + logic-v2"
SUBSETS: dict[str, Callable[[Pair], bool]] = {
    "names only": lambda pair: pair.is_names_only,
    "names only, Latin": lambda pair: pair.is_names_only and pair.script == "latin",
    "names only, other scripts": lambda pair: pair.is_names_only and pair.script != "latin",
    "names and facts": lambda pair: not pair.is_names_only,
    "all": lambda _: True,
}
_QUICK = 5
"""In a hurry, every fifth pair."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was measured on one split."""

    split: Split
    pairs: dict[str, tuple[Judged, float]]
    """By scorer: judged pairs, and seconds a pair took."""
    searches: dict[str, dict[str, Run]]
    """By trial and search."""
    names: dict[str, int]
    """How many names the list of a trial holds."""
    missing: str = ""
    """Why no peer stands beside, and how to get it."""
    versions: dict[str, str] = field(default_factory=dict)


def gather(split: Split, environment: Path, *, is_quick: bool) -> Gathered:
    """Measure everything; without the peer, say so and go on."""
    try:
        with Peer(environment) as peer:
            return _gather(split, peer, "", is_quick=is_quick)
    except PeerMissingError as error:
        return _gather(split, None, str(error), is_quick=is_quick)


def scored(judged_: Judged, subset: str) -> Scored:
    """Return scores and labels of a part of the pairs."""
    chosen = SUBSETS[subset]
    return [(score, pair.is_match) for pair, score in judged_ if chosen(pair)]


def _gather(split: Split, peer: Peer | None, missing: str, *, is_quick: bool) -> Gathered:
    pairs = load(split)[:: _QUICK if is_quick else 1]
    found = {OURS: _timed(pairs, ours), "token_sort": _timed(pairs, token_sort)}
    if peer:
        found |= {name: judged(peer, name, pairs) for name in ALGORITHMS}
    searches: dict[str, dict[str, Run]] = {}
    names: dict[str, int] = {}
    for trial in trials(is_quick=is_quick):
        names[trial.title] = trial.names
        searches[trial.title] = {OURS: run(trial, search_ours), "token_sort": run(trial, brute)}
        if peer:
            searches[trial.title][RERANKED] = run(trial, reranked(peer, "logic-v2"))
    return Gathered(split, found, searches, names, missing, peer.versions if peer else {})


def _timed(pairs: Sequence[Pair], scorer: Scorer) -> tuple[Judged, float]:
    judge(pairs[:20], scorer)
    began = time.process_time()
    found = judge(pairs, scorer)
    return found, (time.process_time() - began) / len(pairs)
