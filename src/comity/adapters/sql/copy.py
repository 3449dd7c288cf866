"""A whole copy of a SQLite store while it is in use, as one file without deleted rows."""

import sqlite3
from pathlib import Path

from comity.adapters.sql.driver import storage_error
from comity.core.errors import StorageError


def snapshot(store: Path, to: Path) -> None:
    """Copy one committed state of a store to a new private file; writers go on meanwhile.

    The copy is written anew, so that nothing deleted is left in its pages. Raises
    `StorageError`, and leaves no file then.
    """
    if not store.is_file():
        raise StorageError(f"there is no store `{store}` to copy")
    to.touch(mode=0o600, exist_ok=False)
    try:
        held = sqlite3.connect(f"file:{store}?mode=ro", uri=True, isolation_level=None)
        try:
            held.execute("PRAGMA busy_timeout = 5000")
            held.execute("VACUUM INTO ?", (str(to),))
        finally:
            held.close()
    except sqlite3.Error as error:
        to.unlink(missing_ok=True)
        raise storage_error(error) from error
