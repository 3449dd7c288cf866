"""Promise 1: every message passes the law for its recipient and content, and is logged."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ANNA,
    ARCADIA,
    CASTALIA,
    FACTS,
    MERIDIA,
    NORLAND,
    A,
    C,
    N,
    a_world,
    ask,
    case_of,
    entries,
    leaves,
    opened,
    outbox,
    question,
    reply,
    send,
    sure,
    warning,
)

from comity.adapters.world import Resident, World
from comity.core.errors import AuthorisationError, StateError
from comity.core.ids import AgencyId, PersonId
from comity.desk import Actor, Correspondence, NotSent, Shut
from comity.law import Corpus, Verdict, load_corpus, shipped_packs
from comity.ledger import LeafType
from comity.message import handling


@pytest.fixture
def world() -> World:
    return a_world(NORLAND, ARCADIA, CASTALIA, MERIDIA)


def refused(here: Resident, outcome: object) -> NotSent:
    assert isinstance(outcome, NotSent), outcome
    assert here.store.read(lambda r: r.size()) > 0
    return outcome


def referred(here: Resident) -> NotSent:
    letter = replace(question(), facts={**FACTS, "torture_risk": None})
    return refused(here, here.desk.correspondence.send(here.actor("officer"), letter))


def test_a_partner_without_a_treaty_in_force_is_told_nothing(world: World) -> None:
    here = world.residents[N]
    outcome = here.desk.correspondence.send(here.actor("officer"), question(MERIDIA))
    assert refused(here, outcome).decision.verdict is Verdict.DENY
    assert leaves(here) == ["denied"]
    assert world.outbox(N) == []
    assert world.run() == 0


def test_a_denied_letter_leaves_no_case_and_a_referred_one_no_open_work(world: World) -> None:
    here = world.residents[N]
    here.desk.correspondence.send(here.actor("officer"), question(MERIDIA))
    referred(here)
    officer = here.actor("officer")
    assert all(count == 0 for count in here.desk.reading.counts(officer).values())


def test_an_unknown_fact_on_an_absolute_prohibition_refers(world: World) -> None:
    here = world.residents[N]
    assert referred(here).decision.verdict is Verdict.REFER
    assert leaves(here) == ["referred"]
    assert world.outbox(N) == []


def test_a_referred_draft_asks_the_law_again_with_facts_as_they_stand(world: World) -> None:
    here = world.residents[N]
    reference = referred(here).reference
    again = here.desk.correspondence.resume(here.actor("legal"), reference)
    assert refused(here, again).decision.verdict is Verdict.REFER
    assert leaves(here) == ["referred", "referred"]
    with pytest.raises(StateError, match="resumed"):
        here.desk.correspondence.resume(here.actor("legal"), reference)


def test_an_absolute_prohibition_is_lifted_by_nobody(world: World) -> None:
    here = world.residents[N]
    found = referred(here)
    rules = [each.rule for each in found.decision.reasons if each.outcome is Verdict.REFER]
    everything = frozenset({"legal", "rights", "supervisor", "officer"})
    other = Actor(person=PersonId(f"{NORLAND}/other"), seats=everything, session="s")
    with pytest.raises(AuthorisationError):
        here.desk.correspondence.resume(other, found.reference, lift=(rules[0],))


def sensitive(here: Resident) -> NotSent:
    letter = replace(question(), facts={**FACTS, "free_text_sensitive": None})
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    found = refused(here, outcome)
    assert found.decision.verdict is Verdict.REFER
    return found


def lifting(found: NotSent) -> tuple[tuple[str, ...], frozenset[str]]:
    reasons = (each for each in found.decision.reasons if each.outcome is Verdict.REFER)
    return tuple(each.rule for each in reasons), found.decision.lifted_by


def test_a_referral_is_lifted_by_a_named_seat_and_by_no_other(world: World) -> None:
    here = world.residents[N]
    found = sensitive(here)
    rules, seats = lifting(found)
    assert seats
    for seat in sorted({"officer", "legal", "rights", "supervisor", "admin"} - seats):
        with pytest.raises(AuthorisationError):
            here.desk.correspondence.resume(
                here.actor(seat, "other"), found.reference, lift=rules
            )
    actor = here.actor(min(seats), "other")
    outcome = here.desk.correspondence.resume(actor, found.reference, lift=rules)
    if isinstance(outcome, NotSent):
        # The value itself is as sensitive as its text: that second rule is lifted as well.
        rules, _ = lifting(outcome)
        outcome = here.desk.correspondence.resume(actor, outcome.reference, lift=rules)
    assert outbox(here, sure(outcome).mid).state == "queued"


def test_a_referral_is_never_lifted_by_its_author(world: World) -> None:
    here = world.residents[N]
    found = sensitive(here)
    rules, seats = lifting(found)
    author = replace(here.actor("officer"), seats=seats | {"officer"})
    with pytest.raises(AuthorisationError, match="another person"):
        here.desk.correspondence.resume(author, found.reference, lift=rules)


def test_a_referral_given_up_is_erased_and_sends_nothing(world: World) -> None:
    here = world.residents[N]
    found = sensitive(here)
    here.desk.correspondence.abandon(here.actor("officer"), found.reference)
    with pytest.raises(StateError, match="dropped"):
        here.desk.correspondence.referral(here.actor("officer"), found.reference)
    assert world.outbox(N) == []


def test_the_smallest_set_left_out_lets_the_rest_go(world: World) -> None:
    here = world.residents[N]
    person = {**ANNA, "properties": {**dict(ANNA_PROPERTIES), "religion": ["Ruritanian"]}}
    letter = question(subjects=[person])
    preview = here.desk.correspondence.preview(here.actor("officer"), letter)
    left_out = preview.explanation.decision.smallest_set
    assert left_out == ("subjects/0/properties/religion/0",)
    cut = preview.draft.without(left_out)
    sent = send(here, replace(letter, body=cut.body))
    world.run()
    there = world.residents[A]
    content = opened(there, sent.mid).content
    assert content is not None
    assert "religion" not in str(content.body)
    assert "Ruritanian" not in str(content.body)


ANNA_PROPERTIES = {"name": ["Anna Example"], "birthDate": ["1988-04-17"]}


def test_every_sent_leaf_follows_a_permitted_leaf_of_its_own(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    for _ in range(2):
        opened(there, ask(world).mid)
    world.run()
    for resident in (here, there):
        found = entries(resident)
        used: set[int] = set()
        for index, leaf in enumerate(found):
            if leaf.type is LeafType.SENT:
                assert leaf.follows is not None
                assert leaf.follows < index
                assert found[leaf.follows].type is LeafType.PERMITTED
                assert leaf.follows not in used
                used.add(leaf.follows)
            if leaf.type is LeafType.RECEIVED:
                assert leaf.follows is not None
                assert found[leaf.follows].type in {LeafType.ADMITTED, LeafType.HELD}
        assert used


class Changing:
    """Law that changes between two questions, so many times."""

    def __init__(self, times: int) -> None:
        packs = shipped_packs()
        self._laws = [load_corpus(packs), load_corpus({**packs, "zz.yaml": EMPTY})]
        self._left = times
        self._asked = 0

    def __call__(self) -> Corpus:
        self._asked += 1
        if self._asked % 3 == 0 and self._left:
            self._left -= 1
            self._laws.reverse()
        return self._laws[0]


EMPTY = b'pack: zz\nversion: "1"\ntitle: Nothing more\nrules: []\n'


def test_law_that_changed_between_decision_and_log_is_asked_again(world: World) -> None:
    here = world.residents[N]
    law = Changing(1)
    world.corpus = law()
    station = replace(here.station, corpus=law)
    assert station.corpus() is not None
    letters = Correspondence(station, NORLAND, joint=here.desk.joint, kick=lambda: None)
    sent = sure(letters.send(here.actor("officer"), question()))
    assert leaves(here).count("sent") == 1
    assert leaves(here).count("permitted") >= 1
    assert outbox(here, sent.mid).state == "queued"


def test_a_door_this_member_closed_lets_only_protection_and_alarm_through(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    earlier = ask(world)
    there.desk.doors.close(there.actor("supervisor"), Shut(partner=NORLAND))
    (door,) = there.desk.doors.closed(there.actor("officer"))
    assert door.row.partner == NORLAND
    shut = send(here, question())
    alarm = send(here, warning())
    recall = send(here, reply(earlier.case, "recall", about=earlier.mid, ground="unlawful"))
    world.run()
    assert outbox(here, shut.mid).state == "queued"
    assert outbox(here, alarm.mid).state == "receipted"
    assert outbox(here, recall.mid).state == "receipted"
    assert "not_admitted" in leaves(there)
    with pytest.raises(StateError, match="closed its door"):
        send(there, question(NORLAND))
    there.desk.doors.open(there.actor("supervisor"), NORLAND)
    there.desk.doors.open(there.actor("legal"), NORLAND)
    world.run()
    assert outbox(here, shut.mid).state == "receipted"


def test_only_a_deciding_seat_closes_a_door(world: World) -> None:
    here = world.residents[N]
    with pytest.raises(AuthorisationError):
        here.desk.doors.close(here.actor("officer"), Shut(partner=ARCADIA))


def test_a_token_serves_its_own_purpose_and_case_alone(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    officer = there.actor("officer")
    wrong = replace(officer, purpose="border-security")
    with pytest.raises(AuthorisationError, match="purpose"):
        there.desk.reading.case(wrong, case)
    with pytest.raises(AuthorisationError, match="purpose"):
        there.desk.reading.message(wrong, sent.mid)
    assert there.desk.reading.cases(wrong) == ()
    elsewhere = replace(officer, case="2026-0000000000")
    with pytest.raises(AuthorisationError, match="case"):
        there.desk.reading.message(elsewhere, sent.mid)
    bound = replace(here.actor("officer"), case=sent.case)
    with pytest.raises(AuthorisationError, match="case"):
        # A token of one case opens no other.
        here.desk.correspondence.send(bound, question())


def test_onward_use_needs_the_consent_of_the_originator(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    onward = question(CASTALIA, follows=sent.mid)
    outcome = there.desk.correspondence.send(there.actor("officer"), onward)
    found = refused(there, outcome)
    assert found.decision.verdict is Verdict.DENY
    assert {each.rule for each in found.decision.reasons} >= {"terms-onward"}
    case = case_of(there, sent.mid)
    asked = send(
        there, reply(case, "consent", about=sent.mid, use="onward", partners=["xc.police"])
    )
    world.run()
    pending = here.desk.correspondence.send(
        here.actor("supervisor"),
        reply(sent.case, "consent-answer", about=asked.mid, answer="given"),
    )
    given = here.desk.correspondence.confirm(
        here.actor("legal"), getattr(pending, "pending", "")
    )
    assert sure(given).case == sent.case
    world.run()
    again = there.desk.correspondence.send(there.actor("officer"), onward)
    reasons = again.decision.reasons if isinstance(again, NotSent) else ()
    assert "terms-onward" not in {r.rule for r in reasons if r.outcome is Verdict.DENY}


def test_exercise_and_real_values_never_meet_in_a_case(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    mixed = replace(
        reply(sent.case, "reminder", about=sent.mid), handling=handling("TLP:AMBER EXERCISE")
    )
    outcome: object
    try:
        outcome = here.desk.correspondence.send(here.actor("officer"), mixed)
    except StateError as error:
        outcome = error
    assert isinstance(outcome, (NotSent, StateError))
    assert len(world.outbox(N)) == 1
    assert there.store.read(lambda r: r.size()) == 2


def test_a_third_node_and_a_wrong_agency_are_known_by_name_only(world: World) -> None:
    assert world.directory.serves(C, CASTALIA)
    assert not world.directory.serves(C, AgencyId("xa.border"))
