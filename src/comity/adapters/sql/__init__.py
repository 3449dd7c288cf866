"""The store in a database: a SQLite file by default, PostgreSQL when a partner outgrows it."""

from comity.adapters.sql.copy import snapshot
from comity.adapters.sql.migration import Migration, Wish
from comity.adapters.sql.schema import SCHEMA
from comity.adapters.sql.store import SqlStore, migrate_store, open_postgres, open_sqlite

__all__ = [
    "SCHEMA",
    "Migration",
    "SqlStore",
    "Wish",
    "migrate_store",
    "open_postgres",
    "open_sqlite",
    "snapshot",
]
