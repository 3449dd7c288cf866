"""Every path of the API under `/api`, each answered in JSON, also where there is none."""

from collections.abc import Sequence

import msgspec
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typing_extensions import override

from comity.api.batches import BATCHES
from comity.api.counsel import COUNSEL
from comity.api.custody import CUSTODY
from comity.api.duty import DUTY
from comity.api.endpoint import Endpoint
from comity.api.files import FILES, streams
from comity.api.lawbook import LAWBOOK
from comity.api.letters import LETTERS, of_kinds
from comity.api.network import NETWORK
from comity.api.openapi import document
from comity.api.past import PAST
from comity.api.people import PEOPLE
from comity.api.ports import Ports
from comity.api.problems import HEADERS
from comity.api.reading import READING
from comity.api.readings import READINGS
from comity.api.resource import Resource
from comity.api.screening import SCREENING
from comity.api.sweeping import SWEEPING
from comity.api.watching import WATCHING
from comity.core.errors import ConfigurationError
from comity.desk import Desk
from comity.practice import Practice

BASE = "/api/v1"


class _Anything(Convertor[str]):
    """What follows, line ends too: `path` leaves a path that holds one to nobody."""

    regex = "(?s:.*)"

    @override
    def convert(self, value: str) -> str:
        return value

    @override
    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def endpoints(practices: Sequence[Practice]) -> list[Endpoint]:
    """Return every endpoint; raises `ConfigurationError` where two claim one path."""
    found = [
        *READING,
        *LETTERS,
        *SCREENING,
        *BATCHES,
        *COUNSEL,
        *DUTY,
        *FILES,
        *LAWBOOK,
        *CUSTODY,
        *READINGS,
        *PAST,
        *SWEEPING,
        *WATCHING,
        *PEOPLE,
        *NETWORK,
        *of_kinds(practices),
    ]
    names = [(each.method, each.path) for each in found]
    if taken := [name for name in names if names.count(name) > 1]:
        raise ConfigurationError(f"two endpoints claim `{taken[0][1]}`")
    return found


def routes(desk: Desk, ports: Ports) -> list[Route]:
    """Return the routes of the officers' API, its description among them."""
    found = endpoints(desk.station.practices.practices)
    described = msgspec.json.encode(document(found, base=BASE))

    def describe(_request: Request) -> Response:
        return Response(described, headers=HEADERS, media_type="application/json")

    paths = dict.fromkeys(each.path for each in found)
    made = [
        Route(
            f"{BASE}/{path}",
            Resource(desk, ports, endpoints=[each for each in found if each.path == path]),
        )
        for path in paths
    ]
    nothing = Resource(desk, ports, endpoints=())
    return [
        Route("/api/openapi.json", describe, methods=["GET"]),
        *streams(desk, ports, base=BASE),
        *made,
        Route("/api/{rest:anything}", nothing),
    ]
