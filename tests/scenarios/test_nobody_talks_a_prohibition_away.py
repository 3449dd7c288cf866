"""Promise 1: a standing assessment alone answers an absolute prohibition with *no*.

Each test attacks that sentence: by every seat, through every act that states a fact, with an
assessment that has run out, and past a contrary sign of the case.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    FACTS,
    A,
    N,
    a_world,
    ask,
    case_of,
    leaves,
    question,
    reply,
    send,
)

from comity.adapters.world import Resident, World
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, ComityError
from comity.core.ids import CaseId
from comity.core.store import eq
from comity.desk import Assessment, CaseFactRow, Letter, NotSent, Sent
from comity.law import AssessmentRow, Home, Verdict, shipped_lexicon

ABSOLUTE = tuple(fact for fact in shipped_lexicon().facts.values() if fact.absolute)
STANDING = tuple(fact.name for fact in ABSOLUTE if fact.home is Home.STANDING)
SIGNS = tuple(shipped_lexicon().signs)
SEATS = ("officer", "analyst", "supervisor", "legal", "rights", "engineer", "oversight")


@pytest.fixture
def world() -> World:
    return a_world()


def forget(here: Resident, fact: str) -> None:
    """Take a standing assessment away, so that a *no* from elsewhere would show."""
    here.store.commit(lambda tx: tx.delete(AssessmentRow, eq("fact", fact))).result()


def stated_no(fact: str, letter: Letter | None = None) -> Letter:
    found = letter or question()
    return replace(found, facts={**found.facts, fact: False})


def _preview(here: Resident, seat: str, fact: str) -> object:
    return here.desk.correspondence.preview(here.actor(seat), stated_no(fact))


def _send(here: Resident, seat: str, fact: str) -> object:
    return here.desk.correspondence.send(here.actor(seat), stated_no(fact))


def _reply(here: Resident, seat: str, fact: str) -> object:
    letter = stated_no(fact, reply(_a_case(here), "withdraw", reason="no-longer-needed"))
    return here.desk.correspondence.send(here.actor(seat), letter)


def _state(here: Resident, seat: str, fact: str) -> object:
    here.desk.counsel.state(here.actor(seat), _a_case(here), fact, value=False)
    return None


def _resume(here: Resident, seat: str, fact: str) -> object:
    waits = here.desk.correspondence.send(
        here.actor("officer", "author"), replace(question(), facts={**FACTS, fact: None})
    )
    assert isinstance(waits, NotSent)
    return here.desk.correspondence.resume(
        here.actor(seat), waits.reference, facts={fact: False}
    )


def _a_case(here: Resident) -> CaseId:
    waits = here.desk.correspondence.send(
        here.actor("officer", "author"), replace(question(), facts={"torture_risk": None})
    )
    return CaseId(waits.case)


ACTS: tuple[Callable[[Resident, str, str], object], ...] = (
    *(_preview, _send, _reply, _state, _resume),
)


@pytest.mark.parametrize("seat", SEATS)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_no_act_of_any_seat_answers_an_absolute_prohibition_with_no(
    world: World, act: Callable[[Resident, str, str], object], seat: str
) -> None:
    here = world.residents[N]
    for fact in ABSOLUTE:
        forget(here, fact.name)
        with pytest.raises(AuthorisationError):
            act(here, seat, fact.name)
    rows = here.store.read(lambda r: r.find(CaseFactRow))
    assert not [row for row in rows if row.fact in STANDING and row.value is False]
    assert "sent" not in leaves(here)
    assert not world.outbox(N)


@pytest.mark.parametrize("seat", SEATS)
def test_no_seat_alone_makes_a_standing_answer_count(world: World, seat: str) -> None:
    here = world.residents[N]
    for fact in STANDING:
        forget(here, fact)
    assert not _tries_to_assess(here, seat)
    shown = here.desk.correspondence.preview(here.actor("officer"), question())
    assert {shown.draft.facts.get(fact) for fact in STANDING} == {None}


def _tries_to_assess(here: Resident, seat: str) -> list[str]:
    """Let one person in one seat state and confirm every standing answer; return what stood."""
    person, counsel, done = here.actor(seat), here.desk.counsel, list[str]()
    for fact in STANDING:
        said = Assessment(
            partner=ARCADIA,
            purpose="counter-terrorism",
            fact=fact,
            value=False,
            until=Instant(here.clock.now() + DAY),
            reasons="I say so",
        )
        try:
            row = counsel.assess(person, said)
            both = replace(person, seats=frozenset({"legal", "rights"}))
            counsel.confirm(both, partner=ARCADIA, purpose=row.purpose, fact=fact, at=row.at)
            done.append(fact)
        except ComityError:
            continue
    return done


@pytest.mark.parametrize("fact", STANDING)
def test_without_its_assessment_a_prohibition_refers(world: World, fact: str) -> None:
    here = world.residents[N]
    forget(here, fact)
    shown = here.desk.correspondence.preview(here.actor("officer"), question())
    assert shown.explanation.decision.verdict is Verdict.REFER
    assert fact in shown.explanation.decision.missing


def test_an_assessment_that_has_run_out_refers(world: World) -> None:
    here = world.residents[N]
    assert isinstance(here.desk.correspondence.send(here.actor("officer"), question()), Sent)
    (row, *_) = here.store.read(lambda r: r.find(AssessmentRow, eq("fact", "torture_risk")))
    world.clock.advance(row.until - world.clock.now())
    shown = here.desk.correspondence.preview(here.actor("officer"), question())
    assert shown.explanation.decision.verdict is Verdict.REFER
    assert set(STANDING) <= set(shown.explanation.decision.missing)
    waits = here.desk.correspondence.send(here.actor("officer"), question())
    assert isinstance(waits, NotSent)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("value", [True, None])
def test_one_contrary_sign_in_a_letter_outweighs_the_standing_answer(
    world: World, sign: str, *, value: bool | None
) -> None:
    here = world.residents[N]
    letter = replace(question(), facts={**FACTS, sign: value})
    waits = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(waits, NotSent)
    assert waits.decision.verdict is Verdict.REFER
    doubted = {fact.name for fact in ABSOLUTE if sign in fact.signs}
    assert doubted
    assert doubted <= set(waits.decision.missing)
    # The sign stays with the case: nobody writes around it in the next letter.
    again = replace(question(), case=CaseId(waits.case))
    shown = here.desk.correspondence.preview(here.actor("officer", "second"), again)
    assert shown.explanation.decision.verdict is Verdict.REFER
    assert doubted <= set(shown.explanation.decision.missing)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_stated_of_a_case_holds_back_what_was_free_to_go(
    world: World, sign: str
) -> None:
    mid, there = ask(world).mid, world.residents[A]
    case, officer = case_of(there, mid), there.actor("officer")
    letter = interim(there, case, mid)
    free = there.desk.correspondence.preview(officer, letter).explanation.decision
    assert free.verdict is Verdict.PERMIT
    there.desk.counsel.state(officer, case, sign, value=True)
    held = there.desk.correspondence.preview(officer, letter).explanation.decision
    assert held.verdict is Verdict.REFER


@pytest.mark.parametrize("seat", SEATS)
def test_only_the_rights_officer_takes_a_sign_back(world: World, seat: str) -> None:
    mid, there = ask(world).mid, world.residents[A]
    case, person = case_of(there, mid), there.actor(seat)
    there.desk.counsel.state(there.actor("officer"), case, "asylum", value=True)
    with pytest.raises(AuthorisationError):
        there.desk.correspondence.preview(
            replace(person, seats=person.seats | {"officer"}),
            stated_no("asylum", interim(there, case, mid)),
        )
    if seat == "rights":
        there.desk.counsel.state(person, case, "asylum", value=False)
        return
    with pytest.raises(AuthorisationError):
        there.desk.counsel.state(person, case, "asylum", value=False)


def test_a_challenge_in_the_case_is_a_sign_no_statement_takes_away(world: World) -> None:
    mid, there = ask(world).mid, world.residents[A]
    case = case_of(there, mid)
    there.desk.counsel.state(there.actor("rights"), case, "challenge", value=False)
    send(there, reply(case, "challenge", about=mid, ground="not-this-person", by="officer"))
    assert in_doubt(there, interim(there, case, mid))


def test_a_dissent_in_the_case_is_a_sign_on_both_sides(world: World) -> None:
    sent, here, there = ask(world), world.residents[N], world.residents[A]
    case = case_of(there, sent.mid)
    send(there, reply(case, "dissent", about=sent.mid, ground="facts"))
    world.run()
    there.desk.counsel.state(there.actor("rights"), case, "dissent", value=False)
    assert in_doubt(there, interim(there, case, sent.mid))
    assert in_doubt(here, reply(sent.case, "reminder", about=sent.mid))


def interim(here: Resident, case: CaseId, mid: str) -> Letter:
    expected = int(here.clock.now() + DAY)
    return reply(case, "interim", about=mid, reason="volume", expected=expected)


def in_doubt(here: Resident, letter: Letter) -> bool:
    """Whether the law leaves a letter to a person, for want of what nobody can say any more."""
    shown = here.desk.correspondence.preview(here.actor("officer"), letter)
    decision = shown.explanation.decision
    wanted = {"torture_risk", "neutrality_concern"} <= set(decision.missing)
    return decision.verdict is Verdict.REFER and wanted


@pytest.mark.parametrize(
    ("schema", "topic", "fact"),
    [
        ("Person", "role.journo", "persecution_risk"),
        ("Person", "role.lawyer", "neutrality_concern"),
        ("Person", "role.act", "persecution_risk"),
        ("Person", "rel", "persecution_risk"),
        ("Person", "role.pol", "neutrality_concern"),
        ("Organization", "pol.party", "neutrality_concern"),
        ("Organization", "pol.union", "persecution_risk"),
    ],
)
def test_a_protected_role_is_read_off_the_record(
    world: World, schema: str, topic: str, fact: str
) -> None:
    here = world.residents[N]
    born: Mapping[str, Value] = {"birthDate": ["1988-04-17"]} if schema == "Person" else {}
    subject: Mapping[str, Value] = {
        "id": "subject",
        "schema": schema,
        "properties": {"name": ["Anna Example"], "topics": [topic], **born},
    }
    shown = here.desk.correspondence.preview(
        here.actor("officer"), question(subjects=[subject])
    )
    assert shown.draft.facts[fact] is None
    plain = here.desk.correspondence.preview(here.actor("officer"), question())
    assert plain.draft.facts[fact] is False
