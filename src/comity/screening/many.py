"""Many questions to one segment in one call of compiled code, each answered as by a shelf."""

from collections.abc import Sequence
from typing import Protocol

from comity.core.ids import EntityId
from comity.screening.compare import compare_above
from comity.screening.index.asked import Asked, asked
from comity.screening.index.port import Retrieved
from comity.screening.index.shelf import COMPARED, FLOOR, worth_comparing
from comity.screening.model import Candidate, Flag, Found, Profile, Query


class Batched(Protocol):
    """A segment that can be asked many questions at once."""

    @property
    def rows(self) -> int:
        """How many entities it holds."""
        ...

    def retrieve_many(
        self, questions: Sequence[Asked], graves: bytearray, /, *, keep: int
    ) -> list[Retrieved]:
        """Return the likeliest rows for each question."""
        ...

    def profile(self, row: int, /) -> Profile:
        """Read one entity."""
        ...


def search_many(segment: Batched, queries: Sequence[Query], *, limit: int) -> list[Found]:
    """Answer each question from a segment in which nothing was erased."""
    questions = [asked(query) for query in queries]
    whole, keep = bytearray((segment.rows + 7) // 8), max(COMPARED, 2 * limit)
    found = segment.retrieve_many(questions, whole, keep=keep)
    return [
        _found(query, question, each, segment, limit=limit)
        for query, question, each in zip(queries, questions, found, strict=True)
    ]


def _found(
    query: Query, question: Asked, held: Retrieved, segment: Batched, *, limit: int
) -> Found:
    if not question.names and not question.numbers:
        return Found(candidates=(), flags=(Flag.NOT_COMPARABLE,))
    compared = (
        compare_above(FLOOR, query, segment.profile(row))
        for _score, row in worth_comparing(held.rows)
    )
    shown = sorted((each for each in compared if each is not None), key=_order)
    flags = (Flag.TOO_COMMON,) if held.too_common or question.is_generic else ()
    return Found(candidates=tuple(shown[:limit]), flags=flags)


def _order(candidate: Candidate) -> tuple[float, EntityId]:
    return -candidate.score, candidate.entity_id
