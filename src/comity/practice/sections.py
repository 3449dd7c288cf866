"""Sections: parts of one body, each with its own marking and audience."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from comity.core import limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, MemberId, agency_id, member_of
from comity.message import Handling, handling
from comity.practice.frame import as_list, as_map
from comity.practice.model import Field, SectionType

FIRST_PLACE = 2
"""The leaf of the first section: the frame and the other fields come before it."""
LAST_PLACE = FIRST_PLACE + limits.SECTIONS - 1
Fault: TypeAlias = Callable[[Field, Value], str]
_KNOWN = {"name", "handling", "audience", "body", "place"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section as its author wrote it; an empty audience means every party."""

    name: str
    handling: Handling
    audience: frozenset[AgencyId]
    body: Mapping[str, Value]
    place: int
    """Its leaf."""
    plain: Mapping[str, Value]
    """What its leaf covers: everything but the place."""

    def reaches(self, party: AgencyId) -> bool:
        """Whether audience and marking let a party have it."""
        is_meant = not self.audience or party in self.audience
        return is_meant and self.handling.reaches(member_of(party))


def sections_of(kind_fields: Sequence[Field], body: Mapping[str, Value]) -> tuple[Section, ...]:
    """Read the sections of a body that holds; places follow their order where none is told."""
    names = [field.name for field in kind_fields if field.sections]
    listed = as_list(body.get(names[0])) if names else ()
    return tuple(
        read_section(each, place=FIRST_PLACE + index) for index, each in enumerate(listed)
    )


def read_section(value: Value, *, place: int) -> Section:
    """Read one section; raises `InvalidInputError` where its marking or audience is none."""
    part = as_map(value)
    told = part.get("place", place)
    audience = cast("Sequence[str]", part.get("audience", ()))
    return Section(
        name=str(part["name"]),
        handling=handling(str(part["handling"])),
        audience=frozenset(agency_id(party) for party in audience),
        body=cast("Mapping[str, Value]", part["body"]),
        place=int(str(told)),
        plain={name: each for name, each in part.items() if name != "place"},
    )


def section_fault(field: Field, value: Value, fault: Fault) -> str:
    """Say what was expected of a list of sections, or nothing where it holds."""
    listed = as_list(value)
    if not 1 <= len(listed) <= min(field.limit, limits.SECTIONS):
        return f"1 to {min(field.limit, limits.SECTIONS)} sections"
    places = [_place(each, FIRST_PLACE + index) for index, each in enumerate(listed)]
    if (
        places != sorted(set(places))
        or not FIRST_PLACE <= places[0] <= places[-1] <= LAST_PLACE
    ):
        return "sections in their order, each in a place of its own"
    told = (_fault_of(each, field.sections, fault) for each in listed)
    return next((text for text in told if text), "")


def _place(value: Value, otherwise: int) -> int:
    place = as_map(value).get("place", otherwise)
    return place if isinstance(place, int) and not isinstance(place, bool) else -1


def _fault_of(value: Value, types: Sequence[SectionType], fault: Fault) -> str:
    part = as_map(value)
    known = {each.name: each for each in types}
    kind = known.get(str(part.get("name")))
    body = part.get("body")
    if kind is None or not isinstance(body, Mapping) or not part.keys() <= _KNOWN:
        return f"sections named {', '.join(sorted(known))}, each with `handling` and `body`"
    return _bad_terms(part) or _bad_body(kind, cast("Mapping[str, Value]", body), fault)


def _bad_terms(part: Mapping[str, Value]) -> str:
    audience = part.get("audience", ("xa.any",))
    listed = as_list(audience)
    try:
        handling(str(part.get("handling")))
        names = [agency_id(str(party)) for party in listed]
    except InvalidInputError as error:
        return f"a marking and an audience of parties: {error}"
    is_set = bool(names) and names == sorted(set(names)) and len(names) <= limits.PARTIES
    return "" if is_set else "an audience of different parties, in order"


def _bad_body(kind: SectionType, body: Mapping[str, Value], fault: Fault) -> str:
    fields = {field.name: field for field in kind.fields}
    if body.keys() - fields.keys():
        return f"no other field in `{kind.name}` than {', '.join(fields)}"
    for name, field in fields.items():
        if name not in body:
            if field.need.value == "required":
                return f"`{name}` in `{kind.name}`"
        elif told := fault(field, body[name]):
            return f"`{name}` in `{kind.name}`: {told}"
    return ""


def members_named(sections: Sequence[Section]) -> frozenset[MemberId]:
    """Return every member that a section's release list or audience names."""
    lists = (each.handling.releasable or frozenset[MemberId]() for each in sections)
    audiences = frozenset(member_of(party) for each in sections for party in each.audience)
    return audiences.union(*lists)
