"""Two nodes in processes of their own: from founding to a proof, through one kill -9."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

import httpx2
import pytest

from comity.adapters.system import SystemClock
from comity.core.clock import DAY, Instant, iso
from comity.node.loopback import HTTP
from comity.node.membership import admin_of, self_of
from comity.node.office import open_office

T = TypeVar("T")
Json = dict[str, object]
SECONDS = 40.0
"""How long any one thing may take to come."""
FACTS: Mapping[str, bool | None] = {
    "conduct_bombing": True,
    "political_offence": False,
    "for_investigation": True,
    "free_text_sensitive": False,
}
SUBJECT: Json = {
    "id": "subject",
    "schema": "Person",
    "properties": {"name": ["Anna Example"], "birthDate": ["1988-04-17"]},
}
STANDING = {
    **dict.fromkeys(
        (
            *("torture_risk", "refoulement_risk", "persecution_risk", "neutrality_concern"),
            *("from_torture", "death_penalty_risk"),
        ),
        False,
    ),
    **dict.fromkeys(
        ("national_law_permits", "recipient_is_competent", "safeguards_assessed"), True
    ),
}


def comity(*words: object, code: int = 0) -> bytes:
    """Run the program to its end."""
    command = [sys.executable, "-m", "comity", *(str(word) for word in words)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout


def said(*words: object, code: int = 0) -> Json:
    return cast("Json", json.loads(comity(*words, "--json", code=code)))


def until(check: Callable[[], T | None], what: str) -> T:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come in {SECONDS:.0f} s")


def free_ports() -> tuple[int, int]:
    """Return a port and the next one, both free now."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        try:
            with socket.create_server(("127.0.0.1", port + 1)):
                return port, port + 1
        except OSError:
            continue


@dataclass(slots=True)
class Node:
    """One node: its folder, its process, and what its people call it by."""

    folder: Path
    agency: str
    url: str
    console: str
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        journal = (self.folder / "journal.log").open("ab")
        command = [sys.executable, "-m", "comity", "node", "serve", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=journal, stderr=journal)
        journal.close()

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "journal.log").read_text()
        try:
            return HTTP.get(f"{self.url}/readyz", timeout=10).is_success
        except httpx2.HTTPError:
            return False

    def end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=120)

    def enrol(self, seat: str) -> None:
        """Enrol a person as an admin does, and make them a token."""
        person = str(said("person", "add", self.folder, seat, "--seat", seat)["person"])
        words = ("--purpose", "counter-terrorism")
        token = comity("person", "token", self.folder, person, *words)
        self.tokens[seat] = token.decode().strip()

    def enrol_in_process(self, *seats: str) -> None:
        """Enrol more persons, without a process for each."""
        office = open_office(self.folder)
        try:
            for seat in seats:
                person = office.desk.people.enrol(admin_of(office, ""), seat)
                office.desk.people.grant(admin_of(office, ""), person, seat)
                actor = self_of(office, person)
                made = office.desk.people.token(actor, purpose="counter-terrorism", days=2)
                self.tokens[seat] = made
        finally:
            office.close()

    def get(self, path: str, *, label: str = "officer") -> Json:
        return self._read(HTTP.get(self._url(path), headers=self._headers(label), timeout=120))

    def post(self, path: str, body: Json, *, label: str = "officer") -> Json:
        url, headers = self._url(path), self._headers(label)
        return self._read(HTTP.post(url, json=body, headers=headers, timeout=120))

    def cases(self) -> list[Json]:
        return cast("list[Json]", self.get("cases?view=to-do")["cases"])

    def message(self, case: str, mid: str) -> Json:
        messages = cast("list[Json]", self.get(f"cases/{case}")["messages"])
        return next(each for each in messages if each["mid"] == mid)

    def _url(self, path: str) -> str:
        return f"{self.console}/api/v1/{path}"

    def _headers(self, label: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[label]}"}

    def _read(self, response: httpx2.Response) -> Json:
        assert response.is_success, response.text
        return cast("Json", response.json())


def make_node(folder: Path, code: str, sort: str, network: Path) -> Node:
    port, console = free_ports()
    url = f"http://127.0.0.1:{port}"
    made = said(
        *("node", "init", folder, "--name", f"{code} {sort}", "--member", code),
        *("--kind", sort, "--url", url, "--admin", "Ada"),
    )
    request = folder / "join.cbor"
    request.write_bytes(comity("node", "request", folder))
    comity("directory", "admit", request, "--dir", network)
    console_url = f"http://127.0.0.1:{console}"
    return Node(folder=folder, agency=str(made["agency"]), url=url, console=console_url)


