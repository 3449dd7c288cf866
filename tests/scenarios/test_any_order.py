"""Three nodes, a lossy road and a hostile partner: the invariants hold after every step."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    NORLAND,
    A,
    Forged,
    N,
    a_world,
    code,
    entries,
    question,
    take,
)

from comity.adapters.world import Resident, World
from comity.core.clock import DAY, HOUR, MINUTE
from comity.core.errors import ComityError
from comity.core.ids import CaseId, NodeId
from comity.core.store import Reader
from comity.desk import Letter, NotSent, Sent
from comity.exchange import InboxRow, Logged, OutboxRow, delivery
from comity.ledger import LeafType
from comity.message import handling
from comity.practice import CaseRow, TaskRow

ROUTES = ((N, ARCADIA), (A, NORLAND), (N, CASTALIA), (A, CASTALIA))
ENDS = {"queued", "receipted", "rejected", "expired"}


class AnyOrder(RuleBasedStateMachine):
    """What may happen between partners, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World = a_world(NORLAND, ARCADIA, CASTALIA)
        self.queued: set[tuple[NodeId, str]] = set()
        self.receipts: dict[tuple[NodeId, bytes], bytes] = {}
        self.passed: list[tuple[NodeId, bytes]] = []

    @rule(route=st.sampled_from(ROUTES))
    def send(self, route: tuple[NodeId, str]) -> None:
        node, partner = route
        here = self.world.residents[node]
        self._try(here, question(type(here.agency)(partner)))

    @rule(pick=st.integers(0, 9), word=st.sampled_from(("recall", "reminder", "withdraw")))
    def follow_up(self, pick: int, word: str) -> None:
        for here in self.world.residents.values():
            mine = [row for row in self.world.outbox(here.node) if row.kind.endswith("ask/1")]
            if mine:
                row = mine[pick % len(mine)]
                about = {"about": row.mid.hex()}
                body = {
                    "recall": {**about, "ground": "unlawful"},
                    "reminder": about,
                    "withdraw": {"reason": "no-longer-needed"},
                }[word]
                letter = Letter(
                    kind=f"requests.{word}/1",
                    body=body,
                    handling=handling("TLP:AMBER H1"),
                    case=CaseId(row.case),
                    facts=question().facts,
                )
                self._try(here, letter)

    def _try(self, here: Resident, letter: Letter) -> None:
        try:
            outcome = here.desk.correspondence.send(here.actor("officer"), letter)
        except ComityError:
            return
        assert isinstance(outcome, (Sent, NotSent))
        if isinstance(outcome, Sent):
            self.queued.add((here.node, outcome.mid))

    @rule()
    def deliver(self) -> None:
        self._each(lambda here, to, items: self._carry(here, to, items, is_heard=True))

    @rule()
    def lose_the_answers(self) -> None:
        self._each(lambda here, to, items: self._carry(here, to, items, is_heard=False))

    @rule()
    def reorder(self) -> None:
        self._each(lambda here, to, items: self._carry(here, to, items[::-1], is_heard=True))

    def _each(self, step: Callable[[Resident, NodeId, list[Logged]], None]) -> None:
        for here in list(self.world.residents.values()):
            for to in self.world.residents:
                due = self.world.due(here, to)
                if due:
                    step(here, to, list(due))

    def _carry(
        self, here: Resident, to: NodeId, items: list[Logged], *, is_heard: bool
    ) -> None:
        for item in items:
            answer = take(self.world.residents[to], item.envelope)
            self.passed.append((to, item.envelope))
            self._note(here.node, item, answer)
            if is_heard:
                entry = self.world.directory.node(to)
                try:
                    self.world.settle(here, entry, item, answer)
                except ComityError:
                    continue

    def _note(self, sender: NodeId, item: Logged, answer: bytes) -> None:
        if code(answer) in {"filed", "held"}:
            # I3: a receipt once given is the same for ever.
            assert self.receipts.setdefault((sender, item.mid), answer) == answer

    @precondition(lambda self: bool(self.passed))
    @rule(pick=st.integers(0, 99))
    def replay(self, pick: int) -> None:
        to, data = self.passed[pick % len(self.passed)]
        before = self._filed()
        take(self.world.residents[to], data)
        assert self._filed() <= before + 1

    @precondition(lambda self: bool(self.passed))
    @rule(pick=st.integers(0, 99), at=st.integers(0, 4_000), bit=st.integers(0, 7))
    def poison(self, pick: int, at: int, bit: int) -> None:
        to, data = self.passed[pick % len(self.passed)]
        place = at % len(data)
        broken = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
        assert code(take(self.world.residents[to], broken)) not in {"filed", "held"}

    @rule()
    def hostile(self) -> None:
        there = self.world.residents[A]
        for forged in (Forged(author=ARCADIA), Forged(recipient=CASTALIA), Forged(items=9)):
            assert code(take(there, forged.seal(self.world))) not in {"filed", "held"}

    @rule(node=st.sampled_from((N, A)))
    def restart(self, node: NodeId) -> None:
        self.world.restart(node)

    @rule(node=st.sampled_from((N, A)), skew=st.integers(-4 * MINUTE, 4 * MINUTE))
    def skew(self, node: NodeId, skew: int) -> None:
        self.world.residents[node].clock.skew = skew

    @rule(hours=st.sampled_from((1, 9, 25, 15 * 24)))
    def wait(self, hours: int) -> None:
        self.world.clock.advance(hours * HOUR)
        self.world.meet()

    @rule(node=st.sampled_from((N, A)))
    def rotate(self, node: NodeId) -> None:
        self.world.rotate(node)

    @rule()
    def expire(self) -> None:
        for here in self.world.residents.values():
            for row in self.world.outbox(here.node):
                if row.state == "queued" and row.exp <= here.clock.now():
                    delivery.expire(row, here.station).result()

    @rule()
    def open_what_came(self) -> None:
        for here in list(self.world.residents.values()):
            for row in self._inbox(here):
                here.desk.reading.message(here.actor("officer"), row.mid.hex())

    @rule()
    def time_passes(self) -> None:
        for here in list(self.world.residents.values()):
            here.desk.overdue(lambda: 0)

    def _inbox(self, here: Resident) -> list[InboxRow]:
        return list(here.store.read(lambda r: r.find(InboxRow)))

    def _filed(self) -> int:
        return sum(len(self._inbox(here)) for here in self.world.residents.values())

    @invariant()
    def nothing_is_lost(self) -> None:
        """I1: what was queued is stored by its partner, or ends visibly."""
        for node, mid in self.queued:
            here = self.world.residents[node]
            row = here.store.read(partial(_get_sent, mid))
            assert row is not None
            assert row.state in ENDS
            if row.state == "receipted":
                there = self.world.residents[NodeId(row.to_node)]
                assert there.store.read(partial(_get_filed, node, row.mid))
            if row.state in {"rejected", "expired"} and row.replaced_by is None:
                assert here.store.read(partial(_get_task, f"{mid}-undelivered"))

    @invariant()
    def nothing_happens_twice(self) -> None:
        """I2: one inbox row, one `received` leaf and at most one open duty for a message."""
        for here in self.world.residents.values():
            rows = self._inbox(here)
            found = [leaf for leaf in entries(here) if leaf.type is LeafType.RECEIVED]
            assert Counter(row.digest for row in rows) == Counter(leaf.digest for leaf in found)
            assert all(count == 1 for count in Counter(row.mid for row in rows).values())
            open_duties = here.store.read(lambda r: r.find(TaskRow))
            answers = [t.case for t in open_duties if t.sort == "answer" and t.done is None]
            assert len(answers) == len(set(answers))

    @invariant()
    def a_receipt_is_true(self) -> None:
        """I3: behind a receipt stand a row and a leaf at the index it names."""
        for here in self.world.residents.values():
            found = entries(here)
            for row in self._inbox(here):
                assert found[row.leaf].type is LeafType.RECEIVED
                assert found[row.leaf].digest == row.digest

    @invariant()
    def law_comes_first(self) -> None:
        """I5: each `sent` follows its own `permitted`, each `received` an `admitted`."""
        for here in self.world.residents.values():
            found = entries(here)
            used: set[int] = set()
            for index, leaf in enumerate(found):
                if leaf.type is LeafType.SENT:
                    before = leaf.follows
                    assert before is not None
                    assert before < index
                    assert found[before].type is LeafType.PERMITTED
                    assert before not in used
                    used.add(before)
                if leaf.type is LeafType.RECEIVED:
                    assert leaf.follows is not None
                    assert found[leaf.follows].type in {LeafType.ADMITTED, LeafType.HELD}

    @invariant()
    def deadlines_run_from_what_was_stored(self) -> None:
        """I7: an answer is owed 168 hours after its question was stored, by our clock."""
        for here in self.world.residents.values():
            stored = {row.case: row.stored_at for row in self._inbox(here)}
            for case in here.store.read(lambda r: r.find(CaseRow)):
                if case.due is not None and case.case in stored:
                    (first,) = (
                        row.stored_at
                        for row in self._inbox(here)
                        if row.case == case.case and row.kind == "requests.ask/1"
                    )
                    assert case.due == first + 7 * DAY

    @invariant()
    def no_queue_is_blocked(self) -> None:
        """I8: whatever came, each node still answers a new message."""
        for here in self.world.residents.values():
            assert here.store.read(lambda r: r.size()) == len(entries(here))


def _get_sent(mid: str, reader: Reader) -> OutboxRow | None:
    return reader.get(OutboxRow, bytes.fromhex(mid))


def _get_filed(node: NodeId, mid: bytes, reader: Reader) -> InboxRow | None:
    return reader.get(InboxRow, node, mid)


def _get_task(task: str, reader: Reader) -> TaskRow | None:
    return reader.get(TaskRow, task)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
