"""Handling markings: how far a value may travel, and in which setting.

Joining never loosens: this is the property that `tests/unit/message` checks over generated
markings. Level and TLP take the higher, caveats and originators unite, audiences and purposes
intersect, expiry takes the earlier; an empty audience or purpose releases to nobody. Exercise
and real values never join.

Written form: `TLP:AMBER+STRICT H1 REL:xa,xc`; further words are `L1`…`L4` (classification
level, compared by number, never by word), `ORCON:xn.police`, `PURPOSE:counter-terrorism`,
`UNTIL:2027-01-01T00:00:00Z`, `H3` and `EXERCISE`.
"""

from dataclasses import dataclass, replace
from enum import Enum, IntEnum, unique
from typing import TypeVar

from typing_extensions import override

from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId, agency_id, member_id

T = TypeVar("T")


class Tlp(IntEnum):
    """Traffic Light Protocol 2.0 (FIRST, 2022), from loosest to strictest."""

    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        """The label as people write it: `TLP:AMBER+STRICT`."""
        return "TLP:" + self.name.replace("_", "+")


_TLP = {tlp.label: tlp for tlp in Tlp}
# Europol handling codes (Council 6243/18): H0 stands for none of the others.
CODES = ("H0", "H1", "H2", "H3")


@unique
class Setting(Enum):
    """Whether a value belongs to the world or to an exercise."""

    REAL = "real"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """The markings on one value or one message; `None` for audience or purpose means *any*."""

    tlp: Tlp = Tlp.RED
    level: int = 0
    """Classification level: 0 none, 1 restricted, 2 confidential, 3 secret, 4 top secret."""
    codes: frozenset[str] = frozenset()
    releasable: frozenset[MemberId] | None = None
    originators: frozenset[AgencyId] = frozenset()
    """Agencies that must all consent before onward use (originator control)."""
    purposes: frozenset[str] | None = None
    until: Instant | None = None
    setting: Setting = Setting.REAL

    def join(self, other: "Handling") -> "Handling":
        """Return the loosest marking that honours both.

        Raises `InvalidInputError` where one is of an exercise and the other real.
        """
        if self.setting is not other.setting:
            raise InvalidInputError("exercise and real values do not mix")
        return replace(
            self,
            tlp=max(self.tlp, other.tlp),
            level=max(self.level, other.level),
            codes=self.codes | other.codes,
            releasable=_both(self.releasable, other.releasable),
            originators=self.originators | other.originators,
            purposes=_both(self.purposes, other.purposes),
            until=_earlier(self.until, other.until),
        )

    def is_within(self, other: "Handling") -> bool:
        """Whether this marking is at least as strict as `other` in every respect."""
        return self.setting is other.setting and self.join(other) == self

    def may_release(self, recipient: MemberId, *, purpose: str, at: Instant) -> bool:
        """Whether the marking itself lets `recipient` have the value now, for `purpose`."""
        # INVARIANT: an empty audience or purpose denies; it never means the public.
        return (
            (self.releasable is None or recipient in self.releasable)
            and (self.purposes is None or purpose in self.purposes)
            and (self.until is None or at < self.until)
        )

    def for_reader(self, reader: MemberId) -> "Handling":
        """Return the clause one recipient may see: its own place on the list, nobody else's."""
        if self.releasable is None:
            return self
        return replace(self, releasable=self.releasable & {reader})

    @override
    def __str__(self) -> str:
        """Write the marking as one line."""
        return " ".join(_words(self))


OPEN = Handling(tlp=Tlp.CLEAR)


def handling(text: str) -> Handling:
    """Read a written marking; raises `InvalidInputError` naming the word it does not know."""
    words = text.split()
    if not words or words[0] not in _TLP:
        raise InvalidInputError(
            f"a marking begins with its TLP label ({', '.join(_TLP)}), got `{text[:60]}`"
        )
    marking = Handling(tlp=_TLP[words[0]])
    for word in words[1:]:
        marking = _with_word(marking, word)
    return marking


def _with_word(marking: Handling, word: str) -> Handling:
    head, _, tail = word.partition(":")
    changed = (
        _with_list(marking, head, tail) if tail or ":" in word else _flagged(marking, word)
    )
    if changed is None:
        raise InvalidInputError(f"unknown word `{word[:40]}` in a marking")
    return changed


def _flagged(marking: Handling, word: str) -> Handling | None:
    match word:
        case "H0" | "H1" | "H2" | "H3":
            return replace(marking, codes=marking.codes | {word})
        case "L1" | "L2" | "L3" | "L4":
            return replace(marking, level=int(word[1]))
        case "EXERCISE":
            return replace(marking, setting=Setting.EXERCISE)
        case _:
            return None


def _with_list(marking: Handling, head: str, tail: str) -> Handling | None:
    names = [name for name in tail.split(",") if name]
    match head:
        case "REL":
            return replace(marking, releasable=frozenset(member_id(name) for name in names))
        case "ORCON" if names:
            return replace(marking, originators=frozenset(agency_id(name) for name in names))
        case "PURPOSE":
            return replace(marking, purposes=frozenset(names))
        case "UNTIL":
            return replace(marking, until=from_iso(tail))
        case _:
            return None


def _words(marking: Handling) -> list[str]:
    words = [marking.tlp.label]
    if marking.level:
        words.append(f"L{marking.level}")
    words += sorted(marking.codes)
    if marking.releasable is not None:
        words.append("REL:" + ",".join(sorted(marking.releasable)))
    if marking.originators:
        words.append("ORCON:" + ",".join(sorted(marking.originators)))
    if marking.purposes is not None:
        words.append("PURPOSE:" + ",".join(sorted(marking.purposes)))
    if marking.until is not None:
        words.append("UNTIL:" + iso(marking.until))
    if marking.setting is Setting.EXERCISE:
        words.append("EXERCISE")
    return words


def _both(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    known = [instant for instant in (one, other) if instant is not None]
    return min(known, default=None)
