"""Watches: which live here, without for whom; and in its case, what was requested and found."""

from collections.abc import Callable

from comity.console import candidates, counsel
from comity.console.parts import Act, Chip, Deadline, Form, Input, Pair, Tone, Verdict
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Go, Shown, Visit, one_of
from comity.core.clock import Instant, iso
from comity.core.ids import CaseId
from comity.desk import LINE, READERS, STARTERS, Requested, WatchRow
from comity.practice import Field, Need, Type

_REASONS = 1_000


def watches(visit: Visit) -> Answer:
    """List the living watches of this node; oversight sees this page."""
    said, rows = visit.said, visit.desk.watches.living(visit.actor)
    page = Sheet(
        title=said.say("watch.title"),
        lead=said.say("watch.about"),
        sections=tuple(_living(visit, row) for row in rows),
        condition=READY if rows else Condition(state=ListState.EMPTY),
        topic="watches",
    )
    return Shown(page=page)


def show(visit: Visit) -> Answer:
    """Show what the asker of a case requested, what our law says, and what may be done."""
    said, case = visit.said, CaseId(visit.names["case"])
    found = visit.desk.watches.requested(visit.actor, case)
    own = Section(title=said.say("watch.living"), pairs=_pairs(visit, found.row))
    asked = Section(
        title=said.say("watch.requested"),
        quote=found.reason,
        pairs=(Pair(label=said.say("watch.days"), value=str(found.days)),),
        lines=() if found.reason else (_unopened(visit, found),),
        note=said.say("watch.requested_why" if found.reason else "watch.open_first"),
    )
    page = Sheet(
        title=said.say("watch.of", case=case),
        lead=said.say("watch.about_case"),
        back=Act(label=case, href=f"/cases/{case}"),
        chips=(_state(visit, found),),
        verdict=Verdict(found.decision.verdict.word),
        sections=(
            *((own,) if found.row is not None else ()),
            asked,
            Section(
                title=said.say("watch.law"),
                lead=said.say("watch.law_why"),
                findings=counsel.findings(visit, found.decision.reasons),
            ),
        ),
        side=tuple(Section(title=form.title, forms=(form,)) for form in _forms(visit, found)),
        topic="watch",
    )
    return Shown(page=page)


def act(visit: Visit) -> Answer:
    """Start, renew, decline or end the watch of a case."""
    case, desk = CaseId(visit.names["case"]), visit.desk.watches
    acts: dict[str, Callable[[], object]] = {
        "start": lambda: desk.start(visit.actor, case),
        "renew": lambda: desk.renew(visit.actor, case, reason=visit.form("body.reason")),
        "decline": lambda: desk.decline(visit.actor, case),
        "end": lambda: desk.end(visit.actor, case),
    }
    done = acts[one_of(visit.form("act"), list(acts))]()
    is_kept = isinstance(done, Requested) and done.row is not None
    return Go(href=f"/cases/{case}/watch", told="watched" if is_kept else "not_watched")


def found(visit: Visit) -> Answer:
    """List who came in and may be asked for; the look is in the ledger, no score is shown."""
    case = CaseId(visit.names["case"])
    query, listed = visit.desk.watches.found(visit.actor, case)
    hidden = (
        ("body.subject/schema", query.schema),
        *(
            (f"body.subject/properties/{prop}", "\n".join(values))
            for prop, values in query.properties.items()
        ),
    )
    return Shown(page=candidates.listed(visit, case, query, listed, hidden=hidden))


def _unopened(visit: Visit, found: Requested) -> Line:
    """Lead to the message that nobody has opened yet."""
    mid = found.request.mid.hex()
    return Line(text=visit.said.say("watch.open"), href=f"/cases/{found.case}/messages/{mid}")


def _living(visit: Visit, row: WatchRow) -> Section:
    said = visit.said
    may_read = bool(READERS & visit.actor.seats)
    line = Line(
        text=row.case_id,
        href=f"/cases/{row.case_id}/watch" if may_read else "",
        due=Deadline(at=Instant(row.until), began=Instant(row.started), now=visit.now),
    )
    return Section(
        title=visit.partner(row.asker),
        pairs=(
            Pair(label=said.say("watch.purpose"), value=said.code("purpose", row.purpose)),
            *_pairs(visit, row),
        ),
        lines=(line,),
    )


def _pairs(visit: Visit, row: WatchRow | None) -> tuple[Pair, ...]:
    if row is None:
        return ()
    said, people = visit.said, visit.people()
    times = f"{row.renewals}" + (
        "" if row.renewed_at is None else f" · {iso(Instant(row.renewed_at))[:10]}"
    )
    renewed = (
        Pair(label=said.say("watch.renewed"), value=times),
        Pair(
            label=said.say("watch.renewed_by"),
            value=people.get(row.renewed_by, row.renewed_by),
        ),
    )
    return (
        Pair(label=said.say("watch.started"), value=iso(Instant(row.started))[:10]),
        Pair(
            label=said.say("watch.started_by"),
            value=people.get(row.started_by, row.started_by),
        ),
        Pair(label=said.say("watch.until"), value=iso(Instant(row.until))[:10]),
        *(renewed if row.renewals else ()),
    )


def _state(visit: Visit, found: Requested) -> Chip:
    if found.row is not None:
        return Chip(text=visit.said.say("watch.is_kept"), icon="hourglass", tone=Tone.WARN)
    name = "is_ended" if found.has_ended else "is_none"
    return Chip(text=visit.said.say(f"watch.{name}"), tone=Tone.PLAIN)


def _forms(visit: Visit, found: Requested) -> tuple[Form, ...]:
    """Return the forms of what may be done now."""
    seats, lives = visit.actor.seats, found.row is not None
    may_start, is_open = bool(STARTERS & seats) and bool(found.reason), found.is_open
    offered = (
        ("found", lives and bool(LINE & seats)),
        ("start", may_start and is_open and not lives),
        ("renew", may_start and is_open and lives),
        ("decline", is_open),
        ("end", lives),
    )
    return tuple(_form(visit, found, name) for name, may in offered if may)


def _form(visit: Visit, found: Requested, name: str) -> Form:
    said, at = visit.said, f"/cases/{found.case}/watch"
    reason = Input(
        field=Field(name="reason", type=Type.TEXT, need=Need.REQUIRED, limit=_REASONS),
        label=said.say("watch.reason"),
    )
    return Form(
        action=f"{at}/found" if name == "found" else at,
        kind=f"watch-{name}",
        title=said.say(f"watch.{name}"),
        inputs=(reason,) if name == "renew" else (),
        note=said.say(f"watch.{name}_why"),
        send=said.say(f"watch.{name}"),
        hidden=() if name == "found" else (("act", name),),
        icon={"found": "scan-search", "end": "ban"}.get(name, "hourglass"),
    )
