"""Bring the characters of a name to one form: width, case, what cannot be seen, look-alikes.

What is folded away is told, because someone may have put it there to hide the name.
"""

import re
import unicodedata

from comity.screening.names.alphabets import script_of
from comity.screening.names.lookalikes import CASED, unmasked

LONGEST = 400
"""Characters of a name that are read; the rest is cut, and the name says so."""
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_JOINER = re.compile("(?<=[\u0590-\u0fff])[\u200c\u200d](?=[\u0590-\u0fff])")
"""Joiners that Persian and Indic spelling needs: dropped, but nothing to warn of."""
_STYLED = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9]")
_SILENT = (
    "'\u2018\u2019\u201b\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8`\u00b4\u0640\u05f4"
)
"""Apostrophes, half rings and fillers: a word with one is one word."""
_HEBREW_QUOTE = re.compile("(?<=[\u05d0-\u05ea])['\u2019](?![\u05d0-\u05ea]{7})")
_HEBREW_DOUBLE = re.compile('(?<=[\u05d0-\u05ea])["\u201d\u05f4](?=[\u05d0-\u05ea])')
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")


class _Folding(dict[int, str | None]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        folded = _folded(char)
        if len(self) < 1 << 14:
            self[code] = folded
        return folded


def _folded(char: str) -> str | None:
    category = unicodedata.category(char)
    if char == "\u05f3":
        return char
    if char in _SILENT or _INVISIBLE.match(char):
        return None
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category[0] == "M" or category in {"Lo", "Lm"}:
        return char
    return char.lower() if category[0] == "L" else " "


_FOLDING = _Folding()


def fold(text: str, *, dotted: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return the words of a name, parted by spaces, and what was folded away.

    With `dotted`, `L.L.C.` is one word; without it, the letters stand alone as initials.
    """
    warnings: list[str] = []
    if len(text) > LONGEST:
        text = text[:LONGEST]
        warnings.append("cut")
    if not text.isascii():
        text = _plain(text, warnings)
    if dotted and "." in text:
        text = _DOTTED.sub(lambda found: f" {found[0].replace('.', '')} ", text)
    return " ".join(text.translate(_FOLDING).split()), tuple(warnings)


def _plain(text: str, warnings: list[str]) -> str:
    text = _JOINER.sub("", text)
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
        warnings.append("invisible")
    styled = _STYLED.search(text) is not None
    text = unicodedata.normalize("NFKC", text)[:LONGEST]
    text = _HEBREW_DOUBLE.sub("", _HEBREW_QUOTE.sub("\u05f3", text))
    found = {script_of(char) for char in text}
    if len(found & CASED) > 1 or not found.isdisjoint({"cherokee"}):
        shown = unmasked(text)
        styled = styled or shown != text
        text = shown
    if styled:
        warnings.append("homoglyphs")
    return text
