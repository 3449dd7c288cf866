"""What a command says: one JSON document for programs, words for people, one exit code.

INVARIANT: nothing a partner wrote reaches a terminal with a control character in it.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from comity.core.errors import ComityError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Document: TypeAlias = Mapping[str, Json]

DONE, NO, WRONG, UNREACHABLE = range(4)
EXITS: Mapping[str, int] = {
    "input": WRONG,
    "config": WRONG,
    "unreachable": UNREACHABLE,
    "storage": UNREACHABLE,
    "unexpected": UNREACHABLE,
}
"""Exit codes by the first word of an error's code; every other error is a *no*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The outcome of one command."""

    document: Document
    lines: Sequence[str] = ()
    code: int = DONE


def exit_code(error: ComityError) -> int:
    """Return the exit code of an error: 1 no, 2 wrong usage or input, 3 not reachable."""
    return EXITS.get(error.code.partition(".")[0], NO)


def say(said: Said, *, as_json: bool) -> None:
    """Print words on stderr and, where a program asked for it, one document on stdout."""
    for line in said.lines:
        sys.stderr.write(printable(line) + "\n")
    if as_json:
        sys.stdout.write(msgspec.json.encode(said.document).decode() + "\n")


def printable(text: str) -> str:
    """Blot out every character a terminal would obey."""
    return "".join(
        char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def at(document: Document, name: str) -> str:
    """Return a member of an answer as text; empty where it is absent or null."""
    found = document.get(name)
    return "" if found is None else str(found)


def listed(document: Document, name: str) -> Sequence[Document]:
    """Return a member of an answer as a list of objects."""
    found = document.get(name)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    return [each for each in found if isinstance(each, Mapping)]


def texts(document: Document, name: str) -> Sequence[str]:
    """Return a member of an answer as a list of texts."""
    found = document.get(name)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return ()
    return [str(each) for each in found]


def within(document: Document, name: str) -> Document:
    """Return a member of an answer as an object; an empty one where it is absent."""
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}
