"""What a message names: a message of its own case, by the right side, and a place within it.

A recall, a correction or an expiry is its author's own; what is answered or complied with is
the other side's. Nothing can name what this case does not hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.core.cbor import Value
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import CaseId, MessageId, RecordId, message_id
from comity.core.store import Reader, eq
from comity.exchange.leaves import content_of
from comity.exchange.rows import InboxRow, OutboxRow
from comity.exchange.station import Station
from comity.message import value_at
from comity.practice import Kind

_OWN = frozenset({"recall", "correct", "expire", "confirm", "stop-confirm", "watch-renew"})
_OTHERS = frozenset(
    {"comply", "seen", "challenge-answer", "consent", "consent-answer", "watch-answer", "late"}
)
_OF: Mapping[str, frozenset[str]] = {
    "comply": frozenset({"recall", "correct", "expire"}),
    "challenge-answer": frozenset({"challenge"}),
    "consent-answer": frozenset({"consent"}),
    "stop-confirm": frozenset({"stop"}),
    "lift": frozenset({"stop"}),
}
"""Which words an answering word may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A message of a case, as another one names it."""

    row: InboxRow | OutboxRow

    @property
    def is_ours(self) -> bool:
        """Whether we sent it."""
        return isinstance(self.row, OutboxRow)


def named(reader: Reader, mid: MessageId, *, case: str) -> Named | None:
    """Find a message of a case, on either side."""
    ours = reader.get(OutboxRow, mid)
    if ours is not None and ours.case == case:
        return Named(row=ours)
    theirs = reader.find(InboxRow, eq("mid", mid), eq("case", case), limit=1)
    return Named(row=theirs[0]) if theirs else None


def content_at(reader: Reader, row: InboxRow | OutboxRow, station: Station) -> bytes | None:
    """Return what was kept of a message, or `None` once it is erased."""
    return station.safe.open(reader, RecordId(row.record_id))


def about_of(body: Mapping[str, Value]) -> MessageId | None:
    """Return the message a body names, if it names one."""
    about = body.get("about")
    return message_id(about) if isinstance(about, str) else None


def check(  # noqa: PLR0913 - a message, its case and its side
    reader: Reader,
    kind: Kind,
    body: Mapping[str, Value],
    *,
    case: CaseId,
    station: Station,
    is_ours: bool,
) -> None:
    """Demand that what a message names is there, and its author's to name.

    Raises `NotFoundError` where the case holds no such message (yet), `InvalidInputError` where
    it is another side's, of another word, was never stored, or has no such place.
    """
    mid = about_of(body)
    if mid is None:
        return
    found = named(reader, mid, case=case)
    if found is None:
        raise NotFoundError(f"`about` names no message of this case: `{mid.hex()}`")
    word, is_own = kind.word, found.is_ours is is_ours
    if (word in _OWN and not is_own) or (word in _OTHERS and is_own):
        raise InvalidInputError(f"`about` of `{kind.name}` names a message of the wrong side")
    of = station.practices.kind(found.row.kind).word
    if word in _OF and of not in _OF[word]:
        raise InvalidInputError(f"`about` of `{kind.name}` names a message of another kind")
    if is_ours and found.is_ours and found.row.state in {"rejected", "expired"}:
        raise InvalidInputError("`about` names a message that its partner never stored")
    place = body.get("place")
    if isinstance(place, str):
        _check_place(reader, found, place, station=station)


def _check_place(reader: Reader, found: Named, place: str, *, station: Station) -> None:
    kept = content_at(reader, found.row, station)
    try:
        value_at(content_of(kept or b"").body, place)
    except (InvalidInputError, KeyError, IndexError, ValueError):
        raise InvalidInputError("`place` is not in the message that `about` names") from None
