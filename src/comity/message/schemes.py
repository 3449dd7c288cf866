"""Schemes of others: classification systems and closed code lists, as they were written.

A level belongs to (system, code), never to a word: `Secret` is confidential in Romania and
secret in Ireland. Equivalence compares; it permits nothing, since release also needs a basis,
an agreement and cleared readers. Frozen by `tools/freeze_handling.py`.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, TypedDict, cast

from typing_extensions import override

from comity.core.errors import InvalidInputError

TOP: Final = 4
"""The highest level: 1 restricted, 2 confidential, 3 secret, 4 top secret."""
EYES_ONLY: Final = "EYES-ONLY"
CAVEATS: Final = frozenset({"NOFORN", "RELIDO", EYES_ONLY, "LES"})
"""Caveats with a name of their own; others are written with their list, `ism.dissem.OC`."""
NATIONAL: Final = frozenset(
    {"NOFORN", "acs.formal_determination.NF", "ism.dissem.NF"}
    | {"ism.nonic.LES-NF", "ism.nonic.SBU-NF", "ism.notice.LES-NF"}
)
"""Caveats that keep a value within its originator's own member."""
_RESTRICTING: Final[Mapping[str, frozenset[str] | None]] = {
    # A list that grants (ACS `privilege_action`, ISM `REL`) would loosen where it is united.
    "acs.caveat": None,
    "acs.sensitivity": None,
    "acs.formal_determination": frozenset({"FOUO", "NF"}),
    "ism.atomicenergymarkings": None,
    "ism.dissem": frozenset(
        {"RS", "FOUO", "OC", "OC-USGOV", "IMC", "NF", "PR", "RELIDO", "DSEN", "FISA"}
    ),
    "ism.nonic": None,
    "ism.nonuscontrols": None,
    "ism.notice": None,
    "ism.scicontrols": None,
}
_FREE: Final = frozenset({"may", "externally-visible-direct-actions"})
_UNSAID: Final = frozenset({"tlp", "iep_version"})


class _System(TypedDict):
    is_verified: bool
    levels: dict[str, list[str]]
    old: dict[str, list[str]]


class _File(TypedDict):
    systems: dict[str, _System]
    lists: dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """One code of one system, with the level it stands for there."""

    system: str
    """`eu`, `nato` or a state, `fr`."""
    code: str
    """As it was written, with `_` for a space."""
    level: int
    is_verified: bool
    """Whether the level was read in an official text; else the security agreement decides."""
    is_old: bool = False
    """A code of old documents, which is not written anew."""
    is_rounded_up: bool = False
    """Whether it stands in for a lower level that its system does not have."""

    @override
    def __str__(self) -> str:
        """Write it as a marking does: `fr:SECRET`."""
        return f"{self.system}:{self.code}"


@cache
def classification(written: str) -> Classification:
    """Read `system:code`; raises `InvalidInputError` on a system or code nobody listed."""
    system, _, code = unicodedata.normalize("NFC", written).partition(":")
    held = _systems().get(system)
    if held is None:
        raise InvalidInputError(f"unknown classification system `{system[:20]}`")
    found = held.get(code)
    if found is None:
        raise InvalidInputError(f"`{system}` has no classification `{code[:60]}`")
    return found


def equivalent(level: int, system: str) -> Classification:
    """Return the code another system gives a level, rounded up where it has none.

    Raises `InvalidInputError` on an unknown system, or a level that is not 1 to 4.
    """
    if level not in range(1, TOP + 1):
        raise InvalidInputError(f"expected a level from 1 to {TOP}, got `{level}`")
    held = _systems().get(system)
    if held is None:
        raise InvalidInputError(f"unknown classification system `{system[:20]}`")
    living = (each for each in held.values() if not each.is_old and each.level >= level)
    # The first code written for a level is the system's own long form.
    best = min(living, key=lambda each: each.level)
    return Classification(
        system=best.system,
        code=best.code,
        level=best.level,
        is_verified=best.is_verified,
        is_rounded_up=best.level > level,
    )


def systems() -> Mapping[str, tuple[Classification, ...]]:
    """Return every code of every system, the highest level first."""
    return {name: tuple(held.values()) for name, held in _systems().items()}


def code_lists(scheme: str) -> Mapping[str, tuple[str, ...]]:
    """Return the closed lists of `acs`, `iep` or `ism`, by the name of their field."""
    return {name: tuple(codes) for name, codes in _file()["lists"][scheme].items()}


def caveat(word: str) -> str:
    """Check a caveat: one by name, or one of a list that restricts (`ism.dissem.OC`).

    Raises `InvalidInputError`; also on a code that grants instead of restricting.
    """
    if word in CAVEATS:
        return word
    scheme, _, rest = word.partition(".")
    name, _, code = rest.partition(".")
    allowed = _RESTRICTING.get(f"{scheme}.{name}", frozenset[str]())
    known = _file()["lists"].get(scheme, {}).get(name, [])
    if code not in known or (allowed is not None and code not in allowed):
        raise InvalidInputError(f"no caveat `{word[:60]}` in the lists")
    return word


def term(word: str) -> str:
    """Check a term of FIRST IEP 2.0 that restricts, `unmodified_resale=must-not`.

    Raises `InvalidInputError` on an unknown field or value, and on one that forbids nothing.
    """
    name, _, value = word.partition("=")
    known = () if name in _UNSAID else _file()["lists"]["iep"].get(name, ())
    if value not in known or value in _FREE:
        raise InvalidInputError(f"no term `{word[:60]}` of IEP 2.0 that restricts")
    return word


@cache
def _file() -> _File:
    data = files("comity.message").joinpath("data", "handling.json").read_text("utf-8")
    return cast("_File", json.loads(data))


@cache
def _systems() -> Mapping[str, Mapping[str, Classification]]:
    return {name: _codes(name, held) for name, held in _file()["systems"].items()}


def _codes(system: str, held: _System) -> Mapping[str, Classification]:
    listed = ((held["levels"], False), (held["old"], True))
    return {
        code: Classification(
            system=system,
            code=code,
            level=int(level),
            is_verified=held["is_verified"],
            is_old=is_old,
        )
        for levels, is_old in listed
        for level in sorted(levels, reverse=True)
        for code in levels[level]
    }
