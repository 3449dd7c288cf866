"""Laying a member's confirmed readings over the packs: the law in force for that member."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from comity.core import cbor
from comity.core.errors import InvalidInputError
from comity.core.ids import MemberId
from comity.law.corpus import Corpus, digest_of
from comity.law.logic import Predicate, joined
from comity.law.model import Evidence, Lexicon, Rule
from comity.law.participation import Listing, Participation, Party, Reservation
from comity.law.predicate import fact_predicate
from comity.law.reading import GENERAL, Reading, ReadingOutcome, place_of, row_digest


def outdated(packs: Corpus, readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the readings whose row the packs have given another text, or none, since."""
    return tuple(each for each in readings if not _is_live(packs, each))


def _is_live(packs: Corpus, reading: Reading) -> bool:
    try:
        return row_digest(packs, reading.row) == reading.digest
    except InvalidInputError:
        return False


def overlay(packs: Corpus, readings: Iterable[Reading], *, member: MemberId) -> Corpus:
    """Lay a member's confirmed readings over the packs; of two of one row the later counts.

    What has ended lies aside. Every decision names the overlay as the pack `readings-xn`.
    """
    live = {each.row: each for each in readings if _is_live(packs, each)}
    if not live:
        return packs
    chosen = [live[row] for row in sorted(live)]
    digest = hashlib.sha256(cbor.encode([each.record() for each in chosen])).digest()
    named = sorted((*packs.packs, (f"readings-{member}", str(len(chosen)), digest)))
    rules = (
        _as_read(rule, live[rule.name], packs.lexicon, member) if rule.name in live else rule
        for rule in packs.rules
    )
    return replace(
        packs,
        rules=tuple(rule for rule in rules if rule is not None),
        treaties=_bound(packs.treaties, chosen, member),
        packs=tuple(named),
        digest=digest_of(named),
    )


def _as_read(rule: Rule, reading: Reading, lexicon: Lexicon, member: MemberId) -> Rule | None:
    if reading.outcome is ReadingOutcome.REJECT:
        return None
    seen = replace(rule, evidence=Evidence.SEEN, gap="", read=reading.told(member))
    if reading.outcome is ReadingOutcome.CONFIRM:
        return seen
    fact = (fact_predicate(reading.needs, lexicon),) if reading.needs else ()
    own = Predicate(
        test=rule.test,
        reads=frozenset(rule.reads),
        of_value=rule.of_value,
        of_handling=rule.of_handling,
    )
    whole = rule.test if isinstance(rule.test, Predicate) else own
    return replace(
        seen,
        purposes=reading.purposes or rule.purposes,
        categories=reading.categories or rule.categories,
        until=min(rule.until, reading.until or date.max),
        test=joined("all", (whole, *fact)) if fact else rule.test,
        reads=tuple(sorted({*rule.reads, *([reading.needs] if fact else [])})),
        of_value=rule.of_value or any(each.of_value for each in fact),
    )


def _bound(
    treaties: Participation, readings: Iterable[Reading], member: MemberId
) -> Participation:
    parties, reservations = dict(treaties.parties), dict(treaties.reservations)
    listings, in_force = dict(treaties.listings), dict(treaties.in_force)
    for reading in readings:
        instrument, party, article = place_of(reading.row)
        place, told = (instrument, party), reading.told(member)
        if article:
            reservations[place] = _kept_back(reservations.get(place, ()), reading, told)
        elif party and reading.outcome is ReadingOutcome.REJECT:
            parties.pop(place)
            absent = Listing(
                instrument=instrument, complete_until=reading.read, covers=frozenset({party})
            )
            listings[instrument] = (*listings.get(instrument, ()), absent)
        elif party:
            row = _party(treaties.parties.get(place, ()), reading, told)
            parties[place] = (row,)
            # What binds a party on a day is itself in force on that day.
            if instrument not in treaties.in_force and row.in_force is not None:
                in_force[instrument] = min(in_force.get(instrument, row.in_force), row.in_force)
    return replace(
        treaties,
        parties=parties,
        reservations=reservations,
        listings=listings,
        in_force=in_force,
        _known={},
    )


def _party(rows: Iterable[Party], reading: Reading, told: str) -> Party:
    instrument, party, _ = place_of(reading.row)
    held = [row.in_force for row in rows if row.in_force is not None]
    return Party(
        instrument=instrument,
        party=party,
        in_force=reading.in_force or held[-1],
        until=reading.until,
        is_party=False,
        as_of=reading.read,
        source=told,
    )


def _kept_back(
    rows: Iterable[Reservation], reading: Reading, told: str
) -> tuple[Reservation, ...]:
    instrument, party, article = place_of(reading.row)
    exact = "" if article == GENERAL else article
    if reading.outcome is ReadingOutcome.CONFIRM:
        found = Reservation(
            instrument=instrument,
            party=party,
            article=exact,
            effect="excludes",
            counterpart="",
            until=reading.until,
            source=told,
            as_of=reading.read,
        )
        return (*rows, found)
    return tuple(_spared(row, exact, told) for row in rows)


def _spared(row: Reservation, article: str, told: str) -> Reservation:
    if row.effect == "doubt" and row.article == article:
        return replace(row, effect="none", source=told)
    # A reservation that names no article still stands in doubt for every other one.
    return row if row.article else replace(row, spares=row.spares | {article})
