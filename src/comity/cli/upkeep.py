"""`comity node certificate`: what an engineer does to keep a node in service."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, passphrase_from
from comity.node.upkeep import certificates

Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_upkeep(app: typer.Typer) -> None:
    """Add the commands to `comity node`."""
    app.command("certificate")(certificate)


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
