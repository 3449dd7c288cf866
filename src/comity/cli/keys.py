"""`comity node keys …`: show, rotate, announce and revoke keys, change the passphrase."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, new_passphrase, passphrase_from
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import ConfigurationError
from comity.node.generations import Generation, Turn
from comity.node.key_acts import (
    announce_keys,
    keys_of,
    revoke_key,
    rotate_key,
    wrap_anew,
    wrap_first,
)
from comity.node.keyring import Keyring
from comity.node.master import is_demonstration

app = typer.Typer(help="Show, rotate and revoke a node's keys.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Use = Annotated[str, typer.Argument(help="node, agency/<id>, log or witness.", metavar="USE")]


@app.command("show")
def show(folder: Folder, passphrase_file: PassFile = None, as_json: Json = False) -> None:
    """List every key: its use, its number, whether it signs, and its public half."""
    ring = keys_of(folder, passphrase=passphrase_from(passphrase_file, folder))
    rows = [_row(ring, each) for each in ring.held]
    if as_json:
        sys.stdout.write(json.dumps({"keys": rows}) + "\n")
        return
    for row in rows:
        sys.stdout.write("  ".join(str(value) for value in row.values() if value) + "\n")


@app.command("rotate")
def rotate(folder: Folder, use: Use, passphrase_file: PassFile = None) -> None:
    """Make the next key of a use; it signs once the directory has listed it for a day."""
    words = passphrase_from(passphrase_file, folder)
    made = rotate_key(folder, use, passphrase=words)
    sys.stdout.write(
        f"key {made.number} of {use} is made and waits. Next:\n"
        f"  comity node keys announce {folder} CHANGE\n"
        "and let your member list it; it signs a day after this node has seen it listed.\n"
    )


@app.command("revoke")
def revoke(
    folder: Folder,
    use: Use,
    since: Annotated[
        str, typer.Option(help="When it was lost, as 2026-11-27T09:00:00Z; by default now.")
    ] = "",
    passphrase_file: PassFile = None,
) -> None:
    """Declare a key lost or stolen and make its successor, which signs as soon as listed."""
    words = passphrase_from(passphrase_file, folder)
    told = Instant(from_iso(since)) if since else None
    at = revoke_key(folder, use, since=told, passphrase=words)
    sys.stdout.write(
        f"the key of {use} counts as lost since {iso(at)}: nothing it signed from then on\n"
        "counts once the directory says so. Do this now:\n"
        f"  comity node keys announce {folder} CHANGE\n"
        "and let your member publish it; partners follow within a timestamp's life (a day).\n"
    )


@app.command("announce")
def announce(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="The change to write.", metavar="CHANGE")],
    passphrase_file: PassFile = None,
) -> None:
    """Write the keys this node wants listed, signed by it, for its member's next document."""
    announce_keys(folder, file, passphrase=passphrase_from(passphrase_file, folder))
    sys.stdout.write(
        f"wrote {file}. Who drafts your member's document takes it in:\n"
        f"  comity directory rotate {file}\n"
    )


@app.command("passphrase")
def passphrase(
    folder: Folder,
    new_file: Annotated[
        Path | None, typer.Option("--new-file", help="A file that holds the new passphrase.")
    ] = None,
    passphrase_file: PassFile = None,
) -> None:
    """Change the passphrase of the master key, or give one to a node that has none."""
    if is_demonstration(folder):
        wrap_first(folder, new=new_passphrase(new_file))
        sys.stdout.write(
            "the master key is wrapped by a passphrase; its clear copy is destroyed\n"
        )
        return
    old = passphrase_from(passphrase_file, folder)
    if old is None:
        raise ConfigurationError("the present passphrase is needed to change it")
    wrap_anew(folder, old=old, new=new_passphrase(new_file))
    sys.stdout.write("the passphrase is changed; older backups open with the old one\n")


def _row(ring: Keyring, key: Generation) -> dict[str, str | int]:
    is_gone = key.turn is Turn.RETIRED
    return {
        "use": key.use,
        "number": key.number,
        "turn": key.turn.value,
        "since": iso(key.turned) if key.turned else "the beginning",
        "listed": iso(key.listed) if key.listed else "",
        "revoked": iso(key.revoked) if key.revoked else "",
        "where": f"device {key.label}" if key.label else "keys/",
        "public": "" if is_gone else ring.publics(key)[0].public.raw.hex(),
    }
