"""Facts derived from the message itself: nobody is asked what can be read off the values.

What cannot be read stays unknown, and leads to a person. Nothing here is guessed: without a
birth date nobody is an adult, without a stated status nobody is not a victim.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import Instant, utc_date
from comity.message import Draft, Facts

_ADULT = 18
_PEOPLE = frozenset({"Person", "LegalEntity"})
_HARMED = frozenset({"victim", "witness", "missing"})
_SIGNS = {
    "protected-role": {"role.journo", "role.lawyer", "role.act", "role.pol", "rel"},
    "political-context": {"role.pol", "pol.party", "pol.union"},
}
"""Topics of a person or body that are contrary signs."""


def derived_facts(draft: Draft) -> Facts:
    """Return what the law can know from the draft's own values.

    A person wrote or confirmed every value of a draft, so none is of automated origin; what
    came from another partner is passed on by `follows`, and stays unknown here.
    """
    people = tuple(_people(draft.body))
    is_passed_on = "follows" in draft.body
    facts: dict[str, bool | None] = {
        "automated_origin": False,
        "minor": _any(_is_minor(person, draft.at) for person in people),
        "victim": _victim(draft.body) if people else False,
    }
    for name in ("third_party", "from_member_state", "use_limited", "hit_only"):
        facts[name] = None if is_passed_on else False
    return facts


def derived_signs(draft: Draft) -> frozenset[str]:
    """Return the contrary signs that can be read off the draft's own values."""
    topics = {
        str(topic)
        for entity in _entities(draft.body)
        for topic in _properties(entity).get("topics", ())
    }
    found = {sign for sign, known in _SIGNS.items() if not known.isdisjoint(topics)}
    return frozenset(found | ({"asylum"} & draft.categories))


def _any(answers: Iterable[bool | None]) -> bool | None:
    known = tuple(answers)
    if True in known:
        return True
    return None if None in known else False


def _victim(body: Mapping[str, Value]) -> bool | None:
    status = body.get("subject_status")
    return status in _HARMED if isinstance(status, str) else None


def _people(body: Mapping[str, Value]) -> Iterable[Mapping[str, Value]]:
    return (each for each in _entities(body) if each.get("schema") in _PEOPLE)


def _properties(entity: Mapping[str, Value]) -> Mapping[str, Sequence[Value]]:
    return cast("Mapping[str, Sequence[Value]]", entity.get("properties", {}))


def _entities(body: Mapping[str, Value]) -> Iterable[Mapping[str, Value]]:
    for value in body.values():
        listed = (
            value
            if isinstance(value, Sequence) and not isinstance(value, (str, bytes))
            else [value]
        )
        for entity in listed:
            if isinstance(entity, Mapping):
                yield cast("Mapping[str, Value]", entity)


def _is_minor(person: Mapping[str, Value], at: Instant) -> bool | None:
    born = [_latest(str(text)) for text in _properties(person).get("birthDate", ())]
    if not born or None in born:
        return None
    today = utc_date(at)
    # The youngest date that is held decides.
    return any(_age(day, today) < _ADULT for day in born if day is not None)


def _latest(text: str) -> date | None:
    """Return the last day a partial date can mean: `1988` ends on 31 December."""
    parts = text.split("-")
    try:
        year = int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else 12
        return date(year, month, int(parts[2]) if len(parts) > 2 else 28)  # noqa: PLR2004
    except ValueError:
        return None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
