"""The consonant skeleton: what is left of a word when vowels and near sounds are folded."""

_DIGRAPHS = (
    ("x", "ks"),
    ("ph", "f"),
    ("kh", "k"),
    ("ch", "s"),
    ("sh", "s"),
    ("zh", "s"),
    ("th", "t"),
    ("ts", "s"),
    ("dj", "j"),
)
_CLASSES = str.maketrans("pfvwqcgjzd", "bbbbkkkkst")


_VOWELS = "aeiouy"


def skeleton(text: str) -> str:
    """Return the class of a word of `a` to `z` and digits; empty only for an empty word.

    Every first vowel is one: `Yevgeny` and `Evgeni`, `Oleksandr` and `Alexander`, `Iyad` and
    `Eyad` differ in nothing that a passport office keeps.
    """
    for pair, letter in _DIGRAPHS:
        text = text.replace(pair, letter)
    if text[:1] == "y" and text[1:2] in _VOWELS:
        text = text[1:] or text
    folded = text.translate(_CLASSES)
    kept = ["a" if folded[:1] in _VOWELS else folded[:1]] if folded else [""]
    for letter in folded[1:]:
        if letter not in "aeiouyh" and letter != kept[-1]:
            kept.append(letter)
    return "".join(kept)
