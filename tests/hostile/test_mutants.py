"""Each guard is removed once, and the suite must say which invariant fell."""

import pytest
from tests.hostile.day import bad_day
from tests.hostile.mutant import GuardMovedError, Mutant, Patch
from tests.hostile.mutants import MUTANTS
from tests.hostile.network import Network


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.invariant}: {m.why}")
def test_without_a_guard_its_invariant_falls(mutant: Mutant) -> None:
    with mutant.applied(), pytest.raises(AssertionError) as found:
        bad_day(Network())
    assert f"{mutant.invariant} " in str(found.value)


def test_every_invariant_has_a_guard_that_was_removed() -> None:
    every = {f"I{number}" for number in range(1, 12)}
    assert {mutant.invariant for mutant in MUTANTS} == every


def test_a_guard_that_moved_is_no_mutant() -> None:
    gone = Patch(place="comity.exchange.inbound:verify", guard="no such code", without="")
    with pytest.raises(GuardMovedError), gone.applied():
        pass
