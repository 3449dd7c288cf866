"""The member's own door: one closes it, two open it, and nothing that waits is lost."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar, cast

import pytest
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    FACTS,
    NORLAND,
    A,
    N,
    a_world,
    ask,
    leaves,
    outbox,
    question,
    received,
    reply,
    send,
    warning,
)

from comity.adapters.world import World
from comity.core.clock import DAY, HOUR
from comity.core.errors import (
    AuthorisationError,
    InvalidInputError,
    NotFoundError,
    StateError,
)
from comity.core.store import Store, Transaction, eq
from comity.desk import Letter, Shut
from comity.desk.again import letting_in
from comity.exchange import DoorRow, OutboxRow, delivery
from comity.exchange.doors import Passing, closed_to, is_barred, pass_through
from comity.exchange.queue import as_logged

T = TypeVar("T")


@pytest.fixture
def world() -> World:
    return a_world(NORLAND, ARCADIA, CASTALIA)


def test_one_person_closes_and_two_open(world: World) -> None:
    here = world.residents[N]
    doors, chief, legal = here.desk.doors, here.actor("supervisor"), here.actor("legal")
    doors.close(chief, Shut(partner=ARCADIA, reasons="No answer since May."))
    (view,) = doors.closed(chief)
    assert (view.reasons, view.awaits_second) == ("No answer since May.", False)
    assert doors.open(chief, ARCADIA).opened_at is None
    with pytest.raises(AuthorisationError, match="another"):
        doors.open(chief, ARCADIA)
    assert doors.closed(chief)[0].awaits_second
    with pytest.raises(StateError, match="closed its door"):
        send(here, question())
    assert doors.open(legal, ARCADIA).opened_at is not None
    assert doors.closed(chief) == ()
    assert [leaf for leaf in leaves(here) if leaf in {"stopped", "lifted"}] == [
        "stopped",
        "lifted",
    ]
    send(here, question())
    with pytest.raises(NotFoundError):
        doors.open(legal, ARCADIA)


def test_half_an_opening_lapses_and_closing_again_undoes_it(world: World) -> None:
    here = world.residents[N]
    doors, chief, legal = here.desk.doors, here.actor("supervisor"), here.actor("legal")
    doors.close(chief, Shut(partner=ARCADIA))
    doors.open(chief, ARCADIA)
    world.clock.advance(73 * HOUR)
    assert doors.open(legal, ARCADIA).opened_at is None
    doors.close(here.actor("rights"), Shut(partner=ARCADIA))
    assert doors.open(chief, ARCADIA).opened_at is None


def test_closing_again_never_lets_warnings_back_in(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    doors = there.desk.doors
    doors.close(there.actor("supervisor"), Shut(partner=NORLAND, warnings=True))
    doors.close(there.actor("rights"), Shut(partner=NORLAND))
    assert doors.closed(there.actor("legal"))[0].row.warnings
    alarm = send(here, warning())
    world.run()
    assert outbox(here, alarm.mid).state == "queued"
    with pytest.raises(StateError, match="closed its door"):
        send(there, warning(NORLAND))


def test_a_door_to_a_member_is_a_door_to_its_agencies(world: World) -> None:
    here = world.residents[N]
    here.desk.doors.close(here.actor("supervisor"), Shut(partner="xa"))
    with pytest.raises(StateError, match="closed its door"):
        send(here, question())
    assert list(here.store.read(lambda r: closed_to(r, CASTALIA))) == []


def test_a_door_for_one_purpose_leaves_the_others_open(world: World) -> None:
    here = world.residents[N]
    shut = Shut(partner=ARCADIA, purpose="border-security")
    here.desk.doors.close(here.actor("supervisor"), shut)
    send(here, question())
    with pytest.raises(StateError, match="closed its door"):
        send(here, replace(question(), purpose="border-security"))


@pytest.mark.parametrize(
    ("shut", "error"),
    [
        (Shut(partner="xz.nobody"), NotFoundError),
        (Shut(partner="xz"), NotFoundError),
        (Shut(partner=ARCADIA, purpose="gossip"), InvalidInputError),
        (Shut(partner=ARCADIA, reasons="a" * 4_001), InvalidInputError),
        (Shut(partner=NORLAND), StateError),
        (Shut(partner="xn"), StateError),
    ],
)
def test_what_cannot_be_closed_is_refused(
    world: World, shut: Shut, error: type[Exception]
) -> None:
    here = world.residents[N]
    with pytest.raises(error):
        here.desk.doors.close(here.actor("supervisor"), shut)
    assert leaves(here) == []


def test_what_waits_stays_here_and_goes_on_once_two_have_opened(world: World) -> None:
    here = world.residents[N]
    earlier = ask(world)
    waits, alarm = send(here, question()), send(here, warning())
    recall = send(here, reply(earlier.case, "recall", about=earlier.mid, ground="unlawful"))
    doors, chief = here.desk.doors, here.actor("supervisor")
    doors.close(chief, Shut(partner=ARCADIA))
    world.run()
    assert outbox(here, waits.mid).state == "barred"
    assert outbox(here, alarm.mid).state == "receipted"
    assert outbox(here, recall.mid).state == "receipted"
    (view,) = doors.closed(chief)
    assert (view.held_back, view.undecided) == (1, 0)
    doors.open(chief, ARCADIA)
    world.run()
    assert outbox(here, waits.mid).state == "barred"
    doors.open(here.actor("legal"), ARCADIA)
    world.run()
    assert outbox(here, waits.mid).state == "receipted"
    assert here.store.read(lambda r: r.find(DoorRow)) == []


def test_one_opened_door_leaves_what_another_still_bars(world: World) -> None:
    here = world.residents[N]
    waits = send(here, question())
    doors, chief = here.desk.doors, here.actor("supervisor")
    doors.close(chief, Shut(partner=ARCADIA))
    doors.close(chief, Shut(partner="xa", purpose="counter-terrorism"))
    world.run()
    for who in ("supervisor", "legal"):
        doors.open(here.actor(who), ARCADIA)
    world.run()
    assert outbox(here, waits.mid).state == "barred"


def test_a_door_closed_anew_before_the_rest_went_on_stays_closed(world: World) -> None:
    here = world.residents[N]
    doors, chief = here.desk.doors, here.actor("supervisor")
    doors.close(chief, Shut(partner=ARCADIA))
    doors.open(chief, ARCADIA)
    doors.open(here.actor("legal"), ARCADIA)
    doors.close(chief, Shut(partner=ARCADIA))
    world.run()
    assert len(doors.closed(chief)) == 1


def test_what_was_on_its_way_when_the_door_closed_is_still_settled(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    logged = world.due(here, A)
    answers = delivery.deliver(logged, world, world.directory.node(A), station=here.station)
    here.desk.doors.close(here.actor("supervisor"), Shut(partner=ARCADIA))
    assert pass_through(logged, here.station) == ()
    assert outbox(here, sent.mid).state == "barred"
    delivery.settle(logged[0], answers[0], here.station).result()
    assert outbox(here, sent.mid).state == "receipted"
    assert len(there.desk.reading.cases(there.actor("officer"))) == 1


def test_what_the_door_held_back_too_long_expires_for_all_to_see(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    here.desk.doors.close(here.actor("supervisor"), Shut(partner=ARCADIA))
    world.run()
    world.clock.advance(15 * DAY)
    delivery.expire(outbox(here, sent.mid), here.station).result()
    assert outbox(here, sent.mid).state == "expired"
    assert leaves(here)[-1] == "expired"


def test_what_awaits_a_person_here_is_counted_behind_the_door(world: World) -> None:
    here = world.residents[N]
    letter = replace(
        question(),
        kind="requests.inform/1",
        body={"text": "Seen at the night train"},
        facts={**FACTS, "conditions_set": False},
    )
    here.desk.correspondence.send(here.actor("officer"), letter)
    here.desk.doors.close(here.actor("supervisor"), Shut(partner=ARCADIA))
    (view,) = here.desk.doors.closed(here.actor("officer"))
    assert view.undecided == 1
    pending = here.desk.correspondence.awaiting(here.actor("officer"))[0].pending
    with pytest.raises(StateError, match="closed its door"):
        here.desk.correspondence.confirm(here.actor("officer", "second"), pending)


def test_what_was_erased_here_is_no_warning(world: World) -> None:
    here = world.residents[N]
    alarm = send(here, warning())
    row = outbox(here, alarm.mid)
    here.store.commit(
        lambda tx: here.safe.erase(tx, row.record_id, at=here.clock.now())  # type: ignore[arg-type]
    ).result()
    here.desk.doors.close(here.actor("supervisor"), Shut(partner=ARCADIA))
    world.run()
    assert outbox(here, alarm.mid).state == "barred"


def putting(row: OutboxRow) -> Callable[[Transaction], None]:
    return lambda tx: tx.put(row)


def test_a_partner_that_closed_its_door_is_shown_as_such(world: World) -> None:
    here = world.residents[N]
    sent = [send(here, question()) for _ in range(2)]
    for each in sent:
        row = replace(outbox(here, each.mid), code="closed")
        here.store.commit(putting(row)).result()
    (told,) = here.desk.doors.told(here.actor("officer"))
    assert (told.partner, told.purpose, told.waiting) == (ARCADIA, "counter-terrorism", 2)


def test_only_a_reader_sees_the_doors(world: World) -> None:
    here = world.residents[N]
    for look in (here.desk.doors.closed, here.desk.doors.told):
        with pytest.raises(AuthorisationError):
            look(here.actor("engineer"))
    assert here.store.read(lambda r: r.count(DoorRow, eq("partner", ARCADIA))) == 0


def test_what_a_door_closed_meanwhile_holds_back_is_not_let_in(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    sent = send(here, question())
    world.run()
    row = received(there, sent.mid)
    assert there.store.read(lambda r: letting_in(r, row, there.station))[0] == ""
    there.desk.doors.close(there.actor("supervisor"), Shut(partner=NORLAND))
    assert there.store.read(lambda r: letting_in(r, row, there.station)) == ("closed", None)


def test_a_closure_in_the_directory_bars_all_but_warnings(world: World) -> None:
    here = world.residents[N]
    station = replace(here.station, is_closed=lambda partner, _purpose: partner == ARCADIA)

    def barred(letter: Letter) -> bool:
        passing = Passing(
            kind=world.registry.kind(letter.kind),
            body=letter.body,
            partner=ARCADIA,
            purpose=letter.purpose,
        )
        return here.store.read(lambda r: is_barred(r, passing, station=station))

    assert barred(question())
    assert not barred(warning())


class Meddled:
    """A store in which another unit comes first, once."""

    def __init__(self, store: Store, first: Callable[[Transaction], None]) -> None:
        self._store, self._first = store, [first]

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def commit(self, unit: Callable[[Transaction], T]) -> "Future[T]":
        while self._first:
            self._store.commit(self._first.pop()).result()
        return self._store.commit(unit)


def test_what_was_settled_while_a_door_closed_is_not_held_back(world: World) -> None:
    here = world.residents[N]
    sent = send(here, question())
    here.desk.doors.close(here.actor("supervisor"), Shut(partner=ARCADIA))
    waits = world.due(here, A) or (as_logged(outbox(here, sent.mid)),)

    queued = replace(outbox(here, sent.mid), state="queued")

    def settled(tx: Transaction) -> None:
        tx.put(replace(queued, state="receipted"))

    here.store.commit(lambda tx: tx.put(queued)).result()
    store = cast("Store", Meddled(here.store, settled))
    assert pass_through(waits, replace(here.station, store=store)) == ()
    assert outbox(here, sent.mid).state == "receipted"
