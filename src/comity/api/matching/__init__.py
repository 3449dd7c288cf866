"""The shapes of yente's API and of OpenRefine: existing clients only change an address.

The routes stand on a `Matcher`: lists in memory (`matching_app`), or a node's desk for one
reader, purpose and case (`desk_routes`).
"""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from comity.api.matching.door import Anyone
from comity.api.matching.routes import routes
from comity.screening.matching import Matcher

__all__ = ["matching_app", "matching_routes"]


def matching_app(matcher: Matcher, *, origins: Sequence[str] = ()) -> Starlette:
    """Make an application of a matcher that everyone who reaches it may ask.

    Pages of `origins`, and of this machine, may read its answers.
    """
    return Starlette(routes=[*matching_routes(matcher, origins=origins)])


def matching_routes(matcher: Matcher, *, origins: Sequence[str] = ()) -> Sequence[BaseRoute]:
    """Return the routes of a matcher that everyone who reaches it may ask."""
    return routes(Anyone(matcher=matcher, origins=tuple(origins)))
