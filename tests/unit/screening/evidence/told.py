"""Two records, told property by property, and what is said of them."""

from comity.core.ids import EntityId
from comity.screening import Evidence, Profile, Query
from comity.screening.evidence import weigh

Told = dict[str, str | list[str]]


def evidence(
    asked: Told, held: Told, *, schema: str = "Person", other: str = "Person"
) -> tuple[Evidence, ...]:
    query = Query(schema=schema, properties={"name": ("X",), **_many(asked)})
    profile = Profile(
        entity_id=EntityId("e-1"), dataset="list", schema=other, properties=_many(held)
    )
    return weigh(query, profile)


def one(asked: Told, held: Told, *, schema: str = "Person") -> Evidence:
    found = evidence(asked, held, schema=schema, other=schema)
    assert len(found) == 1
    return found[0]


def both(prop: str, asked: str, held: str, *, schema: str = "Person") -> Evidence:
    """Compare both ways round, and insist that they say the same."""
    there = one({prop: asked}, {prop: held}, schema=schema)
    back = one({prop: held}, {prop: asked}, schema=schema)
    assert (there.how, there.weight) == (back.how, back.weight)
    return there


def _many(told: Told) -> dict[str, tuple[str, ...]]:
    return {p: (v,) if isinstance(v, str) else tuple(v) for p, v in told.items()}
