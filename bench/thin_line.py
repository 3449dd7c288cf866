"""A thin line and no line, beside the limits this house sets itself.

    python -m bench.thin_line [--quick] [--json]

An urgent message of 1 KiB over 9,600 bits a second with 2 % of packets lost, from decision to
stored receipt, on a new connection each time; what an idle node in thrift mode sends and gets
in thirty days, counted on its line; one stick with 10,000 messages, from outbox to receipts;
and what compressing bodies before they are padded would save on the wire.

The idle month is that of one node among four: its own beats at their cadence by a clock that is
moved, over real listeners and real files. No TLS is spoken:
its handshake is reckoned to every connection, not measured; acknowledgements of TCP are not
counted.
"""

import asyncio
import socket
import statistics
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import uvicorn
from bench.line import Line, running
from bench.measure import Options, figure, run
from bench.pair import HERE, THERE, drafts, found, send
from bench.partner import doors
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.adapters.http import Client, HttpCarrier, partner_app
from comity.adapters.memory import FixedClock
from comity.adapters.shape import LedgerReader
from comity.adapters.system import SystemClock
from comity.cli.bench import Figure
from comity.core.clock import HOUR
from comity.core.ids import member_id
from comity.core.store import Reader
from comity.exchange import delivery
from comity.exchange.bundle import read_ack
from comity.exchange.bundling import pack, settle_ack, written
from comity.exchange.unbundling import acknowledge, split_answers, take
from comity.ledger import consistency_proof
from comity.node.beginning import begin_node, identity, make_request, read_request
from comity.node.config import Config
from comity.node.gossiping import gossiping_of
from comity.node.membership import join_network
from comity.node.network import admit, init_network, publish_network, root_digest
from comity.node.office import open_office
from comity.node.running import Running
from comity.node.serving import Service, make_service
from comity.node.settings import Line as Thin
from comity.node.thrift import paced
from comity.seal.padding import pad
from comity.trust import Contact

RATE, LOSS, DELAY = 9_600, 0.02, 300
URGENT_S, MONTH_BYTES, STICK_S = 30.0, 10_000_000, 60.0
MEMBERS = (("xn", "police"), ("xa", "border"), ("xc", "police"), ("xm", "justice"))
HANDSHAKE = 5_200
"""Bytes reckoned for each new TLS 1.3 connection, with headers: hello, certificate, finish."""


def measure(options: Options) -> Sequence[Figure]:
    """Measure everything; `--quick` takes a part."""
    tries, messages, days = (3, 500, 5) if options.quick else (9, 10_000, 30)
    return [*urgent(tries), *idle(days), *stick(messages), *compressed()]


@contextmanager
def serving(app: ASGIApp) -> Generator[int]:
    """Serve an application in a thread and give its port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True
        )
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def urgent(tries: int) -> Sequence[Figure]:
    """Carry one message at a time over a line that is slow and loses packets."""
    took: list[float] = []
    size = 0
    with tempfile.TemporaryDirectory() as folder:
        world = found(Path(folder), ())
        here, entry = world.residents[HERE], world.directory.node(THERE)
        letters = drafts(here, tries, body=1_024)
        with serving(partner_app(doors(world))) as port:
            for place, letter in enumerate(letters):
                seed = f"urgent {place}".encode()
                line = Line(port, rate_bits=RATE, delay_ms=DELAY, loss=LOSS, seed=seed)
                with running(line) as open_line:
                    client = Client()
                    there = replace(entry, url=f"http://127.0.0.1:{open_line.port}")
                    began = time.perf_counter()
                    logged = send(here, [letter])
                    answers = delivery.deliver(
                        logged, HttpCarrier(client), there, station=here.station
                    )
                    done = delivery.settle(logged[0], answers[0], here.station).result()
                    took.append(time.perf_counter() - began)
                    client.close()
                    if done.state != "receipted":
                        raise AssertionError(f"expected a receipt, got {done}")
                    size = len(logged[0].envelope)
    limit = ("limit of this house", URGENT_S)
    return [
        figure("thin: urgent 1 KiB stored, median", statistics.median(took), "s", beside=limit),
        figure(f"thin: the same, slowest of {tries}", max(took), "s", beside=limit),
        figure("thin: its envelope", float(size), "bytes"),
    ]


def _config(code: str, sort: str, *, url: str, line: Thin) -> Config:
    member, agency, node = identity(code, sort)
    return Config(
        name=code,
        member=member,
        agency=agency,
        node=node,
        sort=sort,
        url=url,
        console="http://127.0.0.1:9",
        line=line,
    )


def idle(days: int) -> Sequence[Figure]:
    """Let one node in thrift mode stand idle among three that publish and witness."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        root, served = Path(place), dict[str, ASGIApp]()
        lines = [
            # The address in the directory is that of the line; what listens comes behind it.
            stack.enter_context(
                running(Line(stack.enter_context(serving(_later(served, code)))))
            )
            for code, _ in MEMBERS
        ]
        clock = FixedClock(SystemClock().now())
        _settle(root, lines, clock)
        services: list[Service] = []
        for place_no, (code, _) in enumerate(MEMBERS):
            office = open_office(root / code, clock=clock)
            stack.callback(office.close)
            publish = root / "network" if place_no == 1 else None
            services.append(make_service(office, publish=publish))
            served[code] = services[-1].partners
        mirror = services[1].office.config.url
        runs = [each.running for each in services]
        return _month(runs, lines, clock, mirror=mirror, days=days)


