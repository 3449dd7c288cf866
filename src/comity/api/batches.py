"""Lists of people compared for a case: the law first, then slices of rows, one after another.

INVARIANT: no answer carries a score; nothing follows from a candidate that nobody judged.
"""

from comity.api import answers, bodies, registers
from comity.api.answers import moment
from comity.api.endpoint import Call, get, post
from comity.api.letters import decision_out
from comity.core.ids import CaseId
from comity.desk import BatchRow, Declared, Near
from comity.screening import Query

LIST = {"sort": "passengers", "rows": 1, "salt": "00" * 32, "end": "11" * 32}
ROWS = {
    "before": "00" * 32,
    "rows": [{"schema": "Person", "properties": {"name": ["Anna Example"]}}],
}
LIFT = {"rule": "screen-covenant-17", "reasons": "The act on borders, s. 12, allows it."}
SLICE = 8 * 1024 * 1024
"""Largest slice of rows, in bytes."""


@post("cases/{case}/batches", example=LIST)
def begin_batch(call: Call, asked: bodies.List) -> registers.BatchBegun:
    """Ask the law whether a list may be compared for a case; the answer is in the ledger."""
    declared = Declared(
        sort=asked.sort,
        rows=asked.rows,
        salt=bytes.fromhex(asked.salt),
        end=bytes.fromhex(asked.end),
    )
    found = call.desk.bulk.begin(call.actor, CaseId(call.path["case"]), declared)
    return registers.BatchBegun(batch=found.batch, decision=decision_out(found.explanation))


@get("cases/{case}/batches")
def list_batches(call: Call, asked: bodies.Nothing) -> registers.Batches:
    """List the batches of a case, the newest first: counts alone."""
    del asked
    rows = call.desk.bulk.batches(call.actor, CaseId(call.path["case"]))
    return registers.Batches(batches=[_batch(row) for row in rows])


@post("cases/{case}/batches/lift", example=LIFT)
def lift_for_batches(call: Call, asked: bodies.Lift) -> answers.Done:
    """Lift what a rule refers, for lists of this case and a day, by a seat the law names."""
    case = CaseId(call.path["case"])
    call.desk.bulk.lift(call.actor, case, asked.rule, reasons=asked.reasons)
    return answers.Done()


@post("batches/{batch}/rows", example=ROWS, limit=SLICE)
def compare_rows(call: Call, asked: bodies.Rows) -> registers.BatchRows:
    """Compare the next rows of a batch: candidates for each row, in order, and no score."""
    queries = [
        Query(
            schema=each.schema,
            properties={name: tuple(values) for name, values in each.properties.items()},
        )
        for each in asked.rows
    ]
    found = call.desk.bulk.search(
        call.actor,
        call.path["batch"],
        queries,
        before=bytes.fromhex(asked.before),
        least=asked.least,
    )
    return registers.BatchRows(
        rows=[[_near(each) for each in candidates] for candidates in found]
    )


@post("batches/{batch}/finish")
def finish_batch(call: Call, asked: bodies.Nothing) -> registers.Batch:
    """End a batch; where its rows were not those declared, that is an incident."""
    del asked
    return _batch(call.desk.bulk.finish(call.actor, call.path["batch"]))


def _batch(row: BatchRow) -> registers.Batch:
    return registers.Batch(
        batch=row.batch,
        case=row.case,
        person=row.person,
        sort=row.sort,
        at=moment(row.at),
        rows=row.rows,
        done=row.done,
        candidates=row.found,
        state=row.state,
    )


def _near(each: Near) -> registers.Near:
    return registers.Near(
        entity=each.entity_id,
        name=each.name,
        schema=each.schema,
        dataset=each.dataset,
        edition=each.edition,
        is_contested=each.is_contested,
        agrees=list(each.agrees),
    )


BATCHES = (begin_batch, list_batches, lift_for_batches, compare_rows, finish_batch)
