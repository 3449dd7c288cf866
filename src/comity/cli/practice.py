"""One group of commands for each practice, generated from its declaration.

`new`, `list` and `show` come with every practice, and one command for each kind, by its word.
"""

import base64
import json
import mimetypes
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter
from pathlib import Path
from typing import cast

import typer

from comity.cli.client import Client, OpenNode
from comity.cli.command import (
    WHO,
    Command,
    Given,
    Run,
    add_command,
    argument,
    option,
    repeated,
    switch,
)
from comity.cli.say import DONE, NO, Document, Json, Said, at, listed, texts, within
from comity.cli.subject import SUBJECT, is_large, read_file, subjects_of
from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.practice import BY_CLOCK, Field, Kind, Need, Practice, Side, Type, kinds

_ENTITIES = frozenset({Type.ENTITY, Type.ENTITIES})
_FACT = {"yes": True, "no": False, "unknown": None}
ADDRESS = (
    option("case", "--case", "The case it belongs to."),
    option("to", "--to", "The partner, for a first letter."),
    option("purpose", "--purpose", "What it is for, for a first letter."),
    option("marking", "--marking", "How far it may travel.", default="TLP:AMBER"),
    repeated("told", "--fact", "An answer to the law: NAME=yes|no|unknown."),
    switch("preview", "--preview", "Say what the law says, and send nothing."),
)
_RESERVED = frozenset(parameter.name for parameter in (*ADDRESS, *WHO, *SUBJECT)) | {
    "as",
    "fact",
    "help",
    "id",
    "json",
}


def add_practices(
    app: typer.Typer, practices: Iterable[Practice], *, open_node: OpenNode
) -> None:
    """Add one group for each practice."""
    for practice in practices:
        group = typer.Typer(
            help=f"What partners do with {practice.name}.", no_args_is_help=True
        )
        for command in commands(practice):
            add_command(group, command, open_node=open_node)
        app.add_typer(group, name=practice.command)


def commands(practice: Practice) -> tuple[Command, ...]:
    """Return a practice's commands; a kind's own word comes before the general ones."""
    own = {
        kind.called: _of_kind(practice, kind, word=kind.called)
        for kind in kinds(practice)
        if kind.word not in BY_CLOCK
    }
    return (*{**_general(practice), **own}.values(),)


def _general(practice: Practice) -> dict[str, Command]:
    head = f"comity {practice.command}"
    found = {
        "list": Command(
            word="list",
            about="List the cases of one view: to-do, mine, second, waiting or closed.",
            example=f"{head} list --view waiting --json",
            parameters=(option("view", "--view", "Which list.", default="to-do"),),
            run=lambda given: list_cases(given, practice=practice.name),
        ),
        "show": Command(
            word="show",
            about="Show a case: where it stands, what happened, what may be done.",
            example=f"{head} show 2026-2d3400e7b6",
            parameters=(argument("case", "The case's reference."),),
            run=show_case,
        ),
    }
    first = next((kind for kind in practice.kinds if _opens(practice, kind)), None)
    if first is not None:
        found["new"] = _of_kind(practice, first, word="new")
    for kind in practice.kinds:
        if any(branch.choice == "refused" for branch in kind.branches):
            found["refuse"] = _of_kind(practice, kind, word="refuse", choice="refused")
    return found


def _opens(practice: Practice, kind: Kind) -> bool:
    return any(
        step.before == practice.initial and step.kind == kind.name and step.by is not Side.ASKED
        for step in practice.steps
    )


def _of_kind(practice: Practice, kind: Kind, *, word: str = "", choice: str = "") -> Command:
    fields = tuple(
        field
        for field in kind.fields
        if field.type is not Type.ACT and (not choice or field.name != kind.decides)
    )
    name = word or kind.word
    return Command(
        word=name,
        about=f"Send `{kind.name}`; the law is asked first, and says why.",
        example=_example(practice, fields, word=name, opens=_opens(practice, kind)),
        parameters=parameters(fields),
        run=_sends(kind, fields, choice=choice),
    )


def parameters(fields: Sequence[Field]) -> tuple[Parameter, ...]:
    """Return the options of a kind's fields, and of what every letter needs."""
    has_entity = any(field.type in _ENTITIES for field in fields)
    own = (_option(field) for field in fields if field.type not in _ENTITIES)
    return (*own, *(SUBJECT if has_entity else ()), *ADDRESS)


