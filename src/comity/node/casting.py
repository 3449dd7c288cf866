"""Whom the demonstration asks about: a person of the shipped list, chosen by rule."""

from comity.core.clock import Instant
from comity.core.errors import StateError
from comity.core.ids import AgencyId
from comity.interop import Terms, import_un, sample_un
from comity.message import Grade, Handling


def listed_person() -> dict[str, object]:
    """Return the first listed person with a full birth date, the name turned around."""
    terms = Terms(
        dataset="un-sc",
        originator=AgencyId("xn.police"),
        grade=Grade(scale="europol-4x4", source="X", information="4"),
        handling=Handling(),
        basis="",
        purpose="",
        collected=Instant(0),
        retain_until=Instant(1),
        identify=lambda text: text,
    )
    (data,) = sample_un().files.values()
    known: dict[str, dict[str, str]] = {}
    for said in import_un(data, terms=terms).statements:
        person = known.setdefault(said.entity_id, {})
        if said.schema == "Person" and said.prop in {"name", "birthDate"}:
            person.setdefault(said.prop, said.value)
        whole = person.get("name", ""), person.get("birthDate", "")
        if " " in whole[0] and whole[0].isascii() and len(whole[1]) == len("1988-04-17"):
            first, *rest = whole[0].split()
            return {
                "id": "subject",
                "schema": "Person",
                "properties": {"name": [" ".join([*rest, first])], "birthDate": [whole[1]]},
            }
    raise StateError("the shipped list has no person with a full birth date")
