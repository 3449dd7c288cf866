"""Letters that look like a letter of another script, put back where the word shows they belong.

A word of one script is left alone: only letters that stand in a word of another script are
folded.
"""

from functools import cache

from comity.screening.names.alphabets import script_of
from comity.screening.names.data import words

CASED = frozenset(["latin", "cyrillic", "greek", "armenian", "cherokee"])
"""Scripts with letters that look like those of another of them."""
_FILE = "lookalikes.tsv"


@cache
def _back(script: str) -> dict[str, str]:
    """Return the letters of a script by the Latin letter they look like."""
    return {latin: char for char, latin in words(_FILE).items() if script_of(char) == script}


def unmasked(text: str) -> str:
    """Return the text with every look-alike in the script of its word."""
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    counts = dict.fromkeys(CASED, 0)
    for char in word:
        script = script_of(char)
        if script in counts:
            counts[script] += 1
    present = sorted((script for script in CASED if counts[script]), key=lambda s: -counts[s])
    if "cherokee" in present:
        present = ["latin", "cherokee"]
    if len(present) < 2:  # noqa: PLR2004 - two scripts in one word
        return word
    target = _target(word, present)
    return "".join(_char(char, target) for char in word)


def _target(word: str, present: list[str]) -> str:
    """Choose the script whose letters look like nothing else; where both do, the commonest."""
    other = next(script for script in present if script != "latin")
    if "latin" not in present:
        return present[0]
    seen = [char for char in word if script_of(char) == other]
    latin = [char for char in word if script_of(char) == "latin"]
    into_latin = all(char in words(_FILE) for char in seen)
    into_other = all(char in _back(other) for char in latin)
    if into_latin != into_other:
        return "latin" if into_latin else other
    return present[0]


def _char(char: str, target: str) -> str:
    if script_of(char) == target:
        return char
    latin = words(_FILE).get(char, char)
    return latin if target == "latin" else _back(target).get(latin, char)


def looks(word: str) -> str:
    """Return the Latin word that a word of look-alikes shows; empty where a letter is none."""
    letters = words(_FILE)
    shown = [letters.get(char, "") for char in word]
    return "".join(shown).lower() if all(shown) else ""
