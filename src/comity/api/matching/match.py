"""`POST /match/{dataset}`: who of those held may be meant, with every reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Raw, Struct

from comity.api.endpoint import read
from comity.api.matching import asked, render, shapes
from comity.api.matching.algorithms import BEST, NAMES
from comity.api.matching.door import Call, Reply
from comity.core.errors import InvalidInputError, LimitError
from comity.screening import Query
from comity.screening.matching import Answered, Ask, Batch

THRESHOLD = 0.7
"""From which score on a candidate is suggested unless the caller says otherwise."""
CUTOFF = 0.7
LIMIT = 5
Given = dict[str, str | list[str]]


class Example(Struct, frozen=True, kw_only=True):
    """One question: who is looked for."""

    schema: str
    properties: Given = {}
    id: str | None = None


class Queries(Struct, frozen=True, kw_only=True):
    """A batch of questions."""

    queries: dict[str, Example]
    weights: dict[str, float] = {}
    config: dict[str, Raw] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A question as it was read, with what of it was not."""

    given: Example
    query: Query
    unknown: list[str]
    unread: dict[str, str]


def match(call: Call) -> Reply:
    """Answer a batch of questions."""
    query = call.query
    asked.one_of(query, "algorithm", (BEST, *NAMES))
    threshold = asked.share(query, "threshold", default=THRESHOLD)
    cutoff = min(asked.share(query, "cutoff", default=CUTOFF), threshold)
    limit = asked.whole(query, "limit", default=LIMIT, most=asked.RESULTS)
    scope = asked.scope(query, call.path["dataset"])
    understood = _read(call.body)
    batch = Batch(
        asks=tuple(Ask(key=key, query=each.query) for key, each in understood.items()),
        scope=scope,
        limit=limit,
        cutoff=cutoff,
    )
    matcher = call.admit()
    found = matcher.match(batch)
    answer = shapes.MatchAnswer(
        responses={
            key: _answer(found[key], each, threshold) for key, each in understood.items()
        },
        limit=limit,
        method=matcher.method().version,
    )
    return Reply(body=answer, headers={"X-Batch-Size": str(len(understood))})


def _read(body: bytes) -> Mapping[str, Understood]:
    given = read(body, Queries)
    if given.config:
        raise InvalidInputError("expected no `config`: there is nothing to set")
    if given.weights:
        raise InvalidInputError("expected no `weights`: they are learned, not set by a caller")
    if not given.queries:
        raise InvalidInputError("expected at least one query in `queries`")
    if len(given.queries) > asked.QUERIES:
        raise LimitError(f"expected at most {asked.QUERIES} queries in one batch")
    return {
        key: _numbered(number, each)
        for number, (key, each) in enumerate(given.queries.items(), start=1)
    }


def _numbered(number: int, given: Example) -> Understood:
    try:
        return understand(given)
    except LimitError as error:
        raise LimitError(f"query {number}: {error}") from None
    except InvalidInputError as error:
        raise InvalidInputError(f"query {number}: {error}") from None


def understand(given: Example) -> Understood:
    """Read one question; raises `InvalidInputError` where nothing can be looked for."""
    kind = asked.matchable(given.schema)
    values = {
        name: [value] if isinstance(value, str) else value
        for name, value in given.properties.items()
    }
    held, unknown, unread = asked.properties(kind, values)
    query = Query(schema=kind, properties=held)
    return Understood(given=given, query=query, unknown=unknown, unread=unread)


def _answer(found: Answered, each: Understood, threshold: float) -> shapes.Matches:
    query = each.query
    return shapes.Matches(
        status=200,
        results=[render.scored(candidate, threshold) for candidate in found.candidates],
        total=shapes.Total(value=found.total, relation="eq" if found.is_complete else "gte"),
        query=shapes.Example(
            id=each.given.id,
            schema=query.schema,
            properties={prop: list(values) for prop, values in query.properties.items()},
        ),
        flags=[flag.value for flag in found.flags],
        unknown=each.unknown,
        unread=each.unread,
    )
