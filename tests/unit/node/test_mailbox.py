"""A node that nobody can call gets what waits for it by asking, and nobody else gets it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from starlette.testclient import TestClient
from tests.scenarios.stage import (
    NORLAND,
    A,
    N,
    a_world,
    inbox,
    outbox,
    question,
    send,
)

from comity.adapters.http import Doors, partner_app
from comity.adapters.world import Resident, World
from comity.core import cbor, limits
from comity.core.clock import HOUR, MINUTE
from comity.core.errors import (
    InvalidInputError,
    LimitError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.exchange import Consignment, Logged, PrekeyRow, inbound, mailbox, queue
from comity.node.deliverer import Deliverer
from comity.node.mailbox import Mailbox, Poller, only_asks
from comity.seal import sign_document
from comity.trust import NodeEntry


@dataclass(slots=True)
class Asked:
    """The road from Arcadia, which only asks, to Norland's mailbox; a test may break it."""

    box: Mailbox
    heard: list[bytes] = field(default_factory=list[bytes])
    waits: list[int] = field(default_factory=list[int])
    is_cut: bool = False

    def ask_mailbox(self, entry: NodeEntry, body: bytes, /, *, wait: int) -> bytes:
        assert entry.node == N
        self.heard.append(body)
        self.waits.append(wait)
        found = self.box.give(self.box.hear(body))
        if self.is_cut:
            raise UnreachableError("the line was cut before the answer")
        return found


@dataclass(slots=True)
class Post:
    world: World
    box: Mailbox
    road: Asked
    poller: Poller
    journal: list[str]

    @property
    def here(self) -> Resident:
        return self.world.residents[N]

    @property
    def there(self) -> Resident:
        return self.world.residents[A]


def resender(world: World) -> Callable[[Logged], None]:
    def resend(logged: Logged) -> None:
        world.residents[N].desk.correspondence.resend(logged.mid.hex())

    return resend


@pytest.fixture
def post() -> Post:
    world, journal = a_world(), list[str]()
    here, there = world.residents[N], world.residents[A]
    deliverer = Deliverer(
        station=here.station,
        carrier=world,
        entropy=world.entropy,
        resend=resender(world),
        journal=lambda _name, code: journal.append(code),
    )
    box = Mailbox(
        station=here.station,
        deliverer=deliverer,
        may_send=lambda: True,
        journal=lambda _name, code: journal.append(code),
    )

    def take(consignment: Consignment) -> Sequence[bytes]:
        return [inbound.take(item, there.station).result() for item in consignment.items]

    road = Asked(box)
    poller = Poller(
        station=there.station,
        road=road,
        take=take,
        prekey=lambda: world.prekey(world.directory.node(A)),
        journal=lambda _name, code: journal.append(code),
        wait=50,
    )
    return Post(world, box, road, poller, journal)


def ask_on(post: Post) -> None:
    answers: Sequence[bytes] = ()
    entry = post.world.directory.node(N)
    while answers := post.poller.ask(entry, answers):
        pass


def states(post: Post) -> list[str]:
    return [row.state for row in post.world.outbox(N)]


def test_what_waits_is_given_and_its_receipts_come_with_the_next_asking(post: Post) -> None:
    for n in range(3):
        send(post.here, question(link=f"{n}"))
    ask_on(post)
    assert states(post) == ["receipted"] * 3
    assert len(inbox(post.there)) == 3
    assert post.road.waits == [50, 0]


def test_a_cut_before_the_consignment_arrives_loses_and_doubles_nothing(post: Post) -> None:
    send(post.here, question())
    post.road.is_cut = True
    with pytest.raises(UnreachableError):
        ask_on(post)
    assert states(post) == ["queued"]
    post.road.is_cut = False
    ask_on(post)
    ask_on(post)
    assert states(post) == ["receipted"]
    assert len(inbox(post.there)) == 1


def test_asking_tells_the_prekey_once_and_is_contact(post: Post) -> None:
    post.world.clock.advance(25 * HOUR)
    post.here.store.commit(
        lambda tx: queue.failed(tx, A, at=post.world.clock.now(), spread=1.0)
    ).result()
    ask_on(post)
    row = post.here.store.read(lambda r: r.get(PrekeyRow, A))
    assert row is not None
    assert row.until > post.world.clock.now()
    assert post.here.store.read(lambda r: queue.line_of(r, A)).failures == 0
    ask_on(post)
    assert len(post.road.heard[1]) < len(post.road.heard[0])


def test_what_lost_its_prekey_comes_again_under_the_one_the_asking_told(post: Post) -> None:
    send(post.here, question())
    post.world.rotate(A)
    ask_on(post)
    assert sorted(states(post)) == ["receipted", "rejected"]
    assert len(inbox(post.there)) == 1


