from dataclasses import replace

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import Instant
from comity.core.errors import ConflictError, InvalidInputError, StateError
from comity.core.ids import CaseId, EntityId, PersonId
from comity.record import (
    Candidacy,
    Opinion,
    Safe,
    Verdict,
    View,
    judgements_for,
    look_again,
    may_see_score,
    reason_of,
    record_final_view,
    record_first_view,
    verdict,
)

CASE, WHO = CaseId("c-1"), EntityId("p-1")
ONE, TWO, THREE = (PersonId(f"xn.police/{n}") for n in ("aaaa", "bbbb", "cccc"))
SAME = Opinion(view=View.SAME, reason="same passport")
OTHER = Opinion(view=View.DIFFERENT, reason="born elsewhere")
UNSURE = Opinion(view=View.UNSURE, reason="too little")


def by(person: PersonId, seen: bytes = b"v1") -> Candidacy:
    return Candidacy(case=CASE, entity_id=WHO, person=person, seen=seen)


class Desk:
    def __init__(self, store: MemoryStore, safe: Safe, at: Instant) -> None:
        self.store, self.safe, self.at = store, safe, at

    def first(self, who: Candidacy, view: Opinion) -> None:
        self.store.commit(
            lambda tx: record_first_view(tx, who, view, safe=self.safe, at=self.at)
        ).result()

    def final(self, who: Candidacy, view: Opinion) -> None:
        self.store.commit(
            lambda tx: record_final_view(tx, who, view, safe=self.safe, at=self.at)
        ).result()

    def both(self, person: PersonId, view: Opinion) -> None:
        self.first(by(person), UNSURE)
        self.final(by(person), view)

    def verdict(self) -> Verdict:
        return self.store.read(lambda reader: verdict(reader, CASE, WHO))


@pytest.fixture
def desk(store: MemoryStore, safe: Safe, at: Instant) -> Desk:
    return Desk(store, safe, at)


def test_the_score_stays_hidden_until_the_first_view(desk: Desk) -> None:
    def seen(person: PersonId) -> bool:
        return desk.store.read(lambda reader: may_see_score(reader, CASE, WHO, person))

    assert not seen(ONE)
    desk.first(by(ONE), SAME)
    assert [seen(ONE), seen(TWO)] == [True, False]


def test_no_final_view_comes_before_a_first(desk: Desk) -> None:
    with pytest.raises(StateError):
        desk.final(by(ONE), SAME)


def test_a_view_recorded_is_never_changed(desk: Desk) -> None:
    desk.both(ONE, SAME)
    with pytest.raises(ConflictError):
        desk.first(by(ONE), OTHER)
    with pytest.raises(ConflictError):
        desk.final(by(ONE), OTHER)


def test_a_view_without_a_reason_is_no_view(desk: Desk) -> None:
    with pytest.raises(InvalidInputError):
        desk.first(by(ONE), replace(SAME, reason="  "))
    assert desk.store.read(lambda reader: not may_see_score(reader, CASE, WHO, ONE))


def test_another_officers_view_is_hidden_until_ones_own_is_final(desk: Desk) -> None:
    def seen() -> set[str]:
        rows = desk.store.read(lambda reader: judgements_for(reader, CASE, WHO, TWO))
        return {row.person for row in rows}

    desk.both(ONE, SAME)
    assert seen() == set()
    desk.first(by(TWO), SAME)
    assert seen() == {TWO}
    desk.final(by(TWO), SAME)
    assert seen() == {ONE, TWO}


def test_same_person_takes_two_persons_and_different_one(desk: Desk) -> None:
    desk.both(ONE, SAME)
    assert desk.verdict() is Verdict.OPEN
    desk.both(TWO, SAME)
    assert desk.verdict() is Verdict.SAME
    desk.both(THREE, OTHER)
    assert desk.verdict() is Verdict.DISPUTED


def test_one_person_is_enough_for_different_and_unsure_counts_for_nothing(desk: Desk) -> None:
    desk.both(ONE, UNSURE)
    assert desk.verdict() is Verdict.OPEN
    desk.both(TWO, OTHER)
    assert desk.verdict() is Verdict.DIFFERENT


def test_a_record_that_changed_is_looked_at_again(desk: Desk) -> None:
    desk.first(by(ONE), SAME)
    with pytest.raises(ConflictError):
        desk.final(by(ONE, seen=b"v2"), SAME)
    desk.store.commit(lambda tx: look_again(tx, by(ONE, seen=b"v2"))).result()
    desk.final(by(ONE, seen=b"v2"), SAME)
    with pytest.raises(StateError):
        desk.store.commit(lambda tx: look_again(tx, by(ONE))).result()


def test_a_reason_is_kept_in_the_safe(desk: Desk) -> None:
    desk.first(by(ONE), SAME)
    (row,) = desk.store.read(lambda reader: judgements_for(reader, CASE, WHO, ONE))

    def reason(name: str) -> str:
        return desk.store.read(lambda reader: reason_of(reader, name, safe=desk.safe))

    assert [reason(row.first_reason), reason(row.final_reason)] == ["same passport", ""]
