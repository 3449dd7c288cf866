"""What OpenRefine completes while somebody types: entities, properties, types."""

from collections.abc import Iterable

from comity.api.matching import asked
from comity.api.matching import reconcile_shapes as shapes
from comity.api.matching.door import Call, Reply
from comity.api.matching.kinds import about, properties, qualified, type_of, types
from comity.core import limits
from comity.core.errors import LimitError
from comity.message import vocabulary
from comity.screening.matching import Held, Scope, caption

LIMIT = 10


def suggest_entity(call: Call) -> Reply:
    """Suggest entities a name of which begins so."""
    prefix, limit, skip = _asked(call)
    if not prefix.strip():
        return _told(prefix, ())
    scope = Scope(dataset=call.path["dataset"])
    found = call.admit().suggest(scope, prefix, limit=limit + skip)
    return _told(prefix, (_entity(held) for held in found[skip:]))


def suggest_property(call: Call) -> Reply:
    """Suggest properties whose name or label begins so."""
    prefix, limit, skip = _asked(call)
    found = [
        shapes.Suggested(id=prop.id, name=prop.name, description=prop.description)
        for prop, plain in properties()
        if _begins(prefix, plain, prop.name, prop.id)
    ]
    return _told(prefix, found[skip : skip + limit])


def suggest_type(call: Call) -> Reply:
    """Suggest types whose name or label begins so."""
    prefix, limit, skip = _asked(call)
    found = [
        shapes.Suggested(id=each.id, name=each.name, description=each.description)
        for each in types()
        if _begins(prefix, each.id, each.name, each.description)
    ]
    return _told(prefix, found[skip : skip + limit])


def propose_properties(call: Call) -> Reply:
    """Propose properties to fetch of a type: the telling ones first, then cut, then by name."""
    name = asked.schema(call.query.get("type") or "Thing")
    limit = asked.whole(call.query, "limit", default=0, most=10_000)
    found = vocabulary.schemata()[name]
    ranked = sorted(
        found.properties.values(),
        key=lambda prop: (prop.name not in found.featured, prop.label.casefold(), prop.name),
    )
    cut = ranked[:limit] if limit else ranked
    cut.sort(key=lambda prop: (prop.label.casefold(), prop.name))
    told = [shapes.Meta(id=qualified(prop), name=prop.label) for prop in cut]
    return Reply(body=shapes.Proposed(limit=limit, type=name, properties=told))


def _asked(call: Call) -> tuple[str, int, int]:
    prefix = call.query.get("prefix", "")
    if len(prefix) > limits.NAME:
        raise LimitError(f"expected `prefix` of at most {limits.NAME} characters")
    limit = asked.whole(call.query, "limit", default=LIMIT, most=asked.RESULTS)
    return prefix, limit, asked.whole(call.query, "cursor", default=0, most=asked.OFFSET)


def _begins(prefix: str, *names: str) -> bool:
    begin = prefix.strip().casefold()
    return bool(begin) and any(name.casefold().startswith(begin) for name in names)


def _entity(held: Held) -> shapes.Suggested:
    sort = [type_of(held.schema)]
    return shapes.Suggested(
        id=held.entity_id, name=caption(held), description=about(held), type=sort, notable=sort
    )


def _told(prefix: str, found: Iterable[shapes.Suggested]) -> Reply:
    return Reply(
        body=shapes.Suggestions(
            code="/api/status/ok", status="200 OK", prefix=prefix, result=list(found)
        )
    )
