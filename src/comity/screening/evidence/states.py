"""States that were one, became several, or lie within another, by their FollowTheMoney codes.

Taken from ISO 3166-3 and the dissolutions it records; a territory is written `ua-cri` or has a
code of its own. It says nothing of whose a territory is: contested ones are near to both sides.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, cast

from comity.message import vocabulary

_SOVIET: Final = [
    "am",
    "az",
    "by",
    "ee",
    "ge",
    "kg",
    "kz",
    "lt",
    "lv",
    "md",
    "ru",
    "tj",
    "tm",
    "ua",
    "uz",
    "ge-ab",
    "so",
    "md-pmr",
    "az-nk",
    "ua-cri",
]
FORMER: Final[Mapping[str, frozenset[str]]] = {
    "suhh": frozenset(_SOVIET) - {"so"},
    "yucs": frozenset(["ba", "hr", "me", "mk", "rs", "si", "xk", "csxx"]),
    "csxx": frozenset(["me", "rs", "xk", "yucs"]),
    "cshh": frozenset(["cz", "sk"]),
    "dd": frozenset(["de"]),
    "an": frozenset(["aw", "bq", "cw", "sx"]),
    "zr": frozenset(["cd"]),
    "sd": frozenset(["ss"]),
    "et": frozenset(["er"]),
    "rs": frozenset(["xk"]),
    "gb": frozenset(["ie"]),
}
"""A state to those that came out of it."""
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "cn": frozenset(["hk", "mo", "tw", "cn-xz"]),
    "gb": frozenset(
        [
            "gg",
            "im",
            "je",
            "gi",
            "bm",
            "ky",
            "vg",
            "ai",
            "ms",
            "tc",
            "fk",
            "io",
            "sh",
            "gb-nir",
            "gb-sct",
            "gb-wls",
        ]
    ),
    "us": frozenset(["pr", "gu", "vi", "as", "mp", "um"]),
    "fr": frozenset(["gf", "gp", "mq", "re", "yt", "nc", "pf", "pm", "wf", "bl", "mf"]),
    "nl": frozenset(["aw", "bq", "cw", "sx", "an"]),
    "dk": frozenset(["fo", "gl"]),
    "no": frozenset(["sj", "bv"]),
    "fi": frozenset(["ax"]),
    "ma": frozenset(["eh"]),
    "il": frozenset(["ps"]),
    "ru": frozenset(["ua-cri", "ua-dpr", "ua-lpr", "ge-ab"]),
    "pk": frozenset(["pk-km"]),
    "in": frozenset(["pk-km"]),
    "am": frozenset(["az-nk"]),
    "rs": frozenset(["xk"]),
}
"""A state to what has a code of its own and whose papers may name either."""
_LONGEST: Final = 100
"""Characters of a value that can still be a state's code or name."""


def related(one: str, other: str) -> str:
    """Say how two unequal codes are related: `former-state`, `part-of`, or not at all."""
    for whole, part in ((one, other), (other, one)):
        if part in FORMER.get(whole, ()):
            return "former-state"
        if part in PARTS.get(whole, ()) or part.startswith(f"{whole}-"):
            return "part-of"
    return ""


def code(text: str) -> str:
    """Return the code that a value is or names; a text that names no state stays as it is."""
    plain = " ".join(text[:_LONGEST].casefold().split())
    if plain in vocabulary.names("country"):
        return plain
    return _other_codes().get(plain) or named(plain) or plain


def named(plain: str) -> str:
    """Return the code of the state with this English name, in lower case; empty for none."""
    return _by_name().get(plain, "")


@cache
def _by_name() -> Mapping[str, str]:
    return {name.casefold(): key for key, name in vocabulary.names("country").items()}


@cache
def _other_codes() -> Mapping[str, str]:
    """Return three-letter and withdrawn codes; the file says where they come from."""
    text = files("comity.screening.evidence").joinpath("data/codes.json").read_text("utf-8")
    return cast("dict[str, dict[str, str]]", json.loads(text))["codes"]