def doors(box: Mailbox | None = None) -> Doors:
    """Return a listener whose other doors are shut."""
    return Doors(
        inbox=lambda _consignment: [],
        prekeys=lambda: b"",
        checkpoint=lambda: None,
        tile=lambda _path: None,
        may_read_entries=lambda _token: False,
        witness=lambda _body: (403, b"", "text/plain"),
        witnessed=lambda _origin: None,
        directory=lambda _path: None,
        is_alive=lambda: True,
        is_ready=lambda: True,
        journal=lambda _route, _code: None,
        mailbox=box,
    )


def asking(
    post: Post, *, node: NodeId = A, asked: NodeId = N, answers: tuple[bytes, ...] = ()
) -> bytes:
    at = post.world.clock.now()
    said = mailbox.Asking(node=node, asked=asked, at=at, prekey=b"", answers=answers)
    return mailbox.write_asking(said, post.there.station)


def test_an_asking_of_another_time_or_to_another_node_opens_nothing(post: Post) -> None:
    data = asking(post)
    assert post.box.hear(data) == A
    with pytest.raises(VerificationError, match="to another node"):
        post.box.hear(asking(post, asked=A))
    post.world.clock.advance(5 * MINUTE + 1)
    with pytest.raises(VerificationError, match="another time"):
        post.box.hear(data)


def test_nobody_asks_in_anothers_name(post: Post) -> None:
    with pytest.raises(VerificationError, match="no such key"):
        post.box.hear(asking(post, node=NodeId("xc.justice.n1")))
    data = bytearray(asking(post))
    data[-1] ^= 1
    with pytest.raises(VerificationError):
        post.box.hear(bytes(data))
    with pytest.raises(InvalidInputError):
        post.box.hear(b"\x00")


def test_an_asking_of_other_shape_or_too_many_answers_is_refused(post: Post) -> None:
    key, federation = post.there.keys.node, post.world.directory.federation

    def signed(payload: object) -> bytes:
        return sign_document(
            cbor.encode(payload),  # type: ignore[arg-type]
            key,
            sort=mailbox.SORT,
            federation=federation,
        )

    base = {0: A, 1: N, 2: post.world.clock.now(), 3: b"", 4: [b""]}
    many = [b"x"] * (limits.CONSIGNED + 1)
    for payload in ({}, {**base, 5: 1}, {**base, 4: ["text"]}, {**base, 0: 1}, [1]):
        with pytest.raises(InvalidInputError):
            post.box.hear(signed(payload))
    with pytest.raises(LimitError):
        post.box.hear(signed({**base, 4: many}))


def test_answers_about_others_messages_or_nothing_are_left_out(post: Post) -> None:
    sent = send(post.here, question())
    send(post.there, question(NORLAND))
    post.world.run()
    (row,) = post.world.outbox(A)
    foreign = row.receipt or b""
    post.box.hear(asking(post, answers=(foreign, b"\x00", b"")))
    assert outbox(post.here, sent.mid).state == "receipted"
    assert post.journal == []


def test_a_failed_asking_is_tried_again_later_and_ends_no_other(post: Post) -> None:
    post.road.is_cut = True
    send(post.here, question())
    for _ in range(2):
        post.poller.round()
        post.poller.wait_for_all()
    assert post.journal == ["unreachable"]
    post.road.is_cut = False
    post.world.clock.advance(MINUTE)
    post.poller.round()
    post.poller.wait_for_all()
    assert states(post) == ["receipted"]


def test_a_clock_that_is_wrong_gives_nothing_and_still_hears(post: Post) -> None:
    send(post.here, question())
    post.box.may_send = lambda: False
    ask_on(post)
    assert states(post) == ["queued"]
    post.box.may_send = lambda: True
    ask_on(post)
    assert states(post) == ["receipted"]


def test_a_node_says_in_the_directory_that_it_only_asks(post: Post) -> None:
    entry = post.world.directory.node(A)
    assert not only_asks(entry)
    assert only_asks(replace(entry, limits={"pull": 1}))


def test_over_http_an_asking_waits_until_something_comes(post: Post) -> None:
    client = TestClient(partner_app(doors(post.box)))
    reply = client.post("/x/v1/mailbox?wait=0", content=asking(post))
    assert (reply.status_code, reply.content) == (200, b"")
    send(post.here, question())
    reply = client.post("/x/v1/mailbox?wait=1800", content=asking(post))
    assert reply.content == post.box.give(A)
    assert client.post("/x/v1/mailbox", content=b"\x00").status_code == 400
    post.world.clock.advance(HOUR)
    stale = asking(post)
    post.world.clock.advance(HOUR)
    assert client.post("/x/v1/mailbox", content=stale).status_code == 403
    assert client.post("/x/v1/mailbox?wait=x", content=stale).status_code == 404
    assert TestClient(partner_app(doors())).post("/x/v1/mailbox").status_code == 404
