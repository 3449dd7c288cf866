"""The frozen bytes of `seal.json`: what opened once opens for ever, and the rest never does."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from comity.core.errors import ComityError
from comity.seal import (
    Message,
    Prekey,
    PrekeyNotice,
    Receipt,
    Rejection,
    SigningKey,
    open_envelope,
    pad,
    read_answer,
    read_envelope,
    sign_prekey,
    sign_receipt,
    sign_rejection,
    verify_author,
    verify_envelope,
    verify_receipt,
)

Case = Mapping[str, str]
DOCUMENT = json.loads((Path(__file__).parent / "seal.json").read_text())
FEDERATION = cast("str", DOCUMENT["federation"])
KEYS = cast("Mapping[str, Case]", DOCUMENT["keys"])
AUTHOR, NODE = (SigningKey(bytes.fromhex(KEYS[name]["seed"])) for name in ("author", "node"))
PREKEY = Prekey(bytes.fromhex(KEYS["prekey"]["seed"]))


def cases(*path: str) -> list[Case]:
    found = DOCUMENT
    for name in path:
        found = found[name]
    return cast("list[Case]", found)


def named(case: Case) -> str:
    return case.get("name", case.get("sort", ""))


def received(data: bytes) -> tuple[str, Message | str]:
    """Read as far as it goes; return the step reached and the message, or the error's code."""
    step = "read"
    try:
        envelope = read_envelope(data)
        step = "verify"
        verified = verify_envelope(envelope, NODE.public, federation=FEDERATION)
        step = "open"
        keys = {PREKEY.public.kid: PREKEY}
        opened = open_envelope(verified, prekey=keys.get, federation=FEDERATION)
        step = "author"
        return step, verify_author(opened, AUTHOR.public, federation=FEDERATION)
    except ComityError as error:
        return step, error.code


def test_the_keys_come_from_their_seeds() -> None:
    for name, key in (("author", AUTHOR), ("node", NODE), ("prekey", PREKEY)):
        assert (key.public.raw.hex(), key.public.kid.hex()) == (
            KEYS[name]["public"],
            KEYS[name]["kid"],
        )


@pytest.mark.parametrize("case", cases("envelopes", "good"), ids=named)
def test_a_good_envelope_opens(case: Case) -> None:
    data = bytes.fromhex(case["data"])
    step, message = received(data)
    assert step == "author"
    assert isinstance(message, Message)
    assert message.body.hex() == case["body"]
    assert (message.kind, message.mid.hex()) == (case["kind"], case["mid"])
    assert str(message.items) == case["items"]
    assert hashlib.sha256(data).hexdigest() == case["digest"]


@pytest.mark.parametrize("case", cases("envelopes", "bad"), ids=named)
def test_a_bad_envelope_fails_where_and_as_it_must(case: Case) -> None:
    assert received(bytes.fromhex(case["data"])) == (case["at"], case["error"])


@pytest.mark.parametrize("case", cases("answers", "good"), ids=named)
def test_a_good_answer_is_signed_to_the_same_bytes(case: Case) -> None:
    data = bytes.fromhex(case["data"])
    assert signed_again(read_answer(data).said) == data


def signed_again(said: Receipt | Rejection | PrekeyNotice) -> bytes:
    match said:
        case Receipt():
            return sign_receipt(said, NODE, federation=FEDERATION)
        case Rejection():
            return sign_rejection(said, NODE, federation=FEDERATION)
        case PrekeyNotice():
            return sign_prekey(said, NODE, federation=FEDERATION)


@pytest.mark.parametrize("case", cases("answers", "bad"), ids=named)
def test_a_bad_answer_fails_as_it_must(case: Case) -> None:
    with pytest.raises(ComityError) as caught:
        verify_receipt(bytes.fromhex(case["data"]), NODE.public, federation=FEDERATION)
    assert caught.value.code == case["error"]


def test_bodies_are_padded_to_their_buckets() -> None:
    for length, padded in DOCUMENT["padding"]:
        assert len(pad(bytes(length))) == padded
