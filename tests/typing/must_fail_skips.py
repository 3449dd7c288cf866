"""Steps of the road that must not type-check: each ignore fails once it is no longer needed."""

from comity.adapters.world import World
from comity.exchange import (
    Admitted,
    Draft,
    Marked,
    Opened,
    Received,
    Releasable,
    Sealed,
    Station,
    delivery,
    inbound,
    outbound,
)
from comity.trust import NodeEntry


def a_draft_cannot_be_marked(draft: Draft) -> None:
    outbound.mark(draft)  # type: ignore[arg-type]


def a_releasable_cannot_be_sealed(releasable: Releasable, station: Station) -> None:
    outbound.seal(releasable, station)  # type: ignore[arg-type]


def a_marked_cannot_be_logged(marked: Marked, station: Station) -> None:
    outbound.log(marked, station)  # type: ignore[arg-type]


def a_sealed_cannot_be_delivered(
    sealed: Sealed, world: World, entry: NodeEntry, station: Station
) -> None:
    delivery.deliver([sealed], world, entry, station=station)  # type: ignore[list-item]


def a_received_cannot_be_opened(received: Received, station: Station) -> None:
    inbound.open_(received, station)  # type: ignore[arg-type]


def bytes_cannot_be_received(data: bytes, station: Station) -> None:
    inbound.receive(data, station)  # type: ignore[arg-type]


def bytes_cannot_be_verified(data: bytes, station: Station) -> None:
    inbound.verify(data, station)  # type: ignore[arg-type]


def an_opened_cannot_be_filed(opened: Opened, station: Station) -> None:
    inbound.file(opened, station)  # type: ignore[arg-type]


def an_admitted_cannot_be_acknowledged(admitted: Admitted) -> None:
    inbound.acknowledge(admitted)  # type: ignore[arg-type]
