"""Rows of the law nobody has read: what to read next, what was read, and its second person."""

from collections.abc import Mapping, Sequence
from datetime import date

from comity.console import counsel
from comity.console.chapters import rule_href, rule_named, tabs
from comity.console.parts import Act, Blocked, Chip, Choice, Form, Input, Pair, Tone
from comity.console.sheet import Line, Section, Sheet
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import iso, utc_date
from comity.core.errors import InvalidInputError, NotFoundError
from comity.desk import READERS, ReadingView, WorkLine
from comity.law import Corpus, Reading, ReadingOutcome, Rule, place_of
from comity.practice import Field, Need, Type

READ = frozenset({"legal"})
CONFIRM = frozenset({"legal", "rights"})
_STATES = {"waits": Tone.WARN, "counts": Tone.OK, "replaced": Tone.PLAIN, "outdated": Tone.WARN}
_LINE = 400


class Rows:
    """What was read of each row here, for one page."""

    def __init__(self, visit: Visit) -> None:
        """Look once; who reads no cases reads no readings either."""
        self._visit = visit
        self.said = visit.said
        may_read = bool(READERS & visit.actor.seats)
        views = visit.desk.readings.list(visit.actor) if may_read else ()
        self._names: Mapping[str, str] = visit.people() if views else dict[str, str]()
        self._of: dict[str, list[ReadingView]] = {}
        for view in views:
            self._of.setdefault(view.row.row, []).append(view)

    def said_of(self, row: str) -> tuple[Pair, ...]:
        """Return each reading of a row, the newest first."""
        found = (self._said(view) for view in self._of.get(row, ()))
        return tuple(Pair(label=label, value=value) for label, value in found)

    def forms_of(self, row: str, rule: Rule | None) -> tuple[Form, ...]:
        """Return what this person may do about a row: confirm a reading, or state one."""
        visit = self._visit
        waits = [view for view in self._of.get(row, ()) if view.state == "waits"]
        confirms = waits if CONFIRM & visit.actor.seats else []
        states = [_form(visit, row, rule)] if READ & visit.actor.seats else []
        return (*(_confirm(visit, view) for view in confirms), *states)

    def _said(self, view: ReadingView) -> tuple[str, str]:
        said, read = self._visit.said, view.reading
        state, outcome = (
            said.say(f"reading.{view.state}"),
            said.say(f"reading.{read.outcome.value}"),
        )
        parts = (
            outcome,
            f"{read.source}, {read.article}",
            said.say("reading.on", day=read.read.isoformat()),
            self._names.get(view.row.by, ""),
            *_narrowed(self._visit, read),
            view.reasons,
        )
        return state, " · ".join(filter(None, parts))


def state(visit: Visit) -> Answer:
    """State what was read of a row; it counts once another person has confirmed it.

    What does not hold is said beside the form, with everything that was typed.
    """
    row = visit.form("row")
    try:
        reading = _typed(visit, row)
        visit.desk.readings.state(visit.actor, reading, reasons=visit.form("body.reasons"))
    except InvalidInputError as error:
        return _row(visit, row, fault=str(error))
    return Go(href=_home(visit, row), told="read")


def _typed(visit: Visit, row: str) -> Reading:
    return Reading(
        row=row,
        outcome=_outcome(visit.form("body.outcome")),
        source=visit.form("body.source"),
        article=visit.form("body.article"),
        read=_day(visit, "read") or utc_date(visit.now),
        purposes=frozenset(visit.every("body.purposes")),
        categories=frozenset(visit.every("body.categories")),
        needs=visit.form("body.needs"),
        until=_day(visit, "until"),
        in_force=_day(visit, "in_force"),
    )


def confirm(visit: Visit) -> Answer:
    """Confirm another person's reading: it counts from now on."""
    row, at = visit.form("row"), visit.form("at")
    if not at.isascii() or not at.isdigit():
        raise InvalidInputError("expected the time at which the reading was stated")
    visit.desk.readings.confirm(visit.actor, row, int(at[:19]))
    return Go(href=_home(visit, row), told="confirmed")


