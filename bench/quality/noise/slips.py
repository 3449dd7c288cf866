"""Slips of the hand and of machines that read print."""

from collections.abc import Callable

from bench.quality.dice import Dice

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PRINT = (
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("d", "cl"),
    ("vv", "w"),
    ("w", "vv"),
    ("l", "1"),
    ("i", "l"),
    ("o", "0"),
    ("e", "c"),
    ("h", "b"),
    ("s", "5"),
    ("u", "v"),
    ("g", "q"),
    ("n", "ri"),
    ("li", "h"),
)
_VOWELS = "aeiou"
_LOOKS = str.maketrans("aeopcxyhkmt", "аеорсхункмт")


def key_beside(name: str, dice: Dice) -> str:
    """Strike the key beside one letter."""
    return _at_letter(name, dice, lambda letter: dice.pick(_beside(letter)))


def letter_lost(name: str, dice: Dice) -> str:
    """Lose one letter."""
    return _at_letter(name, dice, lambda _: "")


def letter_doubled(name: str, dice: Dice) -> str:
    """Strike one letter twice."""
    return _at_letter(name, dice, lambda letter: letter * 2)


def letter_added(name: str, dice: Dice) -> str:
    """Strike a neighbouring key too."""
    return _at_letter(name, dice, lambda letter: letter + dice.pick(_beside(letter)))


def letters_swapped(name: str, dice: Dice) -> str:
    """Swap two letters that stand side by side, never the first."""
    places = [
        at
        for at in range(1, len(name) - 1)
        if name[at - 1 : at + 2].isalpha() and name[at].lower() != name[at + 1].lower()
    ]
    if not places:
        return name
    at = dice.pick(places)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def misread(name: str, dice: Dice) -> str:
    """Read one or two letters as print is misread."""
    for _ in range(2 if dice.chance(0.3) else 1):
        lowered = name.lower()
        found = [(a, b, at) for a, b in _PRINT if (at := lowered.find(a, 1)) > 0]
        if not found:
            return name
        wrong, put, at = dice.pick(found)
        name = name[:at] + put + name[at + len(wrong) :]
    return name


def vowel_other(name: str, dice: Dice) -> str:
    """Write one vowel for another."""
    places = [at for at, letter in enumerate(name) if at and letter.lower() in _VOWELS]
    if not places:
        return name
    at = dice.pick(places)
    others = [vowel for vowel in _VOWELS if vowel != name[at].lower()]
    return name[:at] + dice.pick(others) + name[at + 1 :]


def vowels_lost(name: str, dice: Dice) -> str:
    """Write one word without its inner vowels, as scripts of consonants do."""
    words = name.split()
    long = [at for at, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return name
    at = dice.pick(long)
    inner = "".join(letter for letter in words[at][1:-1] if letter.lower() not in _VOWELS)
    words[at] = words[at][0] + inner + words[at][-1]
    return " ".join(words)


def cut_short(name: str, dice: Dice) -> str:
    """Cut a name where a field ends."""
    if len(name) < 16:
        return name
    return name[: max(12, len(name) - 2 - dice.below(max(1, len(name) // 3)))].rstrip(" -'")


def look_alikes(name: str, dice: Dice) -> str:
    """Write some Latin letters by others that look the same, or hide a sign without width."""
    if dice.chance(0.3):
        at = 1 + dice.below(max(1, len(name) - 1))
        return name[:at] + dice.pick("\u200b\u200d\u00ad\u2060") + name[at:]
    if dice.chance(0.2):
        return "".join(chr(ord(s) + 0xFEE0) if s.isascii() and s.isalpha() else s for s in name)
    return "".join(
        sign.translate(_LOOKS) if dice.chance(0.5) else sign for sign in name.lower()
    )


def _at_letter(name: str, dice: Dice, change: Callable[[str], str]) -> str:
    words = name.split()
    long = [at for at, word in enumerate(words) if sum(map(str.isalpha, word)) > 3]
    if not long:
        return name
    word = words[place := dice.pick(long)]
    letters = [
        at for at, sign in enumerate(word) if sign.isalpha() and (at or dice.chance(0.2))
    ]
    if not letters:
        return name
    at = dice.pick(letters)
    words[place] = word[:at] + change(word[at].lower()) + word[at + 1 :]
    return " ".join(words)


def _beside(letter: str) -> str:
    for place, row in enumerate(_ROWS):
        at = row.find(letter)
        if at >= 0:
            near = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            return near + "".join(other[at : at + 1] for other in _ROWS[place + 1 : place + 2])
    return "aeiou"
