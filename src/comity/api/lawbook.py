"""The law itself over the API: instruments, the matrix, past answers and what-if."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from comity.api import bodies
from comity.api.bodies import Code
from comity.api.endpoint import Call, get
from comity.core.errors import NotFoundError
from comity.desk import Asked
from comity.law import (
    Corpus,
    Instrument,
    instrument_record,
    is_open,
    party_record,
    reservation_record,
    rows_of,
    rule_record,
    rules_of,
)
from comity.message import handling


class Narrow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which instruments: of one kind, or those with something openly missing."""

    kind: Annotated[str, Meta(max_length=80)] = ""
    missing: bool = False


class InstrumentLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An instrument that packs cite; days are empty where they are not held."""

    id: str
    title: str
    kind: str
    adopted: str
    in_force: str
    until: str
    evidence: str
    url: str
    source: str
    gap: str
    needs_local_assessment: bool
    is_fictional: bool
    pack: str
    rules: list[str]
    unread: int


class Instruments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Instruments, by id."""

    instruments: list[InstrumentLine]


class ToldCase(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A told case of a rule: `is_kept` where the rule has nothing against it."""

    case: str
    verdict: str
    is_kept: bool
    cite: str
    place: str


class LawRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule beside its source; `conditions` holds each test line by line."""

    rule: str
    role: str
    text: str
    cite: str
    instrument: str
    url: str
    evidence: str
    gap: str
    read: str
    pack: str
    place: str
    purposes: list[str]
    categories: list[str]
    articles: list[str]
    sides: list[str]
    lifted_by: list[str]
    since: str
    until: str
    conditions: dict[str, list[str]]
    facts: list[str]
    duties: list[str]
    told: list[ToldCase]


class TreatyParty(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of a list of parties; days are empty where they are not held."""

    party: str
    status: str
    signed: str
    bound: str
    in_force: str
    until: str
    as_of: str
    source: str


class KeptBack(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reservation or declaration; an empty article means every one."""

    party: str
    article: str
    effect: str
    counterpart: str
    until: str
    source: str
    text: str


class InstrumentPage(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An instrument with its rules, parties and reservations."""

    instrument: InstrumentLine
    rules: list[LawRule]
    parties: list[TreatyParty]
    reservations: list[KeptBack]


class AskedOfAll(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the matrix is about."""

    purpose: Code = "counter-terrorism"
    kind: Code = "requests.ask/1"
    handling: Annotated[str, Meta(min_length=1, max_length=1_000)] = "TLP:AMBER"


class MatrixLine(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A partner: the verdict for each data category, and what would still be asked."""

    partner: str
    cells: dict[str, str]
    missing: list[str]
    is_closed: bool


class Matrix(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Partner by data category for one purpose, before anybody has answered anything."""

    purpose: str
    rows: list[MatrixLine]


@get("law/instruments")
def list_instruments(call: Call, asked: Narrow) -> Instruments:
    """List the instruments this node holds, and what is openly missing of each."""
    corpus = call.desk.station.corpus()
    held = sorted(corpus.instruments.values(), key=lambda each: each.id)
    return Instruments(
        instruments=[
            _line(each, corpus)
            for each in held
            if asked.kind in {"", each.kind} and (not asked.missing or is_open(corpus, each))
        ]
    )


@get("law/instruments/{instrument}")
def show_instrument(call: Call, asked: bodies.Nothing) -> InstrumentPage:
    """Show an instrument: parties, reservations, and each rule beside its source."""
    del asked
    corpus, name = call.desk.station.corpus(), call.path["instrument"]
    held = corpus.instruments.get(name)
    if held is None:
        raise NotFoundError(f"no instrument `{name[:80]}` is held")
    treaties = corpus.treaties
    parties = [party_record(row) for row in rows_of(treaties.parties, name)]
    kept = [reservation_record(row) for row in rows_of(treaties.reservations, name)]
    return InstrumentPage(
        instrument=_line(held, corpus),
        rules=[
            msgspec.convert(rule_record(rule, corpus), LawRule)
            for rule in rules_of(corpus, name)
        ],
        parties=msgspec.convert(parties, list[TreatyParty]),
        reservations=msgspec.convert(kept, list[KeptBack]),
    )


@get("law/matrix")
def show_matrix(call: Call, asked: AskedOfAll) -> Matrix:
    """Judge every data category for every partner, by what stands of each today."""
    about = Asked(
        agency=call.desk.agency,
        kind=asked.kind,
        purpose=asked.purpose,
        handling=handling(asked.handling),
    )
    rows = call.desk.counsel.matrix(call.actor, about)
    return Matrix(
        purpose=asked.purpose,
        rows=[
            MatrixLine(
                partner=row.partner,
                cells={name: verdict.word for name, verdict in row.cells.items()},
                missing=list(row.missing),
                is_closed=row.is_closed,
            )
            for row in rows
        ],
    )


def _line(held: Instrument, corpus: Corpus) -> InstrumentLine:
    return msgspec.convert(instrument_record(held, corpus), InstrumentLine)


LAWBOOK = (
    list_instruments,
    show_instrument,
    show_matrix,
)
