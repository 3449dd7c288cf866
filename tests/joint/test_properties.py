"""What holds in every history of a case of several parties, whatever its parties do."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.joint.paper import (
    ABORT,
    ALL,
    CLOSE,
    ENDORSE,
    GATE,
    GO,
    HOLD,
    NO_GO,
    RESUME,
    REVIEW,
    RUSH,
    WARN,
    WITHDRAW,
    N,
    Table,
    roster_value,
)

from comity.core.clock import HOUR, Instant
from comity.core.ids import AgencyId
from comity.practice import Kind, Number, chain, forks

PARTY = st.sampled_from(ALL)
MOVES = (CLOSE, GO, HOLD, NO_GO, RESUME, ABORT)


class Histories(RuleBasedStateMachine):
    """Parties act as they like; the convenor numbers; readers hold what came through."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self.table.open(signers=list(ALL[:2]))
        self.dissents: list[str] = []
        self.states = [self.table.view().state]

    def did(self, digest: str) -> str:
        self.states.append(self.table.view().state)
        return digest

    @rule(party=PARTY, back=st.integers(0, 2), conditions=st.sampled_from([0, 0, 1]))
    def endorse(self, party: AgencyId, back: int, conditions: int) -> None:
        roots = [a.digest for a in self.table.view().acts if "propose" in a.frame.kind]
        roots += [a.digest for a in self.table.view().acts if "amend" in a.frame.kind]
        root = roots[max(0, len(roots) - 1 - back)]
        if conditions:
            self.did(self.table.act(ENDORSE, party, root=root, conditions=conditions))
        else:
            self.did(self.table.act(ENDORSE, party, root=root))

    @rule(party=PARTY, person=st.sampled_from(["first", "other"]))
    def withdraw(self, party: AgencyId, person: str) -> None:
        self.did(self.table.act(WITHDRAW, party, root=self.table.view().root, person=person))

    @rule(skip=st.sampled_from([0, 0, 0, 1]))
    def amend(self, skip: int) -> None:
        view = self.table.view()
        self.did(self.table.amend(revision=view.revision + 1 + skip, parties=roster_value()))

    @rule(value=st.sampled_from(["green", "red"]))
    def gate(self, value: str) -> None:
        self.did(self.table.act(GATE, N, value=value, person="gatekeeper"))

    @rule(
        kind=st.sampled_from(MOVES),
        party=PARTY,
        unseen=st.integers(0, 3),
        after=st.sampled_from([1_000, 30 * HOUR]),
    )
    def move(self, kind: Kind, party: AgencyId, unseen: int, after: int) -> None:
        seen = max(0, len(self.table.numbers) - unseen)
        self.did(self.table.act(kind, party, seen=seen, after=after))

    @rule(party=PARTY, kind=st.sampled_from([REVIEW, RUSH]))
    def answer(self, party: AgencyId, kind: Kind) -> None:
        root = self.table.view().root
        self.did(self.table.act(kind, party, root=root, second_person="other"))

    @rule(party=PARTY)
    def dissent(self, party: AgencyId) -> None:
        root = self.table.view().root
        self.dissents.append(
            self.did(self.table.act("papers.dissent/2", party, root=root, ground="facts"))
        )

    @rule(party=PARTY, word=st.sampled_from(["stop", "lift", "stop-confirm"]))
    def stop(self, party: AgencyId, word: str) -> None:
        person = "other" if word == "stop-confirm" else "first"
        self.did(self.table.act(f"papers.{word}/2", party, person=person, ground="error"))

    @rule(party=PARTY)
    def recall(self, party: AgencyId) -> None:
        mine = [a.digest for a in self.table.view().acts if a.frame.author == party]
        if mine:
            self.did(self.table.act("papers.recall/2", party, root=mine[-1], ground="x"))

    @rule(party=PARTY)
    def warn(self, party: AgencyId) -> None:
        digest = self.did(self.table.act(WARN, party, danger="danger-to-life"))
        assert self.table.reason(digest) != "stopped"

    @rule(data=st.data())
    def somebody_hears_less_in_another_order(self, data: st.DataObject) -> None:
        table, whole = self.table, self.table.view()
        numbers = data.draw(st.permutations([*table.numbers, *table.numbers[:3]]))
        lost = data.draw(st.sets(st.sampled_from(table.numbers), max_size=2))
        gone = data.draw(st.sets(st.sampled_from(sorted(table.acts)), max_size=1))
        heard = [each for each in numbers if each not in lost]
        acts = {
            digest: table.acts[digest]
            for digest in data.draw(st.permutations(sorted(table.acts)))
            if digest not in gone - {table.opening}
        }
        held = table.held(numbers=tuple(heard), acts=acts)
        view = table.view(held=held)
        # A shorter view is the same view, of a time before.
        before = replace(table.held(), numbers=tuple(table.numbers[: view.number]))
        assert view.state == table.view(held=before).state
        assert [a.digest for a in view.acts] == [a.digest for a in whole.acts[: view.number]]
        # Once everything has come, nothing of the order is left.
        late = table.held(numbers=(*heard, *table.numbers), acts={**acts, **table.acts})
        assert table.view(held=late) == whole

    @invariant()
    def no_endorsement_survives_an_amendment(self) -> None:
        view = self.table.view()
        if view.state != "endorsed":
            return
        signed = {
            act.frame.author
            for act in view.acts
            if act.is_counted and act.frame.kind == ENDORSE.name
            if act.frame.text("root") == view.root and not act.frame.number("conditions")
        }
        rushed = any(
            act.is_counted and act.frame.text("root") == view.root
            for act in view.acts
            if act.frame.kind == RUSH.name
        )
        assert signed == set(ALL) or rushed

    @invariant()
    def no_dissent_is_lost(self) -> None:
        assert [mark.act for mark in self.table.view().dissents] == self.dissents

    @invariant()
    def a_restart_changes_nothing(self) -> None:
        again = replace(self.table.held(), acts=dict(reversed(list(self.table.acts.items()))))
        assert self.table.view(held=again) == self.table.view()


