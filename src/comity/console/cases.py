"""One case: its timeline, values, disclosures and tasks; the acts of its practice as forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.console import counsel, forms, present_case, several
from comity.console.inbox import take_on
from comity.console.outcome import outcome
from comity.console.parts import Act, Chip, Choice, Entry, Form, Tone
from comity.console.views import ActPage, Case, CaseTab, Disclosure, Held, LawPanel, Tab
from comity.console.visit import Answer, Go, Shown, Visit, one_of
from comity.core.clock import iso
from comity.core.ids import CaseId
from comity.desk import CaseView, MessageView
from comity.practice import Kind

BY_ITSELF = frozenset({"seen"})
_NOT_BY_HAND = BY_ITSELF | {"watch-answer", "late"}
"""Words the desk sends by itself, which nobody writes."""
_SOURCES = ("own", "partner", "law", "ledger")
_NAMED = ("about", "judgement")


def show_case(visit: Visit) -> Answer:
    """Show a case in one of its tabs."""
    view = case_of(visit)
    row, said = view.case, visit.said
    chosen = visit.query.get("tab", CaseTab.TIMELINE.value)
    tab = CaseTab(one_of(chosen, [each.value for each in CaseTab]))
    source = visit.query.get("source", "")
    page = Case(
        reference=row.case,
        title=f"{visit.partner(row.partner)}: {said.state(row.practice, view.standing.state)}",
        purpose=said.code("purpose", row.purpose),
        state=Chip(text=present_case.state_words(visit, row), tone=Tone.INFO),
        href=f"/cases/{row.case}",
        tab=tab,
        deadline=present_case.deadline(row, visit.now),
        events=present_case.timeline(visit, view, source=source),
        values=values_of(visit, view) if tab is CaseTab.VALUES else (),
        disclosures=disclosures(visit, view) if tab is CaseTab.DISCLOSURES else (),
        tasks=present_case.tasks(visit, view),
        parties=present_case.parties(visit, row),
        acts=acts_of(visit, view),
        form=take_on(visit, row.case, back=f"/cases/{row.case}"),
        stopped=present_case.state_words(visit, row) if view.standing.is_stopped else "",
        filters=_filters(visit, source),
        several=several.panel(visit, CaseId(row.case)),
    )
    return Shown(page=page)


def write_act(visit: Visit) -> Answer:
    """Show the form of one act that may be done now."""
    view, kind = _chosen(visit)
    draft = forms.blank(kind, _known(visit, view, kind))
    return Shown(page=_page(visit, view, _Writing(draft=draft)))


def ask_law(visit: Visit) -> Answer:
    """Say what the law would say of an act; nothing is written."""
    view, kind = _chosen(visit)
    draft = forms.read_draft(visit, kind)
    panel = judged(visit, view, draft)
    if visit.is_partial:
        return Shown(page=panel)
    return Shown(page=_page(visit, view, _Writing(draft=draft, law=panel)))


def do_act(visit: Visit) -> Answer:
    """Send an act of a case, or say what it waits for."""
    view, kind = _chosen(visit)
    draft = forms.read_draft(visit, kind)
    if visit.form("add") or draft.filled.faults:
        status = 200 if visit.form("add") else 422
        return Shown(
            page=_page(visit, view, _Writing(draft=draft, is_read=True)), status=status
        )
    facts = counsel.stated(visit)
    letter = forms.reply_of(visit, draft, facts, case=CaseId(view.case.case))
    return outcome(visit, visit.desk.correspondence.send(visit.actor, letter))


def comply(visit: Visit) -> Answer:
    """Erase what a partner recalled, and tell it so."""
    done = visit.desk.correspondence.comply(visit.actor, visit.names["mid"])
    return outcome(visit, done)


def erase(visit: Visit) -> Answer:
    """Destroy the content of a message at once."""
    visit.desk.correspondence.erase(visit.actor, visit.names["mid"])
    return Go(href=f"/messages/{visit.names['mid']}", told="erased")


def release(visit: Visit) -> Answer:
    """Let in a message that the law held for a person."""
    visit.desk.reading.released(visit.actor, visit.names["mid"])
    return Go(href=f"/messages/{visit.names['mid']}", told="released")


def validate(visit: Visit) -> Answer:
    """Validate what went on the emergency path."""
    visit.desk.validate(visit.actor, visit.names["mid"])
    return Go(href=f"/messages/{visit.names['mid']}", told="validated")


def case_of(visit: Visit) -> CaseView:
    """Return the case an address names; raises `NotFoundError`."""
    return visit.desk.reading.case(visit.actor, CaseId(visit.names["case"]))


def acts_of(visit: Visit, view: CaseView) -> tuple[Act, ...]:
    """Return what this person may do in a case now, its own practice's acts first."""
    case = view.case.case
    written = [kind for kind in view.acts if kind.word not in _NOT_BY_HAND]
    search = Act(
        label=visit.said.say("act.search"), href=f"/cases/{case}/search", icon="scan-search"
    )
    watch = Act(
        label=visit.said.say("act.watch"), href=f"/cases/{case}/watch", icon="hourglass"
    )
    left = (*(task.sort for task in view.tasks), *(event.sort for event in view.events))
    is_watch = any(sort.startswith("watch") for sort in left)
    facts = Act(label=visit.said.say("act.facts"), href=f"/cases/{case}/facts", icon="scale")
    return (
        search,
        *(
            Act(
                label=visit.said.kind(kind.name),
                href=f"/cases/{case}/acts/{kind.word}",
                icon="pen-line",
            )
            for kind in written
        ),
        *((watch,) if is_watch else ()),
        facts,
    )


