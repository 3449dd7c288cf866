"""What a message does where what it names is already gone, or was said before."""

from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    NORLAND,
    A,
    Forged,
    N,
    a_world,
    ask,
    case_of,
    code,
    inbox,
    leaves,
    opened,
    outbox,
    received,
    reply,
    send,
    sure,
    take,
    tasks,
    the_case,
    warning,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, CaseId, PersonId, RecordId
from comity.core.store import eq
from comity.desk import AwaitsSecond
from comity.law import AssessmentRow
from comity.practice import CaseFieldRow


@pytest.fixture
def world() -> World:
    return a_world()


def forget(here: Resident, record: str) -> None:
    """Erase one record of a node, as its retention would."""
    assert here.desk.holdings.erase(here.actor("rights"), RecordId(record))


def contested(here: Resident, case: str) -> int:
    return here.store.read(
        lambda r: r.count(CaseFieldRow, eq("case", case), eq("name", "contested"))
    )


def test_a_recall_of_what_was_erased_leaves_it_erased_and_is_answered(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    there.desk.correspondence.erase(there.actor("rights"), sent.mid)
    recall = send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    world.run()
    assert received(there, sent.mid).state == "erased"
    sure(there.desk.correspondence.comply(there.actor("officer"), recall.mid))
    world.run()
    assert leaves(there).count("erased") == 1
    assert outbox(here, sent.mid).complied_at is not None


def test_a_recall_that_can_be_read_no_more_on_either_side_is_still_closed(
    world: World,
) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    recall = send(here, reply(sent.case, "recall", about=sent.mid, ground="unlawful"))
    world.run()
    letter = reply(case_of(there, sent.mid), "comply", about=recall.mid, done="erased")
    forget(there, received(there, recall.mid).record_id)
    forget(here, outbox(here, recall.mid).record_id)
    send(there, letter)
    world.run()
    assert outbox(here, recall.mid).complied_at is not None
    assert outbox(here, sent.mid).complied_at is None
    assert received(there, sent.mid).state == "recalled"


def test_seen_is_dated_by_its_first_word(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    opened(there, sent.mid)
    world.run()
    first = outbox(here, sent.mid).seen_at
    assert first is not None
    world.clock.advance(DAY // 2)
    again = Forged(
        by=A,
        author=AgencyId("xa.border"),
        recipient=AgencyId("xn.police"),
        to_node=N,
        kind="requests.seen/1",
        body={"about": sent.mid},
        conv=the_case(here, sent.case).conv,
    )
    assert code(take(here, again.seal(world))) == "filed"
    assert outbox(here, sent.mid).seen_at == first


def test_a_challenge_that_was_erased_is_settled_for_nothing(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    body = {"about": sent.mid, "ground": "inaccurate", "by": "officer"}
    challenge = send(there, reply(case_of(there, sent.mid), "challenge", **body))
    world.run()
    letter = reply(sent.case, "challenge-answer", about=challenge.mid, outcome="upheld")
    waits = here.desk.correspondence.send(here.actor("supervisor"), letter)
    assert isinstance(waits, AwaitsSecond)
    forget(here, received(here, challenge.mid).record_id)
    sure(here.desk.correspondence.confirm(here.actor("rights"), waits.pending))
    # Nobody can tell any more what it was about, so nothing is taken for settled.
    assert contested(here, sent.case) == 1


def test_what_names_a_message_that_has_not_come_yet_is_asked_for_again(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    early = Forged(
        kind="requests.recall/1",
        body={"about": "0" * 32, "ground": "unlawful"},
        conv=the_case(here, sent.case).conv,
    )
    assert code(take(there, early.seal(world))) == "early"
    assert received(there, sent.mid).state == "filed"


def test_a_held_message_that_was_erased_is_let_in_without_effect(world: World) -> None:
    there, now = world.residents[A], world.clock.now()
    doubt = AssessmentRow(
        partner=NORLAND,
        purpose="counter-terrorism",
        fact="from_torture",
        value=None,
        at=now,
        until=Instant(now + DAY),
        by=PersonId("xa.border/legal"),
        confirmed_by=PersonId("xa.border/rights"),
        record_id=RecordId(""),
    )
    there.store.commit(lambda tx: tx.put(doubt)).result()
    assert code(take(there, Forged().seal(world))) == "held"
    (row,) = inbox(there)
    forget(there, row.record_id)
    mid = row.mid.hex()
    there.desk.reading.released(there.actor("legal"), mid)
    assert opened(there, mid).state == "erased"
    assert opened(there, mid).content is None


def test_a_second_recall_leaves_the_time_of_the_first(world: World) -> None:
    here = world.residents[N]
    sent = ask(world)
    letter = reply(sent.case, "recall", about=sent.mid, ground="unlawful")
    send(here, letter)
    first = outbox(here, sent.mid).recalled_at
    world.clock.advance(DAY // 2)
    send(here, letter)
    assert outbox(here, sent.mid).recalled_at == first


def test_sealing_one_message_anew_moves_no_duty_of_another(world: World) -> None:
    here = world.residents[N]
    alarm = send(here, warning())
    world.run()
    world.rotate(A)
    update = replace(
        warning(about=alarm.mid), kind="requests.warning-update/1", case=CaseId(alarm.case)
    )
    again = send(here, update)
    world.run()
    assert outbox(here, again.mid).replaced_by is not None
    assert f"{alarm.mid}-second" in {task.task for task in tasks(here, "second")}
