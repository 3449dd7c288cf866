"""The network and the record as anybody here may see them: partners, counts, proofs, law."""

from collections.abc import Mapping, Sequence
from typing import cast

from comity.console import counsel
from comity.console.chapters import tabs
from comity.console.parts import Act, Chip, Choice, Entry, Form, Input, Pair, Tone
from comity.console.registers import Figure, Oversight, PartnerRow, Partners
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Download, Go, Shown, Visit
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import agency_id
from comity.desk import Assessment
from comity.law import AssessmentRow, packs_report
from comity.practice import Field, Need, Type
from comity.trust import AgencyEntry

_INDEX = 19
_HELD = ("instruments", "provisions", "participations", "unverified", "unknown", "cases")
_LEADS = {
    "instruments": "/law/instruments",
    "unverified": "/law/instruments?missing=yes",
    "gaps": "/law/instruments?missing=yes",
}
_COUNTED = ("to-do", "waiting", "closed")


def partners(visit: Visit) -> Answer:
    """List the directory: who may be asked, how to call them, what waits for them."""
    directory = visit.directory
    rows = tuple(
        _partner(visit, entry)
        for entry in directory.agencies()
        if entry.agency != visit.desk.agency
    )
    page = Partners(
        rows=rows,
        version=directory.version,
        expires=directory.expires,
        condition=READY if rows else Condition(state=ListState.EMPTY),
    )
    return Shown(page=page)


def oversight(visit: Visit) -> Answer:
    """Show counts without content, and the checkpoint that proves them."""
    head, said = visit.window.head(), visit.said
    names = [vkey.partition("+")[0] for vkey in head.witnesses]
    page = Oversight(
        figures=(
            Figure(
                label=said.say("figure.entries"),
                value=f"{head.size:,}",
                href="/oversight/entries",
            ),
            Figure(
                label=said.say("figure.witnesses"), value=str(len(set(names))), href="#main"
            ),
            *_counts(visit),
        ),
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        note=head.note,
        witnesses=tuple(
            Pair(label=name.rpartition("/")[2], value=name, is_reference=True)
            for name in dict.fromkeys(names)
        ),
    )
    return Shown(page=page)


def entries(visit: Visit) -> Answer:
    """Ask which entry is to be proved."""
    said = visit.said
    number = Field(name="number", type=Type.INTEGER, need=Need.REQUIRED)
    form = Form(
        action="/oversight/entries",
        kind="entry",
        title=said.say("entry.prove"),
        inputs=(Input(field=number, label=said.say("entry.number")),),
        send=said.say("entry.prove"),
    )
    page = Sheet(
        title=said.say("entry.prove"),
        back=Act(label=said.say("rail.oversight"), href="/oversight"),
        sections=(Section(title=said.say("entry.prove"), forms=(form,)),),
    )
    return Shown(page=page)


def find_entry(visit: Visit) -> Answer:
    """Lead to one entry."""
    return Go(href=f"/oversight/entries/{_index(visit.form('body.number'))}")


def entry(visit: Visit) -> Answer:
    """Show one entry's proof under the newest checkpoint."""
    index, said = _index(visit.names["number"]), visit.said
    proof = visit.window.proof(index)
    page = Sheet(
        title=said.say("entry.one", n=index),
        lead=said.say("entry.about"),
        back=Act(label=said.say("rail.oversight"), href="/oversight"),
        sections=(Section(title=said.say("entry.proof"), quote=proof),),
        acts=(
            Act(
                label=said.say("entry.keep"),
                href=f"/oversight/entries/{index}/proof",
                icon="download",
            ),
        ),
        entry=Entry(number=index),
    )
    return Shown(page=page)


def keep_proof(visit: Visit) -> Answer:
    """Hand over one entry's proof as a file (C2SP tlog-proof)."""
    index = _index(visit.names["number"])
    return Download(content=visit.window.proof(index).encode(), name=f"entry-{index}.txt")


def law(visit: Visit) -> Answer:
    """Show the law this node holds, what it openly lacks, and the standing assessments."""
    said = visit.said
    report = packs_report(visit.desk.station.corpus())
    packs = visit.desk.station.corpus().packs
    page = Sheet(
        title=said.say("rail.law"),
        lead=said.say("law.about"),
        sections=(
            Section(title=said.say("law.counts"), pairs=_held(visit, report)),
            *_assessments(visit),
            Section(
                title=said.say("law.packs"),
                pairs=tuple(
                    Pair(label=f"{name} {version}", value=digest.hex()[:16], is_reference=True)
                    for name, version, digest in packs
                ),
            ),
        ),
        acts=(Act(label=said.say("law.explain"), href="/law/explain", icon="scale"),),
        tabs=tabs(visit, "overview"),
        side=(Section(title=said.say("assess.title"), forms=(_assess_form(visit),)),),
    )
    return Shown(page=page)


def _held(visit: Visit, report: Mapping[str, object]) -> tuple[Pair, ...]:
    """Count what is held, what has a source, and what is openly missing."""
    gaps = cast("Sequence[str]", report["gaps"])
    counts = {
        **{name: str(report[name]) for name in _HELD},
        "sourced": f"{100 * float(str(report['sourced'])):.1f} %",
        "gaps": str(len(gaps)),
    }
    return tuple(
        Pair(
            label=visit.said.say(f"law.{name}"),
            value=value,
            href=_LEADS.get(name, ""),
        )
        for name, value in counts.items()
    )


