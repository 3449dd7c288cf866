"""Promise 5: onward use needs a consent of its originator, for this use and partner, now."""

from dataclasses import replace
from datetime import date

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    FACTS,
    MERIDIA,
    NORLAND,
    A,
    C,
    Forged,
    N,
    a_world,
    ask,
    case_of,
    leaves,
    question,
    received,
    reply,
    send,
    sure,
    take,
    tasks,
)

from comity.adapters.world import Resident, World, make_world
from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant, utc_date
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import CaseId, MemberId
from comity.core.store import eq
from comity.desk import AwaitsSecond, Letter, NotSent, Outcome, Sent
from comity.exchange import InboxRow
from comity.law import Clock, Corpus, Span, Verdict, shipped_corpus
from comity.message import Facts, handling
from comity.node.bootstrap import shipped_practices
from comity.practice import CaseRow
from comity.record import Assurance, ConsentRow
from comity.seal import Rejection, read_answer


@pytest.fixture
def world() -> World:
    return a_world(NORLAND, ARCADIA, CASTALIA, MERIDIA)


def asked_for(world: World, sent: Sent, use: str = "onward", **more: Value) -> Sent:
    """Let Arcadia ask Norland to agree to a further use of its question."""
    there = world.residents[A]
    case = case_of(there, sent.mid)
    body = {"partners": ["xc.police"], **more} if use == "onward" else more
    done = send(there, reply(case, "consent", about=sent.mid, use=use, **body))
    world.run()
    return done


def answered(
    world: World, sent: Sent, asked: Sent, answer: str = "given", **more: Value
) -> Sent:
    here = world.residents[N]
    letter = reply(sent.case, "consent-answer", about=asked.mid, answer=answer, **more)
    waits = here.desk.correspondence.send(here.actor("supervisor"), letter)
    assert isinstance(waits, AwaitsSecond)
    done = sure(here.desk.correspondence.confirm(here.actor("legal"), waits.pending))
    world.run()
    return done


def passed_on(world: World, sent: Sent, letter: Letter | None = None) -> Outcome:
    there = world.residents[A]
    letter = letter or question(CASTALIA, follows=sent.mid)
    return there.desk.correspondence.send(there.actor("officer"), letter)


def denying(outcome: Outcome) -> set[str]:
    if not isinstance(outcome, NotSent):
        return set()
    return {each.rule for each in outcome.decision.reasons if each.outcome is Verdict.DENY}


def referring(outcome: Outcome) -> set[str]:
    if not isinstance(outcome, NotSent):
        return set()
    return {each.rule for each in outcome.decision.reasons if each.outcome is Verdict.REFER}


def consents(here: Resident) -> list[ConsentRow]:
    return list(here.store.read(lambda r: r.find(ConsentRow)))


def test_a_consent_given_lets_it_go_on_to_the_partner_it_names(world: World) -> None:
    sent = ask(world)
    assert "terms-onward" in denying(passed_on(world, sent))
    answered(world, sent, asked_for(world, sent))
    assert "terms-onward" not in denying(passed_on(world, sent))
    (row,) = consents(world.residents[A])
    assert (row.originator, row.use, row.partner) == (NORLAND, "onward", CASTALIA)


def test_a_consent_for_one_partner_is_none_for_another(world: World) -> None:
    sent = ask(world)
    answered(world, sent, asked_for(world, sent, partners=["xm.justice"]))
    assert "terms-onward" in denying(passed_on(world, sent))


@pytest.mark.parametrize(
    "use", ["publication", "evidence", "longer-retention", "other-purpose"]
)
def test_a_consent_for_one_use_is_none_for_another(world: World, use: str) -> None:
    sent = ask(world)
    answered(world, sent, asked_for(world, sent, use))
    assert "terms-onward" in denying(passed_on(world, sent))


def test_passing_on_for_another_purpose_needs_both_consents(world: World) -> None:
    sent = ask(world)
    answered(world, sent, asked_for(world, sent))
    letter = replace(question(CASTALIA, follows=sent.mid), purpose="terrorist-financing")
    assert "terms-onward" in denying(passed_on(world, sent, letter))
    answered(world, sent, asked_for(world, sent, "other-purpose"))
    assert "terms-onward" not in denying(passed_on(world, sent, letter))


def test_a_consent_ends_on_its_day(world: World) -> None:
    sent = ask(world)
    until = int(world.clock.now() + DAY)
    answered(world, sent, asked_for(world, sent), until=until)
    world.clock.advance(until - world.clock.now() - 1)
    assert "terms-onward" not in denying(passed_on(world, sent))
    world.clock.advance(1)
    assert "terms-onward" in denying(passed_on(world, sent))


def test_a_consent_taken_back_ends_at_once(world: World) -> None:
    here, sent = world.residents[N], ask(world)
    given = answered(world, sent, asked_for(world, sent))
    send(here, reply(sent.case, "recall", about=given.mid, ground="sent-in-error"))
    world.run()
    assert consents(world.residents[A])[0].ended_at is not None
    assert "terms-onward" in denying(passed_on(world, sent))


