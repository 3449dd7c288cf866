"""A person sends a large file: brought in pieces, taken along by a letter, read there."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from tests.scenarios.stage import A, N, leaves, outbox, question, send
from tests.unit.api.ground import ASK, FACTS, QUESTION, Office, open_office, ports, told
from tests.unit.node.test_blobs import DATA, LANE, Post, pieces
from tests.unit.node.test_blobs import post as post  # noqa: PLC0414 - the fixture itself

from comity.api import routes
from comity.cli.client import Client
from comity.cli.command import Given
from comity.cli.files import drop_file, get_file, list_files
from comity.cli.practice import attached
from comity.core import limits
from comity.core.cbor import Value
from comity.core.clock import DAY
from comity.core.errors import InvalidInputError, LimitError, NotFoundError, StateError
from comity.core.ids import NodeId, RecordId
from comity.core.store import eq
from comity.desk import Desk, Files, Laid, Letter
from comity.desk.files import Nothing
from comity.exchange import BlobRow
from comity.record import RecordRow

NAME, MEDIA = "camera.mp4", "video/mp4"


def files(post: Post, node: NodeId) -> Files:
    here = post.world.residents[node]
    return Files(here.station, here.desk.reading, post.shelves[node])


def bring(post: Post, data: bytes = DATA) -> Laid:
    here = post.world.residents[N]
    return files(post, N).bring(
        here.actor("officer"), name=NAME, media=MEDIA, pieces=pieces(data)
    )


def with_file(post: Post, laid: Laid) -> Letter:
    letter = question(attachments=[{"laid": laid.file}])
    actor = post.world.residents[N].actor("officer")
    return replace(letter, body=files(post, N).fill(actor, letter.body))


def row_of(post: Post, laid: Laid) -> BlobRow:
    store = post.world.residents[N].store
    row = store.read(lambda r: r.get(BlobRow, N, bytes.fromhex(laid.file)))
    assert row is not None
    return row


def is_erased(post: Post, record: str) -> bool:
    store = post.world.residents[N].store
    row = store.read(lambda r: r.get(RecordRow, record))
    return row is None or row.erased_at is not None


def test_a_file_brought_by_a_person_goes_with_their_letter_and_is_read_there(
    post: Post,
) -> None:
    laid = bring(post)
    assert (laid.name, laid.media, laid.size) == (NAME, MEDIA, len(DATA))
    record = row_of(post, laid).record_id
    here, there = post.world.residents[N], post.world.residents[A]
    sent = send(here, with_file(post, laid))
    row = row_of(post, laid)
    assert (row.state, row.person, row.record_id) == ("bound", "", "")
    assert is_erased(post, record)
    assert files(post, N).waiting(here.actor("officer")) == ()
    while post.worker.serve(LANE):
        pass
    found = files(post, A).open(there.actor("officer"), sent.mid, 0)
    assert (found.name, found.media) == (NAME, MEDIA)
    assert not isinstance(found.content, bytes)
    assert b"".join(found.content) == DATA
    assert leaves(there).count("opened") == 1
    assert outbox(here, sent.mid).state == "receipted"


def test_a_file_is_its_bringers_alone_and_of_one_letter(post: Post) -> None:
    laid = bring(post)
    here, desk = post.world.residents[N], files(post, N)
    other = here.actor("officer", "second")
    assert desk.waiting(other) == ()
    assert [each.file for each in desk.waiting(here.actor("officer"))] == [laid.file]
    body: dict[str, Value] = {"attachments": [{"laid": laid.file}]}
    with pytest.raises(NotFoundError):
        desk.fill(other, body)
    with pytest.raises(NotFoundError):
        desk.drop(other, laid.file)
    send(here, with_file(post, laid))
    with pytest.raises(NotFoundError):
        desk.fill(here.actor("officer"), body)


@pytest.mark.parametrize("file", ["", "zz", "00" * 32])
def test_a_file_that_is_not_there_is_not_found(post: Post, file: str) -> None:
    here = post.world.residents[N]
    with pytest.raises(NotFoundError):
        files(post, N).drop(here.actor("officer"), file)


def test_a_file_that_is_dropped_is_noise_at_once_and_gone_with_the_sweep(post: Post) -> None:
    laid = bring(post)
    here = post.world.residents[N]
    record = row_of(post, laid).record_id
    files(post, N).drop(here.actor("officer"), laid.file)
    assert is_erased(post, record)
    post.shelves[N].sweep()
    assert post.files(N) == []


def test_a_file_no_letter_took_goes_with_its_key(post: Post) -> None:
    laid = bring(post)
    here = post.world.residents[N]
    record = row_of(post, laid).record_id
    post.world.clock.advance(46 * DAY)
    post.shelves[N].sweep()
    assert post.files(N) == []
    assert is_erased(post, record)
    assert files(post, N).waiting(here.actor("officer")) == ()


def test_a_file_whose_key_is_gone_is_gone(post: Post) -> None:
    laid = bring(post)
    here, row = post.world.residents[N], row_of(post, laid)
    at = here.clock.now()
    here.store.commit(lambda tx: here.safe.erase(tx, RecordId(row.record_id), at=at)).result()
    with pytest.raises(NotFoundError, match="has gone"):
        files(post, N).waiting(here.actor("officer"))


@pytest.mark.parametrize(
    ("name", "media", "data"),
    [(NAME, MEDIA, b""), ("a/b", MEDIA, DATA), ("a\nb", MEDIA, DATA), (NAME, "no type", DATA)],
)
def test_what_no_message_may_bear_is_refused(
    post: Post, name: str, media: str, data: bytes
) -> None:
    here = post.world.residents[N]
    with pytest.raises(InvalidInputError):
        files(post, N).bring(here.actor("officer"), name=name, media=media, pieces=pieces(data))
    assert files(post, N).waiting(here.actor("officer")) == ()


def broken() -> Iterator[bytes]:
    yield b"a" * 100_000
    raise ConnectionResetError


def endless() -> Iterable[bytes]:
    return iter(lambda: bytes(limits.BLOB_PIECE), b"")


def test_what_breaks_off_leaves_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOB", 2 * limits.MIB)
    here = post.world.residents[N]
    for given, error in ((broken(), ConnectionResetError), (endless(), LimitError)):
        with pytest.raises(error):
            files(post, N).bring(here.actor("officer"), name=NAME, media=MEDIA, pieces=given)
        assert post.files(N) == []
        assert here.store.read(lambda r: r.find(BlobRow)) == []


def test_a_file_swept_while_it_was_brought_is_said_to_be_gone(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, shelf = post.world.residents[N], post.shelves[N]
    lay = type(shelf).lay

    def lose(self: object, given: Iterable[bytes]) -> object:
        ref = lay(shelf, given)
        here.store.commit(lambda tx: tx.delete(BlobRow, eq("node", N))).result()
        assert self is shelf
        return ref

    monkeypatch.setattr(type(shelf), "lay", lose)
    with pytest.raises(NotFoundError, match="no more"):
        bring(post)


def test_a_small_file_is_given_as_it_lies_in_the_message(post: Post) -> None:
    here, there = post.world.residents[N], post.world.residents[A]
    content = b"a note"
    small: dict[str, Value] = {
        "name": "note.txt",
        "media": "text/plain",
        "digest": hashlib.sha256(content).digest(),
        "content": content,
    }
    sent = send(here, question(attachments=[small]))
    while post.worker.serve(LANE):
        pass
    desk = files(post, A)
    assert desk.open(there.actor("officer"), sent.mid, 0).content == content
    for place in (-1, 1):
        with pytest.raises(NotFoundError, match="no such file"):
            desk.open(there.actor("officer"), sent.mid, place)


def test_a_desk_without_a_folder_keeps_no_large_file(post: Post) -> None:
    here = post.world.residents[N]
    with pytest.raises(StateError):
        here.desk.files.bring(
            here.actor("officer"), name=NAME, media=MEDIA, pieces=pieces(DATA)
        )
    with pytest.raises(NotFoundError):
        Nothing().read(b"", post.sent()[1])


# --- over the API and the command line ----------------------------------------------------


@pytest.fixture
def office(post: Post) -> Office:
    """Return Norland's people, with a shelf beneath their desk."""
    made = open_office(world=post.world)
    kept: Desk = replace(made.here.desk, files=files(post, N))
    made.app = Starlette(routes=routes(kept, ports(made.here)))
    return made


