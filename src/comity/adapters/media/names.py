"""The names a medium may hold; everything else on it is left alone and said so."""

import re
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from comity.core.errors import InvalidInputError
from comity.core.ids import NodeId

FOLDER: Final = "comity"
"""The one folder of a medium that is looked into."""
MANIFEST, ACK, ANSWERS = "manifest.cose", "ack.cose", "answers.cbor"
_ID = r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*){2}"
_PLACE = re.compile(rf"({_ID})_({_ID})_([0-9]{{8}})(_ack)?", re.ASCII)


@unique
class Sort(Enum):
    """What a folder of a medium holds."""

    BUNDLE = "bundle"
    ACK = "ack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A bundle or acknowledgement on a medium, by its name alone: nothing is believed."""

    sort: Sort
    from_node: NodeId
    to_node: NodeId
    number: int
    name: str
    """As the medium spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one look at a medium found."""

    places: tuple[Place, ...]
    refused: int
    """Names that are none of ours, or that two entries claim once case is folded."""


def place_name(sort: Sort, from_node: NodeId, to_node: NodeId, number: int) -> str:
    """Return the name of a folder; `from_node` is whoever writes it."""
    end = "_ack" if sort is Sort.ACK else ""
    return f"{from_node}_{to_node}_{number:08d}{end}"


def part_name(place: int) -> str:
    """Return the name of a bundle's file, counted from 1."""
    return f"part-{place:04d}.cbor"


def read_names(names: list[str]) -> Found:
    """Sort out the names of a medium's folder."""
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(name.lower(), []).append(name)
    places: list[Place] = []
    for low, spelt in sorted(folded.items()):
        match = _PLACE.fullmatch(low)
        if match is None or len(spelt) > 1:
            continue
        from_node, to_node, number, ack = match.groups()
        places.append(
            Place(
                sort=Sort.ACK if ack else Sort.BUNDLE,
                from_node=NodeId(from_node),
                to_node=NodeId(to_node),
                number=int(number),
                name=spelt[0],
            )
        )
    return Found(places=tuple(places), refused=len(names) - len(places))


def check_label(text: str) -> str:
    """Return a courier's name; raises `InvalidInputError` on control characters or length."""
    if not text.isprintable() or len(text) > 200:  # noqa: PLR2004 - a name on a slip of paper
        raise InvalidInputError("expected a courier's name of at most 200 printable characters")
    return text
