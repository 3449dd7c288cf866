"""The law itself as anybody here may read it: instruments, and each rule beside its source."""

from collections.abc import Iterable, Sequence
from datetime import date

from comity.console.chapters import rule_href, rule_named, tabs
from comity.console.conditions import conditions
from comity.console.parts import Act, Chip, Finding, Pair, Tone, Verdict
from comity.console.provisions import (
    InstrumentList,
    InstrumentPage,
    InstrumentRow,
    PartyLine,
    ReservationLine,
    RuleCard,
    ToldLine,
)
from comity.console.readings import Rows
from comity.console.tongue import Tongue
from comity.console.views import READY, Condition, ListState, Tab
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import utc_date
from comity.core.errors import NotFoundError
from comity.law import (
    Corpus,
    Evidence,
    Instrument,
    Party,
    Reservation,
    Rule,
    Told,
    is_open,
    party_code,
    rows_of,
    rules_of,
    told_of,
)
from comity.law import Verdict as LawVerdict
from comity.trust import Sort

_READ = "/law/readings?row="
_WATCHERS = frozenset({Sort.OVERSIGHT, Sort.MONITOR})
"""Bodies that exchange nothing of their own, and so are bound by no treaty."""
PARTIES = 60
"""Rows of a treaty list on one page."""
_VERDICTS = {
    LawVerdict.PERMIT: Verdict.PERMIT,
    LawVerdict.REFER: Verdict.REFER,
    LawVerdict.DENY: Verdict.DENY,
}
_STATUS = {"bound": Tone.OK, "party": Tone.OK, "doubtful": Tone.WARN}
_EFFECT = {"excludes": Tone.CRIT, "doubt": Tone.WARN}


def instruments(visit: Visit) -> Answer:
    """List every instrument held, by kind, or those with something openly missing."""
    corpus, said = visit.desk.station.corpus(), visit.said
    kind, wants = visit.query.get("kind", ""), "missing" in visit.query
    everything = sorted(corpus.instruments.values(), key=lambda each: (each.kind, each.id))
    missing = [each for each in everything if is_open(corpus, each)]
    shown = [each for each in (missing if wants else everything) if kind in {"", each.kind}]
    kinds = dict.fromkeys(each.kind for each in everything)
    page = InstrumentList(
        rows=tuple(_row(corpus, each, said) for each in shown),
        kinds=(
            Tab(
                text=said.say("instrument.every"),
                href="/law/instruments",
                count=len(everything),
                is_current=not kind and not wants,
            ),
            *(
                Tab(
                    text=said.code("instrument_kind", name),
                    href=f"/law/instruments?kind={name}",
                    count=sum(each.kind == name for each in everything),
                    is_current=kind == name,
                )
                for name in kinds
            ),
        ),
        missing=Tab(
            text=said.say("instrument.missing"),
            href="/law/instruments?missing=yes",
            count=len(missing),
            is_current=wants,
        ),
        total=len(everything),
        tabs=tabs(visit, "instruments"),
        condition=READY if shown else Condition(state=ListState.EMPTY),
    )
    return Shown(page=page)


def instrument(visit: Visit) -> Answer:
    """Show one instrument: dates, parties, reservations, and each rule beside its source."""
    corpus, said = visit.desk.station.corpus(), visit.said
    found = corpus.instruments.get(visit.names["instrument"])
    if found is None:
        raise NotFoundError("nothing here has that name")
    rules = rules_of(corpus, found.id)
    rows = Rows(visit)
    parties = rows_of(corpus.treaties.parties, found.id)
    reserved = rows_of(corpus.treaties.reservations, found.id)
    place = _place(visit.query.get("parties", "1"), len(parties))
    page = InstrumentPage(
        id=found.id,
        title=found.title,
        chips=_chips(found, said),
        pairs=_pairs(found, said),
        url=found.url,
        gap=found.gap,
        assessment=found.needs_local_assessment,
        partners=_partners(visit, corpus, found),
        parties=tuple(
            _party(row, said) for row in parties[(place - 1) * PARTIES : place * PARTIES]
        ),
        parties_total=len(parties),
        pages=_pages(found, len(parties), place),
        listing=_listing(corpus, found, said),
        reservations=tuple(_reservation(row, said) for row in reserved),
        rules=tuple(card(rule, corpus, rows) for rule in rules),
        tabs=tabs(visit, "instruments"),
        contents=tuple(Act(label=r.name, href=f"#rule-{r.name}") for r in rules),
    )
    return Shown(page=page)