def test_a_message_taken_back_is_passed_on_under_no_consent(world: World) -> None:
    here, there, sent = world.residents[N], world.residents[A], ask(world)
    answered(world, sent, asked_for(world, sent))
    inform = replace(question(CASTALIA, follows=sent.mid), kind="requests.inform/1")
    inform = replace(inform, body={"text": "As told by Norland", "follows": sent.mid})
    waits = there.desk.correspondence.send(there.actor("officer"), inform)
    assert isinstance(waits, AwaitsSecond)
    send(here, reply(sent.case, "recall", about=sent.mid, ground="source-withdrew"))
    world.run()
    # What waited for its second person is judged by what is agreed when that person looks.
    second = there.desk.correspondence.confirm(there.actor("officer", "second"), waits.pending)
    assert "terms-onward" in denying(second)


def test_no_originator_but_the_author_can_agree(world: World) -> None:
    there, sent = world.residents[A], ask(world)
    asked = asked_for(world, sent)
    conv = there.store.read(lambda r: r.find(CaseRow, eq("partner", NORLAND)))[0].conv
    body = {"about": asked.mid, "answer": "given"}
    for forged in (
        Forged(by=C, author=CASTALIA, kind="requests.consent-answer/1", body=body),
        Forged(by=C, author=CASTALIA, kind="requests.consent-answer/1", body=body, conv=conv),
        Forged(by=C, author=NORLAND, kind="requests.consent-answer/1", body=body, conv=conv),
    ):
        assert isinstance(read_answer(take(there, forged.seal(world))).said, Rejection)
    assert consents(there) == []
    assert "terms-onward" in denying(passed_on(world, sent))


def test_an_originator_behind_the_author_must_agree_too(world: World) -> None:
    letter = replace(question(), handling=handling("TLP:AMBER ORCON:xm.justice,xn.police"))
    here = world.residents[N]
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    assert "terms-originator-control" in denying(outcome)
    done = read_answer(
        take(
            world.residents[A],
            Forged(
                body=dict(question().body), marking=handling("TLP:AMBER ORCON:xm.justice")
            ).seal(world),
        )
    )
    assert not isinstance(done.said, Rejection)
    there = world.residents[A]
    (row,) = there.store.read(lambda r: r.find(InboxRow))
    asked = send(
        there,
        reply(row.case, "consent", about=row.mid.hex(), use="onward", partners=["xc.police"]),
    )
    forged = Forged(
        kind="requests.consent-answer/1", body={"about": asked.mid, "answer": "given"}
    )
    assert not isinstance(read_answer(take(there, forged.seal(world))).said, Rejection)
    assert len(consents(there)) == 1
    onward = question(CASTALIA, follows=row.mid.hex())
    outcome = there.desk.correspondence.send(there.actor("officer"), onward)
    assert {"terms-onward", "terms-originator-control"} <= denying(outcome)


def test_a_consent_with_terms_in_words_goes_through_a_person(world: World) -> None:
    sent = ask(world)
    answered(
        world, sent, asked_for(world, sent), "given-with-terms", text="Not before the arrest."
    )
    outcome = passed_on(world, sent)
    assert "terms-onward" not in denying(outcome)
    assert "handling-h3" in referring(outcome)


def test_a_refusal_is_explained_and_leaves_no_consent(world: World) -> None:
    here, sent = world.residents[N], ask(world)
    asked = asked_for(world, sent)
    letter = reply(sent.case, "consent-answer", about=asked.mid, answer="withheld")
    with pytest.raises(InvalidInputError, match="text"):
        here.desk.correspondence.send(here.actor("supervisor"), letter)
    answered(world, sent, asked, "withheld", text="The source would be known.")
    assert consents(world.residents[A]) == []


def test_a_consent_to_pass_on_names_its_partners(world: World) -> None:
    there, sent = world.residents[A], ask(world)
    letter = reply(case_of(there, sent.mid), "consent", about=sent.mid, use="onward")
    with pytest.raises(InvalidInputError, match="partners"):
        there.desk.correspondence.send(there.actor("officer"), letter)


def prompt(length: int) -> Corpus:
    clock = Clock(
        name="consent-promptness",
        span=Span(length=length, unit="h"),
        starts="stored",
        on_expiry="remind and report",
        cite="terms",
        since=date.min,
    )
    held = shipped_corpus()
    return replace(held, clocks={**held.clocks, "consent-promptness": (clock,)})


def test_who_is_asked_to_agree_has_a_task_with_the_laws_own_deadline() -> None:
    world = make_world((NORLAND, ARCADIA), practices=shipped_practices(), corpus=prompt(72))
    sent = ask(world)
    asked = asked_for(world, sent, partners=["xc.police"])
    (task,) = tasks(world.residents[N], "consent")
    assert task.due == received(world.residents[N], asked.mid).stored_at + 72 * HOUR
    assert task.seat == "supervisor"
    answered(world, sent, asked)
    assert tasks(world.residents[N], "consent") == []