@pytest.fixture
def nodes(socket_enabled: None, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Found a network of two nodes with their people, and serve both."""
    del socket_enabled
    network = tmp_path / "network"
    founders = ("--member", "xn", "--member", "xa", "--member", "xc")
    comity("directory", "init", *founders, "--dir", network)
    norland = make_node(tmp_path / "n", "xn", "police", network)
    arcadia = make_node(tmp_path / "a", "xa", "border", network)
    comity("directory", "publish", "--dir", network)
    root = said("directory", "show", "--dir", network)["root"]
    for node in (norland, arcadia):
        comity("node", "join", node.folder, "--mirror", network / "public", "--root", root)
        node.enrol("officer")
        node.enrol_in_process("legal", "rights")
    both = (norland, arcadia)
    try:
        for node in both:
            node.serve()
        for node in both:
            until(node.is_ready, f"node {node.agency}")
        yield both
    finally:
        for node in both:
            node.end(signal.SIGKILL)


def assess(node: Node, partner: Node) -> None:
    """Let the legal adviser assess a partner, and the rights officer confirm."""
    for fact, value in STANDING.items():
        row = node.post(
            "assessments",
            {
                "partner": partner.agency,
                "purpose": "counter-terrorism",
                "fact": fact,
                "value": value,
                "until": iso(Instant(SystemClock().now() + 100 * DAY)),
                "reasons": "fictional states",
            },
            label="legal",
        )
        stated = {name: row[name] for name in ("partner", "purpose", "fact", "at")}
        node.post("assessments/confirm", stated, label="rights")


def question(partner: Node) -> Json:
    return {
        "kind": "requests.ask/1",
        "recipient": partner.agency,
        "purpose": "counter-terrorism",
        "handling": "TLP:AMBER H1",
        "facts": dict(FACTS),
        "body": {
            "question": "Is this person known to you?",
            "subjects": [SUBJECT],
            "subject_status": "suspect",
        },
    }


def answer(case: str, ask: str) -> Json:
    body = {"about": ask, "outcome": "no-hit", "confirmation": "one-person"}
    return {
        "kind": "requests.answer/1",
        "case": case,
        "handling": "TLP:AMBER H1",
        "facts": dict(FACTS),
        "body": body,
    }


def send(node: Node, letter: Json) -> tuple[str, str]:
    sent = node.post("letters", letter)
    assert sent["outcome"] == "sent", sent
    return str(sent["case"]), str(sent["mid"])


def test_two_nodes_ask_answer_and_prove_it_and_a_kill_loses_nothing(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    norland, arcadia = nodes
    assess(norland, arcadia)
    assess(arcadia, norland)

    # One question arrives; the next is written while its recipient lies dead.
    case, first = send(norland, question(arcadia))
    until(lambda: norland.message(case, first)["stored"], "the first receipt")
    arcadia.end(signal.SIGKILL)
    other, second = send(norland, question(arcadia))
    norland.end(signal.SIGKILL)
    for node in nodes:
        node.serve()
        until(node.is_ready, f"node {node.agency} again")
    until(lambda: norland.message(other, second)["stored"], "the second receipt")
    theirs = until(lambda: arcadia.cases() if len(arcadia.cases()) == 2 else None, "both cases")

    # Arcadia answers the first; Norland reads it.
    found = [
        str(each["case"])
        for each in theirs
        if first in str(arcadia.get(f"cases/{each['case']}")["messages"])
    ]
    search = {name: SUBJECT[name] for name in ("schema", "properties")}
    assert arcadia.post(f"cases/{found[0]}/search", search)["candidates"] == []
    their_case, answered = send(arcadia, answer(found[0], first))
    until(lambda: arcadia.message(their_case, answered)["stored"], "Norland's receipt")
    assert "no-hit" in str(norland.get(f"messages/{answered}"))

    check_ledger(norland, tmp_path / "running")
    norland.end(signal.SIGTERM)
    check_ledger(norland, tmp_path / "stopped")
    assert said("node", "check", norland.folder, code=1)["faults"]


def check_ledger(node: Node, out: Path) -> None:
    """Export, verify, prove; then change one byte, and see it found."""
    until(lambda: said("ledger", "checkpoint", node.folder)["witnesses"], "a cosignature")
    exported = said("ledger", "export", node.folder, out)
    whole = said("ledger", "verify", out)
    assert whole["read"] == exported["size"]
    counts = cast("dict[str, int]", whole["counts"])
    # Two questions, and the word that the answer was seen, which may still be under way.
    assert counts["sent"] == 3
    assert counts["receipted"] >= 2
    proof = out.with_suffix(".tlog-proof")
    comity("ledger", "prove", node.folder, 0, "--out", proof)
    assert said("ledger", "verify", proof)["ok"]
    bundle = next(path for path in (out / "tile" / "entries").rglob("*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    assert said("ledger", "verify", out, code=1)["findings"]
