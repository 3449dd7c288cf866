"""`comity node certificate|migrate`: what an engineer does to keep a node in service."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, passphrase_from
from comity.node.upkeep import SCHEMA, Wish, certificates, migrate_node

Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_upkeep(app: typer.Typer) -> None:
    """Add the commands to `comity node`."""
    app.command("certificate")(certificate)
    app.command("migrate")(migrate)


def certificate(
    folder: Folder,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Show the next one from now on, make one more.")
    ] = False,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Make or show the TLS certificates of the listener for partners, current and next."""
    words = passphrase_from(passphrase_file, folder)
    found = certificates(folder, passphrase=words, rotate=rotate)
    if as_json:
        sys.stdout.write(json.dumps({"certificates": [asdict(each) for each in found]}) + "\n")
        return
    for each in found:
        listed = "listed" if each.is_listed else "not in the directory yet"
        sys.stdout.write(f"{each.use:8} {each.digest}  {listed}\n")


def migrate(
    folder: Folder,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Do it, check it, and take it back.")
    ] = False,
    to: Annotated[
        int, typer.Option(help="The layout of an earlier release, to go back to.")
    ] = SCHEMA,
    lose: Annotated[
        list[str] | None,
        typer.Option(help="A table, or table.column, whose content may go; repeat it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a stopped node's store to this release's tables, or back to an earlier one's."""
    wish = Wish(layout=to, lose=frozenset(lose or ()), is_rehearsal=rehearse)
    done = migrate_node(folder, wish)
    if as_json:
        said = {**asdict(done), "root": done.root.hex(), "rehearsed": rehearse}
        sys.stdout.write(json.dumps(said) + "\n")
        return
    lines = [f"- {step}\n" for step in done.steps] or ["- nothing to change\n"]
    verb = "rehearsed, nothing is changed" if rehearse else "done"
    sys.stdout.write(
        f"layout {done.layout}: {verb}\n{''.join(lines)}"
        f"{done.rows} rows read, ledger of {done.size} entries, root {done.root.hex()}\n"
    )
