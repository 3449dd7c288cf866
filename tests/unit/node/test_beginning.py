"""A new node: made once, with a request to join that only it can sign."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.node.ground import CONTACT, begin, request_of

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import ConfigurationError, InvalidInputError
from comity.ledger import parse_vkey
from comity.node.beginning import identity, read_request
from comity.node.office import open_office

WORDS = "some words"


@pytest.fixture(scope="module")
def request_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("begun") / "node"
    begin(folder)
    return request_of(folder)


def changed(data: bytes, **said: Value) -> bytes:
    outer = cast("Mapping[str, bytes]", cbor.decode(data))
    body = cast("Mapping[str, Value]", cbor.decode(outer["request"]))
    return cbor.encode({**outer, "request": cbor.encode({**body, **said})})


def test_the_first_link_signs_the_first_person_in_once(tmp_path: Path) -> None:
    begun = begin(tmp_path / "node")
    secret = begun.sign_in.partition("token=")[2]
    office = open_office(tmp_path / "node")
    try:
        session = office.desk.people.session(office.desk.people.sign_in(secret))
        assert session is not None
        assert session.actor.person == begun.admin
        assert session.actor.seats == {"admin"}
        with pytest.raises(Exception, match="link"):
            office.desk.people.sign_in(secret)
    finally:
        office.close()


def test_a_node_is_not_begun_over_another(tmp_path: Path) -> None:
    begin(tmp_path)
    before = (tmp_path / "keys" / "seeds.key").read_bytes()
    with pytest.raises(ConfigurationError, match="holds a node already"):
        begin(tmp_path)
    assert (tmp_path / "keys" / "seeds.key").read_bytes() == before


def test_with_a_passphrase_no_key_lies_in_clear(tmp_path: Path) -> None:
    begun = begin(tmp_path, passphrase=WORDS)
    assert begun.config.master == "passphrase"
    assert not (tmp_path / "keys" / "demonstration-master.key").exists()
    with pytest.raises(ConfigurationError, match="wrong"):
        open_office(tmp_path, passphrase=WORDS + "!")


def test_a_request_says_who_asks_and_with_which_keys(request_bytes: bytes) -> None:
    said = read_request(request_bytes)
    assert (said.member, said.agency, said.node) == identity("XN", "police")
    assert said.contact == CONTACT
    document = said.document("f" * 32, at=Instant(1_800_000_000_000))
    (node,) = document.nodes
    keys = [parse_vkey(text) for text in (*node.log_vkeys, *node.witness_vkeys)]
    assert [key.type for key in keys] == [1, 6, 4, 6]
    assert keys[0].name == node.origin


@pytest.mark.parametrize(
    "said",
    [
        {"member": "xa"},
        {"url": "http://evil.example:1"},
        {"what": "comity/v1/other"},
        {"languages": []},
    ],
)
def test_a_changed_request_does_not_hold(request_bytes: bytes, said: dict[str, Value]) -> None:
    with pytest.raises(InvalidInputError):
        read_request(changed(request_bytes, **said))


def test_a_request_under_another_nodes_key_does_not_hold(
    request_bytes: bytes, tmp_path: Path
) -> None:
    begin(tmp_path)
    mine = cast("Mapping[str, bytes]", cbor.decode(request_of(tmp_path)))
    theirs = cast("Mapping[str, bytes]", cbor.decode(request_bytes))
    mixed = cbor.encode({"request": theirs["request"], "signature": mine["signature"]})
    with pytest.raises(InvalidInputError, match="not signed"):
        read_request(mixed)


@given(data=st.binary(max_size=200))
def test_bytes_that_are_no_request_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_request(data)


@given(at=st.integers(0, 5_000), bit=st.integers(0, 7))
def test_one_flipped_bit_never_gets_in(request_bytes: bytes, at: int, bit: int) -> None:
    damaged = bytearray(request_bytes)
    damaged[at % len(damaged)] ^= 1 << bit
    with pytest.raises(InvalidInputError):
        read_request(bytes(damaged))


@pytest.mark.parametrize("value", [1, b"x", [], {"a": 1}, None, True])
def test_requests_of_other_shapes_are_refused_in_words(value: Value) -> None:
    for outer in (value, {"request": value, "signature": b""}, {"request": cbor.encode(value)}):
        with pytest.raises(InvalidInputError):
            read_request(cbor.encode(outer))


@pytest.mark.parametrize(
    ("member", "sort"), [("", "police"), ("x n", "police"), ("xn", "../x")]
)
def test_a_member_needs_a_code_and_a_kind(member: str, sort: str) -> None:
    with pytest.raises(InvalidInputError):
        identity(member, sort)
