"""Forms of any kind of any practice: declared fields in, letters out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from comity.console.parts import Choice, Input
from comity.console.posted import posted
from comity.console.tongue import Tongue
from comity.console.visit import Visit
from comity.core.cbor import Value
from comity.core.ids import AgencyId, CaseId, agency_id
from comity.desk import Letter
from comity.message import handling
from comity.practice import (
    Field,
    Filled,
    Kind,
    Need,
    Practice,
    Type,
    attachment,
    branch,
    from_form,
)

MARKINGS = (
    "TLP:AMBER H1",
    "TLP:AMBER",
    "TLP:AMBER+STRICT H1",
    "TLP:GREEN",
    "TLP:RED H1",
    "TLP:CLEAR",
)
"""Markings offered; the law and the partner's terms still decide whether one will do."""
KNOWN_HERE = frozenset({"confirmation"})
"""Fields this node fills in from what it knows, whatever a form says."""
_SHORT, _LONG = 400, 4_000
_AS_LINES = frozenset({Type.PATH, Type.DIGEST, Type.DIGESTS, Type.PARTIES, Type.ROSTER})
"""Types that are written as one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form as it was sent in: what it came to, and everything typed, to show it again."""

    kind: Kind
    typed: Mapping[str, str]
    filled: Filled
    room: Mapping[str, int]
    """How many entities each field has room for."""


def read_draft(visit: Visit, kind: Kind) -> Draft:
    """Read what was posted for a kind; an added entity makes room for one more."""
    typed = posted(visit.posted)
    files: dict[str, list[Value]] = {}
    for upload in visit.uploads:
        value = attachment(upload.name, media=upload.media, content=upload.content)
        files.setdefault(upload.field.removeprefix("body."), []).append(value)
    known = {name: text for name, text in typed.items() if _field_of(name) not in files}
    filled = from_form(kind, {**known, **_known_here(kind, known)}, attached=files)
    room = {each.name: _places(typed, each.name) for each in kind.fields}
    added = visit.form("add").removeprefix("body.")
    return Draft(
        kind=kind,
        typed={key: value for key, value in visit.posted if key.startswith("body.")},
        filled=filled,
        room={name: count + (name == added) for name, count in room.items()},
    )


def blank(kind: Kind, typed: Mapping[str, str] | None = None) -> Draft:
    """Return a form nobody has filled in yet, or with what is known beforehand."""
    return Draft(kind=kind, typed=typed or {}, filled=Filled(body={}), room={})


def letter_of(visit: Visit, draft: Draft, facts: Mapping[str, bool | None]) -> Letter:
    """Make the letter that opens a case; raises `InvalidInputError`."""
    return Letter(
        kind=draft.kind.name,
        body=draft.filled.body,
        handling=handling(visit.form("marking")),
        recipient=agency_id(visit.form("partner")),
        purpose=visit.form("purpose"),
        facts=facts,
    )


def reply_of(
    visit: Visit, draft: Draft, facts: Mapping[str, bool | None], *, case: CaseId
) -> Letter:
    """Make a letter of a case that stands; raises `InvalidInputError`."""
    return Letter(
        kind=draft.kind.name,
        body=draft.filled.body,
        handling=handling(visit.form("letter.marking")),
        case=case,
        facts=facts,
    )


def inputs(
    draft: Draft,
    practice: Practice,
    said: Tongue,
    *,
    choices: Mapping[str, tuple[Choice, ...]] | None = None,
) -> tuple[Input, ...]:
    """Return the inputs of a form in the order its practice lays down, faults beside them."""
    faults = {fault.field: fault.expected for fault in draft.filled.faults}
    return tuple(
        given
        for field in _ordered(draft.kind, practice)
        if field.name not in KNOWN_HERE and field.type is not Type.ACT
        for given in _inputs(
            draft, field, said, (faults.get(field.name, ""), (choices or {}).get(field.name))
        )
    )


def faults(draft: Draft, said: Tongue) -> tuple[str, ...]:
    """Return each fault of a form as a sentence that begins with the field's words."""
    return tuple(
        f"{said.field(draft.kind, each.field)}: {each.expected}" for each in draft.filled.faults
    )


