"""`comity witness|mirror|monitor …`: watch the ledgers of a federation without a node."""

import json
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, passphrase_from
from comity.core.errors import InvalidInputError
from comity.core.ids import node_id
from comity.node.lookout import Settings, begin_lookout
from comity.node.lookout_serving import look_once, serve_lookout
from comity.node.monitoring import add_token

Folder = Annotated[Path, typer.Argument(help="Its own folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
_ABOUT = {
    "witness": "Cosign what ledgers show, and never two histories of one.",
    "mirror": "Keep verified copies of ledgers, and serve them to readers.",
    "monitor": "Follow every ledger, and say where one cannot be right.",
}


def lookout_app(sort: str) -> typer.Typer:
    """Build the commands of one sort of lookout."""
    app = typer.Typer(help=_ABOUT[sort], no_args_is_help=True)

    @app.command("init")
    def init(
        folder: Folder,
        name: Annotated[str, typer.Option(help="Its name: `oversight.example/witness`.")],
        listen: Annotated[str, typer.Option(help="Where it listens: http://127.0.0.1:8790.")],
        directory: Annotated[
            list[str], typer.Option(help="Where the directory is published: URL or folder.")
        ],
        root: Annotated[str, typer.Option(help="SHA-256 of root version 1, told to you.")],
        passphrase_file: PassFile = None,
        as_json: Json = False,
    ) -> None:
        """Make its folder and keys, and join the federation it watches; print its keys."""
        places = tuple(
            each if "://" in each else str(Path(each).resolve()) for each in directory
        )
        settings = Settings(sort=sort, name=name, listen=listen, root=root, directory=places)
        words = passphrase_from(passphrase_file)
        vkeys = begin_lookout(folder, settings, passphrase=words)
        if words is None:
            typer.echo(
                "warning: without --passphrase-file its master key lies in clear in the folder",
                err=True,
            )
        if as_json:
            typer.echo(json.dumps({"sort": sort, "name": name, "vkeys": list(vkeys)}))
        else:
            typer.echo("\n".join(vkeys))

    app.command("serve")(serve)
    if sort != "witness":
        app.command("look")(look)
        app.command("token")(token)
    return app


def serve(folder: Folder, passphrase_file: PassFile = None) -> None:
    """Serve until told to stop."""
    serve_lookout(folder, passphrase=passphrase_from(passphrase_file))


def look(folder: Folder, passphrase_file: PassFile = None, as_json: Json = False) -> None:
    """Do one round without serving; exit 1 if an alarm stands."""
    found = look_once(folder, passphrase=passphrase_from(passphrase_file))
    said = json.loads(found)
    if as_json:
        typer.echo(found.decode())
    else:
        for each in said["alarms"]:
            typer.echo(f"{each['since']}  {each['sort']}  {each['origin']}: {each['words']}")
        if said["ok"]:
            typer.echo("no alarm stands")
    raise typer.Exit(0 if said["ok"] else 1)


def token(
    folder: Folder,
    node: Annotated[str, typer.Argument(help="The node whose entries it opens.")],
    file: Annotated[Path, typer.Argument(help="A file that holds the token.")],
) -> None:
    """Keep the reader's token a node's engineer handed over, so that entries can be read."""
    try:
        held = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError(f"cannot read a token from `{file}`") from None
    add_token(folder, node_id(node), held)
    typer.echo(f"kept: entries of {node} are read from the next round on")


witness_app, mirror_app, monitor_app = (lookout_app(sort) for sort in _ABOUT)
