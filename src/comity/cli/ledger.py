"""`comity ledger …`: what a node's ledger states, proves and opens, and whether files hold."""

from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.passphrase import PassFile, passphrase_from
from comity.cli.say import DONE, NO, Document, Said, say
from comity.core.clock import Instant, iso
from comity.core.ids import person_id
from comity.node.archive import open_archive
from comity.node.disclosure import reveal as open_leaf
from comity.node.evidence import Verdict, export_to, prove_entry, verify_files, write_proof
from comity.node.readers import admit_reader, readers_of, revoke_reader
from comity.node.witnessed import witnessing_of

app = typer.Typer(
    help="State, prove, export and verify what a node recorded.", no_args_is_help=True
)

reader_app = typer.Typer(help="Who may read a ledger's entries.", no_args_is_help=True)
app.add_typer(reader_app, name="reader")

Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Index = Annotated[int, typer.Argument(help="Number of the entry, from 0.")]


@app.command("checkpoint")
def checkpoint(folder: Folder, passphrase_file: PassFile = None, as_json: Json = False) -> None:
    """Show the newest signed checkpoint, with its keys and witnesses."""
    with open_archive(folder, passphrase_from(passphrase_file, folder)) as archive:
        stated, keys, note = archive.checkpoint(), archive.vkeys, archive.note().decode()
    document: Document = {
        "origin": stated.origin,
        "size": stated.size,
        "root": _base64(stated.root),
        "vkey": keys.log[0],
        "vkeys": list(keys.log),
        "witnesses": list(keys.witnesses),
        "note": note,
    }
    lines = [
        f"{stated.origin}: {stated.size} entries, root {_base64(stated.root)}",
        f"cosigned by {len({key.partition('+')[0] for key in keys.witnesses})} witnesses",
    ]
    say(Said(document=document, lines=lines), as_json=as_json)


@app.command("policy")
def policy(
    folder: Folder,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Show who must cosign a node's ledger, and since when nobody has; exit 1 if that stands.

    The policy is printed as a C2SP tlog-policy, for `ledger verify --policy` anywhere.
    """
    found = witnessing_of(folder, passphrase=passphrase_from(passphrase_file))
    document: Document = {
        "policy": found.policy,
        "rule": found.rule,
        "size": found.size,
        "covered": found.covered,
        "met": found.since is None,
        "unwitnessed_since": None if found.since is None else iso(found.since),
        "witnesses": list(found.witnesses),
    }
    lines = [
        f"must have seen it: {found.rule}",
        f"{found.covered} of {found.size} entries are witnessed",
    ]
    if found.since is not None:
        lines.append(f"the rest stands unwitnessed since {iso(found.since)}")
    say(Said(document=document, lines=lines), as_json=as_json)
    if not as_json:
        typer.echo(found.policy, nl=False)
    raise typer.Exit(DONE if found.since is None else NO)


@app.command("prove")
def prove(
    folder: Folder,
    index: Index,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the proof; entry and policy go beside it."),
    ] = None,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Prove that one entry stands in the ledger, as a `.tlog-proof` for offline use."""
    with open_archive(folder, passphrase_from(passphrase_file, folder)) as archive:
        proven = prove_entry(archive, index)
        if out is not None:
            write_proof(proven, archive.vkeys, out)
    document: Document = {
        "index": index,
        "type": proven.type,
        "at": iso(proven.at),
        "entry": _base64(proven.entry),
        "proof": proven.proof.decode(),
        "out": None if out is None else str(out),
    }
    lines = [f"entry {index}: {proven.type} at {iso(proven.at)}"]
    say(Said(document=document, lines=lines), as_json=as_json)
    if out is None and not as_json:
        typer.echo(proven.proof, nl=False)


@app.command("export")
def export(
    folder: Folder,
    out: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="OUT")],
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Write the static C2SP tree, with the keys to verify it, for any verifier."""
    with open_archive(folder, passphrase_from(passphrase_file, folder)) as archive:
        written, stated = export_to(archive, out), archive.checkpoint()
    document: Document = {
        "out": str(out),
        "files": written,
        "size": stated.size,
        "root": _base64(stated.root),
    }
    lines = [f"{stated.size} entries in {written} files under {out}"]
    say(Said(document=document, lines=lines), as_json=as_json)


@app.command("verify")
def verify(
    path: Annotated[
        Path,
        typer.Argument(
            help="An exported folder, a `.tlog-proof` or an `.equivocation`.",
            metavar="OUT|PROOF",
        ),
    ],
    policy: Annotated[
        Path | None,
        typer.Option(help="A C2SP tlog-policy to verify under, instead of the keys beside it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify evidence offline; exit 1 where it does not hold, saying what and where."""
    found = verify_files(path, policy=policy)
    said = Said(document=_verdict(found), lines=_words(found), code=DONE if found.holds else NO)
    say(said, as_json=as_json)
    raise typer.Exit(said.code)