def markings(chosen: str) -> tuple[Choice, ...]:
    """Return the markings on offer."""
    return tuple(
        Choice(value=text, label=text, is_chosen=text == (chosen or MARKINGS[0]))
        for text in MARKINGS
    )


def marking_input(visit: Visit) -> Input:
    """Return the marking of a letter as one input."""
    return Input(
        field=Field(name="marking", type=Type.CODE, need=Need.REQUIRED, choices=MARKINGS),
        label=visit.said.say("act.marking"),
        value="",
        choices=markings(visit.form("letter.marking")),
        prefix="letter",
    )


def agency_of(text: str) -> AgencyId | None:
    """Return the agency a choice names, if it names one."""
    return agency_id(text) if text else None


def _inputs(
    draft: Draft,
    field: Field,
    said: Tongue,
    beside: tuple[str, tuple[Choice, ...] | None],
) -> Iterable[Input]:
    """Give the inputs of one field; each section a kind may have is filled in once."""
    if field.type is not Type.SECTIONS:
        yield _input(draft, field, said, beside)
        return
    for index, section in enumerate(field.sections):
        at = f"{field.name}/{index}"
        head = (
            Field(name=f"{at}/name", type=Type.CODE, choices=(section.name,)),
            Field(name=f"{at}/handling", type=Type.CODE, choices=MARKINGS),
            Field(name=f"{at}/audience", type=Type.PARTIES, limit=_SHORT),
        )
        body = (each for each in section.fields if each.type is not Type.ENTITY)
        parts = (replace(each, name=f"{at}/body/{each.name}") for each in body)
        for part in (*head, *parts):
            given = _input(draft, replace(part, need=Need.OPTIONAL), said, ("", None))
            word = said.section(draft.kind, section.name, part.name.rpartition("/")[2])
            yield replace(given, label=word, error=beside[0] if part is head[0] else "")


def _input(
    draft: Draft,
    field: Field,
    said: Tongue,
    beside: tuple[str, tuple[Choice, ...] | None],
) -> Input:
    error, choices = beside
    shown = _drawn(field, choices)
    name = f"body.{field.name}"
    typed = {key: value for key, value in draft.typed.items() if key.startswith(name)}
    codes = tuple(
        Choice(
            value=code,
            label=said.field(draft.kind, field.name, code),
            note=field.cites.get(code, ""),
        )
        for code in field.choices
    )
    return Input(
        field=shown,
        label=said.field(draft.kind, field.name),
        help=said.entries.get(f"help.{field.name}", ""),
        value=typed.get(name, typed.get(f"{name}@utc", "")),
        choices=choices or codes,
        error=error,
        given=typed,
        count=max(1, draft.room.get(field.name, 1)),
    )


def _drawn(field: Field, choices: tuple[Choice, ...] | None) -> Field:
    """Return the field as a person fills it: what has choices is chosen, codes are listed."""
    if choices is not None:
        return replace(field, type=Type.CODE, choices=tuple(each.value for each in choices))
    if field.type in {Type.CODE, Type.CODES} and not field.choices:
        return replace(field, type=Type.LINE, limit=_SHORT)
    if field.type in _AS_LINES:
        return replace(field, type=Type.LINE, limit=_LONG)
    return field


def _ordered(kind: Kind, practice: Practice) -> Iterable[Field]:
    fields = {field.name: field for field in kind.fields}
    laid = next((form.groups for form in practice.forms if form.kind == kind.name), ())
    names = [name for group in laid for name in group if name in fields]
    return [fields[name] for name in dict.fromkeys([*names, *fields])]


def _known_here(kind: Kind, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Say what a form does not: one person wrote it; the desk says who else stands for it."""
    wanted = branch(kind, typed.get(kind.decides, "")).required & KNOWN_HERE
    return dict.fromkeys(wanted, "one-person")


def _field_of(name: str) -> str:
    return name.partition("/")[0]


def _places(typed: Mapping[str, str], name: str) -> int:
    found = {
        key.split("/")[1]
        for key in typed
        if key.startswith(f"{name}/") and key.split("/")[1].isdigit()
    }
    return max(1, len(found))
