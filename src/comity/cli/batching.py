"""`comity screen --batch`: a list of people compared for a case, at a node, slice by slice.

The node asks its law before the first row. The list is read twice: once to say how many are
asked for and to bind whom, once to ask.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.cli.command import Command, Given, argument, option, repeated
from comity.cli.judging import screen
from comity.cli.progress import Progress, ended_in_words
from comity.cli.say import NO, Document, Json, Said, at, listed, texts, within
from comity.cli.subject import KNOWN
from comity.core.errors import ConflictError, InvalidInputError
from comity.node.batch import Cells, Job, Part, Results, list_job, named_engine, part_of, run
from comity.screening import Query
from comity.screening.batch import Shard, chain, read_columns

HEADER = (
    *("line", "id", "candidate", "name", "schema", "dataset", "edition", "contested"),
    "agrees",
)
_SALT = 32


class _RefusedError(Exception):
    """The law refers or denies the comparison: what it said of it."""

    def __init__(self, decision: Document) -> None:
        super().__init__()
        self.decision = decision


def screen_batch(given: Given) -> Said:
    """Compare a list for a case; whoever is found is a candidate until a person judges."""
    case, source = given.needed("case", "--case"), given.text("batch")
    out = given.needed("out", "--out")
    columns = read_columns(given.texts("mapped"))
    sort, least = given.text("sort") or "persons", given.text("least") or "possible"
    engine = given.text("engine")
    job = list_job(
        source,
        out,
        columns=columns,
        header=HEADER,
        about=f"{case} {sort} {least}",
        engine=named_engine(engine, 0) if engine else None,
    )
    asking = _Asking(given=given, job=job, case=case, sort=sort, least=least)
    try:
        with Progress() as told:
            ended = run(job, asking.answer, told=told)
    except _RefusedError as refused:
        return _refused(refused.decision, case)
    return ended_in_words(ended, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    given: Given
    job: Job
    case: str
    sort: str
    least: str

    def answer(self, kept: Results) -> Iterator[Part]:
        """Ask about everything that is left, from where the results stand."""
        batch, link = self._taken_up(kept)
        for shard in self.job.shards(skip=kept.done.rows):
            queries = [row.query for row in shard.asked]
            if not queries:
                yield part_of(shard, (), state=kept.done.state)
                continue
            found = self._asked(batch, link, queries)
            link = chain(link, queries)
            yield part_of(shard, _cells(shard, found), state=f"{batch} {link.hex()}")
        if batch:
            self.given.client.post("batches", batch, "finish")

    def _taken_up(self, kept: Results) -> tuple[str, bytes]:
        """Go on with the batch that was broken off, or have the law asked about the rest."""
        batch, _, link = kept.done.state.partition(" ")
        if batch and self._is_open(batch):
            return batch, bytes.fromhex(link)
        salt, rows = secrets.token_bytes(_SALT), 0
        end = salt
        for shard in self.job.shards(skip=kept.done.rows):
            if queries := [row.query for row in shard.asked]:
                rows, end = rows + len(queries), chain(end, queries)
        return (self._begun(rows, salt, end), salt) if rows else ("", salt)

    def _is_open(self, batch: str) -> bool:
        found = self.given.client.get("cases", self.case, "batches")
        return any(
            at(each, "batch") == batch and at(each, "state") == "open"
            for each in listed(found, "batches")
        )

    def _begun(self, rows: int, salt: bytes, end: bytes) -> str:
        body: Document = {
            "sort": self.sort,
            "rows": rows,
            "salt": salt.hex(),
            "end": end.hex(),
        }
        found = self.given.client.post("cases", self.case, "batches", body=body)
        if not at(found, "batch"):
            raise _RefusedError(within(found, "decision"))
        return at(found, "batch")

    def _asked(self, batch: str, link: bytes, queries: list[Query]) -> list[Sequence[Document]]:
        rows: list[Json] = [
            {"schema": each.schema, "properties": _plain(each)} for each in queries
        ]
        body: Document = {"before": link.hex(), "rows": rows, "least": self.least}
        found = self.given.client.post("batches", batch, "rows", body=body)
        answers = found.get("rows")
        if not isinstance(answers, list) or len(answers) != len(queries):
            raise ConflictError("the node answered another number of rows than were asked")
        return [listed({"row": each}, "row") for each in answers]


def _plain(query: Query) -> dict[str, Json]:
    return {name: list(values) for name, values in query.properties.items()}


def _cells(shard: Shard, found: list[Sequence[Document]]) -> Iterator[Cells]:
    for row, candidates in zip(shard.asked, found, strict=True):
        for each in candidates:
            yield {
                "line": str(row.line),
                "id": row.key,
                "candidate": at(each, "entity"),
                "name": at(each, "name"),
                "schema": at(each, "schema"),
                "dataset": at(each, "dataset"),
                "edition": at(each, "edition"),
                "contested": "yes" if each.get("is_contested") else "",
                "agrees": " ".join(texts(each, "agrees")),
            }


def lift(given: Given) -> Said:
    """Lift what a rule refers, for lists of a case."""
    body: Document = {
        "rule": given.text("rule"),
        "reasons": given.needed("reasons", "--reasons"),
    }
    found = given.client.post("cases", given.text("case"), "batches", "lift", body=body)
    return Said(document=found, lines=["lifted for lists of this case, for a day"])


def _refused(decision: Document, case: str) -> Said:
    lines = [*texts(decision, "lines")]
    if at(decision, "verdict") == "refer":
        lines.append(
            "nothing was compared. State what is unknown (`comity case state "
            f"{case} FACT=yes`), or let a named seat lift the rule (`comity case lift-batch`)"
        )
    else:
        lines.append("nothing was compared")
    return Said(document={"decision": decision}, lines=lines, code=NO)


def screen_or_batch(given: Given) -> Said:
    """Look for one name, or for everybody of a list."""
    if given.text("batch"):
        return screen_batch(given)
    if not given.text("name"):
        raise InvalidInputError("name who is looked for, or a list: `--batch FILE`")
    return screen(given)


SCREEN = Command(
    word="screen",
    about="Find who may be held under a name, for a case; nobody is a match until judged.",
    example="comity screen 'Anna Example' --born 1988 --case 2026-2d3400e7b6, or"
    " comity screen --batch flight.csv --out found.csv --list passengers"
    " --case 2026-2d3400e7b6",
    parameters=(
        argument("name", "The name looked for; none with --batch.", default=""),
        *KNOWN,
        option("case", "--case", "The case it is for."),
        option("batch", "--batch", "A list of people: .csv, .jsonl or .parquet."),
        option("out", "--out", "Where its candidates go: .csv, .jsonl or .parquet."),
        repeated("mapped", "--map", "COLUMN=property, where a column has another name."),
        option("sort", "--list", "What it is of: passengers, customers or persons."),
        option("least", "--least", "Least band shown: weak, possible or strong."),
        option("engine", "--engine", "What reads a long list: pool or ray; else one process."),
    ),
    run=screen_or_batch,
)
LIFT = Command(
    word="lift-batch",
    about="Lift what the law referred, for lists compared in this case, for a day.",
    example="comity case lift-batch 2026-2d3400e7b6 screen-covenant-17"
    " --reasons 'The act on borders, s. 12, allows it.'",
    parameters=(
        argument("case", "The case's reference."),
        argument("rule", "The rule, as the referral names it."),
        option("reasons", "--reasons", "Why; kept with the act."),
    ),
    run=lift,
)