def rule(visit: Visit) -> Answer:
    """Lead to a rule on its instrument's page, or show it where it cites no instrument."""
    corpus = visit.desk.station.corpus()
    found = rule_named(corpus, visit.names["rule"])
    if found is None:
        raise NotFoundError("nothing here has that name")
    if found.instrument in corpus.instruments:
        return Go(href=rule_href(found))
    page = InstrumentPage(
        id=found.name,
        title=found.cite,
        chips=(),
        pairs=(),
        url=found.url,
        gap="",
        assessment=False,
        partners=(),
        parties=(),
        parties_total=0,
        pages=(),
        listing="",
        reservations=(),
        rules=(card(found, corpus, Rows(visit)),),
        tabs=tabs(visit, "instruments"),
        is_rule=True,
    )
    return Shown(page=page)


def card(rule: Rule, corpus: Corpus, rows: Rows) -> RuleCard:
    """Return a rule beside its source, with its told cases and what was read of it."""
    told, said = told_of(corpus, rule.name), rows.said
    return RuleCard(
        name=rule.name,
        text=rule.text,
        role=said.code("role", rule.role),
        cite=rule.cite,
        url=rule.url,
        evidence=evidence(rule.evidence, said),
        gap=rule.gap,
        place=f"{rule.pack} · {rule.place}",
        facts=_facts(rule, corpus, said),
        conditions=conditions(rule, corpus.lexicon, said),
        duties=tuple(
            Finding(text=each.detail, verdict=Verdict.CONDITIONS, rule=each.code)
            for each in rule.duties
        ),
        kept=tuple(_told(each, said) for each in told if _is_kept(each)),
        broken=tuple(_told(each, said) for each in told if not _is_kept(each)),
        reading=rows.said_of(rule.name),
        forms=() if rule.is_verified else rows.forms_of(rule.name, rule),
    )


def evidence(found: Evidence, said: Tongue) -> Chip:
    """Return how well a row is sourced, as a sign with its word."""
    signs = {
        Evidence.SEEN: ("circle-check", Tone.OK),
        Evidence.MIXED: ("triangle-alert", Tone.WARN),
        Evidence.UNVERIFIED: ("circle-dashed", Tone.WARN),
    }
    icon, tone = signs[found]
    return Chip(text=said.say(f"evidence.{found.value}"), icon=icon, tone=tone)


def _row(corpus: Corpus, held: Instrument, said: Tongue) -> InstrumentRow:
    unread = sum(not rule.is_verified for rule in rules_of(corpus, held.id))
    return InstrumentRow(
        id=held.id,
        title=held.title,
        href=f"/law/instruments/{held.id}",
        kind=said.code("instrument_kind", held.kind),
        in_force=_day(held.in_force) or said.say("instrument.not_known"),
        evidence=evidence(held.evidence, said),
        rules=len(rules_of(corpus, held.id)),
        gap=held.gap or (said.say("instrument.unread", n=unread) if unread else ""),
        marks=_marks(held, said),
    )


def _marks(held: Instrument, said: Tongue) -> tuple[Chip, ...]:
    fictional = Chip(text=said.say("instrument.fictional"), icon="flag", tone=Tone.INFO)
    local = Chip(text=said.say("instrument.local"), icon="shield-alert", tone=Tone.WARN)
    return (
        *((fictional,) if held.is_fictional else ()),
        *((local,) if held.needs_local_assessment else ()),
    )


def _chips(held: Instrument, said: Tongue) -> tuple[Chip, ...]:
    kind = Chip(text=said.code("instrument_kind", held.kind), icon="landmark")
    return kind, evidence(held.evidence, said), *_marks(held, said)


def _pairs(held: Instrument, said: Tongue) -> tuple[Pair, ...]:
    not_known = said.say("instrument.not_known")
    told = (
        ("adopted", held.adopted or not_known),
        ("in_force", _day(held.in_force) or not_known),
        ("until", _day(held.until)),
        ("source", held.source),
        ("pack", held.pack),
    )
    return tuple(
        Pair(label=said.say(f"instrument.{name}"), value=value) for name, value in told if value
    )


