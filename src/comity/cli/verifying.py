"""`comity law verify`, `worklist`, `readings …`: what our own people read of the law."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.client import OpenNode
from comity.cli.command import Command, Given, add_command, argument, option
from comity.cli.passphrase import PassFile, passphrase_from
from comity.cli.say import Document, Said, at, listed, say, texts, within
from comity.core import limits
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import person_id
from comity.node.lawbook import export_readings


def add_verifying(app: typer.Typer, *, open_node: OpenNode) -> None:
    """Add what a person reads of the law to the law's commands."""
    for command in (VERIFY, WORKLIST):
        add_command(app, command, open_node=open_node)
    group = typer.Typer(
        help="What our own people read of the law, by two persons.", no_args_is_help=True
    )
    for command in READINGS:
        add_command(group, command, open_node=open_node)
    group.command("export")(export)
    app.add_typer(group, name="readings")


def verify(given: Given) -> Said:
    """State what was read of a row."""
    body: Document = {
        "row": given.text("row"),
        "source": given.needed("source", "--source"),
        "article": given.needed("article", "--article"),
        "read": given.needed("read", "--read"),
        "outcome": given.text("outcome"),
        "purposes": _codes(given.text("purposes")),
        "categories": _codes(given.text("categories")),
        "needs": given.text("needs"),
        "until": given.text("until") or None,
        "in_force": given.text("in_force") or None,
        "reasons": given.text("reasons") or None,
    }
    found = given.client.post("law", "readings", body=body)
    return Said(
        document=found, lines=[f"stated: {at(found, 'row')}", "another person confirms"]
    )


def _codes(typed: str) -> Sequence[str]:
    return typed.replace(",", " ").split()


def work_list(given: Given) -> Said:
    """List what nobody has read."""
    found = given.client.get("law", "worklist")
    lines = [
        f"{at(each, 'referred'):>6}  {at(each, 'row')}  {at(each, 'gap')}  {at(each, 'url')}"
        for each in listed(found, "rows")
    ]
    return Said(document=found, lines=lines or ["everything that is held has been read"])


def list_readings(given: Given) -> Said:
    """List what was read."""
    found = given.client.get("law", "readings")
    lines = [
        f"{at(each, 'state')}  {_told(within(each, 'reading'))}"
        for each in listed(found, "readings")
    ]
    return Said(document=found, lines=lines or ["nobody has read anything yet"])


def confirm(given: Given) -> Said:
    """Confirm the newest reading of a row that waits."""
    row = given.text("row")
    every = listed(given.client.get("law", "readings"), "readings")
    waiting = [
        each
        for each in every
        if at(within(each, "reading"), "row") == row and at(each, "state") == "waits"
    ]
    if not waiting:
        raise NotFoundError(f"no reading of `{row[:80]}` waits")
    body: Document = {"row": row, "at": at(waiting[0], "at")}
    given.client.post("law", "readings", "confirm", body=body)
    return Said(
        document=waiting[0], lines=[f"confirmed: {_told(within(waiting[0], 'reading'))}"]
    )


def show(given: Given) -> Said:
    """Show another member's file beside ours."""
    body: Document = {"content": _content(Path(given.text("file")))}
    found = given.client.post("law", "readings", "beside", body=body)
    lines: list[str] = []
    for each in listed(found, "rows"):
        ours = within(within(each, "ours"), "reading")
        lines += [
            f"{at(each, 'agency')}: {_told(within(each, 'theirs'))}",
            f"  here: {_told(ours) if ours else 'not read'}",
        ]
    return Said(document=found, lines=[*lines, "nothing of this file counts here"])


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(limits.BODY + 1)
    except OSError:
        raise InvalidInputError(f"cannot read readings from `{path}`") from None
    return base64.b64encode(data).decode()


def _told(each: Document) -> str:
    narrower = [*texts(each, "purposes"), *texts(each, "categories"), at(each, "needs")]
    dates = [
        f"{word} {at(each, name)}"
        for name, word in (("in_force", "from"), ("until", "until"))
        if at(each, name)
    ]
    more = " ".join(word for word in (*narrower, *dates) if word)
    return (
        f"{at(each, 'row')}  {at(each, 'outcome')}  {more}{'  ' if more else ''}"
        f"{at(each, 'source')}, {at(each, 'article')}, read {at(each, 'read')}"
    )


def export(
    folder: Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")],
    out: Annotated[Path, typer.Argument(help="The file to write.", metavar="OUT")],
    person: Annotated[str, typer.Option("--as", help="The legal adviser who exports them.")],
    passphrase_file: PassFile = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Write what counts here, under the agency's key; the node must stand still."""
    words = passphrase_from(passphrase_file)
    size = export_readings(folder, out, person=person_id(person), passphrase=words)
    document: Document = {"file": str(out), "bytes": size}
    say(Said(document=document, lines=[f"written: {out}"]), as_json=json)


_ROW = argument("row", "A rule, INSTRUMENT/PARTY or INSTRUMENT/PARTY/ARTICLE.")
VERIFY = Command(
    word="verify",
    about="State what you read of a row of the law that nobody had read, as legal adviser.",
    example="comity law verify hostages-4 --source https://treaties.un.org/… --article 4(b)"
    " --read 2026-11-23 --as xn.police/7f3a",
    parameters=(
        _ROW,
        option("source", "--source", "The address it was read at."),
        option("article", "--article", "The article that was read."),
        option("read", "--read", "The day it was read: 2026-11-23."),
        option(
            "outcome",
            "--outcome",
            "confirm, narrow or reject what the row says.",
            default="confirm",
        ),
        option("purposes", "--purposes", "narrow: for these purposes alone, with commas."),
        option("categories", "--categories", "narrow: for these data categories alone."),
        option("needs", "--needs", "narrow: only where this fact holds as well."),
        option("until", "--until", "narrow, or a party: up to this day."),
        option("in_force", "--in-force", "A party: bound from this day."),
        option("reasons", "--reasons", "Reasons; they are kept with it."),
    ),
    run=verify,
)
WORKLIST = Command(
    word="worklist",
    about="List the rows nobody has read, those that referred most decisions first.",
    example="comity law worklist --json",
    run=work_list,
)
READINGS = (
    Command(
        word="list",
        about="List what our people read, the newest first, and whether it counts.",
        example="comity law readings list",
        run=list_readings,
    ),
    Command(
        word="confirm",
        about="Confirm another person's newest reading of a row: it counts at once.",
        example="comity law readings confirm hostages-4 --as xn.police/8a41",
        parameters=(_ROW,),
        run=confirm,
    ),
    Command(
        word="show",
        about="Verify another member's file of readings and show it beside ours.",
        example="comity law readings show arcadia.readings",
        parameters=(argument("file", "The file.", metavar="FILE"),),
        run=show,
    ),
)
