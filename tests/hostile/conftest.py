"""A PostgreSQL server of our own, where the group `oracle` is installed."""

from tests.unit.adapters.conftest import new_database, postgres_server

__all__ = ["new_database", "postgres_server"]
