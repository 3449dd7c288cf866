"""What the kit knows of a watch: how a body requests one, and what the law is asked of it."""

from collections.abc import Mapping

from comity.core.cbor import Value

LONGEST = 30
"""Days a watch lasts at most; each renewal is for so many again."""
WATCH = "watch/1"
"""What the law is asked about where a question is to be kept as a watch; it is no message."""


def watch_days(body: Mapping[str, Value]) -> int:
    """Return for how many days a body requests a watch, for a reason; else 0."""
    days = body.get("watch_days")
    is_days = isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST
    return int(str(days)) if is_days and body.get("watch_reason") else 0
