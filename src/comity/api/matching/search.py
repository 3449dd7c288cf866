"""`GET /search/{dataset}`: entities by words, without any score."""

from comity.api.matching import asked, render
from comity.api.matching.door import Call, Reply
from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.screening.matching import FACETS, Joined, Page, TextSearch, check_field

LIMIT = 10
_USUAL = ("countries", "topics", "datasets")


def search(call: Call) -> Reply:
    """Find entities by words."""
    wanted = _wanted(call)
    return Reply(body=render.found(call.admit().search(wanted), wanted.page))


def _wanted(call: Call) -> TextSearch:
    query = call.query
    text = query.get("q", "")
    if len(text) > limits.NAME:
        raise LimitError(f"expected `q` of at most {limits.NAME} characters")
    asked.truth(query, "simple", otherwise="false")
    asked.truth(query, "target", otherwise="true")
    return TextSearch(
        text=text,
        schema=asked.schema(query.get("schema") or "Thing"),
        scope=asked.scope(query, call.path["dataset"]),
        page=_page(call),
        countries=asked.listed(query, "countries"),
        datasets=asked.listed(query, "datasets"),
        fields=tuple(_field(each) for each in asked.listed(query, "filter")),
        joined=Joined(asked.one_of(query, "filter_op", ("OR", "AND"))),
        facets=_facets(call),
        is_fuzzy=asked.truth(query, "fuzzy", otherwise="false"),
    )


def _page(call: Call) -> Page:
    return asked.page(call.query, limit=LIMIT)


def _field(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not value:
        raise InvalidInputError("expected `filter` like `gender:female`")
    return check_field(name), value


def _facets(call: Call) -> tuple[str, ...]:
    found = call.query.getlist("facets")
    if not found:
        return _USUAL
    named = tuple(name for name in found if name)
    if unknown := [name for name in named if name not in FACETS]:
        del unknown
        raise InvalidInputError(f"expected `facets` of {', '.join(FACETS)}")
    return named
