"""`/catalog`, `/healthz`, `/readyz`: what can be searched, and whether anybody answers."""

import hashlib

import msgspec

from comity.api.matching import shapes
from comity.api.matching.door import Call, Reply
from comity.core.errors import NotFoundError
from comity.screening.matching import DEFAULT, Catalog, Source


def catalog(call: Call) -> Reply:
    """Tell what can be searched; 304 where the caller has that answer already."""
    told = _told(call.gate.catalog(call.caller))
    tag = f'"{hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    known = {part.strip().removeprefix("W/") for part in call.seen.split(",")}
    if tag in known or "*" in known:
        return Reply(body=None, status=304, headers=headers)
    return Reply(body=told, headers=headers)


def healthz(call: Call) -> Reply:
    """Say that somebody answers."""
    del call
    return Reply(body=shapes.Status(status="ok"))


def readyz(call: Call) -> Reply:
    """Say whether a search would be answered."""
    if not call.gate.is_ready():
        return Reply(body=shapes.Detail(detail="the index is not open yet"), status=503)
    return Reply(body=shapes.Status(status="ok"))


def statements(call: Call) -> Reply:
    """Say that single statements are not served in this shape."""
    del call
    raise NotFoundError("single statements are not served here: see the officers' API")


def _told(found: Catalog) -> shapes.CatalogAnswer:
    names = [source.name for source in found.sources]
    whole = shapes.Dataset(
        name=DEFAULT,
        title="Everything that can be searched here",
        version=found.version,
        children=names,
        load=True,
        index_version=found.version,
        index_current=True,
        entity_count=_sum(found),
        thing_count=_sum(found),
        updated_at=None,
        last_export=None,
    )
    return shapes.CatalogAnswer(
        datasets=[whole, *(_dataset(each, found.version) for each in found.sources)],
        current=[DEFAULT, *names],
    )


def _sum(found: Catalog) -> int | None:
    counts = [source.entities for source in found.sources if source.entities is not None]
    return sum(counts) if len(counts) == len(found.sources) else None


def _dataset(source: Source, version: str) -> shapes.Dataset:
    return shapes.Dataset(
        name=source.name,
        title=source.title,
        version=source.version,
        children=[],
        load=True,
        index_version=version,
        index_current=True,
        entity_count=source.entities,
        thing_count=source.entities,
        updated_at=source.published or None,
        last_export=source.published or None,
        demonstration=source.is_demonstration,
    )
