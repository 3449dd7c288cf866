"""Thai by the Royal General System: no spaces between syllables, vowels on all four sides.

Which consonant closes a syllable is not written; the commonest parting is taken, so that the
consonants are right more often than the vowels.
"""

import re
from collections.abc import Sequence

from comity.screening.names import rules
from comity.screening.names.lattice import combine

_MARKS = re.compile("[\u0e47-\u0e4b\u0e4d-\u0e4f]")
"""Tone marks and shorteners."""
_SILENT = re.compile("[ก-ฮ][ิุ]?\u0e4c")
"""A consonant that is written and not spoken."""
_LAST_R = re.compile("(?<=[\u0e30-\u0e39][ตทธด])ร$")
"""A last `r` that is written and not spoken, as in the ending `-watra`."""
_SYLLABLE = re.compile(
    "(?P<ia>เ(?P<c1>[ก-ฮ][รลว]?)ีย)"
    "|(?P<uea>เ(?P<c2>[ก-ฮ][รลว]?)ือ)"
    "|(?P<ao>เ(?P<c3>[ก-ฮ][รลว]?)า)"
    "|(?P<oe>เ(?P<c4>[ก-ฮ][รลว]?)(?:ิ|อ))"
    "|(?P<front>[เแโใไ](?P<c5>[กขคตปผพ][รลว](?=[ก-ฮ])|[ก-ฮ]))"
    "|(?P<ua>(?P<c6>[ก-ฮ])ัว)"
    "|(?P<an>(?P<c7>[ก-ฮ])รร)"
    "|(?P<plain>(?P<c8>[ก-ฮ])(?P<v>[ะัาำิีึืุู]))"
    "|(?P<bare>(?P<c9>[ก-ฮ]))"
)
_FRONT = {"เ": ("e",), "แ": ("ae",), "โ": ("o",), "ใ": ("ai",), "ไ": ("ai",)}
_SIGNS = {
    "ะ": ("a",), "ั": ("a",), "า": ("a",), "ำ": ("am",), "ิ": ("i",), "ี": ("i", "ee"),
    "ึ": ("ue", "u"), "ื": ("ue", "u"), "ุ": ("u",), "ู": ("u", "oo"),
}  # fmt: skip
_FIXED = {"ia": "ia", "uea": "uea", "ao": "ao", "oe": "oe", "ua": "ua", "an": "an"}


def thai(word: str) -> tuple[str, ...]:
    """Read a Thai word."""
    spoken = _LAST_R.sub("", _MARKS.sub("", _SILENT.sub("", word)))
    parts: list[Sequence[str]] = []
    open_syllable = False
    steps = list(_SYLLABLE.finditer(spoken))
    for place, step in enumerate(steps):
        kind = step.lastgroup or ""
        kind = next((name for name in (*_FIXED, "front", "plain", "bare") if step[name]), kind)
        if kind == "bare":
            open_syllable = _bare(step[0], parts, steps[place + 1 :], after_vowel=open_syllable)
        else:
            _voiced(kind, step, parts)
            open_syllable = True
    return combine(parts)


def _voiced(kind: str, step: re.Match[str], parts: list[Sequence[str]]) -> None:
    """Add a syllable whose vowel is written."""
    letters = next((step[f"c{n}"] for n in range(1, 9) if step[f"c{n}"]), "")
    parts += [_starts(letter) for letter in letters]
    if kind == "front":
        parts.append(_FRONT[step[0][0]])
    elif kind == "plain":
        parts.append(_SIGNS[step["v"]])
    else:
        parts.append((_FIXED[kind],))


def _bare(
    letter: str, parts: list[Sequence[str]], rest: Sequence[re.Match[str]], *, after_vowel: bool
) -> bool:
    """Add a consonant without a vowel; say whether the syllable is still open after it."""
    paired = len(rest) == 1 and bool(rest[0]["bare"])
    if after_vowel and not paired:
        parts.append(_ends(letter))
        return False
    parts.append(_starts(letter))
    parts.append(("o", "a") if paired or letter == "อ" else ("a", "o"))
    return True


def _starts(letter: str) -> tuple[str, ...]:
    text = rules.table("thai")[letter][0]
    return (text, "j") if text == "ch" else (text, "v") if text == "w" else (text,)


def _ends(letter: str) -> tuple[str, ...]:
    start, end = rules.table("thai")[letter]
    return (end, start) if start != end else (end,)
