"""`comity bundle …`: messages on removable media, for a partner that no line reaches."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from comity.cli.passphrase import PassFile, passphrase_from
from comity.cli.say import DONE, NO, Document, Json, Said, at, listed, say
from comity.core.errors import InvalidInputError
from comity.node.errands import Errand, run

app = typer.Typer(
    help="Write, read and acknowledge bundles on removable media.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
Medium = Annotated[Path, typer.Argument(help="Where the medium is mounted.", metavar="MEDIUM")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Courier = Annotated[
    str, typer.Option(help="Who carries it; kept for 90 days, for nobody outside.")
]


@app.command("write")
def write(
    folder: Folder,
    medium: Medium,
    to: Annotated[str, typer.Option(help="The partner's node: xa.border.n1.")],
    courier: Courier = "",
    lost_after: Annotated[
        int, typer.Option(help="Days after which what was written before counts as lost.")
    ] = -1,
    passphrase_file: PassFile = None,
    as_json: AsJson = False,
) -> None:
    """Write what waits for a partner's node to a medium; urgent and protective first."""
    found = _run(
        folder,
        Errand(
            verb="write",
            medium=_mounted(medium),
            node=to,
            courier=courier,
            lost_after=lost_after,
        ),
        passphrase_file,
    )
    lines = [
        f"bundle {at(each, 'number')}: {at(each, 'messages')} messages for {to}"
        for each in listed(found, "bundles")
    ]
    nothing = f"nothing waits for {to} that is not on its way"
    say(Said(document=found, lines=lines or [nothing]), as_json=as_json)


@app.command("read")
def read(
    folder: Folder,
    medium: Medium,
    courier: Courier = "",
    passphrase_file: PassFile = None,
    as_json: AsJson = False,
) -> None:
    """Take every bundle and acknowledgement for this node; exit 1 if anything was refused."""
    errand = Errand(verb="read", medium=_mounted(medium), courier=courier)
    found = _run(folder, errand, passphrase_file)
    lines = [line for each in listed(found, "read") for line in _read_lines(each)]
    refused = at(found, "names_refused")
    if refused != "0":
        lines.append(f"{refused} names on the medium are none of ours and were left alone")
    is_whole = not any(
        at(each, "refused") or at(each, "alarm") for each in listed(found, "read")
    )
    code = DONE if is_whole else NO
    nothing = "nothing on this medium is for this node"
    say(Said(document=found, lines=lines or [nothing], code=code), as_json=as_json)
    raise typer.Exit(code)


@app.command("ack")
def ack(
    folder: Folder,
    medium: Medium,
    again: Annotated[
        str, typer.Option(help="A node whose acknowledgements are written once more.")
    ] = "",
    passphrase_file: PassFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the receipts of every bundle read to a medium that goes back."""
    errand = Errand(verb="ack", medium=_mounted(medium), node=again)
    found = _run(folder, errand, passphrase_file)
    names = cast("Sequence[str]", found["acked"])
    lines = [f"acknowledged: {name}" for name in names] or ["nothing to acknowledge"]
    say(Said(document=found, lines=lines), as_json=as_json)


@app.command("list")
def show(folder: Folder, passphrase_file: PassFile = None, as_json: AsJson = False) -> None:
    """Show for each partner what waits, since when it is not reached, and every bundle."""
    found = _run(folder, Errand(verb="list"), passphrase_file)
    lines = [line for each in listed(found, "partners") for line in _standing_lines(each)]
    say(Said(document=found, lines=lines or ["no partners yet"]), as_json=as_json)


def _run(folder: Path, errand: Errand, passphrase_file: Path | None) -> Document:
    found = run(folder, errand, passphrase=passphrase_from(passphrase_file, folder))
    return cast("Mapping[str, Json]", found)


def _mounted(medium: Path) -> str:
    if not medium.is_dir():
        raise InvalidInputError(f"`{medium}` is no folder: is the medium mounted?")
    # A running node stands elsewhere: it is told the whole path.
    return str(medium.resolve())


def _read_lines(each: Document) -> list[str]:
    name = at(each, "name")
    if refused := at(each, "refused"):
        return [f"{name}: refused, {refused}"]
    if at(each, "sort") == "ack":
        head = f"{name}: {at(each, 'settled')} answers written down"
    else:
        head = (
            f"{name}: {at(each, 'stored')} messages stored, {at(each, 'rejected')} rejected;"
            f" written {at(each, 'written_at')} by its sender's clock"
        )
    lines = [head]
    if at(each, "damaged") not in {"", "0"}:
        lines.append(f"  {at(each, 'damaged')} were damaged or missing and will be sent again")
    if gaps := cast("Sequence[int]", each.get("gaps") or ()):
        lines.append(f"  never came: bundle {', '.join(map(str, gaps))}")
    if at(each, "clock_ahead_s") not in {"", "0"}:
        lines.append(f"  its sender's clock is {at(each, 'clock_ahead_s')} s ahead of ours")
    if alarm := at(each, "alarm"):
        lines.append(f"  alarm: {alarm}")
    return lines


def _standing_lines(each: Document) -> list[str]:
    since = at(each, "not_yet_reached_since")
    waiting = f"{at(each, 'waiting')} waiting" + (
        f", not yet reached since {since}" if since else ""
    )
    lines = [f"{at(each, 'node')}: {waiting}"]
    for way, verb in (("written", "to"), ("read", "from")):
        lines += [
            f"  {verb} it: bundle {at(row, 'number')} {at(row, 'state')},"
            f" {at(row, 'messages')} messages"
            for row in listed(each, way)
        ]
    return lines
