"""A watch requested with an ask: two fields of the ask, and two kinds of their own.

Without `watch_days` in the ask nothing is watched. The two fields came to `requests.ask/1` when
it was in use: they are judged as free text, which is what a node that does not know them takes
them for, so both ends count the same values.
"""

from dataclasses import replace

from comity.practice import LONGEST, Branch, Field, Kind, Need, Type

_DAYS = Field(
    name="watch_days",
    type=Type.INTEGER,
    category="free-text",
    limit=LONGEST,
    comes_with="watch_reason",
)
_REASON = Field(
    name="watch_reason",
    type=Type.TEXT,
    category="free-text",
    limit=1_000,
    comes_with="watch_days",
)
WATCH_FIELDS = (_DAYS, _REASON)
"""What an ask may request: for how many days, and why."""
_ABOUT = Field(name="about", type=Type.REFERENCE, need=Need.REQUIRED)
_UNTIL = "watch_until"

WATCH_RENEW = Kind(
    name="requests.watch-renew/1",
    fields=(_ABOUT, *(replace(each, need=Need.REQUIRED) for each in WATCH_FIELDS)),
    seats=frozenset({"officer", "supervisor"}),
)
"""The asker requests its watch anew; who is asked decides anew."""
WATCH_ANSWER = Kind(
    name="requests.watch-answer/1",
    fields=(
        _ABOUT,
        Field(
            name="watch",
            type=Type.CODE,
            need=Need.REQUIRED,
            choices=("kept", "not-kept", "ended"),
        ),
        Field(name=_UNTIL, type=Type.INSTANT),
    ),
    seats=frozenset({"officer", "supervisor", "legal", "rights"}),
    is_protective=True,
    decides="watch",
    branches=(
        Branch(choice="kept", required=frozenset({_UNTIL})),
        Branch(choice="not-kept", barred=frozenset({_UNTIL})),
        Branch(choice="ended", barred=frozenset({_UNTIL})),
    ),
)
"""What became of a watch, in codes: it says nothing of what is held here."""
