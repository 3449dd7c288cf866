"""What a message may name."""

import pytest
from tests.scenarios.stage import A, N, a_world, ask, case_of

from comity.core.errors import InvalidInputError
from comity.core.ids import CaseId, message_id
from comity.exchange.naming import about_of, check, named
from comity.practice import Kind


def test_a_body_that_names_nothing_names_nothing() -> None:
    assert about_of({}) is None
    assert about_of({"about": 7}) is None


def test_a_name_that_is_no_id_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        about_of({"about": "yesterday's"})


def test_a_message_is_found_in_its_own_case_alone() -> None:
    world = a_world()
    here, there = world.residents[N], world.residents[A]
    sent = ask(world)
    mid, case = message_id(sent.mid), case_of(there, sent.mid)
    ours = here.store.read(lambda r: named(r, mid, case=sent.case))
    theirs = there.store.read(lambda r: named(r, mid, case=case))
    assert ours is not None
    assert ours.is_ours
    assert theirs is not None
    assert not theirs.is_ours
    assert here.store.read(lambda r: named(r, mid, case=CaseId("another"))) is None


def test_a_place_in_what_was_erased_is_not_there() -> None:
    world = a_world()
    there = world.residents[A]
    sent = ask(world)
    case = case_of(there, sent.mid)
    body = {"about": sent.mid, "place": "question"}
    kind = Kind(name="requests.dissent/1")
    there.store.read(
        lambda r: check(r, kind, body, case=case, station=there.station, is_ours=True)
    )
    there.desk.correspondence.erase(there.actor("rights"), sent.mid)
    with pytest.raises(InvalidInputError, match="place"):
        there.store.read(
            lambda r: check(r, kind, body, case=case, station=there.station, is_ours=True)
        )
