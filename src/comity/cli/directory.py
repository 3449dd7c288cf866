"""`comity directory …`: found a network, admit members, publish what they sign."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.ceremony import (
    announce_sheet,
    collect,
    draft_app,
    passphrase_for,
    read,
    sign_with,
)
from comity.cli.ceremony import key as make_key
from comity.cli.ceremony import publisher as make_publisher
from comity.cli.passphrase import PassFile
from comity.cli.say import say
from comity.core.clock import iso
from comity.core.errors import InvalidInputError
from comity.core.ids import member_id
from comity.node.beginning import read_request
from comity.node.network import (
    admit,
    init_network,
    is_publisher,
    publish_network,
    restamp,
    root_digest,
    take_change,
    verified,
)
from comity.node.publishing import publish_sheets
from comity.node.rotation import read_change
from comity.node.sheet import read_sheet

app = typer.Typer(
    help="Found a network, admit members, publish its directory.", no_args_is_help=True
)
Network = Annotated[
    Path, typer.Option("--dir", help="The network's folder.", envvar="COMITY_NETWORK")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
HERE = Path("network")
app.add_typer(draft_app, name="draft")
app.command("key")(make_key)
app.command("publisher")(make_publisher)
app.command("read")(read)
app.command("collect")(collect)
app.command("announce")(announce_sheet)


@app.command("init")
def init(
    member: Annotated[list[str], typer.Option(help="A founding member's code; repeat it.")],
    folder: Network = HERE,
) -> None:
    """Make the keys of a network and sign its first root."""
    members = tuple(member_id(code.lower()) for code in member)
    init_network(folder, members)
    sys.stderr.write(
        "warning: every key of this network lies in one folder; a federation keeps each on a"
        " machine of its own (docs/how-to/run-a-ceremony.md)\n"
    )
    sys.stdout.write(f"root digest, to be told out of band: {root_digest(folder)}\n")


@app.command("admit")
def admit_node(
    request: Annotated[Path, typer.Argument(help="What `comity node request` wrote.")],
    folder: Network = HERE,
) -> None:
    """Take a node's request into the next edition of the directory."""
    try:
        data = request.read_bytes()
    except OSError:
        raise InvalidInputError(f"cannot read a request to join from `{request}`") from None
    said = read_request(data)
    admit(folder, said)
    sys.stdout.write(f"admitted {said.node} ({said.name}); next: comity directory publish\n")


@app.command("rotate")
def rotate(
    change: Annotated[Path, typer.Argument(help="What `comity node keys announce` wrote.")],
    folder: Network = HERE,
) -> None:
    """Take a node's change of keys into its member's next document."""
    try:
        data = change.read_bytes()
    except OSError:
        raise InvalidInputError(f"cannot read a change of keys from `{change}`") from None
    said = read_change(data)
    take_change(folder, said)
    sys.stdout.write("".join(f"{line}\n" for line in said.words()))
    sys.stdout.write(
        f"taken into the document of {said.node}; next: comity directory publish\n"
    )


@app.command("publish")
def publish(
    sheets: Annotated[list[Path] | None, typer.Argument(help="Signed sheets.")] = None,
    folder: Network = HERE,
) -> None:
    """Lay out the next edition under `public/`, over signed sheets or the folder's keys."""
    if sheets or is_publisher(folder):
        version = publish_sheets(folder, [read_sheet(path) for path in sheets or ()])
        sys.stdout.write(f"published edition {version} in {folder / 'public'}\n")
        return
    files = publish_network(folder)
    sys.stdout.write(f"published {len(files)} files in {folder / 'public'}\n")


@app.command("sign")
def sign(
    sheet: Annotated[Path | None, typer.Argument(help="A sheet to sign.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="A key file here.")] = None,
    passphrase_file: PassFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="It was read aloud already.")] = False,
    folder: Network = HERE,
) -> None:
    """Sign a sheet with a key of this machine; without a sheet, renew the timestamp."""
    if sheet is None:
        restamp(folder)
        sys.stdout.write("the timestamp stands for another day\n")
        return
    if key is None:
        raise InvalidInputError(
            "a sheet is signed with a key of this machine: name it by --key"
        )
    words = passphrase_for(key, passphrase_file)
    say(sign_with(sheet, key, words=words, is_read=yes), as_json=False)


@app.command("verify")
def verify(folder: Network = HERE, as_json: Json = False) -> None:
    """Verify the published directory as any node would; exit 1 if it does not hold."""
    found, is_expired = verified(folder)
    said = {
        "federation": found.federation,
        "version": found.version,
        "expired": is_expired,
        "members": list(found.members()),
        "faults": dict(found.faults),
    }
    if as_json:
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write(f"holds: version {found.version}, {len(found.members())} members\n")
    raise typer.Exit(1 if is_expired or found.faults else 0)


@app.command("show")
def show(folder: Network = HERE, as_json: Json = False) -> None:
    """Show members, agencies and nodes of the published directory."""
    found, _ = verified(folder)
    rows = [
        {"node": node.node, "url": node.url, "agencies": sorted(node.agencies)}
        for node in found.nodes()
    ]
    if as_json:
        said = {"root": root_digest(folder), "expires": iso(found.expires), "nodes": rows}
        sys.stdout.write(json.dumps(said) + "\n")
        return
    sys.stdout.write(f"root digest {root_digest(folder)}, good until {iso(found.expires)}\n")
    for row in rows:
        sys.stdout.write(f"{row['node']}  {row['url']}  {', '.join(row['agencies'])}\n")
