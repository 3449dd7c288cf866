"""`comity node …` and `comity person …`: make a node, let it join, serve it, check it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.backing import add_backing
from comity.cli.keys import app as keys_app
from comity.cli.passphrase import PassFile, passphrase_from
from comity.cli.upkeep import add_upkeep
from comity.core.clock import iso
from comity.core.errors import InvalidInputError
from comity.core.ids import CaseId, person_id
from comity.node.beginning import begin_node, identity, request_of
from comity.node.checking import check_node
from comity.node.config import SORTS, Config, address, read_config
from comity.node.membership import admin_of, join_network, self_of
from comity.node.office import open_office
from comity.node.parting import read_part
from comity.node.processing import markdown, processing_of
from comity.node.serving import serve_node
from comity.node.settings import Keys
from comity.trust import Contact, Seat

_SEATS = tuple(seat.value for seat in Seat)
app = typer.Typer(help="Make, join, serve and check a node.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
add_backing(app)
add_upkeep(app)
person_app = typer.Typer(help="Persons and seats of a node's folder.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The node's folder.", metavar="DIR")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("init")
def init(
    folder: Folder,
    name: Annotated[str, typer.Option(help="What people call it: `Norland National Bureau`.")],
    member: Annotated[str, typer.Option(help="The member's code: `xn`, `org-interpol`.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(SORTS)}.")],
    url: Annotated[str, typer.Option(help="What partners call: http://127.0.0.1:8701.")],
    admin: Annotated[
        str, typer.Option(help="Name of the first person, who enrols the others.")
    ],
    console: Annotated[
        str, typer.Option(help="What its own people call; by default the next port.")
    ] = "",
    apart: Annotated[
        str, typer.Option(help="A folder on another medium for the keys of the week.")
    ] = "",
    module: Annotated[
        str, typer.Option("--pkcs11", help="The PKCS#11 library of a key device.")
    ] = "",
    token: Annotated[str, typer.Option(help="The label of the device's token.")] = "",
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Make a node: its keys, its ledger, its law, and its first person."""
    parsed, agency, node = identity(member, kind)
    config = Config(
        name=name,
        member=parsed,
        agency=agency,
        node=node,
        sort=kind,
        url=url,
        console=console or _next_port(url),
        keys=Keys(apart=apart, module=module, token=token),
    )
    words = passphrase_from(passphrase_file)
    begun = begin_node(folder, config, admin=admin, passphrase=words)
    if words is None:
        sys.stderr.write(
            "warning: without --passphrase-file the master key lies in clear beside the data;"
            " right for a first try, unfit for service\n"
        )
    said = {"node": node, "agency": agency, "admin": begun.admin, "sign_in": begun.sign_in}
    if as_json:
        sys.stdout.write(json.dumps(said) + "\n")
        return
    sys.stdout.write(
        f"{name} is node {node}.\n"
        f"First person (admin): {begun.admin}\n"
        f"Sign in within 15 minutes, once `comity node serve {folder}` runs:\n"
        f"  {begun.sign_in}\n"
        f"Next: comity node request {folder} > join.cbor\n"
    )


@app.command("request")
def request(
    folder: Folder,
    telephone: Annotated[str, typer.Option(help="Of the person on duty.")] = "",
    hours: Annotated[str, typer.Option(help="When somebody answers: `24/7`.")] = "24/7",
    languages: Annotated[str, typer.Option(help="Parted by commas: `en,fr`.")] = "en",
    passphrase_file: PassFile = None,
) -> None:
    """Write this node's request to join a network to standard output."""
    contact = Contact(
        telephone=telephone,
        hours=hours,
        languages=tuple(word.strip() for word in languages.split(",") if word.strip()),
    )
    words = passphrase_from(passphrase_file, folder)
    sys.stdout.buffer.write(request_of(folder, contact, passphrase=words))


