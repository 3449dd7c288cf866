"""One message opened by a person, and the facts stated of its case."""

from collections.abc import Mapping

from comity.console import counsel, present_case
from comity.console.parts import Act, Chip, Entry, Form, Pair, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.visit import Answer, Download, Go, Shown, Visit, one_of
from comity.core.cbor import Value
from comity.core.clock import iso
from comity.core.errors import NotFoundError
from comity.core.ids import CaseId, message_id
from comity.desk import MessageView
from comity.message import Content
from comity.practice import Kind

_ICONS = {
    "release": "circle-check",
    "validate": "circle-check",
    "comply": "ban",
    "erase": "ban",
}


def open_message(visit: Visit) -> Answer:
    """Open one message; the first time, the ledger and its sender learn of it."""
    case, found = _found(visit)
    kind = visit.desk.station.practices.kind(found.kind)
    content = found.content
    parts = () if content is None else _parts(visit, (found, kind), content, case)
    page = Sheet(
        title=visit.said.kind(found.kind),
        lead=visit.said.say("message.from", partner=_author(visit, found)),
        back=Act(
            label=case or visit.said.say("rail.inbox"), href=f"/cases/{case}" if case else "/"
        ),
        chips=(Chip(text=visit.said.code("sent", found.state), tone=Tone.INFO),),
        tlp="" if content is None else content.handling.tlp.label.removeprefix("TLP:"),
        sections=(
            *_unreached(visit, found),
            *parts,
            Section(title=visit.said.say("message.road"), pairs=_road(visit, found)),
        ),
        side=_acts(visit, found),
        entry=Entry(number=found.leaf),
    )
    return Shown(page=page, marking=None if content is None else content.handling)


def attachment(visit: Visit) -> Answer:
    """Hand over one file of a message, never to be shown inline."""
    _, found = _found(visit)
    body: Mapping[str, Value] = found.content.body if found.content else {}
    files = dict(enumerate(present_case.attachments(body)))
    place = visit.names["place"]
    if not place.isdigit() or int(place[:4]) not in files:
        raise NotFoundError("this message has no such file")
    name, content = files[int(place[:4])]
    if not isinstance(content, bytes):
        # Taken apart before the first byte leaves: what fails then is said on a page.
        shelf, mid = visit.window.office.shelf(), message_id(found.mid)
        for _ in shelf.read(mid, content):
            pass
        return Download(content=shelf.read(mid, content), name=name)
    return Download(content=content, name=name)


def facts(visit: Visit) -> Answer:
    """Show the facts stated of a case, and let one be stated."""
    case, said = CaseId(visit.names["case"]), visit.said
    names = visit.people()
    lines = tuple(
        Line(
            text=counsel.stated_words(visit, row.fact),
            detail=f"{names.get(row.person, '')} · {said.code('seat', row.seat)}",
            chips=(Chip(text=said.code("answer", counsel.word(value=row.value))),),
        )
        for row in visit.desk.counsel.stated(visit.actor, case)
    )
    page = Sheet(
        title=said.say("facts.title"),
        back=Act(label=case, href=f"/cases/{case}"),
        sections=(Section(title=said.say("facts.stated"), lines=lines),),
        side=(Section(title=said.say("facts.state"), forms=(_fact_form(visit, case),)),),
    )
    return Shown(page=page)


def state_fact(visit: Visit) -> Answer:
    """State a fact of a case once; every later message of it inherits it."""
    case, fact = CaseId(visit.names["case"]), visit.form("body.fact")
    value = counsel.answer_of(visit.form("body.value"))
    visit.desk.counsel.state(visit.actor, case, fact, value=value)
    return Go(href=f"/cases/{case}/facts", told="stated")


def _found(visit: Visit) -> tuple[str, MessageView]:
    """Open the message an address names; within a case it must be one of that case."""
    mid, case = visit.names["mid"], visit.names.get("case", "")
    if case:
        view = visit.desk.reading.case(visit.actor, CaseId(case))
        one_of(mid, [message.mid for message in view.messages])
    return case, visit.desk.reading.message(visit.actor, mid)


def _author(visit: Visit, found: MessageView) -> str:
    return visit.window.office.config.name if found.is_ours else visit.partner(found.partner)


