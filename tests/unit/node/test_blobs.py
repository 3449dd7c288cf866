"""Large files beside their messages: whole before a receipt, and each partner's its own."""

import hashlib
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.scenarios.stage import (
    ARCADIA,
    CASTALIA,
    NORLAND,
    A,
    C,
    N,
    a_world,
    inbox,
    leaves,
    opened,
    outbox,
    question,
    send,
)
from typing_extensions import override

from comity.adapters.http import Doors, partner_app
from comity.adapters.world import World
from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, MINUTE
from comity.core.errors import (
    GarbledError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    StateError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import AgencyId, NodeId, RecordId, message_id
from comity.core.store import eq
from comity.desk import Letter, Sent
from comity.exchange import BlobRow, Consigned, Station, blobs, inbound, queue
from comity.exchange.blobs import Offer
from comity.node.blobs import Nowhere, Shelf
from comity.node.deliverer import Deliverer
from comity.practice import blobs_of, large_attachment
from comity.record import RecordRow
from comity.seal import BlobRef
from comity.trust import NodeEntry

DATA = b"night train, wagon 7; " * 120_000
LANE = (A, queue.NORMAL)


@dataclass(slots=True)
class Line:
    """Brings pieces to a shelf of the world; a test may cut it or lie on it."""

    shelves: dict[NodeId, Shelf]
    left: int = 1_000_000
    calls: int = 0
    told: Callable[[int], int] = lambda held: held
    bodies: list[bytes] = field(default_factory=list[bytes])

    def put_blob(self, entry: NodeEntry, digest: bytes, body: bytes, /) -> int:
        self.calls += 1
        if self.left == 0:
            raise UnreachableError("the line was cut")
        self.left -= 1
        self.bodies.append(body)
        try:
            return self.told(self.shelves[entry.node].take(digest, body))
        except (InvalidInputError, VerificationError) as error:
            raise GarbledError(str(error)) from None


@dataclass(slots=True)
class Post:
    world: World
    line: Line
    shelves: dict[NodeId, Shelf]
    worker: Deliverer
    journal: list[str]

    def sent(self, data: bytes = DATA, recipient: AgencyId = ARCADIA) -> tuple[Sent, BlobRef]:
        ref = self.shelves[N].lay(pieces(data))
        return send(self.world.residents[N], letter(ref, data, recipient=recipient)), ref

    def files(self, node: NodeId) -> list[Path]:
        folder = self.shelves[node].folder
        return sorted(folder.iterdir()) if folder.exists() else []

    def row(self, node: NodeId, whose: NodeId, ref: BlobRef) -> BlobRow | None:
        store = self.world.residents[node].store
        return store.read(lambda r: r.get(BlobRow, whose, ref.digest))

    def put(self, node: NodeId, body: bytes, ref: BlobRef) -> int:
        return self.shelves[node].take(ref.digest, body)

    def offered(  # noqa: PLR0913
        self,
        ref: BlobRef,
        piece: bytes,
        *,
        by: NodeId = N,
        to: NodeId = A,
        offset: int = 0,
        length: int | None = None,
        said: bytes | None = None,
    ) -> bytes:
        station = self.world.residents[by].station
        offer = Offer(
            node=by,
            asked=to,
            at=station.clock.now(),
            digest=ref.digest,
            length=ref.length if length is None else length,
            offset=offset,
            piece=hashlib.sha256(piece if said is None else said).digest(),
        )
        return cbor.encode([blobs.write_offer(offer, station), piece])

    def ciphertext(self, ref: BlobRef) -> bytes:
        shelf = self.shelves[N]
        name = hashlib.sha256(N.encode() + b"\0" + ref.digest).hexdigest()
        return (shelf.folder / name).read_bytes()


def pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), 100_000):
        yield data[at : at + 100_000]


def letter(ref: BlobRef, data: bytes = DATA, *, recipient: AgencyId = ARCADIA) -> Letter:
    file = large_attachment(
        "camera.mp4", media="video/mp4", digest=hashlib.sha256(data).digest(), blob=ref
    )
    return question(recipient, attachments=[file])


@pytest.fixture
def post(tmp_path: Path) -> Post:
    world = a_world(NORLAND, ARCADIA, CASTALIA)
    shelves = {
        node: Shelf(station=here.station, folder=tmp_path / node, quota=64 * limits.MIB)
        for node, here in world.residents.items()
    }
    line, journal = Line(shelves), list[str]()
    worker = Deliverer(
        station=world.residents[N].station,
        carrier=world,
        entropy=world.entropy,
        resend=lambda _logged: None,
        journal=lambda _name, code: journal.append(code),
        bring=lambda entry, logged: shelves[N].bring(entry, logged, line),
    )
    return Post(world, line, shelves, worker, journal)


