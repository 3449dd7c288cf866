"""Screening: a search for a case, its candidates, and the judgement of one.

INVARIANT: no page carries a score, a weight or another officer's view before the own first view
is recorded: the desk gives none, and `Comparison` refuses to be built with one.
"""

from collections.abc import Sequence

from comity.console import explained, judgement, present_case
from comity.console.judgement import CandidateRow, Candidates, Search, Stage
from comity.console.parts import Act, Choice, Input, Pair
from comity.console.posted import posted
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Go, Shown, Visit
from comity.core.clock import Instant, iso
from comity.core.errors import ConflictError, InvalidInputError
from comity.core.ids import CaseId, EntityId
from comity.desk import VIEWS, Comparison, Listed, Listing, Opinion, View
from comity.practice import Field, Kind, Need, Type, from_form
from comity.screening import Flag, Query

_SUBJECT = Field(name="subject", type=Type.ENTITY, need=Need.REQUIRED)
SEARCH = Kind(name="screening.search/1", fields=(_SUBJECT,))
"""A search as a form; it is no message, so no practice declares it."""


def search_form(visit: Visit) -> Answer:
    """Show the search form; it names a case before it names a person."""
    said = visit.said
    page = Search(
        action="/screening",
        inputs=(Input(field=_SUBJECT, label=said.say("search.subject")),),
        cases=_cases(visit),
        lists=tuple(
            Pair(label=row.dataset, value=f"{row.edition} · {iso(Instant(row.published))[:10]}")
            for row in visit.desk.holdings.editions(visit.actor)
            if row.is_current
        ),
        loading=loading(visit),
    )
    return Shown(page=page)


def search(visit: Visit) -> Answer:
    """Find candidates for a case; the look-up is in the ledger, and no score is shown."""
    case, query = _case(visit), query_of(visit)
    found = visit.desk.look_up.search(visit.actor, case, query)
    return Shown(page=listed(visit, case, query, found, hidden=_hidden(visit)))


def listed(
    visit: Visit,
    case: CaseId,
    query: Query,
    found: Listing,
    *,
    hidden: tuple[tuple[str, str], ...],
) -> Candidates:
    """Return the page of candidates; `hidden` carries the question to the comparison."""
    row = visit.desk.reading.case(visit.actor, case).case
    said = visit.said
    return Candidates(
        asked=_asked(visit, query),
        case=case,
        purpose=said.code("purpose", row.purpose),
        lists=", ".join(sorted({each.dataset for each in found}))
        or said.say("search.all_lists"),
        at=visit.now,
        rows=tuple(_row(visit, case, each) for each in sorted(found, key=_place)),
        flags=explained.flags(found.flags, said),
        condition=READY if found else Condition(state=ListState.EMPTY),
        hidden=hidden,
        again=Act(label=said.say("search.again"), href=f"/cases/{case}/search", icon="search"),
    )


def look(visit: Visit) -> Answer:
    """Lead back to the search: without its question there is nothing to compare."""
    return Go(href=f"/cases/{visit.names['case']}/search")


def compare(visit: Visit) -> Answer:
    """Lay a candidate beside the question, and take the view of who looks, where given."""
    if visit.form("stage"):
        _record(visit, _shown(visit))
    return Shown(page=comparison(visit, _shown(visit)))


def comparison(visit: Visit, shown: Comparison) -> judgement.Comparison:
    """Return the page of one comparison at the stage its officer has reached."""
    said, case = visit.said, _case(visit)
    own = next((j for j in shown.judgements if j.person == visit.actor.person), None)
    other = next((j for j in shown.judgements if j.person != visit.actor.person), None)
    row = visit.desk.reading.case(visit.actor, case).case
    stage = _stage(shown, visit)
    return judgement.Comparison(
        reference=case,
        href=visit.path,
        asked_by=visit.partner(row.opener),
        asked_note=said.code("purpose", row.purpose),
        held_by=visit.window.office.config.name,
        held_note=_edition(visit, shown),
        evidence=explained.evidence(shown, said),
        against=explained.against(shown, said),
        flags=explained.flags(_unlinked(shown.flags), said),
        choices=tuple(
            Choice(
                value=v.value,
                label=said.say(f"view_of.{v.value}"),
                note=said.say(f"view_why.{v.value}"),
            )
            for v in View
        ),
        stage=stage,
        hidden=_hidden(visit),
        version=shown.seen.hex(),
        band=explained.band(shown, said),
        own=None if own is None else _view(visit, own.person, (own.first_view, own.first_at)),
        other=None
        if other is None
        else _view(visit, other.person, (other.first_view, other.first_at)),
        challenge=said.say("candidate.contested") if shown.entity.is_contested else "",
        challenge_href=f"/cases/{case}",
        deadline=present_case.deadline(row, visit.now),
        send=said.say(
            "compare.record_first" if stage is Stage.FIRST else "compare.record_final"
        ),
    )