def test_without_a_clock_in_the_packs_the_task_has_no_deadline() -> None:
    held = shipped_corpus()
    clocks = {name: of for name, of in held.clocks.items() if name != "consent-promptness"}
    world = make_world(
        (NORLAND, ARCADIA), practices=shipped_practices(), corpus=replace(held, clocks=clocks)
    )
    asked_for(world, ask(world))
    assert [task.due for task in tasks(world.residents[N], "consent")] == [None]


def test_a_question_for_consent_taken_back_is_no_task(world: World) -> None:
    there, sent = world.residents[A], ask(world)
    asked = asked_for(world, sent)
    case = case_of(there, sent.mid)
    send(there, reply(case, "recall", about=asked.mid, ground="sent-in-error"))
    world.run()
    assert tasks(world.residents[N], "consent") == []


def previewed(here: Resident, letter: Letter) -> Facts:
    return here.desk.correspondence.preview(here.actor("officer"), letter).draft.facts


def test_conditions_are_accepted_by_the_partner_alone_and_for_their_case(world: World) -> None:
    here, there, sent = world.residents[N], world.residents[A], ask(world)
    world.clock.advance(1)
    case = case_of(there, sent.mid)
    tell = reply(case, "supply", about=sent.mid, text="What we know")
    assert previewed(there, tell)["conditions_accepted"] is False
    asked = asked_for(world, sent, "conditions", text="Not in court before May.")
    answered(world, sent, asked)
    assert previewed(there, tell)["conditions_accepted"] is True
    assert (
        previewed(here, reply(sent.case, "reminder", about=sent.mid)).get("conditions_accepted")
        is False
    )
    assert "conditions_accepted" not in previewed(there, question(NORLAND))


def assurance(
    here: Resident, case: str, state: str = "xa", *, without: str = "", given_on: str = ""
) -> Assurance:
    now = here.station.clock.now()
    parts = {
        "author": "Ministry of Justice",
        "text": "No sentence of death is sought.",
        "monitoring": "The consul attends every hearing.",
    } | ({without: "  "} if without else {})
    return Assurance(
        case=CaseId(case),
        state=MemberId(state),
        author=parts["author"],
        given_on=given_on or utc_date(now).isoformat(),
        until=Instant(now + 30 * DAY),
        text=parts["text"],
        monitoring=parts["monitoring"],
    )


def test_an_assurance_is_held_for_its_case_and_state_until_its_day(world: World) -> None:
    here, sent = world.residents[N], ask(world)
    world.clock.advance(1)
    letter = reply(sent.case, "reminder", about=sent.mid)
    assert previewed(here, letter)["death_penalty_assurance"] is False
    here.desk.custody.assure(here.actor("legal"), assurance(here, sent.case, "xc"))
    assert previewed(here, letter)["death_penalty_assurance"] is False
    row = here.desk.custody.assure(here.actor("legal"), assurance(here, sent.case))
    assert previewed(here, letter)["death_penalty_assurance"] is True
    assert leaves(here).count("assessed") == 2
    world.clock.advance(30 * DAY)
    assert previewed(here, letter)["death_penalty_assurance"] is False
    world.clock.advance(-DAY)
    here.desk.custody.end_assurance(here.actor("legal"), row.record_id)
    assert previewed(here, letter)["death_penalty_assurance"] is False
    assert len(here.desk.custody.assurances(here.actor("officer"), sent.case)) == 2
    with pytest.raises(NotFoundError):
        here.desk.custody.end_assurance(here.actor("legal"), row.record_id)


def test_only_the_legal_adviser_states_an_assurance_and_no_message_does(world: World) -> None:
    here, sent = world.residents[N], ask(world)
    for seat in ("officer", "supervisor", "rights"):
        with pytest.raises(AuthorisationError):
            here.desk.custody.assure(here.actor(seat), assurance(here, sent.case))
    claimed = replace(
        reply(sent.case, "reminder", about=sent.mid),
        facts={**FACTS, "death_penalty_assurance": True},
    )
    with pytest.raises(InvalidInputError, match="stated by derived"):
        here.desk.correspondence.preview(here.actor("officer"), claimed)


@pytest.mark.parametrize("part", ["author", "text", "monitoring"])
def test_an_assurance_without_a_part_is_none(world: World, part: str) -> None:
    here, sent = world.residents[N], ask(world)
    with pytest.raises(InvalidInputError, match=part):
        here.desk.custody.assure(here.actor("legal"), assurance(here, sent.case, without=part))


def test_an_assurance_of_tomorrow_or_of_no_case_is_none(world: World) -> None:
    here, sent = world.residents[N], ask(world)
    with pytest.raises(InvalidInputError, match="past day"):
        here.desk.custody.assure(
            here.actor("legal"), assurance(here, sent.case, given_on="2199-01-01")
        )
    with pytest.raises(NotFoundError):
        here.desk.custody.assure(here.actor("legal"), assurance(here, "2026-0000000000"))
