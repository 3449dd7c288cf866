"""The published yente client, unchanged, speaks to our routes over real sockets."""

import threading
import time
from collections.abc import Generator

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.unit.api.matching.ground import APP

yente_client = pytest.importorskip("yente_client", reason="needs the group `oracle`")
pytestmark = pytest.mark.enable_socket


def served(app: Starlette) -> Generator[str]:
    """Serve an application on a free port of this machine."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def lists() -> Generator[str]:
    """Lists in memory, as `comity screening serve` serves them."""
    yield from served(APP)


def test_lists_in_memory_answer_the_client(lists: str) -> None:
    with yente_client.Client(base_url=lists) as client:
        assert client.healthz().status == "ok"
        assert client.readyz().status == "ok"
        assert {each.name for each in client.datasets().datasets} == {
            "default",
            "list-a",
            "list-b",
        }
        assert client.datasets().current == ["default", "list-a", "list-b"]
        assert client.algorithms().best == "comity"
        ivan = yente_client.Person(name="Ivan Petrov", birthDate="1961-04-17")
        found = client.match(ivan, datasets=["list-a"], threshold=0.8, algorithm="best")
        assert found.top.id == "p-1"
        assert found.matches == found.results
        assert found.top.contributing_explanations["birthDate"].query == "1961-04-17"
        assert client.match(ivan, exclude_entities=["p-1"], topics=["sanction"]).results == []
        searched = client.search(
            "petrov*", schema="Person", countries=["xa"], facets=["topics"]
        )
        assert [each.id for each in searched.results] == ["p-1"]
        assert searched.facets["topics"].values[0].name == "sanction"
        fetched = client.fetch("old-1")
        assert fetched.properties["ownershipOwner"][0].id == "o-1"
        beside = client.adjacent("p-1")
        assert beside.adjacent["ownershipOwner"].total.value == 1
        assert client.adjacent("p-1", prop="ownershipOwner", limit=1).results[0].id == "o-1"


def test_a_refusal_is_the_error_the_client_knows(lists: str) -> None:
    with yente_client.Client(base_url=lists) as client:
        with pytest.raises(yente_client.NotFoundError, match="no dataset"):
            client.search("x", datasets=["list-z"])
        with pytest.raises(yente_client.BadRequestError, match="expected `algorithm`"):
            client.match(yente_client.Person(name="X"), algorithm="logic-v1")
        with pytest.raises(yente_client.NotFoundError):
            client.fetch("nobody")
        with pytest.raises(yente_client.NotFoundError):
            client.statements()
