"""The shapes of yente's API and of OpenRefine: existing clients only change an address.

The routes stand on a `Matcher`: lists in memory (`matching_app`), or a node's desk for one
reader, purpose and case (`desk_routes`).
"""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute

from comity.api.matching.door import Anyone
from comity.api.matching.gate import DeskGate, Pace
from comity.api.matching.routes import routes
from comity.desk import Desk
from comity.screening.matching import Matcher

__all__ = ["desk_routes", "matching_app", "matching_routes"]


HERE = ("127.0.0.1", "localhost", "::1", "[::1]")
"""By what names this machine calls itself."""


def matching_app(
    matcher: Matcher, *, hosts: Sequence[str] = HERE, origins: Sequence[str] = ()
) -> Starlette:
    """Make an application of a matcher that everyone who reaches it may ask.

    Pages of `origins`, and of this machine, may read its answers. It answers to `hosts` alone:
    no page can reach it under a name of its own that it points at this machine.
    """
    return Starlette(
        routes=[*matching_routes(matcher, origins=origins)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
    )


def matching_routes(matcher: Matcher, *, origins: Sequence[str] = ()) -> Sequence[BaseRoute]:
    """Return the routes of a matcher that everyone who reaches it may ask."""
    return routes(Anyone(matcher=matcher, origins=tuple(origins)))


def desk_routes(desk: Desk) -> Sequence[BaseRoute]:
    """Return the routes of a node, for its own people's programs and systems."""
    return routes(DeskGate(desk=desk, pace=Pace(now=desk.station.clock.now)))
