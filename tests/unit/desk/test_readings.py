"""Readings at the desk: stated by one, confirmed by another, counted at once, shown beside."""

from dataclasses import replace
from datetime import date

import pytest
from tests.scenarios.stage import ARCADIA, NORLAND, A, N, leaves, outbox, sure
from tests.unit.desk.ground import LAW, RULE, confirmed, gap_world, hostages, law, read

from comity.adapters.world import Resident, World
from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StateError,
    VerificationError,
)
from comity.core.ids import PersonId
from comity.core.store import eq
from comity.desk import NotSent
from comity.desk.letters import open_case
from comity.exchange import DecisionRow, Releasable, outbound
from comity.law import ReadingOutcome
from comity.seal import sign_document


@pytest.fixture
def world() -> World:
    return gap_world()


def ask(here: Resident) -> object:
    return here.desk.correspondence.send(here.actor("officer"), hostages())


def state_of(here: Resident) -> str:
    return here.desk.readings.list(here.actor("officer"))[0].state


def test_a_reading_counts_once_another_person_confirmed_it_and_at_once(world: World) -> None:
    here = world.residents[N]
    assert isinstance(ask(here), NotSent)
    row = here.desk.readings.state(here.actor("legal"), read(), reasons="read in full")
    assert isinstance(ask(here), NotSent)
    assert state_of(here) == "waits"
    here.desk.readings.confirm(here.actor("rights"), row.row, row.at)
    assert state_of(here) == "counts"
    assert leaves(here).count("rules_changed") == 1
    sent = sure(here.desk.correspondence.send(here.actor("officer"), hostages()))
    assert outbox(here, sent.mid).state == "queued"
    made = here.store.read(lambda r: r.find(DecisionRow, eq("state", "used")))
    assert made[0].packs == here.station.corpus().digest != world.corpus.digest
    assert here.desk.readings.list(here.actor("officer"))[0].reasons == "read in full"


def test_a_reading_counts_for_the_member_that_read_it_and_for_no_other(world: World) -> None:
    confirmed(world.residents[N])
    assert world.residents[A].station.corpus() is world.corpus


def test_what_was_confirmed_still_counts_after_a_restart(world: World) -> None:
    confirmed(world.residents[N])
    before = world.residents[N].station.corpus().digest
    world.restart(N)
    assert world.residents[N].station.corpus().digest == before


@pytest.mark.parametrize("seat", ["officer", "rights", "supervisor", "admin", "engineer"])
def test_only_a_legal_adviser_reads(world: World, seat: str) -> None:
    here = world.residents[N]
    with pytest.raises(AuthorisationError):
        here.desk.readings.state(here.actor(seat), read())


@pytest.mark.parametrize("seat", ["officer", "supervisor", "admin"])
def test_no_other_seat_confirms(world: World, seat: str) -> None:
    here = world.residents[N]
    row = here.desk.readings.state(here.actor("legal"), read())
    with pytest.raises(AuthorisationError):
        here.desk.readings.confirm(here.actor(seat), row.row, row.at)
    assert state_of(here) == "waits"


def test_nobody_confirms_their_own_reading_from_whatever_seat(world: World) -> None:
    here = world.residents[N]
    legal = here.actor("legal")
    row = here.desk.readings.state(legal, read())
    both = replace(legal, seats=frozenset({"legal", "rights"}))
    with pytest.raises(AuthorisationError, match="another person"):
        here.desk.readings.confirm(both, row.row, row.at)
    assert here.station.corpus() is world.corpus
    other = replace(legal, person=PersonId(f"{NORLAND}/other"))
    here.desk.readings.confirm(other, row.row, row.at)
    with pytest.raises(StateError, match="has been confirmed"):
        here.desk.readings.confirm(here.actor("rights"), row.row, row.at)


def test_a_reading_of_tomorrow_or_of_nothing_is_refused(world: World) -> None:
    here = world.residents[N]
    legal = here.actor("legal")
    with pytest.raises(InvalidInputError, match="yet"):
        here.desk.readings.state(legal, replace(read(), read=date(2027, 1, 1)))
    with pytest.raises(InvalidInputError, match="have seen"):
        here.desk.readings.state(legal, read("bombings-10"))
    with pytest.raises(NotFoundError):
        here.desk.readings.confirm(here.actor("rights"), RULE, 1)


def test_a_reading_ends_with_the_text_it_was_made_of(world: World) -> None:
    here = world.residents[N]
    waiting = here.desk.readings.state(here.actor("legal"), read())
    world.clock.advance(1)
    confirmed(here)
    world.corpus = law(gap=("tell each other", "may tell each other"))
    assert here.station.corpus() is world.corpus
    assert {each.state for each in here.desk.readings.list(here.actor("legal"))} == {"outdated"}
    with pytest.raises(StateError, match="another text"):
        here.desk.readings.confirm(here.actor("rights"), waiting.row, waiting.at)


def test_a_reading_whose_record_is_gone_counts_no_more(world: World) -> None:
    here = world.residents[N]
    row = here.desk.readings.state(here.actor("legal"), read())
    at = here.clock.now()
    here.store.commit(lambda tx: here.safe.erase(tx, row.record_id, at=at)).result()
    assert here.desk.readings.list(here.actor("legal")) == ()
    with pytest.raises(NotFoundError):
        here.desk.readings.confirm(here.actor("rights"), row.row, row.at)


