"""The store in a database: a SQLite file by default, PostgreSQL when a partner outgrows it."""

from comity.adapters.sql.copy import snapshot
from comity.adapters.sql.store import SqlStore, open_postgres, open_sqlite

__all__ = ["SqlStore", "open_postgres", "open_sqlite", "snapshot"]
