"""Removable media: bundles laid on a stick or disc, and read by a process that can do little.

    MEDIUM/comity/<from>_<to>_<number>/       manifest.cose, part-0001.cbor, part-0002.cbor, …
    MEDIUM/comity/<from>_<to>_<number>_ack/   ack.cose, answers.cbor

Names are lower case and are compared so: FAT folds case. A medium is never trusted: whoever
carried it may have changed, added or swapped anything on it.
"""

from comity.adapters.media.laying import lay, room_on
from comity.adapters.media.names import Found, Place, Sort, check_label, place_name
from comity.adapters.media.reading import Medium, look

__all__ = [
    "Found",
    "Medium",
    "Place",
    "Sort",
    "check_label",
    "lay",
    "look",
    "place_name",
    "room_on",
]
