"""How a case moves: a pure fold of its messages, and what a stop holds back.

A stopped case keeps its state inside: `stopped/oA/o/open` says that the opener's stop is not
yet confirmed, the asked side's is (capital), the opener has lifted, and `open` waits beneath.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from comity.core.clock import Instant
from comity.core.errors import StateError
from comity.practice.model import Branch, Duty, Kind, Practice, Step
from comity.practice.registry import kinds
from comity.practice.terms import Side
from comity.practice.universal import UNSTOPPED, universal

PARTED = "parted"
"""The state of every practice in which a case ends whose partner left the network."""
_LETTER = {Side.OPENER: "o", Side.ASKED: "a"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A state taken apart: where the case is, whose stops hold it, who has lifted."""

    state: str
    stops: str = ""
    lifts: str = ""

    @property
    def is_stopped(self) -> bool:
        """Whether a stop holds the case."""
        return bool(self.stops)

    @property
    def text(self) -> str:
        """Write the state as it is stored."""
        if not self.stops:
            return self.state
        return f"stopped/{self.stops}/{self.lifts}/{self.state}"


def standing(state: str) -> Standing:
    """Take a stored state apart."""
    if not state.startswith("stopped/"):
        return Standing(state=state)
    _, stops, lifts, inner = state.split("/")
    return Standing(state=inner, stops=stops, lifts=lifts)


def advance(practice: Practice, state: str, *, kind: str, side: Side, choice: str = "") -> str:
    """Return the state after a message of `kind` from `side`; `choice` as `fields.choice`.

    Raises `StateError` saying what would be allowed.
    """
    after = _after(practice, state, kind=kind, side=side, choice=choice)
    if after is None:
        words = ", ".join(each.word for each in allowed(practice, state, side)) or "nothing"
        raise StateError(
            f"`{kind[:80]}` of the {side.value} side has no step from `{state}`,"
            f" expected one of: {words}"
        )
    return after


def allowed(practice: Practice, state: str, side: Side) -> tuple[Kind, ...]:
    """Return the kinds `side` may send now, for at least one choice."""
    return tuple(
        kind
        for kind in kinds(practice)
        if any(
            _after(practice, state, kind=kind.name, side=side, choice=choice) is not None
            for choice in _choices(kind)
        )
    )


def is_closed(practice: Practice, state: str) -> bool:
    """Whether a case in this stored state has ended; what protects a person still passes."""
    many = (each for joint in practice.joint for each in joint.closed)
    return standing(state).state in {PARTED, *practice.closed, *many}


def part(state: str) -> str:
    """Return the state of a case whose partner left the network; a stop on it stays."""
    return replace(standing(state), state=PARTED).text


def lapse(state: str, side: Side) -> str:
    """Return the state once the unconfirmed stop of `side` has lapsed."""
    now = standing(state)
    return replace(now, stops=now.stops.replace(_LETTER[side], "")).text


def elapse(
    practice: Practice, state: str, *, fields: Mapping[str, Instant], at: Instant
) -> str:
    """Return the state after every timer due by `at`; timers run on while a case is stopped."""
    now = standing(state)
    for timer in practice.timers:
        if timer.state == now.state and timer.field in fields and fields[timer.field] <= at:
            return replace(now, state=timer.after).text
    return state


def owed(practice: Practice, state: str, side: Side) -> tuple[Duty, ...]:
    """Return the clocks that run against `side`; a stop does not halt the law's clock."""
    inner = standing(state).state
    return tuple(
        duty
        for duty in practice.duties
        if duty.state == inner and duty.owed_by in {side, Side.EITHER}
    )


def branch(kind: Kind, choice: str) -> Branch:
    """Return what `choice` of the kind's deciding field changes."""
    found = (each for each in kind.branches if each.choice == choice)
    return next(found, Branch(choice=choice, second=kind.second))


def _choices(kind: Kind) -> tuple[str, ...]:
    deciding = (field.choices for field in kind.fields if field.name == kind.decides)
    return next(deciding, ("",))


def _after(practice: Practice, state: str, *, kind: str, side: Side, choice: str) -> str | None:
    now = standing(state)
    word = next((each.word for each in universal(practice.name) if each.name == kind), "")
    if now.is_stopped and not _passes(practice, kind, word=word, choice=choice):
        return None
    step = _step(practice, now.state, kind=kind, side=side, choice=choice)
    if side not in _LETTER or (step is None and (not word or now.state == practice.initial)):
        return None
    held = _held(now if step is None else replace(now, state=step.after), word, _LETTER[side])
    return None if held is None else held.text


def _passes(practice: Practice, kind: str, *, word: str, choice: str) -> bool:
    own = (each for each in practice.kinds if each.name == kind)
    return word in UNSTOPPED or any(branch(each, choice).passes_stop for each in own)


def _step(practice: Practice, state: str, *, kind: str, side: Side, choice: str) -> Step | None:
    steps = [
        step
        for step in practice.steps
        if (step.before, step.kind) == (state, kind)
        and step.by in {side, Side.EITHER}
        and step.choice in {choice, ""}
    ]
    return max(steps, key=lambda step: step.choice, default=None)


def _held(now: Standing, word: str, letter: str) -> Standing | None:
    match word:
        case "stop":
            # A stop repeated keeps its confirmation; any stop asks all sides to lift again.
            held = letter if letter.upper() not in now.stops else ""
            stops = now.stops.replace(letter, "") + held
            return replace(now, stops=stops, lifts="")
        case "stop-confirm" if letter in now.stops:
            return replace(now, stops=now.stops.replace(letter, letter.upper()))
        case "lift" if now.is_stopped and letter not in now.lifts:
            lifts = now.lifts + letter
            is_over = len(lifts) == len(_LETTER)
            return replace(now, stops="" if is_over else now.stops, lifts=lifts)
        case "stop-confirm" | "lift":
            return None
        case _:
            return now