def assess(visit: Visit) -> Answer:
    """State a standing fact about a partner; it counts once another person confirms it."""
    said = Assessment(
        partner=agency_id(visit.form("body.partner")),
        purpose=visit.form("body.purpose"),
        fact=visit.form("body.fact"),
        value=counsel.answer_of(visit.form("body.value")),
        until=from_iso(f"{visit.form('body.until@utc')}Z"),
        reasons=visit.form("body.reasons"),
    )
    visit.desk.counsel.assess(visit.actor, said)
    return Go(href="/law", told="assessed")


def confirm_assessment(visit: Visit) -> Answer:
    """Confirm another person's assessment."""
    visit.desk.counsel.confirm(
        visit.actor,
        partner=visit.form("partner"),
        purpose=visit.form("purpose"),
        fact=visit.form("fact"),
        at=_index(visit.form("at")),
    )
    return Go(href="/law", told="confirmed")


def _partner(visit: Visit, entry: AgencyEntry) -> PartnerRow:
    said = visit.said
    nodes = visit.directory.nodes_for(entry.agency)
    since = [at for node in nodes if (at := visit.window.waiting_since(node.node)) is not None]
    reach = (
        Chip(text=said.say("partner.waits"), icon="hourglass", tone=Tone.WARN)
        if since
        else Chip(text=said.say("partner.clear"), icon="radio-tower", tone=Tone.OK)
    )
    is_witness = any(node.witness_vkeys for node in nodes)
    witness = said.say("partner.witness" if is_witness else "partner.no_witness")
    return PartnerRow(
        name=entry.name,
        code=entry.agency,
        unit=said.code("sort", entry.sort.value),
        reach=reach,
        witness=Chip(text=witness, icon="shield-check"),
        oldest=min(since, default=None),
        contacts=_contacts(visit, entry),
        acts=(
            Act(label=said.say("partner.ask"), href=f"/compose?to={entry.agency}", icon="send"),
        ),
    )


def _contacts(visit: Visit, entry: AgencyEntry) -> tuple[Pair, ...]:
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


def _counts(visit: Visit) -> tuple[Figure, ...]:
    try:
        counts = visit.desk.reading.counts(visit.actor)
    except AuthorisationError:
        # Oversight reads no cases: the ledger alone speaks to it.
        return ()
    return tuple(
        Figure(
            label=visit.said.say(f"view.{name}"), value=str(counts[name]), href=f"/?view={name}"
        )
        for name in _COUNTED
    )


def _assessments(visit: Visit) -> tuple[Section, ...]:
    said = visit.said
    try:
        rows = visit.desk.counsel.assessments(visit.actor)
    except AuthorisationError:
        # Who reads no cases reads no assessments either; the law itself is for everybody.
        return ()
    waiting = [row for row in rows if row.confirmed_by is None]
    standing = [row for row in rows if row.confirmed_by is not None]
    sections = (
        Section(
            title=said.say("assess.waiting"),
            lines=tuple(_assessment(visit, row) for row in waiting),
        ),
        Section(
            title=said.say("assess.standing", n=len(standing)),
            lines=tuple(_assessment(visit, row) for row in standing[:50]),
        ),
    )
    return tuple(section for section in sections if section.lines)


def _assessment(visit: Visit, row: AssessmentRow) -> Line:
    said = visit.said
    key = (row.partner, row.purpose, row.fact, str(row.at))
    form = Form(
        action="/law/assessments/confirm",
        kind="confirm",
        title=said.say("assess.confirm"),
        inputs=(),
        send=said.say("assess.confirm"),
        hidden=tuple(zip(("partner", "purpose", "fact", "at"), key, strict=True)),
    )
    known = counsel.lexicon(visit).facts
    return Line(
        text=known[row.fact].text if row.fact in known else row.fact,
        detail=" · ".join(
            (
                visit.partner(row.partner),
                said.code("purpose", row.purpose),
                said.say("assess.until", at=iso(Instant(row.until))[:10]),
            )
        ),
        chips=(Chip(text=said.code("answer", counsel.word(value=row.value))),),
        forms=() if row.confirmed_by is not None else (form,),
    )


def _assess_form(visit: Visit) -> Form:
    said = visit.said
    entries = [e for e in visit.directory.agencies() if e.agency != visit.desk.agency]
    agencies = tuple(entry.agency for entry in entries)
    purposes = tuple(counsel.lexicon(visit).purposes)
    required = Need.REQUIRED
    return Form(
        action="/law/assessments",
        kind="assessment",
        title=said.say("assess.title"),
        note=said.say("assess.why"),
        inputs=(
            Input(
                field=Field(name="partner", type=Type.CODE, need=required, choices=agencies),
                label=said.say("assess.partner"),
                choices=tuple(Choice(value=each.agency, label=each.name) for each in entries),
            ),
            Input(
                field=Field(name="purpose", type=Type.CODE, need=required, choices=purposes),
                label=said.say("message.purpose"),
            ),
            *counsel.standing_inputs(visit),
            Input(
                field=Field(name="until", type=Type.INSTANT, need=required),
                label=said.say("assess.ends"),
            ),
            Input(
                field=Field(name="reasons", type=Type.TEXT, need=required),
                label=said.say("assess.reasons"),
            ),
        ),
        send=said.say("assess.send"),
    )


def _index(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInputError("expected a whole number from 0")
    if len(text) > _INDEX:
        raise NotFoundError("no ledger holds that many entries")
    return int(text)
