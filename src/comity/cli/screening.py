"""`comity screening …`: the screening engine alone, on files and lists it is given."""

import sys
from typing import Annotated

import typer

from comity.cli.progress import Progress, ended_in_words
from comity.cli.say import DONE, WRONG, Said, printable, say
from comity.node.batch import named_engine
from comity.node.cross import cross
from comity.node.engine import serve_lists
from comity.node.pairs import Compared, compare_pairs

app = typer.Typer(
    help="The screening engine alone: it holds only what it is given, and decides nothing.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_EVERY = 5_000


@app.command("compare", epilog="Example: comity screening compare --pairs IN.jsonl --out -")
def compare(
    pairs: Annotated[str, typer.Option(help="Pairs as JSON lines; - for standard input.")],
    out: Annotated[str, typer.Option(help="Where answers go; - for standard output.")],
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    json: AsJson = False,
) -> None:
    """Score labelled pairs: one line in, one line out, in order.

    A line in is {"id", "query", "candidate"}, both FollowTheMoney entities; a line out is
    {"id", "score", "explanation"}. A line that is no such pair is answered in its place with
    {"id", "error"}, and the command ends with 2. No index is needed, and nothing is kept.
    """
    done = compare_pairs(pairs, out, workers=workers, told=_Pairs())
    words = f"{done.pairs - done.bad} pairs compared"
    bad = [f"{done.bad} lines are no pairs: each is answered with its `error`"]
    said = Said(
        document={"pairs": done.pairs, "bad": done.bad},
        lines=[words, *(bad if done.bad else [])],
        code=WRONG if done.bad else DONE,
    )
    # Where the answers go to standard output, no other document may.
    say(said, as_json=json and out != "-")
    if said.code != DONE:
        raise typer.Exit(said.code)


@app.command(
    "serve",
    epilog="Example: comity screening serve --load ofac-sdn:sdn/ --load csv:people.csv",
)
def serve(
    load: Annotated[
        list[str],
        typer.Option(
            help="FORMAT:PATH of a list; ofac-sdn, un-sc, ftm or csv.", metavar="LIST"
        ),
    ],
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Its port; 0 for any.")] = 8800,
) -> None:
    """Serve the screening engine alone, over the lists it is given, on this machine.

    It speaks the shapes of yente's API and of OpenRefine (/match, /search, /entities,
    /reconcile), to everyone on this machine: load no list that is not for all of them.
    `/readyz` answers 503 until every list is loaded. PATH may be a folder; Ctrl-C ends it.
    """
    serve_lists(load, port=port, told=_told)


@app.command(
    "cross",
    epilog="Example: comity screening cross --left csv:a.csv --right ofac-sdn:sdn/ --out b.csv",
)
def cross_lists(
    left: Annotated[str, typer.Option(help="FORMAT:PATH of who is looked for.")],
    right: Annotated[str, typer.Option(help="FORMAT:PATH of where they are looked for.")],
    out: Annotated[str, typer.Option(help="Where candidates go: .csv, .jsonl or .parquet.")],
    least: Annotated[
        str, typer.Option("--least", help="Least band shown: weak, possible or strong.")
    ] = "possible",
    engine: Annotated[str, typer.Option(help="pool, or ray with the extra `ray`.")] = "pool",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one a core.")] = 0,
    json: AsJson = False,
) -> None:
    """Cross-reference two collections: who of the one may be who of the other, and why.

    It goes on where it was broken off (Ctrl-C, a kill, a full disk): beside OUT lies
    OUT.progress until it has ended. A candidate is nobody's identity before a person judges it.
    """
    with Progress() as told:
        ended = cross(
            left, right, out, least=least, engine=named_engine(engine, workers), told=told
        )
    said = ended_in_words(ended, out)
    say(said, as_json=json)


def _told(words: str) -> None:
    sys.stderr.write(printable(words) + "\n")


class _Pairs:
    """Says now and then on stderr how far a long run has come."""

    def __init__(self) -> None:
        self._next = _EVERY

    def __call__(self, done: Compared, /) -> None:
        if done.pairs >= self._next:
            self._next = done.pairs + _EVERY
            sys.stderr.write(f"{done.pairs:,} pairs\n")