def _partners(visit: Visit, corpus: Corpus, held: Instrument) -> tuple[Pair, ...]:
    """Say for each partner whether it binds both sides today."""
    own, day, said = party_code(visit.desk.agency), utc_date(visit.now), visit.said
    entries = [each for each in visit.directory.agencies() if each.sort not in _WATCHERS]
    members = {party_code(each.agency): each.name for each in reversed(entries)}
    words = {True: "both", False: "not_both", None: "not_known"}
    return tuple(
        Pair(
            label=f"{member} · {name}",
            value=said.say(
                f"instrument.{words[corpus.treaties.between(held.id, own, member, on=day)]}"
            ),
        )
        for member, name in sorted(members.items())
        if member != own
    )


def _party(row: Party, said: Tongue) -> PartyLine:
    return PartyLine(
        party=row.party,
        status=Chip(
            text=said.say(f"party.{row.status}"), tone=_STATUS.get(row.status, Tone.PLAIN)
        ),
        signed=_day(row.signed),
        bound=_day(row.bound),
        in_force=_day(row.in_force),
        until=_day(row.until),
        as_of=_day(row.as_of),
        source=row.source,
        href=f"{_READ}{row.instrument}/{row.party}" if row.status == "doubtful" else "",
    )


def _reservation(row: Reservation, said: Tongue) -> ReservationLine:
    tone = _EFFECT.get(row.effect, Tone.PLAIN)
    return ReservationLine(
        party=row.party,
        article=row.article,
        effect=Chip(text=said.say(f"reservation.{row.effect}"), tone=tone),
        counterpart=row.counterpart,
        until=_day(row.until),
        source=row.source,
        text=row.text,
        href=f"{_READ}{row.instrument}/{row.party}/{row.article or '*'}"
        if row.effect == "doubt"
        else "",
    )


def _listing(corpus: Corpus, held: Instrument, said: Tongue) -> str:
    """Say what it means that a list does not name somebody."""
    listed = corpus.treaties.listings.get(held.id, ())
    whole = [each.complete_until for each in listed if not each.covers]
    if whole:
        return said.say("instrument.complete", at=_day(max(whole)))
    return said.say("instrument.partly" if listed else "instrument.incomplete")


def _pages(held: Instrument, total: int, place: int) -> tuple[Tab, ...]:
    count = -(-total // PARTIES)
    if count <= 1:
        return ()
    return tuple(
        Tab(
            text=str(number),
            href=f"/law/instruments/{held.id}?parties={number}#parties",
            is_current=number == place,
        )
        for number in range(1, count + 1)
    )


def _place(text: str, total: int) -> int:
    """Return the page asked for; what is no page is the first."""
    last = max(1, -(-total // PARTIES))
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(last))
    return int(text) if is_number and 0 < int(text) <= last else 1


def _facts(rule: Rule, corpus: Corpus, said: Tongue) -> tuple[Pair, ...]:
    told: Sequence[tuple[str, str]] = (
        ("purposes", _listed(rule.purposes or (), "purpose", said)),
        ("categories", _listed(rule.categories, "category", said)),
        ("between", corpus.instruments[rule.between].title if rule.between else ""),
        ("articles", ", ".join(sorted(rule.articles))),
        ("sides", _listed((side.value for side in rule.sides), "side", said)),
        ("lifted_by", _listed(rule.lifted_by, "seat", said)),
        ("since", "" if rule.since == date.min else _day(rule.since)),
        ("until", "" if rule.until == date.max else _day(rule.until)),
    )
    return tuple(
        Pair(label=said.say(f"rule.{name}"), value=value) for name, value in told if value
    )


def _listed(codes: Iterable[str], group: str, said: Tongue) -> str:
    return ", ".join(said.code(group, code) for code in sorted(codes))


def _is_kept(each: Told) -> bool:
    """Whether a case shows a rule that lets something pass, or has nothing against it."""
    return each.is_kept or each.verdict is LawVerdict.PERMIT


def _told(each: Told, said: Tongue) -> ToldLine:
    asked = (each.draft.originator, each.draft.recipient)
    return ToldLine(
        text=each.name,
        verdict=_VERDICTS[each.verdict],
        cite=each.cite,
        place=each.place,
        detail=f"{' → '.join(asked)} · {said.code('purpose', each.draft.purpose)}",
    )


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
