"""Every parser that reads a partner's bytes answers noise with an error of ours, or a value."""

import asyncio
import tracemalloc
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass

import pytest
from tests.hostile.ledgers import checkpoint, chronicle_of
from tests.hostile.network import Network
from tests.hostile.noise import noises
from tests.scenarios.stage import A, Forged, N, code, question, send, take

from comity.adapters.http import Doors, partner_app
from comity.core import cbor, limits
from comity.core.clock import DAY, Instant, new_message_id
from comity.core.errors import ComityError, LimitError
from comity.exchange import (
    Consigned,
    Consignment,
    Opened,
    Received,
    Verified,
    inbound,
    write_consignment,
)
from comity.exchange.bundle import (
    Ack,
    Manifest,
    read_ack,
    read_manifest,
    write_ack,
    write_manifest,
)
from comity.exchange.consignment import read_consignment
from comity.ledger import (
    parse_equivocation,
    parse_note,
    parse_policy,
    parse_proof,
    parse_request,
    parse_tile_path,
    parse_vkey,
    write_request,
)
from comity.ledger.proof import Proof
from comity.message import decode_content
from comity.seal import (
    Message,
    read_answer,
    read_document,
    read_envelope,
    seal,
    sign_document,
    verify_envelope,
)
from comity.trust import read_member, verify_directory, write_member


@dataclass(frozen=True, slots=True)
class Genuine:
    """One of everything a partner may send, as it should be."""

    network: Network
    envelope: bytes
    receipt: bytes
    prekey: bytes
    note: bytes
    consignment: bytes


@pytest.fixture(scope="module")
def genuine() -> Genuine:
    network = Network()
    world = network.world
    send(world.residents[N], question())
    (item,) = world.due(world.residents[N], A)
    receipt = take(world.residents[A], item.envelope)
    checkpoint(network, N)
    row = chronicle_of(network, N).newest()
    assert row is not None
    items = (
        Consigned(envelope=item.envelope, proof=row.note),
        Consigned(envelope=item.envelope),
    )
    return Genuine(
        network=network,
        envelope=item.envelope,
        receipt=receipt,
        prekey=world.prekey(world.directory.node(A)),
        note=row.note,
        consignment=write_consignment(Consignment(items=items, checkpoint=row.note)),
    )


def answers(parse: Callable[[bytes], object], *seeds: bytes, count: int, name: str) -> None:
    """Let a parser read noise: it returns, or raises an error that we know."""
    refused = 0
    for data in noises(seeds, count, seed=name.encode()):
        try:
            parse(data)
        except ComityError:
            refused += 1
    assert refused > count // 20  # or the noise never reaches what it should break


def count_of(config: pytest.Config, few: int) -> int:
    return few * 200 if config.getoption("soak") else few


