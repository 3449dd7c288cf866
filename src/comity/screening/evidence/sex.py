"""Sex as documents state it: `male`, `female`, or something that says neither."""

from typing import Final

from comity.screening.evidence.weights import Verdict, judge

_STATED: Final = {
    "male": "male",
    "m": "male",
    "man": "male",
    "female": "female",
    "f": "female",
    "woman": "female",
}


def sex(family: str, asked: str, held: str) -> Verdict:
    """Compare what two documents state; `X`, `other` and the like are compared with nothing."""
    one, other = _STATED.get(asked.strip().casefold()), _STATED.get(held.strip().casefold())
    if one is None or other is None:
        return judge(family, "not-stated")
    return judge(family, "exact" if one == other else "other-value")
