"""`comity node backup|restore|restored`: a node kept whole, and made whole again."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, new_passphrase, passphrase_from
from comity.core.clock import iso
from comity.core.errors import InvalidInputError
from comity.node.backup import back_up
from comity.node.config import read_config
from comity.node.errands import Errand, run
from comity.node.master import check_passphrase
from comity.node.restore import restore as restore_node
from comity.node.restored import read_restored

Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
File = Annotated[Path, typer.Argument(help="The sealed backup.", metavar="FILE")]
WordsFile = Annotated[
    Path | None,
    typer.Option(
        "--backup-passphrase-file",
        help="A file that holds the backup's own passphrase; by default the node's.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_backing(app: typer.Typer) -> None:
    """Add the three commands to `comity node`."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("restored")(restored)


def backup(
    folder: Folder,
    file: File,
    words_file: WordsFile = None,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Write a sealed backup; the node may run meanwhile."""
    passphrase = passphrase_from(passphrase_file, folder)
    words = passphrase_from(words_file) or passphrase or new_passphrase(None)
    check_passphrase(words)
    made = back_up(folder, file, passphrase=passphrase, words=words)
    if as_json:
        said = {"backup": made.name.hex(), "at": iso(made.at), "entries": made.size}
        sys.stdout.write(json.dumps(said) + "\n")
        return
    sys.stdout.write(f"wrote {file}: ledger of {made.size} entries, as of {iso(made.at)}\n")
    if not read_config(folder).keys.apart:
        sys.stderr.write(
            "warning: the keys of the week lie in the node's own folder: if this machine is\n"
            "lost, the backup opens no record. Name a folder on another medium in `[keys]`\n"
            "apart of node.toml.\n"
        )


def restore(
    file: File,
    folder: Folder,
    apart: Annotated[
        Path | None,
        typer.Option(help="Where keys of the week and erasure list lie; a `keys` folder."),
    ] = None,
    words_file: WordsFile = None,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Make a node's folder from a backup, with everything erased since erased again."""
    passphrase = passphrase_from(passphrase_file)
    words = passphrase_from(words_file) or passphrase
    if words is None:
        if not sys.stdin.isatty():
            raise InvalidInputError("a backup opens with its passphrase: name a file")
        words = str(typer.prompt("Passphrase of the backup", hide_input=True, err=True))
    found = restore_node(
        file,
        folder,
        words=words,
        passphrase=passphrase or words,
        apart=apart,
    )
    said = {"backup": found.name, "backed_up": iso(found.backed_up), "applied": found.applied}
    if as_json:
        sys.stdout.write(json.dumps(said) + "\n")
        return
    sys.stdout.write(
        f"{folder} stands as of {iso(found.backed_up)}; {found.applied} rows were erased, ended"
        " or blocked again.\nEvery session, link and token is ended. Serve it: it asks its"
        " partners and witnesses, and shows nothing before they have answered.\n"
    )
    if not found.had_list:
        sys.stderr.write(
            "warning: without --apart no record opens, and who was disabled since the backup"
            " is active again: `comity person disable` them now, and look at\n`comity person"
            " list` as soon as the node is whole.\n"
        )


def restored(
    folder: Folder,
    without: Annotated[
        str, typer.Option(help="A node whose answer is not waited for: xc.police.n1.")
    ] = "",
    person: Annotated[
        str, typer.Option("--as", help="Who decides that: supervisor, legal or rights.")
    ] = "",
    why: Annotated[str, typer.Option(help="Why: it goes into the ledger.")] = "",
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Say what a restored node waits for, or do without one partner; exit 1 while it waits."""
    if without:
        if not person or not why.strip():
            raise InvalidInputError("doing without a partner names a person (--as) and --why")
        passphrase = passphrase_from(passphrase_file, folder)
        errand = Errand(verb="without", node=without, person=person, why=why.strip())
        run(folder, errand, passphrase=passphrase)
    found = read_restored(folder)
    if as_json:
        said = {"whole": found is None, "answered": list(found.answered if found else ())}
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write(f"{'this node is whole' if found is None else found.words(())}\n")
    raise typer.Exit(0 if found is None else 1)