def values_of(visit: Visit, view: CaseView) -> tuple[Held, ...]:
    """Return the values of the messages somebody here has opened; none is opened for it."""
    opened = [m for m in view.messages if m.is_ours or m.seen_at is not None]
    found: list[Held] = []
    for message in opened:
        shown = visit.desk.reading.message(visit.actor, message.mid)
        kind = visit.desk.station.practices.kind(message.kind)
        if shown.content is not None:
            found += present_case.held(visit, message, shown.content, kind)
    return tuple(found)


def disclosures(visit: Visit, view: CaseView) -> tuple[Disclosure, ...]:
    """Return who received what on what basis, and whether it was taken back."""
    return tuple(_disclosure(visit, message) for message in view.messages if message.is_ours)


def judged(visit: Visit, view: CaseView, draft: forms.Draft) -> LawPanel:
    """Return the law's view of an act; one with faults waits to be judged."""
    asked = counsel.Asked(href=f"{_href(view, draft.kind)}/law", form="act")
    if draft.filled.faults:
        return counsel.waiting(visit, asked)
    facts = counsel.stated(visit)
    letter = forms.reply_of(visit, draft, facts, case=CaseId(view.case.case))
    return counsel.panel(visit, visit.desk.correspondence.preview(visit.actor, letter), asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """A form under way."""

    draft: forms.Draft
    law: LawPanel | None = None
    is_read: bool = False


def _page(visit: Visit, view: CaseView, writing: _Writing) -> ActPage:
    draft, said = writing.draft, visit.said
    href = _href(view, draft.kind)
    asked = counsel.Asked(href=f"{href}/law", form="act")
    law = writing.law or counsel.waiting(visit, asked)
    practice = visit.desk.station.practices.owner(draft.kind.name)
    choices = {name: _messages(visit, view, draft, name) for name in _NAMED}
    kind, partner = said.kind(draft.kind.name), visit.partner(view.case.partner)
    form = Form(
        action=href,
        kind=draft.kind.name,
        title=f"{kind} · {partner}",
        inputs=(
            *forms.inputs(draft, practice, said, choices=choices),
            forms.marking_input(visit),
        ),
        send=said.say("act.send", kind=kind, partner=partner),
        questions=law.questions,
        law_href=f"{href}/law",
    )
    back = Act(label=view.case.case, href=f"/cases/{view.case.case}")
    shown_faults = forms.faults(draft, said) if writing.is_read else ()
    return ActPage(form=form, back=back, law=law, faults=shown_faults)


def _chosen(visit: Visit) -> tuple[CaseView, Kind]:
    view = case_of(visit)
    words = {kind.word: kind for kind in view.acts if kind.word not in _NOT_BY_HAND}
    return view, words[one_of(visit.names["word"], list(words))]


def _href(view: CaseView, kind: Kind) -> str:
    return f"/cases/{view.case.case}/acts/{kind.word}"


def _known(visit: Visit, view: CaseView, kind: Kind) -> Mapping[str, str]:
    """Fill in what the case itself tells: the message that is answered, the root spoken of."""
    if visit.desk.station.practices.is_joint(kind.name):
        return several.known(visit, CaseId(view.case.case), kind)
    theirs = [m.mid for m in view.messages if not m.is_ours and m.kind.endswith("/1")]
    return {f"body.{name}": theirs[0] for name in _NAMED if theirs}


def _messages(
    visit: Visit, view: CaseView, draft: forms.Draft, name: str
) -> tuple[Choice, ...]:
    chosen = draft.typed.get(f"body.{name}", "")
    return tuple(
        Choice(
            value=m.mid,
            label=f"{visit.said.kind(m.kind)} · {iso(m.at)}",
            is_chosen=m.mid == chosen,
        )
        for m in view.messages
        if m.kind.partition(".")[2].partition("/")[0] not in BY_ITSELF
    )


def _filters(visit: Visit, source: str) -> tuple[Tab, ...]:
    all_of = Tab(text=visit.said.say("source.all"), href="?", is_current=not source)
    return (
        all_of,
        *(
            Tab(
                text=visit.said.say(f"source.{name}"),
                href=f"?source={name}",
                is_current=name == source,
            )
            for name in _SOURCES
        ),
    )


def _disclosure(visit: Visit, message: MessageView) -> Disclosure:
    shown = visit.desk.reading.message(visit.actor, message.mid)
    basis = "; ".join(shown.content.basis) if shown.content else ""
    state = "recalled" if message.recalled_at else message.state
    tone = Tone.WARN if message.recalled_at else Tone.PLAIN
    return Disclosure(
        partner=visit.partner(message.partner),
        what=visit.said.kind(message.kind),
        basis=basis,
        at=message.at,
        state=Chip(text=visit.said.code("sent", state), tone=tone),
        entry=Entry(number=message.leaf),
        href=f"/law/past/{message.decision}" if message.decision else "",
    )
