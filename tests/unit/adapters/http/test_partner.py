import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from comity.adapters.http import Doors, partner_app
from comity.core import limits
from comity.core.errors import ComityError, NotFoundError, StorageError
from comity.exchange import Consignment

ORIGIN = "ab" * 32
ITEM = b"\xd2\x84\x40\xa0\x40\x40"
"""The smallest thing that looks like a COSE_Sign1."""


@dataclass(frozen=True, slots=True)
class Hall:
    """A node of fixed answers that remembers what reached it."""

    seen: list[object] = field(default_factory=list[object])
    journal: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def inbox(self, consignment: Consignment) -> Sequence[bytes]:
        self.seen.extend(item.envelope for item in consignment.items)
        return [ITEM for _ in consignment.items]

    def file(self, path: str) -> bytes | None:
        self.seen.append(path)
        return None if path.endswith("none.json") else path.encode()

    def doors(self) -> Doors:
        return Doors(
            inbox=self.inbox,
            prekeys=lambda: b"notice",
            checkpoint=lambda: b"origin\n1\nroot\n",
            tile=self.file,
            may_read_entries=lambda reader: reader == "good",
            witness=lambda body: (409, b"%d\n" % len(body), "text/x.tlog.size"),
            witnessed=lambda origin: b"note" if origin == ORIGIN else None,
            directory=self.file,
            is_alive=lambda: True,
            is_ready=lambda: True,
            journal=lambda route, code: self.journal.append((route, code)),
        )


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def partner(hall: Hall) -> TestClient:
    return TestClient(partner_app(hall.doors()))


def test_envelopes_are_answered_in_one_sequence(partner: TestClient, hall: Hall) -> None:
    reply = partner.post("/x/v1/inbox", content=ITEM * 3)
    assert (reply.status_code, reply.content) == (200, ITEM * 3)
    assert hall.seen == [ITEM] * 3


@pytest.mark.parametrize("body", [b"\x00", b"\xff" * 40, ITEM[:-1], b"{}", ITEM + b"\x18"])
def test_bytes_that_are_no_envelopes_are_turned_away(
    partner: TestClient, hall: Hall, body: bytes
) -> None:
    assert partner.post("/x/v1/inbox", content=body).status_code == 400
    assert hall.seen == []


def test_a_body_too_long_is_refused_before_it_is_read(partner: TestClient, hall: Hall) -> None:
    size = str(limits.BATCH + 1)
    for length in (size, "9" * 30, "-1", "x"):
        reply = partner.post("/x/v1/inbox", content=ITEM, headers={"content-length": length})
        assert reply.status_code == 413
    assert hall.seen == []


def test_a_body_of_unknown_length_is_cut_at_the_limit(partner: TestClient, hall: Hall) -> None:
    def unmeasured() -> Iterator[bytes]:
        yield from [bytes(1 << 20)] * 9

    reply = partner.post("/x/v1/inbox", content=unmeasured())
    assert reply.status_code == 413
    assert hall.seen == []


def test_an_error_is_answered_by_status_and_told_by_code_without_its_words(hall: Hall) -> None:
    words = "Jane Doe"
    table: list[tuple[Exception, int, str]] = [
        (StorageError(words), 503, "storage.failed"),
        (NotFoundError(words), 404, "not-found"),
        (ComityError(words), 500, "comity"),
        (ValueError(words), 500, "ValueError"),
    ]
    for error, status, code in table:
        doors = replace(hall.doors(), inbox=_raising(error))
        reply = TestClient(partner_app(doors)).post("/x/v1/inbox", content=ITEM)
        assert reply.status_code == status
        assert hall.journal.pop() == ("x", code)
        assert words not in reply.text
        assert ("retry-after" in reply.headers) == (status == 503)


def _raising(error: Exception) -> Callable[[Consignment], Sequence[bytes]]:
    def inbox(_: Consignment) -> Sequence[bytes]:
        raise error

    return inbox


def test_a_listener_with_its_hands_full_says_come_back(hall: Hall) -> None:
    go_on = threading.Event()

    def slow(consignment: Consignment) -> Sequence[bytes]:
        go_on.wait(20)
        return [item.envelope for item in consignment.items]

    doors = replace(hall.doors(), inbox=slow)
    with TestClient(partner_app(doors), client=("127.0.0.1", 4000)) as partner:
        statuses: list[int] = []

        def post() -> None:
            statuses.append(partner.post("/x/v1/inbox", content=ITEM).status_code)
            if statuses.count(503) == 4:
                go_on.set()

        threads = [threading.Thread(target=post) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [200] * 16 + [503] * 4


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/log/checkpoint", 200),
        ("/log/tile/0/000", 200),
        ("/log/tile/0/x001/067.p/8", 200),
        ("/log/tile/entries/000", 403),
        ("/log/r/bad/tile/entries/000", 403),
        ("/log/r/bad/tile/0/000", 403),
        ("/log/r//tile/entries/000", 403),
        ("/log/r/good/tile/entries/000", 200),
        ("/log/r/good/tile/0/000", 200),
        ("/log/r/good/checkpoint", 200),
        ("/log/r/good/r/good/tile/0/000", 404),
        ("/log/other", 404),
        ("/x/v1/prekeys", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 404),
        ("/nothing", 404),
        (f"/witness/{ORIGIN}/checkpoint", 200),
        (f"/witness/{'cd' * 32}/checkpoint", 404),
        ("/witness/..%2f..%2f/checkpoint", 404),
    ],
)
def test_each_door_opens_to_whom_it_should(partner: TestClient, path: str, status: int) -> None:
    assert partner.get(path).status_code == status


