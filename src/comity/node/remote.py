"""Another log, read over the network as anyone may: its checkpoint, its tiles, its entries.

Nothing that comes is believed: a checkpoint counts by its signatures, a tile by the root it
leads to.
"""

import hashlib
from dataclasses import dataclass

from comity.adapters.http import Client
from comity.core import limits
from comity.core.errors import (
    AuthorisationError,
    NotFoundError,
    UnreachableError,
)
from comity.ledger import Read, Tile
from comity.node.archive import Archive, Vkeys
from comity.trust import Directory, NodeEntry

_OK, _FORBIDDEN, _MISSING = 200, 403, 404
_BUNDLE = 256 * (limits.LEDGER_ENTRY + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLog:
    """A log at an address: the prefix below which `checkpoint` and `tile/…` stand."""

    client: Client
    url: str
    tls: tuple[bytes, ...] = ()
    token: str = ""
    """A reader's token for entry bundles; hashes are open to all."""

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint; raises `UnreachableError`, `NotFoundError`."""
        return self._fetch("checkpoint", limits.NOTE)

    def tile(self, tile: Tile) -> bytes:
        """Return a tile of hashes or a bundle of entries.

        Raises `AuthorisationError` where the token opens no bundles, `NotFoundError`,
        `UnreachableError`.
        """
        if tile.level is not None:
            return self._fetch(tile.path, tile.width * 32)
        prefix = f"r/{self.token}/" if self.token else ""
        return self._fetch(f"{prefix}{tile.path}", _BUNDLE)

    def under(self, note: bytes) -> Archive:
        """Return the tree under one of its checkpoints; tiles are fetched as they are read."""
        return Archive(signed=note, vkeys=Vkeys(log=(), witnesses=()), give=self.tile)

    def read(self, note: bytes) -> Read:
        """Return the nodes of the tree under one of its checkpoints."""
        return self.under(note).read

    def _fetch(self, path: str, limit: int) -> bytes:
        if not self.url:
            raise NotFoundError("nobody in the directory serves this log")
        reply = self.client.get(f"{self.url.rstrip('/')}/{path}", tls=self.tls, limit=limit)
        if reply.status == _OK:
            return reply.body
        if reply.status == _MISSING:
            raise NotFoundError("the log has no such file")
        if reply.status == _FORBIDDEN:
            raise AuthorisationError("the log does not open its entries to this token")
        raise UnreachableError(f"the log answers {reply.status}")


def remote_log(
    directory: Directory, origin: str, client: Client, *, token: str = ""
) -> RemoteLog:
    """Return where the log of an origin is read; its reads raise where nobody serves it.

    The registry's log is read at the first of its mirrors.
    """
    registry = directory.registry
    if registry is not None and registry.origin == origin and registry.urls:
        return RemoteLog(client=client, url=f"{registry.urls[0].rstrip('/')}/registry")
    for entry in directory.nodes():
        if f"/log/{entry.node}/" in origin:
            url = f"{entry.url.rstrip('/')}/log"
            return RemoteLog(client=client, url=url, tls=entry.tls, token=token)
    # It left the directory: there is nobody to ask.
    return RemoteLog(client=client, url="")


def witnessed_by(client: Client, entry: NodeEntry, origin: str) -> bytes | None:
    """Return the newest checkpoint of an origin that a node cosigned, if any.

    Raises `UnreachableError`.
    """
    digest = hashlib.sha256(origin.encode()).hexdigest()
    url = f"{entry.url.rstrip('/')}/witness/{digest}/checkpoint"
    reply = client.get(url, tls=entry.tls, limit=limits.NOTE)
    return reply.body if reply.status == _OK else None
