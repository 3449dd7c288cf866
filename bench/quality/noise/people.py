"""How the same person's name is written elsewhere: parts left out, moved, joined, titled."""

import re
import unicodedata

from bench.quality.dice import Dice
from bench.quality.noise.words import HONORIFICS, NICKNAMES, SUFFIXES

_WORDS = "al el bin ben ibn bint abu abd abdul abdel de del la los van von der den di da dos"
_PARTICLES = frozenset(_WORDS.split())
_ARTICLE = re.compile(r"\b(al|el|ul)[- ](?=\w)", re.IGNORECASE)


def middle_dropped(name: str, dice: Dice) -> str:
    """Leave out a word between the first and the last."""
    words = name.split()
    inner = [at for at in range(1, len(words) - 1) if words[at].lower() not in _PARTICLES]
    if not inner:
        return name
    del words[dice.pick(inner)]
    return " ".join(words)


def end_dropped(name: str, dice: Dice) -> str:
    """Leave out the first or the last word of three or more."""
    words = name.split()
    if len(words) < 3 or words[0].lower() in _PARTICLES or words[-2].lower() in _PARTICLES:
        return name
    return " ".join(words[:-1] if dice.chance(0.6) else words[1:])


def initials(name: str, dice: Dice) -> str:
    """Write all but the last word by their first letters, or only the inner ones."""
    words = name.split()
    if len(words) < 2 or any(word.lower() in _PARTICLES for word in words):
        return name
    dot = dice.pick((".", ""))
    first = 1 if len(words) > 2 and dice.chance(0.6) else 0
    short = [f"{word[0]}{dot}" for word in words[first:-1]]
    return " ".join((*words[:first], *short, words[-1]))


def order_swapped(name: str, dice: Dice) -> str:
    """Put the last word first, with a comma or without, or the first last."""
    words = name.split()
    if len(words) < 2:
        return name
    if dice.chance(0.25):
        return " ".join((*words[1:], words[0]))
    comma = dice.pick((",", ""))
    return " ".join((f"{words[-1]}{comma}", *words[:-1]))


def words_mixed(name: str, dice: Dice) -> str:
    """Put the words in any order."""
    return " ".join(dice.shuffled(name.split()))


def joined(name: str, dice: Dice) -> str:
    """Write two words as one, an article first of all."""
    if _ARTICLE.search(name) and dice.chance(0.7):
        return _ARTICLE.sub(lambda found: found[1], name)
    parts = re.split(r"[ -]", name)
    if len(parts) < 2:
        return name
    at = dice.below(len(parts) - 1)
    return " ".join((*parts[:at], parts[at] + parts[at + 1].lower(), *parts[at + 2 :]))


def parted(name: str, dice: Dice) -> str:
    """Write one word as two: after an article or `abd`, at a hyphen, or where a line ended."""
    found = re.search(r"\b(al|el|abdul|abdel|abd|abu)-?(?=\w{4})", name, re.IGNORECASE)
    if found:
        return f"{name[: found.end()].rstrip('-')} {name[found.end() :]}"
    if "-" in name:
        return name.replace("-", " ")
    words = name.split()
    long = [at for at, word in enumerate(words) if len(word) > 6 and word.isalpha()]
    if not long:
        return name
    at = dice.pick(long)
    cut = 3 + dice.below(len(words[at]) - 5)
    words[at] = f"{words[at][:cut]} {words[at][cut:]}"
    return " ".join(words)


def titled(name: str, dice: Dice) -> str:
    """Add a title before, or a suffix behind."""
    if dice.chance(0.15):
        return f"{name} {dice.pick(SUFFIXES)}"
    return f"{dice.pick(HONORIFICS)} {name}"


def nicknamed(name: str, dice: Dice) -> str:
    """Write a given name by one of its short forms."""
    words = name.split()
    known = [at for at, word in enumerate(words[:-1]) if word.lower() in NICKNAMES]
    if not known:
        return name
    at = dice.pick(known)
    words[at] = dice.pick(NICKNAMES[words[at].lower()]).capitalize()
    return " ".join(words)


def marks_written_out(name: str, dice: Dice) -> str:
    """Write letters with marks by plain ones, or as some customs write them out."""
    if dice.chance(0.5):
        out = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ß": "ss"}
        name = "".join(out.get(sign.lower(), sign) for sign in name)
    apart = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def written_apart(name: str, dice: Dice) -> str:
    """Change only capitals, points and hyphens."""
    words = name.split()
    styles = (
        name.upper(),
        name.lower(),
        name.replace("-", " ").replace("'", ""),
        f"{words[-1].upper()}, {' '.join(words[:-1])}" if len(words) > 1 else name.upper(),
        name.replace(" ", "  ").replace("-", "\u2010"),
    )
    return dice.pick(styles)
