"""Handling markings: how far a value may travel, and in which setting.

Joining never loosens: this is the property that `tests/unit/message` checks over generated
markings. Level, TLP and PAP take the higher; codes, classifications, caveats, terms and
originators unite; audiences and purposes intersect; expiry takes the earlier; an empty audience
or purpose releases to nobody. Exercise and real values never join.

Written form: `TLP:AMBER+STRICT H1 REL:xa,xc`; further words are `L1`…`L4` (classification
level, compared by number, never by word), `CLASS:fr:SECRET` (the original code, which gives the
level), `PAP:AMBER`, `CAVEAT:NOFORN,ism.dissem.OC`, `IEP:unmodified_resale=must-not`,
`ORCON:xn.police`, `PURPOSE:counter-terrorism`, `UNTIL:2027-01-01T00:00:00Z`, `H3`, `EXERCISE`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, unique
from typing import TypeVar

from typing_extensions import override

from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId, agency_id, member_id
from comity.message.schemes import EYES_ONLY, NATIONAL, caveat, classification, term

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


class Pap(IntEnum):
    """Permissible Actions Protocol, from loosest to strictest: what a reader may do with it."""

    CLEAR = 0
    """Any."""
    GREEN = 1
    """Active."""
    AMBER = 2
    """Passive."""
    RED = 3
    """Only what nobody outside can detect."""


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
    classes: frozenset[str] = frozenset()
    """Original classifications, `fr:SECRET`; the level is never below theirs."""
    pap: Pap | None = None
    """`None` where the originator said nothing of actions."""
    codes: frozenset[str] = frozenset()
    caveats: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    """Terms of FIRST IEP 2.0 that restrict, `encrypt_in_transit=must`."""
    releasable: frozenset[MemberId] | None = None
    originators: frozenset[AgencyId] = frozenset()
    """Agencies that must all consent before onward use (originator control)."""
    purposes: frozenset[str] | None = None
    until: Instant | None = None
    setting: Setting = Setting.REAL

    def __post_init__(self) -> None:
        """Hold the level to its original codes, and *eyes only* to a list of readers.

        Raises `InvalidInputError`.
        """
        # INVARIANT: no level is below that of a classification the value came with.
        if self.classes and self.level < _level(self.classes):
            raise InvalidInputError("a level is not below that of its original classification")
        # Without a list it reaches nobody, and a list from elsewhere must not open it.
        if EYES_ONLY in self.caveats and self.releasable is None:
            raise InvalidInputError("`EYES-ONLY` comes with the list of its readers, `REL:`")

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
            classes=self.classes | other.classes,
            pap=max((pap for pap in (self.pap, other.pap) if pap is not None), default=None),
            codes=self.codes | other.codes,
            caveats=self.caveats | other.caveats,
            terms=self.terms | other.terms,
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
            self.reaches(recipient)
            and (self.purposes is None or purpose in self.purposes)
            and (self.until is None or at < self.until)
        )

    def reaches(self, member: MemberId, *, owner: MemberId | None = None) -> bool:
        """Whether list and caveats let `member` have a value that `owner` originated.

        NOFORN stays with its owner.
        """
        if self.caveats & NATIONAL and member != owner:
            return False
        return self.releasable is None or member in self.releasable

    @property
    def needs_a_reader(self) -> bool:
        """Whether a person must read what no program decides: caveats, terms at odds."""
        return bool(self.caveats) or self.terms >= _AT_ODDS

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
    heads = [word.partition(":")[0] for word in words]
    if len(heads) > len(set(heads)):
        # A second list would take the place of the first, and could be wider.
        raise InvalidInputError("a marking says each word once")
    # The list of readers first: *eyes only* does not stand without it.
    for word in sorted(words[1:], key=lambda word: not word.startswith("REL:")):
        marking = _with_word(marking, word)
    return marking


def _with_word(marking: Handling, word: str) -> Handling:
    head, colon, tail = word.partition(":")
    names = [name for name in tail.split(",") if name]
    if colon and head in _LISTS and (names or head in _MAY_BE_EMPTY):
        return _LISTS[head](marking, names)
    changed = _with_one(marking, head, tail) if colon else _flagged(marking, word)
    if changed is None:
        raise InvalidInputError(f"unknown word `{word[:40]}` in a marking")
    return changed


def _flagged(marking: Handling, word: str) -> Handling | None:
    match word:
        case "H0" | "H1" | "H2" | "H3":
            return replace(marking, codes=marking.codes | {word})
        case "L1" | "L2" | "L3" | "L4":
            return replace(marking, level=max(marking.level, int(word[1])))
        case "EXERCISE":
            return replace(marking, setting=Setting.EXERCISE)
        case _:
            return None


def _with_one(marking: Handling, head: str, tail: str) -> Handling | None:
    match head:
        case "PAP" if tail in Pap.__members__:
            return replace(marking, pap=Pap[tail])
        case "UNTIL":
            return replace(marking, until=from_iso(tail))
        case _:
            return None


def _classified(marking: Handling, names: Iterable[str]) -> Handling:
    classes = frozenset(str(classification(name)) for name in names) | marking.classes
    return replace(marking, classes=classes, level=max(marking.level, _level(classes)))


_LISTS: Mapping[str, Callable[[Handling, Iterable[str]], Handling]] = {
    "REL": lambda marking, names: replace(marking, releasable=frozenset(map(member_id, names))),
    "ORCON": lambda marking, names: replace(
        marking, originators=frozenset(map(agency_id, names))
    ),
    "PURPOSE": lambda marking, names: replace(marking, purposes=frozenset(names)),
    "CAVEAT": lambda marking, names: replace(marking, caveats=frozenset(map(caveat, names))),
    "IEP": lambda marking, names: replace(marking, terms=frozenset(map(term, names))),
    "CLASS": _classified,
}
_MAY_BE_EMPTY = frozenset({"REL", "PURPOSE"})
_AT_ODDS = frozenset({"attribution=must", "attribution=must-not"})


def _level(classes: Iterable[str]) -> int:
    return max((classification(written).level for written in classes), default=0)


def _words(marking: Handling) -> list[str]:
    words = [marking.tlp.label]
    if marking.level:
        words.append(f"L{marking.level}")
    words += sorted(marking.codes)
    if marking.pap is not None:
        words.append(f"PAP:{marking.pap.name}")
    lists = {
        "CLASS": marking.classes or None,
        "CAVEAT": marking.caveats or None,
        "IEP": marking.terms or None,
        "REL": marking.releasable,
        "ORCON": marking.originators or None,
        "PURPOSE": marking.purposes,
    }
    words += [f"{head}:{','.join(sorted(of))}" for head, of in lists.items() if of is not None]
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
