"""A member's document: strict in what it knows, calm about what it does not."""

import json
from typing import cast

import pytest
from tests.unit.trust.builders import MEMBERS, document

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.trust import read_member, write_member
from comity.trust.metadata import Json

XA = MEMBERS[0]
MADE = document(XA, "f" * 32)


def altered(path: str, value: Json) -> bytes:
    """Change one place of the document: `nodes/0/url`."""
    found = cast("dict[str, Json]", json.loads(write_member(MADE)))
    here: Json = found
    *steps, last = path.split("/")
    for step in steps:
        here = (
            here[int(step)] if isinstance(here, list) else cast("dict[str, Json]", here)[step]
        )
    cast("dict[str, Json]", here)[last] = value
    return json.dumps(found).encode()


def test_a_document_is_read_as_it_was_written() -> None:
    assert read_member(write_member(MADE)) == MADE
    assert write_member(read_member(write_member(MADE))) == write_member(MADE)


def test_unknown_fields_are_left_alone() -> None:
    assert read_member(altered("nodes/0/future", {"deep": [1]})) == MADE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("member", "xc"),
        ("member", "X A"),
        ("member", 5),
        ("name", "a\nb"),
        ("name", "x" * 1_001),
        ("agencies/0/agency", "xc.police"),
        ("agencies/0/agency", "police"),
        ("agencies/0/sort", "magician"),
        ("agencies/0/contacts", "none"),
        ("agencies/0/keys/0/since", "today"),
        ("agencies/0/keys/0/since", -1),
        ("agencies/0/keys/0/until", 10**15),
        ("agencies/0/keys/0/key", {"algorithm": "ed25519", "raw": "AAAA"}),
        ("agencies/0/keys/0/key", {"algorithm": "x-wing", "raw": "A" * 43 + "="}),
        ("nodes/0/node", "xc.police.n1"),
        ("nodes/0/url", "ftp://x"),
        ("nodes/0/agencies", ["xa.border"]),
        ("nodes/0/suites", ["1"]),
        ("nodes/0/log_vkeys", []),
        ("nodes/0/log_vkeys", ["a b"]),
        ("nodes/0/languages", ["en"] * (limits.LISTED + 1)),
        ("nodes/0/message_life", 61),
        ("nodes/0/limits", {"body": "large"}),
        ("nodes/0/tls", ["not base64!"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(path: str, value: Json) -> None:
    with pytest.raises(InvalidInputError):
        read_member(altered(path, value))


@pytest.mark.parametrize("name", ["agencies", "nodes"])
def test_nothing_is_listed_twice(name: str) -> None:
    found = cast("dict[str, list[Json]]", json.loads(write_member(MADE)))
    found[name] *= 2
    with pytest.raises(InvalidInputError, match="twice"):
        read_member(json.dumps(found).encode())


def test_one_key_cannot_serve_agency_and_node() -> None:
    found = cast("dict[str, list[dict[str, Json]]]", json.loads(write_member(MADE)))
    found["nodes"][0]["keys"] = found["agencies"][0]["keys"]
    with pytest.raises(InvalidInputError, match="twice"):
        read_member(json.dumps(found).encode())


def test_an_oversize_document_is_refused_unread() -> None:
    with pytest.raises(LimitError):
        read_member(b" " * (limits.MEMBER_DOCUMENT + 1))
