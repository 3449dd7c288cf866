"""Numbers written with the state that issued them: `A1234567 (Iran)`."""

import re
from functools import lru_cache
from typing import Final

from comity.message import vocabulary
from comity.screening.evidence.states import code

_LONGEST: Final = 200
_ISSUER: Final = re.compile(r"([^()]*[^()\s])\s*\(([^()]{2,40})\)\s*")


def read_issued(text: str) -> tuple[str, str]:
    """Part a number from the code of its issuer; empty where none is named."""
    if ")" not in text:
        return text, ""
    found = _ISSUER.fullmatch(text[:_LONGEST])
    issuer = _state(found[2]) if found else ""
    return (found[1], issuer) if found and issuer else (text, "")


@lru_cache(maxsize=512)
def _state(name: str) -> str:
    found = code(name)
    return found if found in vocabulary.names("country") else ""
