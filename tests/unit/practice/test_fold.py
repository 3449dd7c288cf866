"""Where a case of several parties stands, and why an act does not count."""

from dataclasses import replace

import pytest
from tests.joint.paper import (
    ABORT,
    ALL,
    AMEND,
    CASE,
    CLOSE,
    ENDORSE,
    GATE,
    GO,
    HOLD,
    LETTER,
    NO_GO,
    PAPER,
    PRACTICE,
    PROPOSE,
    RESUME,
    REVIEW,
    RUSH,
    WARN,
    WITHDRAW,
    A,
    C,
    M,
    N,
    Table,
    roster_value,
)

from comity.core.clock import DAY, HOUR, Instant
from comity.core.ids import AgencyId
from comity.practice import (
    CONCURRENT,
    STOP_LAPSES,
    Children,
    Group,
    Quorum,
    due_timers,
    fold_children,
    may,
    met,
    open_kinds,
)
from comity.practice.joint_kinds import kinds_in

KINDS = {kind.name: kind for kind in kinds_in(PRACTICE, PAPER)}


def opened(**fields: object) -> Table:
    table = Table()
    table.open(**fields)  # type: ignore[arg-type]
    return table


def endorsed(**fields: object) -> Table:
    table = opened(**fields)
    table.endorse()
    return table


def running() -> Table:
    table = endorsed()
    table.act(GATE, value="green", person="gatekeeper")
    table.act(GO)
    return table


def test_a_case_opens_with_its_roster_and_its_first_revision() -> None:
    table = opened()
    view = table.view()
    assert (view.state, view.convenor, view.revision, view.root) == (
        "proposed",
        N,
        1,
        table.opening,
    )
    assert view.parties == set(ALL)


def test_all_must_endorse_and_the_page_knows_who_is_missing() -> None:
    table = opened()
    table.endorse(N, A, C)
    quorum = PAPER.quorums["signed"]
    view = table.view()
    assert view.state == "proposed"
    # One rush of the lead would do as well: the group that lacks the fewest is told.
    assert met(view, quorum, kinds=KINDS, at=view.at).missing == (M,)
    table.endorse(M)
    assert table.view().state == "endorsed"


def test_an_amendment_voids_what_was_endorsed_before_it() -> None:
    table = opened()
    table.endorse(N, A, C)
    table.amend()
    table.endorse(M)
    view = table.view()
    assert (view.state, view.revision) == ("proposed", 2)
    assert not met(view, PAPER.quorums["signed"], kinds=KINDS, at=view.at).is_met


def test_an_endorsement_of_an_old_root_does_not_count() -> None:
    table = opened()
    old = table.opening
    table.amend()
    assert table.reason(table.act(ENDORSE, A, root=old)) == "old-root"


def test_an_endorsement_with_conditions_or_past_its_time_does_not_count() -> None:
    table = opened()
    table.endorse(N, A)
    table.endorse(C, conditions=1)
    table.endorse(M, until=table.clock + 5_000)
    view = table.view()
    everybody = Quorum(groups=PAPER.quorums["signed"].groups[:1])
    assert met(view, everybody, kinds=KINDS, at=view.at).missing == (C,)
    late = Instant(view.at + 10_000)
    assert met(view, everybody, kinds=KINDS, at=late).missing == (C, M)
    table.endorse(C)
    assert table.view().state == "endorsed"


def test_an_act_that_comes_after_its_own_end_does_not_count() -> None:
    table = opened()
    root = table.view().root
    assert table.reason(table.act(ENDORSE, A, root=root, until=table.clock)) == "expired"


def test_what_is_withdrawn_does_not_count() -> None:
    table = opened()
    table.endorse(N, A, C)
    table.act(WITHDRAW, A, root=table.opening)
    table.endorse(M)
    assert table.view().state == "proposed"
    table.endorse(A)
    assert table.view().state == "endorsed"


def test_one_of_several_groups_is_enough() -> None:
    table = opened()
    table.act(RUSH, N, root=table.opening)
    table.endorse(A)
    assert table.view().state == "endorsed"


