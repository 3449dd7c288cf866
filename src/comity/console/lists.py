"""Lists brought in: uploaded, previewed, committed; what is corrected; one entity looked at.

A preview is kept for its session until it is committed or another takes its place, so that a
person commits exactly what they looked at. Nothing of it is written to disk here.
"""

import threading
from dataclasses import dataclass, field

from comity.console import candidates
from comity.console.forms import MARKINGS
from comity.console.parts import Act, Chip, Entry, Finding, Form, Input, Tone, Verdict
from comity.console.registers import Branch, Correction, Corrections, Entity
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, Held, ListState
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import HOUR, Instant, from_iso, iso
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import CaseId, EntityId
from comity.desk import VIEWS, Change, EditionDiff, Incoming, MessageView
from comity.interop import Import
from comity.message import Statement, handling
from comity.practice import Field, Need, Type

FORMATS = ("ofac-sdn", "un-sc", "ftm", "csv")
_CORRECTING = frozenset({"correct", "recall", "challenge", "expire"})
_MOST = 4
_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """One preview waiting for its person."""

    incoming: Incoming
    found: Import
    diff: EditionDiff
    at: Instant


@dataclass(slots=True)
class Trays:
    """Previews by session: few, and none older than an hour."""

    _held: dict[str, Tray] = field(default_factory=dict[str, Tray])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, session: str, tray: Tray) -> None:
        """Keep a session's newest preview; the oldest of all makes room."""
        with self._lock:
            self._held.pop(session, None)
            self._held = {
                key: each for key, each in self._held.items() if tray.at - each.at < HOUR
            }
            while len(self._held) >= _MOST:
                del self._held[next(iter(self._held))]
            self._held[session] = tray

    def take(self, session: str, digest: str) -> Tray:
        """Give back what a session previewed; raises `NotFoundError` where it is gone."""
        with self._lock:
            tray = self._held.get(session)
            if tray is None or tray.diff.digest.hex() != digest:
                raise NotFoundError("this preview is gone: upload the list again")
            return self._held.pop(session)


@dataclass(frozen=True, slots=True)
class Lists:
    """The pages of lists; they share the previews that wait."""

    trays: Trays = field(default_factory=Trays)

    def show(self, visit: Visit) -> Answer:
        """List the editions held and how far loading is; let a new one be brought in."""
        said = visit.said
        rows = visit.desk.holdings.editions(visit.actor)
        lines = tuple(
            Line(
                text=f"{row.dataset} · {row.edition}",
                detail=said.say(
                    "lists.edition", entities=row.entities, day=iso(Instant(row.published))[:10]
                ),
                chips=_marks(
                    visit, is_current=row.is_current, is_demonstration=row.is_demonstration
                ),
            )
            for row in rows
        )
        page = Sheet(
            title=said.say("rail.lists"),
            lead=candidates.loading(visit) or said.say("lists.about"),
            sections=(Section(title=said.say("lists.held"), lines=lines),) if lines else (),
            side=(Section(title=said.say("lists.bring"), forms=(_upload_form(visit),)),),
            condition=READY if lines else Condition(state=ListState.EMPTY),
            topic="lists",
        )
        return Shown(page=page)

    def preview(self, visit: Visit) -> Answer:
        """Show what an edition would add, change and remove; nothing is written."""
        incoming, found = _read(visit)
        diff = visit.desk.holdings.preview(visit.actor, incoming)
        tray = Tray(incoming=incoming, found=found, diff=diff, at=visit.now)
        self.trays.keep(visit.actor.session, tray)
        return Shown(page=_preview(visit, tray))

    def commit(self, visit: Visit) -> Answer:
        """Make an edition current, exactly as it was previewed."""
        tray = self.trays.take(visit.actor.session, visit.form("previewed"))
        visit.desk.holdings.commit(visit.actor, tray.incoming, previewed=tray.diff)
        return Go(href="/lists", told="committed")


def corrections(visit: Visit) -> Answer:
    """List corrections, recalls and challenges this node sent, and who has complied."""
    cases = {
        line.case.case
        for view in VIEWS
        for line in visit.desk.reading.cases(visit.actor, view=view)
    }
    found = [
        (case, message)
        for case in sorted(cases)
        for message in visit.desk.reading.case(visit.actor, CaseId(case)).messages
        if message.kind.partition(".")[2].partition("/")[0] in _CORRECTING
    ]
    items = tuple(_correction(visit, case, message) for case, message in found)
    condition = READY if items else Condition(state=ListState.EMPTY)
    return Shown(page=Corrections(items=items, condition=condition))


def entity(visit: Visit) -> Answer:
    """Show one entity for a case, as this person may see it now; the look is logged."""
    case = CaseId(visit.query.get("case", ""))
    name = EntityId(visit.names["entity"])
    found = visit.desk.holdings.entity(visit.actor, name, case=case)
    names = found.properties.get("name", ())
    page = Entity(
        reference=name,
        name=next(iter(names), name),
        schema=visit.said.code("schema", found.schema),
        values=tuple(_held(visit, each) for each in found.statements),
        note=visit.said.say("candidate.contested") if found.is_contested else "",
        acts=(
            Act(
                label=visit.said.say("act.open_case"), href=f"/cases/{case}", icon="folder-open"
            ),
        ),
    )
    return Shown(page=page, marking=found.handling)