def test_where_a_text_comes_back_what_was_read_of_it_counts_again(world: World) -> None:
    here = world.residents[N]
    confirmed(here)
    world.corpus = law(gap=("tell each other", "may tell each other"))
    world.clock.advance(1_000)
    confirmed(here, read(outcome="reject"))
    world.corpus = LAW
    states = [each.state for each in here.desk.readings.list(here.actor("legal"))]
    assert states == ["outdated", "counts"]
    sure(here.desk.correspondence.send(here.actor("officer"), hostages()))


def test_a_later_reading_replaces_an_earlier_one(world: World) -> None:
    here = world.residents[N]
    confirmed(here)
    world.clock.advance(1_000)
    confirmed(here, read(outcome="reject"))
    states = [each.state for each in here.desk.readings.list(here.actor("legal"))]
    assert states == ["counts", "replaced"]
    outcome = ask(here)
    assert isinstance(outcome, NotSent)
    assert RULE not in {each.rule for each in outcome.decision.reasons}


def test_a_decision_made_before_a_reading_carries_nothing_after_it(world: World) -> None:
    """The law is asked again where a reading was confirmed between decision and log."""
    here = world.residents[N]
    confirmed(here)
    officer = here.actor("officer")
    draft = here.desk.correspondence.preview(officer, hostages()).draft
    act = replace(officer.act(frozenset({"officer"}), at=draft.at), stated=hostages().facts)
    step = outbound.decide(draft, act, here.station).result()
    assert isinstance(step, Releasable)
    here.store.commit(lambda tx: open_case(tx, draft, act=act, station=here.station)).result()
    world.clock.advance(1)
    confirmed(here, read(outcome="reject"))
    sealed = outbound.seal(outbound.mark(step), here.station)
    with pytest.raises(ConflictError, match="law or directory changed"):
        outbound.log(sealed, here.station).result()
    assert world.outbox(N) == []


def test_the_work_list_names_first_what_referred_most(world: World) -> None:
    here = world.residents[N]
    for _ in range(3):
        ask(here)
    first = next(each for each in here.desk.readings.work_list(here.actor("legal")))
    assert (first.row, first.referred, first.waits) == (RULE, 3, False)
    assert first.gap
    assert first.cite == "Treaty of the Gap, art. 4"
    row = here.desk.readings.state(here.actor("legal"), read())
    assert here.desk.readings.work_list(here.actor("legal"))[0].waits
    here.desk.readings.confirm(here.actor("rights"), row.row, row.at)
    left = {line.row for line in here.desk.readings.work_list(here.actor("legal"))}
    assert RULE not in left


def test_what_referred_two_months_ago_is_counted_no_more(world: World) -> None:
    here = world.residents[N]
    ask(here)
    world.clock.advance(62 * 86_400_000)
    lines = here.desk.readings.work_list(here.actor("legal"))
    assert {line.row: line.referred for line in lines}[RULE] == 0


def test_a_partner_is_shown_our_readings_beside_its_own_and_merges_none(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    confirmed(here)
    file = here.desk.readings.export(here.actor("legal"))
    assert leaves(here)[-1] == "export"
    assert str(here.actor("legal").person).encode() not in file
    (line,) = there.desk.readings.beside(there.actor("legal"), file)
    assert (line.agency, line.theirs.row, line.ours) == (NORLAND, RULE, None)
    assert there.station.corpus() is world.corpus
    confirmed(there, read(outcome="reject"))
    (line,) = there.desk.readings.beside(there.actor("legal"), file)
    assert line.ours is not None
    assert line.ours.reading.outcome is ReadingOutcome.REJECT
    assert line.theirs.outcome is ReadingOutcome.CONFIRM


def test_a_file_that_its_agency_did_not_sign_is_believed_by_nobody(world: World) -> None:
    here, there = world.residents[N], world.residents[A]
    confirmed(here)
    file = here.desk.readings.export(here.actor("legal"))
    legal = there.actor("legal")
    for at in (len(file) // 2, len(file) - 1):
        spoiled = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
        with pytest.raises((VerificationError, InvalidInputError)):
            there.desk.readings.beside(legal, spoiled)
    payload = cbor.encode({"agency": NORLAND, "at": int(world.clock.now()), "readings": []})
    federation = world.directory.federation
    for key, sort in ((there.keys.agency, "readings"), (here.keys.agency, "receipt")):
        forged = sign_document(payload, key, sort=sort, federation=federation)
        with pytest.raises((VerificationError, InvalidInputError)):
            there.desk.readings.beside(legal, forged)
    elsewhere = sign_document(payload, here.keys.agency, sort="readings", federation="other")
    with pytest.raises(VerificationError):
        there.desk.readings.beside(legal, elsewhere)
    for data in (b"nothing", bytes(limits.BODY + 1)):
        with pytest.raises(InvalidInputError):
            there.desk.readings.beside(legal, data)
    entries: list[Value] = [1]
    odd_ones: list[Value] = [
        {"agency": str(ARCADIA)},
        {"agency": str(NORLAND), "at": 1, "readings": entries},
        entries,
    ]
    for told in odd_ones:
        odd = sign_document(
            cbor.encode(told), here.keys.agency, sort="readings", federation=federation
        )
        with pytest.raises((VerificationError, InvalidInputError)):
            there.desk.readings.beside(legal, odd)
