"""A node to look at: a world in memory, people who sign in by link, the console in front."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

import httpx2
from starlette.applications import Starlette

from comity.adapters.world import START, Resident, World, make_world
from comity.console import surface
from comity.core.clock import DAY, Clock, Instant
from comity.core.errors import NotFoundError
from comity.core.ids import AgencyId, NodeId, PersonId
from comity.desk import Actor, Desk, Incoming
from comity.interop import Import, Terms, import_csv
from comity.law import shipped_corpus
from comity.message import Grade, Handling
from comity.node.bootstrap import shipped_practices
from comity.record import Edition, Origin
from comity.seal import BlobRef

NORLAND, ARCADIA = AgencyId("xn.police"), AgencyId("xa.border")
MERIDIA = AgencyId("xm.justice")
SEATS = ("officer", "supervisor", "legal", "rights", "engineer", "oversight")
FACTS = {
    "fact.conduct": "conduct_bombing",
    "fact.political_offence": "no",
    "fact.stage": "for_investigation",
    "fact.free_text_sensitive": "no",
}
SUBJECT = {
    "body.subjects/0/schema": "Person",
    "body.subjects/0/properties/name": "Anna Example",
    "body.subjects/0/properties/birthDate": "1988-04-17",
}
ASK = {
    "kind": "requests.ask/1",
    "body.question": "Did she cross at Port Halden?",
    "body.subject_status": "suspect",
    **SUBJECT,
    "partner": "xa.border",
    "purpose": "counter-terrorism",
    "marking": "TLP:AMBER H1",
    **FACTS,
}
LIST = b"id,schema,name,birthDate\nlist-1,Person,Ana Exampel,1988-04-17\n"
Pairs = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    name: str
    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    config: Settings
    clock: Clock

    def shelf(self) -> "Shelf":
        return Shelf()


class Shelf:
    """Holds no file."""

    def read(self, mid: bytes, ref: BlobRef, /) -> Iterator[bytes]:
        raise NotFoundError(f"no file {ref.digest.hex()} of {mid.hex()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    progress: Mapping[str, str] = field(default_factory=lambda: {"un-sc": "reading"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    origin: str = "comity/log/xn.police.n1/1"
    size: int = 2
    root: bytes = b"\1" * 32
    witnesses: Sequence[str] = ("comity/witness/xa.border.n1+01234567+AQID",)
    note: str = "a note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    here: Resident
    office: Office
    loading: Loading = field(default_factory=Loading)

    @property
    def desk(self) -> Desk:
        return self.here.desk

    def waiting_since(self, node: NodeId) -> Instant | None:
        return START if node == "xa.border.n1" else None

    def head(self) -> Head:
        return Head()

    def proof(self, index: int) -> str:
        if index >= self.here.store.read(lambda r: r.size()):
            raise NotFoundError(f"no entry {index}")
        return f"proof of {index}"

    def read_import(  # noqa: PLR0913 - the port's shape
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
        return Incoming(statements=found.statements, edition=named), found


@dataclass(slots=True, kw_only=True)
class Browser:
    """A browser without scripts: it keeps cookies, follows links and posts forms."""

    app: Starlette
    base: str = "http://n"
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    page: str = ""

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.send("GET", path, headers=headers)

    def post(
        self,
        path: str,
        form: Pairs | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        csrf: str | None = None,
        headers: Pairs | None = None,
    ) -> httpx2.Response:
        """Post a form with the field of the page last looked at."""
        token = self.csrf if csrf is None else csrf
        return self.send(
            "POST", path, form={**(form or {}), "csrf": token}, files=files, headers=headers
        )

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]*)"', self.page)
        return "" if found is None else found[1]

    def send(
        self,
        method: str,
        path: str,
        *,
        form: Pairs | None = None,
        files: Mapping[str, bytes] | None = None,
        headers: Pairs | None = None,
    ) -> httpx2.Response:
        async def ask() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(
                transport=transport, base_url=self.base, cookies=self.cookies
            ) as http:
                parts = [("body.files", (name, data)) for name, data in (files or {}).items()]
                found = await http.request(
                    method, path, data=form, files=parts or None, headers=dict(headers or {})
                )
                self.cookies = {each.name: each.value or "" for each in http.cookies.jar}
                return found

        found = asyncio.run(ask())
        if found.status_code == 303:
            return self.get(str(found.headers["location"]))
        self.page = found.text
        return found

    def links(self, start: str) -> list[str]:
        """Return the addresses on this page that begin so."""
        found = re.findall(r'(?:href|action|formaction)="([^"]+)"', self.page)
        plain = dict.fromkeys(unescape(each) for each in found)
        return [each for each in plain if each.startswith(start)]

    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of this page."""
        found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', self.page)
        return {name: unescape(value) for name, value in found if name != "csrf"}


@dataclass(slots=True, kw_only=True)
class House:
    """One node's people and the way to them."""

    world: World
    here: Resident
    app: Starlette
    persons: dict[str, PersonId] = field(default_factory=dict[str, PersonId])

    def link(self, who: str) -> str:
        return self.here.desk.people.first_link(self.persons[who])

    def browser(self, who: str = "officer") -> Browser:
        """Return a browser whose person has signed in."""
        browser = Browser(app=self.app)
        browser.get(f"/sign-in?token={self.link(who)}")
        token = browser.hidden()["token"]
        assert browser.post("/sign-in", {"token": token}).status_code == 200
        return browser


def open_house(agency: AgencyId = NORLAND, world: World | None = None) -> House:
    """Set up a node with one person in each seat, and a second officer."""
    made = world or make_world(
        (NORLAND, ARCADIA, MERIDIA), practices=shipped_practices(), corpus=shipped_corpus()
    )
    here = made.residents[NodeId(f"{agency}.n1")]
    settings = Settings(name=f"Agency {agency}", node=here.node)
    window = Window(here=here, office=Office(config=settings, clock=here.clock))
    house = House(world=made, here=here, app=Starlette(routes=[*surface(window)]))
    people = here.desk.people
    house.persons["admin"] = people.begin("Ada Admin")
    admin = Actor(person=house.persons["admin"], seats=frozenset({"admin"}), session="test")
    for who in (*SEATS, "other-officer"):
        house.persons[who] = people.enrol(admin, f"{who.title()} Example")
        people.grant(admin, house.persons[who], who.removeprefix("other-"))
    return house
