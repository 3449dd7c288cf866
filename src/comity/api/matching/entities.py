"""`GET /entities/{id}`: one entity, with those beside it."""

from urllib.parse import quote

from comity.api.matching import asked, render, shapes
from comity.api.matching.door import Call, Reply
from comity.core.errors import NotFoundError
from comity.screening.matching import Tree, links

LIMIT = 10


def entity(call: Call) -> Reply:
    """Tell one entity; under an id it no longer has, say where it is."""
    is_nested = asked.truth(call.query, "nested", otherwise="true")
    found = _tree(call)
    moved = _moved(call, found, "")
    if moved is not None:
        return moved
    return Reply(body=render.nested(found) if is_nested else render.entity(found.held))


def adjacent(call: Call) -> Reply:
    """Tell an entity and one page of everything beside it, by property."""
    wanted = asked.page(call.query, limit=LIMIT)
    found = _tree(call)
    moved = _moved(call, found, "/adjacent")
    if moved is not None:
        return moved
    return Reply(
        body=shapes.AdjacentAnswer(
            entity=render.entity(found.held),
            adjacent={
                prop: render.beside(others, wanted) for prop, others in found.nested.items()
            },
        )
    )


def adjacent_by(call: Call) -> Reply:
    """Tell one page of what stands beside an entity by one property."""
    wanted = asked.page(call.query, limit=LIMIT)
    found, prop = _tree(call), call.path["prop"]
    moved = _moved(call, found, f"/adjacent/{quote(prop, safe='')}")
    if moved is not None:
        return moved
    if prop not in links(found.held.schema):
        raise NotFoundError("no property of this entity by that name leads to other entities")
    return Reply(body=render.beside(found.nested.get(prop, ()), wanted))


def _tree(call: Call) -> Tree:
    return call.admit().entity(call.path["id"])


def _moved(call: Call, found: Tree, rest: str) -> Reply | None:
    held = found.held.entity_id
    if held == call.path["id"]:
        return None
    query = f"?{call.query}" if call.query else ""
    where = f"{call.base}/entities/{quote(held, safe='')}{rest}{query}"
    return Reply(body=None, status=308, headers={"Location": where})
