"""`comity law …`: what the law says and why, which law is held, and how it changes."""

import difflib
import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from comity.cli.later import in_process
from comity.cli.lawful import explained, instrument_lines, rule_lines
from comity.cli.passphrase import PassFile, passphrase_from
from comity.cli.say import Document, Said, at, printable, say, texts
from comity.cli.sweeping import add_sweeping
from comity.cli.verifying import add_verifying
from comity.core import limits
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import person_id
from comity.law import (
    Corpus,
    as_json,
    explain,
    instrument_record,
    packs_report,
    parse_inquiry,
    party_record,
    reservation_record,
    rows_of,
    rule_record,
    shipped_corpus,
)
from comity.node.lawbook import Difference, check_pack, compare, install, law_of, read_pack

_COUNTED = {
    "instruments": "instruments",
    "provisions": "provisions",
    "unverified": "provisions not yet read, which only refer",
    "participations": "rows of participation",
    "unknown": "openly not known, in all",
    "cases": "told cases",
}
app = typer.Typer(
    help="Ask the law, follow each answer to its article, and keep the packs it rests on.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
PackPath = Annotated[
    Path, typer.Argument(help="NAME.yaml with its tables beside it, or its folder.")
]
Node = Annotated[
    Path | None,
    typer.Option("--node", help="Use the law of this node's folder; else what is shipped."),
]


@app.command("explain")
def explain_request(
    request: Annotated[str, typer.Option(help="A JSON file, or - for standard input.")],
    node: Node = None,
    json: AsJson = False,
) -> None:
    """Say what the law says of a request, and what would have changed its answer.

    A request is a JSON document: originator, recipient, on, kind, purpose, categories, handling
    and facts. The console writes one for every past answer. Each reason ends with the official
    address of its article; `comity law show RULE` opens the rule.
    """
    corpus = _corpus(node)
    found = explain(parse_inquiry(_question(request), corpus), corpus)
    _say(cast("Document", as_json(found)), explained(found, corpus), json=json)


@app.command("show")
def show(
    name: Annotated[
        str, typer.Argument(help="A rule (`bombings-10`) or an instrument.", metavar="NAME")
    ],
    node: Node = None,
    json: AsJson = False,
) -> None:
    """Show a rule beside its source with its told cases, or an instrument with its rules."""
    corpus = _corpus(node)
    for rule in corpus.rules:
        if rule.name == name:
            said = cast("Document", rule_record(rule, corpus))
            _say(said, rule_lines(said), json=json)
            return
    held = corpus.instruments.get(name)
    if held is None:
        raise NotFoundError(_alike(name, corpus))
    parties = rows_of(corpus.treaties.parties, name)
    kept = rows_of(corpus.treaties.reservations, name)
    found = instrument_record(held, corpus) | {
        "parties": [party_record(row) for row in parties],
        "reservations": [reservation_record(row) for row in kept],
    }
    said = cast("Document", found)
    words = instrument_lines(said, parties=len(parties), reservations=len(kept))
    _say(said, words, json=json)


def _alike(name: str, corpus: Corpus) -> str:
    """Say that nothing has that name, and what has one like it."""
    known = [*(rule.name for rule in corpus.rules), *corpus.instruments]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    meant = f"; did you mean {', '.join(f'`{each}`' for each in near)}?" if near else ""
    return f"no rule and no instrument `{name[:80]}` is held{meant}"


@app.command("packs")
def packs(
    node: Node = None,
    gaps_too: Annotated[
        bool, typer.Option("--gaps", help="Name each gap: what was not read, and where to.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Count the law that is held, the share with a named source, and what is openly missing."""
    corpus = _corpus(node)
    said = cast("Document", packs_report(corpus))
    held = [f"{name} {version} {digest.hex()[:16]}" for name, version, digest in corpus.packs]
    counts = [f"{word}: {at(said, name)}" for name, word in _COUNTED.items()]
    counts.insert(0, f"with a named source: {100 * float(str(said['sourced'])):.1f} %")
    gaps = [f"  {each}" for each in texts(said, "gaps")] if gaps_too else []
    told = [f"gaps declared: {len(texts(said, 'gaps'))}{'' if gaps_too else ' (--gaps)'}"]
    _say(said, [*held, "", *counts, *told, *gaps], json=json)


@app.command("check")
def check(pack: PackPath, json: AsJson = False) -> None:
    """Check a pack as a node would load it, and ask its told cases.

    Exit 2 with one line for each fault: file, line, and what was expected there.
    """
    found = check_pack(pack)
    said: Document = {"pack": found.name, "version": found.version, "rules": len(found.rules)}
    count = f"{len(found.rules)} rules, their told cases answered as told"
    words = [f"{found.name} {found.version}: {count}, nothing wrong found"]
    _say(said, words, json=json)


@app.command("diff")
def diff(old: PackPath, new: PackPath, json: AsJson = False) -> None:
    """Show what changes from one edition of a pack to another."""
    found = compare(read_pack(old), read_pack(new))
    _say(_difference(found), _words(found), json=json)


@app.command("install")
def install_pack(
    folder: Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")],
    pack: PackPath,
    person: Annotated[str, typer.Option("--as", help="The legal adviser who installs it.")],
    passphrase_file: PassFile = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="You have read what changes, and install it.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Install a pack by a named person's act, once they have read what it changes.

    The node must stand still. What changes is shown first; a terminal is asked, a program says
    `--yes`. Without either nothing is installed (exit 1).
    """

    def agreed(shown: Difference) -> bool:
        for line in _words(shown):
            sys.stderr.write(printable(line) + "\n")
        return yes or (sys.stdin.isatty() and typer.confirm("Install this?", err=True))

    found, corpus = install(
        folder,
        pack,
        person=person_id(person),
        passphrase=passphrase_from(passphrase_file, folder),
        agreed=agreed,
    )
    held = [f"{name} {version}" for name, version, _ in corpus.packs]
    _say({**_difference(found), "packs": held}, [f"now held: {', '.join(held)}"], json=json)


def _corpus(node: Path | None) -> Corpus:
    return shipped_corpus() if node is None else law_of(node)


def _question(request: str) -> bytes:
    """Read at most one byte more than a question may have; raises `InvalidInputError`."""
    if request == "-":
        return sys.stdin.buffer.read(limits.TEXT + 1)
    try:
        with Path(request).open("rb") as file:
            return file.read(limits.TEXT + 1)
    except OSError:
        raise InvalidInputError(f"cannot read a question from `{request[:200]}`") from None


def _difference(found: Difference) -> Document:
    return {
        "pack": found.name,
        "old": found.old or None,
        "new": found.new,
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": list(found.changed),
        "lines": list(found.lines),
    }


def _words(found: Difference) -> list[str]:
    named = (("new", found.added), ("gone", found.removed), ("changed", found.changed))
    rules = [f"{word} rule {name}" for word, names in named for name in names]
    return [
        *found.lines,
        *rules,
        f"{found.name}: version {found.old or 'none'} to {found.new}",
    ]


def _say(document: Document, words: list[str], *, json: bool) -> None:
    say(Said(document=document, lines=words), as_json=json)


add_verifying(app, open_node=in_process)
add_sweeping(app, open_node=in_process)
