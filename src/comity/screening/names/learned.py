"""The readings of a word by what was learned of its script, or by rules where nothing was."""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from comity.screening.names import rules, transducer
from comity.screening.names.data import words
from comity.screening.names.lattice import distinct
from comity.screening.names.letters import ruled, tabled

MODELS = frozenset(["arabic", "hebrew", "cyrillic", "kana", "hangul"])
_ONE_FORM = str.maketrans("کیہۀھۃےڪٱێېﻻ", "كيهههةيكايي" + "ل")
"""Persian and Urdu letters to the Arabic ones the model has met."""
_UKRAINIAN = frozenset("іїєґў")
_SERBIAN = frozenset("ђјљњћџѓќѕ")


def sight(word: str, script: str) -> str:
    """Bring a folded word to the letters that the model of its script knows."""
    if script == "hangul":
        return unicodedata.normalize("NFD", word)
    if script == "kana":
        return "".join(chr(ord(c) + 0x60) if "\u3041" <= c <= "\u3096" else c for c in word)
    if script in {"arabic", "hebrew"}:
        word = "".join(char for char in word if unicodedata.category(char) != "Mn")
        return word.translate(_ONE_FORM)
    return word


@cache
def model(name: str) -> transducer.Transducer:
    """Open a model that ships, on first use."""
    return transducer.load(f"model_{name}.tsv.gz")


@lru_cache(maxsize=1 << 16)
def readings(word: str, script: str) -> tuple[str, ...]:
    """Return the readings of a folded word of one script, likeliest first; maybe none."""
    known = words("known.tsv").get(word)
    if known:
        return tuple(known.split(" "))
    if word.isascii() or script not in MODELS:
        return ruled(word, script)
    seen = sight(word, script)
    learned = _read(seen, script)
    own = _variety(word) if script == "cyrillic" else ""
    if own:
        return distinct((*tabled("cyrillic", own)(word)[:5], *learned[:3]))
    by_rule = ruled(word, script)
    if script == "cyrillic" and by_rule and by_rule[0] in learned:
        return distinct((by_rule[0], *learned))
    if seen not in model(script).whole and (
        script == "cyrillic" or "\u3041" <= word[0] < "\u30a0"
    ):
        # What no list knows is most often a name of the language itself: its rule comes first.
        return distinct((*by_rule[:1], *learned[:4], *by_rule[1:3], *learned))
    return distinct((*learned[:5], *by_rule[:2], *learned))


def _read(seen: str, script: str) -> tuple[str, ...]:
    letters: Mapping[str, tuple[str, ...]] = {}
    if script != "hangul":
        letters = rules.table(script)
    return model(script).read(seen, letters)


def _variety(word: str) -> str:
    letters = frozenset(word)
    if letters & _UKRAINIAN:
        return "ukrainian"
    return "serbian" if letters & _SERBIAN else ""
