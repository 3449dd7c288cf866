import hashlib

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.errors import InvalidInputError, VerificationError
from comity.seal import RecordCipher, keyed_hash, master_from_passphrase

CIPHER = RecordCipher()
KEY, OTHER = b"\x01" * 32, b"\x02" * 32


class Counted:
    def __init__(self) -> None:
        self._calls = 0

    def take(self, count: int, /) -> bytes:
        self._calls += 1
        return hashlib.shake_256(bytes([self._calls])).digest(count)


@settings(deadline=None)
@given(st.binary(max_size=2000), st.binary(max_size=40))
def test_a_record_comes_back_under_its_key_and_context(
    plaintext: bytes, context: bytes
) -> None:
    data = CIPHER.encrypt(KEY, plaintext, context=context, entropy=Counted())
    assert CIPHER.decrypt(KEY, data, context=context) == plaintext
    for key, place in ((OTHER, context), (KEY, context + b"x")):
        with pytest.raises(VerificationError):
            CIPHER.decrypt(key, data, context=place)


def test_a_changed_or_cut_record_does_not_open() -> None:
    data = CIPHER.encrypt(KEY, b"statement", context=b"r1", entropy=Counted())
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        for wrong in (bytes(changed), data[:at]):
            with pytest.raises(VerificationError):
                CIPHER.decrypt(KEY, wrong, context=b"r1")


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_fail_with_our_error(data: bytes) -> None:
    with pytest.raises(VerificationError):
        CIPHER.decrypt(KEY, data, context=b"")
    with pytest.raises(VerificationError):
        CIPHER.unwrap(KEY, data)


def test_the_same_text_is_never_encrypted_to_the_same_bytes() -> None:
    entropy = Counted()
    seen = {CIPHER.encrypt(KEY, b"x", context=b"", entropy=entropy) for _ in range(50)}
    assert len(seen) == 50


def test_a_wrapped_key_opens_under_its_outer_key_alone() -> None:
    entropy = Counted()
    key = CIPHER.new_key(entropy)
    wrapped = CIPHER.wrap(KEY, key, entropy=entropy)
    assert CIPHER.unwrap(KEY, wrapped) == key
    assert key not in wrapped
    with pytest.raises(VerificationError):
        CIPHER.unwrap(OTHER, wrapped)


def test_a_wrapped_key_is_no_record_and_a_record_no_wrapped_key() -> None:
    entropy = Counted()
    wrapped = CIPHER.wrap(KEY, OTHER, entropy=entropy)
    record = CIPHER.encrypt(KEY, OTHER, context=b"", entropy=entropy)
    with pytest.raises(VerificationError):
        CIPHER.decrypt(KEY, wrapped, context=b"")
    with pytest.raises(VerificationError):
        CIPHER.unwrap(KEY, record)


def test_the_master_key_depends_on_passphrase_and_salt_alone() -> None:
    salt = b"s" * 16
    key = master_from_passphrase("caf\u00e9 noir", salt)
    assert len(key) == 32
    assert master_from_passphrase("cafe\u0301 noir", salt) == key
    assert master_from_passphrase("cafe noir", salt) != key
    assert master_from_passphrase("caf\u00e9 noir", b"t" * 16) != key
    with pytest.raises(InvalidInputError):
        master_from_passphrase("caf\u00e9 noir", b"s" * 15)


def test_another_implementation_derives_the_same_master_key() -> None:
    # RFC 9106, 4, second recommended option: Argon2id, 3 passes, 4 lanes, 64 MiB.
    other = Argon2id(salt=b"s" * 16, length=32, iterations=3, lanes=4, memory_cost=64 * 1024)
    assert other.derive(b"passphrase") == master_from_passphrase("passphrase", b"s" * 16)


def test_a_keyed_hash_is_hmac_of_rfc_4231() -> None:
    # RFC 4231, 4.3.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert keyed_hash(b"Jefe", "what do ya want for nothing?").hex() == expected
