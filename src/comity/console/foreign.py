"""Make foreign text safe to look at: controls seen, direction isolated, scripts checked.

A partner's text is always text. Characters that turn the direction of what follows, or that are
not seen at all, can spoof a name (CVE-2021-42574); here they are shown instead of obeyed.
"""

import re
import unicodedata
from typing import Final

from markupsafe import Markup, escape

_UNSEEN: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)
# The joiners U+200C and U+200D stay: Persian and the Indic scripts are spelt with them.

_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
# Scripts whose letters are taken for one another (Unicode UTS 39, confusables).


def reveal(text: str) -> str:
    """Write every unseen or direction-turning character as `⟨U+202E⟩`."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def isolate(value: str | int) -> Markup:
    """Return a value as an isolated run of text, so that it turns nothing around it."""
    return Markup("<bdi>{}</bdi>").format(reveal(str(value)))


def has_mixed_scripts(text: str) -> bool:
    """Say whether letters of scripts that look alike stand in one identifier."""
    words = (unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha())
    return len(_ALIKE.intersection(words)) > 1


def finalize(value: object) -> object:
    """Reveal control characters in everything a template writes; markup is ours already."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return reveal(value)
    return value


def verbatim(text: str) -> Markup:
    """Escape what a person typed for its own input, changing nothing they would send again."""
    return escape(text)
