"""Two collections cross-referenced: who of the one may be who of the other, and why."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import msgspec

from comity.adapters.collection import SMALL, InMemory, Mapped, written
from comity.adapters.results import Part, Results
from comity.core.errors import InvalidInputError
from comity.node.batch import Cells, Ended, Job, Told, identity, part_of, run
from comity.node.lists import ListFile, entities_in, held_of, list_files, profile_of
from comity.screening import Candidate, Profile, band
from comity.screening.batch import Asked, Executor, Row, Shard
from comity.screening.pairs import explained

HEADER = (
    *("line", "id", "name", "candidate", "candidate_name", "schema", "dataset"),
    *("score", "band", "explanation"),
)
BANDS = ("weak", "possible", "strong")
_LIMIT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What every shard is compared with, as a worker opens it."""

    files: tuple[ListFile, ...]
    mapped: str
    """The collection as one file; empty where it is small."""
    least: str
    """The band of a candidate that is shown."""


def cross(  # noqa: PLR0913 - two collections, where to, and how
    left: str,
    right: str,
    out: str,
    *,
    least: str,
    engine: Executor,
    told: Told,
) -> Ended:
    """Compare everybody of the left collection with the right one.

    Raises `InvalidInputError` on a collection that cannot be read, `StateError` where a person
    stops it.
    """
    asked, held = list_files([left]), list_files([right])
    if least not in BANDS:
        raise InvalidInputError(f"unknown band `{least[:20]}`, expected {', '.join(BANDS)}")
    places = [identity(each.path, out) for each in (*asked, *held)]
    job = Job(
        rows=lambda: _rows(asked), out=out, header=HEADER, about=f"cross {places} {least}"
    )
    with _collection(held) as mapped:
        against = Against(files=held, mapped=mapped, least=least)

        def answer(kept: Results) -> Iterator[Part]:
            shards = job.shards(skip=kept.done.rows)
            return engine.map_shards(partial(search_shard, against), shards)

        return run(job, answer, told=told)


@contextmanager
def _collection(files: tuple[ListFile, ...]) -> Generator[str]:
    """Write a large collection down for the workers; a small one they read themselves."""
    held = list(_profiles(files))
    if not held:
        places = ", ".join(f"`{each.path}`" for each in files)
        raise InvalidInputError(f"{places} names nobody to compare with")
    if len(held) < SMALL:
        yield ""
    else:
        with written(held) as path:
            yield str(path)


def _rows(files: Iterable[ListFile]) -> Iterator[Row]:
    line = 0
    for listed in files:
        for found in entities_in(listed, told=_unheard):
            held = held_of(found, dataset=listed.name)
            line += 1
            if profile_of(held).names:
                members = {prop: list(values) for prop, values in held.properties.items()}
                yield Row(line, {**members, "id": held.entity_id, "schema": held.schema})


def _unheard(_count: int) -> None:
    """Say nothing of what a list could not tell: `record import` does."""


def search_shard(against: Against, shard: Shard) -> Part:
    """Compare the rows of one shard; a worker opens the collection once."""
    opened, rows = open_against(against), shard.asked
    answers = opened.search_many([row.query for row in rows], limit=_LIMIT)
    least = BANDS.index(against.least)
    return part_of(
        shard,
        (
            _cells(row, each, opened)
            for row, found in zip(rows, answers, strict=True)
            for each in found.candidates
            if BANDS.index(band(each.score)) >= least and each.entity_id != row.key
        ),
    )


@lru_cache(maxsize=1)
def open_against(against: Against) -> InMemory | Mapped:
    """Open a collection, once in each process; one on another machine reads its lists anew."""
    path = Path(against.mapped)
    if against.mapped and path.is_file():
        return Mapped(path)
    return InMemory(_profiles(against.files))


def _profiles(files: Iterable[ListFile]) -> Iterator[Profile]:
    """Yield everybody who has a name, each id once: the first list that holds it counts."""
    seen = set[str]()
    for listed in files:
        for found in entities_in(listed, told=_unheard):
            profile = profile_of(held_of(found, dataset=listed.name))
            if profile.names and profile.entity_id not in seen:
                seen.add(profile.entity_id)
                yield profile


def _cells(row: Asked, found: Candidate, opened: InMemory | Mapped) -> Cells:
    held = opened.profile(found.entity_id)
    return {
        "line": str(row.line),
        "id": row.key,
        "name": row.query.names[0],
        "candidate": found.entity_id,
        "candidate_name": held.names[0],
        "schema": held.schema,
        "dataset": found.dataset,
        "score": f"{found.score:.4f}",
        "band": band(found.score),
        "explanation": msgspec.json.encode(explained(found)).decode(),
    }
