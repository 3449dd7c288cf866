"""What a stranger writes on a medium: every field of a manifest and of an acknowledgement."""

import hashlib

import pytest

from comity.adapters.memory import SeededEntropy
from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError, LimitError
from comity.exchange.bundle import ACK, MANIFEST, read_ack, read_manifest, read_part
from comity.seal import SigningKey, sign_document

KEY = SigningKey.generate(SeededEntropy(b"bundle"))
FEDERATION = "0" * 32
INDEX = (1).to_bytes(4, "big") + bytes(32)
PLAIN_MANIFEST: list[Value] = [
    *(1, "xn.police.n1", "xa.border.n1", 1, 1_800_000_000_000, b"", [INDEX], b"", 0, [], b""),
]
PLAIN_ACK: list[Value] = [
    *(1, "xa.border.n1", "xn.police.n1", 1, bytes(32), 1_800_000_000_000),
    *(b"\0\0\0\1", [2], bytes(32), b""),
]


def signed(said: object, sort: str) -> bytes:
    return sign_document(cbor.encode(said), KEY, sort=sort, federation=FEDERATION)  # type: ignore[arg-type]


def changed(plain: list[Value], place: int, value: Value) -> dict[int, Value]:
    return dict(enumerate([*plain[:place], value, *plain[place + 1 :]]))


def test_what_is_whole_is_read() -> None:
    kid, manifest = read_manifest(signed(dict(enumerate(PLAIN_MANIFEST)), MANIFEST))
    assert kid == KEY.public.kid
    assert (manifest.number, manifest.count, manifest.parts) == (1, 1, (INDEX,))
    kid, ack = read_ack(signed(dict(enumerate(PLAIN_ACK)), ACK))
    assert kid == KEY.public.kid
    assert (ack.damaged, ack.gaps) == ((1,), (2,))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *((0, 2), (1, 7), (1, "nobody"), (3, 0), (3, True), (3, 1 << 62), (4, -1)),
        *((5, b"short"), (6, b"no array"), (6, [b""]), (6, [INDEX[:-1]]), (6, [7])),
        *((7, "text"), (8, -1), (9, [b"short"]), (9, "no array"), (10, None)),
    ],
)
def test_a_field_that_is_not_as_expected_refuses_a_manifest(place: int, value: Value) -> None:
    with pytest.raises(InvalidInputError):
        read_manifest(signed(changed(PLAIN_MANIFEST, place, value), MANIFEST))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (6, [INDEX] * (limits.BUNDLE_PARTS + 1)),
        (6, [INDEX * (limits.BUNDLE_ITEMS + 1)]),
        (9, [bytes(32)] * 65),
    ],
)
def test_more_than_is_read_refuses_a_manifest(place: int, value: Value) -> None:
    with pytest.raises(LimitError):
        read_manifest(signed(changed(PLAIN_MANIFEST, place, value), MANIFEST))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *((0, 2), (2, b""), (3, 0), (4, b"short"), (5, -1), (6, b"\0\0\1"), (6, [])),
        *((6, bytes(4 * limits.BUNDLE_ITEMS + 4)), (7, [0]), (7, 7), (8, b""), (9, "")),
        (7, [1] * (limits.BUNDLE_GAPS + 1)),
    ],
)
def test_a_field_that_is_not_as_expected_refuses_an_ack(place: int, value: Value) -> None:
    with pytest.raises((InvalidInputError, LimitError)):
        read_ack(signed(changed(PLAIN_ACK, place, value), ACK))


@pytest.mark.parametrize("said", [7, [], {}, {"a": 1}, dict(enumerate(PLAIN_ACK[:-1]))])
def test_other_labels_are_no_document_of_a_bundle(said: object) -> None:
    with pytest.raises(InvalidInputError):
        read_ack(signed(said, ACK))
    with pytest.raises(InvalidInputError):
        read_manifest(signed(said, MANIFEST))


@pytest.mark.parametrize("item", [b"\xff", b"", cbor.encode(b"a checkpoint alone")])
def test_an_item_that_is_no_envelope_is_damage_of_that_item_alone(item: bytes) -> None:
    index = len(item).to_bytes(4, "big") + hashlib.sha256(item).digest()
    assert list(read_part(index, item)) == [None]
