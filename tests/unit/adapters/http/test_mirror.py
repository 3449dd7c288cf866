from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.applications import Starlette

from comity.adapters.http import Client, Doors, from_mirror, partner_app
from comity.adapters.world import World, make_world
from comity.core.errors import UnreachableError, VerificationError
from comity.core.ids import AgencyId
from comity.law import shipped_corpus
from comity.trust import verify_directory

Serve = Callable[[Starlette, Path | None], str]

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def world() -> World:
    agencies = (AgencyId("xn.police"), AgencyId("xa.border"))
    return make_world(agencies, practices=(), corpus=shipped_corpus())


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def mirror(files: dict[str, bytes], asked: list[str]) -> Starlette:
    def file(path: str) -> bytes | None:
        asked.append(path)
        return files.get(path)

    return partner_app(
        Doors(
            inbox=lambda _consignment: [],
            prekeys=lambda: b"",
            checkpoint=lambda: None,
            tile=lambda _: None,
            may_read_entries=lambda _: False,
            witness=lambda _: (404, b"", "text/plain"),
            witnessed=lambda _: None,
            directory=file,
            is_ready=lambda: True,
            is_alive=lambda: True,
            journal=lambda _route, _code: None,
        )
    )


def test_a_mirror_gives_all_that_the_directory_needs(
    serve: Serve, client: Client, world: World
) -> None:
    url = serve(mirror(world.files, []), None)
    fetched = from_mirror(client, url)()
    found = verify_directory(fetched, root=world.founding.root, at=world.clock.now())
    assert {entry.node for entry in found.nodes()} == {
        entry.node for entry in world.directory.nodes()
    }
    assert fetched.items() <= world.files.items()


def test_what_is_held_is_not_fetched_again(serve: Serve, client: Client, world: World) -> None:
    asked: list[str] = []
    url = serve(mirror(world.files, asked), None)
    held = from_mirror(client, url)()
    asked.clear()
    assert from_mirror(client, url, held=lambda: held)() == held
    assert asked == ["metadata/2.root.json", "metadata/timestamp.json", "registry/checkpoint"]


def test_a_mirror_that_lacks_a_file_is_of_no_use(
    serve: Serve, client: Client, world: World
) -> None:
    for name in world.files:
        if ".root.json" in name:
            continue
        files = {path: data for path, data in world.files.items() if path != name}
        url = serve(mirror(files, []), None)
        with pytest.raises(UnreachableError, match="lacks"):
            from_mirror(client, url)()


@pytest.mark.parametrize(
    "content",
    [
        b"no json",
        b'{"signed": 3}',
        b'{"signed": {"meta": {"snapshot.json": {"version": 0}}}}',
        b'{"signed": {"meta": {"snapshot.json": {"version": "1/../../keys"}}}}',
        b'{"signed": {"meta": {"../snapshot.json": {"version": 1}}}}',
        b'{"signed": {}}',
    ],
)
def test_a_mirror_that_lies_is_believed_nothing(
    serve: Serve, client: Client, world: World, content: bytes
) -> None:
    files = {**world.files, "metadata/timestamp.json": content}
    url = serve(mirror(files, []), None)
    with pytest.raises(VerificationError):
        from_mirror(client, url)()


@pytest.mark.parametrize(
    "target",
    [
        {"a": {"hashes": {}}},
        {"../a": {"hashes": {"sha256": "ab" * 32}}},
        {"a": {"hashes": {"sha256": "../../keys"}}},
    ],
)
def test_a_target_that_names_no_file_of_the_directory_is_refused(
    serve: Serve, client: Client, world: World, target: dict[str, dict[str, dict[str, str]]]
) -> None:
    name = next(path for path in world.files if path.endswith(".targets.json"))
    data = msgspec.json.encode({"signed": {"targets": target}})
    url = serve(mirror({**world.files, name: data}, []), None)
    with pytest.raises(VerificationError):
        from_mirror(client, url)()


def test_a_mirror_in_trouble_is_unreachable(client: Client, serve: Serve) -> None:
    url = serve(Starlette(), None)
    with pytest.raises(UnreachableError):
        from_mirror(client, url)()
