"""Serving a node: partners on one listener, its own people on another, workers beside both.

A stop is graceful: listeners close, workers finish their round, the store writes what is
queued.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from comity.adapters.confinement import (
    Manager,
    become,
    confine,
    manager_of_this_process,
    owner_of,
)
from comity.adapters.files import FolderLock
from comity.adapters.http import Client, Doors, HttpCarrier, partner_app
from comity.adapters.journal import Journal, take_over
from comity.adapters.notify import make_notifier
from comity.core.errors import ConfigurationError
from comity.node.config import Config, read_config
from comity.node.doors import doors_of, take
from comity.node.gate import Gate
from comity.node.health import Health, Pulse
from comity.node.listening import (
    Places,
    bind,
    for_partners,
    for_people,
    server_of,
    shown,
    tls_door,
)
from comity.node.loading import Loading
from comity.node.mailbox import Poller
from comity.node.metrics import Tally
from comity.node.office import Office, open_office
from comity.node.parting import WHOLE, Part
from comity.node.people import people_app
from comity.node.running import Running
from comity.node.thrift import poll_wait
from comity.node.timepiece import Timepiece


@dataclass(slots=True)
class Service:
    """One open office with its workers and both applications."""

    office: Office
    running: Running
    loading: Loading
    partners: ASGIApp
    people: ASGIApp
    servers: list[uvicorn.Server] = field(default_factory=list[uvicorn.Server])


def make_service(office: Office, *, publish: Path | None = None) -> Service:
    """Wire an office's listeners and workers; nothing is started."""
    journal = Journal(sys.stderr, office.clock)
    client = Client(shown(office))
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
        brings=carrier,
        ask_again=carrier.ask_again,
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
        people=Gate(people_app(office, running, loading), office.folder),
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
        wait=poll_wait(office.config.line, office.config.mailbox.wait),
    )


def serve_node(
    folder: Path,
    *,
    passphrase: str | None,
    publish: Path | None = None,
    load: tuple[str, ...] = (),
    part: Part = WHOLE,
) -> None:
    """Serve a node until SIGTERM or Ctrl-C.

    The ports are bound first, then every right is given up that serving does not need, and only
    then a key is read. Raises `ConflictError` where another process serves the folder,
    `ConfigurationError` where a port is in use.
    """
    config = read_config(folder)
    places = _bind(folder, config, part)
    try:
        confine()
        become(owner_of(folder, user=config.service.user))
        office = open_office(folder, passphrase=passphrase, part=part, before_whole=True)
        try:
            take_over(Journal(sys.stderr, office.clock))
            service = make_service(office, publish=publish)
            asyncio.run(_serve(service, places, load))
        finally:
            office.close()
    finally:
        if places is not None:
            places.close()


def _bind(folder: Path, config: Config, part: Part) -> Places | None:
    try:
        return bind(config, part.role)
    except ConfigurationError:
        # Whose port it is, is said best by the process that holds the folder.
        with FolderLock(folder):
            raise


@contextlib.contextmanager
def in_process(folder: Path, *, passphrase: str | None = None) -> Generator[ASGIApp]:
    """Open a node that does not run, and give the application its people would call."""
    office = open_office(folder, passphrase=passphrase)
    try:
        yield make_service(office).people
    finally:
        office.close()


async def _serve(service: Service, places: Places | None, load: tuple[str, ...]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    runs = () if places is None else _listeners(service, places)
    manager, beat = manager_of_this_process()
    service.running.start()
    service.loading.start(load)
    manager.tell("READY=1")
    try:
        signs = asyncio.create_task(_signs_of_life(service, manager, beat))
        await _until(stopping, service, runs)
        signs.cancel()
    finally:
        manager.tell("STOPPING=1")
        service.running.stop()


def _listeners(service: Service, places: Places) -> tuple[Coroutine[None, None, None], ...]:
    office, running = service.office, service.running
    config, refused = office.config, running.tally.refused
    door = tls_door(office, running.journal)
    partners = for_partners(service.partners, config, refused)
    people = for_people(service.people, config, refused)
    service.servers = [
        server_of(partners, config, door=door),
        server_of(people, config, door=None),
    ]
    sockets = (places.partners, places.people)
    return tuple(
        server.serve(sockets=[place])
        for server, place in zip(service.servers, sockets, strict=True)
    )


async def _until(
    stopping: asyncio.Event, service: Service, runs: Sequence[Coroutine[None, None, None]]
) -> None:
    """Run the listeners until told to stop, then let what is under way finish."""

    async def stop() -> None:
        await stopping.wait()
        for server in service.servers:
            server.should_exit = True

    await asyncio.gather(stop(), *runs)


async def _signs_of_life(service: Service, manager: Manager, every: float) -> None:
    """Tell the service manager that the node lives, as long as no worker hangs."""
    while every:
        await asyncio.sleep(every)
        if not service.running.health.ails():
            manager.tell("WATCHDOG=1")
