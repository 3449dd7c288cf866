"""What a node opens to partners, attacked from outside through its own application."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import anyio
import httpx2
import pytest
from starlette.applications import Starlette
from tests.unit.node.ground import ARCADIA, NORLAND, Town, grow

from comity.adapters.http import Client, HttpCarrier, partner_app
from comity.ledger import decode_bundle, leaf_hash
from comity.node.doors import doors_of
from comity.node.health import Health, Pulse
from comity.node.metrics import Tally
from comity.node.office import Office, open_office
from comity.node.readers import reader_token
from comity.node.running import Running
from comity.node.timepiece import Timepiece


@pytest.fixture
def office(town: Town) -> Iterator[Office]:
    opened = open_office(town.node(NORLAND))
    yield opened
    opened.close()


def app_of(office: Office, *, publish: Path | None) -> Starlette:
    client = Client()
    carrier = HttpCarrier(client)
    journal: list[tuple[str, str]] = []

    def write(place: str, code: str) -> None:
        journal.append((place, code))

    running = Running(
        office=office,
        carrier=carrier,
        client=client,
        ask=carrier.add_checkpoint,
        journal=write,
        notify=lambda _reach: 0,
        timepiece=Timepiece(
            office=office, ask=carrier.add_checkpoint, journal=write, steady=lambda: 0.0
        ),
        health=Health(office, Pulse(lambda: 0.0)),
        tally=Tally(),
    )
    return partner_app(doors_of(office, running, publish=publish, journal=write))


@pytest.fixture
def app(office: Office, town: Town) -> Starlette:
    return app_of(office, publish=town.network)


def get(app: Starlette, path: str) -> httpx2.Response:
    async def fetch() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as http:
            return await http.get(path)

    return anyio.run(fetch)


def post(app: Starlette, path: str, body: bytes) -> httpx2.Response:
    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as http:
            return await http.post(path, content=body)

    return anyio.run(send)


@pytest.mark.parametrize(
    "path",
    [
        "metadata/../../root.json",
        "metadata/..%2f..%2froot.json",
        "metadata/%2e%2e/%2e%2e/keys/oversight.seed",
        "metadata/%252e%252e/%252e%252e/keys/oversight.seed",
        "targets/../../keys/publisher.seed",
        "targets/..%5c..%5ckeys",
        "targets//etc/passwd",
        "keys/oversight.seed",
        "../root.json",
        "/root.json",
        "targets/x%00.yaml",
        "metadata",
        "",
    ],
)
def test_no_path_leaves_what_is_published(app: Starlette, path: str) -> None:
    assert get(app, f"/directory/{path}").status_code in {403, 404}


def test_a_link_out_of_the_published_folder_is_not_followed(app: Starlette, town: Town) -> None:
    (town.network / "public" / "targets" / "out.seed").symlink_to(
        town.network / "keys" / "oversight.seed"
    )
    assert get(app, "/directory/targets/out.seed").status_code == 404


def test_what_is_published_is_given_byte_for_byte(app: Starlette, town: Town) -> None:
    path = town.network / "public" / "metadata" / "timestamp.json"
    assert get(app, "/directory/metadata/timestamp.json").content == path.read_bytes()


def test_every_node_is_a_mirror_of_the_directory_and_its_registry_log(office: Office) -> None:
    app, held = app_of(office, publish=None), office.register.held()
    for name in ("metadata/timestamp.json", "metadata/1.root.json"):
        assert get(app, f"/directory/{name}").content == held[name]
    assert get(app, "/registry/checkpoint").content == held["registry/checkpoint"]
    for name in ("seen.json", ".checkpoint", "proof/x.tlog-proof", "tile/entries/1"):
        assert get(app, f"/directory/{name}").status_code == 404
        assert get(app, f"/registry/{name}").status_code == 404


def test_before_the_first_checkpoint_there_is_no_ledger_to_read(app: Starlette) -> None:
    assert get(app, "/log/checkpoint").status_code == 404
    assert get(app, "/log/tile/0/000.p/1").status_code == 404


def test_tiles_are_for_all_and_entries_for_inspectors(app: Starlette, office: Office) -> None:
    grow(office, 300)
    note = office.chronicle.sign().note
    assert get(app, "/log/checkpoint").content == note
    token = reader_token(office.keyring)
    bundle = get(app, f"/log/r/{token}/tile/entries/001.p/44")
    entries = decode_bundle(bundle.content, 44)
    tile = get(app, "/log/tile/0/001.p/44").content
    assert tile == b"".join(leaf_hash(entry) for entry in entries)
    assert len(get(app, "/log/tile/0/000").content) == 256 * 32
    assert len(get(app, "/log/tile/1/000.p/1").content) == 32


@pytest.mark.parametrize("token", ["", "00" * 32, "x", "A" * 5_000, "%00"])
def test_no_other_token_opens_entries(app: Starlette, office: Office, token: str) -> None:
    grow(office, 3)
    office.chronicle.sign()
    assert get(app, f"/log/r/{token}/tile/entries/000.p/3").status_code in {403, 404}
    assert get(app, "/log/tile/entries/000.p/3").status_code == 403


def test_another_nodes_token_opens_nothing_here(
    app: Starlette, office: Office, town: Town
) -> None:
    grow(office, 3)
    office.chronicle.sign()
    with ExitStack() as stack:
        other = open_office(town.node(ARCADIA))
        stack.callback(other.close)
        token = reader_token(other.keyring)
    assert get(app, f"/log/r/{token}/tile/entries/000.p/3").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000.p/4",
        "tile/0/001.p/1",
        "tile/0/999",
        "tile/1/000.p/1",
        "tile/63/000.p/1",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/0",
        "tile/-1/000.p/1",
        "tile/0/000.p/0",
        "tile/0/000.p/999",
    ],
)
def test_a_tile_beyond_the_checkpoint_is_not_there(
    app: Starlette, office: Office, path: str
) -> None:
    grow(office, 3)
    office.chronicle.sign()
    grow(office, 600)  # committed, but under no checkpoint yet
    assert get(app, f"/log/{path}").status_code == 404


def test_a_bundle_beyond_the_checkpoint_is_not_there(app: Starlette, office: Office) -> None:
    grow(office, 3)
    office.chronicle.sign()
    grow(office, 1)
    token = reader_token(office.keyring)
    assert get(app, f"/log/r/{token}/tile/entries/000.p/4").status_code == 404
    assert get(app, f"/log/r/{token}/tile/entries/000.p/3").status_code == 200


@pytest.mark.parametrize("body", [b"", bytes(100), b"\xd2\x84" * 40, b"{}"], ids=len)
def test_bytes_that_are_no_envelopes_harm_nothing(app: Starlette, body: bytes) -> None:
    reply = post(app, "/x/v1/inbox", body)
    assert reply.status_code in {200, 400}
    assert get(app, "/healthz").status_code == 200


def test_a_witness_is_asked_for_a_checkpoint_by_the_hash_of_its_origin(app: Starlette) -> None:
    for name in ("00" * 32, "x", "..", "A" * 64):
        assert get(app, f"/witness/{name}/checkpoint").status_code == 404


def test_a_joined_node_is_ready_and_tells_partners_no_figure(app: Starlette) -> None:
    assert get(app, "/readyz").status_code == 200
    assert get(app, "/metrics").status_code == 404
