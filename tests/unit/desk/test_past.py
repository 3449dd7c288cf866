"""The past and the matrix: what the law said, asked again, and asked of everybody at once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    MERIDIA,
    NORLAND,
    N,
    a_world,
    question,
    send,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import AgencyId
from comity.desk import Actor, Asked, Changes, NotSent, Shut
from comity.law import Verdict, decide, shipped_corpus
from comity.message import handling

ASKED = Asked(
    agency=NORLAND,
    kind="requests.ask/1",
    purpose="counter-terrorism",
    handling=handling("TLP:AMBER"),
)


@pytest.fixture
def world() -> World:
    return a_world(NORLAND, ARCADIA, CASTALIA, MERIDIA)


@pytest.fixture
def here(world: World) -> Resident:
    return world.residents[N]


def sent(here: Resident) -> str:
    send(here, question())
    return here.desk.past.list(here.actor("officer"))[0].decision


def waiting(here: Resident) -> NotSent:
    letter = replace(question(), facts={"conduct_bombing": True})
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(outcome, NotSent)
    return outcome


def test_asking_again_gives_the_recorded_answer_digest_for_digest(here: Resident) -> None:
    found = here.desk.past.show(here.actor("legal"), sent(here))
    assert found.verdict is Verdict.PERMIT
    assert (found.is_same_law, found.is_same) == (True, True)
    assert found.told is not None
    assert {"bombings-10"} <= {each.rule for each in found.told.explanation.decision.reasons}


def test_looking_back_and_asking_otherwise_write_nothing(here: Resident) -> None:
    reference = sent(here)
    before = here.store.read(lambda r: r.size()), len(here.desk.past.list(here.actor("rights")))
    here.desk.past.show(here.actor("officer"), reference)
    here.desk.past.what_if(here.actor("officer"), reference, Changes(recipient=MERIDIA))
    after = here.store.read(lambda r: r.size()), len(here.desk.past.list(here.actor("rights")))
    assert before == after


def test_another_partner_another_day_and_another_fact_change_the_answer(here: Resident) -> None:
    reference, officer = sent(here), here.actor("officer")

    def verdict(changes: Changes) -> Verdict:
        found = here.desk.past.what_if(officer, reference, changes)
        return found.told.explanation.decision.verdict

    assert verdict(Changes()) is Verdict.PERMIT
    assert verdict(Changes(recipient=MERIDIA)) is Verdict.DENY
    assert verdict(Changes(on=Instant(0))) is Verdict.DENY
    assert verdict(Changes(facts={"conduct_bombing": None})) is Verdict.REFER
    assert verdict(Changes(facts={"torture_risk": True})) is Verdict.DENY


def test_what_differs_is_named(here: Resident) -> None:
    reference = sent(here)
    changes = Changes(facts={"torture_risk": True})
    found = here.desk.past.what_if(here.actor("officer"), reference, changes)
    assert found.facts == {"torture_risk": (False, True)}
    assert "torture" in " ".join(each.rule for each in found.new)
    assert found.was.verdict is Verdict.PERMIT


@pytest.mark.parametrize(
    "changes",
    [Changes(purpose="curiosity"), Changes(facts={"is_guilty": True})],
)
def test_a_name_the_law_does_not_know_is_refused(here: Resident, changes: Changes) -> None:
    with pytest.raises(InvalidInputError, match="unknown"):
        here.desk.past.what_if(here.actor("officer"), sent(here), changes)


def test_a_partner_nobody_lists_is_not_found(here: Resident) -> None:
    changes = Changes(recipient=AgencyId("xz.nobody"))
    with pytest.raises(NotFoundError):
        here.desk.past.what_if(here.actor("officer"), sent(here), changes)


def test_an_erased_draft_leaves_its_verdict_alone(here: Resident) -> None:
    outcome, officer = waiting(here), here.actor("officer")
    here.desk.correspondence.abandon(officer, outcome.reference)
    found = here.desk.past.show(officer, outcome.reference)
    assert (found.verdict, found.told, found.is_same) == (Verdict.REFER, None, False)
    with pytest.raises(NotFoundError, match="erased"):
        here.desk.past.what_if(officer, outcome.reference, Changes())


def test_under_other_packs_the_recorded_answer_is_told_apart(here: Resident) -> None:
    reference = sent(here)
    row = here.desk.past.list(here.actor("officer"))[0]
    changed = replace(row, packs=b"\1" * 32, digest=b"\2" * 32)
    here.store.commit(lambda tx: tx.put(changed)).result()
    found = here.desk.past.show(here.actor("officer"), reference)
    assert (found.is_same_law, found.is_same) == (False, False)


def test_the_past_is_for_those_who_read_cases(here: Resident) -> None:
    reference, oversight = sent(here), here.actor("oversight")
    past, counsel = here.desk.past, here.desk.counsel
    acts: list[Callable[[Actor], object]] = [
        past.list,
        lambda actor: past.show(actor, reference),
        lambda actor: past.what_if(actor, reference, Changes()),
        lambda actor: counsel.matrix(actor, ASKED),
        lambda actor: counsel.known(actor, ARCADIA, ASKED),
    ]
    for act in acts:
        with pytest.raises(AuthorisationError):
            act(oversight)


def test_a_token_sees_its_own_purpose_and_case_alone(here: Resident) -> None:
    reference, officer = sent(here), here.actor("officer")
    row = here.desk.past.list(officer, partner=ARCADIA)[0]
    assert here.desk.past.list(officer, case="2026-0000000000") == ()
    assert here.desk.past.list(replace(officer, purpose="counter-terrorism")) == (row,)
    assert here.desk.past.list(replace(officer, purpose="border-security")) == ()
    assert here.desk.past.list(replace(officer, case="2026-0000000000")) == ()
    with pytest.raises(AuthorisationError):
        here.desk.past.show(replace(officer, purpose="border-security"), reference)


def test_a_list_holds_only_what_is_asked_for(here: Resident) -> None:
    sent(here)
    assert here.desk.past.list(here.actor("officer"), partner=MERIDIA) == ()


@pytest.mark.parametrize("purpose", ["counter-terrorism", "threat-assessment", "operation"])
@pytest.mark.parametrize("facts", [{}, {"conduct_bombing": True, "for_investigation": True}])
def test_a_cell_is_what_the_law_says_of_that_category_alone(
    here: Resident, purpose: str, facts: dict[str, bool | None]
) -> None:
    asked, legal = replace(ASKED, purpose=purpose, facts=facts), here.actor("legal")
    corpus = shipped_corpus()
    for row in here.desk.counsel.matrix(legal, asked):
        assert row.cells.keys() == corpus.lexicon.categories.keys()
        draft = replace(
            asked.draft(row.partner, at=here.clock.now()),
            facts=here.desk.counsel.known(legal, row.partner, asked),
        )
        for name, verdict in row.cells.items():
            alone = decide(replace(draft, categories=frozenset({name})), corpus)
            assert (name, verdict) == (name, alone.verdict)


def test_a_matrix_says_what_would_still_be_asked_and_which_door_is_closed(
    here: Resident,
) -> None:
    legal = here.actor("legal")
    here.desk.doors.close(here.actor("supervisor"), Shut(partner=CASTALIA))
    rows = {row.partner: row for row in here.desk.counsel.matrix(legal, ASKED)}
    assert rows.keys() == {ARCADIA, CASTALIA, MERIDIA}
    assert "political_offence" in rows[ARCADIA].missing
    assert [row.partner for row in rows.values() if row.is_closed] == [CASTALIA]


def test_a_matrix_of_an_unknown_purpose_or_kind_is_refused(here: Resident) -> None:
    legal = here.actor("legal")
    with pytest.raises(InvalidInputError, match="unknown purpose"):
        here.desk.counsel.matrix(legal, replace(ASKED, purpose="curiosity"))
    with pytest.raises(InvalidInputError):
        here.desk.counsel.matrix(legal, replace(ASKED, kind="requests.gossip/1"))


def test_an_assessment_that_has_ended_leaves_the_cell_to_a_person(
    here: Resident, world: World
) -> None:
    world.clock.advance(400 * DAY)
    asked = replace(ASKED, facts={"conduct_bombing": True, "for_investigation": True})
    rows = here.desk.counsel.matrix(here.actor("legal"), asked)
    found = next(row for row in rows if row.partner == ARCADIA)
    assert found.cells["identity"] is not Verdict.PERMIT
    assert "torture_risk" in found.missing
