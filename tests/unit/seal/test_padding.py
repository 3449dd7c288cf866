import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError
from comity.core.limits import BODY, ENVELOPE, KIB
from comity.seal import pad, unpad


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_a_body_comes_back_from_its_padding(body: bytes) -> None:
    assert unpad(pad(body)) == body


@pytest.mark.parametrize(
    ("length", "padded"),
    [
        (0, 1 * KIB),
        (1 * KIB - 1, 1 * KIB),
        (1 * KIB, 2 * KIB),
        (4 * KIB - 1, 4 * KIB),
        (4 * KIB, 8 * KIB),
        (64 * KIB - 1, 64 * KIB),
        (64 * KIB, 66 * KIB),
        (100_000, 100_352),
        (BODY - 1, BODY),
        (BODY, BODY + 32 * KIB),
    ],
)
def test_a_body_is_padded_to_its_bucket(length: int, padded: int) -> None:
    assert len(pad(bytes(length))) == padded
    assert unpad(pad(bytes(length))) == bytes(length)


@settings(deadline=None)
@given(st.integers(64 * KIB, BODY))
def test_padding_of_a_large_body_costs_at_most_an_eighth(length: int) -> None:
    padded = len(pad(bytes(length)))
    assert length < padded <= length * 9 // 8
    assert padded < ENVELOPE


def test_large_bodies_fall_into_few_buckets() -> None:
    sizes = {len(pad(bytes(length))) for length in range(64 * KIB, BODY, 999)}
    assert len(sizes) <= 4 * 32


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_what_pad_did_not_make_is_refused(padded: bytes) -> None:
    try:
        body = unpad(padded)
    except InvalidInputError:
        return
    assert pad(body) == padded


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        bytes(1024),
        b"\x80",
        b"\x80" + bytes(1022),
        b"\x80" + bytes(2047),
        b"x" * 1023 + b"\x81",
        b"x" * 1024 + b"\x80" + bytes(1024),
    ],
    ids=["empty", "no mark", "short", "one less", "next bucket", "other mark", "odd length"],
)
def test_another_padding_of_the_same_body_is_refused(padded: bytes) -> None:
    with pytest.raises(InvalidInputError):
        unpad(padded)
