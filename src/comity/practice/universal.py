"""Kinds that come with every practice and cannot be left out: the rights of partner and person.

Recall, stop, expire, challenge and their acknowledgements name only what the partner holds:
they are decided and logged but need no basis. So does a correction, until it carries a new
value and is a disclosure (`fields.protects`).
"""

from dataclasses import replace
from functools import cache

from comity.core.clock import HOUR
from comity.practice.model import Branch, Field, Kind
from comity.practice.terms import Need, Second, Type

STOP_LAPSES = 72 * HOUR
"""How long a stop holds, in ms, before a second person of the same party has confirmed it."""

CONFIRM_WITHIN = 24 * HOUR
"""How long an act under a stated threat to life holds before its second person confirms it."""

UNSTOPPED = frozenset(
    {"correct", "recall", "challenge", "challenge-answer", "expire", "comply", "seen"}
    | {"stop", "stop-confirm", "lift"}
)
"""Words no stop holds back: what protects the person, and what ends or confirms the stop."""

LINE = frozenset({"officer", "analyst", "supervisor", "legal", "rights"})
STOPPERS = frozenset({"officer", "supervisor", "legal", "rights"})
DECIDERS = frozenset({"supervisor", "legal", "rights"})
_WHY_CORRECT = "wrong-person wrong-value outdated wrong-marking wrong-grade"
_WHY_RECALL = (
    "source-withdrew wrong-person unlawful basis-ended court-order challenge-upheld"
    " list-entry-removed not-confirmed sent-in-error"
)
_WHY_CHALLENGE = (
    "not-this-person inaccurate unlawful disproportionate outdated protected-status political"
)
_WHY_STOP = "danger-to-person violation-of-rights unlawful error compromised-key political"
_WHY_EXPIRE = "retention-ended marking-ended review-failed no-longer-needed"

_USES = "onward other-purpose evidence longer-retention publication tearline conditions"
_ASKING = (
    # A consent to pass on is for partners by name; conditions are in words.
    Branch(choice="onward", required=frozenset({"partners"})),
    Branch(choice="conditions", required=frozenset({"text"})),
)
_AGREEING = (
    Branch(choice="given", second=Second.BEFORE),
    # Terms, and why consent is withheld, are told in words.
    Branch(choice="given-with-terms", required=frozenset({"text"}), second=Second.BEFORE),
    Branch(choice="withheld", required=frozenset({"text"}), second=Second.BEFORE),
)

_ABOUT = Field(name="about", type=Type.REFERENCE, need=Need.REQUIRED)
_PLACE = Field(name="place", type=Type.PATH)
_TEXT = Field(name="text", type=Type.TEXT, category="free-text")


def _code(name: str, choices: str) -> Field:
    return Field(name=name, type=Type.CODE, need=Need.REQUIRED, choices=tuple(choices.split()))


def _count(name: str) -> Field:
    return Field(name=name, type=Type.INTEGER, limit=1_000_000)


@cache
def universal(practice: str) -> tuple[Kind, ...]:
    """Return the kinds the kit adds to the practice of this name."""
    named = _ABOUT, _PLACE

    def kind(word: str, *fields: Field, seats: frozenset[str], second: Second) -> Kind:
        name = f"{practice}.{word}/1"
        protects = word in UNSTOPPED
        return Kind(
            name=name, fields=fields, seats=seats, second=second, is_protective=protects
        )

    none, before = Second.NONE, Second.BEFORE
    new_value = Field(name="entity", type=Type.ENTITY)
    return (
        kind("correct", *named, _code("ground", _WHY_CORRECT), _TEXT, new_value,
             seats=STOPPERS, second=none),
        kind("recall", *named, _code("ground", _WHY_RECALL), _TEXT,
             seats=STOPPERS, second=none),
        kind("challenge", *named, _code("ground", _WHY_CHALLENGE),
             _code("by", "person-concerned representative officer oversight civil-society"),
             _TEXT, seats=STOPPERS | {"oversight"}, second=none),
        kind("challenge-answer", _ABOUT,
             _code("outcome", "upheld partly-upheld rejected sent-to-review"), _TEXT,
             seats=DECIDERS, second=before),
        kind("expire", *named, _code("ground", _WHY_EXPIRE), seats=STOPPERS, second=none),
        kind("comply", _ABOUT,
             _code("done", "corrected erased restricted blocked not-held partly"),
             _count("told"), _count("complied"), _count("outstanding"),
             seats=STOPPERS, second=none),
        kind("seen", _ABOUT, seats=LINE, second=none),
        replace(
            kind("consent", *named, _code("use", _USES),
                 Field(name="partners", type=Type.CODES, category="organisation", limit=64),
                 _TEXT, seats=STOPPERS, second=none),
            decides="use", branches=_ASKING,
        ),
        replace(
            kind("consent-answer", _ABOUT, _code("answer", "given given-with-terms withheld"),
                 Field(name="until", type=Type.INSTANT), _TEXT,
                 seats=DECIDERS, second=before),
            decides="answer", branches=_AGREEING,
        ),
        kind("dissent", *named, _code("ground", "facts grade law proportion method"),
             _TEXT, seats=LINE, second=none),
        kind("stop", _code("ground", _WHY_STOP), _TEXT,
             seats=STOPPERS | {"oversight"}, second=Second.LAPSING),
        kind("stop-confirm", _ABOUT, seats=STOPPERS | {"oversight"}, second=none),
        kind("lift", _ABOUT, _TEXT, seats=DECIDERS, second=none),
    )  # fmt: skip


WORDS = frozenset(kind.word for kind in universal("any"))
"""The words no practice may take for a kind of its own."""
