"""What a member's own lawyers read where the packs did not: an overlay over the law held.

A row of the packs that rests on unread text can only refer. A person who has read the text says
so, with address, article and day; a second person confirms it. For that member the row then
counts as read, more narrowly, or not at all.

INVARIANT: a reading speaks only of what the packs do not know: a row whose text they have seen
stays as it is. It ends when the packs give another text for its row.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum, unique
from typing import ClassVar, cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import AuthorisationError, InvalidInputError, StateError
from comity.core.ids import MemberId, PersonId, RecordId
from comity.core.store import Row
from comity.law.corpus import Corpus
from comity.law.model import Home, Lexicon, Role, Rule
from comity.law.participation import Participation, Reservation

GENERAL = "*"
"""Stands in a row's name for a reservation that names no article."""
_LONGEST = 400


@unique
class ReadingOutcome(StrEnum):
    """What the text says of the row: the same, less, or nothing of the kind."""

    CONFIRM = "confirm"
    NARROW = "narrow"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one person read of one row.

    `row` is a rule (`hostages-4`), a participation (`UN-HOSTAGES-1979/FR`) or a reservation
    (`UN-FINANCING-1999/FR/18`, `*` for one that names no article).
    """

    row: str
    outcome: ReadingOutcome
    source: str
    """The address it was read at."""
    article: str
    read: date
    purposes: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    needs: str = ""
    """A fact that the text asks for beside what the pack says."""
    until: date | None = None
    in_force: date | None = None
    """From which day the instrument binds the party."""
    digest: bytes = b""
    """Of the row as the packs gave it when it was read."""

    def told(self, member: MemberId) -> str:
        """Say who read what, as evidence shows it."""
        return f"read by {member.upper()} on {self.read}: {self.source}, {self.article}"

    def record(self) -> dict[str, Value]:
        """Write it as a map of texts, as it is kept and signed."""
        return {
            "row": self.row,
            "outcome": self.outcome.value,
            "source": self.source,
            "article": self.article,
            "read": self.read.isoformat(),
            "purposes": sorted(self.purposes),
            "categories": sorted(self.categories),
            "needs": self.needs,
            "until": "" if self.until is None else self.until.isoformat(),
            "in_force": "" if self.in_force is None else self.in_force.isoformat(),
            "digest": self.digest.hex(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow(Row):
    """One reading of one row of the packs: one person's, confirmed by another."""

    table: ClassVar[str] = "reading"
    key: ClassVar[tuple[str, ...]] = ("row", "at")

    row: str
    at: Instant
    outcome: str
    by: PersonId
    confirmed_by: PersonId | None
    """Who confirmed it; `None` while it waits, and does not count."""
    confirmed_at: int | None
    record_id: RecordId
    """What was read, where, and what follows."""


def confirm_reading(row: ReadingRow, by: PersonId, *, at: Instant) -> ReadingRow:
    """Return a reading as confirmed; raises `AuthorisationError` for its own author."""
    if by == row.by:
        raise AuthorisationError("a reading is confirmed by another person than its reader")
    if row.confirmed_by is not None:
        raise StateError("this reading has been confirmed")
    return replace(row, confirmed_by=by, confirmed_at=at)


def read_record(record: Value) -> Reading:
    """Read what `Reading.record` wrote, from whomever; raises `InvalidInputError`."""
    wrong = InvalidInputError("expected a reading as this release writes it")
    if not isinstance(record, Mapping):
        raise wrong
    found = cast("Mapping[str, Value]", record)
    text = {name: each for name, each in found.items() if isinstance(each, str)}
    try:
        return Reading(
            row=text["row"],
            outcome=ReadingOutcome(text["outcome"]),
            source=text["source"],
            article=text["article"],
            read=date.fromisoformat(text["read"]),
            purposes=_codes(found["purposes"]),
            categories=_codes(found["categories"]),
            needs=text["needs"],
            until=_day(text["until"]),
            in_force=_day(text["in_force"]),
            digest=bytes.fromhex(text["digest"]),
        )
    except (KeyError, ValueError):
        raise wrong from None


def _codes(value: Value) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError
    return frozenset(cast("list[str]", value))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def check_reading(reading: Reading, packs: Corpus) -> Reading:
    """Check a reading against the packs alone, and bind it to its row as they give it.

    Raises `InvalidInputError` for a row nobody holds, one whose text the packs have seen, and a
    reading that would widen it.
    """
    if not reading.source.startswith(("https://", "http://")) or not reading.article.strip():
        raise InvalidInputError("a reading names the address and the article that were read")
    if max(len(reading.source), len(reading.article)) > _LONGEST:
        raise InvalidInputError(f"an address or article has at most {_LONGEST} characters")
    bound = replace(reading, digest=row_digest(packs, reading.row))
    instrument, party, article = place_of(reading.row)
    if not party:
        _check_rule(reading, _rule(packs, reading.row), packs.lexicon)
    elif reading.outcome is ReadingOutcome.NARROW or reading.purposes or reading.categories:
        raise InvalidInputError("only a rule is narrowed; of a party say from when, until when")
    elif article:
        _check_reservation(reading, packs.treaties, (instrument, party), article)
    else:
        _check_party(reading, packs.treaties, (instrument, party))
    return bound