def test_the_path_below_the_prefix_reaches_the_ledger(partner: TestClient, hall: Hall) -> None:
    partner.get("/log/tile/0/x001/067.p/8")
    partner.get("/log/r/good/tile/entries/000")
    assert hall.seen == ["tile/0/x001/067.p/8", "tile/entries/000"]


def test_no_path_leaves_the_published_folder(partner: TestClient, hall: Hall) -> None:
    for path in (
        "metadata/../keys",
        "metadata/%2e%2e/keys",
        "keys/node.key",
        "metadata/.hidden",
        "targets//etc/passwd",
        "metadata/a%00b",
        "metadata",
    ):
        assert partner.get(f"/directory/{path}").status_code == 404
    assert hall.seen == []


def test_a_delegation_is_found_under_the_name_tuf_clients_ask_for(
    partner: TestClient, hall: Hall
) -> None:
    assert partner.get("/directory/metadata/3.members%2Fxn.json").status_code == 200
    assert partner.get("/directory/targets/members/xn/ab.member.json").status_code == 200
    assert partner.get("/directory/metadata/none.json").status_code == 404
    assert hall.seen[:2] == [
        "metadata/3.members%2Fxn.json",
        "targets/members/xn/ab.member.json",
    ]


def test_a_witness_answers_with_its_own_status_and_type(partner: TestClient) -> None:
    reply = partner.post("/witness/add-checkpoint", content=b"old 0\n\n")
    assert reply.status_code == 409
    assert reply.headers["content-type"].startswith("text/x.tlog.size")
    huge = partner.post("/witness/add-checkpoint", content=bytes(limits.NOTE + 1))
    assert huge.status_code == 413


def test_a_node_whose_worker_hangs_says_so_to_who_would_restart_it(hall: Hall) -> None:
    doors = replace(hall.doors(), is_alive=lambda: False)
    assert TestClient(partner_app(doors)).get("/healthz").status_code == 503


def test_a_node_that_cannot_store_is_not_ready(hall: Hall) -> None:
    doors = replace(hall.doors(), is_ready=lambda: False)
    assert TestClient(partner_app(doors)).get("/readyz").status_code == 503


def test_a_wrong_method_is_no_door(partner: TestClient) -> None:
    assert partner.get("/x/v1/inbox").status_code == 405
    assert partner.post("/log/checkpoint").status_code == 405


async def _trickle(hall: Hall) -> None:
    """Sixteen bodies of one address begin and never end; its neighbour is served at once."""
    app, end = partner_app(hall.doors()), asyncio.Event()

    async def post(address: str, *, trickles: bool) -> tuple[int, bytes]:
        answer: list[Message] = []
        told = False

        async def receive() -> Message:
            nonlocal told
            if trickles and told:
                await end.wait()
                return {"type": "http.disconnect"}
            told = True
            return {"type": "http.request", "body": ITEM, "more_body": trickles}

        async def send(message: Message) -> None:
            answer.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/x/v1/inbox",
            "raw_path": b"/x/v1/inbox",
            "query_string": b"",
            "headers": [],
            "client": (address, 4000),
        }
        await app(scope, receive, send)
        return answer[0]["status"], dict(answer[0]["headers"]).get(b"retry-after", b"")

    slow = [asyncio.create_task(post("203.0.113.9", trickles=True)) for _ in range(16)]
    refused, _ = await asyncio.wait(slow, return_when=asyncio.FIRST_COMPLETED)
    assert {each.result() for each in refused} == {(429, b"1")}
    assert (await post("203.0.113.9", trickles=False))[0] == 429
    assert (await post("203.0.113.10", trickles=False))[0] == 200
    end.set()
    done = [status for status, _ in await asyncio.gather(*slow)]
    assert sorted(done) == [400] * 4 + [429] * 12
    # Its places are free again.
    assert (await post("203.0.113.9", trickles=False))[0] == 200


def test_one_address_that_trickles_leaves_the_other_places_free(hall: Hall) -> None:
    asyncio.run(_trickle(hall))