@app.command("join")
def join(
    folder: Folder,
    mirror: Annotated[
        str, typer.Option(help="Where the directory is published: URL or folder.")
    ],
    root: Annotated[
        str, typer.Option(help="SHA-256 of root version 1, told to you out of band.")
    ] = "",
) -> None:
    """Pin a network's root and fetch its directory."""
    # A folder is remembered whole, so that the node may be served from anywhere.
    place = mirror if "://" in mirror else str(Path(mirror).resolve())
    directory = join_network(folder, mirror=place, root_digest=root)
    sys.stdout.write(
        f"joined federation {directory.federation}: {len(directory.members())} members,"
        f" {len(directory.nodes())} nodes, directory version {directory.version}\n"
    )


@app.command("serve")
def serve(
    folder: Folder,
    publish: Annotated[
        Path | None, typer.Option(help="A network folder whose directory this node publishes.")
    ] = None,
    load: Annotated[
        list[str] | None,
        typer.Option(help="A shipped list to load for demonstration: un-sc, ofac-sdn."),
    ] = None,
    role: Annotated[
        str,
        typer.Option(
            help="`web` or `worker`: one of several processes over a PostgreSQL store."
        ),
    ] = "all",
    instance: Annotated[
        str, typer.Option(help="Which of several processes in a role this is: 1, 2 …")
    ] = "1",
    passphrase_file: PassFile = None,
) -> None:
    """Serve a node until it is told to stop: partners on one address, its people on another."""
    words, config = passphrase_from(passphrase_file, folder), read_config(folder)
    part = read_part(role, instance)
    sys.stderr.write(
        f"starting {config.node}: partners at {config.url}, its people at {config.console};"
        " Ctrl-C ends it\n"
    )
    shown = tuple(load or ())
    serve_node(folder, passphrase=words, publish=publish, load=shown, part=part)


