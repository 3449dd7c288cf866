"""`comity screening …`: the screening engine alone, on files and lists it is given."""

import sys
from typing import Annotated

import typer

from comity.cli.say import DONE, WRONG, Said, printable, say
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
    done = compare_pairs(pairs, out, workers=workers, told=_Progress())
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


def _told(words: str) -> None:
    sys.stderr.write(printable(words) + "\n")


class _Progress:
    """Says now and then on stderr how far a long run has come."""

    def __init__(self) -> None:
        self._next = _EVERY

    def __call__(self, done: Compared, /) -> None:
        if done.pairs >= self._next:
            self._next = done.pairs + _EVERY
            sys.stderr.write(f"{done.pairs:,} pairs\n")
