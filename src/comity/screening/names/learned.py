"""The readings of a word by what was learned of its script, or by rules where nothing was."""

import re
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
_OWN = re.compile(
    "(?:[оеё]в|ин|ын|[оеё]ва|ина|ына|ск[ио]й|ская|ич|вна|енко|[ую]к|ец|[ая]н|шв?или|дзе|баев|хан)$"
    "|^[\u3041-\u309f]"
)
"""Endings of names of the languages of Cyrillic; hiragana."""
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
def readings(word: str, script: str, variety: str = "") -> tuple[str, ...]:
    """Return the readings of a folded word of one script, likeliest first; maybe none.

    `variety` is what `variety_of` says of the whole name.
    """
    known = words("known.tsv").get(word)
    if known:
        return tuple(known.split(" "))
    if word.isascii() or script not in MODELS:
        return ruled(word, script)
    if variety and script == "cyrillic":
        own = tabled("cyrillic", variety)(word)
        return distinct((*own[:5], *blended(word, script, model(script))))
    return blended(word, script, model(script))


def blended(word: str, script: str, made: transducer.Transducer) -> tuple[str, ...]:
    """Return what a model and the rules of the letters say together."""
    seen = sight(word, script)
    letters: Mapping[str, tuple[str, ...]] = {}
    if script != "hangul":
        letters = rules.table(script)
    learned = made.read(seen, letters)
    by_rule = ruled(word, script)
    if script == "cyrillic" and by_rule and by_rule[0] in learned:
        return distinct((by_rule[0], *learned))
    if seen not in made.whole and _OWN.search(word):
        # A name of the language itself: its rule comes first.
        return distinct((*by_rule[:1], *learned[:5], *by_rule[1:3], *learned))
    return distinct((*learned[:6], *by_rule[:2], *learned))


def variety_of(name: str) -> str:
    """Name the language whose own letters stand in a name in Cyrillic; empty for Russian."""
    letters = frozenset(name)
    if letters & _UKRAINIAN:
        return "ukrainian"
    return "serbian" if letters & _SERBIAN else ""