def test_a_named_group_comes_from_the_body_and_dissent_counts_as_an_answer() -> None:
    table = endorsed(signers=[A, C])
    table.act(GATE, value="green", person="gatekeeper")
    table.act(GO)
    table.act(CLOSE)
    root = table.view().root
    table.act(REVIEW, A, root=root, second_person="other")
    assert table.view().state == "reviewing"
    table.act("papers.dissent/2", C, root=root, ground="facts")
    assert table.view().state == "reviewing"
    table.act(REVIEW, M, root=root, second_person="other")
    assert table.view().state == "closed"


def test_a_name_of_no_party_keeps_a_quorum_open() -> None:
    table = endorsed(signers=[A, AgencyId("xz.nobody")])
    table.act(GATE, value="green", person="gatekeeper")
    table.act(GO)
    table.act(CLOSE)
    table.act(REVIEW, A, root=table.view().root, second_person="other")
    assert table.view().state == "reviewing"


def test_a_guard_tells_its_reason() -> None:
    table = endorsed()
    assert table.reason(table.act(GO)) == "gate"
    table.act(GATE, value="red", person="gatekeeper")
    assert table.reason(table.act(GO)) == "gate"
    table.act(GATE, value="green", person="gatekeeper")
    table.act(GO)
    assert table.view().state == "running"


def test_who_filled_the_gate_does_not_say_go() -> None:
    table = endorsed()
    table.act(GATE, value="green", person="lead")
    assert table.reason(table.act(GO, person="lead")) == "same-person"
    assert table.reason(table.act(GO, person="other")) == ""


def test_who_held_from_one_seat_does_not_resume_from_it() -> None:
    table = running()
    table.act(HOLD, A)
    assert table.reason(table.act(RESUME, A, person="other")) == "same-person"
    assert table.reason(table.act(RESUME, C)) == ""


def test_only_who_is_named_takes_a_step() -> None:
    table = opened()
    assert table.reason(table.act(AMEND, A, parties=roster_value(), revision=2)) == "not-named"
    assert table.reason(table.act(GATE, C, value="red")) == "not-named"
    assert table.reason(table.act(ENDORSE, AgencyId("xz.other"))) == "not-a-party"
    assert table.reason(table.act(ENDORSE, A, seat="engineer")) == "seat"


def test_an_act_needs_its_second_person_beforehand() -> None:
    table = running()
    table.act(CLOSE)
    root = table.view().root
    assert table.reason(table.act(REVIEW, A, root=root)) == "second-person"


def test_an_act_under_threat_counts_until_its_second_person_had_to_confirm_it() -> None:
    table = opened()
    rush = table.act(RUSH, N, root=table.opening)
    quorum, view = PAPER.quorums["signed"], table.view()
    late = Instant(view.at + 3 * HOUR)
    assert met(view, quorum, kinds=KINDS, at=view.at).is_met
    assert not met(view, quorum, kinds=KINDS, at=late).is_met
    assert table.reason(table.act("papers.second/1", N, root=rush)) == "same-person"
    assert table.reason(table.act("papers.second/1", A, root=rush)) == "not-yours"
    assert table.reason(table.act("papers.second/1", N, root="ee" * 32)) == "not-yours"
    table.act("papers.second/1", N, root=rush, person="other")
    assert met(table.view(), quorum, kinds=KINDS, at=late).is_met


def test_a_confirmation_too_late_is_none() -> None:
    table = opened()
    rush = table.act(RUSH, N, root=table.opening)
    table.act(RUSH, N, root=table.opening)
    second = table.act("papers.second/1", N, root=rush, person="other", after=3 * HOUR)
    assert table.reason(second) == "expired"


def test_confirming_an_act_that_another_replaced_changes_no_other() -> None:
    table = opened()
    rush = table.act(RUSH, N, root=table.opening)
    table.act(RUSH, N, root=table.opening)
    table.act("papers.second/1", N, root=rush, person="other")
    view = table.view()
    assert view.index[rush].second
    assert not view.standing[N, RUSH.name].second


