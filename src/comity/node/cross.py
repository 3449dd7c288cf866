"""Two collections cross-referenced: who of the one may be who of the other, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import msgspec

from comity.adapters.results import Part, Results
from comity.core.errors import InvalidInputError
from comity.node.batch import Cells, Ended, Job, Told, identity, part_of, run
from comity.node.lists import ListFile, entities_in, held_of, list_files, profile_of
from comity.screening import Candidate, Index, Shelf, band
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
    """What every shard is compared with: the lists, as a worker reads them."""

    files: tuple[ListFile, ...]
    least: str
    """The band of a candidate that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Lists in the memory of one process."""

    index: Index
    names: dict[str, tuple[str, str]]
    """Entity to its first name and its schema."""


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
    asked, against = list_files([left]), Against(files=list_files([right]), least=least)
    if least not in BANDS:
        raise InvalidInputError(f"unknown band `{least[:20]}`, expected {', '.join(BANDS)}")
    places = [identity(each.path, out) for each in (*asked, *against.files)]
    job = Job(
        rows=lambda: _rows(asked), out=out, header=HEADER, about=f"cross {places} {least}"
    )

    def answer(kept: Results) -> Iterator[Part]:
        shards = job.shards(skip=kept.done.rows)
        return engine.map_shards(partial(search_shard, against), shards)

    return run(job, answer, told=told)


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
    """Compare the rows of one shard; a worker opens the lists once."""
    opened = open_against(against.files)
    least = BANDS.index(against.least)
    return part_of(
        shard,
        (
            _cells(row, each, opened)
            for row in shard.asked
            for each in opened.index.search(row.query, limit=_LIMIT).candidates
            if BANDS.index(band(each.score)) >= least and each.entity_id != row.key
        ),
    )


@lru_cache(maxsize=1)
def open_against(files: tuple[ListFile, ...]) -> Opened:
    """Read and index lists, once in each process."""
    index, names = Shelf(), dict[str, tuple[str, str]]()
    for listed in files:
        for found in entities_in(listed, told=_unheard):
            profile = profile_of(held_of(found, dataset=listed.name))
            if profile.names:
                names[profile.entity_id] = (profile.names[0], profile.schema)
                index.add((profile,))
    if not names:
        places = ", ".join(f"`{each.path}`" for each in files)
        raise InvalidInputError(f"{places} names nobody to compare with")
    return Opened(index=index, names=names)


def _cells(row: Asked, found: Candidate, opened: Opened) -> Cells:
    name, schema = opened.names[found.entity_id]
    return {
        "line": str(row.line),
        "id": row.key,
        "name": row.query.names[0],
        "candidate": found.entity_id,
        "candidate_name": name,
        "schema": schema,
        "dataset": found.dataset,
        "score": f"{found.score:.4f}",
        "band": band(found.score),
        "explanation": msgspec.json.encode(explained(found)).decode(),
    }
