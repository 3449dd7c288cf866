from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import MessageId, NodeId
from comity.core.keys import PublicKey
from comity.seal import (
    REJECTION_CODES,
    Prekey,
    PrekeyNotice,
    Receipt,
    Rejection,
    SigningKey,
    cose,
    read_answer,
    read_envelope,
    sign_prekey,
    sign_receipt,
    sign_rejection,
    verify_prekey,
    verify_receipt,
    verify_rejection,
)

FEDERATION = "00112233445566778899aabbccddeeff"
AT = Instant(1_795_442_520_000)
MID = MessageId(AT.to_bytes(6, "big") + b"\x70\x01\x80" + bytes(7))
KEY = SigningKey.from_raw(b"\x02" * 32)
OTHER = SigningKey.from_raw(b"\x04" * 32)
NODE = NodeId("xa.border.n1")
RECEIPT = Receipt(
    mid=MID,
    digest=b"d" * 32,
    stored_at=AT,
    state="filed",
    leaf=41,
    origin="comity.example/log/xa.border.n1/1",
    items=2,
    node=NODE,
)
REJECTION = Rejection(mid=MID, digest=b"d" * 32, code="quota", at=AT, node=NODE, retry_after=60)
NOTICE = PrekeyNotice(
    node=NODE,
    key=Prekey.from_raw(b"\x03" * 32).public,
    since=AT,
    until=Instant(AT + DAY),
)
SIGNED = {
    "receipt": sign_receipt(RECEIPT, KEY, federation=FEDERATION),
    "rejection": sign_rejection(REJECTION, KEY, federation=FEDERATION),
    "prekeys": sign_prekey(NOTICE, KEY, federation=FEDERATION),
}
VERIFY: dict[str, Callable[[bytes, PublicKey, str], object]] = {
    "receipt": lambda data, key, federation: verify_receipt(data, key, federation=federation),
    "rejection": lambda data, key, federation: verify_rejection(
        data, key, federation=federation
    ),
    "prekeys": lambda data, key, federation: verify_prekey(data, key, federation=federation),
}


def forged(sort: str, payload: Mapping[int, Value], *, bound: str = "") -> bytes:
    """Sign any payload as the node would."""
    return cose.sign1(
        {cose.CONTENT_TYPE: sort},
        cbor.encode(payload),
        key=KEY,
        bound=cose.binding(FEDERATION, bound or sort),
    )


def payload(sort: str, **changed: Value) -> dict[int, Value]:
    found = cbor.decode(cose.read_sign1(SIGNED[sort]).payload)
    assert isinstance(found, Mapping)
    members = cast("Mapping[int, Value]", found)
    return {**members, **{int(label[1:]): value for label, value in changed.items()}}


def test_an_answer_comes_out_as_it_went_in() -> None:
    for sort, said in (("receipt", RECEIPT), ("rejection", REJECTION), ("prekeys", NOTICE)):
        assert VERIFY[sort](SIGNED[sort], KEY.public, FEDERATION) == said
        assert read_answer(SIGNED[sort]).said == said
        assert read_answer(SIGNED[sort]).kid == KEY.public.kid


@pytest.mark.parametrize("code", sorted(REJECTION_CODES))
def test_a_rejection_may_be_final_and_name_no_message(code: str) -> None:
    said = replace(REJECTION, mid=None, code=code, retry_after=None)
    data = sign_rejection(said, KEY, federation=FEDERATION)
    assert verify_rejection(data, KEY.public, federation=FEDERATION) == said


def test_a_receipt_of_a_held_message_says_so() -> None:
    said = replace(RECEIPT, state="held")
    data = sign_receipt(said, KEY, federation=FEDERATION)
    assert verify_receipt(data, KEY.public, federation=FEDERATION) == said


def test_the_same_receipt_is_the_same_bytes() -> None:
    # AC-B2: a duplicate is answered by the byte-identical receipt.
    assert sign_receipt(RECEIPT, KEY, federation=FEDERATION) == SIGNED["receipt"]


