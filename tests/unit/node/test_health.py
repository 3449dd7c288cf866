"""Whether a node lives and is ready is found out, and what Prometheus is told names nobody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import anyio
import httpx2
import pytest
from starlette.types import ASGIApp
from tests.unit.node.ground import NORLAND, Town, enrol, grow

from comity.adapters.memory import FixedClock
from comity.adapters.system import SystemClock
from comity.core.clock import HOUR, SECOND, Instant
from comity.node.health import HANGS, LONG, ROOM, Health, Pulse
from comity.node.metrics import FIGURES, Tally, measure
from comity.node.office import Office, open_office
from comity.node.rows import CheckpointRow, HaltRow
from comity.node.serving import make_service
from comity.node.settings import Web


@dataclass
class Steady:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(Instant(SystemClock().now()))


@pytest.fixture
def office(town: Town, clock: FixedClock) -> Iterator[Office]:
    opened = open_office(town.node(NORLAND), clock=clock)
    yield opened
    opened.close()


def healthy(office: Office, *, free: int = 2 * ROOM) -> Health:
    return Health(office, Pulse(Steady()), free=lambda: free)


def read(office: Office, health: Health, tally: Tally) -> dict[str, float]:
    lines = measure(office, health, tally).decode().splitlines()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines)
        if name and not name.startswith("#")
    }


def test_a_joined_node_with_room_is_ready(office: Office) -> None:
    assert healthy(office).lacks() == ()


def test_a_full_disk_ends_readiness(office: Office) -> None:
    assert healthy(office, free=ROOM - 1).lacks() == ("disk-full",)
    assert Health(office, Pulse(Steady())).room() > 0


def test_a_halted_ledger_ends_readiness(office: Office, clock: FixedClock) -> None:
    health = healthy(office)
    assert health.lacks() == ()
    halt = HaltRow(
        origin=office.chronicle.origin(), size=9, root=bytes(32), note=b"", at=clock.now()
    )
    office.store.commit(lambda tx: tx.put(halt)).result()
    assert health.lacks() == ()  # what was found stands for five seconds
    clock.advance(6 * SECOND)
    assert health.lacks() == ("ledger-halted",)
    assert read(office, health, Tally())["comity_ready"] == 0
    assert read(office, health, Tally())["comity_ledger_halted"] == 1


def test_a_store_that_takes_no_write_ends_readiness(office: Office) -> None:
    health = healthy(office)
    office.store.close()
    assert health.lacks() == ("state.no-such-step",)


def test_a_node_that_joined_nothing_is_not_ready(town: Town) -> None:
    (town.node(NORLAND) / "directory" / "files").rename(town.folder / "away")
    office = open_office(town.node(NORLAND))
    try:
        health = healthy(office)
        assert health.lacks() == ("not-joined",)
        assert read(office, health, Tally())["comity_directory_left_seconds"] == 0
    finally:
        office.close()


def test_a_worker_that_does_not_end_its_round_is_told(office: Office) -> None:
    steady = Steady()
    pulse = Pulse(steady)
    health = Health(office, pulse)
    found: list[tuple[str, ...]] = []

    def hang() -> bool:
        steady.at += HANGS + 1
        found.append(health.ails())
        return True

    assert pulse.beating("delivery", hang)()
    assert found == [("delivery-hangs",)]
    assert health.ails() == ()
    assert not pulse.beating("retention", lambda: bool(hang() and health.ails()))()
    steady.at += LONG
    assert health.ails() == ()


def test_a_worker_that_fails_has_ended_its_round() -> None:
    pulse = Pulse(Steady())

    def fail() -> bool:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        pulse.beating("ledger", fail)()
    assert pulse.rounds == {"ledger": 1}
    assert pulse.hanging() == ()


def test_every_figure_is_given_and_the_ledger_counts(office: Office, clock: FixedClock) -> None:
    grow(office, 5)
    office.chronicle.sign()
    clock.advance(1_800_000_000 * SECOND + HOUR - clock.now())  # an hour after the entries
    tally = Tally()
    tally.failed("delivery", "unreachable")
    tally.refused("partners")
    found = read(office, healthy(office), tally)
    assert found["comity_ledger_size"] == 5
    assert found["comity_ledger_unwitnessed_seconds"] == 3600
    assert found["comity_ledger_witnessed_size"] == 0
    assert found["comity_ledger_quorum_size"] == 0
    assert found["comity_directory_alarms"] == 0
    assert found["comity_ready"] == 1
    assert found['comity_partner_oldest_seconds{partner="xa.border.n1"}'] == 0
    assert found['comity_failures_total{code="unreachable",place="delivery"}'] == 1
    assert found['comity_calls_refused_total{listener="partners"}'] == 1
    text = measure(office, healthy(office), tally).decode()
    assert all(f"# HELP comity_{figure.name} " in text for figure in FIGURES)


def test_what_one_witness_cosigned_is_not_yet_a_quorums(office: Office) -> None:
    grow(office, 5)
    row = office.chronicle.sign()
    seen = replace(row, witnesses=1)
    office.store.commit(lambda tx: tx.put(seen)).result()
    found = read(office, healthy(office), Tally())
    assert found["comity_ledger_witnessed_size"] == 5
    assert found["comity_ledger_quorum_size"] == 0
    assert office.store.read(lambda r: r.count(CheckpointRow)) == 1


def test_no_name_of_a_person_is_in_any_figure(office: Office) -> None:
    enrol(office, "officer", name="Zebulon Quartermain")
    text = measure(office, healthy(office), Tally()).decode()
    assert "ebulon" not in text
    labels = set(re.findall(r'(\w+)="', text))
    assert labels <= {"partner", "worker", "place", "code", "listener"}


def fetch(app: ASGIApp, host: str) -> httpx2.Response:
    async def get() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app, client=(host, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as http:
            return await http.get("/metrics")

    return anyio.run(get)


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("10.1.2.3", 200), ("192.0.2.1", 404), ("x", 404)],
)
def test_figures_are_for_this_machine_and_those_named(
    office: Office, host: str, status: int
) -> None:
    named = replace(office, config=replace(office.config, web=Web(metrics=("10.0.0.0/8",))))
    assert fetch(make_service(named).people, host).status_code == status
