"""Look-ups and holdings: search, compare, judge; entities, editions and imports.

INVARIANT: no answer carries a score before the officer's own first view is recorded: the desk
gives none, and nothing here computes one.
"""

from comity.api import bodies, registers
from comity.api.answers import instant_of, moment, moment_if
from comity.api.endpoint import UPLOAD, Call, get, post
from comity.core.errors import ConflictError
from comity.core.ids import CaseId, EntityId
from comity.desk import (
    Change,
    Comparison,
    EditionDiff,
    Entity,
    Incoming,
    Listed,
    Opinion,
    Outcomes,
    View,
)
from comity.interop import Import
from comity.message import Statement, handling
from comity.screening import Query, TokenMatch

ANNA = {"schema": "Person", "properties": {"name": ["Anna Example"], "birthDate": ["1988"]}}
VIEW = {**ANNA, "seen": "00" * 32, "view": "different", "reason": "Born in another year."}
IMPORT = {
    "format": "csv",
    "files": [{"name": "list.csv", "content": "aWQsc2NoZW1hLG5hbWUK"}],
    "marking": "TLP:GREEN",
    "basis": "Security Council resolution 1373 (2001), paragraph 2(b)",
    "purpose": "counter-terrorism",
    "dataset": "national-list",
    "edition": "2026-11-23",
    "published": "2026-11-23T00:00:00Z",
}


@post("cases/{case}/search", example=ANNA)
def search(call: Call, asked: bodies.Search) -> registers.Candidates:
    """Find candidates for a case; the look-up is in the ledger, and no score is given."""
    case, query = CaseId(call.path["case"]), _query(asked)
    found = call.desk.look_up.search(call.actor, case, query)
    return registers.Candidates(
        case=case,
        candidates=[candidate(each) for each in found],
        flags=[flag.value for flag in found.flags],
    )


@post("cases/{case}/candidates/{entity}/compare", example=ANNA)
def compare(call: Call, asked: bodies.Search) -> registers.Comparison:
    """Lay a candidate beside the question; no score before the own first view."""
    return _comparison(_shown(call, asked))


@post("cases/{case}/candidates/{entity}/first-view", example=VIEW)
def record_first_view(call: Call, asked: bodies.Opinion) -> registers.Comparison:
    """Record what an officer makes of a candidate before any score is shown."""
    shown = _as_seen(_shown(call, asked), asked.seen)
    case = CaseId(call.path["case"])
    call.desk.look_up.first_view(call.actor, case, shown, _opinion(asked))
    return _comparison(_shown(call, asked))


@post("cases/{case}/candidates/{entity}/final-view", example=VIEW)
def record_final_view(call: Call, asked: bodies.Opinion) -> registers.Judged:
    """Record an officer's final view; first and final both are in the ledger."""
    shown = _as_seen(_shown(call, asked), asked.seen)
    case = CaseId(call.path["case"])
    verdict = call.desk.look_up.final_view(call.actor, case, shown, _opinion(asked))
    return registers.Judged(verdict=verdict.value)


@get("entities/{entity}")
def show_entity(call: Call, asked: bodies.Within) -> registers.Entity:
    """Show one entity for a case, as this person may see it now; the look is logged."""
    name = EntityId(call.path["entity"])
    return _entity(call.desk.holdings.entity(call.actor, name, case=CaseId(asked.case)))


@get("editions")
def list_editions(call: Call, asked: bodies.Nothing) -> registers.Editions:
    """List the editions held, the newest first."""
    del asked
    return registers.Editions(
        editions=[
            registers.Edition(
                dataset=row.dataset,
                edition=row.edition,
                published=moment(row.published),
                committed=moment(row.committed),
                by=row.by,
                entities=row.entities,
                statements=row.statements,
                is_current=row.is_current,
                is_demonstration=row.is_demonstration,
            )
            for row in call.desk.holdings.editions(call.actor)
        ]
    )


@post("imports/preview", example=IMPORT, limit=UPLOAD)
def preview_import(call: Call, asked: bodies.Import) -> registers.ImportPreview:
    """Show what an edition would add, change and remove; nothing is written."""
    incoming, found = _read(call, asked)
    return _preview(call.desk.holdings.preview(call.actor, incoming), found)


@post("imports/commit", example={"incoming": IMPORT, "previewed": "00" * 32}, limit=UPLOAD)
def commit_import(call: Call, asked: bodies.Commit) -> registers.Imported:
    """Make an edition current, exactly as it was previewed."""
    incoming, found = _read(call, asked.incoming)
    previewed = _as_previewed(call.desk.holdings.preview(call.actor, incoming), asked.previewed)
    done = call.desk.holdings.commit(call.actor, incoming, previewed=previewed)
    return registers.Imported(
        dataset=done.row.dataset,
        edition=done.row.edition,
        statements=done.row.statements,
        rejections=found.rejections,
        forgotten=len(done.forget),
        told=len(done.told),
        judged=len(done.judged),
    )


@post("imports/keep", example={**IMPORT, "edition": "", "published": None}, limit=UPLOAD)
def keep_import(call: Call, asked: bodies.Import) -> registers.Imported:
    """Hold statements that are no edition of a list."""
    incoming, found = _read(call, asked)
    kept = call.desk.holdings.keep(call.actor, incoming)
    return registers.Imported(
        dataset=asked.dataset, edition="", statements=kept, rejections=found.rejections
    )


