"""A node with two lists, a case, and keys of every sort, asked over the compatible routes."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from starlette.applications import Starlette
from tests.unit.api.ground import ASK, Office, open_office, told

from comity.api.matching import desk_routes

PUBLIC = (
    b"id,schema,name,birthDate,nationality,owner,asset\n"
    b"list-1,Person,Anna Example,1988-04-17,xa,,\n"
    b"list-2,Person,Anna Examples,1991-01-01,xc,,\n"
    b"firm-1,Company,Example Harbour Trading,,,,\n"
    b"own-1,Ownership,,,,list-1,firm-1\n"
)
SECRET = (
    b"id,schema,name,birthDate,nationality,owner,asset\n"
    b"list-1,Person,Annabel Hidden,,xm,,\n"
    b"hid-1,Person,Anna Example,1988-04-17,xa,,\n"
    b"hid-2,Ownership,,,,list-1,hid-1\n"
)
"""Held for another purpose than the case has: nothing of it may show."""
BORDER = "border-security"


def incoming(data: bytes, dataset: str, marking: str = "TLP:GREEN") -> dict[str, object]:
    return {
        "format": "csv",
        "files": [{"name": "list.csv", "content": base64.b64encode(data).decode()}],
        "marking": marking,
        "basis": "Resolution 1373 (2001), paragraph 2(b)",
        "purpose": "counter-terrorism",
        "dataset": dataset,
        "edition": "1",
        "published": "2026-06-01T00:00:00Z",
    }


@dataclass(slots=True, kw_only=True)
class Node:
    """The office behind the routes."""

    office: Office
    app: Starlette
    case: str
    system: str
    """The key of a system under an agreement."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        secret = self.system if key is None else key
        named = {"Comity-Case": self.case} | dict(headers or {})
        if secret:
            named = {"Authorization": f"ApiKey {secret}"} | named
        return self.office.raw(method, path, json=body, headers=named)

    @property
    def entries(self) -> int:
        return self.office.here.store.read(lambda r: r.size())


def hold(office: Office, data: bytes, dataset: str, marking: str = "TLP:GREEN") -> None:
    body = incoming(data, dataset, marking)
    shown = told(office.ask("POST", "imports/preview", body=body, seat="engineer"))
    commit = {"incoming": body, "previewed": shown["digest"]}
    told(office.ask("POST", "imports/commit", body=commit, seat="engineer"))


def agree(office: Office, system: str = "border-1") -> None:
    office.here.desk.systems.agree(
        office.actor("legal"), system, agreement="MoU 12/2026, section 4", days=30
    )


def open_node(*, secret: bool = False, lawful: bool = True) -> Node:
    """Set up a node; with `secret` it holds more than the case's purpose may know.

    Unless `lawful`, nobody said yet whether a law allows that lists are compared for the case.
    """
    office = open_office()
    office.app = Starlette(routes=[*office.app.routes, *desk_routes(office.here.desk)])
    hold(office, PUBLIC, "national")
    if secret:
        hold(office, SECRET, "secret", f"TLP:AMBER PURPOSE:{BORDER}")
    case = str(told(office.ask("POST", "letters", body=ASK))["case"])
    if lawful:
        for fact in ("screening_law", "screening_needed"):
            stated = {"fact": fact, "value": True}
            told(office.ask("POST", f"cases/{case}/facts", body=stated, seat="legal"))
    agree(office)
    key = office.here.desk.people.token(
        office.actor("supervisor"), purpose="counter-terrorism", system="border-1"
    )
    return Node(office=office, app=office.app, case=case, system=key)