def _option(field: Field) -> Parameter:
    name, flag = own_name(field), f"--{own_name(field).replace('_', '-')}"
    needed = "Needed. " if field.need is Need.REQUIRED else ""
    words = f"One of {', '.join(field.choices)}." if field.choices else _ABOUT[field.type]
    if field.type in _REPEATED:
        return repeated(name, flag, needed + words)
    if field.type is Type.FLAG:
        return switch(name, f"{flag}/--no-{flag.removeprefix('--')}", needed + words)
    return option(name, flag, needed + words)


_ABOUT = {
    Type.TEXT: "Text.",
    Type.LINE: "One line of text.",
    Type.CODE: "A code.",
    Type.CODES: "A code; repeat it for more.",
    Type.FLAG: "Yes or no.",
    Type.INTEGER: "A whole number.",
    Type.INSTANT: "A time like 2026-11-23T14:02:00Z.",
    Type.REFERENCE: "The id of a message, 32 hex digits.",
    Type.PATH: "A place like entities/0/properties/birthDate/0.",
    Type.ATTACHMENTS: "A file to send along; repeat it for more.",
    Type.DIGEST: "The digest of an act, 64 hex digits.",
    Type.DIGESTS: "The digest of an act; repeat it for more.",
    Type.PARTIES: "A party like xa.border; repeat it for more.",
    Type.ROSTER: "A party with its roles, `xn.police=lead+host`; repeat it for each.",
    Type.SECTIONS: "A JSON file of one section: name, handling, audience, body; repeat it.",
}
_REPEATED = frozenset(
    {Type.CODES, Type.ATTACHMENTS, Type.DIGESTS, Type.PARTIES, Type.ROSTER, Type.SECTIONS}
)


def own_name(field: Field) -> str:
    """Name a field's option; where every letter has one of that name, it is `field-…`."""
    return f"field_{field.name}" if field.name in _RESERVED else field.name


def _sends(kind: Kind, fields: Sequence[Field], *, choice: str) -> Run:
    def run(given: Given) -> Said:
        body = body_of(fields, given)
        chosen: Document = {kind.decides: choice} if choice else {}
        return send(given, kind.name, body={**body, **chosen})

    return run


def body_of(fields: Sequence[Field], given: Given) -> Document:
    """Return the body typed; the node checks it field by field."""
    subjects = subjects_of(given) if any(field.type in _ENTITIES for field in fields) else []
    body: dict[str, Json] = {}
    for field in fields:
        value = _value(field, given, subjects)
        if value not in ("", None, []):
            body[field.name] = value
    return body


def _value(field: Field, given: Given, subjects: Sequence[Document]) -> Json:
    name = own_name(field)
    if field.type in _FROM_TEXTS:
        return [_FROM_TEXTS[field.type](text, given.client) for text in given.texts(name)]
    match field.type:
        case Type.ENTITY | Type.ENTITIES:
            found = list(subjects)
            return found if field.type is Type.ENTITIES or not found else found[0]
        case Type.CODES | Type.DIGESTS | Type.PARTIES:
            return list(given.texts(name))
        case Type.FLAG:
            return None if given.values.get(name) is None else bool(given.values[name])
        case Type.INTEGER:
            return whole(given.text(name), name)
        case _:
            return given.text(name)


def _party(text: str) -> Document:
    party, _, roles = text.partition("=")
    listed: list[Json] = [*sorted({role for role in roles.split("+") if role})]
    return {"party": party, "roles": listed}


def _section(path: Path) -> Document:
    """Read one section from a file; raises `InvalidInputError` where it is no JSON object."""
    try:
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"`{path.name}` is no JSON object") from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"`{path.name}` is no JSON object")
    return cast("Document", found)


_FROM_TEXTS: Mapping[Type, Callable[[str, Client], Json]] = {
    Type.ROSTER: lambda text, _: _party(text),
    Type.SECTIONS: lambda path, _: _section(Path(path)),
    Type.ATTACHMENTS: lambda path, client: attached(Path(path), client),
}