def put(office: Office, path: str, data: bytes, *, seat: str = "officer") -> httpx2.Response:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces(data):
            yield piece

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=office.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://n") as http:
            headers = {"Authorization": f"Bearer {office.tokens.get(seat, 'nobody')}"}
            return await http.put(f"/api/v1/{path}", content=chunks(), headers=headers)

    return asyncio.run(ask())


def test_programs_bring_a_file_and_send_it(office: Office, post: Post) -> None:
    laid = told(put(office, f"files?name={NAME}&media={MEDIA}", DATA))
    assert laid["size"] == len(DATA)
    assert told(office.ask("GET", "files"))["files"] == [laid]
    part = {"name": NAME, "media": MEDIA, "file": laid["file"]}
    body = {**ASK, "body": {**QUESTION, "attachments": [part]}, "facts": FACTS}
    sent = told(office.ask("POST", "letters", body=body))
    assert sent["outcome"] == "sent", sent
    while post.worker.serve(LANE):
        pass
    there = open_office(post.world.residents[A].agency, post.world)
    kept: Desk = replace(there.here.desk, files=files(post, A))
    there.app = Starlette(routes=routes(kept, ports(there.here)))
    client = Client(there.app, there.tokens["officer"])
    into = io.BytesIO()
    assert client.fetch("messages", str(sent["mid"]), "files", "0", into=into) == len(DATA)
    assert into.getvalue() == DATA
    assert told(there.ask("GET", f"messages/{sent['mid']}/files/7"), 404)
    assert told(there.ask("GET", f"messages/{sent['mid']}/files/x"), 404)
    assert told(there.ask("POST", f"messages/{sent['mid']}/files/0", body={}), 405)
    assert told(office.ask("GET", "files"))["files"] == []


