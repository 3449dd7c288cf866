"""Screening as a node has it: a process of its own over `segments/`, in step with the store.

The files there are derived from the store and can be thrown away; they are in no backup.
"""

from collections.abc import Callable
from pathlib import Path

from comity.adapters.screening import Follower, ScreeningProcess
from comity.adapters.screening.folder import STAND, read_standing
from comity.adapters.screening.follower import Source
from comity.core.clock import DAY, HOUR, Instant

FOLDER = "segments"
MERGE_AFTER = 20 * HOUR
"""How long what was forgotten may stay in a file; with a worker's hour it is gone in a day."""
_OTHERS = 0o077


class Screening(Follower):
    """The screening of one node's folder; its process starts when somebody searches."""

    def __init__(self, folder: Path, source: Source, *, process: str = "") -> None:
        """Wire it; nothing starts, and no file is made, before the first search.

        Each of several processes of a node, by its name, has files of its own.
        """
        self.place = folder / FOLDER if not process else folder / FOLDER / process
        self.process = ScreeningProcess(self.place)
        super().__init__(self.process, source)


def keep_house(screening: Screening, *, newest: Callable[[], int], at: Instant) -> None:
    """See to it that what was forgotten is gone from every file within a day.

    Nothing is opened where nobody ever searched, or nothing changed since all was written anew.
    """
    place = screening.place
    if not (place / STAND).exists():
        return
    standing = read_standing(place)
    if standing.merged < newest() and at - standing.merged_at >= MERGE_AFTER:
        screening.merge(at)


def faults_of(folder: Path, *, newest: int, at: Instant) -> tuple[str, ...]:
    """Say what is wrong with the files of screening; none where nobody ever searched."""
    place = folder / FOLDER
    if not (place / STAND).exists():
        return ()
    faults = [
        f"`{path.relative_to(folder)}` may be read by others: expected mode 0600"
        for path in sorted(place.rglob("*"))
        if path.stat().st_mode & _OTHERS
    ]
    standing = read_standing(place)
    if standing.stand.number > newest:
        faults.append("screening stands beyond the store: it is read anew at the next search")
    if standing.merged < min(newest, standing.stand.number) and at - standing.merged_at > DAY:
        faults.append("screening was not written anew for a day: what was erased may remain")
    return tuple(faults)