@app.command("check")
def check(
    folder: Folder,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Say in words what is wrong with a node; exit 1 if anything is."""
    found = check_node(folder, passphrase=passphrase_from(passphrase_file, folder))
    if as_json:
        told = [{"code": each.code, "fault": each.fault, "do": each.do} for each in found]
        said = {"ok": not found, "faults": [each.fault for each in found], "findings": told}
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        lines = (f"- {each.fault}\n  to do: {each.do}\n" for each in found)
        sys.stdout.write("".join(lines) or "nothing wrong found\n")
    raise typer.Exit(1 if found else 0)


@app.command("register")
def register(
    folder: Folder,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Write the record of processing a supervisor asks for (LED art. 24, GDPR art. 30).

    Exit 1 where only the controller can say what is missing.
    """
    record = processing_of(folder, passphrase=passphrase_from(passphrase_file, folder))
    is_whole = not any(each.missing for each in record.entries)
    if as_json:
        entries = [asdict(each) for each in record.entries]
        said = {"node": record.node, "at": iso(record.at), "entries": entries}
        sys.stdout.write(json.dumps({**said, "is_whole": is_whole}) + "\n")
    else:
        sys.stdout.write(markdown(record))
    raise typer.Exit(0 if is_whole else 1)


@person_app.command("add")
def person_add(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The person's name.")],
    seat: Annotated[
        str, typer.Option(help="A seat to give at once: officer, supervisor …")
    ] = "",
    admin: Annotated[
        str, typer.Option("--as", help="The admin who enrols; else the first.")
    ] = "",
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """Enrol a person at the machine itself and print a one-time sign-in link."""
    if seat and seat not in _SEATS:
        raise InvalidInputError(f"unknown seat `{seat[:40]}`, expected {', '.join(_SEATS)}")
    office = open_office(folder, passphrase=passphrase_from(passphrase_file, folder))
    try:
        actor = admin_of(office, admin)
        person = office.desk.people.enrol(actor, name)
        if seat:
            office.desk.people.grant(actor, person, seat)
        link = f"{office.config.console}/sign-in?token={office.desk.people.link(actor, person)}"
    finally:
        office.close()
    if as_json:
        sys.stdout.write(json.dumps({"person": person, "sign_in": link}) + "\n")
    else:
        sys.stdout.write(f"{person}\nsign in within 15 minutes: {link}\n")


@person_app.command("list")
def person_list(
    folder: Folder,
    passphrase_file: PassFile = None,
    as_json: Json = False,
) -> None:
    """List persons and their seats."""
    office = open_office(folder, passphrase=passphrase_from(passphrase_file, folder))
    try:
        people = office.desk.people.everyone(admin_of(office, ""))
    finally:
        office.close()
    rows = [
        {
            "person": each.person,
            "name": each.name,
            "seats": sorted({seat.seat for seat in each.seats if seat.until is None}),
            "disabled": each.is_disabled,
        }
        for each in people
    ]
    if as_json:
        sys.stdout.write(json.dumps({"persons": rows}) + "\n")
        return
    for row in rows:
        held = row["seats"]
        seats = ", ".join(held) if isinstance(held, list) and held else "no seat"
        sys.stdout.write(f"{row['person']}  {row['name']}  {seats}\n")


@person_app.command("seat")
def person_seat(
    folder: Folder,
    person: Annotated[str, typer.Argument(help="The person's id.")],
    seat: Annotated[str, typer.Argument(help="officer, analyst, supervisor, legal, rights …")],
    end: Annotated[bool, typer.Option("--end", help="Take it away.")] = False,
    passphrase_file: PassFile = None,
) -> None:
    """Give a seat, or take it away with --end."""
    office = open_office(folder, passphrase=passphrase_from(passphrase_file, folder))
    try:
        actor = admin_of(office, "")
        act = office.desk.people.end if end else office.desk.people.grant
        act(actor, person_id(person), seat)
    finally:
        office.close()


@person_app.command("token")
def person_token(
    folder: Folder,
    person: Annotated[str, typer.Argument(help="The person's id.")],
    purpose: Annotated[str, typer.Option(help="The one purpose it is bound to.")],
    days: Annotated[int, typer.Option(help="How long it is good, at most 366.")] = 30,
    case: Annotated[str, typer.Option(help="The one case it is bound to, if any.")] = "",
    system: Annotated[
        str, typer.Option(help="The system that holds it, under an agreement.")
    ] = "",
    passphrase_file: PassFile = None,
) -> None:
    """Print a token for programs, bound to one purpose; shown once.

    With --system it is the key of a system, which is given scores; a supervisor makes it.
    """
    office = open_office(folder, passphrase=passphrase_from(passphrase_file, folder))
    try:
        token = office.desk.people.token(
            self_of(office, person_id(person)),
            purpose=purpose,
            case=CaseId(case) if case else None,
            days=days,
            system=system,
        )
    finally:
        office.close()
    sys.stdout.write(token + "\n")


@person_app.command("system")
def person_system(
    folder: Folder,
    person: Annotated[str, typer.Argument(help="The legal adviser or rights officer.")],
    system: Annotated[str, typer.Argument(help="The system's name, such as border-1.")],
    agreement: Annotated[str, typer.Option(help="Where the agreement is found.")] = "",
    days: Annotated[int, typer.Option(help="How long it stands, at most 366.")] = 366,
    end: Annotated[bool, typer.Option("--end", help="End it, and every key under it.")] = False,
    passphrase_file: PassFile = None,
) -> None:
    """State that in a system a person judges each candidate, so that it may be given scores."""
    office = open_office(folder, passphrase=passphrase_from(passphrase_file, folder))
    try:
        actor = self_of(office, person_id(person))
        if end:
            office.desk.systems.end(actor, system)
        else:
            office.desk.systems.agree(actor, system, agreement=agreement, days=days)
    finally:
        office.close()


@person_app.command("disable")
def person_disable(
    folder: Folder,
    person: Annotated[str, typer.Argument(help="The person's id.")],
    passphrase_file: PassFile = None,
) -> None:
    """Close a person's account; open tasks go back to the seat."""
    words = passphrase_from(passphrase_file, folder)
    # Closing protects and shows nothing: after a restore it need not wait until it is whole.
    office = open_office(folder, passphrase=words, before_whole=True)
    try:
        moved = office.desk.people.disable(admin_of(office, ""), person_id(person))
    finally:
        office.close()
    for each in moved:
        to = ", ".join(each.to) or "nobody: the seat is vacant"
        sys.stdout.write(f"open tasks of {each.seat.value} go to {to}\n")


def _next_port(url: str) -> str:
    host, port = address(url)
    return f"http://{host}:{port + 1}"
