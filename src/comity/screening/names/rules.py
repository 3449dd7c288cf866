"""Tables of letters: what each letter, or group of letters, may be in Latin."""

from collections.abc import Mapping, Sequence
from functools import cache

from comity.screening.names.data import rows

Table = Mapping[str, tuple[str, ...]]
_WIDEST = 3


@cache
def table(script: str, own: str = "") -> Table:
    """Return the letters of a script with their Latin alternatives, likeliest first.

    `own` names a language that reads some of them in its own way.
    """
    return {
        row[0]: tuple("" if each == "-" else each for each in row[1].split(" "))
        for file in (script, own)
        if file
        for row in rows(f"rules/{file}.tsv")
    }


def spelled(word: str, letters: Table) -> list[Sequence[str]]:
    """Split a word into the longest groups the table knows, and return their alternatives.

    A key that begins with `^` holds at the start of a word only, one that ends with `$` at its
    end. Letters the table does not know are left out.
    """
    marked = f"^{word}$"
    parts: list[Sequence[str]] = []
    place = 0
    while place < len(marked):
        width = next(
            (w for w in range(_WIDEST + 1, 0, -1) if marked[place : place + w] in letters), 0
        )
        if width:
            parts.append(letters[marked[place : place + width]])
        place += width or 1
    return parts
