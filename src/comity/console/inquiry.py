"""A question to the law about no real person: nothing is disclosed by asking it."""

import json

from comity.console import counsel, forms
from comity.console.outcome import sections
from comity.console.parts import Act, Choice, Form, Input
from comity.console.sheet import Section, Sheet
from comity.console.visit import Answer, Shown, Visit
from comity.core.clock import iso
from comity.practice import Field, Need, Type


def ask(visit: Visit) -> Answer:
    """Show the form of a question to the law."""
    return Shown(page=_page(visit, (), ()))


def explain(visit: Visit) -> Answer:
    """Say what the law would say, with every reason and why-not."""
    asked = {
        "originator": visit.desk.agency,
        "recipient": visit.form("body.partner"),
        "on": iso(visit.now),
        "kind": visit.form("body.kind"),
        "purpose": visit.form("body.purpose"),
        "categories": list(visit.every("body.categories")),
        "handling": visit.form("body.marking"),
        "facts": dict(counsel.stated(visit)),
    }
    found = visit.desk.counsel.explain(json.dumps(asked).encode())
    why_not = Section(
        title=visit.said.say("law.why_not"), findings=counsel.findings(found.why_not)
    )
    shown = (*sections(visit, found.decision), *((why_not,) if found.why_not else ()))
    page = _page(visit, shown, counsel.questions(visit, found.decision))
    return Shown(page=page)


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
        side=(Section(title=said.say("law.explain"), forms=(form,)),),
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
        "categories": (Type.CODES, [(c.name, c.text) for c in known.categories.values()]),
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
                Choice(value=code, label=text, is_chosen=code in visit.every(f"body.{name}"))
                for code, text in pairs
            ),
        )
        for name, (sort, pairs) in offered.items()
    )