def whole(text: str, name: str) -> int | None:
    """Read a whole number, if one was typed; raises `InvalidInputError`."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInputError(f"`--{name.replace('_', '-')}` is a whole number")
    return int(text[:20])


def attached(path: Path, client: Client) -> Document:
    """Read a file to send along, or bring a large one to the node first.

    Raises `InvalidInputError`.
    """
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if is_large(path):
        query = {"name": path.name, "media": media}
        with path.open("rb") as file:
            brought = client.put("files", query=query, file=file)
        return {**query, "file": at(brought, "file")}
    data = read_file(path, limit=limits.ATTACHMENT)
    return {
        "name": path.name,
        "media": media,
        "content": base64.b64encode(data).decode("ascii"),
    }


def facts_of(given: Given) -> Document:
    """Read `NAME=yes|no|unknown`; raises `InvalidInputError`."""
    found: dict[str, Json] = {}
    for typed in given.texts("told"):
        name, _, answer = typed.partition("=")
        if answer not in _FACT:
            raise InvalidInputError(f"`--fact` is NAME=yes|no|unknown, got `{typed[:80]}`")
        found[name] = _FACT[answer]
    return found


def send(given: Given, kind: str, *, body: Document) -> Said:
    """Send a letter, or show what the law says of it."""
    letter: dict[str, Json] = {
        "kind": kind,
        "body": body,
        "handling": given.text("marking"),
        "facts": facts_of(given),
        "purpose": given.text("purpose"),
        "case": given.text("case") or None,
        "recipient": given.text("to") or None,
    }
    if given.values["preview"]:
        found = given.client.post("letters", "preview", body=letter)
        return Said(document=found, lines=texts(within(found, "decision"), "lines"))
    return outcome(given.client.post("letters", body=letter))


def outcome(found: Document) -> Said:
    """Say what became of a letter: only one that was not sent is a *no*."""
    case, decision = at(found, "case"), within(found, "decision")
    match at(found, "outcome"):
        case "sent" if at(found, "act"):
            lines = [f"done in case {case}: act {at(found, 'act')}"]
            return Said(document=found, lines=lines)
        case "sent":
            lines = [f"sent in case {case}: message {at(found, 'mid')}"]
            return Said(document=found, lines=lines)
        case "awaits-second":
            lines = [
                f"waits for a second person in case {case}: {at(found, 'pending')}",
                f"they confirm it with: comity case confirm {at(found, 'pending')}",
            ]
            return Said(document=found, lines=lines)
        case "awaits-key":
            lines = [
                f"waits for the partner's new key in case {case}: {at(found, 'reference')}",
                "nothing is lost; it goes by itself once that key has come",
            ]
            return Said(document=found, lines=lines)
        case other:
            lines = [f"not sent, {other}: {at(found, 'reference')}", *texts(decision, "lines")]
            return Said(document=found, lines=lines, code=NO)


def list_cases(given: Given, *, practice: str = "") -> Said:
    """List the cases of one view, of one practice or of all."""
    found = given.client.get("cases", query={"view": given.text("view")})
    shown = [each for each in listed(found, "cases") if practice in {"", at(each, "practice")}]
    lines = [
        f"{at(each, 'case')}  {at(each, 'partner')}  {at(each, 'kind')}  {at(each, 'state')}"
        f"  due {at(each, 'due') or '-'}{'  unread' if each.get('is_unread') else ''}"
        for each in shown
    ]
    return Said(document={**found, "cases": shown}, lines=lines or ["nothing here"], code=DONE)


def _where(message: Document) -> str:
    """Say since when the partner holds a message, or in which state it is while nobody does."""
    stored = at(message, "stored")
    return f"stored {stored}" if stored else at(message, "state")


def show_case(given: Given) -> Said:
    """Show one case."""
    found = given.client.get("cases", given.text("case"))
    head = f"{at(found, 'case')}  {at(found, 'partner')}  {at(found, 'state')}"
    messages = [
        f"  {at(each, 'mid')}  {at(each, 'kind')}"
        f"  {'ours' if each.get('is_ours') else 'theirs'}"
        f"  {_where(each)}  seen {at(each, 'seen') or '-'}"
        for each in listed(found, "messages")
    ]
    return Said(
        document=found,
        lines=[
            head,
            *messages,
            f"you may send: {', '.join(texts(found, 'acts')) or 'nothing'}",
        ],
    )


def _example(practice: Practice, fields: Sequence[Field], *, word: str, opens: bool) -> str:
    where = "--to xa.border --purpose counter-terrorism" if opens else "--case 2026-2d3400e7b6"
    needed = " ".join(
        f"--{own_name(field).replace('_', '-')} {_typed(field)}"
        for field in fields
        if field.need is Need.REQUIRED and field.type not in _ENTITIES
    )
    parts = ("comity", practice.command, word, needed, where)
    return " ".join(part for part in parts if part)


def _typed(field: Field) -> str:
    if field.choices:
        return field.choices[0]
    samples = {
        Type.REFERENCE: "0123456789abcdef0123456789abcdef",
        Type.INSTANT: "2026-11-23T14:02:00Z",
        Type.INTEGER: "1",
        Type.PATH: "entities/0/properties/name/0",
    }
    return samples.get(field.type, "'…'")