def parsers(genuine: Genuine) -> dict[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]]:
    """Return every pure parser with genuine bytes of its own."""
    world = genuine.network.world
    vkeys = tuple(text for entry in world.directory.nodes() for text in entry.log_vkeys)
    first = vkeys[0].encode()
    key, federation = world.residents[N].keys.node, world.directory.federation
    manifest = Manifest(
        from_node=N,
        to_node=A,
        number=1,
        written_at=world.clock.now(),
        previous=bytes(32),
        parts=(bytes(36),),
        checkpoint=genuine.note,
        old_size=0,
        consistency=(),
        notice=genuine.prekey,
    )
    ack = Ack(
        from_node=A,
        to_node=N,
        number=1,
        digest=bytes(32),
        read_at=world.clock.now(),
        damaged=(1, 2),
        gaps=(3,),
        answers=bytes(32),
        notice=genuine.prekey,
    )
    documents = {
        "bundle": write_manifest(manifest, key, federation=federation),
        "bundle-ack": write_ack(ack, key, federation=federation),
    }
    payloads = {
        sort: read_document(data, sort=sort).payload for sort, data in documents.items()
    }

    def signed(sort: str, read: Callable[[bytes], object]) -> Callable[[bytes], object]:
        return lambda payload: read(
            sign_document(payload, key, sort=sort, federation=federation)
        )

    proof = Proof(index=0, hashes=(bytes(32),) * 3, note=genuine.note, extra=b"leaf")
    policy = f"log {vkeys[0]}\nwitness w {vkeys[1]}\ngroup g any w\nquorum g\n".encode()
    member = next(iter(world.directory.entries.values())).document
    body = Forged().body
    content = cbor.encode({"body": dict(body)})
    return {
        "cbor": (cbor.decode, (genuine.consignment, content)),
        "sequence": (lambda data: cbor.sequence(data, tag=18), (genuine.envelope * 2,)),
        "envelope": (read_envelope, (genuine.envelope,)),
        "answer": (read_answer, (genuine.receipt, genuine.prekey)),
        "consignment": (read_consignment, (genuine.consignment,)),
        "manifest": (read_manifest, (documents["bundle"],)),
        "signed manifest": (signed("bundle", read_manifest), (payloads["bundle"],)),
        "ack": (read_ack, (documents["bundle-ack"],)),
        "signed ack": (signed("bundle-ack", read_ack), (payloads["bundle-ack"],)),
        "content": (decode_content, (_content(genuine),)),
        "note": (parse_note, (genuine.note,)),
        "proof": (parse_proof, (proof.encode(),)),
        "request": (parse_request, (write_request(1, (bytes(32),), genuine.note),)),
        "equivocation": (parse_equivocation, (b"comity/equivocation@v1\nkey " + first,)),
        "policy": (parse_policy, (policy,)),
        "vkey": (lambda data: parse_vkey(data.decode("utf-8", "replace")), (first,)),
        "tile path": (
            lambda data: parse_tile_path(data.decode("utf-8", "replace")),
            (b"tile/0/x001/x234/067.p/12", b"tile/entries/000.p/1"),
        ),
        "member": (read_member, (write_member(member),)),
    }


def _content(genuine: Genuine) -> bytes:
    """Return the content that lies in the genuine envelope, as its author wrote it."""
    there = genuine.network.world.residents[A].station
    received = inbound.receive(Consigned(envelope=genuine.envelope), there)
    assert isinstance(received, Received)
    directory = there.directory()
    key = directory.node_key(N, received.envelope.node_kid, at=there.clock.now())
    assert key is not None
    verified = verify_envelope(received.envelope, key, federation=directory.federation)
    opened = inbound.open_(
        Verified(received=received, envelope=verified, witnessed=None), there
    )
    assert isinstance(opened, Opened)
    return opened.message.body


def test_every_parser_answers_noise(genuine: Genuine, pytestconfig: pytest.Config) -> None:
    for name, (parse, seeds) in parsers(genuine).items():
        answers(parse, *seeds, count=count_of(pytestconfig, 400), name=name)


def test_a_directory_of_noise_is_refused(genuine: Genuine, pytestconfig: pytest.Config) -> None:
    world = genuine.network.world
    root, at = world.founding.root, world.clock.now()
    for name, data in world.files.items():

        def verified(noise: bytes, name: str = name) -> object:
            return verify_directory({**world.files, name: noise}, root=root, at=at)

        for noise in noises((data,), count_of(pytestconfig, 12), seed=name.encode()):
            try:
                found = verified(noise)
            except ComityError:
                continue
            # What nobody signed changes nothing: at most a member of its own is missing.
            assert found.federation == world.founding.federation  # type: ignore[attr-defined]


def test_noise_that_a_partner_signed_is_answered(
    genuine: Genuine, pytestconfig: pytest.Config
) -> None:
    """A hostile partner seals what it likes with true keys: the road answers each time."""
    world = genuine.network.world
    there, content = world.residents[A], _content(genuine)

    codes: set[str] = set()
    for noise in noises((content,), count_of(pytestconfig, 150), seed=b"sealed"):
        answer = take(there, _sealed(noise, genuine))
        codes.add(code(answer))
        assert len(answer) <= limits.ANSWER
    assert "unparsable" in codes or "not-admitted" in codes
    assert code(take(there, Forged(conv=world.entropy.take(16)).seal(world))) == "filed"


