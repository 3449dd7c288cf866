"""How often one address may call, and who is not counted."""

from dataclasses import dataclass, field

import anyio
import httpx2
import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from comity.adapters.http.throttle import ADDRESSES, Buckets, SignInThrottle, Throttle


@dataclass
class Place:
    at: float = 0.0
    refused: int = 0
    looked: list[str] = field(default_factory=list[str])

    def steady(self) -> float:
        return self.at

    def turn_away(self) -> None:
        self.refused += 1

    def buckets(self, *, rate: float = 1.0, burst: float = 3.0) -> Buckets:
        return Buckets(rate, burst, self.steady)

    def app(self, statuses: dict[str, int] | None = None) -> Starlette:
        async def answer(request: Request) -> PlainTextResponse:
            self.looked.append(request.url.path)
            return PlainTextResponse("", (statuses or {}).get(request.url.path, 200))

        return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


@pytest.fixture
def place() -> Place:
    return Place()


@dataclass
class Caller:
    """Calls an application from one address."""

    app: ASGIApp
    host: str

    def __call__(self, path: str = "/", *, method: str = "GET", shown: str = "") -> Response:
        headers = {"authorization": f"Bearer {shown}"} if shown else {}

        async def send() -> Response:
            transport = httpx2.ASGITransport(app=self.app, client=(self.host, 1))
            async with httpx2.AsyncClient(transport=transport, base_url="http://n") as http:
                return await http.request(method, path, headers=headers)

        return anyio.run(send)


def test_a_flood_is_told_when_to_come_back_and_reaches_nothing(place: Place) -> None:
    app = Throttle(place.app(), place.buckets(rate=0.25), place.turn_away)
    flood = Caller(app, "192.0.2.1")
    assert [flood().status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert flood().headers["retry-after"] == "4"
    assert (place.refused, len(place.looked)) == (3, 3)
    place.at += 4
    assert [flood().status_code for _ in range(2)] == [200, 429]


def test_one_address_that_floods_delays_no_other(place: Place) -> None:
    app = Throttle(place.app(), place.buckets(), place.turn_away)
    flood, other = Caller(app, "192.0.2.1"), Caller(app, "192.0.2.2")
    for _ in range(9):
        flood()
    assert other().status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_this_machine_is_not_counted(place: Place, host: str) -> None:
    app = Throttle(place.app(), place.buckets(burst=1.0), place.turn_away)
    call = Caller(app, host)
    assert {call().status_code for _ in range(5)} == {200}


def test_addresses_of_one_house_share_a_bucket(place: Place) -> None:
    app = Throttle(place.app(), place.buckets(burst=1.0), place.turn_away)
    assert Caller(app, "2001:db8:1:2::1")().status_code == 200
    assert Caller(app, "2001:db8:1:2:ffff::9")().status_code == 429
    assert Caller(app, "2001:db8:1:3::1")().status_code == 200


def test_a_million_addresses_fill_no_memory(place: Place) -> None:
    buckets = place.buckets(burst=1.0)
    for number in range(ADDRESSES + 50):
        assert buckets.take(f"h{number}") == 0.0
    assert len(buckets._held) == ADDRESSES
    assert buckets.take(f"h{ADDRESSES + 49}") > 0.0


def test_secrets_that_are_none_are_soon_not_looked_at(place: Place) -> None:
    inner = place.app({"/sign-in": 403})
    app = SignInThrottle(inner, place.buckets(rate=0.1), place.turn_away)
    guess = Caller(app, "192.0.2.1")
    assert [guess("/sign-in", method="POST").status_code for _ in range(5)] == [
        *(403, 403, 403),
        *(429, 429),
    ]
    assert len(place.looked) == 3
    assert guess("/sign-in").status_code == 403  # the page itself shows no secret
    assert guess("/api/v1/cases", shown="x").status_code == 429
    assert Caller(app, "192.0.2.2")("/sign-in", method="POST").status_code == 403
    place.at += 10
    assert guess("/sign-in", method="POST").status_code == 403


def test_who_is_let_in_is_never_slowed(place: Place) -> None:
    inner = place.app({"/api/forbidden": 403})
    app = SignInThrottle(inner, place.buckets(burst=1.0), place.turn_away)
    call = Caller(app, "192.0.2.1")
    assert {call("/api/x", shown="good").status_code for _ in range(9)} == {200}
    assert {call("/api/forbidden", shown="good").status_code for _ in range(9)} == {403}
    assert place.refused == 0


def test_a_token_that_is_none_counts(place: Place) -> None:
    inner = place.app({"/api/x": 401})
    app = SignInThrottle(inner, place.buckets(burst=2.0), place.turn_away)
    call = Caller(app, "192.0.2.1")
    assert [call("/api/x", shown="bad").status_code for _ in range(3)] == [401, 401, 429]
