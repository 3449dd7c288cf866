"""What a node knows of its partners' prekeys: until when, and since when."""

from comity.core.store import Op, Reader, Where
from comity.exchange import PrekeyRow
from comity.seal import PrekeyNotice, read_answer


def known_prekeys(reader: Reader) -> dict[str, int]:
    """Return until when the newest prekey of each partner is good."""
    rows = reader.find(PrekeyRow, Where("until", Op.GT, 0))
    return {row.node: row.until for row in rows}


def prekeys_began(reader: Reader) -> dict[str, int]:
    """Return when the newest prekey of each partner began: one by media may last for weeks."""
    said = {row.node: read_answer(row.notice).said for row in reader.find(PrekeyRow)}
    return {node: each.since for node, each in said.items() if isinstance(each, PrekeyNotice)}