def test_an_attachment_has_its_bytes_or_a_file_and_not_both(office: Office) -> None:
    for part in ({}, {"content": "bm90ZQ==", "file": "00" * 32}):
        given = {"name": NAME, "media": MEDIA, **part}
        body = {**ASK, "body": {**QUESTION, "attachments": [given]}}
        assert "either" in str(told(office.ask("POST", "letters", body=body), 422))


def test_a_stranger_brings_nothing_and_a_name_is_needed(office: Office, post: Post) -> None:
    assert told(put(office, f"files?name={NAME}&media={MEDIA}", DATA, seat="stranger"), 401)
    assert told(put(office, "files?name=a%2Fb&media=video/mp4", DATA), 422)
    assert told(put(office, "files", DATA), 422)
    assert told(put(office, f"files?name={NAME}&media={MEDIA}", DATA, seat="engineer"), 403)
    assert post.files(N) == []


def test_a_dropped_file_is_listed_no_more(office: Office) -> None:
    laid = told(put(office, f"files?name={NAME}&media={MEDIA}", DATA))
    told(office.ask("POST", f"files/{laid['file']}/drop", body={}))
    assert told(office.ask("GET", "files"))["files"] == []


def test_a_client_puts_a_file_from_disk(office: Office, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(DATA)
    client = Client(office.app, office.tokens["officer"])
    with path.open("rb") as file:
        found = client.put("files", query={"name": NAME, "media": MEDIA}, file=file)
    assert found["size"] == len(DATA)


def test_the_command_line_brings_a_large_file_lists_and_drops_it(
    office: Office, tmp_path: Path
) -> None:
    client = Client(office.app, office.tokens["officer"])
    large, small = tmp_path / NAME, tmp_path / "note.txt"
    large.write_bytes(DATA)
    small.write_bytes(b"note")
    assert "content" in attached(small, client)
    part = attached(large, client)
    assert (part["name"], part["media"], set(part)) == (NAME, MEDIA, {"name", "media", "file"})
    (line,) = list_files(Given(client=client, values={})).lines
    assert line.startswith(f"{part['file']}  {NAME}  {len(DATA)} bytes")
    drop_file(Given(client=client, values={"file": part["file"]}))
    (line,) = list_files(Given(client=client, values={})).lines
    assert line == "no file of yours waits for a letter"


def test_a_file_that_cannot_be_had_or_written_leaves_nothing(
    office: Office, tmp_path: Path
) -> None:
    client, out = Client(office.app, office.tokens["officer"]), tmp_path / "out"
    values = {"mid": "00" * 16, "place": "0", "out": str(out)}
    with pytest.raises(NotFoundError):
        get_file(Given(client=client, values=values))
    assert not out.exists()
    out.write_bytes(b"mine")
    with pytest.raises(InvalidInputError, match="exists"):
        get_file(Given(client=client, values=values))
    assert out.read_bytes() == b"mine"
