"""What we hold: records that can be erased, and entities as views over statements."""

from comity.core.store import Row
from comity.record.safe import SALT, Cipher, KeyedHash, RecordRow, Safe, WeekKeys
from comity.record.statements import (
    StatementRow,
    keep_statements,
    normal,
    row_of,
    rows_about,
    rows_of,
    rows_saying,
    statements_of,
)

ROWS: tuple[type[Row], ...] = (RecordRow, StatementRow)

__all__ = [
    "ROWS",
    "SALT",
    "Cipher",
    "KeyedHash",
    "RecordRow",
    "Safe",
    "StatementRow",
    "WeekKeys",
    "keep_statements",
    "normal",
    "row_of",
    "rows_about",
    "rows_of",
    "rows_saying",
    "statements_of",
]
