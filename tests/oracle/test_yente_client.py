"""The published yente client, unchanged, speaks to our routes over real sockets."""

import signal
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.e2e.test_screening_serve import served as start_engine
from tests.unit.api.matching.ground import APP
from tests.unit.api.matching.node import Node, open_node

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


def test_the_engine_alone_answers_the_client(tmp_path: Path) -> None:
    with start_engine(tmp_path) as service:
        assert service.stderr is not None
        address = ""
        while not address.startswith("ready: "):
            address = service.stderr.readline().strip()
        with yente_client.Client(base_url=address.removeprefix("ready: ")) as client:
            assert client.readyz().status == "ok"
            found = client.match(yente_client.Person(name="Anna Example"))
            assert [each.id for each in found.results] == ["p-1"]
            assert client.search("bert").results[0].caption == "Bert Sample"
        service.send_signal(signal.SIGINT)


@pytest.fixture(scope="module")
def node() -> Node:
    return open_node(secret=True)


@pytest.fixture(scope="module")
def address(node: Node) -> Generator[str]:
    """A partner's node, with a case and a system under an agreement."""
    yield from served(node.app)


def test_a_partners_node_answers_the_client_of_a_system(node: Node, address: str) -> None:
    headers = {"Comity-Case": node.case, "Comity-Purpose": "counter-terrorism"}
    with yente_client.Client(base_url=address, api_key=node.system, headers=headers) as client:
        assert client.healthz().status == client.readyz().status == "ok"
        assert client.datasets().current == client.datasets().current == ["default", "national"]
        assert client.algorithms().best == "comity"
        anna = yente_client.Person(name="Anna Example", birthDate="1988-04-17")
        found = client.match(anna, datasets=["national"])
        assert found.top.id == "list-1"
        assert found.top.match
        assert client.search("anna", countries=["xa"]).results[0].id == "list-1"
        assert client.fetch("list-1").properties["ownershipOwner"][0].id == "own-1"
        assert client.adjacent("list-1").adjacent["ownershipOwner"].total.value == 1
        assert client.adjacent("firm-1", prop="ownershipAsset").total.value == 1
        several = dict(client.match_iter((str(n), anna) for n in range(5)))
        assert {each.top.id for each in several.values()} == {"list-1"}
        for kept in ("hid-1", "hid-2"):
            with pytest.raises(yente_client.NotFoundError):
                client.fetch(kept)


def test_a_partners_node_refuses_as_the_client_understands(node: Node, address: str) -> None:
    anna = yente_client.Person(name="Anna Example")
    officer = node.office.tokens["officer"]
    with (
        yente_client.Client(base_url=address, api_key=officer) as client,
        pytest.raises(yente_client.BadRequestError, match="Comity-Case"),
    ):
        client.match(anna)
    headers = {"Comity-Case": node.case}
    with yente_client.Client(base_url=address, api_key=officer, headers=headers) as client:
        with pytest.raises(yente_client.AuthenticationError, match="agreement"):
            client.match(anna)
        assert client.search("anna").total.value == 2
    with (
        yente_client.Client(base_url=address, headers=headers) as client,
        pytest.raises(yente_client.AuthenticationError),
    ):
        client.search("anna")
