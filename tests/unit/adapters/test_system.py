from comity.adapters.memory import FixedClock, SeededEntropy
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import Instant


def test_the_system_clock_counts_milliseconds_and_does_not_stand_before_this_release() -> None:
    assert SystemClock().now() > 1_700_000_000_000


def test_the_system_gives_fresh_bytes_of_the_asked_length() -> None:
    entropy = SystemEntropy()
    assert len({entropy.take(32) for _ in range(8)}) == 8
    assert len(entropy.take(5)) == 5


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(Instant(5))
    assert clock.now() == clock.now() == 5
    clock.advance(10)
    assert clock.now() == 15


def test_a_seed_repeats_its_sequence_and_no_other() -> None:
    one, two, other = SeededEntropy(b"1"), SeededEntropy(b"1"), SeededEntropy(b"2")
    taken = [one.take(16) for _ in range(20)]
    assert taken == [two.take(16) for _ in range(20)]
    assert len(set(taken)) == 20
    assert other.take(16) not in taken
