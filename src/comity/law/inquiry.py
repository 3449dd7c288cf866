"""A question to the law as a document: what `law explain --request` reads, and its writing."""

import json
import re
from collections.abc import Collection
from typing import cast

from comity.core import limits
from comity.core.cbor import Value
from comity.core.clock import Instant, from_iso, iso
from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId, CaseId, agency_id
from comity.law.corpus import Corpus
from comity.law.view import party_code
from comity.message import Draft, Handling, Urgency, handling

_REQUIRED = {"originator", "recipient", "on", "kind", "purpose"}
_OPTIONAL: dict[str, object] = {
    "categories": list[str](),
    "handling": dict[str, object](),
    "facts": dict[str, object](),
    "urgency": "normal",
}
_MARKING = {
    "tlp": "TLP:{}",
    "level": "L{}",
    "classes": "CLASS:{}",
    "pap": "PAP:{}",
    "caveats": "CAVEAT:{}",
    "terms": "IEP:{}",
    "codes": "{}",
    "releasable": "REL:{}",
    "originators": "ORCON:{}",
    "purposes": "PURPOSE:{}",
    "until": "UNTIL:{}",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,40}\.[a-z][a-z0-9-]{0,40}/[1-9][0-9]{0,3}")


def parse_inquiry(data: bytes, corpus: Corpus) -> Draft:
    """Read a question as a draft without a body.

    Raises `InvalidInputError` on anything but the fixed shape, and on every name (member, kind,
    purpose, data category, fact) that the law does not know.
    """
    if len(data) > limits.TEXT:
        raise InvalidInputError(f"a question holds at most {limits.TEXT} bytes")
    try:
        asked = {**_OPTIONAL, **_members(json.loads(data), "a question")}
    except (ValueError, RecursionError):
        raise InvalidInputError("expected the question as one JSON document") from None
    _only(asked, _REQUIRED | _OPTIONAL.keys(), "name")
    lexicon, found = corpus.lexicon, _texts(asked["categories"], "categories")
    marking = asked["handling"]
    return Draft(
        kind=_kind(_text(asked, "kind")),
        originator=_agency(_text(asked, "originator"), corpus),
        recipient=_agency(_text(asked, "recipient"), corpus),
        purpose=_one_of(_text(asked, "purpose"), lexicon.purposes, "purpose"),
        at=_instant(_text(asked, "on")),
        body={},
        handling=handling(marking) if isinstance(marking, str) else _handling(marking),
        case=CaseId(""),
        categories=frozenset(
            _one_of(name, lexicon.categories, "data category") for name in found
        ),
        facts=_facts(_members(asked["facts"], "`facts`"), corpus),
        urgency=Urgency(_one_of(_text(asked, "urgency"), ("normal", "urgent"), "urgency")),
    )


def write_inquiry(draft: Draft) -> dict[str, Value]:
    """Write a draft as the question `law explain` reads; it holds no value of its body.

    What is known of single values alone counts where all of them agree.
    """
    of_values: dict[str, set[bool | None]] = {}
    for item in draft.items:
        for name, value in item.facts.items():
            of_values.setdefault(name, set()).add(value)
    agreed = {
        name: next(iter(found)) if len(found) == 1 else None
        for name, found in of_values.items()
    }
    return {
        "originator": draft.originator,
        "recipient": draft.recipient,
        "on": iso(draft.at),
        "kind": draft.kind,
        "purpose": draft.purpose,
        "categories": sorted(draft.categories),
        "handling": str(draft.handling),
        "facts": dict(sorted({**agreed, **draft.facts}.items())),
        "urgency": draft.urgency.value,
    }


def _members(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidInputError(f"expected {what} as a JSON object")
    return cast("dict[str, object]", value)


def _only(found: Collection[str], known: Collection[str], what: str) -> None:
    for name in sorted(set(found) - set(known)):
        raise InvalidInputError(f"unknown {what} `{name[:60]}`")


def _one_of(name: str, known: Collection[str], what: str) -> str:
    _only([name], known, what)
    return name


def _text(asked: dict[str, object], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise InvalidInputError(f"expected a text as `{name}`")
    return value


def _texts(value: object, name: str) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(each, str) for each in values):
        raise InvalidInputError(f"expected a list of texts as `{name}`")
    return cast("list[str]", values)


def _facts(stated: dict[str, object], corpus: Corpus) -> dict[str, bool | None]:
    _only(stated, corpus.lexicon.facts, "fact")
    for name, value in stated.items():
        if not (value is None or isinstance(value, bool)):
            raise InvalidInputError(f"expected true, false or null for `{name}`")
    return cast("dict[str, bool | None]", stated)


def _kind(text: str) -> str:
    if not _KIND.fullmatch(text):
        raise InvalidInputError(f"expected a kind like `requests.ask/1`, got `{text[:60]}`")
    return text


def _agency(text: str, corpus: Corpus) -> AgencyId:
    agency = agency_id(text)
    code = party_code(agency)
    if not (code.startswith("org-") or code in corpus.members):
        raise InvalidInputError(f"unknown member `{text.partition('.')[0]}`")
    return agency


def _instant(text: str) -> Instant:
    return from_iso(f"{text}T12:00:00Z" if _DAY.fullmatch(text) else text)


def _handling(value: object) -> Handling:
    stated = _members(value, "`handling`")
    _only(stated, {*_MARKING, "exercise"}, "handling field")
    words = ["TLP:RED"] if "tlp" not in stated else []
    for name, shape in _MARKING.items():
        if name not in stated:
            continue
        given = stated[name]
        if name == "codes":
            words += _texts(given, name)
        elif name in {"tlp", "level", "pap", "until"}:
            words.append(shape.format(given))
        else:
            words.append(shape.format(",".join(_texts(given, name))))
    return handling(
        " ".join([*words, *(["EXERCISE"] if stated.get("exercise") is True else [])])
    )
