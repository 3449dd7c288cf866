"""The screening engine alone, as a service on this machine: the lists it is given, no node.

RISK: whoever reaches it may ask it everything; it listens on the loopback address and nowhere
else.
"""

import asyncio
import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from comity.adapters.collection import SMALL
from comity.core.errors import (
    ComityError,
    ConfigurationError,
    InvalidInputError,
    StorageError,
)
from comity.node.bootstrap import load_surface
from comity.node.lists import ListFile, entities_in, held_of, list_files, profile_of
from comity.node.matching_lists import ListMatcher
from comity.screening import Index, Profile, Query, Shelf
from comity.screening.matching import (
    Answered,
    Batch,
    Catalog,
    Found,
    Held,
    Matcher,
    Method,
    Scope,
    Source,
    TextSearch,
    Tree,
    method,
)

HOST = "127.0.0.1"
GRACE = 5
"""Seconds a request under way may take once the service is told to stop."""
_EVERY = 5_000


class NotOpenError(ComityError):
    """The lists are still being loaded."""

    code = "unreachable"


class _Surface(Protocol):
    def __call__(self, matcher: Matcher, /) -> ASGIApp:
        """Return the application of a matcher that everyone who reaches it may ask."""
        ...


@dataclass(slots=True)
class Opening:
    """A matcher that answers once everything is loaded, and says so until then."""

    opened: ListMatcher | None = None
    failed: list[ComityError] = field(default_factory=list[ComityError])

    def match(self, batch: Batch, /) -> Mapping[str, Answered]:
        """Score every question of a batch, by key."""
        return self._open().match(batch)

    def search(self, wanted: TextSearch, /) -> Found:
        """Find entities by words."""
        return self._open().search(wanted)

    def entity(self, entity_id: str, /) -> Tree:
        """Return one entity with those beside it."""
        return self._open().entity(entity_id)

    def suggest(self, scope: Scope, prefix: str, /, *, limit: int) -> tuple[Held, ...]:
        """Return entities a name of which begins so."""
        return self._open().suggest(scope, prefix, limit=limit)

    def extend(self, entities: tuple[str, ...], /) -> Mapping[str, Tree]:
        """Return those of the entities that are held."""
        return self._open().extend(entities)

    def catalog(self) -> Catalog:
        """Return the lists that are loaded."""
        return self._open().catalog()

    def method(self) -> Method:
        """Return how scores are made."""
        return method()

    def is_ready(self) -> bool:
        """Whether everything is loaded."""
        return self.opened is not None

    def _open(self) -> ListMatcher:
        if self.opened is None:
            raise NotOpenError("the lists are still being loaded: try again in a moment")
        return self.opened


def open_lists(
    files: Sequence[ListFile], *, told: Callable[[str], None], folder: Path | None = None
) -> ListMatcher:
    """Load lists and index them; `told` learns how far it is.

    With a `folder`, long ones are indexed there, to be searched by compiled code.

    Raises `InvalidInputError` on a file that is not of its format, or where nothing was found.
    """
    held: list[Held] = []
    sources: list[Source] = []
    for each in files:
        before = len(held)
        held += _read(each, told)
        count = len(held) - before
        if not count:
            raise InvalidInputError(f"`{each.path}` holds no entity of format {each.form}")
        sources.append(Source(name=each.name, title=each.title, version="1", entities=count))
    named = [each for each in map(profile_of, held) if each.names]
    told(f"indexing {len(named):,} entities that have a name")
    matcher = ListMatcher(
        index=_index(named, folder), sources=tuple(sources), describe=method()
    )
    matcher.load(held)
    return matcher


def _index(named: Sequence[Profile], folder: Path | None) -> Index:
    if folder is None or len(named) < SMALL:
        return Shelf(named)
    # numba comes with it, and only here.
    from comity.adapters.segments import SegmentFolder  # noqa: PLC0415

    index = SegmentFolder(folder)
    index.rebuild({each.entity_id: each for each in named}.values())
    index.search(Query(schema="Person", properties={"name": ("a warming search",)}))
    return index


def _read(listed: ListFile, told: Callable[[str], None]) -> list[Held]:
    def rejected(count: int) -> None:
        if count:
            told(f"{listed.name}: {count:,} values or rows could not be taken")

    found = entities_in(listed, told=rejected)
    held: list[Held] = []
    while part := [held_of(each, dataset=listed.name) for each in islice(found, _EVERY)]:
        held += part
        told(f"{listed.name}: {len(held):,} entities")
    return held


def serve_lists(named: Iterable[str], *, port: int, told: Callable[[str], None]) -> None:
    """Serve lists until SIGTERM or Ctrl-C; it answers, *not ready*, while they load.

    Raises `InvalidInputError` on a list that cannot be loaded, `ConfigurationError` where the
    port is in use.
    """
    files = list_files(named)
    if not files:
        raise InvalidInputError("name at least one list: `--load FORMAT:PATH`")
    matcher = Opening()
    make_app = cast("_Surface", load_surface("comity.api.matching").matching_app)
    with (
        _bound(port) as place,
        TemporaryDirectory(prefix="comity-", ignore_cleanup_errors=True) as folder,
    ):

        def load() -> ListMatcher:
            return open_lists(files, told=told, folder=Path(folder))

        asyncio.run(_serve(make_app(matcher), matcher, load, place=place, told=told))
    for error in matcher.failed:
        raise error


def _bound(port: int) -> socket.socket:
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((HOST, port))
        place.listen()  # who reads the address may connect at once
    except OSError as error:
        place.close()
        why = (
            "is in use" if error.errno == errno.EADDRINUSE else f"is not ours: {error.strerror}"
        )
        raise ConfigurationError(f"port {port} {why}; name another by `--port`") from None
    return place


async def _serve(
    app: ASGIApp,
    matcher: Opening,
    opened: Callable[[], ListMatcher],
    *,
    place: socket.socket,
    told: Callable[[str], None],
) -> None:
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            lifespan="off",
        )
    )
    address = f"http://{HOST}:{place.getsockname()[1]}"

    def load() -> None:
        try:
            matcher.opened = opened()
        except ComityError as error:
            matcher.failed.append(error)
            server.should_exit = True
        except OSError as error:
            matcher.failed.append(StorageError(f"reading stopped: {error.strerror}"))
            server.should_exit = True
        else:
            told(f"ready: {address}")

    told(f"listening on {address}; not ready until everything is loaded")
    threading.Thread(target=load, daemon=True).start()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, server.stop)
    await server.serve(sockets=[place])


class _Server(uvicorn.Server):
    """Ends on Ctrl-C as a service that was told to, not as a program that was broken off."""

    def stop(self) -> None:
        """Close the listener and let what is under way finish."""
        self.should_exit = True

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Generator[None]:
        """Take no signal: the loop does."""
        yield
