"""A draft at rest: how one that waits for a person is written down and read back.

A referred draft re-enters the road at `decide`, never at `mark`: the law may have changed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId, CaseId
from comity.message import Content, Draft, Facts, Item, Urgency, handling
from comity.practice import Kind, items, protects


def draft_record(draft: Draft) -> dict[str, Value]:
    """Write a draft as a map."""
    return {
        "kind": draft.kind,
        "originator": draft.originator,
        "recipient": draft.recipient,
        "purpose": draft.purpose,
        "at": draft.at,
        "body": draft.body,
        "handling": str(draft.handling),
        "case": draft.case,
        "categories": sorted(draft.categories),
        "items": [_item_record(item) for item in draft.items],
        "facts": dict(draft.facts),
        "urgency": draft.urgency.value,
        "protective": draft.is_protective,
    }


def _item_record(item: Item) -> Value:
    told: dict[str, Value] = {
        "path": item.path,
        "category": item.category,
        "handling": str(item.handling),
        "facts": dict(item.facts),
    }
    return told


def read_draft(record: Mapping[str, Value], *, at: Instant) -> Draft:
    """Read back what this node wrote, to be asked about again at `at`."""
    parts = cast("list[Mapping[str, Value]]", record["items"])
    return Draft(
        kind=cast("str", record["kind"]),
        originator=AgencyId(cast("str", record["originator"])),
        recipient=AgencyId(cast("str", record["recipient"])),
        purpose=cast("str", record["purpose"]),
        at=at,
        body=cast("Mapping[str, Value]", record["body"]),
        handling=handling(cast("str", record["handling"])),
        case=CaseId(cast("str", record["case"])),
        categories=frozenset(cast("list[str]", record["categories"])),
        items=tuple(_read_item(part) for part in parts),
        facts=cast("Facts", record["facts"]),
        urgency=Urgency(record["urgency"]),
        is_protective=bool(record["protective"]),
    )


def as_held(
    kind: Kind, content: Content, *, agencies: tuple[AgencyId, AgencyId], at: Instant
) -> Draft:
    """Read what a partner said, from whom to whom, as our own law sees it at `at`."""
    marks = content.values
    parts = tuple(
        replace(part, handling=part.handling.join(marks[part.path]))
        if part.path in marks
        else part
        for part in items(kind, content.body, handling=content.handling)
    )
    return Draft(
        kind=kind.name,
        originator=agencies[0],
        recipient=agencies[1],
        purpose=content.purpose,
        at=at,
        body=content.body,
        handling=content.handling,
        case=CaseId(""),
        categories=frozenset(item.category for item in parts),
        items=parts,
        urgency=content.urgency,
        is_protective=protects(kind, content.body),
    )


def _read_item(record: Mapping[str, Value]) -> Item:
    return Item(
        path=cast("str", record["path"]),
        category=cast("str", record["category"]),
        handling=handling(cast("str", record["handling"])),
        facts=cast("Facts", record["facts"]),
    )
