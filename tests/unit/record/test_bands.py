"""What became of candidates in one band: counted where each stood, known from enough."""

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import Instant
from comity.core.ids import CaseId, EntityId, PersonId
from comity.core.store import Transaction
from comity.record import (
    ENOUGH,
    Candidacy,
    Opinion,
    Outcomes,
    Safe,
    Standing,
    View,
    outcomes,
    record_final_view,
    record_first_view,
)

STRONG = Standing(band="strong", script="latin-arabic", calibration="1")
ONE, TWO = PersonId("xn.police/aaaa"), PersonId("xn.police/bbbb")


class Desk:
    def __init__(self, store: MemoryStore, safe: Safe, at: Instant) -> None:
        self.store, self.safe, self.at = store, safe, at

    def judge(self, number: int, *views: View, standing: Standing = STRONG) -> None:
        for person, view in zip((ONE, TWO), views, strict=False):
            who = Candidacy(
                case=CaseId(f"c-{number}"),
                entity_id=EntityId("p-1"),
                person=person,
                seen=b"v1",
                standing=standing,
            )
            self._record(who, Opinion(view=view, reason="compared"))

    def _record(self, who: Candidacy, said: Opinion) -> None:
        def unit(tx: Transaction) -> None:
            record_first_view(tx, who, said, safe=self.safe, at=self.at)
            record_final_view(tx, who, said, safe=self.safe, at=self.at)

        self.store.commit(unit).result()

    def outcomes(self, standing: Standing = STRONG) -> Outcomes:
        return self.store.read(lambda r: outcomes(r, standing))


@pytest.fixture
def desk(store: MemoryStore, safe: Safe, at: Instant) -> Desk:
    return Desk(store, safe, at)


def test_below_enough_it_is_not_yet_known(desk: Desk) -> None:
    for number in range(ENOUGH - 1):
        desk.judge(number, View.DIFFERENT)
    few = desk.outcomes()
    assert (few.judged, few.is_known, few.verdicts) == (ENOUGH - 1, False, {})
    desk.judge(ENOUGH, View.SAME, View.SAME)
    known = desk.outcomes()
    assert known.is_known
    counted = {"same": 1, "different": ENOUGH - 1, "unsure": 0, "disputed": 0}
    assert known.verdicts == counted


def test_each_counts_as_what_all_final_views_amount_to(desk: Desk) -> None:
    for number in range(ENOUGH):
        desk.judge(number, View.UNSURE)
    desk.judge(100, View.SAME, View.DIFFERENT)
    desk.judge(101, View.SAME)  # one more person must say so
    desk.judge(102, View.UNSURE, View.DIFFERENT)
    assert desk.outcomes().verdicts == {
        "same": 0,
        "different": 1,
        "unsure": ENOUGH,
        "disputed": 1,
    }


@pytest.mark.parametrize(
    "other",
    [
        Standing(band="possible", script="latin-arabic", calibration="1"),
        Standing(band="strong", script="latin-latin", calibration="1"),
        Standing(band="strong", script="latin-arabic", calibration="2"),
    ],
)
def test_another_band_script_or_version_is_counted_apart(desk: Desk, other: Standing) -> None:
    desk.judge(1, View.DIFFERENT)
    assert desk.outcomes(other).judged == 0