def test_a_revision_follows_the_one_before_it_and_widens_nothing() -> None:
    table = opened()
    more = roster_value(*ALL, AgencyId("xz.late"))
    root = table.view().root

    def amend(**fields: object) -> str:
        body = {"parties": roster_value(), "revision": 2, "previous": root, **fields}
        return table.reason(table.act(AMEND, **body))  # type: ignore[arg-type]

    assert amend(revision=3) == "revision"
    assert amend(previous="ee" * 32) == "revision"
    assert amend(parties=more) == "wider"
    assert amend(parties=roster_value(N, A)) == ""
    assert table.view().parties == {N, A}


def test_an_act_numbered_twice_or_of_another_case_counts_once_or_never() -> None:
    table = opened()
    (digest,) = table.endorse(A)
    table.numbers.append(table.number(digest))
    foreign = table.put(replace(table.frame(ENDORSE, C), case="cd" * 16))
    table.numbers.append(table.number(foreign))
    letter = table.act(LETTER, C)
    view = table.view()
    assert [each.reason for each in view.acts[2:]] == ["again", "foreign", "foreign"]
    assert view.index[letter].reason == "foreign"


def test_a_case_is_opened_once_and_first() -> None:
    table = opened()
    again = table.act(PROPOSE, A, parties=roster_value(), revision=1)
    assert table.reason(again) == "no-step"


def test_a_case_whose_roster_is_none_never_opens() -> None:
    table = Table()
    table.act(PROPOSE, revision=1)
    assert table.view().state == "none"
    assert table.view().acts[0].reason == "not-a-party"


def test_a_stop_holds_back_everything_but_what_protects() -> None:
    table = opened()
    stop = table.act("papers.stop/2", A, ground="error")
    root = table.view().root
    assert table.view().is_stopped
    assert table.reason(table.act(ENDORSE, C, root=root)) == "stopped"
    assert table.reason(table.act(WARN, C, danger="other")) == "stopped"
    assert table.reason(table.act(WARN, C, danger="danger-to-life")) == ""
    for word in ("recall", "correct"):
        assert table.reason(table.act(f"papers.{word}/2", N, root=root, ground="x")) == ""
    assert table.reason(table.act("papers.dissent/2", C, root=root, ground="law")) == ""
    assert table.view().stops[0].act == stop


def test_a_stop_lapses_unless_another_person_of_the_same_party_confirms_it() -> None:
    table = opened()
    table.act("papers.stop/2", A, ground="error")
    assert table.view(after=STOP_LAPSES - 1).is_stopped
    assert not table.view(after=STOP_LAPSES).is_stopped
    assert table.reason(table.act("papers.stop-confirm/2", A)) == "same-person"
    assert table.reason(table.act("papers.stop-confirm/2", C, person="x")) == "no-stop"
    table.act("papers.stop-confirm/2", A, person="other")
    assert table.view(after=STOP_LAPSES).is_stopped
    table.act("papers.stop/2", A, ground="error")
    assert table.view(after=2 * STOP_LAPSES).is_stopped


def test_after_a_stop_has_lapsed_acts_count_again() -> None:
    table = opened()
    table.act("papers.stop/2", A, ground="error")
    late = table.act(ENDORSE, C, root=table.opening, after=STOP_LAPSES)
    assert table.reason(late) == ""


def test_every_party_lifts_a_stop_and_a_new_one_asks_them_again() -> None:
    table = opened()
    assert table.reason(table.act("papers.lift/2", N)) == "no-stop"
    table.act("papers.stop/2", A, ground="error")
    for party in (N, A, C):
        table.act("papers.lift/2", party)
    table.act("papers.stop/2", C, ground="unlawful")
    table.act("papers.lift/2", M)
    assert table.view().is_stopped
    for party in (N, A, C):
        table.act("papers.lift/2", party)
    assert not table.view().is_stopped


def test_a_dissent_stays_whatever_its_author_or_anyone_does() -> None:
    table = opened()
    root = table.opening
    dissent = table.act("papers.dissent/2", M, root=root, ground="facts")
    table.act("papers.recall/2", M, root=dissent, ground="sent-in-error")
    table.act(WITHDRAW, M, root=root)
    table.endorse()
    assert [mark.act for mark in table.view().dissents] == [dissent]
    nowhere = table.act("papers.dissent/2", M, root="ee" * 32, ground="facts")
    assert table.reason(nowhere) == "unknown-root"


