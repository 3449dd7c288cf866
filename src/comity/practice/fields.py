"""Bodies against their kinds: of a partner, of a form, and value by value for the law."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from comity.core import limits
from comity.core.cbor import Value
from comity.core.clock import from_iso
from comity.core.errors import InvalidInputError
from comity.message import Handling, Item, Urgency
from comity.practice.categories import FREE_TEXT, category
from comity.practice.machine import branch
from comity.practice.model import Field, Kind
from comity.practice.parts import hides_fields, tells_codes_alone
from comity.practice.sections import sections_of
from comity.practice.terms import VALUES, Need, Second, Type
from comity.practice.values import expected, fault, listed, normal

Body = Mapping[str, Value]
_DIGITS = 15
# Beyond this an integer typed by a person is not read at all: no field holds one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One field that does not hold, and what was expected; never the value itself."""

    field: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a form came to: a body, or every fault at once."""

    body: Body
    faults: tuple[Fault, ...] = ()


def parse_body(kind: Kind, value: Value) -> Body:
    """Check a partner's decoded body; unknown fields are kept, since they are signed.

    Raises `InvalidInputError` naming every field that does not hold and what was expected.
    """
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidInputError(f"a body of `{kind.name}` is a map of named fields")
    body = dict(cast("Body", value))
    if len(body) > limits.FIELDS:
        raise InvalidInputError(f"a body of `{kind.name}` has at most {limits.FIELDS} fields")
    if faults := _faults(kind, body):
        told = "; ".join(f"field `{each.field}`: expected {each.expected}" for each in faults)
        raise InvalidInputError(f"a body of `{kind.name}` does not hold: {told}")
    return body


def check_framed(kind: Kind, framed: Body) -> None:
    """Demand that a frame shown alone says only what its kind frames.

    Raises `InvalidInputError`: else a proof could carry words that nobody judged.
    """
    fields = {field.name: field for field in kind.fields if field.is_framed}
    for name, value in framed.items():
        if name not in fields or fault(fields[name], value):
            raise InvalidInputError(f"a frame of `{kind.name}` says more than its kind frames")


def from_form(
    kind: Kind,
    form: Mapping[str, str],
    *,
    attached: Mapping[str, Sequence[Value]] | None = None,
) -> Filled:
    """Read what a person wrote, field by field; an empty input is an absent field.

    Codes are parted by commas; an entity is written as `subject/schema` and
    `subject/properties/name`, one value a line, several as `entities/0/schema`; files come
    through `attached` as `attachment(…)` makes them.
    """
    body: dict[str, Value] = {}
    for field in kind.fields:
        value = _read(field, form)
        if value is not None:
            body[field.name] = value
    body = {**normal_body(kind, body)}
    body |= {name: list(files) for name, files in (attached or {}).items() if files}
    names = {field.name for field in kind.fields}
    given = {*(name.partition("/")[0] for name in form), *body}
    strange = [Fault(field=name[:80], expected="no such field") for name in given - names]
    faults = (*_faults(kind, body), *sorted(strange, key=lambda fault: fault.field))
    return Filled(body={} if faults else body, faults=faults)


def normal_body(kind: Kind, body: Body) -> Body:
    """Return an author's body with entity values in their normal form, as `parse_body` asks."""
    types = {field.name: field.type for field in kind.fields}
    changed = dict(body)
    for name, value in body.items():
        if types.get(name) is Type.ENTITY:
            changed[name] = normal(value)
        elif types.get(name) is Type.ENTITIES and listed(value) is not None:
            changed[name] = [normal(entity) for entity in listed(value) or ()]
    return changed


def items(kind: Kind, body: Body, handling: Handling) -> tuple[Item, ...]:
    """Return the values the law judges one by one, each with its data category.

    INVARIANT: whatever can carry meaning is an item: also a field, a member of an entity or of
    a file that no declaration knows, as free text.
    """
    found = _judged_fields(kind.fields, body)
    whole = [Item(path=path, category=code, handling=handling) for path, code in found]
    return (*whole, *_judged_sections(kind, body, handling))


