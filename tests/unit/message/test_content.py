"""What lies inside the seal."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError
from comity.message import Content, Urgency, decode_content, handling

WHOLE = Content(
    handling=handling("TLP:AMBER H1"),
    purpose="counter-terrorism",
    urgency=Urgency.URGENT,
    body={"question": "Who?"},
    basis=("Bombings Convention, art. 10",),
    obligations=("ReviewBy",),
    values={"question": handling("TLP:RED")},
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.integers(0, 9) | st.text(), max_size=4)
)
def test_content_reads_back_as_written(body: dict[str, Value]) -> None:
    content = replace(WHOLE, body=body)
    assert decode_content(content.encode()) == content


def test_members_of_a_newer_version_are_kept_and_written_again() -> None:
    newer = replace(WHOLE, unknown={"colour": "blue"})
    assert decode_content(newer.encode()).unknown == {"colour": "blue"}


def test_an_unknown_member_cannot_stand_in_for_a_known_one() -> None:
    sly = replace(WHOLE, unknown={"purpose": "gossip"})
    assert decode_content(sly.encode()).purpose == "counter-terrorism"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("handling", "TLP:PINK"),
        ("handling", None),
        ("purpose", 7),
        ("urgency", "soon"),
        ("body", ["no map"]),
        ("basis", "one"),
        ("obligations", [1]),
        ("values", {"question": 4}),
        ("values", ["x"]),
    ],
)
def test_a_member_that_is_wrong_is_named(name: str, value: Value) -> None:
    members = cbor.decode(WHOLE.encode())
    assert isinstance(members, dict)
    with pytest.raises(InvalidInputError):
        decode_content(cbor.encode({**members, name: value}))


def test_a_body_with_numbers_for_names_is_refused() -> None:
    members = cbor.decode(WHOLE.encode())
    assert isinstance(members, dict)
    with pytest.raises(InvalidInputError, match="body"):
        decode_content(cbor.encode({**members, "body": {1: 2}}))
