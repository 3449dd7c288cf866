"""The messages of this practice.

Purpose, urgency, markings and basis travel with every body in the sealed content, so no kind
repeats them; `urgency_ground` is what makes a message urgent.
"""

from comity.practice import Branch, Field, Kind, Need, Second, Type
from comity.practices.requests.grounds import GROUNDS
from comity.practices.requests.watch import WATCH_ANSWER, WATCH_FIELDS, WATCH_RENEW

LIFE = ("danger-to-life", "imminent-attack")
URGENT = (*LIFE, "suspect-may-flee", "evidence-may-be-lost", "person-held")
ATTACHED = Field(name="attachments", type=Type.ATTACHMENTS, limit=8)
ABOUT = Field(name="about", type=Type.REFERENCE, need=Need.REQUIRED)
READERS = Field(name="readers", type=Type.CODES, category="contact", limit=32)
"""Who may read a TLP:RED body, by random person id without its agency."""
UNTIL = Field(name="until", type=Type.INSTANT, need=Need.REQUIRED, is_searchable=True)


def _text(name: str, need: Need = Need.OPTIONAL, *, category: str = "free-text") -> Field:
    return Field(name=name, type=Type.TEXT, need=need, category=category)


def _code(name: str, choices: tuple[str, ...], need: Need = Need.REQUIRED) -> Field:
    return Field(name=name, type=Type.CODE, need=need, choices=choices, is_searchable=True)


STATUS = Field(
    # Directive (EU) 2016/680, article 6: who the person is; left open, it is unknown.
    name="subject_status",
    type=Type.CODE,
    choices=("suspect", "convicted", "victim", "witness", "missing", "other"),
)


def _entities(name: str) -> Field:
    return Field(name=name, type=Type.ENTITIES, limit=20, is_searchable=True)