@pytest.mark.parametrize("sort", SIGNED)
def test_every_changed_byte_of_an_answer_is_refused(sort: str) -> None:
    for at in range(len(SIGNED[sort])):
        changed = bytearray(SIGNED[sort])
        changed[at] ^= 1 << at % 8
        with pytest.raises((InvalidInputError, VerificationError)):
            VERIFY[sort](bytes(changed), KEY.public, FEDERATION)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_answer(data)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(SIGNED)),
    st.dictionaries(
        st.integers(0, 8),
        st.none() | st.integers(-9, 2**63) | st.binary() | st.text(max_size=9),
    ),
)
def test_any_signed_payload_is_read_or_refused_with_our_error(
    sort: str, changed: dict[int, Value]
) -> None:
    try:
        data = forged(sort, {**payload(sort), **changed})
        VERIFY[sort](data, KEY.public, FEDERATION)
    except InvalidInputError:
        pass


@pytest.mark.parametrize("sort", SIGNED)
def test_an_answer_verifies_by_its_key_federation_and_sort_alone(sort: str) -> None:
    for other in SIGNED.keys() - {sort}:
        with pytest.raises(VerificationError):
            VERIFY[other](SIGNED[sort], KEY.public, FEDERATION)
        with pytest.raises(VerificationError):
            VERIFY[sort](forged(sort, payload(sort), bound=other), KEY.public, FEDERATION)
    for bound in ("outer", "inner", "sealed"):
        with pytest.raises(VerificationError):
            VERIFY[sort](forged(sort, payload(sort), bound=bound), KEY.public, FEDERATION)
    with pytest.raises(VerificationError):
        VERIFY[sort](SIGNED[sort], OTHER.public, FEDERATION)
    with pytest.raises(VerificationError):
        VERIFY[sort](SIGNED[sort], KEY.public, FEDERATION[::-1])


@pytest.mark.parametrize("sort", SIGNED)
def test_no_answer_is_read_as_an_envelope(sort: str) -> None:
    with pytest.raises(InvalidInputError):
        read_envelope(SIGNED[sort])


BROKEN: dict[str, tuple[str, dict[int, Value]]] = {
    "receipt without id": ("receipt", payload("receipt", _0=None)),
    "receipt of a short digest": ("receipt", payload("receipt", _1=b"d" * 31)),
    "receipt at a far time": ("receipt", payload("receipt", _2=2**63)),
    "receipt of another state": ("receipt", payload("receipt", _3="seen")),
    "receipt of a leaf below zero": ("receipt", payload("receipt", _4=-1)),
    "receipt of leaf true": ("receipt", payload("receipt", _4=True)),
    "receipt of an unnamed log": ("receipt", payload("receipt", _5=None)),
    "receipt of a wrong node": ("receipt", payload("receipt", _7="nobody")),
    "receipt of more": ("receipt", payload("receipt", _8=0)),
    "rejection of another code": ("rejection", payload("rejection", _2="because")),
    "rejection with a retry below zero": ("rejection", payload("rejection", _5=-1)),
    "rejection with a text for id": ("rejection", payload("rejection", _0="id")),
    "prekey too short": ("prekeys", payload("prekeys", _1=b"k" * 1_215)),
    "prekey that ends before it begins": ("prekeys", payload("prekeys", _3=AT)),
    "another sort": ("greeting", payload("receipt")),
    "a sort that is none": ("", payload("receipt")),
}


@pytest.mark.parametrize(("sort", "content"), BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_breaks_a_rule_is_refused(sort: str, content: dict[int, Value]) -> None:
    with pytest.raises(InvalidInputError):
        read_answer(forged(sort, content))


def test_a_sort_that_is_a_number_is_refused() -> None:
    header: dict[int, Value] = {cose.CONTENT_TYPE: 60}
    data = cose.sign1(header, b"\xa0", key=KEY, bound=b"")
    with pytest.raises(InvalidInputError):
        read_answer(data)


def test_too_large_an_answer_is_refused_unread() -> None:
    long = replace(RECEIPT, origin="o" * limits.ANSWER)
    with pytest.raises(LimitError):
        read_answer(sign_receipt(long, KEY, federation=FEDERATION))
