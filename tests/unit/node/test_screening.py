"""Screening as a node has it: opened on first use, forgetting at once, and in files."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest
from tests.unit.node.ground import begin

from comity.adapters.memory import FixedClock
from comity.adapters.screening.folder import STAND, Standing
from comity.adapters.system import SystemClock
from comity.core.clock import DAY, HOUR, Instant
from comity.core.ids import EntityId, RecordId
from comity.core.store import eq
from comity.desk import Actor, Incoming
from comity.message import Grade, Statement, handling
from comity.node.membership import machine
from comity.node.office import Office, open_office
from comity.node.screening import FOLDER, faults_of, keep_house
from comity.record import Stand, StatementRow, newest
from comity.screening import Query

IDLE = """
import asyncio, sys
from pathlib import Path
import httpx2
from comity.node.serving import in_process

async def first_page(app):
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:2") as client:
        return (await client.get("/sign-in", follow_redirects=True)).status_code

with in_process(Path(sys.argv[1])) as app:
    status = asyncio.run(first_page(app))
print(status, *sorted({"numpy", "numba", "llvmlite"} & sys.modules.keys()))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    begin(tmp_path / "node")
    return tmp_path / "node"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


@pytest.fixture
def office(folder: Path, clock: FixedClock) -> Generator[Office]:
    opened = open_office(folder, clock=clock)
    yield opened
    opened.close()


def hold(office: Office, name: str, text: str) -> None:
    at = office.clock.now()
    said = Statement(
        statement_id=f"s-{name}",
        entity_id=EntityId(name),
        schema="Person",
        prop="name",
        value=text,
        dataset="own-file",
        originator=office.config.agency,
        grade=Grade(scale="europol-4x4", source="B", information="2"),
        handling=handling("TLP:AMBER"),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=at,
        retain_until=Instant(at + 300 * DAY),
    )
    office.desk.holdings.keep(machine(office), Incoming(statements=(said,)))


def erase(office: Office, name: str) -> None:
    rows = office.store.read(lambda r: r.find(StatementRow, eq("entity_id", name)))
    admin = machine(office)
    actor = Actor(person=admin.person, seats=frozenset({"rights"}), session="test")
    for row in rows:
        assert office.desk.holdings.erase(actor, RecordId(row.record_id))


def found(office: Office, name: str) -> list[str]:
    query = Query(schema="Person", properties={"name": (name,)})
    answer = office.screening.search(query, purpose="counter-terrorism", limit=5)
    return [each.entity_id for each in answer.candidates]


def kept(folder: Path) -> bytes:
    files = [each for each in (folder / FOLDER).rglob("*") if each.is_file()]
    assert all(each.stat().st_mode & 0o077 == 0 for each in files)
    return b"".join(each.read_bytes() for each in files).lower()


def house(office: Office) -> None:
    number = office.store.read(newest)
    keep_house(office.screening, newest=lambda: number, at=office.clock.now())


def faults(office: Office) -> tuple[str, ...]:
    number = office.store.read(newest)
    return faults_of(office.folder, newest=number, at=office.clock.now())


def test_what_is_erased_is_found_no_more_and_in_no_file_within_a_day(
    folder: Path, office: Office, clock: FixedClock
) -> None:
    hold(office, "p-1", "Annabel Quillfeather")
    hold(office, "p-2", "Boris Muster")
    house(office)
    assert not (folder / FOLDER).exists()
    assert found(office, "Annabel Quilfeather") == ["p-1"]
    assert found(office, "Zebulon Quartermain") == []
    house(office)
    erase(office, "p-1")
    # The act itself took it out: the next opening, without a store to follow, has it no more.
    office.screening.process.close()
    assert office.screening.process.open().stand.number == office.store.read(newest)
    assert found(office, "Annabel Quillfeather") == []
    assert b"quillfeather" in kept(folder)
    clock.advance(21 * HOUR)
    house(office)
    assert b"quillfeather" not in kept(folder)
    assert b"quartermain" not in kept(folder)
    assert found(office, "Boris Muster") == ["p-2"]


def stand(folder: Path, standing: Standing) -> None:
    (folder / FOLDER).mkdir(mode=0o700)
    place = folder / FOLDER / STAND
    place.touch(0o600)
    place.write_bytes(msgspec.json.encode(standing))


def test_a_check_says_what_is_wrong_with_its_files(folder: Path, office: Office) -> None:
    assert faults(office) == ()
    hold(office, "p-1", "Annabel Quillfeather")
    stand(folder, Standing(stand=Stand(number=9)))
    (folder / FOLDER / STAND).chmod(0o644)
    said = "\n".join(faults(office))
    assert "0600" in said
    (folder / FOLDER / STAND).chmod(0o600)
    said = "\n".join(faults(office))
    assert "0600" not in said
    assert "beyond the store" in said
    assert "not written anew for a day" in said


def test_an_idle_node_serves_its_first_page_without_what_screening_needs(folder: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", IDLE, str(folder)], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["200"], said.stderr