@app.command("reveal")
def reveal(
    folder: Folder,
    index: Index,
    person: Annotated[
        str, typer.Option("--as", help="Who inspects: in the seat of oversight.")
    ],
    passphrase_file: PassFile = None,
) -> None:
    """Open one leaf to an inspector: salt and record, as JSON; the ledger says who had it."""
    found = open_leaf(
        folder,
        index,
        person=person_id(person),
        passphrase=passphrase_from(passphrase_file, folder),
    )
    document: Document = {
        "index": found.index,
        "type": found.type,
        "at": iso(found.at),
        "commitment": found.commitment.hex(),
        "salt": found.salt.hex(),
        "record": _base64(found.record),
    }
    lines = ["commitment = SHA-256(salt || record), the record in CBOR"]
    say(Said(document=document, lines=lines), as_json=True)


@reader_app.command("add")
def reader_add(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Who reads: org-oversight, a court.")],
    days: Annotated[int, typer.Option(help="How long the token is good, at most 366.")] = 90,
    as_json: Json = False,
) -> None:
    """Admit a reader of the entries and print its token, once; the node may run."""
    token, reader = admit_reader(folder, name, days=days)
    until = iso(Instant(reader.until))
    document: Document = {"name": name, "token": token, "until": until}
    say(Said(document=document, lines=[f"{name} may read until {until}"]), as_json=as_json)
    if not as_json:
        typer.echo(token)


@reader_app.command("list")
def reader_list(folder: Folder, as_json: Json = False) -> None:
    """List who may read the entries, and until when."""
    rows = [
        {
            "name": each.name,
            "since": iso(Instant(each.since)),
            "until": iso(Instant(each.until)),
        }
        for each in readers_of(folder)
    ]
    lines = [f"{row['name']}  until {row['until']}" for row in rows]
    say(Said(document={"readers": rows}, lines=lines or ["nobody"]), as_json=as_json)


@reader_app.command("revoke")
def reader_revoke(
    folder: Folder, name: Annotated[str, typer.Argument(help="Whose token ends.")]
) -> None:
    """Close the entries to a reader at once, also while the node runs."""
    revoke_reader(folder, name)


def _verdict(found: Verdict) -> Document:
    return {
        "ok": found.holds,
        "origin": found.origin,
        "size": found.size,
        "root": _base64(found.root),
        "read": found.read,
        "counts": dict(found.counts),
        "seen": list(found.seen),
        "told": found.told,
        "findings": [{"where": where, "what": what} for where, what in found.faults],
    }


def _words(found: Verdict) -> list[str]:
    if not found.holds:
        return [
            *(f"{where}: {what}" for where, what in found.faults),
            "does not hold",
        ]
    if found.told:
        return [*(f"signed both: {name}" for name in found.seen), found.told]
    return [
        *(f"signed by {name}" for name in found.seen),
        f"holds: {found.read} of {found.size} entries of {found.origin} verified",
    ]


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
