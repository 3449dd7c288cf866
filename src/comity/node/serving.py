"""Serving a node: partners on one listener, its own people on another, workers beside both.

A stop is graceful: listeners close, workers finish their round, the store writes what is
queued.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp
from typing_extensions import override

from comity.adapters.http import Client, Doors, HttpCarrier, partner_app
from comity.adapters.journal import Journal, take_over
from comity.adapters.notify import make_notifier
from comity.core.errors import ConfigurationError
from comity.node.config import address
from comity.node.doors import doors_of, take
from comity.node.health import Health, Pulse
from comity.node.loading import Loading
from comity.node.mailbox import Poller
from comity.node.metrics import Tally
from comity.node.office import Office, open_office
from comity.node.people import people_app
from comity.node.running import Running
from comity.node.timepiece import Timepiece

GRACE = 10
"""Seconds a request under way may take once the node is told to stop."""


@dataclass(slots=True)
class Service:
    """One open office with its workers and both applications."""

    office: Office
    running: Running
    loading: Loading
    partners: ASGIApp
    people: Starlette
    servers: list[uvicorn.Server] = field(default_factory=list[uvicorn.Server])


def make_service(office: Office, *, publish: Path | None = None) -> Service:
    """Wire an office's listeners and workers; nothing is started."""
    journal = Journal(sys.stderr, office.clock)
    client = Client()

    tally = Tally()
    pulse = Pulse(time.monotonic)

    def write(place: str, code: str) -> None:
        journal.failed(place, code)
        tally.failed(place, code)

    notifier = make_notifier(office.config.notify, client=client, journal=write)
    carrier = HttpCarrier(client)
    running = Running(
        office=office,
        carrier=office.failpoints.carrier(carrier),
        client=client,
        ask=carrier.add_checkpoint,
        journal=write,
        notify=notifier.wake,
        timepiece=Timepiece(
            office=office, ask=carrier.add_checkpoint, journal=write, steady=time.monotonic
        ),
        health=Health(office, pulse),
        tally=tally,
        publish=publish,
    )
    loading = Loading(office=office, journal=write)
    office.screening.process.ended = lambda code: write("screening", code)
    doors: Doors = doors_of(office, running, publish=publish, journal=write)
    running.poller = _poller(office, running, carrier)
    return Service(
        office=office,
        running=running,
        loading=loading,
        partners=office.failpoints.app(partner_app(doors)),
        people=people_app(office, running, loading),
    )


def _poller(office: Office, running: Running, carrier: HttpCarrier) -> Poller | None:
    """Return who asks partners for what waits here, where no partner can call this node."""
    if not office.config.mailbox.pull:
        return None
    return Poller(
        station=office.station,
        road=carrier,
        take=lambda consignment: take(office, office.station, consignment),
        prekey=running.prekey_notice,
        journal=running.journal,
        wait=office.config.mailbox.wait,
    )


def serve_node(
    folder: Path,
    *,
    passphrase: str | None,
    publish: Path | None = None,
    load: tuple[str, ...] = (),
) -> None:
    """Serve a node until SIGTERM or Ctrl-C.

    Raises `ConflictError` where another process serves the folder, `ConfigurationError` where a
    port is in use.
    """
    office = open_office(folder, passphrase=passphrase)
    try:
        take_over(Journal(sys.stderr, office.clock))
        service = make_service(office, publish=publish)
        asyncio.run(_serve(service, load))
    finally:
        office.close()


@contextlib.contextmanager
def in_process(folder: Path, *, passphrase: str | None = None) -> Generator[Starlette]:
    """Open a node that does not run, and give the application its people would call."""
    office = open_office(folder, passphrase=passphrase)
    try:
        yield make_service(office).people
    finally:
        office.close()


async def _serve(service: Service, load: tuple[str, ...]) -> None:
    config = service.office.config
    service.servers = [
        _server(service.partners, config.url),
        _server(service.people, config.console),
    ]
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, _stop, service)
    service.running.start()
    service.loading.start(load)
    try:
        await asyncio.gather(*(_run(server) for server in service.servers))
    finally:
        service.running.stop()


async def _run(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit:
        port = server.config.port
        raise ConfigurationError(
            f"port {port} is in use: is this node served already?"
        ) from None


def _stop(service: Service) -> None:
    for server in service.servers:
        server.should_exit = True


def _server(app: ASGIApp, url: str) -> uvicorn.Server:
    host, port = address(url)
    if not url.startswith("http://"):
        raise ConfigurationError(
            "TLS is terminated in front of the node: give its plain address"
        )
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        lifespan="off",
    )
    return _QuietServer(config)


class _QuietServer(uvicorn.Server):
    """Leaves signals to the node: both of its servers share one loop."""

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Generator[None]:
        """Take no signal."""
        yield
