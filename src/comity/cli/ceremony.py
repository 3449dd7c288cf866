"""`comity directory draft|read|sign|collect|announce …`: ceremonies on separate machines.

Somebody drafts a sheet; each signer reads it on a machine of its own and signs with a key that
never leaves it; the sheets come back on a medium, are collected, and the publisher publishes.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, new_passphrase, passphrase_from
from comity.cli.say import Said, printable, say
from comity.core.clock import Instant, from_iso
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import MemberId, member_id
from comity.core.keys import PublicKey
from comity.node.beginning import read_request
from comity.node.ceremony_key import make_key, open_key
from comity.node.drafting import (
    Changes,
    Published,
    Stand,
    as_objection,
    document_of,
    draft_keys,
    draft_leave,
    draft_member,
    draft_root,
    draft_status,
    draft_targets,
)
from comity.node.publishing import (
    CLOCK,
    announce,
    as_published,
    begin_publisher,
    registry_entry,
)
from comity.node.register import from_folder
from comity.node.rotation import read_change, with_change
from comity.node.sheet import Sheet, joined, read_sheet, sign_sheet, words_of, write_sheet
from comity.trust import KeySet, key_set, read_member

draft_app = typer.Typer(help="Draft a sheet for others to sign.", no_args_is_help=True)
_HEX = 64
Out = Annotated[Path, typer.Argument(help="The sheet to write.", metavar="SHEET")]
SheetFile = Annotated[Path, typer.Argument(help="A sheet.", metavar="SHEET")]
KeyFile = Annotated[Path, typer.Option("--key", help="A key file of this machine.")]
Of = Annotated[
    Path | None,
    typer.Option("--from", help="The directory as published: a folder or a medium."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Names = Annotated[list[str] | None, typer.Argument(help="Members' codes.")]


def key(
    file: Annotated[Path, typer.Argument(help="Where the key is kept, on this machine.")],
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Make a key for ceremonies, under a passphrase, and print its public half."""
    public = make_key(file, passphrase=new_passphrase(passphrase_file))
    lines = [f"the key lies in {file}; its public half, to be compared aloud:", public]
    say(Said(document={"public": public}, lines=lines), as_json=as_json)


def publisher(
    folder: Annotated[Path, typer.Argument(help="The publisher's folder.")],
    as_json: Json = False,
) -> None:
    """Make a publisher's keys: of snapshot and timestamp, and of the registry log."""
    public = begin_publisher(folder)
    lines = ["the publisher's public key, to be compared aloud:", public]
    say(Said(document={"public": public}, lines=lines), as_json=as_json)


def read(sheet: SheetFile, as_json: Json = False) -> None:
    """Say in words what a sheet states, what is new in it, and who has signed."""
    found = read_sheet(sheet)
    lines = words_of(found)
    document = {"sort": found.sort, "digest": found.digest, "words": lines}
    say(Said(document=document, lines=lines), as_json=as_json)


def sign_with(sheet: Path, key_file: Path, *, words: str, is_read: bool) -> Said:
    """Show a sheet, ask whether it is meant, and add the signature of a key of this machine."""
    found = read_sheet(sheet)
    lines = words_of(found)
    if not is_read:
        for line in lines:
            typer.echo(printable(line), err=True)
        if not typer.confirm("Sign this?", err=True):
            raise StateError("nothing was signed")
        lines = []
    signed = sign_sheet(found, open_key(key_file, passphrase=words))
    write_sheet(sheet, signed)
    return Said(document={"digest": signed.digest}, lines=[*lines, f"signed: {sheet}"])


def collect(
    sheet: SheetFile,
    copies: Annotated[list[Path], typer.Argument(help="Signed copies of the same sheet.")],
) -> None:
    """Join the signatures of copies that were signed on different machines."""
    found = read_sheet(sheet)
    for copy in copies:
        found = joined(found, read_sheet(copy))
    write_sheet(sheet, found)
    say(Said(document={}, lines=words_of(found)[-2:]), as_json=False)


