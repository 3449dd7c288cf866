"""Scripts of the Brahmi family by the names Unicode gives their letters.

One algorithm reads them all: a consonant carries an `a` unless a vowel sign or a virama
follows; Northern scripts drop it at the end of a word.
"""

import unicodedata
from functools import lru_cache

from comity.screening.names.lattice import combine

_SPELLED = {
    "aa": ("a", "aa"), "ii": ("i", "ee"), "uu": ("u", "oo"), "ee": ("e",), "oo": ("o",),
    "vocalic r": ("ri", "r"), "candra e": ("e",), "candra o": ("o",), "short e": ("e",),
    "short o": ("o",), "ai": ("ai", "ay"), "au": ("au", "ou"),
    "ca": ("ch", "c"), "cha": ("chh", "ch"), "tta": ("t",), "ttha": ("th",), "dda": ("d", "r"),
    "ddha": ("dh",), "dddha": ("rh",), "rra": ("r",), "rha": ("rh",), "nna": ("n",),
    "nga": ("ng",), "nya": ("ny", "gn"), "ssa": ("sh", "s"), "sha": ("sh", "s"),
    "va": ("v", "w"), "ja": ("j",), "jha": ("jh",), "pha": ("ph", "f"), "lla": ("l",),
    "llla": ("zh", "l"), "yya": ("y",), "fa": ("f",), "za": ("z",), "qa": ("q",),
    "khha": ("kh",), "ghha": ("gh",), "ksa": ("ksh",),
    "anusvara": ("n", "m"), "bindi": ("n", "m"), "tippi": ("n", "m"), "candrabindu": ("n", ""),
    "visarga": ("h",), "ri": ("ri",), "addak": ("",), "ya": ("y", "j"),
}  # fmt: skip
_NORTHERN = frozenset(["devanagari", "bengali", "gurmukhi", "gujarati", "oriya"])
_LOOSE = {"tamil": {"ka": ("k", "g"), "ta": ("t", "th", "d"), "tta": ("d", "t"),
                    "pa": ("p", "b"), "ca": ("s", "ch")}}  # fmt: skip


@lru_cache(maxsize=2048)
def _letter(char: str) -> tuple[str, tuple[str, ...]]:
    """Return what a character is (`consonant`, `vowel`, `sign`, `kill`) and its readings."""
    script, _, rest = unicodedata.name(char, "").lower().partition(" ")
    if "virama" in rest or rest in {"sign al-lakuna", "sign asat", "sign coeng"}:
        return "kill", ()
    name = rest.removeprefix("letter ").removeprefix("vowel ").removeprefix("sign ")
    name = name.removeprefix("independent ").removeprefix("alpapraana ")
    name = name.removeprefix("mahaapraana ").removesuffix("yanna").strip()
    kind = "sign" if "vowel sign" in rest else "mark" if rest.startswith("sign") else "letter"
    spelled = _LOOSE.get(script, {}).get(name) or _SPELLED.get(name)
    if kind == "letter" and name[:1] in "aeiou":
        return "vowel", spelled or (name,)
    if kind == "letter" and len(name) > 1 and name.endswith("a"):
        return "consonant", spelled or (name[:-1],)
    return kind, spelled or ((name,) if kind == "sign" and len(name) <= 2 else ())  # noqa: PLR2004


def brahmic(word: str) -> tuple[str, ...]:
    """Read a word of a script of the Brahmi family."""
    word = unicodedata.normalize("NFC", word)
    script = unicodedata.name(word[0], "").partition(" ")[0].lower() if word else ""
    kinds = [_letter(char) for char in word]
    parts: list[tuple[str, ...]] = []
    for place, (kind, readings) in enumerate(kinds):
        if readings:
            parts.append(readings)
        if kind != "consonant":
            continue
        after = kinds[place + 1][0] if place + 1 < len(kinds) else "end"
        if after in {"sign", "kill"}:
            continue
        parts.append(_inherent(script, after, place, kinds))
    return combine(parts)


def _inherent(
    script: str, after: str, place: int, kinds: list[tuple[str, tuple[str, ...]]]
) -> tuple[str, ...]:
    if after == "end":
        clustered = place > 0 and kinds[place - 1][0] == "kill"
        return ("", "a") if script in _NORTHERN and place and not clustered else ("a", "")
    # The schwa between a vowel and a syllable with a vowel of its own is seldom spoken.
    follows = kinds[place + 2][0] if place + 2 < len(kinds) else "end"
    before = kinds[place - 1][0] if place else "start"
    if script in _NORTHERN and before in {"sign", "vowel"} and follows == "sign":
        return ("", "a")
    return ("o", "a") if script == "bengali" else ("a", "")
