"""How many messages two nodes exchange per second, durable on both sides.

    python -m bench.road [--quick] [--json] [--folder DIR]

Beside it, in the same run: the *primitive ceiling*, cores over the CPU seconds that signatures,
encryption and hashes of one message take on both sides. No program can be quicker than that.
"""

import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import pair
from bench.measure import Options, cores, figure, run
from bench.opening import opening

from comity.adapters.http import Client, HttpCarrier
from comity.adapters.memory import SeededEntropy
from comity.adapters.world import World
from comity.cli.bench import Figure
from comity.exchange import Carrier
from comity.seal import Prekey, SigningKey, suite, verify
from comity.trust import NodeEntry

ENVELOPE = 9_953
"""Bytes of the envelope around a body of 4 KiB: padded to 8 KiB, sealed and signed twice."""


@dataclass(slots=True)
class Peer:
    """The asked node in its process: how to reach it, and its CPU once it ended."""

    carrier: Carrier
    entry: NodeEntry
    cpu: list[float] = field(default_factory=list[float])


def measure(options: Options) -> Sequence[Figure]:
    """Measure in one process, in two, and one message alone."""
    count = 512 if options.quick else 4_096
    ceiling = ("primitive ceiling", cores() / primitives())
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        place = Path(folder)
        one = _in_one(_made(place / "one"), count)
        two, sending, receiving, lone = _in_two(_made(place / "two"), count)
    return (
        figure("two nodes, two processes, durable on both", two, "messages/s", beside=ceiling),
        figure("two nodes in one process, durable on both", one, "messages/s", beside=ceiling),
        figure(
            "two processes, a free core each, by CPU used",
            1e3 / max(sending, receiving),
            "messages/s",
            beside=ceiling,
        ),
        figure("CPU of the sending node", sending, "ms/message"),
        figure("CPU of the receiving node", receiving, "ms/message"),
        figure("one message alone: draft to receipt, median", lone, "ms", beside=("goal", 50)),
        *opening(),
    )


def primitives() -> float:
    """Return the CPU seconds of both sides' primitives for one message."""
    entropy = SeededEntropy(b"primitives")
    key, prekey = SigningKey.generate(entropy), Prekey.generate(entropy)
    envelope, receipt = entropy.take(ENVELOPE), entropy.take(250)
    secret, nonce = entropy.take(suite.KEY), entropy.take(suite.NONCE)
    signature, told = key.sign(envelope), key.sign(receipt)
    closed = suite.encrypt(secret, envelope, nonce=nonce, bound=b"")

    def once() -> None:
        key.sign(envelope)
        sealed, wrapped = suite.wrap(secret, prekey.public, info=b"")
        suite.encrypt(secret, envelope, nonce=nonce, bound=b"")
        key.sign(envelope)
        hashlib.sha256(envelope).digest()
        hashlib.sha256(envelope).digest()
        verify(key.public, signature, envelope)
        suite.unwrap(sealed, wrapped, prekey=prekey, info=b"")
        suite.decrypt(secret, closed, nonce=nonce, bound=b"")
        verify(key.public, signature, envelope)
        key.sign(receipt)
        verify(key.public, told, receipt)

    return min(_cpu(once, rounds=200) for _ in range(3))


def _cpu(act: Callable[[], None], *, rounds: int) -> float:
    act()
    began = time.process_time()
    for _ in range(rounds):
        act()
    return (time.process_time() - began) / rounds


def _in_one(folder: Path, count: int) -> float:
    world = pair.found(folder, (pair.HERE, pair.THERE))
    there = world.directory.node(pair.THERE)
    return _exchanged(world, pair.Direct(world), there, count)[0]


def _in_two(folder: Path, count: int) -> tuple[float, float, float, float]:
    """Return messages per second, ms of CPU on either side, and ms of a lone message."""
    world = pair.found(folder, (pair.HERE,))
    with partner(folder, world) as peer:
        rate, cpu = _exchanged(world, peer.carrier, peer.entry, count)
    with partner(_made(folder / "lone"), world) as idle:
        lone = _lone(world, idle.carrier, idle.entry)
    return rate, cpu, (peer.cpu[0] / count) * 1e3, lone


def _exchanged(
    world: World, carrier: Carrier, to: NodeEntry, count: int
) -> tuple[float, float]:
    """Exchange so many messages; return how many per second, and ms of our CPU for one."""
    here = world.residents[pair.HERE]
    pair.exchange(here, pair.drafts(here, pair.BATCH), carrier, to)
    drafts = pair.drafts(here, count)
    began, cpu = time.perf_counter(), time.process_time()
    stored = pair.exchange(here, drafts, carrier, to)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    if stored != count:
        raise AssertionError(f"expected {count} receipts, got {stored}")
    return count / took, used / count * 1e3


def _lone(world: World, carrier: Carrier, to: NodeEntry) -> float:
    here = world.residents[pair.HERE]
    took: list[float] = []
    for draft in pair.drafts(here, 60):
        began = time.perf_counter()
        pair.settle(here, pair.send(here, (draft,)), carrier, to)
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took[10:])


@contextmanager
def partner(folder: Path, world: World) -> Generator[Peer, None, None]:
    """Run the asked node in a process of its own, over HTTP on this machine."""
    command = (sys.executable, "-m", "bench.partner", str(folder))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        if process.stdout is None:
            raise AssertionError("expected a pipe from the partner")
        port = int(process.stdout.readline())
        entry = replace(world.directory.node(pair.THERE), url=f"http://127.0.0.1:{port}")
        peer = Peer(carrier=HttpCarrier(Client()), entry=entry)
        try:
            yield peer
        finally:
            process.terminate()
            peer.cpu.append(float(process.stdout.readline() or "nan"))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
