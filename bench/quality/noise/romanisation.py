"""The same name spelt by another custom of writing a script in Latin letters."""

import re

from bench.quality.dice import Dice

_ARABIC = (
    ("ou", "u"), ("oo", "u"), ("u", "ou"), ("u", "o"), ("ee", "i"), ("i", "ee"), ("i", "e"),
    ("e", "i"), ("ai", "ay"), ("ay", "ai"), ("ei", "ay"), ("aw", "au"), ("q", "k"),
    ("k", "q"), ("q", "g"), ("dh", "d"), ("dh", "z"), ("d", "dh"), ("th", "t"), ("z", "dh"),
    ("kh", "h"), ("sh", "ch"), ("j", "dj"), ("j", "g"), ("gh", "g"), ("aa", "a"), ("a", "aa"),
    ("w", "ou"), ("iyy", "iy"), ("y", "i"), (r"ah\b", "a"), (r"a\b", "ah"), (r"ah\b", "at"),
    (r"y\b", "i"), (r"i\b", "y"), (r"\bal[- ]", "el-"), (r"\bel[- ]", "al-"),
    (r"\bal-", "al "), (r"\babd al-", "abdul "), (r"\babdul ", "abd al-"),
    (r"\babdel ", "abdul "), (r"ss", "s"), (r"mm", "m"),
    (r"(?<=[aeiou])(s|m|d|l|n)(?=[aeiou])", r"\1\1"), ("'", ""), (r"\be", "i"), (r"\bo", "u"),
    ("ph", "f"), ("v", "w"), ("eh", "a"), (r"\bmohamm", "muham"), (r"\bbin\b", "ben"),
    (r"\bbin\b", "ibn"), (r"\bben\b", "bin"), (r"ddin\b", "deen"), (r"\bal-(?=s)", "as-"),
    (r"\bal-(?=r)", "ar-"), (r"\bal-(?=n)", "an-"), (r"\bal-(?=d)", "ad-"),
)  # fmt: skip
_CYRILLIC = (
    ("yu", "iu"), ("iu", "yu"), ("yu", "ju"), ("ya", "ia"), ("ia", "ya"), ("ya", "ja"),
    (r"y\b", "iy"), (r"iy\b", "y"), (r"y\b", "i"), (r"ii\b", "y"), (r"ey\b", "ei"),
    ("zh", "j"), (r"ei\b", "ey"), (r"ay\b", "ai"), ("kh", "h"), ("kh", "x"), ("ts", "tz"),
    ("ts", "c"), ("shch", "sch"), ("shch", "sh"), ("ks", "x"), ("x", "ks"), (r"\be", "ye"),
    (r"\bye", "e"), (r"ov\b", "off"), (r"ev\b", "eff"), (r"ov\b", "ow"), ("ch", "tch"),
    ("ch", "tsch"), ("v", "w"), ("yo", "e"), ("io", "yo"), ("sh", "sch"), ("c", "k"),
    (r"i(?=y)", ""), (r"\bi(?=g)", "ih"), ("'", ""), ("o", "a"), (r"aya\b", "aia"),
    (r"enko\b", "enco"), ("h", "g"), ("ph", "f"), (r"\baleks", "alex"), (r"\balex", "aleks"),
    (r"\bserge", "sergue"),
)  # fmt: skip
_CHINESE = (
    (r"\bx", "hs"), (r"\bzh", "ch"), (r"\bq", "ch"), (r"\bj", "ch"), (r"\bz(?!h)", "ts"),
    (r"\bc(?!h)", "ts"), (r"\bb", "p"), (r"\bd", "t"), (r"\bg", "k"), (r"\br", "j"),
    (r"ong\b", "ung"), (r"ian\b", "ien"), (r"ie\b", "ieh"), (r"\byou\b", "yu"),
    (r"\byi\b", "i"), (r"\bzhang\b", "cheung"), (r"\bchen\b", "chan"), (r"\bhuang\b", "wong"),
    (r"\blin\b", "lam"), (r"\bwang\b", "wong"), (r"\bli\b", "lee"), (r"\bwu\b", "ng"),
    (r"\bzhou\b", "chow"), (r"\bxu\b", "hsu"), (r"\bguo\b", "kwok"), (r"\bliang\b", "leung"),
    (r"uo\b", "o"), (r"(\w{2,}) (\w{2,})\Z", r"\1\2"), (r"(\w{2,}) (\w{2,})\Z", r"\1-\2"),
)  # fmt: skip
_KOREAN = (
    ("k", "g"), ("g", "k"), ("p", "b"), ("b", "p"), ("t", "d"), ("ch", "j"), ("j", "ch"),
    ("eo", "u"), ("u", "oo"), ("oo", "u"), ("eo", "o"), ("ae", "ai"), (r"\byi\b", "lee"),
    (r"\blee\b", "ri"), (r"\bri\b", "yi"), (r"\bpak\b", "park"), (r"\bpark\b", "pak"),
    (r"\bchoe\b", "choi"), (r"\bchoi\b", "choe"), (r"\bjong\b", "jung"),
    (r"\bchong\b", "jung"), ("yo", "yeo"), ("-", " "), (r"\brim\b", "lim"),
    (r"\bno\b", "roh"), (r"\bso\b", "seo"), (r"(\w{2,}) (\w{2,})\Z", r"\1-\2"),
    (r"(\w{2,})-(\w{2,})\Z", r"\1\2"), ("hyon", "hyun"),
)  # fmt: skip
_WESTERN = (
    ("c", "k"), ("ck", "k"), ("k", "ck"), ("y", "i"), ("i", "y"), ("ph", "f"), ("ff", "f"),
    ("z", "s"), ("s", "z"), ("th", "t"), ("t", "th"), ("v", "w"), ("w", "v"), ("ae", "e"),
    ("ll", "l"), ("l", "ll"), ("tt", "t"), ("nn", "n"), ("n", "nn"), ("ch", "sh"),
    (r"\bj", "g"), (r"\bj", "y"), ("x", "j"), ("ie", "y"), (r"ez\b", "es"), ("qu", "k"),
    ("ou", "u"), ("ei", "ai"), (r"sen\b", "son"), (r"son\b", "sen"), (r"\bh", ""),
    ("gu", "g"), (r"e\b", ""), ("oe", "o"),
)  # fmt: skip
_ARABIC_LANDS = (
    "ae af bh dj dz eg eh iq ir jo km kw lb ly ma mr ng om pk ps qa sa sd so sy tn td tr ye"
    " ml ne ss su"
)
_CUSTOMS = (
    (frozenset({"ru", "ua", "by", "kz", "bg", "rs", "mk", "kg", "tj", "uz", "md"}), _CYRILLIC),
    (frozenset({"cn", "tw", "hk", "mo", "sg"}), _CHINESE),
    (frozenset({"kp", "kr"}), _KOREAN),
    (
        frozenset(_ARABIC_LANDS.split()),
        _ARABIC,
    ),
)
_Rules = tuple[tuple[str, str], ...]


def custom_of(countries: frozenset[str], *, is_foreign: bool) -> _Rules:
    """Return the rules for a person of these countries; Arabic ones for an unknown place."""
    for known, rules in _CUSTOMS:
        if countries & known:
            return rules
    return _WESTERN if countries or not is_foreign else _ARABIC


def respelt(name: str, rules: _Rules, dice: Dice) -> str:
    """Apply one to three rules that change the name, in lower case."""
    told = name.lower()
    wanted = 1 + dice.below(3)
    for pattern, put in dice.shuffled(rules):
        if wanted and (changed := re.sub(pattern, put, told, count=1 + dice.below(2))) != told:
            told, wanted = changed, wanted - 1
    return told if told != name.lower() else name
