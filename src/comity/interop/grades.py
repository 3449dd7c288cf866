"""Grades of source and information in three scales, checked and put into words.

A grade is kept as its source wrote it. Put beside another scale it loses meaning: what is shown
there is text, never a grade that could be stored, and nothing here orders one grade before
another (`C` and `F` of the Admiralty are not two places on one line).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.core.errors import InvalidInputError
from comity.message import Grade

_SOURCE: Final[Mapping[str, Mapping[str, str]]] = {
    # Regulation (EU) 2016/794, article 29.
    "europol-4x4": {
        "A": "always reliable, or no doubt",
        "B": "mostly reliable",
        "C": "mostly unreliable",
        "X": "cannot be assessed",
    },
    "admiralty": {
        "A": "completely reliable",
        "B": "usually reliable",
        "C": "fairly reliable",
        "D": "not usually reliable",
        "E": "unreliable",
        "F": "cannot be judged",
    },
    "uk-3x5x2": {"1": "reliable", "2": "untested", "3": "not reliable"},
}
_INFORMATION: Final[Mapping[str, Mapping[str, str]]] = {
    "europol-4x4": {
        "1": "accuracy not in doubt",
        "2": "known to the source, not to who reports it",
        "3": "not known to the source, corroborated",
        "4": "not corroborated",
    },
    "admiralty": {
        "1": "confirmed",
        "2": "probably true",
        "3": "possibly true",
        "4": "doubtful",
        "5": "improbable",
        "6": "cannot be judged",
    },
    "uk-3x5x2": {
        "A": "known directly",
        "B": "known indirectly, corroborated",
        "C": "known indirectly",
        "D": "not known",
        "E": "suspected to be false",
    },
}
SCALES: Final = tuple(_SOURCE)
"""The scales that are read."""
_NO_JUDGEMENT: Final = {"europol-4x4": "X", "admiralty": "F", "uk-3x5x2": "2"}
_BEST: Final = {"europol-4x4": "A", "admiralty": "A", "uk-3x5x2": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A grade beside another scale: for reading only, and never a grade itself."""

    scale: str
    source: str
    """The nearest code there, or empty where none is near."""
    words: str
    """What the original grade says; the only part that loses nothing."""


def grade(scale: str, source: str, information: str) -> Grade:
    """Read a grade in its own scale; raises `InvalidInputError` on a code it does not have."""
    if scale not in _SOURCE:
        raise InvalidInputError(f"unknown scale `{scale[:40]}`, expected {', '.join(SCALES)}")
    if source not in _SOURCE[scale] or information not in _INFORMATION[scale]:
        told = f"{source[:8]}{information[:8]}"
        raise InvalidInputError(f"`{scale}` has no grade `{told}`")
    return Grade(scale=scale, source=source, information=information)


def words_of(held: Grade) -> str:
    """Say in words what a grade means in its own scale."""
    known = grade(held.scale, held.source, held.information)
    source = _SOURCE[known.scale][known.source]
    information = _INFORMATION[known.scale][known.information]
    return f"source {source}; information {information}"


def beside(held: Grade, scale: str) -> Shown:
    """Show a grade beside another scale, for display only.

    Only the ends that mean the same in every scale have a code there: the best source, and one
    nobody has judged. The scales grade information by different questions, so none is near.
    """
    if scale not in _SOURCE:
        raise InvalidInputError(f"unknown scale `{scale[:40]}`, expected {', '.join(SCALES)}")
    near = "" if scale != held.scale else held.source
    for ends in (_BEST, _NO_JUDGEMENT):
        if held.source == ends.get(held.scale):
            near = ends[scale]
    return Shown(scale=scale, source=near, words=words_of(held))