def test_a_large_file_comes_before_its_message_and_reads_the_same(post: Post) -> None:
    sent, ref = post.sent()
    while post.worker.serve(LANE):
        pass
    assert outbox(post.world.residents[N], sent.mid).state == "receipted"
    there = post.world.residents[A]
    content = opened(there, sent.mid).content
    assert content is not None
    (found,) = blobs_of(content.body)
    assert b"".join(post.shelves[A].read(message_id(sent.mid), found)) == DATA
    assert {path.stat().st_mode & 0o777 for path in post.files(A)} == {0o600}
    post.shelves[N].sweep()
    assert post.files(N) == []
    assert post.row(N, N, ref) is None
    post.shelves[A].sweep()
    assert len(post.files(A)) == 1


def test_no_receipt_before_the_file_is_here_and_the_message_stays_queued(post: Post) -> None:
    post.worker.bring = lambda _entry, _logged: True
    sent, _ = post.sent()
    post.worker.serve(LANE)
    here, there = post.world.residents[N], post.world.residents[A]
    row = outbox(here, sent.mid)
    assert (row.state, row.code, row.aside) == ("queued", "blob-missing", True)
    assert inbox(there) == []
    assert "received" not in leaves(there)


def test_filing_fails_where_the_file_went_meanwhile(post: Post) -> None:
    sent, _ = post.sent()
    station = post.world.residents[A].station
    received = inbound.receive(
        Consigned(envelope=outbox(post.world.residents[N], sent.mid).envelope), station
    )
    verified = inbound.verify(received, station)  # type: ignore[arg-type]
    admitted = inbound.admit(inbound.open_(verified, station), station)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        inbound.file(admitted, station).result()  # type: ignore[arg-type]
    assert inbox(post.world.residents[A]) == []


def test_a_cut_line_goes_on_where_it_was(post: Post) -> None:
    sent, ref = post.sent()
    post.line.left = 3
    post.worker.serve(LANE)
    (part,) = post.files(A)
    assert part.stat().st_size == 2 * limits.BLOB_PIECE
    post.line.left, post.line.bodies = 100, []
    post.world.clock.advance(HOUR)
    while post.worker.serve(LANE):
        pass
    assert outbox(post.world.residents[N], sent.mid).state == "receipted"
    assert sum(map(len, post.line.bodies)) < ref.length - limits.BLOB_PIECE


