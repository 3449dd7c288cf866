"""Names brought to one form before they are compared: case, marks, punctuation, spaces."""

import re
import unicodedata

_BETWEEN = re.compile(r"[^\w]+", re.UNICODE)


def normal(name: str) -> str:
    """Fold case, drop marks and punctuation, and keep one space between words."""
    split = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in split if not unicodedata.combining(char))
    return " ".join(_BETWEEN.sub(" ", bare).replace("_", " ").split())


def script(name: str) -> str:
    """Name the script of most letters, `LATIN` or `ARABIC`; empty without letters."""
    counts: dict[str, int] = {}
    for char in name:
        if char.isalpha():
            word = unicodedata.name(char, "UNKNOWN").partition(" ")[0]
            counts[word] = counts.get(word, 0) + 1
    return max(counts, key=lambda word: (counts[word], word), default="")
