"""Screening beside the node: the process that holds the indexes, and who keeps it in step."""

from comity.adapters.screening.cabinet import BehindError, Cabinet, MemoryCabinet, Opened
from comity.adapters.screening.follower import Follower
from comity.adapters.screening.process import IDLE, ScreeningProcess

__all__ = [
    "IDLE",
    "BehindError",
    "Cabinet",
    "Follower",
    "MemoryCabinet",
    "Opened",
    "ScreeningProcess",
]