def row_digest(packs: Corpus, row: str) -> bytes:
    """Return the digest of a row as the packs give it; raises `InvalidInputError`."""
    instrument, party, article = place_of(row)
    if not party:
        return _rule(packs, row).digest
    if instrument not in packs.instruments:
        raise InvalidInputError(f"no rule, participation or reservation `{row[:80]}`")
    if party not in packs.members and not party.startswith("org-"):
        raise InvalidInputError(f"unknown country `{party[:20]}`")
    treaties, place = packs.treaties, (instrument, party)
    told: list[Value] = []
    if article:
        told += [
            [each.article, each.effect, each.counterpart, str(each.until), each.source]
            for each in _reserved(treaties, place, article)
        ]
    else:
        told += [
            [each.status, str(each.in_force), str(each.until), str(each.as_of), each.source]
            for each in treaties.parties.get(place, ())
        ]
        told += [
            str(each.complete_until)
            for each in treaties.listings.get(instrument, ())
            if not each.covers or party in each.covers
        ]
    return hashlib.sha256(cbor.encode(told)).digest()


def place_of(row: str) -> tuple[str, str, str]:
    """Take a row's name apart: rule or instrument, then party and article where it has them."""
    instrument, _, rest = row.partition("/")
    party, _, article = rest.partition("/")
    return instrument, party, article


def _rule(packs: Corpus, name: str) -> Rule:
    for rule in packs.rules:
        if rule.name == name:
            return rule
    raise InvalidInputError(f"no rule, participation or reservation `{name[:80]}`")


def _check_rule(reading: Reading, rule: Rule, lexicon: Lexicon) -> None:
    if rule.is_verified:
        raise InvalidInputError(f"the packs have seen the text of `{rule.name}`: it stands")
    narrows = reading.purposes or reading.categories or reading.needs or reading.until
    if bool(narrows) != (reading.outcome is ReadingOutcome.NARROW) or reading.in_force:
        raise InvalidInputError(
            "narrowing names fewer purposes or categories, an end, or a fact; nothing else does"
        )
    within = lexicon.purposes.keys() if rule.purposes is None else rule.purposes
    wider = (reading.purposes - within) | (reading.categories - rule.categories)
    if wider or (reading.until is not None and reading.until > rule.until):
        raise InvalidInputError(
            f"a reading only narrows: {', '.join(sorted(wider)) or 'until'}"
        )
    fact = lexicon.facts.get(reading.needs)
    if reading.needs and fact is None:
        raise InvalidInputError(f"unknown fact `{reading.needs[:60]}`")
    if rule.role is Role.ABSOLUTE and fact and fact.home not in {Home.STANDING, Home.DERIVED}:
        raise InvalidInputError(
            "an absolute prohibition reads standing and derived facts alone"
        )


def _check_party(reading: Reading, treaties: Participation, place: tuple[str, str]) -> None:
    rows = treaties.parties.get(place, ())
    dated = [row for row in rows if row.in_force is not None]
    is_same = reading.outcome is ReadingOutcome.CONFIRM and not reading.until
    if any(row.status == "territory" for row in rows):
        raise InvalidInputError(f"`{reading.row[:80]}` names a territory, which binds nobody")
    if treaties.binds(*place, on=reading.read) is False:
        raise InvalidInputError(f"the packs show that `{place[0]}` does not bind `{place[1]}`")
    if dated and not (is_same and reading.in_force in {None, dated[-1].in_force}):
        raise InvalidInputError(f"the packs have seen the dates of `{reading.row[:80]}`")
    if reading.outcome is ReadingOutcome.REJECT:
        if reading.in_force or reading.until or not rows:
            raise InvalidInputError("only a row in doubt is rejected, and without dates")
    elif reading.in_force is None and not dated:
        raise InvalidInputError("say from which day it binds the party")


def _check_reservation(
    reading: Reading, treaties: Participation, place: tuple[str, str], article: str
) -> None:
    effects = {row.effect for row in _reserved(treaties, place, article)}
    if "excludes" in effects:
        raise InvalidInputError(f"the packs have seen that `{reading.row[:80]}` is reserved")
    if reading.in_force is not None:
        raise InvalidInputError("a reservation has no day in force of its own")
    if reading.outcome is ReadingOutcome.REJECT and (reading.until or "doubt" not in effects):
        raise InvalidInputError(f"no reservation in doubt touches `{reading.row[:80]}`")


def _reserved(
    treaties: Participation, place: tuple[str, str], article: str
) -> list[Reservation]:
    names = {"", "" if article == GENERAL else article}
    return [row for row in treaties.reservations.get(place, ()) if row.article in names]
