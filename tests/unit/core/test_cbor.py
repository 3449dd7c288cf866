import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError, LimitError

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.binary(max_size=40)
)
LABELS = st.integers(0, 23) | st.integers(-(2**40), -65_537)


def _containers(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
    return (
        st.lists(inner, max_size=5)
        | st.dictionaries(texts, inner, max_size=5)
        | st.dictionaries(LABELS, inner, max_size=5)
    )


VALUES: st.SearchStrategy[Value] = st.recursive(ATOMS, _containers, max_leaves=30)


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Value) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@settings(deadline=None)
@given(st.dictionaries(LABELS, st.none(), max_size=12))
def test_labels_stand_in_the_bytewise_order_of_the_rfc(value: dict[int, None]) -> None:
    keys = [cbor.encode(key) for key in value]
    pairs = b"".join(key + b"\xf6" for key in sorted(keys))
    assert cbor.encode(value)[1:] == pairs


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused_with_our_error(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except InvalidInputError:
        return
    assert cbor.encode(value) == data


@settings(deadline=None)
@given(VALUES, st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_is_another_canonical_item(
    value: Value, at: int, change: int
) -> None:
    data = bytearray(cbor.encode(value))
    data[at % len(data)] ^= change
    try:
        found = cbor.decode(bytes(data))
    except InvalidInputError:
        return
    assert cbor.encode(found) == data


@settings(deadline=None)
@given(VALUES)
def test_every_truncation_is_refused(value: Value) -> None:
    data = cbor.encode(value)
    for end in range(min(len(data), 64)):
        with pytest.raises(InvalidInputError):
            cbor.scan(data[:end])


REFUSED = {
    "nothing": "",
    "trailing byte": "0000",
    "long head of 8 bits": "1817",
    "long head of 16 bits": "1900ff",
    "long head of 32 bits": "1a0000ffff",
    "long head of 64 bits": "1b00000000ffffffff",
    "long head of a string": "580161",
    "head cut short": "19ff",
    "reserved head": "1c",
    "indefinite bytes": "5f4161ff",
    "indefinite text": "7f6161ff",
    "indefinite array": "9f00ff",
    "indefinite map": "bf6161 00ff",
    "lone break": "ff",
    "string beyond the end": "430000",
    "string of 2^63 bytes": "5b8000000000000000",
    "text that is no UTF-8": "62c328",
    "text with a surrogate": "63eda080",
    "half float": "f93c00",
    "float": "fa3f800000",
    "double": "fb3ff0000000000000",
    "undefined": "f7",
    "simple 0": "e0",
    "simple 255": "f8ff",
    "false the long way": "f814",
    "tag 0, a date": "c074323032362d31312d32335431343a30323a30305a",
    "tag 2, a large number": "c249010000000000000000",
    "tag 18 unasked": "d280",
    "tag 28, shared value": "d81c80",
    "tag 35, a regular expression": "d82361 61",
    "tag 258, a set": "d9010280",
    "tag 55799, self-described": "d9d9f700",
    "duplicate text key": "a2616100616101",
    "duplicate number key": "a200000001",
    "text keys out of order": "a2616200616100",
    "longer text key first": "a262616100616200",
    "number keys out of order": "a201000000",
    "private label before small": "a23a00010000000100",
    "mixed keys": "a200006161 00",
    "mixed keys, text first": "a2616100 0000",
    "two labels, one of 24": "a20000181800",
    "two labels, one of -1": "a200002000",
    "two labels, one of -65536": "a2000039ffff00",
    "bytes as key": "a1416100",
    "array as key": "a18000",
    "true as key": "a1f500",
    "float as key": "a1f93c0000",
    "map without its value": "a100",
    "map without its key": "a1",
    "array without its item": "81",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_deterministic_cbor_of_ours_is_refused(data: str) -> None:
    with pytest.raises(InvalidInputError):
        cbor.decode(bytes.fromhex(data))


def test_one_key_may_be_any_number() -> None:
    assert cbor.decode(bytes.fromhex("a12340")) == {-4: b""}
    assert cbor.decode(bytes.fromhex("a1181800")) == {24: 0}


def _ring() -> list[object]:
    ring: list[object] = []
    ring.append(ring)
    return ring


def _nested(depth: int) -> Sequence[Value]:
    value: Sequence[Value] = []
    for _ in range(depth):
        value = [value]
    return value


UNWRITTEN: dict[str, Callable[[], object]] = {
    "float": lambda: 1.5,
    "set": lambda: {1, 2},
    "date": lambda: dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "number of 65 bits": lambda: 2**64,
    "surrogate": lambda: "\ud800",
    "mixed keys": lambda: {"a": 1, 1: 2},
    "two labels of which one above 23": lambda: {0: 1, 24: 2},
    "true as key": lambda: {True: 1},
    "an object": object,
    "a list in itself": _ring,
    "20,000 lists in one another": lambda: _nested(20_000),
}


@pytest.mark.parametrize("make", UNWRITTEN.values(), ids=UNWRITTEN.keys())
def test_what_could_not_be_read_back_is_not_written(make: Callable[[], Value]) -> None:
    with pytest.raises(InvalidInputError):
        cbor.encode(make())


def test_a_mapping_that_is_no_dict_is_written_in_order() -> None:
    inner: Mapping[int, Value] = MappingProxyType({1: 2})
    value: Mapping[str, Value] = MappingProxyType({"b": inner, "a": 1})
    assert cbor.encode(value) == bytes.fromhex("a2616101 6162a10102")


def test_nesting_is_read_to_the_limit_and_no_deeper() -> None:
    cbor.scan(b"\x81" * limits.DEPTH + b"\0")
    for bomb in (b"\x81" * (limits.DEPTH + 1) + b"\0", b"\x81" * 1_000_000):
        with pytest.raises(LimitError):
            cbor.scan(bomb)


def test_more_entries_than_allowed_are_refused_before_they_are_read() -> None:
    cbor.scan(b"\x9a\x00\x01\x00\x00" + b"\0" * limits.ENTRIES)
    for head in ("9a00010001", "ba00010001", "9bffffffffffffffff"):
        with pytest.raises(LimitError):
            cbor.scan(bytes.fromhex(head))


def test_many_small_containers_run_into_the_limit_of_all_items() -> None:
    many = b"\x99\x10\x00" + (b"\x98\x64" + b"\0" * 100) * 4096
    with pytest.raises(LimitError):
        cbor.scan(many)
    with pytest.raises(LimitError):
        cbor.scan(b"\x82\0\0", items=2)


def test_a_tag_is_read_at_the_root_where_it_is_named() -> None:
    assert cbor.decode(b"\xd2\x80", tag=18) == []
    assert cbor.decode(b"\xd8\x60\x80", tag=96) == []
    for other in ("80", "d81280", "d180", "d2d280", "d2", "81d280"):
        with pytest.raises(InvalidInputError):
            cbor.decode(bytes.fromhex(other), tag=18)


def test_the_error_names_the_offset() -> None:
    with pytest.raises(InvalidInputError, match=r"byte 2$"):
        cbor.scan(bytes.fromhex("8200f7"))


@settings(deadline=None)
@given(st.lists(VALUES, max_size=8))
def test_a_sequence_splits_into_its_items(values: list[Value]) -> None:
    items = [cbor.encode(value) for value in values]
    assert cbor.sequence(b"".join(items)) == items


def test_a_sequence_is_bounded_and_strict() -> None:
    assert cbor.sequence(b"\xd2\x80\xd2\x80", tag=18) == [b"\xd2\x80"] * 2
    with pytest.raises(LimitError):
        cbor.sequence(b"\0" * 101, items=100)
    for data in ("d280 80", "d280 d2"):
        with pytest.raises(InvalidInputError):
            cbor.sequence(bytes.fromhex(data), tag=18)


@given(VALUES)
def test_what_is_written_without_being_read_again_would_have_passed(value: Value) -> None:
    cbor.scan(cbor.encode(value))


@pytest.mark.parametrize("key", [24, 2**64 - 1, -1, -(2**64), 23, -65_537])
def test_one_lone_key_of_any_number_is_written_as_it_is_read(key: int) -> None:
    assert cbor.decode(cbor.encode({key: b""})) == {key: b""}


@pytest.mark.parametrize("key", [24, 2**64 - 1, -1, -65_536, -(2**64) - 1])
def test_two_keys_of_which_one_is_neither_small_nor_private_are_not_written(key: int) -> None:
    with pytest.raises(InvalidInputError):
        cbor.encode({0: b"", key: b""})


def test_more_entries_than_allowed_are_not_written() -> None:
    with pytest.raises(LimitError):
        cbor.encode([0] * (limits.ENTRIES + 1))
    with pytest.raises(LimitError):
        cbor.encode([[0] * limits.ENTRIES] * 5)
