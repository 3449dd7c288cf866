"""`comity stick …`: one signed file that installs, upgrades, and brings law and lists."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, passphrase_from
from comity.cli.say import Document, Said, say
from comity.core.errors import InvalidInputError
from comity.core.ids import person_id
from comity.node import stick
from comity.node.config import read_config

app = typer.Typer(
    help="Make, show and apply one signed file for where there is no line.",
    no_args_is_help=True,
)
StickFile = Annotated[Path, typer.Argument(help="The stick's file.", metavar="FILE")]
Network = Annotated[
    Path, typer.Option("--dir", help="The network's folder.", envvar="COMITY_NETWORK")
]
Wheels = Annotated[Path | None, typer.Option(help="A folder of wheels: the software.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
HERE = Path("network")
_LIST = 3


@app.command("draft")
def draft(
    version: Annotated[str, typer.Option(help="The version of the software: 0.2.0.")],
    network: Network = HERE,
    wheels: Wheels = None,
    lists: Annotated[
        list[str] | None,
        typer.Option("--list", help="FORMAT:EDITION:FILE, such as un-sc:2026-11-01:un.xml."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name software and lists for the next edition of the directory, which signs them."""
    named = [_listed(each) for each in lists or ()]
    release = stick.draft(network, version=version, wheels=wheels, lists=named)
    lines = [
        (
            f"release {release.number}: comity {release.version},"
            f" {len(release.software)} files, {len(release.lists)} lists"
        ),
        "it counts once it is signed: comity directory publish",
    ]
    document: Document = {"number": release.number, "version": release.version}
    say(Said(document=document, lines=lines), as_json=as_json)


@app.command("make")
def make(
    out: StickFile,
    network: Network = HERE,
    wheels: Wheels = None,
    lists: Annotated[
        Path | None, typer.Option("--lists", help="The folder of the lists' files.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put what the network has published into one file."""
    size = stick.make(network, out, wheels=wheels, lists=lists)
    say(
        Said(document={"file": str(out), "bytes": size}, lines=[f"{out}: {size} bytes"]),
        as_json=as_json,
    )


@app.command("show")
def show(
    file: StickFile,
    root: Annotated[
        str, typer.Option(help="SHA-256 of root version 1, told to you out of band.")
    ] = "",
    node: Annotated[Path | None, typer.Option(help="A node's folder that knows it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a stick's file and say in words what it brings; exit 1 if it does not hold."""
    digest = root or ("" if node is None else read_config(node).root)
    try:
        known = bytes.fromhex(digest)
    except ValueError:
        known = b""
    if len(known) != 32:  # noqa: PLR2004 - SHA-256
        raise InvalidInputError("name `--root` (64 hex digits) or `--node` of a joined node")
    brought = stick.show(file, root=known)
    release = brought.release
    document: Document = {
        "federation": brought.directory.federation,
        "directory": brought.directory.version,
        "release": release.number,
        "version": release.version,
        "lists": sorted(release.lists),
        "alarms": list(brought.directory.alarms),
    }
    lines = list(brought.lines(at=stick.CLOCK.now()))
    say(Said(document=document, lines=lines), as_json=as_json)


@app.command("apply")
def apply(
    folder: Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")],
    file: StickFile,
    person: Annotated[str, typer.Option("--as", help="Who does it, by id.")] = "",
    law: Annotated[bool, typer.Option("--law", help="Install newer law (legal seat).")] = False,
    software: Annotated[
        bool, typer.Option("--software", help="Install the software (engineer's seat).")
    ] = False,
    lists: Annotated[
        bool, typer.Option("--lists", help="Lay editions of lists ready to be imported.")
    ] = False,
    passphrase_file: PassFile = None,
    as_json: AsJson = False,
) -> None:
    """Take the directory of a stick's file, and what else is asked for; the node must stand."""
    if (law or software) and not person:
        raise InvalidInputError(
            "law and software are installed by a named person: `--as PERSON`"
        )
    done = stick.apply(
        folder,
        file,
        person=person_id(person) if person else stick.NOBODY,
        passphrase=passphrase_from(passphrase_file, folder),
        agreed={"law": law, "software": software, "lists": lists},
    )
    lines = [
        f"directory: {done.directory} editions newer"
        if done.directory
        else "directory: held already"
    ]
    lines += [f"law installed: {name}" for name in done.law]
    lines += [f"software installed: {done.software}"] if done.software else []
    lines += [f"to do: {each}" for each in (*done.lists, *done.left)]
    document: Document = {
        "directory": done.directory,
        "law": list(done.law),
        "software": done.software,
        "lists": list(done.lists),
        "left": list(done.left),
    }
    say(Said(document=document, lines=lines), as_json=as_json)


def _listed(text: str) -> tuple[str, str, Path]:
    parts = text.split(":", 2)
    if len(parts) != _LIST or not all(parts):
        raise InvalidInputError(f"expected FORMAT:EDITION:FILE, got `{text[:100]}`")
    return parts[0], parts[1], Path(parts[2])
