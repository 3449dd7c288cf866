"""Two real nodes write to each other while they are killed and the line fails.

    python -m bench.kill_loop [--messages 5000] [--kills 100] [--lost 0.1] [--seed TEXT]
                              [--postgres URL --postgres URL] [--folder DIR] [--json]

Every other kill comes at a moment of the seed, the others at a failpoint of the road. The line
loses answers, doubles and cuts requests. At the end nothing is killed any more, all that waits
is delivered, and the invariants are checked over both stores. Exit 1 where one does not hold.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench import killed
from bench.killed import Victim
from tests.hostile.checkers import EVERY
from tests.hostile.evidence import Answered, Evidence

from comity.adapters.memory import SeededEntropy
from comity.adapters.sql import open_postgres, open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.core.clock import Instant, signing_time
from comity.core.ids import MessageId, NodeId
from comity.core.keys import KeyId
from comity.exchange import InboxRow, OutboxRow
from comity.law import shipped_corpus
from comity.ledger import LeafType, decode_leaf
from comity.node.office import ROWS

PLACES = (
    *(f"{moment}_outbound.decide" for moment in ("before", "in", "after")),
    *(f"{moment}_outbound.log" for moment in ("before", "in", "after")),
    *(f"{moment}_inbound.file" for moment in ("before", "in", "after")),
    *(f"{moment}_delivery.settle" for moment in ("before", "in", "after")),
    *("before_deliver", "after_deliver", "before_receipt", "after_receipt"),
)
BODY = 1_024
_LIFE = 30.0
"""Seconds after which a life ends though its failpoint was not reached."""
_PATIENCE = 600.0
"""Seconds that the end may take, once nothing is killed any more."""


class Options(argparse.Namespace):
    """What the loop is told."""

    messages: int
    kills: int
    lost: float
    seed: str
    postgres: list[str]
    folder: Path | None
    json: bool


@dataclass(slots=True)
class Loop:
    """The nodes that live now, and what ended the others."""

    options: Options
    victims: tuple[Victim, Victim]
    chance: SeededEntropy
    pids: dict[int, int] = field(default_factory=dict[int, int])
    """Process of each victim."""
    deaths: Counter[str] = field(default_factory=Counter[str])
    armed: dict[int, str] = field(default_factory=dict[int, str])

    def draw(self, below: int) -> int:
        """Draw a number from 0 to below `below`."""
        return int.from_bytes(self.chance.take(6), "big") % below

    def start(self, index: int, *, crash_at: str = "", is_last: bool = False) -> None:
        """Start a node, to die at a failpoint or not."""
        # There must be something left to write in every life but the last.
        share, done = self.options.messages // 2, self.deaths.total() + 2
        if not is_last:
            share = min(share, share * done // max(1, self.options.kills))
        self.victims[index].told.unlink(missing_ok=True)
        self.pids[index] = killed.fork(self.victims[index], share, crash_at=crash_at, body=BODY)
        self.armed[index] = crash_at

    def run(self) -> None:
        """Kill until there were enough kills, starting whoever died."""
        for index in (0, 1):
            self.start(index)
        while self.deaths.total() < self.options.kills:
            self._kill_one(self.draw(2))

    def _kill_one(self, index: int) -> None:
        """Let one node live until its failpoint, or for a moment, and kill it."""
        place = self.armed[index]
        if place:
            self._until_dead(index, _LIFE)
        else:
            self._until_dead(index, _LIFE, also=self.victims[index].told.exists)
            self._until_dead(index, self.draw(600) / 1_000)
        if self._is_dead(index):
            self.deaths[place.partition(":")[0] or "by itself"] += 1
        else:
            os.kill(self.pids[index], signal.SIGKILL)
            os.waitpid(self.pids[index], 0)
            self.deaths["kill -9"] += 1
        where = PLACES[self.draw(len(PLACES))]
        is_armed = self.deaths.total() % 2 == 1
        most = 12 if "." in where else 3  # a unit comes for each message, the others in batches
        self.start(index, crash_at=f"{where}:{1 + self.draw(most)}" if is_armed else "")

    def _until_dead(
        self, index: int, seconds: float, *, also: Callable[[], bool] = lambda: False
    ) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._is_dead(index) and not also():
            time.sleep(0.005)

    def _is_dead(self, index: int) -> bool:
        pid = self.pids[index]
        if pid > 0 and os.waitpid(pid, os.WNOHANG)[0] == pid:
            self.pids[index] = -1
        return self.pids[index] < 0

    def settle(self) -> bool:
        """Start both without failpoints, and wait until nothing waits; then stop them."""
        for index in (0, 1):
            self.stop(index, signal.SIGKILL)
            self.start(index, is_last=True)
        end, share = time.monotonic() + _PATIENCE, self.options.messages // 2
        is_done = False
        while not is_done and time.monotonic() < end:
            time.sleep(0.1)
            is_done = all(each.progress() == (share, 0) for each in self.victims)
        for index in (0, 1):
            self.stop(index, signal.SIGTERM)
        return is_done

    def stop(self, index: int, how: signal.Signals) -> None:
        """End a node and wait for it."""
        if not self._is_dead(index):
            os.kill(self.pids[index], how)
            os.waitpid(self.pids[index], 0)
            self.pids[index] = -1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the loop and report; return 0 where every invariant holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--lost", type=float, default=0.1)
    parser.add_argument("--seed", default="kill")
    parser.add_argument("--postgres", action="append", default=[])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments, namespace=Options())
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = loop(options, Path(folder))
    print(json.dumps(report) if options.json else json.dumps(report, indent=2))
    return 0 if report["findings"] == [] else 1


def loop(options: Options, folder: Path) -> dict[str, object]:
    """Found the two nodes, kill them, let them settle, and check their stores."""
    shipped_corpus()
    began = time.monotonic()
    with ExitStack() as stack:
        ports = (_free_port(), _free_port())
        lines = tuple(_line(stack, port, options) for port in ports)
        stores = (*options.postgres, "", "")[:2]
        victims = killed.found(
            folder, ports=ports, lines=(lines[0], lines[1]), stores=(stores[0], stores[1])
        )
        killed.warm(victims[0])
        run = Loop(options, victims, SeededEntropy(options.seed.encode()))
        run.run()
        killing = time.monotonic() - began
        is_settled = run.settle()
    return {
        "messages": options.messages,
        "kills": run.deaths.total(),
        "deaths": dict(sorted(run.deaths.items())),
        "seconds": round(time.monotonic() - began, 1),
        "seconds killing": round(killing, 1),
        "settled": is_settled,
        **examined(victims, stores, is_settled=is_settled),
    }


def examined(
    victims: Sequence[Victim], stores: Sequence[str], *, is_settled: bool
) -> dict[str, object]:
    """Open both stores and check every invariant over them."""
    opened = {
        victim.node: open_postgres(store, ROWS)
        if store
        else open_sqlite(victim.folder / "store.db", ROWS)
        for victim, store in zip(victims, stores, strict=True)
    }
    try:
        seen = Evidence(
            federation="",
            stores=opened,
            names={victim.node: victim.agency for victim in victims},
            queued={(each.node, mid) for each in victims for mid in each.written()},
            answered=[one for node, store in opened.items() for one in _receipts(node, store)],
            settled=is_settled,
        )
        findings = [finding for checker in EVERY for finding in checker(seen)]
        return {"findings": findings[:50], **_counted(seen)}
    finally:
        for store in opened.values():
            store.close()


def _receipts(node: NodeId, store: SqlStore) -> list[Answered]:
    """Return what a sender was answered, as it keeps it."""
    return [
        Answered(
            to=NodeId(row.to_node),
            sender=node,
            mid=row.mid,
            digest=row.digest,
            kid=KeyId(b""),
            created=signing_time(MessageId(row.mid)),
            at=Instant(row.stored_at or row.created),
            code=row.code,
            answer=row.receipt,
        )
        for row in store.read(lambda r: r.find(OutboxRow))
        if row.receipt is not None
    ]


def _counted(seen: Evidence) -> dict[str, object]:
    sent = [row for store in seen.stores.values() for row in _rows(store, OutboxRow)]
    filed = [row for store in seen.stores.values() for row in _rows(store, InboxRow)]
    received = [
        leaf.digest
        for store in seen.stores.values()
        for leaf in map(decode_leaf, store.read(lambda r: r.entries(0, r.size())))
        if leaf.type is LeafType.RECEIVED
    ]
    digests = {row.digest for row in filed}
    lost = [row for row in sent if row.state == "receipted" and row.digest not in digests]
    return {
        "written": len(seen.queued),
        "sent": len(sent),
        "states": dict(Counter(row.state for row in sent)),
        "stored": len(filed),
        "lost": len(lost),
        "duplicated": len(received) - len(set(received)),
    }


def _rows(store: object, kind: type[OutboxRow | InboxRow]) -> list[OutboxRow | InboxRow]:
    assert isinstance(store, SqlStore)  # noqa: S101 - opened above
    return list(store.read(lambda r: r.find(kind)))


def _line(stack: ExitStack, port: int, options: Options) -> int:
    """Open a line to a port in a process of its own; return the port it listens on."""
    command = [sys.executable, "-m", "bench.line", str(port), "--seed", options.seed]
    shares = {"lose-answer": options.lost, "duplicate": 0.03, "truncate": 0.02, "reset": 0.02}
    for fault, share in shares.items():
        command += ["--fault", f"{fault}={share}"]
    process = stack.enter_context(
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    )
    stack.callback(process.terminate)
    assert process.stdout is not None  # noqa: S101 - asked for above
    return int(process.stdout.readline())


def _free_port() -> int:
    """Return a port that is free now, and whose next one is."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        try:
            with socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue


if __name__ == "__main__":
    sys.exit(main())