ASK = Kind(
    name="requests.ask/1",
    fields=(
        # Directive (EU) 2023/977, article 4: what is asked, why, of whom, and why of you.
        _text("question", Need.REQUIRED),
        _entities("subjects"),
        STATUS,
        _text("link"),
        _text("facts"),
        _text("why_you"),
        _code("urgency_ground", URGENT, Need.OPTIONAL),
        Field(name="follows", type=Type.REFERENCE, is_searchable=True),
        READERS,
        ATTACHED,
        *WATCH_FIELDS,
    ),
    seats=frozenset({"officer", "analyst", "supervisor"}),
)
QUESTION = Kind(
    name="requests.question/1",
    fields=(ABOUT, _text("question", Need.REQUIRED), READERS),
    seats=frozenset({"officer", "analyst", "supervisor", "legal"}),
)
SUPPLY = Kind(
    name="requests.supply/1",
    fields=(ABOUT, _text("text"), _entities("subjects"), READERS, ATTACHED),
    seats=frozenset({"officer", "analyst", "supervisor"}),
)
INTERIM = Kind(
    name="requests.interim/1",
    fields=(
        ABOUT,
        _code(
            "reason",
            ("judicial-authorisation", "asked-a-source", "volume", "translation", "duty-hours"),
        ),
        Field(name="expected", type=Type.INSTANT, need=Need.REQUIRED, is_searchable=True),
        _text("text"),
    ),
)
LATE = Kind(
    name="requests.late/1",
    fields=(ABOUT, Field(name="expected", type=Type.INSTANT, need=Need.REQUIRED)),
    seats=frozenset({"supervisor"}),
    is_protective=True,
)
"""An interim answer that goes by itself: a person has yet to decide, in codes alone."""
_VALUES = frozenset({"entities", "attachments", "judgement", "confirmation"})
_SEEN_BY = frozenset({"confirmation"})
ANSWER = Kind(
    name="requests.answer/1",
    fields=(
        ABOUT,
        _code("outcome", ("full", "partial", "hit", "no-hit", "refused")),
        Field(name="ground", type=Type.CODE, choices=tuple(GROUNDS), cites=GROUNDS),
        _code("confirmation", ("two-persons", "one-person"), Need.OPTIONAL),
        Field(name="judgement", type=Type.REFERENCE),
        _text("text"),
        _entities("entities"),
        STATUS,
        READERS,
        ATTACHED,
    ),
    seats=frozenset({"officer", "supervisor"}),
    decides="outcome",
    # A whole or partial answer tells at least what a hit tells, so it asks no less.
    branches=(
        Branch(
            choice="full",
            required=_SEEN_BY,
            barred=frozenset({"ground"}),
            second=Second.AFTER,
        ),
        Branch(choice="partial", required=_SEEN_BY, second=Second.AFTER),
        Branch(
            choice="hit",
            required=_SEEN_BY | {"judgement"},
            barred=frozenset({"ground"}),
            second=Second.AFTER,
        ),
        Branch(choice="no-hit", barred=_VALUES | {"ground", "text"}),
        Branch(choice="refused", required=frozenset({"ground"}), barred=_VALUES),
    ),
)
CONFIRM = Kind(
    name="requests.confirm/1", fields=(ABOUT,), seats=frozenset({"officer", "supervisor"})
)
WITHDRAW = Kind(
    name="requests.withdraw/1",
    fields=(_code("reason", ("no-longer-needed", "sent-in-error", "answered-elsewhere")),),
    seats=frozenset({"officer", "analyst", "supervisor"}),
)
LOWER = Kind(
    name="requests.lower/1",
    fields=(
        ABOUT,
        _code("reason", ("ground-not-shown", "ground-has-passed", "not-in-our-reach")),
        _text("text", Need.REQUIRED),
    ),
    seats=frozenset({"officer", "supervisor"}),
)
REMINDER = Kind(name="requests.reminder/1", fields=(ABOUT, _text("text")))
INFORM = Kind(
    name="requests.inform/1",
    fields=(
        _text("text", Need.REQUIRED),
        _entities("entities"),
        STATUS,
        _code("urgency_ground", URGENT, Need.OPTIONAL),
        Field(name="follows", type=Type.REFERENCE, is_searchable=True),
        READERS,
        ATTACHED,
    ),
    seats=frozenset({"officer", "analyst", "supervisor"}),
    second=Second.AFTER,
)
_DANGER = Field(
    name="danger",
    type=Type.CODE,
    need=Need.REQUIRED,
    choices=(*LIFE, "public-safety", "document", "method"),
    category="threat",
    is_searchable=True,
)
_ALARM = (
    *(Branch(choice=code, second=Second.AFTER, passes_stop=True) for code in LIFE),
    *(Branch(choice=code, second=Second.BEFORE) for code in _DANGER.choices[len(LIFE) :]),
)
_WARNED = (
    _DANGER,
    _text("text", Need.REQUIRED),
    UNTIL,
    _entities("entities"),
    _code("urgency_ground", URGENT, Need.OPTIONAL),
    READERS,
    ATTACHED,
)
WARNING = Kind(
    name="requests.warning/1",
    fields=_WARNED,
    seats=frozenset({"officer", "supervisor"}),
    decides="danger",
    branches=_ALARM,
)
WARNING_ACK = Kind(
    name="requests.warning-ack/1",
    fields=(
        ABOUT,
        _code("standing", ("read", "acting", "cannot-act")),
        Field(name="persons", type=Type.INTEGER, limit=1_000),
    ),
    seats=frozenset({"officer", "analyst", "supervisor"}),
    is_protective=True,
)
WARNING_UPDATE = Kind(
    name="requests.warning-update/1",
    fields=(ABOUT, *_WARNED),
    seats=frozenset({"officer", "supervisor"}),
    decides="danger",
    branches=_ALARM,
)
STAND_DOWN = Kind(
    name="requests.stand-down/1",
    fields=(
        ABOUT,
        _code("reason", ("danger-passed", "proved-false", "replaced")),
        _text("text"),
    ),
    seats=frozenset({"officer", "supervisor"}),
)
KINDS = (
    ASK,
    QUESTION,
    SUPPLY,
    INTERIM,
    LATE,
    ANSWER,
    CONFIRM,
    WITHDRAW,
    LOWER,
    REMINDER,
    WATCH_RENEW,
    WATCH_ANSWER,
    INFORM,
    WARNING,
    WARNING_ACK,
    WARNING_UPDATE,
    STAND_DOWN,
)
