"""Every address of the compatible routes, and who answers it."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute, Route

from comity.api.matching import catalog, entities
from comity.api.matching.algorithms import algorithms
from comity.api.matching.door import Door, Gate, Handler
from comity.api.matching.match import match
from comity.api.matching.search import search

ADDRESSES: Mapping[str, Mapping[str, Handler]] = {
    "/healthz": {"GET": catalog.healthz},
    "/readyz": {"GET": catalog.readyz},
    "/catalog": {"GET": catalog.catalog},
    "/algorithms": {"GET": algorithms},
    "/statements": {"GET": catalog.statements},
    "/match/{dataset}": {"POST": match},
    "/search/{dataset}": {"GET": search},
    "/entities/{id}": {"GET": entities.entity},
    "/entities/{id}/adjacent": {"GET": entities.adjacent},
    "/entities/{id}/adjacent/{prop}": {"GET": entities.adjacent_by},
}


def routes(gate: Gate) -> Sequence[BaseRoute]:
    """Return every route, and under their first words an answer in JSON where there is none."""
    nothing = Door(gate, {})
    heads = dict.fromkeys(address.split("/")[1] for address in ADDRESSES)
    return [
        *(Route(address, Door(gate, handlers)) for address, handlers in ADDRESSES.items()),
        *(Route(f"/{head}/{{rest:path}}", nothing) for head in heads),
    ]
