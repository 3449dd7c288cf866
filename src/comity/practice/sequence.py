"""The sequence of a case: which numbers count, where it waits, what proves a convenor false.

The convenor's node numbers every act it takes in, and nobody else does. What a reader holds may
be late, doubled, out of order or forged by a convenor: the chain is a pure function of the set.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from comity.core.clock import HOUR, Instant
from comity.core.ids import AgencyId
from comity.practice.frame import Frame
from comity.practice.view import Number

FIRST = "0" * 64
"""What the first number names as the act before it."""
NUMBER_WITHIN = 24 * HOUR
"""How long, in ms, a convenor may take to number an act it has a receipt for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one party holds of a case: `opening` is the digest of the act that opens it."""

    case: str
    opening: str
    acts: Mapping[str, Frame]
    """Frames by digest; each was signed by its author's agency."""
    numbers: Sequence[Number] = ()
    """Each was signed by a node that serves `by`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The numbers that count, in order; it may wait for a `number`, or for a `fork` to end."""

    numbers: tuple[Number, ...]
    convenor: AgencyId
    epoch: int
    waits_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two numbers that one convenor gave to one place: evidence to anyone."""

    one: Number
    other: Number


def forks(numbers: Iterable[Number]) -> tuple[Fork, ...]:
    """Find places with two different numbers of one convenor, one pair for each place."""
    first: dict[tuple[int, int, AgencyId], Number] = {}
    found: dict[tuple[int, int, AgencyId], Fork] = {}
    for number in numbers:
        place = (number.epoch, number.number, number.by)
        held = first.setdefault(place, number)
        if held != number:
            found.setdefault(place, Fork(one=held, other=number))
    return tuple(found.values())


def is_left_out(act: str, stored_at: Instant, numbers: Sequence[Number]) -> bool:
    """Whether an unbroken run of one convenor's numbers shows that an act was left out.

    `stored_at` is the time in the convenor's receipt for it; the run begins with number 1, or
    where its epoch begins, and its last number is dated more than `NUMBER_WITHIN` after that.
    """
    run = sorted(numbers, key=lambda each: each.number)
    is_whole = all(
        (after.epoch, after.number, after.previous, after.by)
        == (before.epoch, before.number + 1, before.act, before.by)
        for before, after in pairwise(run)
    )
    begins = bool(run) and (run[0].number == 1 or run[0].epoch > 1)
    is_late = bool(run) and run[-1].at > stored_at + NUMBER_WITHIN
    return is_whole and begins and is_late and all(each.act != act for each in run)


def rival_revisions(acts: Mapping[str, Frame]) -> tuple[tuple[str, str], ...]:
    """Find acts by which one author gave two bodies to one revision: evidence of a fork."""
    first: dict[tuple[str, str, int], str] = {}
    found: list[tuple[str, str]] = []
    for digest in sorted(acts):
        frame = acts[digest]
        revision = frame.number("revision")
        if revision is not None:
            place = (frame.author, frame.kind, revision)
            if (held := first.setdefault(place, digest)) != digest:
                found.append((held, digest))
    return tuple(found)


def chain(held: Held, *, need: int) -> Chain:
    """Put the numbers in order; `need` parties hand the numbering over to a successor."""
    places: dict[tuple[int, int], set[Number]] = defaultdict(set)
    for number in held.numbers:
        places[number.epoch, number.number].add(number)
    walk = _Walk(held, places, need)
    waits = walk.go()
    return Chain(
        numbers=tuple(walk.found), convenor=walk.convenor, epoch=walk.epoch, waits_for=waits
    )


class _Walk:
    """Goes from number to number; one step each, so that a long case costs no more."""

    def __init__(
        self, held: Held, places: Mapping[tuple[int, int], set[Number]], need: int
    ) -> None:
        self.held, self.places, self.need = held, places, need
        self.convenor = held.acts[held.opening].author
        self.epoch, self.found = 1, list[Number]()
        self._roster = {each.party for each in held.acts[held.opening].roster}
        self._depths: dict[tuple[int, int, str], int] | None = None

    def go(self) -> str:
        while True:
            self._hand_over()
            candidates = self._candidates()
            if not candidates:
                last = len(self.found)
                is_gap = any(
                    number > last and epoch >= self.epoch for epoch, number in self.places
                )
                return "number" if is_gap else ""
            best = self._best(candidates)
            if best is None:
                return "fork"
            self.found.append(best)

    def _candidates(self) -> list[Number]:
        """Return the numbers that go on from here: in place, in time, from the convenor."""
        place = len(self.found) + 1
        before = self.found[-1] if self.found else None
        previous = FIRST if before is None else before.act
        # A successor is not bound by times that the convenor before it may have made up.
        since = before.at if before is not None and before.epoch == self.epoch else 0
        return [
            each
            for each in self.places.get((self.epoch, place), ())
            if (each.previous, each.by) == (previous, self.convenor)
            and each.at >= since
            and (place > 1 or each.act == self.held.opening)
        ]

    def _best(self, candidates: Sequence[Number]) -> Number | None:
        """Choose, of two numbers for one place, the one that later numbers build on."""
        if len(candidates) == 1:
            return candidates[0]
        depths = self._depths = self._measured() if self._depths is None else self._depths
        deepest = max(depths[each.epoch, each.number, each.act] for each in candidates)
        best = [
            each for each in candidates if depths[each.epoch, each.number, each.act] == deepest
        ]
        # One act numbered twice at two times stands where it stands: the earlier time counts.
        is_one = len({each.act for each in best}) == 1
        return min(best, key=lambda each: each.at) if is_one else None

    def _measured(self) -> dict[tuple[int, int, str], int]:
        depths: dict[tuple[int, int, str], int] = {}
        follow: dict[tuple[int, int, str], int] = {}
        for epoch, number in sorted(self.places, reverse=True):
            for each in self.places[epoch, number]:
                depth = 1 + follow.get((epoch, number + 1, each.act), 0)
                key = (epoch, number, each.act)
                depths[key] = max(depths.get(key, 0), depth)
                before = (epoch, number, each.previous)
                follow[before] = max(follow.get(before, 0), depth)
        return depths

    def _hand_over(self) -> None:
        """Open the next epoch where a quorum of signed acts hands it over at this place."""
        place = (self.epoch + 1, len(self.found) + 1)
        opened = (
            each
            for each in self.places.get(place, ())
            if self.found and each.previous == self.found[-1].act and self._succeeds(each)
        )
        best = min(opened, key=lambda each: each.act, default=None)
        if best is not None:
            self.epoch, self.convenor = best.epoch, best.by

    def _succeeds(self, number: Number) -> bool:
        frame = self.held.acts.get(number.act)
        if frame is None or frame.kind.partition(".")[2] != "succeed/1":
            return False
        rests = [self.held.acts.get(digest) for digest in set(frame.texts("rests"))]
        handed = {
            each.author: each.number("number") or 0
            for each in rests
            if each is not None and self._hands_to(each, number)
        }
        return (
            number.by == frame.author
            and number.by in self._roster
            and len(handed) == len(rests)
            and len(handed) >= self.need
            # INVARIANT: a successor drops no number that one of those who called it has seen.
            and max(handed.values()) == len(self.found)
        )

    def _hands_to(self, frame: Frame, number: Number) -> bool:
        return (
            frame.kind.partition(".")[2] == "handover/1"
            and frame.author in self._roster
            and frame.number("epoch") == number.epoch
            and frame.texts("successor") == (number.by,)
        )
