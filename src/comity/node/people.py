"""The listener for a node's own people: the API for their programs and the console's pages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Protocol, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from comity.adapters.http import is_among, is_loopback
from comity.adapters.shape import LedgerReader
from comity.core.clock import Instant
from comity.core.errors import NotFoundError
from comity.core.ids import NodeId
from comity.desk import Desk, Incoming
from comity.exchange import queue
from comity.interop import Import
from comity.ledger import parse_note, prove
from comity.message import Handling
from comity.node.bootstrap import load_surface
from comity.node.loading import Loading, read_import
from comity.node.metrics import measure
from comity.node.office import Office
from comity.node.running import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest signed checkpoint of a node's ledger."""

    origin: str
    size: int
    root: bytes
    witnesses: Sequence[str]
    note: str


class Surface(Protocol):
    """A room of people or programs, built over a window on the node."""

    def __call__(self, window: "Window", /) -> Sequence[BaseRoute]:
        """Return the surface's routes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the surfaces see of a running node beside its desk."""

    office: Office
    running: Running
    loading: Loading

    @property
    def desk(self) -> Desk:
        """The acts."""
        return self.office.desk

    def read_import(  # noqa: PLR0913 - what the files themselves do not say, one keyword each
        self,
        files: Mapping[str, bytes],
        *,
        form: str,
        marking: Handling,
        basis: str,
        purpose: str,
        dataset: str,
        edition: str,
        published: Instant | None,
        retain_until: Instant | None,
    ) -> tuple[Incoming, Import]:
        """Read files of one format into statements, with what was rejected and why."""
        return read_import(
            self.office,
            files,
            form=form,
            marking=marking,
            basis=basis,
            purpose=purpose,
            dataset=dataset,
            edition=edition,
            published=published,
            retain_until=retain_until,
        )

    def waiting_since(self, node: NodeId) -> Instant | None:
        """Return when the oldest message not yet stored at a node was made."""
        return self.office.store.read(lambda r: queue.oldest(r, node))

    def head(self) -> Head:
        """Return the newest checkpoint; raises `NotFoundError` before the first."""
        row = self.office.chronicle.newest()
        if row is None:
            raise NotFoundError("no checkpoint is signed yet")
        names = {line.name for line in parse_note(row.note).signatures}
        origin = self.office.chronicle.origin()
        cosigners = [
            text
            for entry in self.office.register.current().nodes()
            for text in entry.witness_vkeys
            if text.partition("+")[0] in names
        ]
        return Head(
            origin=origin,
            size=row.size,
            root=row.root,
            witnesses=cosigners,
            note=row.note.decode(),
        )

    def proof(self, index: int) -> str:
        """Return an entry's proof under the newest checkpoint; raises `NotFoundError`."""
        row = self.office.chronicle.newest()
        if row is None or not 0 <= index < row.size:
            raise NotFoundError(f"no checkpoint covers entry {index} yet")

        def query(reader: LedgerReader) -> str:
            return prove(index, row.note, read=reader.ledger_node).encode().decode()

        return self.office.store.read(query)


def people_app(office: Office, running: Running, loading: Loading) -> Starlette:
    """Mount the API and the console over one window."""
    window = Window(office=office, running=running, loading=loading)
    api = load_surface("comity.api")
    ports = api.Ports(
        read_import=window.read_import,
        waiting_since=window.waiting_since,
        head=window.head,
        proof=window.proof,
    )
    matching = load_surface("comity.api.matching")
    routes: list[BaseRoute] = [*api.routes(office.desk, ports)]
    routes += matching.desk_routes(office.desk)
    console = cast("Surface", load_surface("comity.console").surface)
    routes += console(window)
    return Starlette(routes=[Route("/metrics", _metrics_of(window)), *routes])


def _metrics_of(window: Window) -> Callable[[Request], Awaitable[Response]]:
    """Give figures to this machine and to the addresses named in the configuration."""
    office, running = window.office, window.running
    listed = [ip_network(each) for each in office.config.web.metrics]

    async def metrics(request: Request) -> Response:
        host = request.client.host if request.client else ""
        if not is_loopback(host) and not is_among(host, listed):
            return PlainTextResponse("not found\n", 404)
        found = await run_in_threadpool(measure, office, running.health, running.tally)
        return Response(found, media_type="text/plain; version=0.0.4; charset=utf-8")

    return metrics
