"""An office to knock at: a world in memory, people with seats and tokens, the API in front."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import httpx2
from starlette.applications import Starlette

from comity.adapters.world import START, Resident, World, make_world
from comity.api import Ports, routes
from comity.core.clock import DAY, Instant
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, NodeId, PersonId
from comity.desk import Actor, Incoming
from comity.interop import Import, Terms, import_csv
from comity.law import shipped_corpus
from comity.message import Grade, Handling
from comity.node.bootstrap import shipped_practices
from comity.record import Edition, Origin

NORLAND, ARCADIA = AgencyId("xn.police"), AgencyId("xa.border")
MERIDIA = AgencyId("xm.justice")
SEATS = ("officer", "analyst", "supervisor", "legal", "rights", "engineer")
ANNA = {
    "id": "subject",
    "schema": "Person",
    "properties": {"name": ["Anna Example"], "birthDate": ["1988-04-17"]},
}
FACTS = {
    "conduct_bombing": True,
    "political_offence": False,
    "for_investigation": True,
    "free_text_sensitive": False,
}
QUESTION = {
    "question": "Did she cross at Port Halden?",
    "subjects": [ANNA],
    "subject_status": "suspect",
}
ASK = {
    "kind": "requests.ask/1",
    "body": QUESTION,
    "handling": "TLP:AMBER H1",
    "recipient": "xa.border",
    "purpose": "counter-terrorism",
    "facts": FACTS,
}
Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A checkpoint as a node would give it."""

    origin: str = "comity/log/xn.police.n1/1"
    size: int = 2
    root: bytes = b"\1" * 32
    witnesses: Sequence[str] = ("witness+01234567+AQID",)
    note: str = "a note"


@dataclass(slots=True, kw_only=True)
class Office:
    """One node's people and the way to them."""

    world: World
    here: Resident
    app: Starlette
    persons: dict[str, PersonId] = field(default_factory=dict[str, PersonId])
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    def token(self, seat: str, *, purpose: str = "counter-terrorism", days: int = 30) -> str:
        return self.here.desk.people.token(self.actor(seat), purpose=purpose, days=days)

    def actor(self, who: str) -> Actor:
        seat = who.removeprefix("other-")
        return Actor(person=self.persons[who], seats=frozenset({seat}), session="test")

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        seat: str = "officer",
        token: str | None = None,
    ) -> httpx2.Response:
        """Send one request as the person in a seat."""
        secret = self.tokens[seat] if token is None else token
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return self.raw(method, f"/api/v1/{path}", json=body, headers=headers)

    def raw(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        async def send() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://n") as http:
                return await http.request(
                    method, path, json=json, content=content, headers=dict(headers or {})
                )

        return asyncio.run(send())


def told(response: httpx2.Response, status: int = 200) -> Json:
    """Return an answer that must have this status."""
    assert response.status_code == status, response.text
    found: object = response.json()
    assert isinstance(found, dict)
    return cast("Json", found)


def open_office(agency: AgencyId = NORLAND, world: World | None = None) -> Office:
    """Set up a node with one person in each seat, and a second officer."""
    made = world or make_world(
        (NORLAND, ARCADIA, MERIDIA), practices=shipped_practices(), corpus=shipped_corpus()
    )
    here = made.residents[NodeId(f"{agency}.n1")]
    office = Office(world=made, here=here, app=Starlette(routes=routes(here.desk, ports(here))))
    people = here.desk.people
    office.persons["admin"] = people.begin("Ada Admin")
    admin = office.actor("admin")
    for who in (*SEATS, "other-officer", "other-supervisor"):
        office.persons[who] = people.enrol(admin, f"{who.title()} Example")
        people.grant(admin, office.persons[who], who.removeprefix("other-"))
    office.tokens = {who: office.token(who) for who in office.persons}
    return office


def ports(here: Resident) -> Ports:
    """Return what a running node would add."""

    def proof(index: int) -> str:
        if index >= here.store.read(lambda r: r.size()):
            raise NotFoundError(f"no entry {index}")
        return f"proof of {index}"

    return Ports(
        read_import=_Reads(here),
        waiting_since=lambda node: START if node == "xa.border.n1" else None,
        head=Checkpoint,
        proof=proof,
    )


@dataclass(frozen=True, slots=True)
class _Reads:
    here: Resident

    def __call__(  # noqa: PLR0913 - the port's shape
        self,
        files: Mapping[str, bytes],
        *,
        form: str,
        marking: Handling,
        basis: str,
        purpose: str,
        dataset: str,
        edition: str,
        published: Instant | None,
        retain_until: Instant | None,
    ) -> tuple[Incoming, Import]:
        assert form == "csv"
        terms = Terms(
            dataset=dataset,
            originator=self.here.agency,
            grade=Grade(scale="europol-4x4", source="X", information="4"),
            handling=marking,
            basis=basis,
            purpose=purpose,
            collected=START,
            retain_until=retain_until or Instant(START + 365 * DAY),
            identify=lambda text: self.here.station.keyed_hash(text).hex(),
        )
        found = import_csv(next(iter(files.values())), terms=terms)
        named = Edition(
            dataset=dataset,
            edition=edition,
            published=published or START,
            origin=Origin.DEMONSTRATION,
        )
        incoming = Incoming(statements=found.statements, edition=named if edition else None)
        return incoming, found
