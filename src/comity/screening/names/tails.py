"""Names that end in `of the faith` or `of God` are one word, however parted or spelled.

`Saad al-Din`, `Sad Uddin` and `Saadeddine` are read alike, as are `Rahmat Allah` and
`Rahmatullah`.
"""

import re

FAITH = frozenset(["din", "deen", "dine", "dean"])
"""The faith, after an article."""
WITH_ARTICLE = {
    **dict.fromkeys(
        ["uddin", "uddeen", "eddin", "eddine", "aldin", "eldin", "eldine", "aldeen", "eldeen",
         "oddin", "oddine", "addin", "addine", "udin"], "uddin",
    ),
    **dict.fromkeys(["allah", "ullah", "ollah", "llah", "ulla"], "ullah"),
}  # fmt: skip
"""Tails that stand as a word of their own, and their one form."""
_FAITH = re.compile(r"(?<=..)(?:ou|[aeou])dd(?:i|ee)ne?$")
_GOD = re.compile(r"(?<=...)[aeiou]llah$")


def whole(text: str) -> str:
    """Return a name with such an ending in its one form; any other as it is."""
    if text.endswith(("din", "dine", "deen")):
        return _FAITH.sub("uddin", text)
    return _GOD.sub("ullah", text) if text.endswith("llah") else text
