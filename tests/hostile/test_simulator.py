"""Partners on bad days, in any order: the invariants hold after every step and at the end."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.hostile import attacks, ledgers, renewals
from tests.hostile.day import bad_day
from tests.hostile.mortal import MOMENTS
from tests.hostile.network import FATES, NODES, ROUTES, UNITS, Network
from typing_extensions import override

from comity.core.clock import MINUTE
from comity.core.ids import AgencyId, NodeId

nodes = st.sampled_from(NODES)
places = st.builds("{}_{}".format, st.sampled_from(MOMENTS), st.sampled_from(UNITS))
picks = st.integers(0, 99)


class AnyOrder(RuleBasedStateMachine):
    """What may happen between partners, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Network()

    @rule(route=st.sampled_from(ROUTES))
    def send(self, route: tuple[NodeId, AgencyId]) -> None:
        self.network.send(route)

    @rule(pick=picks, word=st.sampled_from(("recall", "reminder", "withdraw")))
    def follow_up(self, pick: int, word: str) -> None:
        self.network.follow_up(pick, word)

    @rule(fate=st.sampled_from(FATES))
    def deliver(self, fate: str) -> None:
        self.network.deliver(fate)

    @rule(node=nodes, place=places, route=st.sampled_from(ROUTES))
    def crash(self, node: NodeId, place: str, route: tuple[NodeId, AgencyId]) -> None:
        self.network.crash(node, place)
        self.network.send(route)
        self.network.deliver()

    @rule(node=nodes)
    def restart(self, node: NodeId) -> None:
        self.network.restart(node)

    @rule(one=nodes, other=nodes)
    def part(self, one: NodeId, other: NodeId) -> None:
        self.network.part(one, other)

    @rule()
    def heal(self) -> None:
        self.network.heal()

    @rule(node=nodes, skew=st.integers(-4 * MINUTE, 4 * MINUTE))
    def skew(self, node: NodeId, skew: int) -> None:
        self.network.skew(node, skew)

    @rule(hours=st.sampled_from((1, 9, 25, 15 * 24)))
    def wait(self, hours: int) -> None:
        self.network.wait(hours)

    @rule()
    def read_what_came(self) -> None:
        self.network.read_what_came()

    @rule()
    def tick(self) -> None:
        self.network.tick()

    @rule(pick=picks)
    def replay(self, pick: int) -> None:
        self.network.replay(pick)

    @rule(pick=picks, place=st.integers(0, 12_000), bit=st.integers(0, 7))
    def poison(self, pick: int, place: int, bit: int) -> None:
        attacks.poison(self.network, pick, place, bit)

    @rule()
    def forge(self) -> None:
        attacks.forge(self.network)

    @rule()
    def borrow(self) -> None:
        attacks.borrow(self.network)

    @rule()
    def flood(self) -> None:
        attacks.flood(self.network)

    @rule(node=nodes)
    def rotate(self, node: NodeId) -> None:
        renewals.rotate(self.network, node)

    @rule(node=nodes)
    def renew_key(self, node: NodeId) -> None:
        renewals.renew_key(self.network, node)

    @rule(node=nodes)
    def revoke(self, node: NodeId) -> None:
        renewals.revoke(self.network, node)

    @rule(node=nodes)
    def checkpoint(self, node: NodeId) -> None:
        ledgers.checkpoint(self.network, node)

    @rule(node=nodes)
    def fork(self, node: NodeId) -> None:
        ledgers.fork(self.network, node)

    @rule(node=nodes)
    def back_up(self, node: NodeId) -> None:
        ledgers.back_up(self.network, node)

    @rule(node=nodes)
    def restore(self, node: NodeId) -> None:
        ledgers.restore(self.network, node)

    @invariant()
    def every_invariant_holds(self) -> None:
        self.network.check()

    @override
    def teardown(self) -> None:
        self.network.settle()


def test_partners_in_any_order(pytestconfig: pytest.Config) -> None:
    is_soak = bool(pytestconfig.getoption("soak"))
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=2_000 if is_soak else 12,
            stateful_step_count=80 if is_soak else 25,
            deadline=None,
            # Making a finding small takes minutes: it is printed as found; --soak does it.
            phases=tuple(Phase) if is_soak else (Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_second_history_of_nothing_is_named() -> None:
    network = Network()
    ledgers.checkpoint(network, NODES[2])
    ledgers.fork(network, NODES[2])
    assert [fork.proofs for fork in network.seen.forks] == [1]
    network.check()


def test_a_bad_day_with_everything_in_it() -> None:
    network = Network()
    bad_day(network)
    seen = network.seen
    for kept in (seen.queued, seen.answered, seen.roots, seen.poisons, seen.wire, seen.forks):
        assert kept
    assert len(seen.attacks) >= 7
    assert seen.destroyed
    assert set(network.deaths()) >= {
        f"{moment}_{unit}"
        for moment in MOMENTS
        for unit in ("outbound.decide", "outbound.log", "inbound.file", "delivery.settle")
    }