def _read(call: Call, asked: bodies.Import) -> tuple[Incoming, Import]:
    published, until = asked.published, asked.retain_until
    return call.ports.read_import(
        {file.name: file.content for file in asked.files},
        form=asked.format,
        marking=handling(asked.marking),
        basis=asked.basis,
        purpose=asked.purpose,
        dataset=asked.dataset,
        edition=asked.edition,
        published=None if published is None else instant_of(published),
        retain_until=None if until is None else instant_of(until),
    )


def _query(asked: bodies.Search | bodies.Opinion) -> Query:
    properties = {name: tuple(values) for name, values in asked.properties.items()}
    return Query(schema=asked.schema, properties=properties)


def _shown(call: Call, asked: bodies.Search | bodies.Opinion) -> Comparison:
    case, entity = CaseId(call.path["case"]), EntityId(call.path["entity"])
    return call.desk.look_up.compare(call.actor, case, entity, _query(asked))


def _as_seen(shown: Comparison, seen: str) -> Comparison:
    """Hold a view to the comparison it was formed on."""
    if shown.seen.hex() != seen:
        raise ConflictError("the record or the question changed since it was compared")
    return shown


def _as_previewed(found: EditionDiff, digest: str) -> EditionDiff:
    """Hold a commit to the preview a person looked at."""
    if found.digest.hex() != digest:
        raise ConflictError("the edition or what is held changed since the preview")
    return found


def _opinion(asked: bodies.Opinion) -> Opinion:
    return Opinion(view=View(asked.view), reason=asked.reason)


def candidate(each: Listed) -> registers.Candidate:
    """Write a candidate as a list of them has it."""
    return registers.Candidate(
        entity=each.entity_id,
        name=each.name,
        schema=each.schema,
        dataset=each.dataset,
        edition=each.edition,
        edition_age=each.edition_age,
        is_contested=each.is_contested,
        view=each.view,
    )


def _comparison(shown: Comparison) -> registers.Comparison:
    return registers.Comparison(
        entity=_entity(shown.entity),
        evidence=[
            registers.Evidence(
                prop=each.prop,
                asked=each.asked,
                held=each.held,
                outcome=each.outcome.value,
                how=each.how,
                weight=each.weight,
                tokens=[_token(token) for token in each.tokens],
            )
            for each in shown.evidence
        ],
        edition=shown.edition,
        edition_age=shown.edition_age,
        score=shown.score,
        band=shown.band,
        judgements=_judgements(shown),
        verdict=shown.verdict.value,
        seen=shown.seen.hex(),
        flags=[flag.value for flag in shown.flags],
        outcomes=None if shown.outcomes is None else _outcomes(shown.outcomes),
    )


def _outcomes(found: Outcomes) -> registers.Outcomes:
    return registers.Outcomes(
        band=found.standing.band,
        script=found.standing.script,
        calibration=found.standing.calibration,
        judged=found.judged,
        is_known=found.is_known,
        verdicts=dict(found.verdicts),
    )


def _token(each: TokenMatch) -> registers.Token:
    return registers.Token(
        asked=each.asked,
        held=each.held,
        how=each.how.value,
        rarity=each.rarity,
        weight=each.weight,
    )


def _judgements(shown: Comparison) -> list[registers.Judgement]:
    return [
        registers.Judgement(
            person=row.person,
            first_view=row.first_view,
            first_at=moment(row.first_at),
            final_view=row.final_view,
            final_at=moment_if(row.final_at),
            edition=row.edition,
        )
        for row in shown.judgements
    ]


def _entity(found: Entity) -> registers.Entity:
    return registers.Entity(
        entity=found.entity_id,
        schema=found.schema,
        properties={prop: list(values) for prop, values in found.properties.items()},
        handling=str(found.handling),
        datasets=sorted(found.datasets),
        is_contested=found.is_contested,
        statements=[_statement(each) for each in found.statements],
    )


def _statement(each: Statement) -> registers.Statement:
    grade = each.grade
    return registers.Statement(
        statement=each.statement_id,
        prop=each.prop,
        value=each.value,
        original=each.original_value,
        dataset=each.dataset,
        originator=each.originator,
        grade=f"{grade.scale} {grade.source}{grade.information}",
        handling=str(each.handling),
        basis=each.basis,
        purpose=each.purpose,
        collected=moment(each.collected),
        retain_until=moment(each.retain_until),
        status=each.status.value,
    )


def _preview(found: EditionDiff, told: Import) -> registers.ImportPreview:
    return registers.ImportPreview(
        dataset=found.edition.dataset,
        edition=found.edition.edition,
        before=found.before,
        new=_change(found.new),
        changed=_change(found.changed),
        removed=_change(found.removed),
        unchanged=found.unchanged,
        held_back=len(found.held_back),
        statements=len(told.statements),
        rejections=told.rejections,
        rejected=[
            registers.Rejected(
                file=each.file,
                line=each.line,
                field=each.field,
                reason=each.reason,
                value=each.value,
            )
            for each in told.rejected[:100]
        ],
        digest=found.digest.hex(),
    )


def _change(found: Change) -> registers.Change:
    return registers.Change(count=found.count, sample=list(found.sample))


SCREENING = (
    search,
    compare,
    record_first_view,
    record_final_view,
    show_entity,
    list_editions,
    preview_import,
    commit_import,
    keep_import,
)
