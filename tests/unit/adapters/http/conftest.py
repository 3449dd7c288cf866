"""A listener on loopback, in a thread of the test."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette


@contextmanager
def _serving(app: Starlette, certificate: Path | None) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    tls = str(certificate) if certificate else None
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ssl_certfile=tls, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def serve(socket_enabled: None) -> Iterator[Callable[[Starlette, Path | None], str]]:
    """Return a function that serves an app, with TLS where a PEM file is given."""
    del socket_enabled
    with ExitStack() as stack:

        def start(app: Starlette, certificate: Path | None) -> str:
            return stack.enter_context(_serving(app, certificate))

        yield start
