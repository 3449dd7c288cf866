"""`/reconcile/{dataset}`: questions and extensions of OpenRefine (Reconciliation API 0.2).

INVARIANT: `match` is never true here. OpenRefine takes such a candidate without anybody looking
at it; a person picks every one.
"""

from typing import Annotated

from msgspec import Meta, Struct

from comity.api.endpoint import read
from comity.api.matching import asked
from comity.api.matching import reconcile_shapes as shapes
from comity.api.matching.door import Call, Reply
from comity.api.matching.kinds import about, cells, kind, property_of, type_of
from comity.api.matching.manifest import manifest
from comity.core.errors import InvalidInputError, LimitError
from comity.message import vocabulary
from comity.screening import Query
from comity.screening.matching import (
    Answered,
    Ask,
    Batch,
    Matcher,
    Scope,
    Scored,
    caption,
    sources_in,
)

LIMIT = 5
Count = Annotated[int, Meta(ge=0, le=asked.RESULTS)]


class Entity(Struct, frozen=True, kw_only=True):
    """A value that is an entity itself."""

    id: str
    name: str = ""


Single = str | int | float | bool


class Property(Struct, frozen=True, kw_only=True):
    """A property and what it should be."""

    pid: str
    v: Single | Entity | list[Single | Entity | None] | None = None


class Question(Struct, frozen=True, kw_only=True):
    """One question; of several types the first counts."""

    query: str = ""
    type: str | list[str] | None = None
    limit: Count = LIMIT
    properties: list[Property] = []
    type_strict: str = ""


class Settings(Struct, frozen=True, kw_only=True):
    """How many values of a property, and in which form."""

    limit: Count | str = 0
    render: str = "caption"


class Wanted(Struct, frozen=True, kw_only=True):
    """A property to fetch."""

    id: str
    settings: Settings = Settings()


class Extension(Struct, frozen=True, kw_only=True):
    """Properties to fetch of entities."""

    ids: list[str]
    properties: list[Wanted] = []


def reconcile(call: Call) -> Reply:
    """Tell what the service is, or answer `queries` or `extend` wherever they come."""
    if call.query.get("callback"):
        raise InvalidInputError(
            "expected no `callback`: no script may carry a key, so pages read across origins"
        )
    for name, answer in (("extend", extend), ("queries", answer_all)):
        text = call.form.get(name) or call.query.get(name)
        if text:
            return answer(call, text)
    if call.is_post:
        raise InvalidInputError("expected a form with `queries` or `extend`")
    return manifest(call)


def answer_all(call: Call, text: str) -> Reply:
    """Answer a batch of questions."""
    given = read(text.encode(), dict[str, Question])
    if not given:
        raise InvalidInputError("expected at least one query in `queries`")
    if len(given) > asked.QUERIES:
        raise LimitError(f"expected at most {asked.QUERIES} queries in one batch")
    limits = {key: max(1, each.limit) for key, each in given.items()}
    batch = Batch(
        asks=tuple(Ask(key=key, query=_query(each)) for key, each in given.items()),
        scope=Scope(dataset=call.path["dataset"]),
        limit=max(limits.values()),
        cutoff=0.0,
    )
    found = call.admit().match(batch)
    told = {key: _candidates(found[key], limits[key]) for key in given}
    return Reply(body=told, headers={"X-Batch-Size": str(len(told))})


def _query(given: Question) -> Query:
    names = [given.type] if isinstance(given.type, str) else list(given.type or ())
    brought = [each.pid.partition(":")[0] for each in given.properties if ":" in each.pid]
    sort = kind([name for name in names if name], brought)
    values: dict[str, list[str]] = {"name": [given.query]} if given.query.strip() else {}
    for each in given.properties:
        name = each.pid.rpartition(":")[2]
        if name in vocabulary.schemata()[sort].properties:
            values.setdefault(name, []).extend(_values(each))
    held, _unknown, _unread = asked.properties(sort, values)
    return Query(schema=sort, properties=held)


def _values(given: Property) -> list[str]:
    values = given.v if isinstance(given.v, list) else [given.v]
    found: list[str] = []
    for value in values:
        match value:
            case None | bool():
                continue
            case Entity():
                found.append(value.name or value.id)
            case _:
                found.append(str(value))
    return [value for value in found if value.strip()]


def _candidates(found: Answered, limit: int) -> shapes.Candidates:
    return shapes.Candidates(result=[_candidate(each) for each in found.candidates[:limit]])


def _candidate(each: Scored) -> shapes.Candidate:
    held, found = each.held, each.candidate
    weights: dict[str, float] = {}
    for evidence in found.evidence:
        weights[evidence.prop] = weights.get(evidence.prop, 0.0) + evidence.weight
    return shapes.Candidate(
        id=held.entity_id,
        name=caption(held),
        description=about(held),
        type=[type_of(held.schema)],
        score=found.score,
        match=False,
        features=[shapes.MatchingFeature(id=name, value=x) for name, x in weights.items()],
    )


def extend(call: Call, text: str) -> Reply:
    """Fetch properties of entities; one that is not held here, or not theirs, has no values."""
    given = read(text.encode(), Extension)
    if len(given.ids) > asked.RESULTS or len(given.properties) > asked.QUERIES:
        raise LimitError(
            f"expected at most {asked.RESULTS} `ids` and {asked.QUERIES} `properties`"
        )
    wanted = {each.id: (property_of(each.id), _most(each), each) for each in given.properties}
    if any(each.settings.render not in ("caption", "raw") for each in given.properties):
        raise InvalidInputError("expected `render` to be `caption` or `raw`")
    matcher = call.admit()
    _check(matcher, call)
    found = matcher.extend(tuple(name for name in given.ids if name.isprintable()))
    if any(tree.held.entity_id != name for name, tree in found.items()):
        raise InvalidInputError("an id in `ids` was merged into another: ask for the newer one")
    rows: dict[str, dict[str, list[shapes.Cell]]] = {name: {} for name in given.ids}
    for name, tree in found.items():
        rows[name] = {
            key: [
                shapes.Cell(text=text)
                for text in cells(tree, prop, is_raw=each.settings.render == "raw")[:most]
            ]
            for key, (prop, most, each) in wanted.items()
        }
    meta = [shapes.Meta(id=key, name=prop.label) for key, (prop, _, _) in wanted.items()]
    return Reply(body=shapes.Extended(meta=meta, rows=rows))


def _check(matcher: Matcher, call: Call) -> None:
    known = (source.name for source in matcher.catalog().sources)
    sources_in(Scope(dataset=call.path["dataset"]), known)


def _most(each: Wanted) -> int | None:
    """Return how many values are wanted; OpenRefine may write the number as text."""
    limit = each.settings.limit
    if isinstance(limit, str):
        if not (limit.isascii() and limit.isdigit() and len(limit) < 9):  # noqa: PLR2004 - digits
            raise InvalidInputError("expected the setting `limit` to be a whole number")
        limit = int(limit)
    return limit or None
