"""Writing what opens a case: what, to whom, why; beside it the law, asked as one writes."""

from dataclasses import dataclass

from comity.console import counsel, forms
from comity.console.outcome import outcome
from comity.console.parts import Choice, Form
from comity.console.present_case import body_pairs
from comity.console.views import Composer, LawPanel, PartnerCard, Tab
from comity.console.visit import Answer, Shown, Visit, one_of
from comity.core.errors import NotFoundError
from comity.desk import Preview
from comity.message import Draft as Letter
from comity.practice import Kind, Side, allowed

ASKED = counsel.Asked(href="/compose/law", form="compose")


def write(visit: Visit) -> Answer:
    """Show an empty form of a kind that may open a case."""
    kind = _kind(visit, visit.query.get("kind", ""))
    draft = forms.blank(kind)
    return Shown(page=_page(visit, _Writing(draft=draft, law=counsel.waiting(visit, ASKED))))


def ask_law(visit: Visit) -> Answer:
    """Say what the law would say of the draft as it stands; nothing is written."""
    draft = forms.read_draft(visit, _kind(visit, visit.form("kind")))
    found = preview(visit, draft)
    law = counsel.waiting(visit, ASKED) if found is None else counsel.panel(visit, found, ASKED)
    if visit.is_partial:
        return Shown(page=law)
    seen = None if found is None else found.draft
    return Shown(page=_page(visit, _Writing(draft=draft, law=law, seen=seen)))


def send(visit: Visit) -> Answer:
    """Send the first letter of a case, or say what it waits for."""
    draft = forms.read_draft(visit, _kind(visit, visit.form("kind")))
    if visit.form("add") or draft.filled.faults:
        waiting = counsel.waiting(visit, ASKED)
        writing = _Writing(draft=draft, law=waiting, is_read=not visit.form("add"))
        return Shown(page=_page(visit, writing), status=422 if writing.is_read else 200)
    letter = forms.letter_of(visit, draft, counsel.stated(visit))
    return outcome(visit, visit.desk.correspondence.send(visit.actor, letter))


def preview(visit: Visit, draft: forms.Draft) -> Preview | None:
    """Ask the law about a draft; nothing while it lacks what makes it one."""
    is_whole = visit.form("partner") and visit.form("purpose") and visit.form("marking")
    if draft.filled.faults or not is_whole:
        return None
    letter = forms.letter_of(visit, draft, counsel.stated(visit))
    return visit.desk.correspondence.preview(visit.actor, letter)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """A form under way."""

    draft: forms.Draft
    law: LawPanel
    seen: Letter | None = None
    is_read: bool = False


def _page(visit: Visit, writing: _Writing) -> Composer:
    draft, said = writing.draft, visit.said
    practice = visit.desk.station.practices.owner(draft.kind.name)
    form = Form(
        action="/compose",
        kind=draft.kind.name,
        title=said.kind(draft.kind.name),
        inputs=forms.inputs(draft, practice, said),
        send=said.say("act.send_letter", kind=said.kind(draft.kind.name)),
        questions=writing.law.questions,
    )
    shown = () if writing.seen is None else body_pairs(visit, draft.kind, writing.seen.body)
    return Composer(
        form=form,
        kinds=_kinds(visit, draft.kind),
        partners=_partners(visit, draft.kind),
        purposes=_purposes(visit),
        markings=forms.markings(visit.form("marking")),
        law=writing.law,
        faults=forms.faults(draft, said) if writing.is_read else (),
        seen=shown,
    )


def openers(visit: Visit) -> tuple[Kind, ...]:
    """Return the kinds this person's seats may open a case with."""
    return tuple(
        kind
        for practice in visit.desk.station.practices.practices
        for kind in allowed(practice, practice.initial, Side.OPENER)
        if kind.seats & visit.actor.seats
    )


def _kind(visit: Visit, name: str) -> Kind:
    known = {kind.name: kind for kind in openers(visit)}
    if not known:
        raise NotFoundError("no kind opens a case from these seats")
    return known[one_of(name or next(iter(known)), list(known))]


def _kinds(visit: Visit, chosen: Kind) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            text=visit.said.kind(kind.name),
            href=f"/compose?kind={kind.name}",
            is_current=kind == chosen,
        )
        for kind in openers(visit)
    )


def _partners(visit: Visit, kind: Kind) -> tuple[PartnerCard, ...]:
    directory, own = visit.directory, visit.desk.agency
    chosen = visit.form("partner") or visit.query.get("to", "")
    cards: list[PartnerCard] = []
    for entry in directory.agencies():
        nodes = directory.nodes_for(entry.agency)
        if entry.agency == own or not nodes:
            continue
        takes = any(not node.kinds or kind.name in node.kinds for node in nodes)
        waits = any(visit.window.waiting_since(node.node) is not None for node in nodes)
        choice = Choice(value=entry.agency, label=entry.name, is_chosen=entry.agency == chosen)
        if takes:
            cards.append(PartnerCard(choice=choice, unit=entry.agency, is_reachable=not waits))
    return tuple(cards)


def _purposes(visit: Visit) -> tuple[Choice, ...]:
    chosen = visit.form("purpose")
    return tuple(
        Choice(value=name, label=visit.said.code("purpose", name), is_chosen=name == chosen)
        for name in counsel.lexicon(visit).purposes
    )
