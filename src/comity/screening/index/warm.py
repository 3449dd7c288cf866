"""Compile, or load from the cache, everything a search runs: before the first one comes."""

from comity.core.ids import EntityId
from comity.screening.index.build import build_segment
from comity.screening.index.segment import Segment
from comity.screening.index.shelf import Shelf
from comity.screening.model import Profile, Query


def warm() -> None:
    """Build and search two tiny segments, one of each kind; seconds after an installation."""
    held = Profile(
        entity_id=EntityId("warm"),
        dataset="warm",
        schema="Person",
        properties={"name": ("Anna Example",), "passportNumber": ("A1234567",)},
    )
    query = Query(schema="Person", properties={"name": ("Ana Exampel",)})
    for large in (0, 1):
        data = b"".join(build_segment((held,), large=large).chunks())
        Shelf(segments=(Segment.from_buffer(memoryview(data)),)).search(query)
