"""A small list, served as `screening serve` serves one, and a way to ask it."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette

from comity.api.matching import matching_app
from comity.core.ids import EntityId
from comity.node.matching_lists import ListMatcher
from comity.screening import Found, Profile, Query, compare
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


class FixedScores:
    """An index whose scores are the same whatever is learned: 1 for a name, .75 near one."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._profiles = tuple(profiles)

    def __len__(self) -> int:
        return len(self._profiles)

    def add(self, profiles: Iterable[Profile], /) -> None:
        self._profiles += tuple(profiles)

    def forget(self, entities: Iterable[EntityId], /) -> None:
        gone = set(entities)
        self._profiles = tuple(each for each in self._profiles if each.entity_id not in gone)

    def search(self, query: Query, /, *, limit: int = 10) -> Found:
        scored = ((each, self._score(query, each)) for each in self._profiles)
        found = [replace(compare(query, each), score=score) for each, score in scored if score]
        found.sort(key=lambda each: (-each.score, each.entity_id))
        return Found(candidates=tuple(found[:limit]))

    def _score(self, query: Query, held: Profile) -> float:
        if set(query.names) & set(held.names):
            return 1.0
        asked, known = (
            {word[:4].casefold() for name in names for word in name.split()}
            for names in (query.names, held.names)
        )
        return 0.75 if asked & known else 0.0


def matcher(held: Sequence[Held] = HELD) -> ListMatcher:
    made = ListMatcher(
        index=FixedScores(profile(each) for each in held),
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