def choice(kind: Kind, body: Body) -> str:
    """Return what a body chose in its kind's deciding field, or nothing."""
    value = body.get(kind.decides)
    return value if isinstance(value, str) else ""


def second(kind: Kind, body: Body) -> Second:
    """Return when this body needs a second person: the stricter of its kind and branch."""
    order = list(Second)
    return max(kind.second, branch(kind, choice(kind, body)).second, key=order.index)


def protects(kind: Kind, body: Body) -> bool:
    """Whether a body names only what its partner holds, and so needs no basis.

    A correction with a new value, or any field the declaration does not know, is a disclosure.
    """
    harmless = {field.name for field in kind.fields if field.type not in VALUES}
    is_harmless = kind.is_protective and body.keys() <= harmless
    return is_harmless and (kind.word != "withheld" or tells_codes_alone(body))


def urgency(body: Body) -> Urgency:
    """Return how soon an answer is asked: urgent exactly when a ground for it is stated."""
    return Urgency.URGENT if "urgency_ground" in body else Urgency.NORMAL


def _faults(kind: Kind, body: Body) -> tuple[Fault, ...]:
    chosen = branch(kind, choice(kind, body))
    faults: list[Fault] = []
    is_cut = hides_fields(body)
    for field in kind.fields:
        is_needed = field.need is Need.REQUIRED or field.name in chosen.required
        # What was kept back from this reader is not missing: its hash is there.
        is_needed = is_needed and (field.is_framed or not is_cut)
        if field.name not in body:
            wanted = expected(field) if is_needed else ""
        elif field.name in chosen.barred:
            wanted = f"nothing where `{kind.decides}` is `{chosen.choice}`"
        elif field.comes_with and field.comes_with not in body:
            wanted = f"`{field.comes_with}` beside it"
        else:
            wanted = fault(field, body[field.name])
        if wanted:
            faults.append(Fault(field=field.name, expected=wanted))
    return tuple(faults)


def _judged_fields(fields: Sequence[Field], body: Body) -> list[tuple[str, str]]:
    declared = {field.name: field for field in fields}
    return [
        pair
        for name, value in body.items()
        for pair in _judged(declared.get(name), name, value)
    ]


def _judged_sections(kind: Kind, body: Body, handling: Handling) -> list[Item]:
    """Judge each value of a section under the section's own marking."""
    found: list[Item] = []
    for field in (field for field in kind.fields if field.sections):
        types = {each.name: each.fields for each in field.sections}
        for index, section in enumerate(sections_of(kind.fields, body)):
            marking = handling.join(section.handling)
            at = f"{field.name}/{index}/body"
            found += [
                Item(path=f"{at}/{path}", category=code, handling=marking)
                for path, code in _judged_fields(types[section.name], section.body)
            ]
    return found


def _judged(field: Field | None, at: str, value: Value) -> list[tuple[str, str]]:
    if field is None:
        return [(at, FREE_TEXT)]
    match field.type:
        case Type.ENTITY:
            return _judged_entity(at, value)
        case Type.ENTITIES:
            each = enumerate(listed(value) or ())
            return [pair for i, one in each for pair in _judged_entity(f"{at}/{i}", one)]
        case Type.ATTACHMENTS:
            code = field.category or FREE_TEXT
            return [(f"{at}/{i}", code) for i, _ in enumerate(listed(value) or ())]
        case Type.TEXT | Type.LINE:
            return [(at, field.category or FREE_TEXT)]
        case _:
            return [(at, field.category)] if field.category else []


