"""Cases and messages as pages show them: rows, timelines, values, tasks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, cast

from comity.console.parts import Chip, Deadline, Entry, Pair, Tone
from comity.console.shell import initials
from comity.console.views import Event, Group, Held, Row, Source, Task, Urgency
from comity.console.visit import Visit
from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant, iso
from comity.core.errors import ComityError
from comity.core.ids import AgencyId
from comity.desk import CaseLine, CaseView, MessageView
from comity.message import Content
from comity.practice import CaseRow, Field, Kind, Type, blob_of, standing
from comity.seal import BlobRef

_SPANS = (("overdue", 0), ("today", 8 * HOUR), ("week", 7 * DAY))
_LAW = frozenset({"permitted", "referred", "denied", "admitted", "held", "not-admitted"})
_ANSWERED = frozenset({"permitted", "referred", "denied"})
_LEDGER = frozenset({"assessed", "key-changed", "directory-seen", "rules-changed", "export"})


def deadline(row: CaseRow, now: Instant) -> Deadline | None:
    """Return when a case's next act is due."""
    if row.due is None:
        return None
    return Deadline(at=Instant(row.due), began=Instant(row.opened), now=now)


def state_words(visit: Visit, row: CaseRow) -> str:
    """Word where a case stands, a stop before all."""
    now = standing(row.state)
    words = visit.said.state(row.practice, now.state)
    stopped = visit.said.state(row.practice, "stopped")
    return f"{stopped}: {words}" if now.is_stopped else words


def groups(
    visit: Visit, lines: Sequence[CaseLine], *, href: str, chosen: str
) -> tuple[Group, ...]:
    """Return a list's rows by how soon they are due; `href` opens one beside the list."""
    names = visit.people()
    found: dict[str, list[Row]] = {}
    for line in lines:
        shown = _row(visit, line, names, href=f"{href}&open={line.case.case}")
        shown = replace(shown, is_selected=line.case.case == chosen)
        found.setdefault(_span(line.case, visit.now), []).append(shown)
    order = [name for name, _ in _SPANS] + ["later", "none"]
    return tuple(
        Group(title=visit.said.say(f"due.{name}"), rows=tuple(found[name]))
        for name in order
        if name in found
    )


def _row(visit: Visit, line: CaseLine, names: Mapping[str, str], *, href: str) -> Row:
    row, said = line.case, visit.said
    owner = names.get(row.owner or "", "")
    contested = Chip(text=said.say("case.contested"), icon="scale", tone=Tone.CRIT)
    is_urgent = line.urgency == "urgent"
    return Row(
        href=href,
        case=row.case,
        sender=visit.partner(row.partner),
        unit=row.partner,
        title=said.kind(line.kind) if line.kind else said.say("case.untitled"),
        subtitle=" · ".join(
            (row.case, said.code("purpose", row.purpose), state_words(visit, row))
        ),
        urgency=Urgency.CRIT if is_urgent else Urgency.NORM,
        chips=(contested,) if line.is_contested else (),
        due=deadline(row, visit.now),
        assignee=initials(owner),
        assignee_name=owner,
        is_unread=line.is_unread,
    )


def _span(row: CaseRow, now: Instant) -> str:
    if row.due is None:
        return "none"
    return next((name for name, span in _SPANS if row.due - now < span), "later")


def parties(visit: Visit, row: CaseRow) -> tuple[Pair, ...]:
    """Return who asked and who was asked, and who works on it here."""
    said = visit.said
    other = visit.partner(row.partner)
    own = visit.window.office.config.name
    asker, asked = (own, other) if row.opener == visit.desk.agency else (other, own)
    owner = visit.people().get(row.owner or "", said.say("case.nobody"))
    return (
        Pair(label=said.say("case.opener"), value=asker),
        Pair(label=said.say("case.asked"), value=asked),
        Pair(label=said.say("case.owner"), value=owner),
        Pair(label=said.say("case.reference"), value=row.case, is_reference=True),
    )


def telephones(visit: Visit, agency: str) -> tuple[Pair, ...]:
    """Return how people reach a partner when messages do not, as it states it itself."""
    try:
        entry = visit.directory.agency(AgencyId(agency))
    except ComityError:
        return ()
    return tuple(
        Pair(label=visit.said.say(f"contact.{name}"), value=value)
        for each in entry.contacts
        for name, value in (
            ("telephone", each.telephone),
            ("email", each.email),
            ("hours", each.hours),
            ("languages", ", ".join(each.languages)),
        )
        if value
    )


def timeline(visit: Visit, view: CaseView, *, source: str) -> tuple[Event, ...]:
    """Return what happened, the newest first; `source` narrows it to one origin."""
    names = visit.people()
    messages = {each.mid: each for each in view.messages}
    events = (
        _event(visit, each, names, (view.case.case, messages.get(each.reference)))
        for each in reversed(view.events)
    )
    return tuple(each for each in events if source in {"", each.source.value})


