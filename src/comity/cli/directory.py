"""`comity directory …`: found a network, admit members, publish what they sign."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.core.clock import iso
from comity.core.errors import InvalidInputError
from comity.core.ids import member_id
from comity.node.beginning import read_request
from comity.node.network import (
    admit,
    init_network,
    publish_network,
    restamp,
    root_digest,
    take_change,
    verified,
)
from comity.node.rotation import read_change

app = typer.Typer(
    help="Found a network, admit members, publish its directory.", no_args_is_help=True
)
Network = Annotated[
    Path, typer.Option("--dir", help="The network's folder.", envvar="COMITY_NETWORK")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
HERE = Path("network")


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
def publish(folder: Network = HERE) -> None:
    """Sign the next edition and lay it out under `public/`."""
    files = publish_network(folder)
    sys.stdout.write(f"published {len(files)} files in {folder / 'public'}\n")


@app.command("sign")
def sign(folder: Network = HERE) -> None:
    """Renew the timestamp, as the publisher does at least daily."""
    restamp(folder)
    sys.stdout.write("the timestamp stands for another day\n")


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
