"""Screening beside the node: the process that holds the indexes, and who keeps it in step."""

from comity.adapters.screening.follower import Follower
from comity.adapters.screening.process import IDLE, ScreeningProcess
from comity.adapters.screening.shelf import BehindError, MemoryShelf, Opened, Shelf

__all__ = [
    "IDLE",
    "BehindError",
    "Follower",
    "MemoryShelf",
    "Opened",
    "ScreeningProcess",
    "Shelf",
]