def test_a_large_file_is_brought_in_slices_and_lets_others_pass(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.node.blobs._SLICE", limits.BLOB_PIECE)
    big, _ = post.sent()
    small = send(post.world.residents[N], question())
    post.worker.serve(LANE)
    here = post.world.residents[N]
    states = [outbox(here, mid).state for mid in (big.mid, small.mid)]
    assert states == ["queued", "receipted"]
    while post.worker.serve(LANE):
        pass
    assert outbox(here, big.mid).state == "receipted"


@pytest.mark.parametrize("told", [lambda _: 0, lambda held: held + 1, lambda _: 10**14])
def test_a_node_that_lies_about_what_it_holds_gets_no_endless_upload(
    post: Post, told: Callable[[int], int]
) -> None:
    sent, _ = post.sent()
    post.line.told = told
    post.worker.serve(LANE)
    assert post.line.calls <= 3
    assert outbox(post.world.residents[N], sent.mid).aside


def test_a_file_of_one_recipient_goes_to_no_other_and_none_to_who_takes_no_call(
    post: Post,
) -> None:
    _, ref = post.sent()
    here = post.world.residents[N]
    station, body = here.station, letter(ref).body
    other = station.directory().node(C)
    only_asks = replace(station.directory().node(A), limits={"pull": 1})
    for entry in (other, only_asks):
        with pytest.raises(StateError):
            _bind(station, body, entry)
    gone = replace(ref, digest=bytes(32))
    with pytest.raises(StateError):
        send(here, letter(gone))


def test_a_node_behind_media_is_sent_no_large_file(post: Post) -> None:
    here = post.world.residents[N]
    ref = post.shelves[N].lay([b"x"])
    station = replace(here.station, is_called=lambda _entry: False)
    entry = station.directory().node(A)
    body = letter(ref).body
    with pytest.raises(StateError):
        _bind(station, body, entry)


def _bind(station: Station, body: Mapping[str, Value], entry: NodeEntry) -> None:
    station.store.commit(lambda tx: blobs.bind(tx, body, b"m", entry, station)).result()


def test_what_comes_must_be_what_its_digest_says(post: Post) -> None:
    _, ref = post.sent(b"x" * 1_000)
    wrong = b"y" * ref.length
    with pytest.raises(VerificationError):
        post.put(A, post.offered(ref, wrong), ref)
    assert post.files(A) == []
    assert post.put(A, post.offered(ref, post.ciphertext(ref)), ref) == ref.length


def test_an_offset_that_is_not_the_end_changes_nothing(post: Post) -> None:
    _, ref = post.sent(b"x" * 1_000)
    data = post.ciphertext(ref)
    assert post.put(A, post.offered(ref, data[:100]), ref) == 100
    assert post.put(A, post.offered(ref, data[:100]), ref) == 100
    assert post.put(A, post.offered(ref, data[500:], offset=500), ref) == 100
    assert post.put(A, post.offered(ref, data[100:], offset=100), ref) == ref.length
    assert post.put(A, post.offered(ref, b""), ref) == ref.length


def test_offers_that_lie_are_refused(post: Post) -> None:
    _, ref = post.sent(b"x" * 1_000)
    data = post.ciphertext(ref)
    lies: list[tuple[type[Exception], bytes]] = [
        (InvalidInputError, post.offered(ref, data + b"x")),
        (InvalidInputError, post.offered(ref, data, offset=10)),
        (InvalidInputError, post.offered(ref, b"", offset=ref.length + 1)),
        (LimitError, post.offered(ref, b"", length=1 << 40)),
        (LimitError, post.offered(ref, b"", length=3)),
        (VerificationError, post.offered(ref, data, said=b"another")),
        (VerificationError, post.offered(replace(ref, digest=bytes(32)), data)),
        (VerificationError, post.offered(ref, data, to=C)),
        (InvalidInputError, cbor.encode([b"", b"", b""])),
        (InvalidInputError, b"\xff"),
        (InvalidInputError, cbor.encode([b"", bytes(limits.BLOB_PIECE + 1)])),
    ]
    for error, body in lies:
        with pytest.raises(error):
            post.put(A, body, ref)
    assert post.files(A) == []
    old = post.offered(ref, data)
    post.world.clock.advance(6 * MINUTE)
    with pytest.raises(VerificationError):
        post.put(A, old, ref)
    post.put(A, post.offered(ref, data[:10]), ref)
    with pytest.raises(InvalidInputError):
        post.put(A, post.offered(ref, b"", length=ref.length + 1), ref)


def test_an_offer_in_another_nodes_name_is_refused(post: Post) -> None:
    _, ref = post.sent(b"x")
    station = post.world.residents[C].station
    offer = Offer(
        node=N,
        asked=A,
        at=station.clock.now(),
        digest=ref.digest,
        length=ref.length,
        offset=0,
        piece=hashlib.sha256(b"").digest(),
    )
    body = cbor.encode([blobs.write_offer(offer, station), b""])
    with pytest.raises(VerificationError):
        post.put(A, body, ref)


def test_another_partners_upload_neither_serves_nor_spoils_ours(post: Post) -> None:
    sent, ref = post.sent(b"x" * 1_000)
    data = post.ciphertext(ref)
    assert post.put(A, post.offered(ref, data, by=C), ref) == ref.length
    post.line.left = 0
    post.worker.bring = lambda _entry, _logged: True
    post.worker.serve(LANE)
    assert outbox(post.world.residents[N], sent.mid).code == "blob-missing"
    assert post.put(A, post.offered(ref, data), ref) == ref.length
    assert len(post.files(A)) == 2


def test_a_partners_files_wait_within_its_quota_and_expire(post: Post) -> None:
    shelf = post.shelves[A]
    shelf.quota = 3_000
    one, other = (post.shelves[N].lay([bytes([n]) * 1_900]) for n in range(2))
    post.put(A, post.offered(one, b""), one)
    with pytest.raises(LimitError):
        post.put(A, post.offered(other, b""), other)
    assert post.put(A, post.offered(other, b"", by=C), other) == 0
    post.world.clock.advance(4 * DAY)
    shelf.sweep()
    assert post.files(A) == []
    assert post.put(A, post.offered(other, post.ciphertext(other)), other) == other.length


def test_a_crash_between_file_and_row_ends_whole(post: Post) -> None:
    _, ref = post.sent(b"x" * 1_000)
    post.put(A, post.offered(ref, b""), ref)
    (part,) = post.files(A)
    part.rename(part.with_suffix(""))
    part.with_suffix("").write_bytes(post.ciphertext(ref))
    assert post.put(A, post.offered(ref, b""), ref) == ref.length
    row = post.row(A, N, ref)
    assert row is not None
    assert row.state == "whole"
    assert [path.suffix for path in post.files(A)] == [""]


def test_holes_a_power_cut_left_are_found_on_the_disk(post: Post) -> None:
    _, ref = post.sent(b"x" * 1_000)
    data = post.ciphertext(ref)
    post.put(A, post.offered(ref, data[:100]), ref)
    (part,) = post.files(A)
    part.write_bytes(bytes(100))
    with pytest.raises(VerificationError):
        post.put(A, post.offered(ref, data[100:], offset=100), ref)
    assert post.put(A, post.offered(ref, data), ref) == ref.length


def test_files_without_a_row_are_swept_and_one_being_laid_is_not(post: Post) -> None:
    folder = post.shelves[A].folder
    post.shelves[A].sweep()
    folder.mkdir()
    (folder / "stray").write_bytes(b"x")
    (folder / "stray.part").write_bytes(b"x")
    (folder / "new.laying").write_bytes(b"x")
    post.shelves[A].sweep()
    assert [path.name for path in post.files(A)] == ["new.laying"]


def test_what_was_erased_or_never_sent_goes_with_its_file(post: Post) -> None:
    sent, ref = post.sent(b"x" * 1_000)
    post.shelves[N].lay([b"never sent"])
    while post.worker.serve(LANE):
        pass
    there = post.world.residents[A]
    (row,) = inbox(there)
    there.store.commit(
        lambda tx: there.safe.erase(tx, RecordId(row.record_id), at=there.clock.now())
    ).result()
    post.shelves[A].sweep()
    assert post.files(A) == []
    with pytest.raises(NotFoundError):
        post.shelves[A].read(message_id(sent.mid), ref)
    assert there.store.read(lambda r: r.count(RecordRow, eq("record_id", row.record_id))) == 1
    post.world.clock.advance(46 * DAY)
    post.shelves[N].sweep()
    assert post.files(N) == []


def test_a_file_lost_here_sets_only_its_message_aside(post: Post) -> None:
    sent, _ = post.sent(b"x" * 1_000)
    for path in post.files(N):
        path.unlink()
    post.worker.serve(LANE)
    assert outbox(post.world.residents[N], sent.mid).aside


def test_without_a_line_nothing_is_brought(post: Post) -> None:
    entry = post.world.residents[N].station.directory().node(A)
    with pytest.raises(UnreachableError):
        Nowhere().put_blob(entry, b"", b"")


def test_the_listener_takes_pieces_within_bounds_and_says_where_to_go_on(post: Post) -> None:
    _, ref = post.sent(b"x" * 1_000)
    nothing: Callable[[], bytes] = lambda: b""  # noqa: E731
    doors = Doors(
        inbox=lambda _: [],
        prekeys=nothing,
        checkpoint=lambda: None,
        tile=lambda _: None,
        may_read_entries=lambda _: False,
        witness=lambda _: (404, b"", ""),
        witnessed=lambda _: None,
        directory=lambda _: None,
        is_alive=lambda: True,
        is_ready=lambda: True,
        journal=lambda _place, _code: None,
        blob=post.shelves[A].take,
    )
    client, at = TestClient(partner_app(doors)), f"/x/v1/blob/{ref.digest.hex()}"
    data = post.ciphertext(ref)
    assert client.put(at, content=post.offered(ref, data[:7])).text == "7"
    assert client.put(at, content=post.offered(ref, b"")).text == "7"
    assert client.put(at, content=b"junk").status_code == 400
    assert client.put(at, content=post.offered(ref, data, to=C)).status_code == 403
    assert client.put(at, content=bytes(limits.BLOB_PIECE + limits.KIB * 5)).status_code == 413
    assert client.put("/x/v1/blob/..%2f..", content=b"").status_code == 404
    assert client.put("/x/v1/blob/AB", content=b"").status_code == 404
    shut = TestClient(partner_app(replace(doors, blob=None)))
    assert shut.put(at, content=b"").status_code == 404


def test_memory_stays_bounded_while_a_payload_of_tens_of_mib_passes(post: Post) -> None:
    size = 32 * limits.MIB
    block = bytes(limits.MIB)
    post.line.bodies = Forgetful()
    tracemalloc.start()
    try:
        ref = post.shelves[N].lay(block for _ in range(size // len(block)))
        sent = send(post.world.residents[N], letter(ref))
        while post.worker.serve(LANE):
            pass
        assert sum(map(len, post.shelves[A].read(message_id(sent.mid), ref))) == size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outbox(post.world.residents[N], sent.mid).state == "receipted"
    assert peak < 16 * limits.MIB


class Forgetful(list[bytes]):
    @override
    def append(self, _body: bytes, /) -> None:
        """Keep nothing."""
