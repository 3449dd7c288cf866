import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError
from comity.core.keys import PublicKey
from comity.seal import CheckpointSigner, Prekey, SigningKey, verify
from comity.seal.keys import receiving_key


class Fixed:
    def take(self, count: int, /) -> bytes:
        return b"\x09" * count


KEY = SigningKey.from_raw(b"\x01" * 32)
CHECKPOINT = CheckpointSigner.from_raw(b"\x02" * 32)


def test_a_signature_holds_for_its_key_and_data_alone() -> None:
    signature = KEY.sign(b"data")
    assert verify(KEY.public, signature, b"data")
    assert not verify(KEY.public, signature, b"datb")
    assert not verify(SigningKey.generate(Fixed()).public, signature, b"data")
    assert KEY.sign(b"data") == signature


def test_rfc_8032_test_1_gives_its_signature() -> None:
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    key = SigningKey.from_raw(bytes.fromhex(seed))
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.public.raw.hex() == public
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


@settings(deadline=None)
@given(
    st.binary(max_size=200),
    st.binary(max_size=80),
    st.sampled_from(["ed25519", "ml-dsa-44", "x-wing", ""]),
)
def test_no_signature_of_any_bytes_holds_and_none_raises(
    raw: bytes, signature: bytes, algorithm: str
) -> None:
    assert not verify(PublicKey(algorithm=algorithm, raw=raw), signature, b"data")
    assert not verify(KEY.public, signature, b"data")
    assert not verify(CHECKPOINT.public, signature, b"data")


@pytest.mark.parametrize("at", range(64))
def test_a_changed_signature_does_not_hold(at: int) -> None:
    changed = bytearray(KEY.sign(b"data"))
    changed[at] ^= 0x80
    assert not verify(KEY.public, bytes(changed), b"data")


def test_a_signature_with_a_larger_scalar_does_not_hold() -> None:
    # RFC 8032, 5.1.7: S must lie below the group order, or one message had two signatures.
    order = 2**252 + 27742317777372353535851937790883648493
    signature = KEY.sign(b"data")
    scalar = int.from_bytes(signature[32:], "little") + order
    assert not verify(KEY.public, signature[:32] + scalar.to_bytes(32, "little"), b"data")


def test_a_checkpoint_signature_binds_its_context() -> None:
    bare, bound = CHECKPOINT.sign(b"data"), CHECKPOINT.sign(b"data", context=b"use")
    assert verify(CHECKPOINT.public, bare, b"data")
    assert verify(CHECKPOINT.public, bound, b"data", context=b"use")
    assert not verify(CHECKPOINT.public, bare, b"data", context=b"use")
    assert not verify(CHECKPOINT.public, bound, b"data")
    assert not verify(KEY.public, KEY.sign(b"data"), b"data", context=b"use")
    assert (len(CHECKPOINT.public.raw), len(bare)) == (1_312, 2_420)


@pytest.mark.parametrize("kind", [SigningKey, CheckpointSigner, Prekey])
def test_a_key_comes_back_from_its_seed(
    kind: type[SigningKey] | type[CheckpointSigner] | type[Prekey],
) -> None:
    key = kind.generate(Fixed())
    assert key.raw == b"\x09" * 32
    assert kind.from_raw(key.raw).public == key.public
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(InvalidInputError):
            kind.from_raw(wrong)


def test_no_key_shows_its_secret() -> None:
    seed = hashlib.sha256(b"secret").digest()
    for key in (SigningKey.from_raw(seed), CheckpointSigner.from_raw(seed), Prekey(seed)):
        assert seed.hex() not in repr(key)
        assert str(seed) not in repr(key)


def test_the_x_wing_draft_gives_the_same_public_key() -> None:
    # draft-connolly-cfrg-xwing-kem, appendix C, first vector.
    seed = "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"
    public = Prekey.from_raw(bytes.fromhex(seed)).public
    assert len(public.raw) == 1_216
    assert public.raw.hex().startswith(
        "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5"
    )


def test_only_an_x_wing_key_receives() -> None:
    raw = Prekey.from_raw(bytes(32)).public.raw
    receiving_key(PublicKey(algorithm="x-wing", raw=raw))
    for wrong in (b"", raw[:-1], raw + b"\0", b"\xff" * len(raw)):
        with pytest.raises(InvalidInputError):
            receiving_key(PublicKey(algorithm="x-wing", raw=wrong))
    with pytest.raises(InvalidInputError):
        receiving_key(PublicKey(algorithm="ed25519", raw=raw))
