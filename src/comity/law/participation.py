"""Who is bound by what, between whom and on which day.

Signature is not consent to be bound. An old or partial list proves participation, never
absence: a party it does not name is unknown. Codes are exact: `NO` is Norway and `NA` Namibia.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

_CACHED = 100_000
_UNDATED = {"doubtful", "party"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One row of a treaty list; `in_force` is `None` for a signatory or a date in doubt."""

    instrument: str
    party: str
    in_force: date | None
    until: date | None
    is_party: bool
    """The source names it as bound without a date: true only from `as_of` on."""
    as_of: date | None
    source: str
    signed: date | None = None
    bound: date | None = None
    """The day of its deposit, where it is held."""
    status: str = "bound"
    """`bound`, `party`, `signatory`, `doubtful`, or `territory`, which binds nobody."""
    action: str = ""

    @property
    def begins(self) -> date | None:
        """The first day this row proves participation, if it proves any."""
        if self.in_force is not None:
            return self.in_force
        return self.as_of if self.is_party else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a party kept back: `excludes` takes an article away, `doubt` makes it unknown."""

    instrument: str
    party: str
    article: str
    """Empty: every article (a general reservation, or one whose text is not read)."""
    effect: str
    counterpart: str
    """Empty: towards every party."""
    until: date | None
    source: str
    as_of: date | None = None
    text: str = ""
    spares: frozenset[str] = frozenset()
    """Articles that a reading found it does not touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How far one list of parties goes; only a complete one shows absence, up to its day."""

    instrument: str
    complete_until: date
    covers: frozenset[str]
    """Empty: every state."""


@dataclass(frozen=True, slots=True)
class Participation:
    """Answers, and remembers, what binds two parties."""

    parties: Mapping[tuple[str, str], Sequence[Party]]
    reservations: Mapping[tuple[str, str], Sequence[Reservation]]
    listings: Mapping[str, Sequence[Listing]]
    in_force: Mapping[str, date]
    """The day each instrument itself entered into force."""
    groups: Mapping[str, Mapping[str, Sequence[tuple[date, date]]]]
    """Members of each group, with the days they belong to it from and until."""
    ended: Mapping[str, date] = field(default_factory=dict[str, date])
    """The day an instrument was repealed or replaced, where it was."""
    _known: dict[tuple[str, frozenset[str], str, str, date], bool | None] = field(
        default_factory=dict[tuple[str, frozenset[str], str, str, date], bool | None]
    )

    def applies(
        self, instrument: str, articles: frozenset[str], *, parties: tuple[str, str], on: date
    ) -> bool | None:
        """Whether `articles` of an instrument bind two parties to each other on a day."""
        key = (instrument, articles, *parties, on)
        if key not in self._known:
            if len(self._known) >= _CACHED:
                self._known.clear()
            kept = self.reserved(instrument, articles, parties=parties, on=on)
            is_free = None if kept is None else not kept
            found = {self.between(instrument, *parties, on=on), is_free}
            self._known[key] = False if False in found else None if None in found else True
        return self._known[key]

    def between(
        self, instrument: str, one: str, other: str, *, on: date, known_since: date = date.min
    ) -> bool | None:
        """Whether `instrument` is in force between two parties on a day; `None` is unknown."""
        found = {
            self.binds(instrument, party, on=on, known_since=known_since)
            for party in (one, other)
        }
        return False if False in found else None if None in found else True

    def binds(
        self, instrument: str, party: str, *, on: date, known_since: date = date.min
    ) -> bool | None:
        """Whether `instrument` binds one party on a day; `None` is unknown.

        A row that was read before `known_since` no longer proves that it still does.
        """
        rows = self.parties.get((instrument, party), ())
        begun = self.in_force.get(instrument)
        if begun is None:
            # Its entry into force is not known: only a list without the party can say no.
            is_named = any(row.begins or row.status in _UNDATED for row in rows)
            is_absent = not is_named and self._is_listed(instrument, party, on=on)
            return False if is_absent else None
        if on < begun or on >= self.ended.get(instrument, date.max):
            return False
        live = [row for row in rows if row.begins is not None and row.begins <= on]
        held = [row for row in live if row.until is None or on < row.until]
        if any(_is_recent(row.as_of, known_since) for row in held):
            return True
        if held:
            return None
        # A list does not show the absence of a party it names with a date in doubt, or without.
        in_doubt = any(row.status in _UNDATED for row in rows)
        if live or (not in_doubt and self._is_listed(instrument, party, on=on)):
            return False
        return None

    def _is_listed(self, instrument: str, party: str, *, on: date) -> bool:
        # A complete list, not older than the day asked about, shows absence.
        return any(
            on <= listing.complete_until and (not listing.covers or party in listing.covers)
            for listing in self.listings.get(instrument, ())
        )

    def reserved(
        self,
        instrument: str,
        articles: frozenset[str],
        *,
        parties: tuple[str, str],
        on: date,
        known_since: date = date.min,
    ) -> bool | None:
        """Whether either party kept one of `articles` from the other; `None` is in doubt."""
        found: set[str] = set()
        for one, other in (parties, parties[::-1]):
            for row in self.reservations.get((instrument, one), ()):
                is_live = row.until is None or on < row.until
                if (
                    is_live
                    and row.article in articles | {""}
                    and not (row.spares and articles <= row.spares)
                    and row.counterpart in {"", other}
                ):
                    is_old = row.effect != "none" and not _is_recent(row.as_of, known_since)
                    found.add("doubt" if is_old else row.effect)
        return True if "excludes" in found else None if "doubt" in found else False

    def is_member(self, group: str, party: str, *, on: date) -> bool:
        """Whether a party belongs to a group (`eu-schengen`) on a day."""
        spans = self.groups[group].get(party)
        return spans is not None and any(since <= on < until for since, until in spans)


def _is_recent(as_of: date | None, since: date) -> bool:
    return since == date.min or (as_of is not None and as_of >= since)
