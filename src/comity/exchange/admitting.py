"""What *admit* asks before it lets a message in: where its sender stands, our door, our law."""

from collections.abc import Mapping
from dataclasses import replace

from comity.core.cbor import Value
from comity.core.errors import ComityError, ConflictError, InvalidInputError
from comity.core.ids import CaseId
from comity.core.store import Reader
from comity.exchange import cases, passage, stepping
from comity.exchange.doors import Passing, is_barred
from comity.exchange.drafts import as_held
from comity.exchange.leaves import marking_of
from comity.exchange.stages import Opened
from comity.exchange.station import Station
from comity.law import standing_facts
from comity.ledger import LeafType
from comity.message import Draft, Facts
from comity.practice import Kind


def held_back(draft: Draft, kind: Kind, station: Station) -> str | None:
    """Return the code by which the directory holds a message back, or `None`."""
    return passage.refusal(
        kind,
        draft.body,
        setting=draft.handling.setting,
        agencies=(draft.originator, draft.recipient),
        directory=station.directory(),
        at=station.clock.now(),
    )


def code_of(error: ComityError) -> tuple[str, LeafType]:
    """Return by which code and leaf a step that cannot be taken is answered."""
    if isinstance(error, ConflictError):
        return "conflict", LeafType.INCIDENT
    code = "early" if isinstance(error, cases.TooEarlyError) else "not-admitted"
    return code, LeafType.NOT_ADMITTED


def at_the_door(
    reader: Reader, draft: Draft, opened: Opened, kind: Kind, *, station: Station
) -> tuple[CaseId | None, Facts] | None:
    """Return the case and what stands of the partner; `None` where our door is closed to it."""
    partner, purpose = draft.originator, draft.purpose
    passing = Passing(kind=kind, body=draft.body, partner=partner, purpose=purpose)
    if is_barred(reader, passing, station=station):
        return None
    standing = standing_facts(reader, partner, purpose, at=draft.at)
    return stepping.place(reader, opened, station=station), standing


def as_our_law_sees(opened: Opened, kind: Kind, body: Mapping[str, Value]) -> Draft:
    """Read a message as our law sees it, under the terms that the author's agency signed.

    Raises `InvalidInputError` where the content is not what the signed header says.
    """
    message, content = opened.message, replace(opened.content, body=body)
    agencies = (message.author, message.recipient)
    draft = as_held(kind, content, agencies=agencies, at=opened.verified.received.at)
    is_signed = message.marking == marking_of(content.handling)
    if message.items != len(draft.items) or not is_signed:
        raise InvalidInputError("the content is not what its signed header says")
    return draft