class _Happened(Protocol):
    """An event of a case, as the desk gives it."""

    @property
    def at(self) -> int: ...
    @property
    def sort(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def partner(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def leaf(self) -> int | None: ...
    @property
    def event(self) -> str: ...


def _event(
    visit: Visit,
    each: _Happened,
    names: Mapping[str, str],
    about: tuple[str, MessageView | None],
) -> Event:
    said, (case, message) = visit.said, about
    kind = said.kind(each.kind) if each.kind else ""
    who = names.get(each.person, "")
    partner = visit.partner(each.partner) if each.partner else ""
    is_sent = each.sort == "sent" and message is not None
    return Event(
        at=Instant(each.at),
        source=_source(each.sort, each.person),
        text=said.code("event", each.sort) + (f": {kind}" if kind else ""),
        detail=" · ".join(filter(None, (who, partner))),
        href=_followed(each, case, message),
        entry=None if each.leaf is None else Entry(number=each.leaf),
        stored=message.stored_at if is_sent and message else None,
        seen=message.seen_at if is_sent and message else None,
        awaits_receipt=is_sent,
    )


def _followed(each: _Happened, case: str, message: MessageView | None) -> str:
    """Return where an event leads: its message, or the answer of our own law."""
    if message is not None:
        return f"/cases/{case}/messages/{message.mid}"
    return f"/law/past/{each.event}" if each.sort in _ANSWERED else ""


def _source(sort: str, person: str) -> Source:
    if sort in _LAW:
        return Source.LAW
    if sort in _LEDGER:
        return Source.LEDGER
    return Source.OWN if person or sort == "sent" else Source.PARTNER


def tasks(visit: Visit, view: CaseView) -> tuple[Task, ...]:
    """Return what this side owes, the soonest first."""
    names = visit.people()
    return tuple(
        Task(
            text=visit.said.code("task", each.sort),
            owner=names.get(each.person or "", visit.said.code("seat", each.seat)),
            due=None
            if each.due is None
            else Deadline(at=Instant(each.due), began=Instant(each.created), now=visit.now),
        )
        for each in view.tasks
    )


_SHOWN_ELSEWHERE = frozenset({Type.ENTITY, Type.ENTITIES, Type.SECTIONS, Type.ACT})


def body_pairs(visit: Visit, kind: Kind, body: Mapping[str, Value]) -> tuple[Pair, ...]:
    """Return a body field by field, in words; entities are shown by `held`."""
    fields = {field.name: field for field in kind.fields}
    told = (
        (visit.said.field(kind, name), _told(visit, kind, fields.get(name), value))
        for name, value in body.items()
        if name not in fields or fields[name].type not in _SHOWN_ELSEWHERE
    )
    return tuple(Pair(label=label, value=value) for label, value in told if value)


def entities_of(kind: Kind, body: Mapping[str, Value]) -> list[Mapping[str, Value]]:
    """Return every entity a body carries, in its order."""
    types = {field.name: field.type for field in kind.fields}
    found: list[Value] = []
    for name, value in body.items():
        if types.get(name) is Type.ENTITY:
            found.append(value)
        elif types.get(name) is Type.ENTITIES:
            found += cast("Sequence[Value]", value)
    return [cast("Mapping[str, Value]", each) for each in found]


def held(visit: Visit, message: MessageView, content: Content, kind: Kind) -> tuple[Held, ...]:
    """Return each value of a message with what binds it."""
    source = (
        visit.window.office.config.name if message.is_ours else visit.partner(message.partner)
    )
    return tuple(
        Held(
            subject=first(entity, "name") or str(entity["schema"]),
            property=visit.said.code("property", prop),
            value=text,
            grade="",
            source=f"{source} · {visit.said.kind(message.kind)}",
            marking=str(content.handling),
            basis="; ".join(content.basis),
        )
        for entity in entities_of(kind, content.body)
        for prop, texts in properties_of(entity).items()
        for text in texts
    )


def properties_of(entity: Mapping[str, Value]) -> Mapping[str, tuple[str, ...]]:
    """Return an entity's properties as texts."""
    found = cast("Mapping[str, Sequence[Value]]", entity.get("properties", {}))
    return {name: tuple(str(text) for text in texts) for name, texts in found.items()}


def first(entity: Mapping[str, Value], prop: str) -> str:
    """Return an entity's first value of a property, or nothing."""
    return next(iter(properties_of(entity).get(prop, ())), "")


def attachments(body: Mapping[str, Value]) -> Iterable[tuple[str, bytes | BlobRef]]:
    """Give each file of a body: its name and its bytes, or where a large one lies."""
    for each in cast("Sequence[Mapping[str, Value]]", body.get("attachments", ())):
        content = each.get("content", blob_of(each))
        if isinstance(content, (bytes, BlobRef)):
            yield str(each.get("name", "file")), content


def _told(visit: Visit, kind: Kind, field: Field | None, value: Value) -> str:
    if field is None:
        return str(value)
    match field.type:
        case Type.CODE | Type.CODES:
            codes = [value] if isinstance(value, str) else cast("Sequence[Value]", value)
            return ", ".join(visit.said.field(kind, field.name, str(code)) for code in codes)
        case Type.INSTANT:
            return iso(Instant(cast("int", value)))
        case Type.FLAG:
            return visit.said.say("answer.yes" if value else "answer.no")
        case Type.ATTACHMENTS | Type.PARTIES | Type.DIGESTS | Type.ROSTER:
            return _listed(value)
        case _:
            return str(value)


def _listed(value: Value) -> str:
    """Write a list of texts, or of things by their name or party, as one line."""
    parts = cast("Sequence[str | Mapping[str, Value]]", value)
    names = (
        each if isinstance(each, str) else str(each.get("name", each.get("party", "")))
        for each in parts
    )
    return ", ".join(names)
