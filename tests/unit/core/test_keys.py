"""Keys as values."""

import hashlib

from comity.core.keys import PublicKey


def test_a_key_is_named_by_the_digest_of_its_bytes() -> None:
    key = PublicKey(algorithm="ed25519", raw=bytes(32))
    assert key.kid == hashlib.sha256(bytes(32)).digest()[:16]
    assert key.kid != PublicKey(algorithm="ed25519", raw=b"\1" + bytes(31)).kid