def test_in_every_history_views_converge_and_nothing_that_protects_is_lost(
    request: pytest.FixtureRequest,
) -> None:
    soak = bool(request.config.getoption("soak"))
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=500 if soak else 20,
            stateful_step_count=60 if soak else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class FalseConvenor(RuleBasedStateMachine):
    """A convenor's node lies about numbers; honest readers are never led to two histories."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self.table.open()
        for party in ALL:
            self.table.endorse(party)
        self.lies: list[Number] = []

    @rule(
        place=st.integers(0, 4),
        what=st.sampled_from(["act", "number", "previous", "at", "epoch", "by"]),
    )
    def lie(self, place: int, what: str) -> None:
        truth = self.table.numbers[place]
        other = self.table.numbers[(place + 1) % 5]
        earlier = Instant(truth.at - 60_000 if place else truth.at + 1)
        changed: dict[str, Number] = {
            "act": replace(truth, act=other.act),
            "number": replace(truth, number=truth.number + 7),
            "previous": replace(truth, previous=other.act),
            "at": replace(truth, at=earlier),
            "epoch": replace(truth, epoch=2),
            "by": replace(truth, by=ALL[place % 3]),
        }
        self.lies.append(changed[what])

    @rule(data=st.data())
    def two_readers_meet(self, data: st.DataObject) -> None:
        every: Sequence[Number] = [*self.table.numbers, *self.lies]
        one = data.draw(st.lists(st.sampled_from(every), max_size=12))
        other = data.draw(st.lists(st.sampled_from(every), max_size=12))
        met = [*one, *other]
        first = chain(self.table.held(numbers=tuple(met)), need=3)
        second = chain(self.table.held(numbers=tuple(reversed(met))), need=3)
        assert first == second
        # Where each had another act for one place, both together hold the evidence of it.
        heard = {(n.epoch, n.number, n.by): n for n in one}
        split = [n for n in other if heard.get((n.epoch, n.number, n.by), n) != n]
        assert bool(split) <= bool(forks(met))

    @invariant()
    def what_is_followed_is_unbroken(self) -> None:
        held = self.table.held(numbers=(*self.table.numbers, *self.lies))
        found = chain(held, need=3).numbers
        assert [each.number for each in found] == list(range(1, len(found) + 1))
        pairs = list(pairwise(found))
        assert all(a.at <= b.at and b.previous == a.act for a, b in pairs)
        assert {each.by for each in found} <= {N}


def test_a_false_convenor_leads_nobody_into_two_histories(
    request: pytest.FixtureRequest,
) -> None:
    soak = bool(request.config.getoption("soak"))
    run_state_machine_as_test(
        FalseConvenor,
        settings=settings(
            max_examples=2_000 if soak else 40,
            stateful_step_count=30 if soak else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