def test_only_its_author_corrects_or_recalls_an_act() -> None:
    table = opened()
    recall = table.act("papers.recall/2", A, root=table.opening, ground="x", section=3)
    assert table.reason(recall) == "not-yours"
    assert table.reason(table.act("papers.recall/2", A, root="ee" * 32)) == "unknown-root"
    table.act("papers.recall/2", N, root=table.opening, ground="x", section=3)
    table.act("papers.recall/2", N, root=table.opening, ground="x")
    assert table.view().recalled == {(table.opening, 3), (table.opening, 0)}


def test_what_cites_something_corrected_is_stale_and_so_is_what_cites_that() -> None:
    table = opened()
    gate = table.act(GATE, value="red", person="gatekeeper")
    second = table.amend(cites=[gate])
    third = table.amend(cites=[second])
    table.act("papers.correct/2", N, root=gate, ground="wrong-value")
    late = table.amend(cites=[gate])
    assert table.view().stale == {gate, second, third, late}


def test_a_timer_is_an_act_of_the_convenor_and_not_before_its_time() -> None:
    table = opened()
    assert (
        table.reason(table.act("papers.due/1", A, timer="lapse", seat="timer")) == "not-named"
    )
    assert table.reason(table.act("papers.due/1", N, timer="lapse", seat="timer")) == "too-soon"
    assert table.reason(table.act("papers.due/1", N, timer="over", seat="timer")) == "no-step"
    assert due_timers(PAPER, table.view(), at=Instant(table.clock)) == ()
    (timer,) = due_timers(PAPER, table.view(), at=Instant(table.clock + 31 * DAY))
    table.act("papers.due/1", N, timer=timer.name, seat="timer", after=31 * DAY)
    assert table.view().state == "expired"


def test_a_timer_that_protects_runs_on_while_a_case_is_stopped() -> None:
    table = endorsed(starts=Table().clock + DAY)
    table.act("papers.stop/2", A, ground="error")
    at = Instant(table.clock + 2 * DAY)
    assert [timer.name for timer in due_timers(PAPER, table.view(), at=at)] == ["alert"]
    held = table.act("papers.due/1", N, timer="over", seat="timer", after=2 * DAY)
    assert table.reason(held) == "no-step"
    table.act("papers.due/1", N, timer="alert", seat="timer")
    assert table.view().state == "proposed"


def test_a_timer_without_its_instant_does_not_fire() -> None:
    assert due_timers(PAPER, endorsed().view(), at=Instant(9**14)) == ()


@pytest.mark.parametrize("order", ["bold first", "cautious first"])
def test_of_two_acts_that_did_not_know_of_each_other_the_more_cautious_wins(order: str) -> None:
    table = endorsed()
    table.act(GATE, value="green", person="gatekeeper")
    seen = len(table.numbers)
    both = [(GO, N), (NO_GO, A)] if order == "bold first" else [(NO_GO, A), (GO, N)]
    for kind, author in both:
        table.act(kind, author, seen=seen)
    assert table.view().state == "proposed"
    assert {act.frame.kind: act.reason for act in table.view().acts[-2:]} == {
        GO.name: "overruled",
        NO_GO.name: "",
    }


def test_who_had_seen_the_bolder_act_does_not_overrule_it() -> None:
    table = running()
    late = table.act(NO_GO, A)
    assert table.reason(late) == "no-step"
    assert table.view().state == "running"


def test_nobody_can_claim_not_to_have_seen_what_came_long_ago() -> None:
    table = running()
    seen = len(table.numbers) - 1
    late = table.act(NO_GO, A, seen=seen, after=CONCURRENT + 1)
    assert table.reason(late) == "no-step"
    table.act(WARN, C, danger="other")
    again = table.act(ABORT, C, seen=0)
    assert table.reason(again) == ""


def test_a_cautious_act_that_does_not_count_overrules_nothing() -> None:
    table = endorsed()
    table.act(GATE, value="green", person="gatekeeper")
    seen = len(table.numbers)
    table.act(GO, N, seen=seen)
    table.act(HOLD, A, seen=seen, seat="engineer")
    assert table.view().state == "running"


def test_an_act_of_its_own_author_is_not_concurrent() -> None:
    table = endorsed()
    table.act(GATE, value="green", person="gatekeeper")
    seen = len(table.numbers)
    table.act(GO, A, seen=seen)
    table.act(HOLD, A, seen=seen)
    assert table.view().state == "held"