def _marks(visit: Visit, *, is_current: object, is_demonstration: object) -> tuple[Chip, ...]:
    current = Chip(text=visit.said.say("lists.current"), icon="circle-check", tone=Tone.OK)
    shown = Chip(text=visit.said.say("lists.demonstration"), icon="flag", tone=Tone.INFO)
    return (*((current,) if is_current else ()), *((shown,) if is_demonstration else ()))


def _read(visit: Visit) -> tuple[Incoming, Import]:
    if not visit.uploads:
        raise InvalidInputError("expected at least one file")
    published = visit.form("body.published@utc")
    return visit.window.read_import(
        {each.name: each.content for each in visit.uploads},
        form=visit.form("body.format"),
        marking=handling(visit.form("body.marking")),
        basis=visit.form("body.basis"),
        purpose=visit.form("body.purpose"),
        dataset=visit.form("body.dataset"),
        edition=visit.form("body.edition"),
        published=from_iso(f"{published}Z") if published else None,
        retain_until=None,
    )


def _preview(visit: Visit, tray: Tray) -> Sheet:
    said, diff = visit.said, tray.diff
    form = Form(
        action="/lists/commit",
        kind="commit",
        title=said.say("lists.commit"),
        inputs=(),
        note=said.say("lists.commit_why"),
        send=said.say("lists.commit"),
        hidden=(("previewed", diff.digest.hex()),),
    )
    changes = (("new", diff.new), ("changed", diff.changed), ("removed", diff.removed))
    return Sheet(
        title=said.say("lists.preview", edition=diff.edition.edition),
        lead=said.say("lists.preview_lead", n=len(tray.found.statements)),
        back=Act(label=said.say("rail.lists"), href="/lists"),
        sections=(
            *(_change(visit, name, change) for name, change in changes),
            *_rejections(visit, tray.found),
        ),
        side=(Section(title=said.say("lists.commit"), forms=(form,)),),
    )


def _change(visit: Visit, name: str, change: Change) -> Section:
    return Section(
        title=visit.said.say(f"lists.{name}", n=change.count),
        lines=tuple(Line(text=each) for each in change.sample),
    )


def _rejections(visit: Visit, found: Import) -> tuple[Section, ...]:
    lines = tuple(
        Finding(
            text=f"{each.file}:{each.line} {each.field}: {each.reason}",
            verdict=Verdict.CONDITIONS,
        )
        for each in found.rejected[:_SHOWN]
    )
    title = visit.said.say("lists.rejected", n=found.rejections)
    return (Section(title=title, findings=lines),) if lines else ()


def _upload_form(visit: Visit) -> Form:
    said, required = visit.said, Need.REQUIRED
    fields = (
        Field(name="files", type=Type.ATTACHMENTS, need=required),
        Field(name="format", type=Type.CODE, need=required, choices=FORMATS),
        Field(name="dataset", type=Type.LINE, need=required, limit=80),
        Field(name="edition", type=Type.LINE, need=required, limit=80),
        Field(name="published", type=Type.INSTANT),
        Field(name="basis", type=Type.LINE, need=required, limit=200),
        Field(name="purpose", type=Type.CODE, need=required, choices=_purposes(visit)),
        Field(name="marking", type=Type.CODE, need=required, choices=MARKINGS),
    )
    return Form(
        action="/lists/preview",
        kind="import",
        title=said.say("lists.bring"),
        inputs=tuple(
            Input(field=each, label=said.say(f"lists.field.{each.name}")) for each in fields
        ),
        send=said.say("lists.look"),
    )


def _purposes(visit: Visit) -> tuple[str, ...]:
    return tuple(visit.desk.station.corpus().lexicon.purposes)


def _correction(visit: Visit, case: str, message: MessageView) -> Correction:
    said = visit.said
    reached = message.seen_at if message.is_ours else message.at
    state = "seen" if reached is not None else "waiting"
    tone = Tone.OK if reached is not None else Tone.WARN
    branch = Branch(
        partner=visit.partner(message.partner),
        what=case,
        state=Chip(text=said.code("sent", state), tone=tone),
        at=reached,
        entry=Entry(number=message.leaf),
    )
    return Correction(
        reference=case,
        title=said.kind(message.kind),
        cause=said.say("correction.ours" if message.is_ours else "correction.theirs"),
        at=message.at,
        reached=int(reached is not None),
        of=1,
        branches=(branch,),
        acts=(
            Act(
                label=said.say("act.open_message"),
                href=f"/cases/{case}/messages/{message.mid}",
                icon="eye",
            ),
        ),
    )


def _held(visit: Visit, each: Statement) -> Held:
    return Held(
        subject=each.dataset,
        property=visit.said.code("property", each.prop),
        value=each.original_value or each.value,
        grade=f"{each.grade.source}{each.grade.information} {each.grade.scale}",
        source=f"{visit.partner(each.originator)} · {each.dataset}",
        marking=str(each.handling),
        basis=each.basis,
        until=each.retain_until,
    )
