"""Screening as a node has it: a process of its own over `segments/`, in step with the store.

The files there are derived from the store and can be thrown away; they are in no backup.
"""

from pathlib import Path

from comity.adapters.screening import Follower, ScreeningProcess
from comity.adapters.screening.findable import Findable
from comity.core.clock import Instant

FOLDER = "segments"


def open_screening(folder: Path, source: Findable) -> Follower:
    """Wire the screening of a node's folder; its process starts when somebody searches."""
    return Follower(ScreeningProcess(folder / FOLDER), source)


def keep_house(folder: Path, screening: Follower, *, at: Instant) -> None:
    """See to it that what was forgotten is gone from the files within a day."""
    del folder, screening, at