def _judged_entity(at: str, value: Value) -> list[tuple[str, str]]:
    entity = cast("Mapping[str, Value]", value)
    properties = cast("Mapping[str, Sequence[Value]]", entity["properties"])
    known = {"id", "schema", "properties"}
    return [
        *((f"{at}/{name}", FREE_TEXT) for name in entity if name not in known),
        *(
            (f"{at}/properties/{prop}/{i}", category(str(entity["schema"]), prop))
            for prop, values in properties.items()
            for i, _ in enumerate(values)
        ),
    ]


def _read(field: Field, form: Mapping[str, str]) -> Value:
    text = form.get(field.name, "").strip()
    match field.type:
        case Type.ENTITY:
            return _entity(field.name, form)
        case Type.ENTITIES:
            places = {name.split("/")[1] for name in form if name.startswith(f"{field.name}/")}
            found = (
                _entity(f"{field.name}/{place}", form)
                for place in sorted(places, key=_in_order)
            )
            return [entity for entity in found if entity is not None] or None
        case Type.SECTIONS:
            return _read_sections(field, form)
        case Type.ATTACHMENTS | Type.ACT | Type.NUMBERS:
            return None
        case _:
            return _READERS.get(field.type, str)(text.replace("\r\n", "\n")) if text else None


def _read_sections(field: Field, form: Mapping[str, str]) -> Value:
    """Read sections written as `sections/0/name`, `/handling`, `/audience`, `/body/text`."""
    places = {name.split("/")[1] for name in form if name.startswith(f"{field.name}/")}
    types = {each.name: each.fields for each in field.sections}
    found: list[Value] = []
    for place in sorted(places, key=_in_order):
        at = f"{field.name}/{place}"
        part = {name: form.get(f"{at}/{name}", "").strip() for name in _PART}
        head = f"{at}/body/"
        own = {
            name.removeprefix(head): text
            for name, text in form.items()
            if name.startswith(head)
        }
        values = ((each.name, _read(each, own)) for each in types.get(part["name"], ()))
        body: dict[str, Value] = {name: value for name, value in values if value is not None}
        audience = _codes(part.pop("audience"))
        if body:
            found.append({**part, "body": body, **({"audience": audience} if audience else {})})
    return found or None


def _in_order(place: str) -> tuple[int, str]:
    return len(place), place


def _entity(at: str, form: Mapping[str, str]) -> Value:
    head = f"{at}/properties/"
    lines = {
        name.removeprefix(head): [line.strip() for line in text.splitlines() if line.strip()]
        for name, text in form.items()
        if name.startswith(head)
    }
    schema, name = form.get(f"{at}/schema", "").strip(), form.get(f"{at}/id", "").strip()
    properties: dict[str, Value] = {prop: found for prop, found in lines.items() if found}
    if not (schema and properties):
        # A schema alone is a form's own choice, not yet an answer.
        return {} if properties else None
    entity: Body = {"id": name or at.replace("/", "-"), "schema": schema}
    return {**entity, "properties": properties}


def _instant(text: str) -> Value:
    try:
        return int(from_iso(text))
    except InvalidInputError:
        return text


def _whole(text: str) -> Value:
    is_short = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if is_short else text


def _codes(text: str) -> Value:
    return sorted({code.strip() for code in text.split(",") if code.strip()})


def _roster(text: str) -> Value:
    """Read `xa.border=lead, xn.police`: parties with their roles, parted by `+`."""
    found: dict[str, Value] = {}
    for each in text.split(","):
        party, _, roles = each.strip().partition("=")
        found[party] = sorted({role for role in roles.split("+") if role})
    return [{"party": party, "roles": found[party]} for party in sorted(found)]


_PART = ("name", "handling", "audience")
_READERS: Mapping[Type, Callable[[str], Value]] = {
    Type.CODES: lambda text: [code.strip() for code in text.split(",") if code.strip()],
    Type.DIGESTS: _codes,
    Type.PARTIES: _codes,
    Type.ROSTER: _roster,
    Type.FLAG: lambda text: {"yes": True, "no": False}.get(text, text),
    Type.INTEGER: _whole,
    Type.INSTANT: _instant,
}
