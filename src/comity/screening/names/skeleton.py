"""The consonant skeleton: what is left of a word when vowels and near sounds are folded."""

_DIGRAPHS = (
    ("ph", "f"),
    ("kh", "k"),
    ("ch", "s"),
    ("sh", "s"),
    ("zh", "s"),
    ("th", "t"),
    ("ts", "s"),
    ("dj", "j"),
)
_CLASSES = str.maketrans("pfvwqcgjxzd", "bbbbkkkkkst")


def skeleton(text: str) -> str:
    """Return the class of a word of `a` to `z` and digits; empty only for an empty word."""
    for pair, letter in _DIGRAPHS:
        text = text.replace(pair, letter)
    folded = text.translate(_CLASSES)
    kept = [folded[:1].translate(str.maketrans("eoy", "aui"))]
    for letter in folded[1:]:
        if letter not in "aeiouyh" and letter != kept[-1]:
            kept.append(letter)
    return "".join(kept)