def announce_sheet(
    sheet: SheetFile,
    folder: Annotated[Path, typer.Option("--dir", help="The publisher's folder.")],
) -> None:
    """Enter in the registry log what must be known before: a loss, an objection, a silence.

    A sheet of root or targets is announced to count without an oversight key after 30 days.
    """
    record = announce(folder, read_sheet(sheet))
    say(
        Said(document={}, lines=[f"announced: {record.sort.value} {record.digest[:16]}"]),
        as_json=False,
    )


@draft_app.command("root")
def root(
    out: Out,
    member: Annotated[list[str], typer.Option(help="CODE=PUBLICKEY of a member's root key.")],
    oversight: Annotated[list[str], typer.Option(help="An oversight body's public key.")],
    publisher_key: Annotated[
        list[str], typer.Option("--publisher", help="A publisher's public key.")
    ],
    source: Of = None,
) -> None:
    """Draft the first root, or the next: give every member that signs from then on."""
    named = dict(_named(each) for each in member)
    sheet = draft_root(
        {name: _public(text) for name, text in named.items()},
        oversight=[_public(text) for text in oversight],
        publishers=[_public(text) for text in publisher_key],
        at=CLOCK.now(),
        before=_before(source),
    )
    _done(out, sheet)


@draft_app.command("targets")
def targets(
    out: Out,
    root_sheet: Annotated[
        Path | None, typer.Option("--root", help="The signed first root, before any edition.")
    ] = None,
    source: Of = None,
    admit: Annotated[
        list[str] | None, typer.Option(help="CODE=KEY,KEY,KEY of a member to admit.")
    ] = None,
    candidate: Annotated[
        list[str] | None, typer.Option(help="A member in exercise mode until admitted.")
    ] = None,
    full: Annotated[list[str] | None, typer.Option(help="A candidate to admit fully.")] = None,
    expel: Annotated[list[str] | None, typer.Option(help="A member to expel.")] = None,
    keys: Annotated[list[Path] | None, typer.Option(help="A sheet of new keys.")] = None,
    policy: Annotated[Path | None, typer.Option(help="A C2SP policy of witnesses.")] = None,
    registry: Annotated[
        Path | None, typer.Option(help="The publisher's folder, whose log records all.")
    ] = None,
) -> None:
    """Draft what the federation says together: members, keys, policy, registry log."""
    before = _before(source, root_sheet)
    changes = Changes(
        admit={name: _keys(text) for name, text in map(_named, admit or ())},
        candidates=_members(candidate),
        full=_members(full),
        expel=_members(expel),
        keys=[read_sheet(path) for path in keys or ()],
        policy=None if policy is None else policy.read_text("utf-8"),
        registry=None if registry is None else registry_entry(registry, before.federation),
    )
    _done(out, draft_targets(changes, at=CLOCK.now(), before=before))


@draft_app.command("member")
def member(
    out: Out,
    root_sheet: Annotated[
        Path | None, typer.Option("--root", help="The signed first root, before any edition.")
    ] = None,
    source: Of = None,
    request: Annotated[
        Path | None, typer.Option(help="What `comity node request` wrote.")
    ] = None,
    change: Annotated[
        Path | None, typer.Option(help="What `comity node keys announce` wrote.")
    ] = None,
    document: Annotated[Path | None, typer.Option(help="A whole member.json.")] = None,
) -> None:
    """Draft a member's own delegation, from one node's request, change or a whole document."""
    before, at = _before(source, root_sheet), CLOCK.now()
    if [request, change, document].count(None) != 2:  # noqa: PLR2004 - one of three
        raise InvalidInputError("expected one of --request, --change and --document")
    if request is not None:
        said = read_request(request.read_bytes()).document(before.federation, at=at)
    elif change is not None:
        told = read_change(change.read_bytes())
        held = document_of(member_id(told.node.partition(".")[0]), before)
        said = with_change(held, told)
    else:
        assert document is not None  # noqa: S101 - counted above
        said = read_member(document.read_bytes())
    _done(out, draft_member(said, at=at, before=before))


