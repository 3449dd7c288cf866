"""Lists and forms as data, drawn by console and CLI alike; words come from the locale."""

from dataclasses import dataclass

from comity.practice.terms import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a list: a field of `CaseRow`, or a searchable field of the practice."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A list of cases in these states, seen by the side that opened them or was asked."""

    name: str
    states: frozenset[str]
    columns: tuple[Column, ...]
    side: Side = Side.EITHER
    order: str = "due,opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a kind is written: its fields in groups, in order."""

    kind: str
    groups: tuple[tuple[str, ...], ...]
