"""A list of people compared with what is held, slice by slice, from a file into a file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from comity.adapters.engines import engine
from comity.adapters.passengers import rows_in
from comity.adapters.results import Done, Part, Results, results
from comity.core.errors import InvalidInputError, StateError
from comity.screening.batch import Asked, Columns, Executor, Here, Refused, Row, Shard, shards

__all__ = ["Cells", "Columns", "Done", "Ended", "Job", "Part", "Results", "Told"]
__all__ += ["identity", "list_job", "named_engine", "part_of", "run"]
Told = Callable[[Done], None]
Cells = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """From where to where; `about` names everything that the answers depend on."""

    rows: Callable[[], Iterable[Row]]
    out: str
    header: Sequence[str]
    about: str
    engine: Executor = field(default_factory=Here)
    """Reads rows as questions."""

    def shards(self, *, skip: int = 0) -> Iterator[Shard]:
        """Read the list from a row on."""
        return shards(self.rows(), skip=skip, engine=self.engine)


def list_job(  # noqa: PLR0913 - from where to where, and how
    source: str,
    out: str,
    *,
    columns: Columns,
    header: Sequence[str],
    about: str = "",
    engine: Executor | None = None,
) -> Job:
    """Read a list of people from a file.

    Raises `InvalidInputError` where it is no file, or is the one that would be written.
    """
    return Job(
        rows=lambda: rows_in(source, columns),
        out=out,
        header=header,
        about=f"{identity(Path(source), out)} {sorted(columns.named.items())} {about}",
        engine=engine or Here(),
    )


def identity(source: Path, out: str) -> str:
    """Name a file as it is now: a run that was broken off goes on only with the same one.

    Raises `InvalidInputError` where it is not there, or is what would be written.
    """
    if not source.exists():
        raise InvalidInputError(f"cannot read `{str(source)[:200]}`: it is not there")
    if Path(out).exists() and Path(out).samefile(source):
        raise InvalidInputError("`--out` names the list that is read: name another file")
    held = source.stat()
    return f"{source.resolve()} {held.st_size} {held.st_mtime_ns}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a whole batch came to; `rejects` names the file with rows that were not screened."""

    done: Done
    rejects: Path | None


Answer = Callable[[Results], Iterable[Part]]
"""Answers everything that is left, from where the results stand."""


def run(job: Job, answer: Answer, *, told: Told) -> Ended:
    """Answer a list, going on where an earlier run was broken off.

    Raises `StateError` where a person stops it: the next run goes on from there.
    """
    with results(job.out, header=job.header, about=job.about) as kept:
        try:
            for part in answer(kept):
                kept.add(part)
                told(kept.done)
        except KeyboardInterrupt:
            raise StateError(
                f"stopped after {kept.done.rows} rows: the same command goes on from there"
            ) from None
        return Ended(done=kept.done, rejects=kept.finish())


def named_engine(name: str, workers: int) -> Executor:
    """Return an engine by its name; raises `InvalidInputError`, `UnreachableError`."""
    return engine(name, workers=workers)


def part_of(shard: Shard, found: Iterable[Cells], *, state: str = "") -> Part:
    """Return what a slice came to: its candidates, and what could not be read or compared."""
    return Part(
        rows=shard.offset + len(shard.rows),
        asked=len(shard.asked),
        found=tuple(found),
        rejects=tuple(each for row in shard.rows for each in _told(row)),
        state=state,
    )


def _told(row: Asked | Refused) -> Iterator[Cells]:
    place = {"line": str(row.line), "id": row.key}
    if isinstance(row, Refused):
        yield {**place, "reason": f"not screened: {row.reason}"}
    else:
        for warning in row.warnings:
            yield {**place, "reason": f"screened without it: {warning}"}
