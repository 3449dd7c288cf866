"""Serving a lookout: its listener, and its rounds beside it."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from comity.adapters.http.lookout import Sight, lookout_app
from comity.adapters.journal import Journal
from comity.core.clock import Instant, iso
from comity.core.errors import ComityError, ConfigurationError
from comity.node.lookout import Lookout, open_lookout
from comity.node.monitoring import Monitoring
from comity.node.workers import Worker, stop_all

GRACE = 5
"""Seconds a request under way may take once the lookout is told to stop."""


def sight_of(
    lookout: Lookout, monitoring: Monitoring, failed: Callable[[str, str], None]
) -> Sight:
    """Return what a lookout's listener shows."""
    is_witness = lookout.settings.sort == "witness"
    return Sight(
        witness=lookout.as_witness().answer if is_witness else None,
        checkpoint=lookout.checkpoint,
        file=lookout.file,
        may_read=lambda token: lookout.readers.name_of(token) is not None,
        alarms=lambda: alarms_of(monitoring),
        keys=lambda: vkeys_of(lookout),
        failed=failed,
    )


def vkeys_of(lookout: Lookout) -> bytes:
    """Return a lookout's public keys, one a line."""
    return "".join(f"{signer.verifier.text}\n" for signer in lookout.signers).encode()


def alarms_of(monitoring: Monitoring) -> bytes:
    """Return the alarms that stand, as JSON; they name logs and never content."""
    rows = [
        {
            "sort": row.sort,
            "origin": row.origin,
            "words": row.words,
            "since": iso(Instant(row.since)),
        }
        for row in monitoring.alarms()
    ]
    return msgspec.json.encode({"ok": not rows, "alarms": rows})


def look_once(folder: Path, *, passphrase: str | None) -> bytes:
    """Do one round without serving, and return the alarms that stand, as JSON."""
    lookout = open_lookout(folder, passphrase=passphrase)
    try:
        with contextlib.suppress(ComityError):
            lookout.renew_directory()
        monitoring = lookout.monitoring(lambda _sort, _origin: None)
        monitoring.round()
        return alarms_of(monitoring)
    finally:
        lookout.close()


def serve_lookout(folder: Path, *, passphrase: str | None) -> None:
    """Serve a lookout until SIGTERM or Ctrl-C; raises `ConfigurationError` on a taken port."""
    lookout = open_lookout(folder, passphrase=passphrase)
    journal = Journal(sys.stderr, lookout.clock)
    monitoring = lookout.monitoring(lambda sort, _origin: journal.write("alarm", code=sort))
    app = lookout_app(sight_of(lookout, monitoring, journal.failed))

    def look() -> bool:
        try:
            lookout.renew_directory()
        except ComityError as error:
            journal.failed("directory", error.code)
        if lookout.settings.sort != "witness":
            monitoring.round()
        return False

    worker = Worker("rounds", look, float(lookout.settings.every), journal.failed)
    worker.start()
    try:
        asyncio.run(_serve(app, lookout.settings.listen))
    finally:
        stop_all((worker,))
        lookout.close()


async def _serve(app: ASGIApp, listen: str) -> None:
    parts = urlsplit(listen)
    server = _Server(
        uvicorn.Config(
            app,
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 0,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            lifespan="off",
        )
    )
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, server.stop)
    try:
        await server.serve()
    except SystemExit:
        raise ConfigurationError(f"`{listen}` is in use: is it served already?") from None


class _Server(uvicorn.Server):
    """Ends on a signal as a service that was told to."""

    def stop(self) -> None:
        """Close the listener and let what is under way finish."""
        self.should_exit = True

    @contextlib.contextmanager
    @override
    def capture_signals(self) -> Generator[None]:
        """Take no signal: the loop does."""
        yield