def _sealed(body: bytes, genuine: Genuine) -> bytes:
    world = genuine.network.world
    here, there = world.residents[N], world.residents[A]
    at = world.clock.now()
    message = Message(
        mid=new_message_id(at, world.entropy),
        author=here.agency,
        from_node=here.node,
        recipient=there.agency,
        conv=world.entropy.take(16),
        created=at,
        exp=Instant(at + DAY),
        kind="requests.ask/1",
        decision=bytes(32),
        marking=bytes(32),
        items=1,
        body=body,
    )
    return seal(
        message,
        to_node=there.node,
        prekey=there.prekey.public,
        author_key=here.keys.agency,
        node_key=here.keys.node,
        federation=world.directory.federation,
        entropy=world.entropy,
    )


BOMBS = {
    "depth": b"\x81" * 1_000_000,
    "array": b"\x9a\x00\x0f\x42\x40" + b"\x00" * 1_000_000,
    "map": b"\xba\x00\x0f\x42\x40" + b"\x00\x00" * 1_000_000,
    "recipients": b"\xd2\x84\x40\xa0\x9a\x00\x0f\x42\x40" + b"\x80" * 1_000_000 + b"\x40",
    "promise": b"\x5b\x00\x00\x00\x7f\xff\xff\xff\xff",
    "gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 2_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_no_more_memory_than_its_bytes(bomb: str) -> None:
    data = BOMBS[bomb]
    for parse in (
        read_envelope,
        read_answer,
        read_consignment,
        cbor.decode,
        decode_content,
        parse_note,
    ):
        tracemalloc.start()
        try:
            with pytest.raises(ComityError):
                parse(data)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        # A decoded bomb would take thirty bytes and more for each of its items.
        assert peak < 2 * len(data) + limits.MIB, (parse, peak)


class Line:
    """Calls an application as a server does, byte for byte."""

    def __init__(self, network: Network) -> None:
        there = network.world.residents[A].station
        chronicle = chronicle_of(network, A)
        self.app = partner_app(
            Doors(
                inbox=lambda found: [inbound.take(i, there).result() for i in found.items],
                prekeys=lambda: b"notice",
                checkpoint=lambda: None,
                tile=lambda path: str(parse_tile_path(path)).encode(),
                may_read_entries=lambda reader: reader == "good",
                witness=chronicle.witness,
                witnessed=lambda _digest: None,
                directory=lambda _path: None,
                is_alive=lambda: True,
                is_ready=lambda: True,
                journal=lambda _route, _code: None,
            )
        )

    def status(self, method: str, path: bytes, body: bytes) -> int:
        found: list[int] = []

        async def receive() -> MutableMapping[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def tell(message: MutableMapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                assert isinstance(status, int)
                found.append(status)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path.decode("utf-8", "replace"),
            "raw_path": path,
            "root_path": "",
            "scheme": "http",
            "query_string": b"",
            "headers": [(b"content-length", b"%d" % len(body))],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        asyncio.run(self.app(scope, receive, tell))
        return found[0]


@pytest.mark.enable_socket
def test_the_partners_listener_answers_noise_and_lives(
    genuine: Genuine, pytestconfig: pytest.Config
) -> None:
    line = Line(genuine.network)
    posted = {
        b"/x/v1/inbox": (genuine.consignment, genuine.envelope),
        b"/witness/add-checkpoint": (write_request(1, (bytes(32),), genuine.note),),
    }
    for path, seeds in posted.items():
        for noise in noises(seeds, count_of(pytestconfig, 60), seed=path):
            assert line.status("POST", path, noise) < 500
    paths = (
        b"/log/tile/0/x001/067.p/12",
        b"/log/r/good/tile/entries/000",
        b"/directory/a.json",
    )
    for noise in noises(paths, count_of(pytestconfig, 150), seed=b"paths"):
        assert line.status("GET", b"/" + noise.lstrip(b"/"), b"") < 500
    assert line.status("GET", b"/readyz", b"") == 200


def test_more_envelopes_than_one_call_may_carry_are_refused() -> None:
    with pytest.raises(LimitError):
        read_consignment(b"\xd2\x84\x40\xa0\x40\x40" * 1_000_000)
