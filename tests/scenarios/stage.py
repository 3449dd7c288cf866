"""The players of every story: four partners, their letters, and what their ledgers say."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Final

from comity.adapters.world import Resident, World, make_world
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant, new_message_id
from comity.core.ids import AgencyId, CaseId, EntityId, MessageId, NodeId, message_id
from comity.core.store import eq
from comity.desk import AwaitsSecond, Incoming, Letter, MessageView, Outcome, Sent
from comity.exchange import Consigned, InboxRow, OutboxRow, inbound
from comity.exchange.leaves import marking_of
from comity.law import shipped_corpus
from comity.ledger import Leaf, decode_leaf
from comity.message import Content, Grade, Handling, Statement, Urgency, handling
from comity.node.bootstrap import shipped_practices
from comity.practice import CaseRow, TaskRow, items
from comity.record import Opinion, View
from comity.screening import Query
from comity.seal import Message, Receipt, Rejection, read_answer, seal

NORLAND, ARCADIA = AgencyId("xn.police"), AgencyId("xa.border")
CASTALIA, MERIDIA = AgencyId("xc.police"), AgencyId("xm.justice")
N, A, C = NodeId("xn.police.n1"), NodeId("xa.border.n1"), NodeId("xc.police.n1")
PERSON = EntityId("p-1")
ANNA: Mapping[str, Value] = {
    "id": "subject",
    "schema": "Person",
    "properties": {"name": ["Anna Example"], "birthDate": ["1988-04-17"]},
}
FACTS: Final[Mapping[str, bool | None]] = {
    "conduct_bombing": True,
    "political_offence": False,
    "for_investigation": True,
    "free_text_sensitive": False,
}
AMBER = handling("TLP:AMBER H1")
QUERY = Query(
    schema="Person", properties={"name": ("Anna Example",), "birthDate": ("1988-04-17",)}
)


def a_world(*agencies: AgencyId) -> World:
    return make_world(
        agencies or (NORLAND, ARCADIA), practices=shipped_practices(), corpus=shipped_corpus()
    )


def question(recipient: AgencyId = ARCADIA, **more: Value) -> Letter:
    return Letter(
        kind="requests.ask/1",
        body={
            "question": "Did she cross at Port Halden?",
            "subjects": [ANNA],
            "subject_status": "suspect",
            **more,
        },
        handling=AMBER,
        recipient=recipient,
        purpose="counter-terrorism",
        facts=FACTS,
    )


def warning(recipient: AgencyId = ARCADIA, **more: Value) -> Letter:
    body: Mapping[str, Value] = {
        "danger": "danger-to-life",
        "text": "A device on the night train",
        "until": int(1_780_000_000_000 + 40 * DAY),
        "urgency_ground": "danger-to-life",
        **more,
    }
    return replace(question(recipient), kind="requests.warning/1", body=body)


def reply(case: str, word: str, **body: Value) -> Letter:
    return Letter(
        kind=f"requests.{word}/1", body=body, handling=AMBER, case=CaseId(case), facts=FACTS
    )


def send(here: Resident, letter: Letter, *, seat: str = "officer", name: str = "first") -> Sent:
    outcome = here.desk.correspondence.send(here.actor(seat, name), letter)
    assert isinstance(outcome, Sent), outcome
    return outcome


def confirmed(here: Resident, letter: Letter) -> Sent:
    """Send what needs a second person, and let that person confirm it."""
    outcome = here.desk.correspondence.send(here.actor("officer"), letter)
    assert isinstance(outcome, AwaitsSecond), outcome
    return sure(
        here.desk.correspondence.confirm(here.actor("officer", "second"), outcome.pending)
    )


def sure(outcome: Outcome) -> Sent:
    assert isinstance(outcome, Sent), outcome
    return outcome


def ask(world: World, letter: Letter | None = None) -> Sent:
    """Let Norland ask Arcadia, and carry the question there."""
    sent = send(world.residents[N], letter or question())
    world.run()
    return sent


def inbox(here: Resident) -> Sequence[InboxRow]:
    return here.store.read(lambda r: r.find(InboxRow, order="stored_at"))


def received(here: Resident, mid: str) -> InboxRow:
    (row,) = here.store.read(lambda r: r.find(InboxRow, eq("mid", message_id(mid))))
    return row


def outbox(here: Resident, mid: str) -> OutboxRow:
    row = here.store.read(lambda r: r.get(OutboxRow, message_id(mid)))
    assert row is not None
    return row


def case_of(here: Resident, mid: str) -> CaseId:
    return CaseId(received(here, mid).case)


def the_case(here: Resident, case: str) -> CaseRow:
    row = here.store.read(lambda r: r.get(CaseRow, case))
    assert row is not None
    return row


def tasks(here: Resident, sort: str) -> Sequence[TaskRow]:
    return here.store.read(lambda r: r.find(TaskRow, eq("sort", sort), eq("done", None)))


def entries(here: Resident) -> list[Leaf]:
    found = here.store.read(lambda r: r.entries(0, r.size()))
    return [decode_leaf(entry) for entry in found]


def leaves(here: Resident) -> list[str]:
    return [leaf.type.name.lower() for leaf in entries(here)]


def opened(here: Resident, mid: str, *, seat: str = "officer") -> MessageView:
    return here.desk.reading.message(here.actor(seat), mid)


def take(here: Resident, data: bytes) -> bytes:
    done: Future[bytes] = inbound.take(Consigned(envelope=data), here.station)
    return done.result()


def said(answer: bytes) -> Receipt | Rejection:
    found = read_answer(answer).said
    assert isinstance(found, (Receipt, Rejection))
    return found


def code(answer: bytes) -> str:
    found = said(answer)
    return found.code if isinstance(found, Rejection) else found.state


def hold_anna(
    here: Resident,
    *,
    name: str = "Anna Example",
    born: str = "1988-04-17",
    marking: str = "TLP:AMBER",
) -> None:
    """Put the person into the holdings, so that she can be found."""
    statements = statements_of(here, PERSON, name, born, marking=marking)
    here.desk.holdings.keep(here.actor("officer"), Incoming(statements=statements))


def statements_of(
    here: Resident, who: EntityId, name: str, born: str, *, marking: str = "TLP:AMBER"
) -> list[Statement]:
    at = here.clock.now()
    return [
        Statement(
            statement_id=f"s-{prop}" if who == PERSON else f"s-{who}-{prop}",
            entity_id=who,
            schema="Person",
            prop=prop,
            value=value,
            dataset="own-file",
            originator=here.agency,
            grade=Grade(scale="europol-4x4", source="B", information="2"),
            handling=handling(marking),
            basis="Treaty of the Test, article 1",
            purpose="counter-terrorism",
            collected=at,
            retain_until=Instant(at + 300 * DAY),
        )
        for prop, value in (("name", name), ("birthDate", born))
    ]


def judge(here: Resident, case: CaseId, view: View, *names: str) -> None:
    """Let each named officer look, take a first and a final view of the person."""
    for name in names:
        officer = here.actor("officer", name)
        look_up, opinion = here.desk.look_up, Opinion(view=view, reason="compared")
        look_up.search(officer, case, QUERY)
        shown = look_up.compare(officer, case, PERSON, QUERY)
        look_up.first_view(officer, case, shown, opinion)
        shown = look_up.compare(officer, case, PERSON, QUERY)
        look_up.final_view(officer, case, shown, opinion)


def hit(question_mid: str, judgement: str = "0" * 32) -> dict[str, Value]:
    return {"about": question_mid, "outcome": "hit", "judgement": judgement}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """A message as a hostile or broken partner could make it with its own, true keys."""

    by: NodeId = N
    key_of: NodeId | None = None
    """Whose agency key signs, where not its own: a stolen one."""
    at: Instant | None = None
    life: int = 14 * DAY
    kind: str = "requests.ask/1"
    author: AgencyId = NORLAND
    recipient: AgencyId = ARCADIA
    to_node: NodeId = A
    body: Mapping[str, Value] = field(default_factory=lambda: {"question": "Who is this?"})
    marking: Handling = AMBER
    values: Mapping[str, Handling] = field(default_factory=dict[str, Handling])
    purpose: str = "counter-terrorism"
    items: int | None = None
    signed_marking: Handling | None = None
    mid: MessageId | None = None
    conv: bytes = bytes(16)

    def seal(self, world: World) -> bytes:
        """Seal it with the keys of the node it comes from."""
        here, there = world.residents[self.by], world.residents[self.to_node]
        at = world.clock.now() if self.at is None else self.at
        registry = here.station.practices
        known = self.kind in registry.offered()
        count = (
            len(items(registry.kind(self.kind), self.body, handling=self.marking))
            if known
            else 0
        )
        content = Content(
            handling=self.marking,
            purpose=self.purpose,
            urgency=Urgency.NORMAL,
            body=self.body,
            values=self.values,
        )
        message = Message(
            mid=self.mid or new_message_id(at, world.entropy),
            author=self.author,
            from_node=here.node,
            recipient=self.recipient,
            conv=self.conv,
            created=at,
            exp=Instant(at + self.life),
            kind=self.kind,
            decision=bytes(32),
            marking=marking_of(self.signed_marking or self.marking),
            items=count if self.items is None else self.items,
            body=content.encode(),
        )
        return seal(
            message,
            to_node=there.node,
            prekey=there.prekey.public,
            author_key=world.residents[self.key_of or self.by].keys.agency,
            node_key=here.keys.node,
            federation=world.directory.federation,
            entropy=world.entropy,
        )
