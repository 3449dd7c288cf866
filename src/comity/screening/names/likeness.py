"""How alike two words of names are, whatever script they came from."""

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from comity.screening.model import How
from comity.screening.names.model import Sort, Token
from comity.screening.names.skeleton import skeleton

_FLOOR = 0.65
_SOUND = 0.88
_INITIAL = 0.5


@lru_cache(maxsize=1 << 16)
def near(one: str, other: str) -> float:
    """Return how likely two Latin words are one name, from 0 to 1; equal words are 1."""
    if one == other:
        return 1.0
    winkler = JaroWinkler.similarity(one, other)
    if winkler < _FLOOR:
        return 0.0
    edits = OSA.normalized_similarity(one, other)
    alike = (0.5 * winkler + 0.5 * edits - _FLOOR) / (1 - _FLOOR)
    kept = skeleton(one)
    if len(kept) > 1 and kept == skeleton(other):
        alike = max(alike, _SOUND)
    return min(0.99, max(0.0, alike))


def sounds_alike(one: str, other: str) -> bool:
    """Say whether two Latin words have the same consonants by sound, more than one of them."""
    kept = skeleton(one)
    return len(kept) > 1 and kept == skeleton(other)


def matches(one: Token, other: Token) -> tuple[float, How]:
    """Return how alike two tokens are over all their readings, and by what."""
    if one.text == other.text:
        return 1.0, _same_how(one, other)
    if Sort.INITIAL in {one.sort, other.sort}:
        return (_INITIAL, How.INITIAL) if one.text[0] == other.text[0] else (0.0, How.EDIT)
    best, pair = max(
        (near(mine, theirs), (mine, theirs))
        for mine in one.readings
        for theirs in other.readings
    )
    if best == 1.0:
        return 1.0, How.TRANSLITERATION
    return best, How.PHONETIC if sounds_alike(*pair) else How.EDIT


def _same_how(one: Token, other: Token) -> How:
    same_script = one.source.isascii() == other.source.isascii()
    return How.EXACT if same_script else How.TRANSLITERATION