def test_may_says_before_anything_is_sent_what_the_fold_would_say() -> None:
    table = opened()
    frame = table.frame(GO, N)
    at = Instant(table.clock)
    assert may(PRACTICE, PAPER, table.held(), act=("aa" * 32, frame), at=at) == "no-step"
    good = table.frame(ENDORSE, A, root=table.opening)
    assert may(PRACTICE, PAPER, table.held(), act=("aa" * 32, good), at=at) == ""
    first = Table().frame(PROPOSE, parties=roster_value(), revision=1)
    fresh = replace(table.held(), opening="aa" * 32, acts={}, numbers=())
    assert may(PRACTICE, PAPER, fresh, act=("aa" * 32, first), at=at) == ""


def test_may_waits_where_the_case_has_not_begun_here() -> None:
    table = opened()
    held = table.held(numbers=())
    frame = table.frame(ENDORSE, A, root=table.opening)
    at = Instant(table.clock)
    assert may(PRACTICE, PAPER, held, act=("aa" * 32, frame), at=at) == "waiting"


def test_open_kinds_follow_state_role_and_stop() -> None:
    table = opened()

    def words(party: AgencyId) -> set[str]:
        return {k.word for k in open_kinds(PRACTICE, PAPER, table.view(), party=party)}

    assert {"endorse", "amend", "gate", "dissent", "stop"} <= words(N)
    assert not {"go", "lift", "due", "stop-confirm", "succeed"} & words(N)
    assert "amend" not in words(A)
    table.act("papers.stop/2", A, ground="error")
    assert {"lift", "stop-confirm", "warn", "recall"} <= words(A)
    assert "endorse" not in words(A)


def test_children_are_done_failed_or_unknown() -> None:
    children = Children(case="task", done=frozenset({"done"}), failed=frozenset({"failed"}))
    assert fold_children(children, ["done", "done"]) is True
    assert fold_children(children, ["done", "failed"], hidden=1) is False
    assert fold_children(children, ["done"], hidden=1) is None
    assert fold_children(children, ["done", "open"]) is None
    assert fold_children(children, []) is None


def test_a_frame_gives_nothing_for_what_is_not_there() -> None:
    frame = Table().frame(PROPOSE, parties="nobody", until=True)
    assert (frame.roster, frame.number("until"), frame.texts("cites"), frame.text("x")) == (
        (),
        None,
        (),
        "",
    )
    assert frame.case == CASE


def test_an_act_that_names_no_root_does_not_survive_an_amendment_either() -> None:
    gates = Quorum(groups=(Group(kinds=(GATE.name,), role="lead"),))
    table = opened()
    table.act(GATE, value="green", person="gatekeeper")
    view = table.view()
    assert met(view, gates, kinds=KINDS, at=view.at).is_met
    table.amend()
    view = table.view()
    assert not met(view, gates, kinds=KINDS, at=view.at).is_met


def test_a_dissent_from_an_old_root_is_no_answer_to_the_new_one() -> None:
    answers = Quorum(groups=(Group(kinds=("papers.dissent/2",), field="signers"),))
    table = opened(signers=[A])
    old = table.opening
    table.amend(signers=[A])
    table.act("papers.dissent/2", A, root=old, ground="facts")
    view = table.view()
    assert not met(view, answers, kinds=KINDS, at=view.at).is_met
    table.act("papers.dissent/2", A, root=view.root, ground="facts")
    view = table.view()
    assert met(view, answers, kinds=KINDS, at=view.at).is_met


def test_a_count_comes_from_the_body_where_the_declaration_says_so() -> None:
    some = Quorum(groups=(Group(kinds=(ENDORSE.name,), count_field="revision"),))
    table = opened()
    table.endorse(A)
    view = table.view()
    assert met(view, some, kinds=KINDS, at=view.at).is_met
    table.amend()
    table.endorse(A)
    view = table.view()
    assert not met(view, some, kinds=KINDS, at=view.at).is_met
    table.endorse(C)
    view = table.view()
    assert met(view, some, kinds=KINDS, at=view.at).is_met
