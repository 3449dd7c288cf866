"""Where a directory is fetched from: a folder or medium, or a mirror's address."""

from collections.abc import Callable, Mapping
from pathlib import Path

from comity.adapters.http import UNPINNED, Client, from_mirror
from comity.node.register import Fetch, from_folder


def fetch_from(
    mirror: str, client: Client, *, held: Callable[[], Mapping[str, bytes]] = dict
) -> Fetch:
    """Return what fetches a directory from a mirror, named by a node's address or a folder."""
    if mirror.startswith(("http://", "https://")):
        # RISK: whoever sits between can withhold a directory, and learns that it was asked for;
        # what it gives in its place does not verify, so the mirror's certificate is not asked.
        return from_mirror(client, mirror, tls=UNPINNED, held=held)
    return from_folder(Path(mirror))
