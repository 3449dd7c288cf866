"""Identifiers, parsed once at the edge."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError
from comity.core.ids import (
    AgencyId,
    MessageId,
    agency_id,
    member_id,
    member_of,
    message_id,
    message_text,
    node_id,
    person_id,
)

READERS: tuple[tuple[Callable[[str], str], str], ...] = (
    (member_id, "xn"),
    (member_id, "org-interpol"),
    (agency_id, "xn.police"),
    (node_id, "xn.police.n1"),
    (person_id, "xn.police/7f3a"),
)


@pytest.mark.parametrize(("read", "text"), READERS)
def test_a_well_formed_id_is_itself(read: Callable[[str], str], text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(("read", "text"), READERS)
def test_what_is_near_an_id_is_none(read: Callable[[str], str], text: str) -> None:
    broken = (
        "",
        text.upper(),
        f" {text}",
        f"{text}\n",
        f"{text}.",
        f"-{text}",
        f"{text}/x/y",
        "x n",
    )
    for wrong in broken:
        with pytest.raises(InvalidInputError):
            read(wrong)


def test_an_id_of_another_depth_is_none() -> None:
    for read, text in ((member_id, "xn.police"), (agency_id, "xn"), (node_id, "xn.police")):
        with pytest.raises(InvalidInputError):
            read(text)


def test_an_agency_belongs_to_its_member() -> None:
    assert member_of(AgencyId("xn.police")) == "xn"


@given(st.binary(min_size=16, max_size=16))
def test_a_message_id_reads_back_as_written(mid: bytes) -> None:
    assert message_id(message_text(MessageId(mid))) == mid


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "G" * 32, "A" * 32])
def test_only_32_lower_hex_digits_name_a_message(text: str) -> None:
    with pytest.raises(InvalidInputError, match="32 hex"):
        message_id(text)


def test_an_error_shows_at_most_eighty_characters_of_input() -> None:
    with pytest.raises(InvalidInputError) as caught:
        agency_id("x" * 5_000)
    assert len(str(caught.value)) < 200
