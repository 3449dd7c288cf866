"""The words of a practice in one language: a flat list of keys, the kit's own beneath.

Keys: `practice`, `kind.ask`, `field.question`, `choice.outcome.hit`, `state.open`,
`page.waiting`; where one kind says it otherwise, `field.ask.question` comes first. Files lie in
`locale/<lang>.json` of the practice and of the kit; who has a file system hands the bytes in.
"""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.practice.model import Kind, Practice
from comity.practice.universal import universal

Words = Mapping[str, str]


def read_words(data: bytes) -> Words:
    """Read one locale file; raises `InvalidInputError` naming the key that is not a word."""
    try:
        found: object = json.loads(data)
    except ValueError as error:
        raise InvalidInputError("a locale file is one JSON object of texts") from error
    if not isinstance(found, dict):
        raise InvalidInputError("a locale file is one JSON object of texts")
    for key, text in cast("dict[str, object]", found).items():
        if not isinstance(text, str) or not 1 <= len(text) <= limits.NAME:
            raise InvalidInputError(f"the word `{key[:80]}` is not text")
    return cast("Words", found)


def wanted(practice: Practice) -> frozenset[str]:
    """Return every key a locale of this practice has."""
    states = {step.after for step in practice.steps} | {
        timer.after for timer in practice.timers
    }
    return frozenset(
        {"practice", "command"}
        | {f"state.{state}" for state in states}
        | {f"page.{page.name}" for page in practice.pages}
        | {f"column.{column.name}" for page in practice.pages for column in page.columns}
        | _of_kinds(practice.kinds)
    )


def wanted_of_kit() -> frozenset[str]:
    """Return every key a locale of the kit has: universal kinds, a stopped or parted case."""
    return frozenset({"state.stopped", "state.parted"}) | _of_kinds(universal("kit"))


def label(words: Words, kind: Kind, field: str, *, code: str = "") -> str:
    """Return what people read for a field of a kind, or for one code of it."""
    head, tail = ("choice", f"{field}.{code}") if code else ("field", field)
    return (
        words.get(f"{head}.{kind.word}.{tail}") or words.get(f"{head}.{tail}") or code or field
    )


def _of_kinds(kinds: Sequence[Kind]) -> frozenset[str]:
    fields = [field for kind in kinds for field in kind.fields]
    return frozenset(
        [f"kind.{kind.word}" for kind in kinds]
        + [f"field.{field.name}" for field in fields]
        + [f"choice.{field.name}.{code}" for field in fields for code in field.choices]
    )