def _settle(root: Path, lines: Sequence[Line], clock: FixedClock) -> None:
    """Found a network of four nodes, the first of them on a thin line."""
    network = root / "network"
    init_network(network, tuple(member_id(code) for code, _ in MEMBERS), clock=clock)
    for place_no, ((code, sort), line) in enumerate(zip(MEMBERS, lines, strict=True)):
        thin = Thin(mode="thrift") if place_no == 0 else Thin()
        config = _config(code, sort, url=f"http://127.0.0.1:{line.port}", line=thin)
        begin_node(root / code, config, admin="Ada", passphrase=None)
        office = open_office(root / code)
        request = make_request(office.config, office.keyring, contact=Contact())
        office.close()
        admit(network, read_request(request))
    publish_network(network, clock=clock)
    for code, _ in MEMBERS:
        mirror, digest = str(network / "public"), root_digest(network)
        join_network(root / code, mirror=mirror, root_digest=digest)


def _later(served: Mapping[str, ASGIApp], code: str) -> ASGIApp:
    """Return an application that is wired once its listener's port is known."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await served[code](scope, receive, send)

    return app


def _month(
    runs: Sequence[Running],
    lines: Sequence[Line],
    clock: FixedClock,
    *,
    mirror: str,
    days: int,
) -> Sequence[Figure]:
    thin, *others = runs
    config = replace(thin.office.config, mirrors=(mirror,))
    object.__setattr__(thin.office, "config", config)
    steps = {
        "directory": thin.directory,
        "gossip": gossiping_of(thin.office, thin.client).work,
        "ledger": thin.ledger,
        "prekeys": thin.prekeys,
    }
    beats = {
        name: paced(name, step, line=config.line, clock=clock) for name, step in steps.items()
    }
    own = asked = calls = 0
    for _ in range(days * 24):
        for work in others:
            work.directory() if work.publish else None
            before, opened = _count(lines[:1])
            work.prekeys()
            after, more = _count(lines[:1])
            asked, calls = asked + after - before, calls + more - opened
        before, opened = _count(lines[1:])
        for beat in beats.values():
            beat()
        after, more = _count(lines[1:])
        own, calls = own + after - before, calls + more - opened
        clock.advance(HOUR)
        for work in runs:
            work.client.close()
    month = 30 / days
    total = (own + asked + calls * HANDSHAKE) * month
    limit = ("limit of this house", float(MONTH_BYTES))
    return [
        figure("thrift: idle month on the line, TLS reckoned", total, "bytes", beside=limit),
        figure("thrift: of it asked by the node", own * month, "bytes"),
        figure("thrift: of it asked of the node", asked * month, "bytes"),
        figure("thrift: connections in the month", calls * month, ""),
    ]


def _count(lines: Sequence[Line]) -> tuple[int, int]:
    return (
        sum(each.there.bytes + each.back.bytes for each in lines),
        sum(each.opened for each in lines),
    )


def _prove(reader: Reader, old: int, size: int) -> Sequence[bytes]:
    return consistency_proof(old, size, cast("LedgerReader", reader).ledger_node)


def stick(count: int) -> Sequence[Figure]:
    """Write what waits for one partner to a bundle, read it there, and settle its receipts."""
    with tempfile.TemporaryDirectory() as folder:
        world = found(Path(folder), (HERE, THERE))
        here, there = world.residents[HERE], world.residents[THERE]
        letters = drafts(here, count, body=1_024)
        for first in range(0, count, 64):
            send(here, letters[first : first + 64])
        began = time.perf_counter()
        packed = pack(
            THERE,
            here.station,
            notice=world.prekey(world.directory.node(HERE)),
            prove=_prove,
            room=1 << 32,
        )
        if packed is None:
            raise AssertionError("expected something to carry")
        written(packed, here.station).result()
        laid = time.perf_counter()
        unpacked = take(packed.manifest, packed.parts, there.station)
        read = time.perf_counter()
        ack, answers = acknowledge(unpacked.row, there.station, notice=b"")
        settled = settle_ack(
            ack,
            split_answers(answers, read_ack(ack)[1]),
            here.station,
            resend=lambda _logged: None,
        )
        done = time.perf_counter()
    if (unpacked.taken, settled.settled) != (count, count):
        raise AssertionError(f"expected {count} receipts, got {settled.settled}")
    limit = ("limit of this house", STICK_S * count / 10_000)
    return [
        figure(f"stick: {count} messages read", read - laid, "s", beside=limit),
        figure(f"stick: {count} messages written", laid - began, "s"),
        figure(f"stick: {count} receipts settled", done - read, "s"),
        figure("stick: bytes a message", sum(map(len, packed.parts)) / count, "bytes"),
    ]


def compressed() -> Sequence[Figure]:
    """Compare padded sizes with and without compressing bodies, over sizes that occur."""
    saved: list[float] = []
    for size in (400, 700, 1_000, 1_500, 3_000, 6_000, 12_000, 30_000):
        body = _text(size)
        whole, less = len(pad(body)) + 1_600, len(pad(zlib.compress(body, 9))) + 1_600
        saved.append(1 - less / whole)
    return [
        figure("compression: saved of an envelope, body to 1 KiB", _mean(saved[:2]) * 100, "%"),
        figure("compression: saved of an envelope, 1 to 30 KiB", _mean(saved[3:]) * 100, "%"),
    ]


def _text(size: int) -> bytes:
    """Return text as people write it, from this house's own pages."""
    pages = sorted((Path(__file__).parents[1] / "docs" / "how-to").glob("*.md"))
    return b"".join(page.read_bytes() for page in pages)[5_000 : 5_000 + size]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
