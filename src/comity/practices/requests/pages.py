"""Lists and forms of this practice, as data."""

from comity.practice import Column, Form, Page, Side
from comity.practices.requests import kinds, watch


def _columns(names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name) for name in names.split())


_WORK = _columns("partner purpose state urgency_ground due owner")
_OVER = _columns("partner purpose state outcome changed")
_ALERTS = _columns("partner danger state until owner")
_UNANSWERED = frozenset({"open", "questioned", "interim", "part-answered"})

PAGES = (
    Page(name="to-answer", states=_UNANSWERED, columns=_WORK, side=Side.ASKED),
    Page(name="waiting", states=_UNANSWERED, columns=_WORK, side=Side.OPENER),
    Page(
        name="closed",
        states=frozenset({"answered", "no-hit", "refused", "withdrawn", "informed"}),
        columns=_OVER,
        order="-changed",
    ),
    Page(name="warnings", states=frozenset({"warned"}), columns=_ALERTS, order="-opened"),
    Page(
        name="past-warnings",
        states=frozenset({"stood-down", "ended"}),
        columns=_ALERTS,
        order="-changed",
    ),
)


def _form(kind: str, *groups: str) -> Form:
    return Form(kind=kind, groups=tuple(tuple(group.split()) for group in groups))


_ALARM = ("danger text until urgency_ground", "entities", "readers attachments")
FORMS = (
    _form(
        kinds.ASK.name,
        "question subjects subject_status",
        "link facts why_you",
        "urgency_ground follows readers attachments",
        "watch_days watch_reason",
    ),
    _form(kinds.QUESTION.name, "about question readers"),
    _form(kinds.SUPPLY.name, "about text subjects", "readers attachments"),
    _form(kinds.INTERIM.name, "about reason expected text"),
    _form(kinds.LATE.name, "about expected"),
    _form(
        kinds.ANSWER.name,
        "about outcome ground confirmation judgement",
        "text entities subject_status",
        "readers attachments",
    ),
    _form(kinds.CONFIRM.name, "about"),
    _form(kinds.WITHDRAW.name, "reason"),
    _form(kinds.LOWER.name, "about reason text"),
    _form(kinds.REMINDER.name, "about text"),
    _form(watch.WATCH_RENEW.name, "about watch_days watch_reason"),
    _form(watch.WATCH_ANSWER.name, "about watch watch_until"),
    _form(
        kinds.INFORM.name,
        "text entities subject_status",
        "urgency_ground follows readers attachments",
    ),
    _form(kinds.WARNING.name, *_ALARM),
    _form(kinds.WARNING_ACK.name, "about standing persons"),
    _form(kinds.WARNING_UPDATE.name, "about", *_ALARM),
    _form(kinds.STAND_DOWN.name, "about reason text"),
)
