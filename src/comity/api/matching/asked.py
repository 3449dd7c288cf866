"""What a caller asks, read into types; each mistake is named with what was expected.

INVARIANT: an error names parameters, properties and forms, never the value of a property.
"""

import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import QueryParams

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.message import vocabulary
from comity.screening.matching import Page, Scope

QUERIES = 100
"""Most questions in one batch."""
RESULTS = 500
"""Most results of one question."""
EXCLUDED = 50
"""Most entities that may be left out by id."""
OFFSET = 9_499
"""Furthest place at which a page may begin."""
VALUES = 512
"""Most values of one question."""
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?", re.ASCII)
_TRUTH = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def scope(query: QueryParams, dataset: str) -> Scope:
    """Read among which entities is looked."""
    excluded = tuple(query.getlist("exclude_entity_ids"))
    if len(excluded) > EXCLUDED:
        raise LimitError(f"expected at most {EXCLUDED} `exclude_entity_ids`")
    return Scope(
        dataset=dataset,
        include=listed(query, "include_dataset"),
        exclude=listed(query, "exclude_dataset"),
        exclude_schemata=tuple(schema(name) for name in listed(query, "exclude_schema")),
        exclude_entities=excluded,
        topics=listed(query, "topics"),
        changed_since=time(query, "changed_since"),
    )


def page(query: QueryParams, *, limit: int) -> Page:
    """Read which part of a list is wanted; `limit` is what a caller gets who says nothing."""
    return Page(
        limit=whole(query, "limit", default=limit, most=RESULTS),
        offset=whole(query, "offset", default=0, most=OFFSET),
        sort=tuple(_sort(term) for term in listed(query, "sort")),
    )


def _sort(term: str) -> str:
    name, _, direction = term.partition(":")
    if not re.fullmatch(r"[A-Za-z_.]{1,60}", name) or direction not in ("", "asc", "desc"):
        raise InvalidInputError("expected `sort` like `last_change:desc`")
    return term


def listed(query: QueryParams, name: str) -> tuple[str, ...]:
    """Read a parameter that may be repeated; empty ones say nothing."""
    found = tuple(value for value in query.getlist(name) if value)
    if any(not value.isprintable() for value in found):
        raise InvalidInputError(f"expected `{name}` without control characters")
    if len(found) > limits.FIELDS or any(len(value) > limits.NAME for value in found):
        raise LimitError(f"expected at most {limits.FIELDS} short values of `{name}`")
    return found


def whole(query: QueryParams, name: str, *, default: int, most: int, least: int = 0) -> int:
    """Read a whole number."""
    text = query.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not least <= int(text) <= most:
        raise InvalidInputError(f"expected `{name}` to be a whole number, {least} to {most}")
    return int(text)


def share(query: QueryParams, name: str, *, default: float) -> float:
    """Read a number between 0 and 1."""
    text = query.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"(0|1|[01]?\.[0-9]{0,20}|[01]\.?)", text, re.ASCII) or text == ".":
        raise InvalidInputError(f"expected `{name}` to be a number between 0 and 1")
    found = float(text)
    if found > 1:
        raise InvalidInputError(f"expected `{name}` to be a number between 0 and 1")
    return found


def truth(query: QueryParams, name: str, *, otherwise: str) -> bool:
    """Read a yes or no."""
    found = _TRUTH.get((query.get(name) or otherwise).lower())
    if found is None:
        raise InvalidInputError(f"expected `{name}` to be `true` or `false`")
    return found


def time(query: QueryParams, name: str) -> str:
    """Read a day or a time of the form `2026-11-23T14:02:00`; empty where none is given."""
    text = query.get(name, "")
    if text and not _TIME.fullmatch(text):
        raise InvalidInputError(f"expected `{name}` like 2026-11-23 or 2026-11-23T14:02:00")
    return text


def one_of(query: QueryParams, name: str, choices: Sequence[str]) -> str:
    """Read one of several words; the first is what a caller gets who says nothing."""
    text = query.get(name, "") or choices[0]
    if text not in choices:
        raise InvalidInputError(f"expected `{name}` to be one of {', '.join(choices)}")
    return text


def schema(name: str) -> str:
    """Read the name of a schema; raises `InvalidInputError`."""
    if name not in vocabulary.schemata():
        raise InvalidInputError("expected a FollowTheMoney schema such as `Person`")
    return name


def matchable(name: str) -> str:
    """Read the name of a schema by which something can be looked for."""
    found = vocabulary.schemata()[schema(name)]
    if not found.is_matchable and found.name != "Thing" and "Thing" not in found.ancestors:
        raise InvalidInputError(
            f"`{found.name}` cannot be looked for: expected a `Thing`, such as `Person`"
        )
    return name


def properties(
    kind: str, given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[str, ...]], list[str], dict[str, str]]:
    """Read properties: those that hold, the names the schema lacks, and what was not in form.

    A name is put together from `firstName`, `lastName` and so on where none is given.
    """
    known = vocabulary.schemata()[kind].properties
    if sum(len(values) for values in given.values()) > VALUES:
        raise LimitError(f"a question has at most {VALUES} values")
    held: dict[str, tuple[str, ...]] = {}
    unknown = sorted(name[:80] for name in given if name not in known)
    unread: dict[str, str] = {}
    for name, values in given.items():
        if name not in known:
            continue
        read = [_value(kind, name, value) for value in values]
        if wrong := [text for text in read if isinstance(text, InvalidInputError)]:
            unread[name] = str(wrong[0])
        if kept := tuple(text for text in read if isinstance(text, str)):
            held[name] = tuple(dict.fromkeys(kept))
    return named(held), unknown, unread


def _value(kind: str, name: str, value: str) -> str | InvalidInputError:
    try:
        return vocabulary.validate(kind, name, value)
    except LimitError:
        raise
    except InvalidInputError as error:
        return error


_NAMES = ("firstName", "secondName", "middleName", "fatherName", "lastName")


def named(held: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Put a name together where there is none but its parts."""
    if any(held.get(prop) for prop in ("name", "alias", "previousName", "weakAlias")):
        return held
    parts = [held[prop][0] for prop in _NAMES if held.get(prop)]
    return {**held, "name": (" ".join(parts),)} if parts else held
