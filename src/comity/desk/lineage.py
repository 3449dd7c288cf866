"""Terms stick: what is made from something held carries the terms of what it was made from.

A draft has three sorts of parents: a message it passes on, the message it corrects, and the
statements of persons looked at in its case. A marking on the form can only add to theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce

from comity.core.cbor import Value
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, CaseId, EntityId, RecordId, member_of, message_id
from comity.core.store import Reader, eq
from comity.exchange import EventRow, InboxRow, OutboxRow, Station
from comity.exchange.leaves import content_of
from comity.exchange.naming import about_of
from comity.message import Draft, Handling, Item, handling, value_at
from comity.practice import CaseFieldRow, Kind
from comity.record import (
    JudgementRow,
    Safe,
    StatementRow,
    Verdict,
    normal,
    rows_saying,
    verdict,
)

_PROPERTY = "/properties/"


def followed(reader: Reader, body: Mapping[str, Value]) -> InboxRow | None:
    """Return the message of a partner that a body passes on, if it names one."""
    follows = body.get("follows")
    rows = (
        reader.find(InboxRow, eq("mid", message_id(follows)), limit=1)
        if isinstance(follows, str)
        else ()
    )
    return rows[0] if rows else None


def inherited(  # noqa: PLR0913 - a marking and all it may come from
    reader: Reader,
    marking: Handling,
    kind: Kind,
    body: Mapping[str, Value],
    *,
    partner: AgencyId,
    station: Station,
) -> Handling:
    """Join a marking with those of the messages a body is made from.

    The originator of what is passed on keeps control. Raises `NotFoundError` where that cannot
    be passed on any more, `InvalidInputError` where exercise and real values would mix.
    """
    passed_on = followed(reader, body)
    if passed_on is not None:
        terms = _terms(reader, passed_on, station)
        if terms is None or passed_on.state != "filed":
            raise NotFoundError("the message that `follows` names cannot be passed on any more")
        origin = terms.originators | ({AgencyId(passed_on.author)} - {partner})
        marking = marking.join(replace(terms, originators=origin))
    about = about_of(body) if kind.word == "correct" else None
    ours = None if about is None else reader.get(OutboxRow, about)
    if ours is None:
        return marking
    terms = _terms(reader, ours, station)
    if terms is None and "entity" in body:
        raise NotFoundError("what it corrects is erased: recall it, or tell it anew")
    # INVARIANT: a correction is marked no looser than what it corrects.
    return marking if terms is None else marking.join(terms)


def _terms(reader: Reader, row: InboxRow | OutboxRow, station: Station) -> Handling | None:
    """Return the marking of a whole message, with those of its single values."""
    kept = station.safe.open(reader, RecordId(row.record_id))
    if kept is None:
        return None
    content = content_of(kept)
    return reduce(Handling.join, content.values.values(), content.handling)


def descended(reader: Reader, draft: Draft, *, safe: Safe) -> Draft:
    """Put on each value of a draft the terms of the statements of its case that say the same.

    INVARIANT: what was looked at in a case leaves it under no looser marking than it is held
    under, whatever the form says; a candidate that was judged *different* is no parent.
    """
    parents = frozenset(_parents(reader, draft.case))
    if not parents:
        return draft
    items = tuple(_item(reader, draft, item, (parents, safe)) for item in draft.items)
    return replace(draft, items=items)


def _parents(reader: Reader, case: CaseId) -> Iterable[str]:
    """Return the persons and things somebody looked at in a case."""
    fields = reader.find(CaseFieldRow, eq("case", case), eq("name", "candidate"))
    judged = reader.find(JudgementRow, eq("case_id", case))
    looked = reader.find(EventRow, eq("case", case), eq("sort", "consulted"))
    found = {row.value for row in fields} | {row.entity_id for row in judged}
    for name in found | {row.reference for row in looked if row.reference}:
        if verdict(reader, case, EntityId(name)) is not Verdict.DIFFERENT:
            yield name


def _item(reader: Reader, draft: Draft, item: Item, held: tuple[frozenset[str], Safe]) -> Item:
    parents, safe = held
    _, found, place = item.path.partition(_PROPERTY)
    if not found:
        return item
    prop, value = place.partition("/")[0], str(value_at(draft.body, item.path))
    rows = rows_saying(reader, prop=prop, value=normal(value), safe=safe)
    return reduce(_under, ((draft, row) for row in rows if row.entity_id in parents), item)


def _under(item: Item, parent: tuple[Draft, StatementRow]) -> Item:
    draft, row = parent
    originator, terms = AgencyId(row.originator), handling(row.handling)
    if member_of(originator) == member_of(draft.originator):
        return replace(item, handling=item.handling.join(terms))
    kept = terms.originators | ({originator} - {draft.recipient})
    facts = {**item.facts, "third_party": originator != draft.recipient}
    if originator != draft.recipient:
        facts["originator_consent"] = False
    joined = item.handling.join(replace(terms, originators=kept))
    return replace(item, handling=joined, facts=facts)
