"""A question to the law about no real person: nothing is disclosed by asking it."""

import json
from dataclasses import replace

from comity.console import counsel, forms
from comity.console.chapters import tabs
from comity.console.outcome import sections
from comity.console.parts import Act, Choice, Form, Input
from comity.console.sheet import Section, Sheet
from comity.console.visit import Answer, Shown, Visit
from comity.core.clock import iso
from comity.core.ids import agency_id
from comity.desk import READERS, Asked
from comity.message import Facts, handling
from comity.practice import Field, Need, Type


def ask(visit: Visit) -> Answer:
    """Show the form of a question; one that is whole in its address is answered at once."""
    if not visit.query.get("partner"):
        return Shown(page=_page(visit, (), ()))
    typed = (
        (key if key.startswith("fact.") else f"body.{key}", value)
        for key, value in visit.query.items()
    )
    return explain(replace(visit, posted=tuple(typed)))


def explain(visit: Visit) -> Answer:
    """Say what the law would say, with every reason and why-not."""
    known = _known(visit)
    asked = {
        "originator": visit.desk.agency,
        "recipient": visit.form("body.partner"),
        "on": iso(visit.now),
        "kind": visit.form("body.kind"),
        "purpose": visit.form("body.purpose"),
        "categories": list(visit.every("body.categories")),
        "handling": visit.form("body.marking"),
        "facts": {**known, **counsel.stated(visit)},
    }
    found = visit.desk.counsel.explain(json.dumps(asked).encode())
    why_not = Section(
        title=visit.said.say("law.why_not"), findings=counsel.findings(visit, found.why_not)
    )
    taken = Section(
        title=visit.said.say("inquiry.known"),
        lead=visit.said.say("inquiry.known_why"),
        pairs=counsel.fact_pairs(visit, known),
    )
    shown = (
        *sections(visit, found.decision),
        *((why_not,) if found.why_not else ()),
        *((taken,) if taken.pairs else ()),
    )
    page = _page(visit, shown, counsel.questions(visit, found.decision))
    return Shown(page=replace(page, verdict=counsel.verdict_of(found.decision)))


def _known(visit: Visit) -> Facts:
    """Return what stands of the partner, for those who may read assessments."""
    if not READERS & visit.actor.seats:
        return {}
    asked = Asked(
        agency=visit.desk.agency,
        kind=visit.form("body.kind"),
        purpose=visit.form("body.purpose"),
        handling=handling(visit.form("body.marking")),
    )
    partner = agency_id(visit.form("body.partner"))
    return visit.desk.counsel.known(visit.actor, partner, asked)


def _page(visit: Visit, shown: tuple[Section, ...], questions: tuple[Input, ...]) -> Sheet:
    said = visit.said
    form = Form(
        action="/law/explain",
        kind="inquiry",
        title=said.say("law.explain"),
        note=said.say("law.explain_why"),
        inputs=(*_inputs(visit), *questions),
        send=said.say("law.explain"),
        icon="scale",
    )
    return Sheet(
        title=said.say("law.explain"),
        back=Act(label=said.say("rail.law"), href="/law"),
        sections=shown,
        side=(Section(title=said.say("inquiry.title"), forms=(form,)),),
        tabs=tabs(visit, ""),
    )


def _inputs(visit: Visit) -> tuple[Input, ...]:
    said, known = visit.said, counsel.lexicon(visit)
    agencies = [a for a in visit.directory.agencies() if a.agency != visit.desk.agency]
    offered: dict[str, tuple[Type, list[tuple[str, str]]]] = {
        "partner": (Type.CODE, [(a.agency, a.name) for a in agencies]),
        "kind": (
            Type.CODE,
            [(k, said.kind(k)) for k in sorted(visit.desk.station.practices.offered())],
        ),
        "purpose": (Type.CODE, [(p, said.code("purpose", p)) for p in known.purposes]),
        "categories": (
            Type.CODES,
            [(name, said.code("category", name)) for name in known.categories],
        ),
        "marking": (Type.CODE, [(m, m) for m in forms.MARKINGS]),
    }
    return tuple(
        Input(
            field=Field(
                name=name, type=sort, need=Need.REQUIRED, choices=tuple(c for c, _ in pairs)
            ),
            label=said.say(f"inquiry.{name}"),
            value=" ".join(visit.every(f"body.{name}")),
            choices=tuple(
                Choice(
                    value=code,
                    label=text,
                    note=known.categories[code].text if name == "categories" else "",
                    is_chosen=code in visit.every(f"body.{name}"),
                )
                for code, text in pairs
            ),
        )
        for name, (sort, pairs) in offered.items()
    )
