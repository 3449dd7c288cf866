"""Commands as data: a few parameters, and one function from what was typed to what is said.

Every command that reads or discloses personal data takes the same options for who, where, on
what purpose and case; they are added here, once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, cast

import typer

from comity.cli.client import Client, OpenNode, connect
from comity.cli.passphrase import passphrase_from
from comity.cli.say import DONE, Said, at, say
from comity.core.errors import AuthorisationError, InvalidInputError

_TOKEN = 4_096
EPILOG_NODE = "The node is named by --node or COMITY_NODE, the person by the token."


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person typed, and the node that it goes to."""

    client: Client
    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return one text; empty where none was typed."""
        found = self.values.get(name)
        return "" if found is None else str(found)

    def texts(self, name: str) -> list[str]:
        """Return every text typed for an option that may be repeated."""
        return [str(each) for each in cast("Sequence[object]", self.values.get(name) or ())]

    def needed(self, name: str, flag: str) -> str:
        """Return one text; raises `InvalidInputError` where it is missing."""
        found = self.text(name)
        if not found:
            raise InvalidInputError(f"`{flag}` is needed here")
        return found


Run = Callable[[Given], Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: its word, what it is for, an example, its parameters, and what it does."""

    word: str
    about: str
    example: str
    run: Run
    parameters: tuple[Parameter, ...] = ()


def argument(
    name: str, about: str, *, metavar: str = "", default: str | None = None
) -> Parameter:
    """Declare a word that must be typed, unless it has a default."""
    made = typer.Argument(help=about, metavar=metavar or name.upper(), show_default=False)
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        annotation=Annotated[str, made],
        default=Parameter.empty if default is None else default,
    )


def arguments(name: str, about: str, *, metavar: str) -> Parameter:
    """Declare one or more words that must be typed."""
    made = typer.Argument(help=about, metavar=f"{metavar}...")
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[list[str], made])


def option(name: str, flag: str, about: str, *, default: str = "", env: str = "") -> Parameter:
    """Declare an option with one text."""
    made = typer.Option(flag, help=about, envvar=env or None, show_default=bool(default))
    return Parameter(
        name, Parameter.KEYWORD_ONLY, annotation=Annotated[str, made], default=default
    )


def repeated(name: str, flag: str, about: str) -> Parameter:
    """Declare an option that may be given several times."""
    made = typer.Option(flag, help=about, show_default=False)
    return Parameter(
        name, Parameter.KEYWORD_ONLY, annotation=Annotated[list[str], made], default=[]
    )


def switch(name: str, flag: str, about: str) -> Parameter:
    """Declare an option that is on or off; `--a/--b` leaves it open until one is typed."""
    has_no = "/" in flag
    made = typer.Option(flag, help=about, show_default=False)
    kind = bool | None if has_no else bool
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind, made],
        default=None if has_no else False,
    )


_SECRET = Parameter(
    "token",
    Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        # Read from the environment alone; on a command line every user could see it.
        str, typer.Option("--token-from-environment", envvar="COMITY_TOKEN", hidden=True)
    ],
    default="",
)
WHO = (
    option("node", "--node", "The node's folder or address.", env="COMITY_NODE"),
    option("acting", "--as", "Who you are; refused where the token is another person's."),
    option("token_file", "--token-file", "A file that holds your token (or COMITY_TOKEN)."),
    _SECRET,
    option(
        "passphrase_file",
        "--passphrase-file",
        "For a folder: a file that holds the passphrase of its master key.",
        env="COMITY_PASSPHRASE_FILE",
    ),
    switch("as_json", "--json", "Print one JSON document on stdout."),
)


def add_command(app: typer.Typer, command: Command, *, open_node: OpenNode) -> None:
    """Add one command to a group."""

    def run(**values: object) -> None:
        said = _ran(command, values, open_node=open_node)
        say(said, as_json=bool(values["as_json"]))
        if said.code != DONE:
            raise typer.Exit(said.code)

    run.__dict__["__signature__"] = Signature([*command.parameters, *WHO])
    app.command(command.word, help=command.about, epilog=f"Example: {command.example}")(run)


def _ran(command: Command, values: Mapping[str, object], *, open_node: OpenNode) -> Said:
    node, acting = str(values["node"]), str(values["acting"])
    if not node:
        raise InvalidInputError("name the node: `--node DIR|URL`, or set COMITY_NODE")
    token = str(values["token"]) or read_token(str(values["token_file"]))
    named = str(values["passphrase_file"])
    words = passphrase_from(Path(named) if named else None)
    with connect(node, token, open_node=open_node, passphrase=words) as client:
        if acting:
            check_person(client, acting)
        return command.run(Given(client=client, values=values))


def read_token(path: str) -> str:
    """Read a personal token from a file; raises `InvalidInputError`."""
    if not path:
        raise InvalidInputError("set COMITY_TOKEN or name `--token-file`: who acts?")
    try:
        with Path(path).open(encoding="utf-8") as file:
            token = file.read(_TOKEN).strip()
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError(f"cannot read a token from `{path[:200]}`") from None
    if not token.isascii() or not token.isalnum():
        raise InvalidInputError(f"`{path[:200]}` holds no token")
    return token


def check_person(client: Client, person: str) -> None:
    """Demand that the token is this person's; raises `AuthorisationError`."""
    me = client.get("me")
    if person not in {at(me, "person"), at(me, "person").partition("/")[2], at(me, "name")}:
        raise AuthorisationError("this token is another person's than `--as` says")