def _parts(
    visit: Visit, of: tuple[MessageView, Kind], content: Content, case: str
) -> tuple[Section, ...]:
    found, kind = of
    said = visit.said
    body = Section(
        title=said.say("message.said"), pairs=present_case.body_pairs(visit, kind, content.body)
    )
    files = tuple(
        Line(text=name, href=f"/messages/{found.mid}/files/{place}")
        for place, (name, _) in enumerate(present_case.attachments(content.body))
    )
    terms = (
        Pair(label=said.say("act.marking"), value=str(content.handling)),
        Pair(label=said.say("message.purpose"), value=said.code("purpose", content.purpose)),
        Pair(label=said.say("message.basis"), value="; ".join(content.basis)),
        Pair(label=said.say("law.duties"), value="; ".join(content.obligations)),
    )
    sections = (
        body,
        *_entities(visit, kind, content, case),
        Section(title=said.say("message.files"), lines=files),
        Section(title=said.say("message.terms"), pairs=tuple(p for p in terms if p.value)),
    )
    return tuple(each for each in sections if each.pairs or each.lines or each.forms)


def _entities(visit: Visit, kind: Kind, content: Content, case: str) -> tuple[Section, ...]:
    return tuple(
        Section(
            title=present_case.first(entity, "name") or str(entity["schema"]),
            pairs=tuple(
                Pair(label=visit.said.code("property", prop), value=", ".join(texts))
                for prop, texts in present_case.properties_of(entity).items()
            ),
            forms=(_search_form(visit, entity, case),) if case else (),
        )
        for entity in present_case.entities_of(kind, content.body)
    )


def _search_form(visit: Visit, entity: Mapping[str, Value], case: str) -> Form:
    """Return the button that looks for one entity in this node's own lists."""
    asked = present_case.properties_of(entity).items()
    schema = ("body.subject/schema", str(entity["schema"]))
    return Form(
        action=f"/cases/{case}/search",
        kind="search",
        title=visit.said.say("act.search"),
        inputs=(),
        send=visit.said.say("act.search"),
        icon="scan-search",
        hidden=(
            schema,
            *((f"body.subject/properties/{prop}", "\n".join(texts)) for prop, texts in asked),
        ),
    )


def _unreached(visit: Visit, found: MessageView) -> tuple[Section, ...]:
    """Say that nobody has seen what is urgent, or that a door is closed, and whom to call."""
    said, at = visit.said, found.call_at
    if found.code == "closed" and found.state == "queued":
        note = said.say("reach.closed", partner=visit.partner(found.partner))
    elif found.state == "barred":
        note = said.say("reach.barred")
    elif at is None:
        return ()
    elif visit.now < at:
        return (
            Section(title=said.say("reach.title"), lead=said.say("reach.wait", at=iso(at))),
        )
    else:
        note = said.say("reach.stored" if found.stored_at else "reach.not_stored")
    numbers = present_case.telephones(visit, found.partner)
    lead = "" if numbers else said.say("reach.no_number")
    return (
        Section(
            title=said.say("reach.title"), note=note, tone=Tone.CRIT, pairs=numbers, lead=lead
        ),
    )


def _road(visit: Visit, found: MessageView) -> tuple[Pair, ...]:
    instants = {
        "made": found.at,
        "stored": found.stored_at,
        "seen": found.seen_at,
        "recalled": found.recalled_at,
        "complied": found.complied_at,
    }
    told = tuple(
        Pair(label=visit.said.say(f"road.{name}"), value=iso(at))
        for name, at in instants.items()
        if at is not None
    )
    mid = Pair(label=visit.said.say("road.mid"), value=found.mid, is_reference=True)
    return (*told, mid)


def _acts(visit: Visit, found: MessageView) -> tuple[Section, ...]:
    """Return what may be asked of the desk about one message; the desk decides."""
    words = {
        "held": ("release",),
        "recalled": ("comply", "erase"),
        "filed": ("erase",),
    }
    ours = ("validate",) if found.validate_by else ()
    shown = ours if found.is_ours else words.get(found.state, ())
    made = tuple(
        Form(
            action=f"/messages/{found.mid}/{word}",
            kind=word,
            title=visit.said.say(f"act.{word}"),
            inputs=(),
            note=visit.said.say(f"act.{word}_why"),
            send=visit.said.say(f"act.{word}"),
            icon=_ICONS[word],
        )
        for word in shown
    )
    return (Section(title=visit.said.say("message.acts"), forms=made),) if made else ()


def _fact_form(visit: Visit, case: str) -> Form:
    said = visit.said
    return Form(
        action=f"/cases/{case}/facts",
        kind="fact",
        title=said.say("facts.state"),
        inputs=counsel.case_inputs(visit),
        send=said.say("facts.send"),
    )