def work_list(visit: Visit) -> Answer:
    """List the rows to read, those that referred most decisions first, and what was read."""
    said = visit.said
    todo = tuple(_to_read(visit, each) for each in visit.desk.readings.work_list(visit.actor))
    names = visit.people()
    read = tuple(
        _was_read(visit, view, names) for view in visit.desk.readings.list(visit.actor)
    )
    sections = (
        Section(title=said.say("worklist.todo", n=len(todo)), lines=todo),
        Section(title=said.say("worklist.read", n=len(read)), lines=read),
    )
    page = Sheet(
        title=said.say("worklist.title"),
        lead=said.say("worklist.about"),
        sections=tuple(section for section in sections if section.lines),
        condition=READY if todo or read else Condition(state=ListState.EMPTY),
        topic="worklist",
        tabs=tabs(visit, "worklist"),
    )
    return Shown(page=page)


def _to_read(visit: Visit, each: WorkLine) -> Line:
    said = visit.said
    counted = Chip(
        text=said.say("worklist.referred", n=each.referred),
        icon="gavel",
        tone=Tone.WARN,
    )
    waits = Chip(text=said.say("reading.waits"), icon="users")
    return Line(
        text=f"{each.row}: {each.text}",
        href=f"/law/readings?row={each.row}",
        detail=" · ".join(filter(None, (each.cite, each.gap))),
        chips=(*((counted,) if each.referred else ()), *((waits,) if each.waits else ())),
    )


def _was_read(visit: Visit, view: ReadingView, names: Mapping[str, str]) -> Line:
    said, row = visit.said, view.row
    told = (names.get(row.by, ""), iso(row.at)[:10], view.reading.source)
    return Line(
        text=f"{row.row}: {said.say(f'reading.{row.outcome}')}",
        href=f"/law/readings?row={row.row}",
        detail=" · ".join(filter(None, told)),
        chips=(Chip(text=said.say(f"reading.{view.state}"), tone=_STATES[view.state]),),
    )


def one(visit: Visit) -> Answer:
    """Show one row that somebody should read, and what was read of it."""
    return _row(visit, visit.query.get("row", ""), fault="")


def _row(visit: Visit, row: str, *, fault: str) -> Answer:
    said, corpus, rows = visit.said, visit.desk.station.corpus(), Rows(visit)
    rule, read = rule_named(corpus, row), rows.said_of(row)
    # A rule that was read and rejected is no longer held; what was read of it still stands.
    text, url = ("", "") if read and rule is None else _about(corpus, row, rule)
    told = (
        ("cite", "" if rule is None else rule.cite),
        ("gap", "" if rule is None else rule.gap),
        ("published", url),
    )
    pairs = tuple(
        Pair(label=said.say(f"reading.{n}"), value=value) for n, value in told if value
    )
    wrong = Section(title=said.say("reading.wrong"), note=fault, tone=Tone.CRIT)
    forms = rows.forms_of(row, rule)
    page = Sheet(
        title=row,
        lead=text,
        back=Act(label=said.say("worklist.title"), href="/law/worklist"),
        sections=(
            *((wrong,) if fault else ()),
            Section(title=said.say("reading.row"), pairs=pairs),
            *((Section(title=said.say("reading.so_far"), pairs=read),) if read else ()),
        ),
        side=tuple(Section(title=form.title, forms=(form,)) for form in forms),
        acts=(Act(label=said.say("reading.open"), href=_home(visit, row), icon="book-open"),),
        tabs=tabs(visit, "worklist"),
    )
    return Shown(page=page, status=422 if fault else 200)


def _about(corpus: Corpus, row: str, rule: Rule | None) -> tuple[str, str]:
    """Say what a row is; raises `NotFoundError` for one the packs do not hold."""
    if rule is not None:
        return rule.text, rule.url
    instrument, party, article = place_of(row)
    held = corpus.instruments.get(instrument)
    if held is None or not party:
        raise NotFoundError("nothing here has that name")
    return f"{held.title} · {party}{f' · {article}' if article else ''}", held.url


def _home(visit: Visit, row: str) -> str:
    """Return where a row stands: beside its source, or among its instrument's parties."""
    corpus = visit.desk.station.corpus()
    rule = rule_named(corpus, row)
    if rule is not None:
        return rule_href(rule)
    instrument = place_of(row)[0]
    known = instrument in corpus.instruments
    return f"/law/instruments/{instrument}#parties" if known else "/law/worklist"


def _confirm(visit: Visit, view: ReadingView) -> Form:
    said, is_own = visit.said, view.row.by == visit.actor.person
    title = said.say("reading.confirm_it", outcome=said.say(f"reading.{view.row.outcome}"))
    return Form(
        action="/law/readings/confirm",
        kind="confirm-reading",
        title=title,
        inputs=(),
        note=said.say("reading.confirm_why"),
        send=title,
        hidden=(("row", view.row.row), ("at", str(view.row.at))),
        blocked=Blocked(rule=said.say("reading.own")) if is_own else None,
        icon="circle-check",
    )


