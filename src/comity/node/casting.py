"""Whom the demonstration asks about: a person of the shipped list, chosen by rule."""

from comity.core.clock import Instant
from comity.core.errors import StateError
from comity.core.ids import AgencyId
from comity.interop import Terms, import_un, sample_un
from comity.message import Grade, Handling


def listed_person(place: int = 0) -> dict[str, object]:
    """Return a listed person with a full birth date, counted from 0, the name turned around."""
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
    whole: dict[str, tuple[str, str]] = {}
    for said in import_un(data, terms=terms).statements:
        person = known.setdefault(said.entity_id, {})
        if said.schema == "Person" and said.prop in {"name", "birthDate"}:
            person.setdefault(said.prop, said.value)
        name, born = person.get("name", ""), person.get("birthDate", "")
        if " " in name and name.isascii() and len(born) == len("1988-04-17"):
            whole.setdefault(said.entity_id, (name, born))
        if len(whole) > place:
            name, born = list(whole.values())[place]
            first, *rest = name.split()
            return {
                "id": "subject",
                "schema": "Person",
                "properties": {"name": [" ".join([*rest, first])], "birthDate": [born]},
            }
    raise StateError("the shipped list has too few persons with a full birth date")
