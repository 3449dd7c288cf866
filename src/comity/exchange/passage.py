"""What passes between two members, by where each stands in the directory.

A suspended or departed member is held back from everything but what protects a person; a
candidate works in exercise mode; where keys are stolen nothing passes at all.
"""

from collections.abc import Mapping

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId, member_of
from comity.message import Setting
from comity.practice import UNSTOPPED, Kind, branch, choice, protects
from comity.trust import Directory, Standing

SUSPENDED, EXERCISE_ONLY = "suspended", "exercise-only"
"""Codes of the rejections that a member's standing gives."""


def refusal(  # noqa: PLR0913 - a message as the directory sees it
    kind: Kind,
    body: Mapping[str, Value],
    *,
    setting: Setting,
    agencies: tuple[AgencyId, AgencyId],
    directory: Directory,
    at: Instant,
) -> str | None:
    """Return the code by which a message between two agencies is held back, or `None`.

    Raises `NotFoundError` where the directory does not know a member.
    """
    standings = {directory.standing(member_of(each), at=at) for each in agencies}
    if Standing.CLOSED in standings:
        return SUSPENDED
    if standings & {Standing.SUSPENDED, Standing.LEFT} and not is_for_a_person(kind, body):
        return SUSPENDED
    if Standing.CANDIDATE in standings and setting is not Setting.EXERCISE:
        return EXERCISE_ONLY
    return None


def is_for_a_person(kind: Kind, body: Mapping[str, Value]) -> bool:
    """Whether a message protects a person: a recall, a challenge, a warning of danger to life.

    INVARIANT: neither a suspension nor a departure holds such a message back.
    """
    return branch(kind, choice(kind, body)).passes_stop or (
        kind.word in UNSTOPPED and protects(kind, body)
    )
