"""The matrix: which data may go to which partner for a purpose, before anybody has answered."""

from collections.abc import Mapping
from urllib.parse import urlencode

from comity.console import counsel, forms
from comity.console.chapters import tabs
from comity.console.parts import Chip, Choice, Input, Tone
from comity.console.provisions import Cell, Matrix, MatrixLine
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Shown, Visit
from comity.desk import Asked, MatrixRow
from comity.law import Lexicon, ordinary_facts
from comity.message import Facts, handling
from comity.practice import Field, Need, Type

_KIND = "requests.ask/1"
_PURPOSE = "counter-terrorism"
_MARKING = "TLP:AMBER"


def matrix(visit: Visit) -> Answer:
    """Show what the law says of every partner and data category for one purpose."""
    typed = _typed(visit)
    supposed = _supposed(visit)
    asked = Asked(
        agency=visit.desk.agency,
        kind=typed["kind"],
        purpose=typed["purpose"],
        handling=handling(typed["marking"]),
        facts=supposed,
    )
    rows = visit.desk.counsel.matrix(visit.actor, asked)
    known, corpus = counsel.lexicon(visit), visit.desk.station.corpus()
    page = Matrix(
        purpose=visit.said.code("purpose", asked.purpose),
        categories=tuple(
            (visit.said.code("category", each.name), each.text)
            for each in known.categories.values()
        ),
        rows=tuple(_line(visit, row, asked) for row in rows),
        inputs=_inputs(visit, typed),
        suppose=_suppose(visit, known),
        is_supposed=bool(asked.facts),
        packs=", ".join(f"{name} {version}" for name, version, _ in corpus.packs),
        tabs=tabs(visit, "matrix"),
        condition=READY if rows else Condition(state=ListState.EMPTY),
    )
    return Shown(page=page)


def _typed(visit: Visit) -> Mapping[str, str]:
    """Return what is asked about: of the form, of the address, or what is commonest."""
    usual = {"purpose": _PURPOSE, "kind": _KIND, "marking": _MARKING}
    return {
        name: visit.form(f"body.{name}") or visit.query.get(name, "") or value
        for name, value in usual.items()
    }


def _supposed(visit: Visit) -> Facts:
    """Return the answers supposed: what was chosen, and the ordinary ones where wanted."""
    facts = counsel.lexicon(visit).facts
    stated = counsel.stated(visit)
    if not visit.form("body.ordinary"):
        return stated
    usual = ordinary_facts(counsel.lexicon(visit)).items()
    asked = {n: v for n, v in usual if facts[n].home in counsel.ASKED_OF_OFFICERS}
    return {**asked, **stated}


def _line(visit: Visit, row: MatrixRow, asked: Asked) -> MatrixLine:
    partner, said, known = visit.partner(row.partner), visit.said, counsel.lexicon(visit)
    closed = Chip(text=said.say("matrix.closed"), icon="lock", tone=Tone.CRIT)
    whole = [
        ("partner", row.partner),
        ("kind", asked.kind),
        ("purpose", asked.purpose),
        ("marking", str(asked.handling)),
        *_answers(asked.facts, known),
    ]
    return MatrixLine(
        partner=partner,
        code=row.partner,
        cells=tuple(
            Cell(
                verdict=counsel.VERDICTS[verdict],
                href=f"/law/explain?{urlencode([*whole, ('categories', name)])}",
                name=said.say(
                    "matrix.cell",
                    partner=partner,
                    category=said.code("category", name),
                    verdict=said.say(f"matrix.{verdict.word}"),
                ),
            )
            for name, verdict in row.cells.items()
        ),
        open=tuple(known.facts[name].text for name in row.missing),
        marks=(closed,) if row.is_closed else (),
    )


def _answers(facts: Facts, known: Lexicon) -> list[tuple[str, str]]:
    """Write facts as the form of a question does."""
    found: list[tuple[str, str]] = []
    for name, value in facts.items():
        group = known.facts[name].asked_with
        if not group:
            found.append((f"fact.{name}", counsel.word(value=value)))
        elif value:
            found.append((f"fact.{group}", name))
    return found


def _inputs(visit: Visit, typed: Mapping[str, str]) -> tuple[Input, ...]:
    said, known = visit.said, counsel.lexicon(visit)
    kinds = sorted(visit.desk.station.practices.offered())
    offered = {
        "purpose": [(each, said.code("purpose", each)) for each in known.purposes],
        "kind": [(each, said.kind(each)) for each in kinds],
        "marking": [(each, each) for each in forms.MARKINGS],
    }
    return tuple(
        Input(
            field=Field(
                name=name,
                type=Type.CODE,
                need=Need.REQUIRED,
                choices=tuple(code for code, _ in pairs),
            ),
            label=said.say(f"inquiry.{name}"),
            value=typed[name],
            choices=tuple(Choice(value=code, label=text) for code, text in pairs),
        )
        for name, pairs in offered.items()
    )


def _suppose(visit: Visit, known: Lexicon) -> tuple[Input, ...]:
    """Return the questions with several choices: what a message is about, and at what stage."""
    said = visit.said
    groups: dict[str, list[Choice]] = {}
    for fact in known.facts.values():
        if fact.asked_with and fact.home in counsel.ASKED_OF_OFFICERS:
            choice = Choice(value=fact.name, label=fact.text)
            groups.setdefault(fact.asked_with, []).append(choice)
    ordinary = Input(
        field=Field(name="ordinary", type=Type.CODES, choices=("yes",)),
        label=said.say("matrix.ordinary"),
        value=visit.form("body.ordinary"),
        choices=(Choice(value="yes", label=said.say("matrix.ordinary_yes")),),
    )
    chosen = tuple(
        Input(
            field=Field(name=name, type=Type.CODE, choices=tuple(c.value for c in choices)),
            label=said.code("question", name),
            value=visit.form(f"fact.{name}"),
            choices=tuple(choices),
            prefix="fact",
            is_compact=True,
        )
        for name, choices in groups.items()
    )
    return (*chosen, ordinary)
