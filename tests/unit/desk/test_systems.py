"""Systems that are given scores: an agreement begins it, and ending it is seen."""

import pytest
from tests.scenarios.stage import N, a_world

from comity.core.errors import InvalidInputError, NotFoundError


def test_an_agreement_is_listed_while_it_stands_and_after_it_ended() -> None:
    here = a_world().residents[N]
    systems, legal = here.desk.systems, here.actor("legal")
    systems.agree(legal, "border-1", agreement="MoU 4/2026", days=30)
    (row,) = systems.everything(here.actor("officer"))
    assert (row.system, row.agreement, row.ended_at) == ("border-1", "MoU 4/2026", None)
    systems.end(here.actor("supervisor"), "border-1")
    (row,) = systems.everything(here.actor("officer"))
    assert row.ended_at == here.clock.now()
    with pytest.raises(NotFoundError):
        systems.end(here.actor("supervisor"), "border-1")


@pytest.mark.parametrize(
    ("system", "agreement", "days"),
    [("Border 1", "MoU", 30), ("border-1", "  ", 30), ("border-1", "MoU", 0)],
)
def test_what_is_no_agreement_is_refused(system: str, agreement: str, days: int) -> None:
    here = a_world().residents[N]
    with pytest.raises(InvalidInputError):
        here.desk.systems.agree(here.actor("legal"), system, agreement=agreement, days=days)
