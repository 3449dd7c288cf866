"""What a node knows of its partners' prekeys: until when, and since when."""

from comity.core.errors import NotFoundError
from comity.core.ids import NodeId
from comity.core.store import Op, Reader, Where
from comity.exchange import PrekeyRow, Station
from comity.exchange.addressing import sound_prekey
from comity.seal import PrekeyNotice, read_answer


def known_prekeys(reader: Reader, station: Station) -> dict[str, int]:
    """Return until when the newest prekey of each partner is good.

    One under a revoked key is good no longer, so that its successor is asked for at once.
    """
    rows = reader.find(PrekeyRow, Where("until", Op.GT, 0))
    return {row.node: row.until for row in rows if _is_sound(reader, row, station)}


def _is_sound(reader: Reader, row: PrekeyRow, station: Station) -> bool:
    try:
        entry = station.directory().node(NodeId(row.node))
    except NotFoundError:
        return False
    return sound_prekey(reader, entry, station) is not None


def prekeys_began(reader: Reader) -> dict[str, int]:
    """Return when the newest prekey of each partner began: one by media may last for weeks."""
    said = {row.node: read_answer(row.notice).said for row in reader.find(PrekeyRow)}
    return {node: each.since for node, each in said.items() if isinstance(each, PrekeyNotice)}
