"""Pairs of entities compared without an index: JSON lines in, one answer for each, in order.

A line in is `{"id", "query", "candidate"}`, both FollowTheMoney entities; a line out is
`{"id", "score", "explanation"}`, or `{"id", "error"}` for a line that is no such pair.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

import msgspec

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.screening.compare import compare
from comity.screening.model import Candidate, Evidence, Flag
from comity.screening.scoring import calibration
from comity.screening.subject import read_subject

Key = str | int | float | None
"""What the sender calls a pair."""
LINES: Final = 200
"""Lines in one slice."""
_BYTES: Final = 4 * limits.MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a score is what it is: evidence by evidence, a name token by token."""

    evidence: tuple[Evidence, ...]
    flags: tuple[Flag, ...]
    warnings: tuple[str, ...] = ()
    """What was sent and could not be compared."""
    calibration: str = ""
    """The version of the weights."""
    intercept: float = 0.0
    """With the weights of the evidence, it sums to the logit of the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one pair."""

    id: Key
    score: float
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A line that is no pair: where it stands, and what was expected there."""

    id: Key
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Lines of a file that follow each other; `first` is the number of the first one."""

    first: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answers to one slice, as lines, and how many of them are errors."""

    lines: bytes
    pairs: int
    bad: int


def slices(lines: Iterable[bytes], *, size: int = LINES) -> Iterator[Slice]:
    """Cut lines into slices of at most `size` lines, fewer where they are long."""
    first, held, weight = 1, list[bytes](), 0
    for line in lines:
        held.append(line)
        weight += len(line)
        if len(held) == size or weight > _BYTES:
            yield Slice(first=first, lines=tuple(held))
            first, held, weight = first + len(held), [], 0
    if held:
        yield Slice(first=first, lines=tuple(held))


def compare_slice(given: Slice, /) -> Answered:
    """Answer every line of a slice that is not blank."""
    found = [
        answer_line(line, number=number)
        for number, line in enumerate(given.lines, start=given.first)
        if line.strip()
    ]
    encode = msgspec.json.encode
    return Answered(
        lines=b"".join(encode(each) + b"\n" for each in found),
        pairs=len(found),
        bad=sum(isinstance(each, Unread) for each in found),
    )


def answer_line(line: bytes, *, number: int) -> Answer | Unread:
    """Compare the pair of one line; never raises on what a line may hold."""
    key: Key = None
    try:
        members = _members(line)
        key = _key(members)
        return compare_pair(members.get("query"), members.get("candidate"), key=key)
    except InvalidInputError as error:
        return Unread(id=key, error=f"line {number}: {error}")


def compare_pair(query: object, candidate: object, *, key: Key = None) -> Answer:
    """Compare two entities as they were sent; raises `InvalidInputError` on what is none.

    A schema that one side does not name is taken from the other. Without a name on both sides
    nothing can be compared: the score is 0, and the answer says so.
    """
    asked = read_subject(query, where="query", schema=_schema(candidate))
    held = read_subject(candidate, where="candidate", schema=_schema(query))
    warnings = asked.warnings + held.warnings
    unnamed = [
        side for side, each in (("query", asked), ("candidate", held)) if not each.is_named
    ]
    if unnamed:
        warnings += tuple(f"{side} has no name that can be compared" for side in unnamed)
        nothing = Explanation(evidence=(), flags=(Flag.NOT_COMPARABLE,), warnings=warnings)
        return Answer(id=key, score=0.0, explanation=nothing)
    found = compare(asked.query(), held.profile())
    return Answer(id=key, score=found.score, explanation=explained(found, warnings=warnings))


def explained(found: Candidate, *, warnings: tuple[str, ...] = ()) -> Explanation:
    """Return why a candidate has its score."""
    fitted = calibration()
    return Explanation(
        evidence=found.evidence,
        flags=found.flags,
        warnings=warnings,
        calibration=fitted.version,
        intercept=fitted.intercept,
    )


def _members(line: bytes) -> Mapping[str, object]:
    if len(line) > limits.BODY:
        raise InvalidInputError(f"longer than {limits.BODY} bytes")
    try:
        made = cast("object", msgspec.json.decode(line))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidInputError("expected one JSON object in UTF-8") from None
    if not isinstance(made, dict):
        raise InvalidInputError("expected an object with `id`, `query` and `candidate`")
    return cast("Mapping[str, object]", made)


def _key(members: Mapping[str, object]) -> Key:
    key = members.get("id")
    if isinstance(key, bool) or not isinstance(key, str | int | float):
        raise InvalidInputError("expected an `id` that is a text or a number")
    return key


def _schema(other: object) -> str:
    named = cast("Mapping[str, object]", other).get("schema") if isinstance(other, dict) else ""
    return named if isinstance(named, str) else ""
