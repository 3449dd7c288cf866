"""`Abd` and the name of God that follows are one name, however they are parted or spelled.

`abd al rahman`, `abdul rahman`, `Abdurrahman`, `Abdel-Rahman` are all read `abdulrahman`.
"""

import re
from functools import lru_cache

HEADS = frozenset(
    ["abd", "abdul", "abdel", "abdal", "abdol", "abdoul", "abdool", "abdur", "abdus", "abdun",
     "abdut", "abduz", "abdud", "abder", "abdes", "abden", "abdou", "abdu"]
)  # fmt: skip
"""Words that open such a name when another follows; `abdu` and `abdou` need an article."""
_ARTICLE = re.compile(
    r"(?:[aeou]|ou)(?:l|(r)(?=r)|(s)(?=s)|(n)(?=n)|(z)(?=z)|(t)(?=t)|(d)(?=d))"
)
_ALLAH = re.compile(r"^abd(?:[aeiou]|ou)?l{1,2}[ae]h?$|^abdil+ah$|^abd[ao]l+[ao]$")
_SOFT = re.compile(r"^abdu(?=r(?:a[hkx]|as)|m[aeo]l|gh?a|ja|qo|qa|ka|v[ao]|sa|ra)")
_LEAST = 3


@lru_cache(maxsize=1 << 14)
def whole(text: str) -> str:
    """Return a name that begins with `abd` in its one form; any other as it is."""
    if not text.startswith("abd"):
        return text
    if _ALLAH.match(text):
        return "abdullah"
    found = _ARTICLE.match(text, 3)
    rest = text[found.end() :] if found else ""
    if not found:
        soft = _SOFT.match(text)
        rest = text[soft.end() :] if soft else text[3:] if _is_bare(text[3:]) else ""
    return f"abdul{rest}" if len(rest) >= _LEAST else text


def _is_bare(rest: str) -> bool:
    """Say whether `rest` follows `abd` without an article, as in `Abdrahman`."""
    return len(rest) > _LEAST and rest[0] not in "aeiou"


def joined(head: str, rest: str) -> str:
    """Return the one form of a head and the word after it, the article left out."""
    if rest in {"allah", "lah", "llah", "ullah", "allh", "ilah"}:
        return "abdullah"
    made = whole(f"abdul{rest}")
    return made if head else rest
