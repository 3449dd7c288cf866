"""The shipped list of OFAC as statements and as what screening holds."""

import hashlib
from functools import cache

from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, EntityId
from comity.interop import Import, Terms, import_ofac, sample_ofac
from comity.message import handling
from comity.node.loading import UNKNOWN
from comity.screening import Profile

COLLECTED = Instant(1_780_000_000_000)


@cache
def files() -> dict[str, bytes]:
    """Return the files of the list."""
    return sample_ofac().files


def imported() -> Import:
    """Read the list as a node does."""
    terms = Terms(
        dataset="ofac-sdn",
        originator=AgencyId("xn.police"),
        grade=UNKNOWN,
        handling=handling("TLP:CLEAR"),
        basis="public-list",
        purpose="counter-terrorism",
        collected=COLLECTED,
        retain_until=Instant(COLLECTED + 365 * DAY),
        identify=lambda text: hashlib.sha256(text.encode()).hexdigest(),
    )
    return import_ofac(files(), terms=terms)


def profiles() -> list[Profile]:
    """Gather the list's statements into entities that bear a name."""
    held: dict[EntityId, dict[str, list[str]]] = {}
    schemata: dict[EntityId, str] = {}
    for statement in imported().statements:
        schemata[statement.entity_id] = statement.schema
        properties = held.setdefault(statement.entity_id, {})
        properties.setdefault(statement.prop, []).append(statement.value)
    made = [
        Profile(
            entity_id=entity,
            dataset="ofac-sdn",
            schema=schemata[entity],
            properties={prop: tuple(values) for prop, values in properties.items()},
        )
        for entity, properties in held.items()
    ]
    return [each for each in made if each.names]