@draft_app.command("leave")
def leave(
    out: Out,
    name: Annotated[str, typer.Argument(help="The member's code.", metavar="CODE")],
    on: Annotated[str, typer.Option(help="The day it leaves: 2027-01-31.")],
    source: Of = None,
) -> None:
    """Draft a member's leave: its own keys alone sign it."""
    before, at = _before(source), CLOCK.now()
    _done(out, draft_leave(member_id(name), on=_day(on), at=at, before=before))


@draft_app.command("status")
def status(
    out: Out,
    suspend: Annotated[
        list[str] | None, typer.Option(help="A member to hold back, up to 14 days.")
    ] = None,
    close: Annotated[
        list[str] | None, typer.Option(help="A member whose keys are stolen.")
    ] = None,
    lift: Annotated[list[str] | None, typer.Option(help="A suspension that ends now.")] = None,
    ground: Annotated[str, typer.Option(help="Why, in words all members read.")] = "",
    days: Annotated[int, typer.Option(help="How long a suspension holds.")] = 14,
    source: Of = None,
) -> None:
    """Draft suspensions for conduct and closures for stolen keys."""
    if (suspend or close) and not ground:
        raise InvalidInputError("a suspension or closure states its --ground")
    stand = Stand(
        suspend=_members(suspend),
        close=_members(close),
        lift=_members(lift),
        ground=ground,
        days=days,
    )
    _done(out, draft_status(stand, at=CLOCK.now(), before=_before(source)))


@draft_app.command("keys")
def keys(
    out: Out,
    name: Annotated[str, typer.Argument(help="The member's code.", metavar="CODE")],
    new: Annotated[list[str], typer.Option(help="A new public key; repeat it.")],
    source: Of = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="The old keys are gone: to be announced.")
    ] = False,
) -> None:
    """Draft a member's change to other keys, for two of its old keys to sign."""
    found = draft_keys(member_id(name), _keys(",".join(new)), before=_before(source))
    if lost:
        found = Sheet(sort="loss", federation=found.federation, signed=found.signed)
    _done(out, found)


@draft_app.command("objection")
def objection(
    out: Out, against: Annotated[Path, typer.Argument(help="The announced sheet of loss.")]
) -> None:
    """Draft the refusal of keys announced for a loss that never was; the old keys sign it."""
    _done(out, as_objection(read_sheet(against)))


def _done(out: Path, sheet: Sheet) -> None:
    if out.exists():
        raise StateError(f"`{out}` exists: a draft overwrites no sheet")
    write_sheet(out, sheet)
    lines = [
        *words_of(sheet),
        f"drafted: {out}; nothing holds until it is signed and published",
    ]
    say(Said(document={}, lines=lines), as_json=False)


def _before(source: Path | None, root_sheet: Path | None = None) -> Published:
    if source is not None:
        return as_published(dict(from_folder(source)()))
    if root_sheet is None:
        return Published()
    return Published(files={"metadata/1.root.json": read_sheet(root_sheet).data})


def _named(text: str) -> tuple[MemberId, str]:
    code, equals, value = text.partition("=")
    if not equals:
        raise InvalidInputError(f"expected CODE=KEY, got `{text[:40]}`")
    return member_id(code.lower()), value


def _members(names: list[str] | None) -> frozenset[MemberId]:
    return frozenset(member_id(name.lower()) for name in names or ())


def _public(text: str) -> PublicKey:
    if len(text) != _HEX:
        raise InvalidInputError("expected a public key of 64 hex digits")
    try:
        return PublicKey(algorithm="ed25519", raw=bytes.fromhex(text))
    except ValueError:
        raise InvalidInputError("expected a public key of 64 hex digits") from None


def _keys(text: str) -> KeySet:
    return key_set(_public(each) for each in text.split(","))


def _day(text: str) -> Instant:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f"expected a day like 2027-01-31, got `{text[:20]}`") from None
    return from_iso(f"{day.isoformat()}T00:00:00Z")


def passphrase_for(key_file: Path, path: Path | None) -> str:
    """Read the passphrase of a key file from a file, or ask the person at the terminal."""
    words = passphrase_from(path)
    if words is not None:
        return words
    said: str = typer.prompt(f"Passphrase of {key_file}", hide_input=True, err=True)
    return said