def query_of(visit: Visit) -> Query:
    """Read who is asked for; raises `InvalidInputError` naming what is missing."""
    if not visit.form("body.subject/properties/name").strip():
        raise InvalidInputError("`name`: expected at least one name to search for")
    filled = from_form(SEARCH, posted(visit.posted))
    for fault in filled.faults:
        raise InvalidInputError(f"`{fault.field}`: expected {fault.expected}")
    entity = present_case.entities_of(SEARCH, filled.body)[0]
    return Query(schema=str(entity["schema"]), properties=present_case.properties_of(entity))


def loading(visit: Visit) -> str:
    """Say which lists are still loading, or nothing."""
    progress = visit.window.loading.progress.items()
    return ", ".join(
        f"{name}: {visit.said.code('loading', word)}"
        for name, word in progress
        if word != "held"
    )


def _record(visit: Visit, shown: Comparison) -> None:
    if shown.seen.hex() != visit.form("version"):
        raise ConflictError("the record or the question changed since it was compared")
    acts = {
        Stage.FIRST.value: visit.desk.look_up.first_view,
        Stage.FINAL.value: visit.desk.look_up.final_view,
    }
    if visit.form("stage") not in acts or visit.form("judgement") not in {
        v.value for v in View
    }:
        raise InvalidInputError("expected one of the views on offer")
    opinion = Opinion(view=View(visit.form("judgement")), reason=visit.form("reason"))
    acts[visit.form("stage")](visit.actor, _case(visit), shown, opinion)


def _shown(visit: Visit) -> Comparison:
    entity = EntityId(visit.names["entity"])
    return visit.desk.look_up.compare(visit.actor, _case(visit), entity, query_of(visit))


def _stage(shown: Comparison, visit: Visit) -> Stage:
    own = next((j for j in shown.judgements if j.person == visit.actor.person), None)
    if own is None:
        return Stage.FIRST
    return Stage.DONE if own.final_view else Stage.FINAL


def _case(visit: Visit) -> CaseId:
    return CaseId(visit.names.get("case") or visit.form("case"))


def _cases(visit: Visit) -> tuple[Choice, ...]:
    chosen, said = visit.names.get("case", ""), visit.said
    lines = {
        line.case.case: line.case
        for view in VIEWS
        for line in visit.desk.reading.cases(visit.actor, view=view)
    }
    return tuple(
        Choice(
            value=row.case,
            label=" · ".join(
                (row.case, visit.partner(row.partner), said.code("purpose", row.purpose))
            ),
            is_chosen=row.case == chosen,
        )
        for row in lines.values()
    )


def _hidden(visit: Visit) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in visit.posted if pair[0].startswith("body.subject"))


def _asked(visit: Visit, query: Query) -> tuple[Pair, ...]:
    return tuple(
        Pair(
            label=visit.said.code("property", prop),
            value=", ".join(explained.value(prop, value, visit.said) for value in values),
        )
        for prop, values in query.properties.items()
    )


def _unlinked(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """Leave the contest of a record to the note that leads to it."""
    return tuple(flag for flag in flags if flag is not Flag.CONTESTED)


def _place(found: Listed) -> tuple[str, str, str]:
    """Order candidates as the lists have them: their rank would be a score before its time."""
    return found.dataset, found.name.casefold(), found.entity_id


def _row(visit: Visit, case: CaseId, found: Listed) -> CandidateRow:
    said = visit.said
    marks = (said.say("candidate.contested"),) if found.is_contested else ()
    return CandidateRow(
        href=f"/cases/{case}/candidates/{found.entity_id}",
        name=found.name,
        schema=said.code("schema", found.schema),
        dataset=f"{found.dataset} {found.edition}".strip(),
        differs=marks,
        judged=said.say(f"view_of.{found.view}") if found.view else "",
    )


def _edition(visit: Visit, shown: Comparison) -> str:
    names = ", ".join(sorted(shown.entity.datasets))
    age = (
        "" if shown.edition_age is None else visit.said.say("edition.age", n=shown.edition_age)
    )
    return " · ".join(filter(None, (names, shown.edition, age)))


def _view(visit: Visit, person: str, given: tuple[str, int]) -> judgement.View:
    choice, at = given
    return judgement.View(
        officer=visit.people().get(person, ""),
        choice=visit.said.say(f"view_of.{choice}"),
        reason="",
        at=Instant(at),
    )