def _form(visit: Visit, row: str, rule: Rule | None) -> Form:
    said = visit.said
    of_party = rule is None
    outcomes = tuple(
        each.value
        for each in ReadingOutcome
        if not (of_party and each is ReadingOutcome.NARROW)
    )
    required, optional = Need.REQUIRED, Need.OPTIONAL
    inputs = [
        Input(
            field=Field(name="outcome", type=Type.CODE, need=required, choices=outcomes),
            label=said.say("reading.outcome"),
            value=visit.form("body.outcome"),
            choices=tuple(
                Choice(value=each, label=said.say(f"reading.{each}")) for each in outcomes
            ),
        ),
        _text(visit, "source", Type.LINE, required),
        _text(visit, "article", Type.LINE, required),
        Input(
            field=Field(name="read", type=Type.INSTANT, need=required),
            label=said.say("reading.read_on"),
            value=visit.form("body.read"),
            is_day=True,
        ),
        *(_narrow(visit, rule) if rule is not None else _dates(visit, row)),
        _text(visit, "reasons", Type.TEXT, optional),
    ]
    return Form(
        action="/law/readings",
        kind="reading",
        title=said.say("reading.state"),
        inputs=tuple(inputs),
        note=said.say("reading.state_why"),
        send=said.say("reading.send"),
        hidden=(("row", row),),
        icon="book-open",
    )


def _text(visit: Visit, name: str, sort: Type, need: Need) -> Input:
    return Input(
        field=Field(name=name, type=sort, need=need, limit=_LINE),
        label=visit.said.say(f"reading.{name}"),
        value=visit.form(f"body.{name}"),
        help=visit.said.entries.get(f"reading.{name}_why", ""),
    )


def _narrow(visit: Visit, rule: Rule) -> Sequence[Input]:
    """Return what narrows a rule: fewer purposes or data, one more fact, an end."""
    said, known = visit.said, counsel.lexicon(visit)
    purposes = sorted(known.purposes if rule.purposes is None else rule.purposes)
    offered = {
        "purposes": (Type.CODES, [(each, said.code("purpose", each)) for each in purposes]),
        "categories": (
            Type.CODES,
            [(each, said.code("category", each)) for each in sorted(rule.categories)],
        ),
        "needs": (Type.CODE, [(name, fact.text) for name, fact in known.facts.items()]),
    }
    return (
        *(
            Input(
                field=Field(name=name, type=sort, choices=tuple(code for code, _ in pairs)),
                label=said.say(f"reading.{name}"),
                help=said.say("reading.narrow_why"),
                value=" ".join(visit.every(f"body.{name}")),
                choices=tuple(Choice(value=code, label=text) for code, text in pairs),
            )
            for name, (sort, pairs) in offered.items()
            if pairs
        ),
        _day_input(visit, "until"),
    )


def _dates(visit: Visit, row: str) -> Sequence[Input]:
    names = ("until",) if place_of(row)[2] else ("in_force", "until")
    return tuple(_day_input(visit, name) for name in names)


def _day_input(visit: Visit, name: str) -> Input:
    return Input(
        field=Field(name=name, type=Type.INSTANT),
        label=visit.said.say(f"reading.{name}"),
        value=visit.form(f"body.{name}"),
        is_day=True,
    )


def _narrowed(visit: Visit, read: Reading) -> tuple[str, ...]:
    said = visit.said
    told = (
        ("purposes", ", ".join(said.code("purpose", each) for each in sorted(read.purposes))),
        ("categories", ", ".join(said.code("category", c) for c in sorted(read.categories))),
        ("needs", read.needs),
        ("until", "" if read.until is None else read.until.isoformat()),
        ("in_force", "" if read.in_force is None else read.in_force.isoformat()),
    )
    return tuple(f"{said.say(f'reading.{name}')}: {text}" for name, text in told if text)


def _outcome(text: str) -> ReadingOutcome:
    if text not in {each.value for each in ReadingOutcome}:
        raise InvalidInputError("expected the outcome confirm, narrow or reject")
    return ReadingOutcome(text)


def _day(visit: Visit, name: str) -> date | None:
    text = visit.form(f"body.{name}")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError(f"expected a day like 2026-11-23 for `{name}`") from None
