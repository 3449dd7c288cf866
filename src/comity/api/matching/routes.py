"""Every address of the compatible routes, and who answers it."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute, Route

from comity.api.matching import catalog, entities, suggest
from comity.api.matching.algorithms import algorithms
from comity.api.matching.door import Door, Gate, Handler
from comity.api.matching.manifest import preview
from comity.api.matching.match import match
from comity.api.matching.reconcile import reconcile
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
    "/reconcile/{dataset}": {"GET": reconcile, "POST": reconcile},
    "/reconcile/{dataset}/preview/{id}": {"GET": preview},
    "/reconcile/{dataset}/suggest/entity": {"GET": suggest.suggest_entity},
    "/reconcile/{dataset}/suggest/property": {"GET": suggest.suggest_property},
    "/reconcile/{dataset}/suggest/type": {"GET": suggest.suggest_type},
    "/reconcile/{dataset}/extend/property": {"GET": suggest.propose_properties},
}


def routes(gate: Gate) -> Sequence[BaseRoute]:
    """Return every route, and under their first words an answer in JSON where there is none."""
    nothing = Door(gate, {})
    heads = dict.fromkeys(address.split("/")[1] for address in ADDRESSES)
    return [
        *(Route(address, Door(gate, handlers)) for address, handlers in ADDRESSES.items()),
        *(
            Route(path, nothing)
            for head in heads
            for path in (f"/{head}", f"/{head}/{{rest:path}}")
        ),
    ]
