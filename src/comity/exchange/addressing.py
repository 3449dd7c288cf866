"""Addressing: the node of an agency, and the key of that node, to which a message is sealed.

A prekey counts only under a node key that the directory lists now. After a partner revoked its
node key, what it offered under the old one is dead at once, however long it was good for.
"""

from comity.core.errors import NotFoundError, UnreachableError, VerificationError
from comity.core.ids import AgencyId
from comity.core.keys import PublicKey
from comity.core.store import Reader
from comity.exchange.delivery import read_prekey
from comity.exchange.rows import PrekeyRow
from comity.exchange.station import Station
from comity.trust import NodeEntry


def address(
    reader: Reader, recipient: AgencyId, *, station: Station
) -> tuple[NodeEntry, PublicKey]:
    """Return a node of the recipient and its prekey.

    Raises `NotFoundError` where no node is listed, and `UnreachableError` where no prekey of
    one is known, or none under a key that still counts.
    """
    nodes = station.directory().nodes_for(recipient)
    if not nodes:
        raise NotFoundError(f"the directory lists no node for `{recipient}`")
    for entry in nodes:
        key = sound_prekey(reader, entry, station)
        if key is not None:
            return entry, key
    if awaits_key(reader, recipient, station=station):
        raise UnreachableError(f"`{recipient}` revoked its key: its new prekey has not come")
    raise UnreachableError(f"no prekey of a node of `{recipient}` is known yet")


def sound_prekey(reader: Reader, entry: NodeEntry, station: Station) -> PublicKey | None:
    """Return the prekey of a node that is good now, under a key the directory lists now."""
    row = _in_date(reader, entry, station)
    try:
        return None if row is None else read_prekey(row.notice, entry, station).key
    except VerificationError:
        return None


def awaits_key(reader: Reader, recipient: AgencyId, *, station: Station) -> bool:
    """Whether only a revoked key keeps a message back: each prekey in date stands under one."""
    nodes = station.directory().nodes_for(recipient)
    offered = [entry for entry in nodes if _in_date(reader, entry, station) is not None]
    sound = [entry for entry in offered if sound_prekey(reader, entry, station) is not None]
    return bool(offered) and not sound


def _in_date(reader: Reader, entry: NodeEntry, station: Station) -> PrekeyRow | None:
    row = reader.get(PrekeyRow, entry.node)
    return row if row is not None and row.until > station.clock.now() else None
