"""A question is kept as a watch only where its asker requested it, lawfully, and it ends."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    NORLAND,
    PERSON,
    QUERY,
    A,
    C,
    Forged,
    N,
    a_world,
    ask,
    case_of,
    code,
    hold_anna,
    inbox,
    judge,
    leaves,
    opened,
    question,
    reply,
    send,
    take,
    tasks,
)
from tests.scenarios.watched import (
    WHY,
    a_request,
    allow,
    fields,
    hold_many,
    is_gone,
    living,
    renewed_request,
    requesting,
    sealed,
    told,
    work,
    worker,
)

from comity.adapters.sql import open_sqlite
from comity.adapters.sql.store import SqlStore
from comity.adapters.world import Resident, World, make_world
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    AuthorisationError,
    ComityError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.ids import CaseId, NodeId
from comity.core.store import Reader, Store, Transaction
from comity.desk import Sent, Watches
from comity.desk.watch import law_of_watch
from comity.law import Verdict, shipped_corpus
from comity.message import handling
from comity.node.bootstrap import shipped_practices
from comity.node.office import ROWS
from comity.node.watching import CHUNK
from comity.practice import Kind, items
from comity.record import View, sweep_questions

T = TypeVar("T")


def started(world: World, case: CaseId) -> Resident:
    there = world.residents[A]
    there.desk.watches.start(there.actor("officer"), case)
    work(world)
    return there


def test_who_comes_in_is_a_candidate_of_the_case_and_its_asker_learns_nothing() -> None:
    world, _, case = a_request()
    there = started(world, case)
    (row,) = living(there)
    assert (row.asker, row.case_id, row.until) == (NORLAND, case, row.started + 20 * DAY)
    before = len(inbox(world.residents[N]))
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == {PERSON}
    (task,) = tasks(there, "watch-found")
    assert (task.case, task.seat, task.urgency) == (case, "officer", "urgent")
    # Found, and not a word of it to who asked.
    assert len(inbox(world.residents[N])) == before
    asked, listed = there.desk.watches.found(there.actor("officer"), case)
    assert [each.entity_id for each in listed] == [PERSON]
    assert asked.names == ("Anna Example",)
    wanted = ["watch_started", "watch_found", "consulted"]
    assert [leaf for leaf in leaves(there) if leaf in wanted] == wanted


def test_a_candidate_is_told_only_once_two_persons_have_judged_it() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    hold_anna(there)
    work(world)
    answer = reply(case, "answer", about=sent.mid, outcome="hit", judgement="0" * 32)
    with pytest.raises(StateError, match="judge before you tell"):
        there.desk.correspondence.send(there.actor("officer"), answer)
    no_hit = reply(case, "answer", about=sent.mid, outcome="no-hit")
    with pytest.raises(StateError, match=r"search|judge"):
        there.desk.correspondence.send(there.actor("officer"), no_hit)
    judge(there, case, View.DIFFERENT, "first")
    work(world)
    assert tasks(there, "watch-found") == []


def test_a_question_without_the_request_starts_nothing() -> None:
    world = a_world()
    there = world.residents[A]
    allow(world, there, value=True)
    case = case_of(there, ask(world).mid)
    assert tasks(there, "watch") == []
    with pytest.raises(NotFoundError, match="no watch is requested"):
        there.desk.watches.start(there.actor("officer"), case)
    hold_anna(there)
    work(world)
    assert (living(there), fields(there, case, "candidate")) == ([], set())


def test_a_request_alone_starts_nothing_until_an_officer_does() -> None:
    world, _, case = a_request()
    there = world.residents[A]
    hold_anna(there)
    work(world)
    assert (living(there), sealed(there), fields(there, case, "candidate")) == ([], [], set())
    (task,) = tasks(there, "watch")
    assert (task.case, task.seat) == (case, "officer")
    for seat in ("analyst", "legal", "rights", "oversight", "engineer", "admin"):
        with pytest.raises(AuthorisationError):
            there.desk.watches.start(there.actor(seat), case)


@pytest.mark.parametrize(
    ("permits", "verdict", "leaf", "seats"),
    [(False, Verdict.DENY, "not_admitted", []), (None, Verdict.REFER, "held", ["legal"])],
)
def test_what_our_law_denies_or_leaves_open_is_not_watched_and_the_asker_is_told(
    *, permits: bool | None, verdict: Verdict, leaf: str, seats: list[str]
) -> None:
    world, sent, case = a_request(permits=permits)
    there = world.residents[A]
    done = there.desk.watches.start(there.actor("officer"), case)
    assert (done.decision.verdict, done.row, living(there)) == (verdict, None, [])
    assert leaf in leaves(there)
    assert tasks(there, "watch") == []
    assert [task.seat for task in tasks(there, "watch-law")] == seats
    work(world)
    assert told(world) == [{"about": sent.mid, "watch": "not-kept"}]
    # The question itself is answered as any other.
    there.desk.look_up.search(there.actor("officer"), case, QUERY)
    assert isinstance(
        there.desk.correspondence.send(
            there.actor("officer"), reply(case, "answer", about=sent.mid, outcome="no-hit")
        ),
        Sent,
    )


def test_what_was_left_open_is_watched_once_two_persons_have_assessed_it() -> None:
    world, sent, case = a_request(permits=None)
    there = world.residents[A]
    there.desk.watches.start(there.actor("officer"), case)
    work(world)
    allow(world, there, value=True)
    started(world, case)
    assert len(living(there)) == 1
    assert tasks(there, "watch-law") == []
    assert [each["watch"] for each in told(world)] == ["not-kept", "kept"]
    assert told(world)[1]["watch_until"] == living(there)[0].until
    assert told(world)[1]["about"] == sent.mid


@pytest.mark.parametrize("days", [31, 10_000, 0, True, -1, "30"])
def test_a_hostile_asker_gets_no_longer_watch(days: int) -> None:
    world = a_world()
    there = world.residents[A]
    allow(world, there, value=True)
    body = {**question().body, "watch_days": days, "watch_reason": "For ever."}
    answer = code(take(there, Forged(body=body).seal(world)))
    if days == 0 and not isinstance(days, bool):
        assert answer == "filed"
        with pytest.raises(NotFoundError):
            there.desk.watches.start(there.actor("officer"), CaseId(inbox(there)[0].case))
    else:
        assert (answer, inbox(there)) == ("not-admitted", [])
    assert living(there) == []


def ends_by_time(world: World, _sent: Sent, _case: CaseId) -> None:
    world.clock.advance(20 * DAY)


def ends_by_answer(world: World, sent: Sent, case: CaseId) -> None:
    there = world.residents[A]
    there.desk.look_up.search(there.actor("officer"), case, QUERY)
    send(there, reply(case, "answer", about=sent.mid, outcome="no-hit"))


def ends_by_withdrawal(world: World, sent: Sent, _case: CaseId) -> None:
    send(world.residents[N], reply(sent.case, "withdraw", reason="no-longer-needed"))
    world.run()


def ends_by_recall(world: World, sent: Sent, _case: CaseId) -> None:
    letter = reply(sent.case, "recall", about=sent.mid, ground="wrong-person")
    send(world.residents[N], letter)
    world.run()


def ends_by_correction(world: World, sent: Sent, _case: CaseId) -> None:
    letter = reply(sent.case, "correct", about=sent.mid, ground="wrong-person")
    send(world.residents[N], letter)
    world.run()


def ends_by_law(world: World, _sent: Sent, _case: CaseId) -> None:
    allow(world, world.residents[A], value=False)


def ends_by_a_lapsed_assessment(world: World, _sent: Sent, _case: CaseId) -> None:
    allow(world, world.residents[A], value=True, days=3)
    world.clock.advance(4 * DAY)


def ends_by_person(world: World, _sent: Sent, case: CaseId) -> None:
    there = world.residents[A]
    there.desk.watches.end(there.actor("rights"), case)


def ends_by_erasure(world: World, sent: Sent, _case: CaseId) -> None:
    there = world.residents[A]
    there.desk.correspondence.erase(there.actor("supervisor"), sent.mid)


WAYS: Mapping[str, tuple[Callable[[World, Sent, CaseId], None], bool, list[str]]] = {
    # How; whether at once, before any worker's round; what its asker is told.
    "time": (ends_by_time, False, ["kept"]),
    "case-closed": (ends_by_answer, True, ["kept"]),
    "withdrawal": (ends_by_withdrawal, True, ["kept"]),
    "recalled": (ends_by_recall, True, ["kept"]),
    "corrected": (ends_by_correction, True, ["kept"]),
    "law": (ends_by_law, False, ["kept", "ended"]),
    "lapse": (ends_by_a_lapsed_assessment, False, ["kept", "ended"]),
    "person": (ends_by_person, True, ["kept", "ended"]),
    "erased": (ends_by_erasure, True, ["kept"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_watch_ends_and_nothing_of_it_can_be_read(way: str) -> None:
    world, sent, case = a_request()
    there = started(world, case)
    end, is_at_once, answers = WAYS[way]
    end(world, sent, case)
    assert is_gone(there) is is_at_once
    work(world)
    assert is_gone(there)
    assert leaves(there).count("watch_ended") == 1
    assert [each["watch"] for each in told(world)] == answers
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == set()
    # What has ended is not started again: its asker asks anew.
    with pytest.raises(ComityError):
        there.desk.watches.start(there.actor("officer"), case)


def test_a_watch_lives_to_its_last_millisecond_and_no_longer() -> None:
    world, _, case = a_request(days=30)
    there = started(world, case)
    world.clock.advance(living(there)[0].until - world.clock.now() - 2)
    work(world)
    assert len(living(there)) == 1
    world.clock.advance(1)
    # Past its time it finds nobody, even before the worker has ended it.
    hold_anna(there)
    worker(there).compare()
    assert fields(there, case, "candidate") == set()
    work(world)
    assert is_gone(there)


def test_a_renewal_needs_its_asker_a_person_and_a_reason() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    watches, officer = there.desk.watches, there.actor("officer", "second")
    with pytest.raises(StateError, match="anew"):
        watches.renew(officer, case, reason="Still expected.")
    renewed_request(world, sent)
    assert living(there)[0].renewals == 0
    assert [task.case for task in tasks(there, "watch")] == [case]
    with pytest.raises(InvalidInputError, match="reason"):
        watches.renew(officer, case, reason="  ")
    with pytest.raises(AuthorisationError):
        watches.renew(there.actor("analyst"), case, reason="Still expected.")
    with pytest.raises(StateError, match="begun"):
        watches.start(officer, case)
    watches.renew(officer, case, reason="Still expected.")
    with pytest.raises(StateError, match="anew"):
        watches.renew(officer, case, reason="Once more on the same request.")
    assert living(there)[0].renewals == 1


def test_a_renewed_watch_lies_under_a_new_key_until_its_new_end() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    first, officer = sealed(there)[0].record_id, there.actor("officer", "second")
    world.clock.advance(10 * DAY)
    renewed_request(world, sent)
    done = there.desk.watches.renew(officer, case, reason="Still expected.")
    (row,) = living(there)
    assert (done.row, row.renewed_by) == (row, officer.person)
    assert row.until == world.clock.now() + 30 * DAY
    assert {each.record_id: each.wrapped is None for each in sealed(there)} == {
        first: True,
        row.record_id: False,
    }
    work(world)
    assert [each["watch"] for each in told(world)] == ["kept", "kept"]
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == {PERSON}


def test_a_renewed_request_taken_back_ends_the_watch_it_prolonged() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    anew = renewed_request(world, sent)
    there.desk.watches.renew(there.actor("officer"), case, reason="Still expected.")
    letter = reply(sent.case, "recall", about=anew.mid, ground="sent-in-error")
    send(world.residents[N], letter)
    world.run()
    assert is_gone(there)


def test_a_renewal_our_law_no_longer_permits_is_none() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    renewed_request(world, sent)
    until = living(there)[0].until
    allow(world, there, value=False)
    done = there.desk.watches.renew(there.actor("officer"), case, reason="Still expected.")
    assert done.decision.verdict is Verdict.DENY
    assert living(there)[0].until == until
    work(world)
    assert is_gone(there)


def test_a_renewal_after_the_end_is_none() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    world.clock.advance(20 * DAY)
    renewed_request(world, sent)
    with pytest.raises(StateError, match="ended"):
        there.desk.watches.renew(there.actor("officer"), case, reason="Late.")
    work(world)
    assert is_gone(there)
    with pytest.raises(StateError, match="ended"):
        there.desk.watches.renew(there.actor("officer"), case, reason="Later.")
    with pytest.raises(StateError, match="decide"):
        there.desk.watches.decline(there.actor("officer"), case)


def test_nobody_forges_a_renewal() -> None:
    world = a_world(NORLAND, ARCADIA, CASTALIA)
    there = world.residents[A]
    allow(world, there, value=True)
    sent = ask(world, question(watch_days=20, watch_reason="Soon."))
    opened(there, sent.mid)
    case = case_of(there, sent.mid)
    started(world, case)
    body: dict[str, Value] = {
        "about": sent.mid,
        "watch_days": 30,
        "watch_reason": "On.",
    }
    kind = "requests.watch-renew/1"
    for forged in (
        # Another partner; Norland's agency from another node; another conversation of Norland.
        Forged(by=C, author=CASTALIA, kind=kind, body=body),
        Forged(by=C, author=NORLAND, kind=kind, body=body),
        Forged(kind=kind, body=body),
    ):
        assert code(take(there, forged.seal(world))) in {"early", "unknown-sender"}
    # Arcadia's own people cannot request it in Norland's name.
    with pytest.raises(ComityError):
        there.desk.correspondence.send(
            there.actor("officer"), reply(case, "watch-renew", **body)
        )
    with pytest.raises(StateError):
        there.desk.watches.renew(there.actor("officer"), case, reason="On.")
    assert living(there)[0].renewals == 0


def test_an_asker_is_told_of_its_watch_only_what_is_so() -> None:
    world, sent, case = a_request()
    there = world.residents[A]
    until = int(world.clock.now() + 20 * DAY)
    lie = reply(case, "watch-answer", about=sent.mid, watch="kept", watch_until=until)
    with pytest.raises(StateError, match="not so"):
        there.desk.correspondence.send(there.actor("officer"), lie)
    started(world, case)
    for body in ({"watch": "not-kept"}, {"watch": "kept", "watch_until": until + DAY}):
        with pytest.raises(StateError, match="not so"):
            there.desk.correspondence.send(
                there.actor("officer"), reply(case, "watch-answer", about=sent.mid, **body)
            )
    assert [each["watch"] for each in told(world)] == ["kept"]


def test_a_person_may_keep_none_though_the_law_permits_it() -> None:
    world, sent, case = a_request()
    there = world.residents[A]
    there.desk.watches.decline(there.actor("officer"), case)
    assert tasks(there, "watch") == []
    work(world)
    assert told(world) == [{"about": sent.mid, "watch": "not-kept"}]
    assert living(there) == []
    started(world, case)
    with pytest.raises(StateError):
        there.desk.watches.decline(there.actor("officer"), case)


def test_a_watch_is_of_its_case_and_purpose_alone() -> None:
    world, _, case = a_request()
    there = started(world, case)
    other = case_of(there, ask(world).mid)
    hold_anna(there)
    work(world)
    assert fields(there, other, "candidate") == set()
    watches = there.desk.watches
    for bound in (
        replace(there.actor("officer"), case=other),
        replace(there.actor("officer"), purpose="border-security"),
    ):
        assert watches.living(bound) == ()
        for act in (watches.requested, watches.start, watches.end, watches.found):
            with pytest.raises(AuthorisationError):
                act(bound, case)
    with pytest.raises(NotFoundError):
        watches.found(there.actor("officer"), other)
    with pytest.raises(NotFoundError):
        watches.end(there.actor("officer"), other)


def test_a_record_that_may_not_be_shown_for_this_purpose_is_no_candidate() -> None:
    world, _, case = a_request()
    there = started(world, case)
    hold_anna(there, marking="TLP:AMBER PURPOSE:border-security")
    work(world)
    assert fields(there, case, "candidate") == set()
    assert tasks(there, "watch-found") == []


def test_somebody_else_who_comes_in_is_no_candidate() -> None:
    world, _, case = a_request()
    there = started(world, case)
    hold_anna(there, name="Bertrand Quillfeather", born="1951-01-30")
    work(world)
    assert fields(there, case, "candidate") == set()


def test_no_watch_is_in_what_screening_finds_or_what_is_held() -> None:
    world, _, case = a_request()
    there = started(world, case)
    assert not there.desk.look_up.search(there.actor("officer"), case, QUERY)
    assert len(there.cabinet) == 0
    world.restart(A)
    world.residents[A].desk.changed()
    assert len(world.residents[A].cabinet) == 0
    rows = there.store.read(lambda r: [*r.find(type(living(there)[0]))])
    assert "Example" not in repr(rows)
    assert b"Example" not in b"".join(each.sealed or b"" for each in sealed(there))


def test_oversight_sees_which_watches_live_and_not_for_whom() -> None:
    world, _, case = a_request()
    there = started(world, case)
    seat = there.actor("oversight")
    (row,) = there.desk.watches.living(seat)
    assert (row.case_id, row.asker, row.purpose) == (case, NORLAND, "counter-terrorism")
    assert row.started_by == there.actor("officer").person
    for act in (there.desk.watches.requested, there.desk.watches.found, there.desk.watches.end):
        with pytest.raises(AuthorisationError):
            act(seat, case)
    for name in ("engineer", "admin"):
        with pytest.raises(AuthorisationError):
            there.desk.watches.living(there.actor(name))


def test_no_partner_reads_a_watch_of_another() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    hold_anna(there)
    work(world)
    here = world.residents[N]
    for act in (here.desk.watches.requested, here.desk.watches.found, here.desk.watches.start):
        with pytest.raises(NotFoundError):
            act(here.actor("officer"), CaseId(sent.case))
    assert here.desk.watches.living(here.actor("oversight")) == ()
    assert told(world) == [
        {"about": sent.mid, "watch": "kept", "watch_until": living(there)[0].until}
    ]


def test_a_stopped_or_contested_case_finds_nobody() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    letter = reply(
        sent.case, "challenge", about=sent.mid, ground="not-this-person", by="person-concerned"
    )
    send(world.residents[N], letter)
    world.run()
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == set()
    assert len(living(there)) == 1
    world, sent, case = a_request()
    there = world.residents[A]
    send(there, reply(case, "stop", ground="violation-of-rights"), seat="rights")
    with pytest.raises(StateError, match="stopped"):
        there.desk.watches.start(there.actor("officer"), case)


class Crash(Exception):  # noqa: N818 - the lights go out
    """The process dies inside a unit."""


def test_a_crash_between_start_and_entry_leaves_neither() -> None:
    world, _, case = a_request()
    there = world.residents[A]
    size = there.store.read(lambda r: r.size())
    dying = replace(there.station, store=Dying(there.store))
    with pytest.raises(Crash):
        Watches(dying, there.desk.look_up).start(there.actor("officer"), case)
    assert (living(there), sealed(there)) == ([], [])
    assert there.store.read(lambda r: r.size()) == size
    world.restart(A)
    started(world, case)
    assert len(living(world.residents[A])) == 1


@dataclass(frozen=True, slots=True)
class Dying:
    """A store whose process dies at the end of each unit."""

    store: Store

    def read(self, query: Callable[[Reader], T], /) -> T:
        return self.store.read(query)

    def commit(self, unit: Callable[[Transaction], T], /) -> "Future[T]":
        def dies(tx: Transaction) -> T:
            unit(tx)
            raise Crash

        return self.store.commit(dies)


def test_what_came_in_before_a_crash_is_compared_after_it() -> None:
    world, _, case = a_request()
    there = started(world, case)
    hold_anna(there)
    world.restart(A)
    work(world)
    there = world.residents[A]
    assert fields(there, case, "candidate") == {PERSON}
    assert leaves(there).count("watch_found") == 1
    work(world)
    assert leaves(there).count("watch_found") == 1


def test_an_answer_that_cannot_go_now_goes_later() -> None:
    world, _, case = a_request()
    there = world.residents[A]
    there.desk.watches.start(there.actor("officer"), case)
    send(there, reply(case, "stop", ground="error"), seat="rights")
    world.run()
    size = there.store.read(lambda r: r.size())
    work(world)
    work(world)
    # What cannot leave is not asked of the law again and again.
    assert there.store.read(lambda r: r.size()) == size
    assert told(world) == []
    for here, name in ((there, case), (world.residents[N], None)):
        found = name or CaseId(world.outbox(N)[0].case)
        lift = reply(found, "lift", about=stop_of(world))
        send(here, lift, seat="supervisor")
        world.run()
    work(world)
    assert [each["watch"] for each in told(world)] == ["kept"]


def stop_of(world: World) -> str:
    return next(row.mid.hex() for row in world.outbox(A) if row.kind == "requests.stop/1")


def test_what_its_case_has_closed_over_is_no_longer_owed() -> None:
    world, sent, case = a_request()
    there = world.residents[A]
    there.desk.watches.start(there.actor("officer"), case)
    ends_by_answer(world, sent, case)
    work(world)
    assert told(world) == []
    assert fields(there, case, "owes-watch-answer") == set()


def test_a_node_that_does_not_know_a_watch_counts_the_same_values() -> None:
    kind = a_world().registry.kind("requests.ask/1")
    older = replace(
        kind, fields=tuple(each for each in kind.fields if "watch" not in each.name)
    )
    letter = question(watch_days=20, watch_reason="Soon.")

    def counted(of: Kind) -> list[tuple[str, str]]:
        found = items(of, letter.body, handling=letter.handling)
        return [(each.path, each.category) for each in found]

    assert counted(kind) == counted(older)


def test_a_question_that_names_nobody_is_not_watched() -> None:
    world = a_world()
    there = world.residents[A]
    allow(world, there, value=True)
    plate: dict[str, Value] = {
        "id": "car",
        "schema": "Vehicle",
        "properties": {"registrationNumber": ["CA-4471"]},
    }
    letter = question(watch_days=5, watch_reason="Soon.", subjects=[plate])
    sent = ask(world, letter)
    opened(there, sent.mid)
    case = case_of(there, sent.mid)
    with pytest.raises(StateError, match="names nobody"):
        there.desk.watches.start(there.actor("officer"), case)
    assert (living(there), sealed(there)) == ([], [])


def test_a_person_reads_the_request_before_deciding_on_it() -> None:
    world = a_world()
    there = world.residents[A]
    allow(world, there, value=True)
    sent = ask(world, requesting())
    case = case_of(there, sent.mid)
    watches, officer = there.desk.watches, there.actor("officer")
    # Nothing of its content is shown to who has not opened it, which the ledger would tell.
    assert watches.requested(officer, case).reason == ""
    with pytest.raises(StateError, match="open the message"):
        watches.start(officer, case)
    opened(there, sent.mid)
    assert watches.requested(officer, case).reason == WHY
    assert living(there) == []
    watches.start(officer, case)
    assert len(living(there)) == 1


def test_whom_a_watch_found_is_looked_at_after_its_end_too() -> None:
    world, _, case = a_request()
    there = started(world, case)
    hold_anna(there)
    work(world)
    there.desk.watches.end(there.actor("officer"), case)
    assert len(tasks(there, "watch-found")) == 1
    judge(there, case, View.DIFFERENT, "first")
    work(world)
    assert tasks(there, "watch-found") == []


def test_whom_a_recalled_question_found_is_nobodys_work_any_more() -> None:
    world, sent, case = a_request()
    there = started(world, case)
    hold_anna(there)
    work(world)
    ends_by_recall(world, sent, case)
    assert tasks(there, "watch-found") == []


def test_a_question_erased_in_time_takes_its_watch_along() -> None:
    world, _, case = a_request()
    there = started(world, case)
    late = Instant(world.clock.now() + 181 * DAY)
    there.store.commit(lambda tx: sweep_questions(tx, safe=there.safe, at=late)).result()
    work(world)
    assert is_gone(there)
    (row,) = inbox(there)
    with pytest.raises(NotFoundError):
        there.store.read(lambda r: law_of_watch(r, row, station=there.station))
    assert leaves(there).count("watch_ended") == 1
    with pytest.raises(NotFoundError):
        there.desk.watches.requested(there.actor("officer"), case)


def test_more_than_one_round_can_hold_is_compared_in_the_next() -> None:
    world, _, case = a_request()
    there = started(world, case)
    hold_many(there, CHUNK + 1)
    hold_anna(there)
    working = worker(there)
    assert working.compare()
    assert fields(there, case, "candidate") == set()
    assert not working.compare()
    assert fields(there, case, "candidate") == {PERSON}


def test_a_watch_that_cannot_be_read_holds_back_no_other() -> None:
    world, _, case = a_request()
    there = started(world, case)
    other = ask(world, requesting())
    opened(there, other.mid)
    second = case_of(there, other.mid)
    started(world, second)
    (spoilt,) = [row for row in living(there) if row.case_id == case]
    record = next(each for each in sealed(there) if each.record_id == spoilt.record_id)
    lost = replace(record, week=99)
    there.store.commit(lambda tx: tx.put(lost)).result()
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == set()
    assert fields(there, second, "candidate") == {PERSON}
    world.clock.advance(20 * DAY)
    work(world)
    assert is_gone(there)


def test_two_rounds_at_once_find_a_person_once() -> None:
    world, _, case = a_request()
    there = started(world, case)
    (stale,) = living(there)
    hold_anna(there)
    work(world)
    assert worker(there)._compare(stale, at=world.clock.now())
    assert leaves(there).count("watch_found") == 1
    assert living(there)[0].compared > stale.compared


def test_what_changed_while_a_case_was_stopped_is_compared_once_it_goes_on() -> None:
    world, _, case = a_request()
    there = started(world, case)
    stop = send(there, reply(case, "stop", ground="error"), seat="rights")
    world.run()
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == set()
    send(there, reply(case, "lift", about=stop.mid), seat="supervisor")
    world.run()
    own = CaseId(world.outbox(N)[0].case)
    send(world.residents[N], reply(own, "lift", about=stop.mid), seat="supervisor")
    world.run()
    work(world)
    assert fields(there, case, "candidate") == {PERSON}


def test_in_a_database_a_watch_leaves_no_word_and_no_key(tmp_path: Path) -> None:
    def stores(node: NodeId) -> Store:
        return open_sqlite(tmp_path / f"{node}.db", ROWS)

    practices, corpus = shipped_practices(), shipped_corpus()
    world = make_world((NORLAND, ARCADIA), practices=practices, corpus=corpus, stores=stores)
    there = world.residents[A]
    allow(world, there, value=True)
    sent = ask(world, requesting())
    opened(there, sent.mid)
    case = case_of(there, sent.mid)
    started(world, case)
    (row,), (record,) = living(there), sealed(there)
    assert record.wrapped is not None
    hold_anna(there)
    work(world)
    assert fields(there, case, "candidate") == {PERSON}
    world.clock.advance(row.until - world.clock.now())
    work(world)
    assert is_gone(there)
    for here in world.residents.values():
        assert isinstance(here.store, SqlStore)
        here.store.close()
    for path in tmp_path.iterdir():
        assert b"Anna Example" not in path.read_bytes()
        assert WHY.encode() not in path.read_bytes()


def test_what_changed_between_asking_and_telling_is_told_as_it_stands() -> None:
    world, _, case = a_request()
    there = world.residents[A]
    there.desk.watches.start(there.actor("officer"), case)
    there.desk.watches.end(there.actor("officer"), case)
    work(world)
    assert [each["watch"] for each in told(world)] == ["ended"]


def test_an_exercise_watches_no_real_person() -> None:
    world = a_world()
    there = world.residents[A]
    allow(world, there, value=True)
    sent = ask(world, replace(requesting(), handling=handling("TLP:AMBER EXERCISE")))
    opened(there, sent.mid)
    with pytest.raises(StateError, match="exercise"):
        there.desk.watches.start(there.actor("officer"), case_of(there, sent.mid))
    assert living(there) == []
