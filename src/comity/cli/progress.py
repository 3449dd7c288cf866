"""How far a long run has come: a bar where a person looks on, nothing where nobody does."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from comity.cli.say import Document, Said
from comity.node.batch import Done, Ended


class Progress:
    """Shows rows and candidates on stderr."""

    def __init__(self, total: int | None = None) -> None:
        """Show how far it is of `total` rows, where that is known."""
        columns = (
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("rows", total=total)

    def __enter__(self) -> Self:
        """Begin to show it."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take it away."""
        self._bar.stop()

    def __call__(self, done: Done, /) -> None:
        """Show how far it is."""
        words = f"{done.found:,} candidates, rows"
        self._bar.update(self._task, completed=done.rows, description=words)


def ended_in_words(ended: Ended, out: str) -> Said:
    """Say what a whole run came to."""
    done = ended.done
    document: Document = {
        "rows": done.rows,
        "screened": done.asked,
        "candidates": done.found,
        "rejects": done.rejects,
        "out": out,
        "rejects_file": str(ended.rejects or ""),
    }
    lines = [
        f"{done.asked:,} of {done.rows:,} rows screened, {done.found:,} candidates in `{out}`"
    ]
    if ended.rejects is not None:
        lines.append(f"{done.rejects:,} remarks on rows in `{ended.rejects}`: look at them")
    return Said(document=document, lines=lines)
