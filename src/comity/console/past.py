"""Past answers of our own law, each followed to its article, and asked again otherwise."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from comity.console import counsel
from comity.console.chapters import tabs
from comity.console.parts import Act, Chip, Choice, Entry, Input, Pair, Tone
from comity.console.registers import Difference, FactLine, LawPage, Suppose
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Shown, Visit
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import ComityError
from comity.core.ids import CaseId, agency_id
from comity.desk import Answered, Changes, Told, WhatIf
from comity.law import Lexicon, Verdict, write_inquiry
from comity.practice import Field, Type

_TONES = {Verdict.PERMIT: Tone.OK, Verdict.REFER: Tone.WARN, Verdict.DENY: Tone.CRIT}
_ICONS = {Verdict.PERMIT: "circle-check", Verdict.REFER: "user-check", Verdict.DENY: "ban"}


def past(visit: Visit) -> Answer:
    """List answers of our own law, the newest first; of one case where the address names it."""
    said, case = visit.said, visit.query.get("case", "")[:80]
    partner = visit.query.get("partner", "")[:80]
    names = visit.people()
    rows = visit.desk.past.list(visit.actor, case=case, partner=partner)
    lines = tuple(
        Line(
            text=f"{said.kind(row.kind)} · {visit.partner(row.recipient)}",
            href=f"/law/past/{row.decision}",
            detail=" · ".join(
                filter(None, (iso(Instant(row.at))[:16], names.get(row.person, ""), row.case))
            ),
            chips=(_verdict(visit, Verdict(row.verdict)), Chip(text=_state(visit, row.state))),
        )
        for row in rows
    )
    page = Sheet(
        title=said.say("past.title") if not case else said.say("past.of_case", case=case),
        lead=said.say("past.about"),
        sections=(Section(title=said.say("past.newest"), lines=lines),) if lines else (),
        condition=READY if lines else Condition(state=ListState.EMPTY),
        topic="past",
        tabs=tabs(visit, "past"),
    )
    return Shown(page=page)


def show(visit: Visit) -> Answer:
    """Show one answer: every reason with its article, and what it was asked about."""
    found = visit.desk.past.show(visit.actor, visit.names["reference"])
    return _shown(visit, found, None)


def what_if(visit: Visit) -> Answer:
    """Ask a past question again with something changed; nothing is sent or written."""
    on = visit.form("body.on")
    partner = visit.form("body.partner")
    changes = Changes(
        on=from_iso(f"{on}T12:00:00Z") if on else None,
        purpose=visit.form("body.purpose"),
        recipient=agency_id(partner) if partner else None,
        facts={
            key.removeprefix("fact."): counsel.answer_of(value)
            for key, value in visit.posted
            if key.startswith("fact.") and value
        },
    )
    found = visit.desk.past.what_if(visit.actor, visit.names["reference"], changes)
    return _shown(visit, found.was, found)


def _shown(visit: Visit, found: Answered, otherwise: WhatIf | None) -> Answer:
    told = found.told
    row, said = found.row, visit.said
    page = LawPage(
        reference=row.decision,
        subject=said.say(
            "past.subject", kind=said.kind(row.kind), partner=visit.partner(row.recipient)
        ),
        verdict=counsel.VERDICTS[found.verdict],
        at=Instant(row.at),
        reasons=(),
        entry=Entry(number=row.leaf),
        tabs=tabs(visit, "past"),
        standing=_standing(visit, found),
        acts=_acts(visit, found),
        digest=row.digest.hex(),
    )
    if told is not None:
        page = _told(visit, page, told)
        page = replace(page, under="" if found.is_same else said.say("past.under_today"))
        page = replace(page, suppose=_suppose(visit, found, told))
    if otherwise is not None:
        page = replace(page, difference=_difference(visit, found, otherwise))
    return Shown(page=page, marking=None if told is None else told.draft.handling)


def _told(visit: Visit, page: LawPage, told: Told) -> LawPage:
    decision, known = told.explanation.decision, counsel.lexicon(visit)
    facts = {name: value for name, value in told.draft.facts.items() if name in known.facts}
    weighed = {name for each in decision.reasons for name in each.facts}
    used = {name: value for name, value in facts.items() if value is not None}
    return replace(
        page,
        reasons=counsel.findings(visit, decision.reasons),
        why_not=counsel.findings(visit, told.explanation.why_not),
        duties=counsel.duties(visit, decision.obligations),
        used=_facts(visit, {n: v for n, v in used.items() if n in weighed}),
        missing=_facts(visit, dict.fromkeys(decision.missing)),
        lifted_by=counsel.seats(visit, decision),
        packs=tuple(
            Pair(label=f"{name} {version}", value=digest.hex()[:16], is_reference=True)
            for name, version, digest in decision.packs
        ),
        asked=_asked(visit, told),
        question=json.dumps(write_inquiry(told.draft), indent=1),
    )


def _facts(visit: Visit, facts: Mapping[str, bool | None]) -> tuple[FactLine, ...]:
    known = counsel.lexicon(visit).facts
    return tuple(
        FactLine(
            name=name,
            text=known[name].text,
            value=value,
            home=visit.said.code("home", known[name].home),
            provision=known[name].provision,
        )
        for name, value in sorted(facts.items())
        if name in known
    )


def _asked(visit: Visit, told: Told) -> tuple[Pair, ...]:
    said, draft = visit.said, told.draft
    lifted = ", ".join(entry.partition("=")[0] for entry in told.act.lifted)
    pairs = (
        ("message.to", visit.partner(draft.recipient)),
        ("message.purpose", said.code("purpose", draft.purpose)),
        ("act.marking", str(draft.handling)),
        (
            "past.categories",
            ", ".join(said.code("category", c) for c in sorted(draft.categories)),
        ),
        ("past.lifted", lifted),
        ("case.reference", draft.case),
    )
    return tuple(Pair(label=said.say(name), value=value) for name, value in pairs if value)


def _standing(visit: Visit, found: Answered) -> tuple[Chip, ...]:
    said = visit.said
    if found.told is None:
        return (Chip(text=said.say("past.is_erased"), icon="file-lock"),)
    if found.is_same:
        return (Chip(text=said.say("past.is_same"), icon="shield-check", tone=Tone.OK),)
    now = found.told.explanation.decision.verdict
    told = said.say("past.today", verdict=said.say(f"matrix.{now.word}"))
    word = "past.other_law" if not found.is_same_law else "past.not_same"
    return (
        Chip(text=said.say(word), icon="history", tone=Tone.WARN),
        Chip(text=told, icon=_ICONS[now], tone=_TONES[now]),
    )


def _acts(visit: Visit, found: Answered) -> tuple[Act, ...]:
    said, row = visit.said, found.row
    case = Act(label=said.say("act.open_case"), href=f"/cases/{row.case}", icon="folder-open")
    waits = Act(label=said.say("past.decide"), href=f"/referrals/{row.decision}", icon="gavel")
    return (
        *((waits,) if row.state == "waiting" else ()),
        *((case,) if _is_kept(visit, row.case) else ()),
    )


def _is_kept(visit: Visit, case: str) -> bool:
    """Whether the case exists: what is denied at once opens none."""
    try:
        visit.desk.reading.case(visit.actor, CaseId(case))
    except ComityError:
        return False
    return True


def _suppose(visit: Visit, found: Answered, told: Told) -> Suppose:
    said, known = visit.said, counsel.lexicon(visit)
    agencies = [a for a in visit.directory.agencies() if a.agency != visit.desk.agency]
    offered: dict[str, list[tuple[str, str]]] = {
        "partner": [(a.agency, a.name) for a in agencies],
        "purpose": [(each, said.code("purpose", each)) for each in known.purposes],
    }
    chosen = tuple(
        _choice(
            name, pairs, label=said.say(f"past.other_{name}"), value=visit.form(f"body.{name}")
        )
        for name, pairs in offered.items()
    )
    day = Input(
        field=Field(name="on", type=Type.INSTANT),
        label=said.say("past.other_on"),
        help=said.say("past.other_on_why"),
        value=visit.form("body.on"),
        is_day=True,
    )
    return Suppose(
        action=f"/law/past/{found.row.decision}",
        inputs=(day, *chosen),
        facts=tuple(_supposable(visit, told, known)),
    )


def _supposable(visit: Visit, told: Told, known: Lexicon) -> Iterable[Input]:
    """Return each fact a reason or a why-not reads, to be answered otherwise."""
    explained = told.explanation
    reasons = (*explained.decision.reasons, *explained.why_not)
    read = (name for each in reasons for name in each.facts)
    names = dict.fromkeys([*read, *sorted(told.draft.facts)])
    words = [(word, visit.said.say(f"answer.{word}")) for word in ("yes", "no", "unknown")]
    for name in names:
        if name in known.facts:
            now = counsel.word(value=told.draft.facts.get(name))
            label = f"{known.facts[name].text} ({visit.said.say(f'answer.{now}')})"
            yield _choice(
                name, words, label=label, value=visit.form(f"fact.{name}"), prefix="fact"
            )


def _choice(
    name: str, pairs: Iterable[tuple[str, str]], *, label: str, value: str, prefix: str = "body"
) -> Input:
    choices = tuple(Choice(value=code, label=text) for code, text in pairs)
    return Input(
        field=Field(name=name, type=Type.CODE, choices=tuple(c.value for c in choices)),
        label=label,
        value=value,
        choices=choices,
        prefix=prefix,
        is_compact=True,
    )


def _difference(visit: Visit, found: Answered, otherwise: WhatIf) -> Difference:
    said, known = visit.said, counsel.lexicon(visit).facts
    words = {
        name: tuple(said.say(f"answer.{counsel.word(value=each)}") for each in pair)
        for name, pair in otherwise.facts.items()
        if name in known
    }
    return Difference(
        was=counsel.VERDICTS[found.verdict],
        now=counsel.verdict_of(otherwise.told.explanation.decision),
        gone=counsel.findings(visit, otherwise.gone),
        new=counsel.findings(visit, otherwise.new),
        facts=tuple(
            Pair(
                label=known[name].text,
                value=said.say("past.fact_changed", before=before, after=after),
            )
            for name, (before, after) in words.items()
        ),
    )


def _verdict(visit: Visit, verdict: Verdict) -> Chip:
    text = visit.said.say(f"matrix.{verdict.word}")
    return Chip(text=text, icon=_ICONS[verdict], tone=_TONES[verdict])


def _state(visit: Visit, state: str) -> str:
    return visit.said.code("decision_state", state)
