"""`comity law …`: what the law says and why, which law is held, and how it changes."""

import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from comity.cli.node import PassFile, passphrase_from
from comity.cli.say import Document, Said, at, say
from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.core.ids import person_id
from comity.law import (
    Corpus,
    as_json,
    explain,
    lines,
    packs_report,
    parse_inquiry,
    shipped_corpus,
)
from comity.node.lawbook import Difference, check_pack, compare, install, read_pack
from comity.node.office import installed_corpus

_COUNTED = ("instruments", "provisions", "participations", "unknown", "unverified", "cases")
app = typer.Typer(help="Ask the law, and keep it.", no_args_is_help=True)

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
    """Say what the law says of a request, and what would have changed its answer."""
    corpus = _corpus(node)
    found = explain(parse_inquiry(_question(request), corpus), corpus)
    _say(cast("Document", as_json(found)), list(lines(found)), json=json)


@app.command("packs")
def packs(node: Node = None, json: AsJson = False) -> None:
    """Count the law that is held, sourced, and openly missing."""
    corpus = _corpus(node)
    said = cast("Document", packs_report(corpus))
    held = [f"{name} {version} {digest.hex()[:16]}" for name, version, digest in corpus.packs]
    counts = [f"{name}: {at(said, name)}" for name in _COUNTED]
    counts.append(f"with a source: {100 * float(str(said['sourced'])):.0f} %")
    _say(said, [*held, *counts], json=json)


@app.command("check")
def check(pack: PackPath, json: AsJson = False) -> None:
    """Check a pack as a node would load it; exit 2 naming file, line and reason."""
    found = check_pack(pack)
    said: Document = {"pack": found.name, "version": found.version, "rules": len(found.rules)}
    words = [f"{found.name} {found.version}: {len(found.rules)} rules, nothing wrong found"]
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
    json: AsJson = False,
) -> None:
    """Install a pack by a named person's act; the node must stand still."""
    passphrase = passphrase_from(passphrase_file)
    found, corpus = install(folder, pack, person=person_id(person), passphrase=passphrase)
    held = [f"{name} {version}" for name, version, _ in corpus.packs]
    words = [*_words(found), f"now held: {', '.join(held)}"]
    _say({**_difference(found), "packs": held}, words, json=json)


def _corpus(node: Path | None) -> Corpus:
    return shipped_corpus() if node is None else installed_corpus(node)


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
