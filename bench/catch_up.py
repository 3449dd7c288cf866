"""A partner that was away comes back: how soon it has all, and how long urgent messages take.

    python -m bench.catch_up [--quick] [--json] [--folder DIR]

So many messages wait at one node, durable, for a partner that comes up again in a process of
its own; the delivery worker carries them over HTTP while an urgent message is sent each half
second. Beside the catch-up, in the same run: the road at full load, sealed and sent on the fly.
"""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bench import pair, road
from bench.measure import Options, figure, run

from comity.adapters.system import SystemEntropy
from comity.adapters.world import Resident, World
from comity.cli.bench import Figure
from comity.core.clock import Instant
from comity.core.store import eq
from comity.exchange import OutboxRow, queue
from comity.message import Draft, Urgency
from comity.node.deliverer import Deliverer
from comity.trust import Directory

WAITING, QUICK = 100_000, 512
URGENT_GOAL = 2_000.0
"""Milliseconds an urgent message may take at the 99th percentile meanwhile."""
_EACH = 0.5
"""Seconds between urgent messages."""
_BEAT = 0.2
"""Seconds between rounds of the delivery worker, which a kick would shorten."""


@dataclass(slots=True)
class Ticking:
    """The world's clock, set going: a line that fails is tried again."""

    start: Instant
    began: float = field(default_factory=time.perf_counter)

    def now(self) -> Instant:
        """Return the instant, as much later as time has passed."""
        return Instant(self.start + int((time.perf_counter() - self.began) * 1e3))


@dataclass(slots=True)
class Caught:
    """What one catch-up took."""

    first: float
    """Seconds from the worker's start to the first receipt."""
    whole: float
    urgent: list[float] = field(default_factory=list[float])
    """Milliseconds from draft to receipt of each urgent message sent meanwhile."""


def measure(options: Options) -> Sequence[Figure]:
    """Let messages wait, let the partner come back, and watch."""
    count = QUICK if options.quick else WAITING
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        place = Path(folder) / "one"
        place.mkdir()
        world = pair.found(place, (pair.HERE,))
        here = world.residents[pair.HERE]
        filled = time.perf_counter()
        _fill(here, count)
        sealing = count / (time.perf_counter() - filled)
        due = _milliseconds_to_find(here)
        with road.partner(place, world) as peer:
            world.directory = _pointed(world, peer.entry.url)
            caught = _catch_up(world, peer, count)
    urgent = sorted(caught.urgent)
    return (
        figure("messages that waited", count, "messages"),
        figure("finding the next batch among them, median", due, "ms"),
        figure(
            "first receipt after a start with all of them waiting",
            caught.first,
            "s",
            beside=("goal", 3),
        ),
        figure(
            "carried to the partner that came back",
            count / caught.whole,
            "messages/s",
            beside=("sealed and logged here before", sealing),
        ),
        figure("whole backlog with the partner", caught.whole, "s"),
        figure("urgent meanwhile, median", statistics.median(urgent), "ms"),
        figure(
            "urgent meanwhile, p99",
            urgent[int(0.99 * (len(urgent) - 1))],
            "ms",
            beside=("goal", URGENT_GOAL),
        ),
        figure("urgent messages sent meanwhile", len(urgent), "messages"),
    )


def _fill(here: Resident, count: int) -> None:
    for first in range(0, count, 2_048):
        drafts = pair.drafts(here, min(2_048, count - first))
        for begin in range(0, len(drafts), pair.BATCH):
            pair.send(here, drafts[begin : begin + pair.BATCH])


def _milliseconds_to_find(here: Resident) -> float:
    took: list[float] = []
    for _ in range(20):
        began, at = time.perf_counter(), here.clock.now()
        query = partial(queue.waiting, to_node=pair.THERE, at=at, limit=64, rank=queue.NORMAL)
        here.store.read(query)
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took)


def _pointed(world: World, url: str) -> Directory:
    directory = world.directory
    member = next(
        name
        for name, held in directory.entries.items()
        if any(node.node == pair.THERE for node in held.document.nodes)
    )
    held = directory.entries[member]
    nodes = tuple(replace(node, url=url) for node in held.document.nodes)
    document = replace(held.document, nodes=nodes)
    entries = {**directory.entries, member: replace(held, document=document)}
    return replace(directory, entries=entries)


def _catch_up(world: World, peer: road.Peer, count: int) -> Caught:
    here, stop = world.residents[pair.HERE], threading.Event()
    worker = Deliverer(
        station=replace(here.station, clock=Ticking(here.clock.now())),
        carrier=peer.carrier,
        entropy=SystemEntropy(),
        resend=lambda _logged: None,
        journal=lambda name, code: print(name, code, file=sys.stderr),
    )
    caught = Caught(first=0.0, whole=0.0)
    urgent = threading.Thread(target=_urgent, args=(here, caught, stop, worker))
    began = time.perf_counter()
    worker.round()
    urgent.start()
    while True:
        left = here.store.read(
            lambda r: r.count(OutboxRow, eq("state", "queued"), eq("rank", queue.NORMAL))
        )
        if left < count and not caught.first:
            caught.first = time.perf_counter() - began
        if not left:
            break
        worker.round()
        time.sleep(_BEAT if caught.first else 0.01)
    caught.whole = time.perf_counter() - began
    stop.set()
    urgent.join()
    worker.wait()
    return caught


def _urgent(here: Resident, caught: Caught, stop: threading.Event, worker: Deliverer) -> None:
    while not stop.is_set() or not caught.urgent:
        began = time.perf_counter()
        (draft,) = pair.drafts(here, 1)
        (logged,) = pair.send(here, (_hurried(draft),))
        worker.round()
        while _state(here, logged.mid) == "queued":
            time.sleep(0.005)
            worker.round()
        caught.urgent.append((time.perf_counter() - began) * 1e3)
        stop.wait(_EACH)


def _hurried(draft: Draft) -> Draft:
    return replace(draft, urgency=Urgency.URGENT)


def _state(here: Resident, mid: bytes) -> str:
    row = here.store.read(lambda r: r.get(OutboxRow, mid))
    return "" if row is None else row.state


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
