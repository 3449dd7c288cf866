"""A small list, served as `screening serve` serves one, and a way to ask it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette

from comity.api.matching import matching_app
from comity.core.ids import EntityId
from comity.node.matching_lists import ListMatcher
from comity.screening import Profile
from comity.screening.index import Shelf
from comity.screening.matching import Held, Method, Source

Json = dict[str, object]
HELD = (
    Held(
        entity_id="p-1",
        schema="Person",
        properties={
            "name": ("Ivan Petrov",),
            "alias": ("Ivan the Grey",),
            "birthDate": ("1961-04-17",),
            "nationality": ("xa",),
            "topics": ("sanction",),
            "gender": ("male",),
        },
        datasets=("list-a",),
        referents=("old-1",),
        first_seen="2024-01-01T00:00:00",
        last_change="2026-05-01T00:00:00",
    ),
    Held(
        entity_id="p-2",
        schema="Person",
        properties={"name": ("Ivana Petrova",), "nationality": ("xc",), "gender": ("female",)},
        datasets=("list-b",),
        last_change="2025-01-01T00:00:00",
    ),
    Held(
        entity_id="c-1",
        schema="Company",
        properties={"name": ("Grey Harbour Trading",), "jurisdiction": ("xa",)},
        datasets=("list-a",),
    ),
    Held(
        entity_id="o-1",
        schema="Ownership",
        properties={"owner": ("p-1",), "asset": ("c-1",)},
        datasets=("list-a",),
    ),
)


def profile(held: Held) -> Profile:
    return Profile(
        entity_id=EntityId(held.entity_id),
        dataset=held.datasets[0],
        schema=held.schema,
        properties=held.properties,
        edition="1",
    )


def matcher(held: Sequence[Held] = HELD) -> ListMatcher:
    made = ListMatcher(
        index=Shelf(profile(each) for each in held),
        sources=(
            Source(name="list-a", title="List A", version="1", entities=3),
            Source(name="list-b", title="List B", version="2", entities=1),
        ),
        describe=Method(version="test", base_rate=0.1, features={"name": "Names, by word."}),
    )
    made.load(held)
    return made


APP = matching_app(matcher())


def ask(  # noqa: PLR0913 - a request has so many parts
    method: str,
    path: str,
    *,
    app: Starlette = APP,
    body: object = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """Send one request."""

    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://localhost:8800"
        ) as http:
            return await http.request(
                method, path, json=body, content=content, headers=dict(headers or {})
            )

    return asyncio.run(send())


def form(**fields: object) -> bytes:
    """Write a form whose fields are JSON."""
    return urlencode({name: json.dumps(value) for name, value in fields.items()}).encode()


def match(body: object, query: str = "", *, dataset: str = "default") -> httpx2.Response:
    return ask("POST", f"/match/{dataset}{query}", body=body)


def question(schema: str = "Person", **properties: object) -> Json:
    return {"queries": {"q": {"schema": schema, "properties": properties}}}


def answer(response: httpx2.Response) -> Json:
    """Return the answer to the one question `q`."""
    responses = told(response)["responses"]
    assert isinstance(responses, dict)
    found: object = responses["q"]
    assert isinstance(found, dict)
    return cast("Json", found)


def listed(found: object) -> list[Json]:
    """Return a list of objects."""
    assert isinstance(found, list)
    return cast("list[Json]", found)


def told(response: httpx2.Response, status: int = 200) -> Json:
    """Return an answer that must have this status."""
    assert response.status_code == status, response.text
    found: object = response.json()
    assert isinstance(found, dict)
    return cast("Json", found)
