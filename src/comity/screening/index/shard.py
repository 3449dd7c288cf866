"""Read entities into what a segment is built from: the step that many processes can share."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from comity.core.ids import EntityId
from comity.screening.index.asked import Marks, held_words, marks_of, numbers_of
from comity.screening.index.payload import write_profile
from comity.screening.model import Profile


@dataclass(frozen=True, slots=True)
class Row:
    """One entity, read."""

    entity: EntityId
    payload: bytes
    marks: int
    names: tuple[tuple[tuple[str, ...], bool], ...]
    """Words of each name, and whether it is a weak alias."""
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    """Entities read, and every reading of their words beyond the word itself."""

    rows: list[Row] = field(default_factory=list[Row])
    readings: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


def read_shard(profiles: Iterable[Profile]) -> Shard:
    """Read entities; shards read apart and in any order build the same segment."""
    shard = Shard()
    for profile in profiles:
        names: list[tuple[tuple[str, ...], bool]] = []
        for words, is_weak in held_words(profile):
            names.append((tuple(word[0] for word in words), is_weak))
            for word in words:
                if len(word) > 1:
                    shard.readings.setdefault(word[0], set()).update(word[1:])
        shard.rows.append(
            Row(
                profile.entity_id,
                write_profile(profile),
                pack(marks_of(profile.properties)),
                tuple(names),
                numbers_of(profile.properties),
            )
        )
    return shard


def pack(marks: Marks) -> int:
    """Write marks into 29 bits: year 8, day 9, sex 2, country 10."""
    return marks.year | marks.day << 8 | marks.sex << 17 | marks.country << 19
