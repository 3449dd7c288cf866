"""The values a name is read into."""

from dataclasses import dataclass
from enum import Enum, unique

from typing_extensions import override


@unique
class Sort(Enum):
    """What a word of a name does in it."""

    NAME = "name"
    INITIAL = "initial"
    """One letter."""
    PARTICLE = "particle"
    """`al`, `bin`, `de`, `van`: joins names and distinguishes few people."""
    TITLE = "title"
    """`dr`, `haji`, `general`: no part of the name."""
    LEGAL = "legal"
    """`ltd`, `gmbh`, `ooo`, each brought to one form."""
    GENERIC = "generic"
    """`trading`, `company`, `bank`: says what it is, not which."""
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name."""

    text: str
    """Its likeliest reading: `a` to `z` and digits only, never empty."""
    source: str
    """As it stands in the name."""
    sort: Sort
    readings: tuple[str, ...]
    """Every reading, likeliest first, at most 8; the first is `text`."""
    skeleton: str
    """`skeleton(text)`."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name read into words; without any, it cannot be compared."""

    source: str
    script: str
    """Script of most letters: `latin`, `arabic`, `cyrillic`, `han` …; empty without letters."""
    tokens: tuple[Token, ...]
    warnings: tuple[str, ...] = ()
    """What was folded away: `homoglyphs`, `invisible`, `cut`."""

    @override
    def __hash__(self) -> int:
        """Hash by the source alone: names are looked up often, and read but once."""
        return hash(self.source)
