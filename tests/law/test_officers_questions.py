"""What the law asks of an officer in the ten commonest cases, when all that stands is in place.

Each case is asked as the console asks it: the most decisive open question first, then the law
again, until it says yes or no officer can help. Partners are assessed; a fact of the case is
stated once. The table in `docs/explanation/how-the-law-decides.md` holds the counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from tests.scenarios.stage import AMBER, ANNA, case_of, reply, send

from comity.adapters.world import Resident, World, make_world
from comity.console.counsel import ASKED_OF_OFFICERS, MOST, open_questions
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, CaseId, NodeId, PersonId, RecordId
from comity.core.store import Transaction
from comity.desk import Letter, Sent
from comity.law import AssessmentRow, Decision, Fact, Home, Verdict, shipped_corpus
from comity.message import Facts
from comity.node.bootstrap import shipped_practices

PAGE: Final = Path(__file__).parents[2] / "docs/explanation/how-the-law-decides.md"
LEXICON: Final = shipped_corpus().lexicon
POLICE, BORDER = AgencyId("xn.police"), AgencyId("xa.border")
FIU, THEIR_FIU = AgencyId("xq.fiu"), AgencyId("xs.fiu")
JUSTICE, THEIR_JUSTICE = AgencyId("xn.justice"), AgencyId("xa.justice")
OTHERS: Final = (AgencyId("xq.police"), AgencyId("xs.police"), AgencyId("xb.police"))
BERLIN, PARIS = AgencyId("de.police"), AgencyId("fr.police")
WASHINGTON = AgencyId("us.police")
ACCOUNT: Final[Mapping[str, Value]] = {
    "id": "account",
    "schema": "BankAccount",
    "properties": {"iban": ["DE75512108001245126199"], "bankName": ["Quill Savings Bank"]},
}
OF_THE_CASE: Final = frozenset(
    fact.name
    for fact in LEXICON.facts.values()
    if fact.asked_with in {"conduct", "stage", "notice", "red"}
)
"""What differs from case to case: true only where it says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One common case: who writes what, and what is true of it."""

    name: str
    by: AgencyId
    to: tuple[AgencyId, ...] = (BORDER,)
    letters: Callable[[World], Sequence[Letter]]
    true: frozenset[str]
    """The choices that hold; the rest is as it ordinarily is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the law asked of the officer, in order, and what it said in the end."""

    questions: tuple[str, ...]
    verdicts: frozenset[Verdict]


def a_world(*agencies: AgencyId) -> World:
    """Let agencies meet that have assessed one another for every purpose."""
    world = make_world(agencies, practices=shipped_practices(), corpus=shipped_corpus())
    for here in world.residents.values():
        rows = [
            AssessmentRow(
                partner=partner,
                purpose=purpose,
                fact=fact.name,
                value=fact.ordinary,
                at=Instant(world.clock.now() - DAY),
                until=Instant(world.clock.now() + 300 * DAY),
                by=PersonId(f"{here.agency}/legal"),
                confirmed_by=PersonId(f"{here.agency}/rights"),
                record_id=RecordId(""),
            )
            for partner in agencies
            if partner != here.agency
            for purpose in LEXICON.purposes
            for fact in LEXICON.facts.values()
            if fact.home is Home.STANDING
        ]

        def unit(tx: Transaction, rows: Sequence[AssessmentRow] = tuple(rows)) -> None:
            for row in rows:
                tx.put(row)

        here.store.commit(unit).result()
    return world


def at(world: World, agency: AgencyId) -> Resident:
    return world.residents[NodeId(f"{agency}.n1")]


def opening(recipient: AgencyId, word: str = "ask", **body: Value) -> Letter:
    """Write a first letter, with no fact stated."""
    about: Mapping[str, Value] = (
        {"question": "Is this person known to you?", "subjects": [ANNA]}
        if word == "ask"
        else {"text": "A device on the night train to Port Halden."}
    )
    told = {**about, "subject_status": "suspect", **body}
    if word == "warning":
        told = {"danger": "danger-to-life", "until": int(1_780_000_000_000 + 40 * DAY), **about}
    return Letter(
        kind=f"requests.{word}/1",
        body=told,
        handling=AMBER,
        recipient=recipient,
        purpose="counter-terrorism",
    )


BOMBING: Final = frozenset({"conduct_bombing", "for_investigation"})
WARNED: Final = frozenset({"conduct_bombing", "for_prevention"})


def answered(outcome: str, **body: Value) -> Callable[[World], Sequence[Letter]]:
    """Let Arcadia answer a question that Norland has sent."""

    def letters(world: World) -> Sequence[Letter]:
        case, mid = a_question(world)
        letter = reply(case, "answer", about=mid, outcome=outcome, **body)
        return (replace(letter, facts={}),)

    return letters


def a_question(world: World) -> tuple[CaseId, str]:
    """Let Norland ask Arcadia; return Arcadia's case and the question's id."""
    letter = replace(opening(BORDER), facts=truth(BOMBING))
    sent = send(at(world, POLICE), letter)
    world.run()
    return case_of(at(world, BORDER), sent.mid), sent.mid


def onward(world: World) -> Sequence[Letter]:
    """Let Norland ask Arcadia whether it may pass on what Arcadia told it."""
    told = replace(
        opening(POLICE, "warning", urgency_ground="danger-to-life"), facts=truth(WARNED)
    )
    sent = send(at(world, BORDER), told)
    world.run()
    case = case_of(at(world, POLICE), sent.mid)
    body: Mapping[str, Value] = {"about": sent.mid, "use": "onward", "partners": ["xq.police"]}
    return (replace(reply(case, "consent", **body), facts={}),)


ASSISTANCE: Final = "judicial assistance within the European Union"
SITUATIONS: Final = (
    Situation(
        name="a routine question on a person, counter-terrorism",
        by=POLICE,
        letters=lambda _: [opening(BORDER)],
        true=BOMBING,
    ),
    Situation(
        name="an urgent question",
        by=POLICE,
        letters=lambda _: [opening(BORDER, urgency_ground="danger-to-life")],
        true=WARNED,
    ),
    Situation(
        name="an answer that tells of a hit",
        by=BORDER,
        to=(POLICE,),
        letters=answered(
            *("hit",),
            judgement="0" * 32,
            text="On our list since May.",
            subject_status="suspect",
        ),
        true=BOMBING,
    ),
    Situation(
        name="an answer of no-hit",
        by=BORDER,
        to=(POLICE,),
        letters=answered("no-hit"),
        true=BOMBING,
    ),
    Situation(
        name="a warning nobody asked for, of a bombing",
        by=POLICE,
        letters=lambda _: [opening(BORDER, "warning")],
        true=WARNED,
    ),
    Situation(
        name="a border's question on travel for terrorism",
        by=BORDER,
        to=(POLICE,),
        letters=lambda _: [replace(opening(POLICE), purpose="foreign-fighters")],
        true=frozenset({"conduct_travel", "for_prevention"}),
    ),
    Situation(
        name="a question on financing, between financial intelligence units",
        by=FIU,
        to=(THEIR_FIU,),
        letters=lambda _: [
            replace(opening(THEIR_FIU, subjects=[ANNA, ACCOUNT]), purpose="terrorist-financing")
        ],
        true=frozenset({"conduct_financing_treaty", "for_investigation"}),
    ),
    Situation(
        name="judicial assistance",
        by=JUSTICE,
        to=(THEIR_JUSTICE,),
        letters=lambda _: [replace(opening(THEIR_JUSTICE), purpose="judicial-assistance")],
        true=BOMBING,
    ),
    Situation(
        name="one warning to four partners",
        by=POLICE,
        to=(BORDER, *OTHERS),
        letters=lambda _: [opening(partner, "warning") for partner in (BORDER, *OTHERS)],
        true=WARNED,
    ),
    Situation(
        name="consent to pass on what a partner told",
        by=POLICE,
        to=(BORDER, OTHERS[0]),
        letters=onward,
        true=WARNED,
    ),
    Situation(
        name="a routine question within the European Union",
        by=BERLIN,
        to=(PARIS,),
        letters=lambda _: [opening(PARIS)],
        true=BOMBING,
    ),
    Situation(
        name="a routine question from the Union to another state",
        by=PARIS,
        to=(WASHINGTON,),
        letters=lambda _: [opening(WASHINGTON)],
        true=BOMBING,
    ),
    Situation(
        name=ASSISTANCE,
        by=BERLIN,
        to=(PARIS,),
        letters=lambda _: [replace(opening(PARIS), purpose="judicial-assistance")],
        true=BOMBING,
    ),
)


def truth(true: frozenset[str], *, of: Sequence[Fact] = ()) -> Facts:
    """Return what an officer answers to these facts, or to all that are asked of officers."""
    asked = of or [fact for fact in LEXICON.facts.values() if fact.home in ASKED_OF_OFFICERS]
    return {
        fact.name: fact.name in true if fact.name in OF_THE_CASE else fact.ordinary
        for fact in asked
    }


def interview(world: World, situation: Situation) -> Asked:
    """Ask one question at a time, the most decisive first, as the console orders them."""
    here, letters = at(world, situation.by), situation.letters(world)
    asked: list[str] = []
    facts: Facts = {}
    while True:
        decisions = [_decided(here, letter, facts) for letter in letters]
        waiting = [
            question
            for decision in decisions
            if decision.verdict is not Verdict.PERMIT
            for question in open_questions(LEXICON, decision)
            if question not in asked
        ]
        if not waiting:
            verdicts = frozenset(decision.verdict for decision in decisions)
            return Asked(questions=tuple(asked), verdicts=verdicts)
        asked.append(waiting[0])
        chosen = [
            fact
            for fact in LEXICON.facts.values()
            if (fact.asked_with or fact.name) == waiting[0]
        ]
        facts = {**facts, **truth(situation.true, of=chosen)}


def _decided(here: Resident, letter: Letter, facts: Facts) -> Decision:
    shown = here.desk.correspondence.preview(
        here.actor("officer"), replace(letter, facts=facts)
    )
    return shown.explanation.decision


def written(found: Mapping[str, Asked]) -> str:
    """Return the table of counts, as the page must hold it."""
    rows = [
        f"| {name} | {len(asked.questions)} | {', '.join(map(_code, asked.questions))} |"
        for name, asked in found.items()
    ]
    return "\n".join(("| case | questions | which, in order |", "|---|---|---|", *rows))


def _code(name: str) -> str:
    return f"`{name}`"


@pytest.fixture(scope="module")
def found() -> Mapping[str, Asked]:
    return {each.name: interview(a_world(each.by, *each.to), each) for each in SITUATIONS}


def test_an_ordinary_case_between_assessed_partners_is_permitted(
    found: Mapping[str, Asked],
) -> None:
    others = {
        name: asked
        for name, asked in found.items()
        if asked.verdicts != frozenset({Verdict.PERMIT})
    }
    assert others == {}


def test_the_law_asks_an_officer_five_questions_at_most(found: Mapping[str, Asked]) -> None:
    counts = {name: len(asked.questions) for name, asked in found.items()}
    # Assistance within the Union meets the grounds of two conventions and the Union's own.
    assert counts.pop(ASSISTANCE) <= MOST + 1
    assert {name: count for name, count in counts.items() if count > MOST} == {}


def test_the_page_holds_the_counts_of_today(found: Mapping[str, Asked]) -> None:
    table = written(found)
    assert table in PAGE.read_text("utf-8"), f"{PAGE.name} must hold:\n{table}"


def test_what_was_said_of_a_case_is_not_asked_again() -> None:
    world = a_world(POLICE, BORDER)
    here, officer = at(world, POLICE), at(world, POLICE).actor("officer")
    letter = opening(BORDER)
    sent = here.desk.correspondence.send(officer, replace(letter, facts=truth(BOMBING)))
    assert isinstance(sent, Sent)
    again = replace(letter, case=CaseId(sent.case))
    decision = here.desk.correspondence.preview(officer, again).explanation.decision
    asked = {
        fact.home
        for fact in LEXICON.facts.values()
        if (fact.asked_with or fact.name) in open_questions(LEXICON, decision)
    }
    assert asked == {Home.MESSAGE}
