"""The words of a practice in one language: a flat list of keys, the kit's own beneath.

Keys: `practice`, `kind.ask`, `field.question`, `choice.outcome.hit`, `state.open`,
`page.waiting`; where one kind says it otherwise, `field.ask.question` comes first. Files lie in
`locale/<lang>.json` of the practice and of the kit; who has a file system hands the bytes in.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.practice.joint import JointCase
from comity.practice.joint_acts import REASONS
from comity.practice.joint_kinds import kits
from comity.practice.model import Kind, Practice
from comity.practice.universal import universal

Words = Mapping[str, str]


def read_words(data: bytes) -> Words:
    """Read one locale file; raises `InvalidInputError` naming the key that is not a word."""
    try:
        found: object = json.loads(data)
    except ValueError as error:
        raise InvalidInputError("a locale file is one JSON object of texts") from error
    if not isinstance(found, dict):
        raise InvalidInputError("a locale file is one JSON object of texts")
    for key, text in cast("dict[str, object]", found).items():
        if not isinstance(text, str) or not 1 <= len(text) <= limits.NAME:
            raise InvalidInputError(f"the word `{key[:80]}` is not text")
    return cast("Words", found)


def wanted(practice: Practice) -> frozenset[str]:
    """Return every key a locale of this practice has."""
    states = {step.after for step in practice.steps} | {
        timer.after for timer in practice.timers
    }
    states |= {each for joint in practice.joint for each in joint.states - {joint.initial}}
    return frozenset(
        {"practice", "command"}
        | {word for joint in practice.joint for word in _of_joint(joint)}
        | {f"state.{state}" for state in states}
        | {f"page.{page.name}" for page in practice.pages}
        | {f"column.{column.name}" for page in practice.pages for column in page.columns}
        | _of_kinds(practice.kinds)
    )


def wanted_of_kit() -> frozenset[str]:
    """Return every key a locale of the kit has: its kinds, its reasons, a stopped case."""
    case = JointCase(name="kit", opens="kit.open/1", steps=())
    practice = Practice(
        name="kit", command="kit", kinds=(), initial="none", steps=(), joint=(case,)
    )
    own = frozenset({"state.stopped", "state.parted", "field.sections"})
    reasons = frozenset(f"guard.{reason}" for reason in REASONS)
    found = _of_kinds((*universal("kit"), *kits(practice)))
    return own | reasons | found - {"choice.timer.none"}


def label(words: Words, kind: Kind, field: str, *, code: str = "") -> str:
    """Return what people read for a field of a kind, or for one code of it."""
    head, tail = ("choice", f"{field}.{code}") if code else ("field", field)
    return (
        words.get(f"{head}.{kind.word}.{tail}") or words.get(f"{head}.{tail}") or code or field
    )


def _of_joint(joint: JointCase) -> Iterable[str]:
    yield f"joint.{joint.name}"
    groups = (group for quorum in joint.quorums.values() for group in quorum.groups)
    roles = {step.by for step in joint.steps} | {group.role for group in groups}
    yield from (f"role.{role}" for role in roles - {"", "convenor"})
    yield from (f"quorum.{name}" for name in joint.quorums)
    yield from (f"timer.{timer.name}" for timer in joint.timers)


def _of_kinds(kinds: Sequence[Kind]) -> frozenset[str]:
    sections = [each for kind in kinds for field in kind.fields for each in field.sections]
    inner = [field for section in sections for field in section.fields]
    fields = [field for kind in kinds for field in kind.fields] + inner
    return frozenset(
        [f"section.{section.name}" for section in sections]
        + [f"kind.{kind.word}" for kind in kinds]
        + [f"field.{field.name}" for field in fields]
        + [f"choice.{field.name}.{code}" for field in fields for code in field.choices]
    )
