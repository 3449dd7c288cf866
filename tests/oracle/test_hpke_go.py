"""Go's `crypto/hpke` and `crypto/mldsa` open and verify what we make, and the reverse."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM1024PrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from comity.core.errors import VerificationError
from comity.seal import CheckpointSigner, Prekey, suite, verify

SEEDS = [hashlib.sha256(bytes([number])).digest() for number in range(8)]
INFO = b"what binds the key"


class Ask(Protocol):
    def __call__(self, act: str, **fields: bytes) -> tuple[bytes, str]: ...


@pytest.fixture(scope="module")
def go(go_program: Callable[[str], Path]) -> Ask:
    program = go_program("hpke")

    def ask(act: str, **fields: bytes) -> tuple[bytes, str]:
        request = {"act": act, **{name: value.hex() for name, value in fields.items()}}
        done = subprocess.run(
            [str(program)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            check=True,
        )
        reply = cast("Mapping[str, str]", json.loads(done.stdout))
        return bytes.fromhex(reply["result"]), reply["error"]

    return ask


@pytest.mark.parametrize("seed", SEEDS)
def test_one_seed_is_one_public_key(go: Ask, seed: bytes) -> None:
    assert go("public", seed=seed) == (Prekey.from_raw(seed).public.raw, "")


@pytest.mark.parametrize("seed", SEEDS)
def test_go_unwraps_the_key_we_wrap(go: Ask, seed: bytes) -> None:
    key = hashlib.sha256(seed).digest()
    encapsulated, wrapped = suite.wrap(key, Prekey.from_raw(seed).public, info=INFO)
    assert go("open", seed=seed, info=INFO, data=encapsulated + wrapped) == (key, "")
    _, error = go("open", seed=seed, info=INFO + b"!", data=encapsulated + wrapped)
    assert error


@pytest.mark.parametrize("seed", SEEDS)
def test_we_unwrap_the_key_go_wraps(go: Ask, seed: bytes) -> None:
    own = Prekey.from_raw(seed)
    key = hashlib.sha256(seed).digest()
    both, error = go("seal", public=own.public.raw, info=INFO, data=key)
    assert not error
    halves = both[: suite.ENCAPSULATED], both[suite.ENCAPSULATED :]
    assert suite.unwrap(*halves, prekey=own, info=INFO) == key
    with pytest.raises(VerificationError):
        suite.unwrap(*halves, prekey=own, info=INFO + b"!")


def test_ml_dsa_verifies_with_and_without_context(go: Ask) -> None:
    signer = CheckpointSigner.from_raw(SEEDS[0])
    for context in (b"", b"use"):
        signature = signer.sign(b"data", context=context)
        asked = {"public": signer.public.raw, "data": b"data", "signature": signature}
        assert go("mldsa", context=context, **asked) == (b"", "")
        assert verify(signer.public, signature, b"data", context=context)
        _, error = go("mldsa", context=context + b"!", **asked)
        assert error


# Go's own vectors against the library we rest on. Its HPKE takes an AAD only through a private
# call, which the product never makes.

KDFS = {
    1: hpke.KDF.HKDF_SHA256,
    2: hpke.KDF.HKDF_SHA384,
    3: hpke.KDF.HKDF_SHA512,
    16: hpke.KDF.SHAKE128,
    17: hpke.KDF.SHAKE256,
}
AEADS = {1: hpke.AEAD.AES_128_GCM, 2: hpke.AEAD.AES_256_GCM, 3: hpke.AEAD.CHACHA20_POLY1305}
PrivateKey = (
    X25519PrivateKey
    | EllipticCurvePrivateKey
    | MLKEM768PrivateKey
    | MLKEM1024PrivateKey
    | hpke.MLKEM768X25519PrivateKey
)
KEMS: dict[int, tuple[hpke.KEM, Callable[[bytes], PrivateKey]]] = {
    0x10: (
        hpke.KEM.P256,
        lambda raw: derive_private_key(int.from_bytes(raw, "big"), SECP256R1()),
    ),
    0x20: (hpke.KEM.X25519, X25519PrivateKey.from_private_bytes),
    0x41: (hpke.KEM.MLKEM768, MLKEM768PrivateKey.from_seed_bytes),
    0x42: (hpke.KEM.MLKEM1024, MLKEM1024PrivateKey.from_seed_bytes),
    0x647A: (hpke.KEM.MLKEM768_X25519, lambda raw: Prekey.from_raw(raw).private),
}
RFC_9180_A_1_1 = {
    "aad": b"Count-0".hex(),
    "pt": b"Beauty is truth, truth beauty".hex(),
    "ct": "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
    "6d8770ac83d07bea87e13c512a",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    kem: int
    kdf: int
    aead: int
    fields: Mapping[str, str]
    first: Mapping[str, str]


def vectors(go_root: Path, name: str) -> list[Vector]:
    """Read the vectors whose algorithms the library has; single shot: the first text."""
    text = (go_root / "src/crypto/hpke/testdata" / name).read_text()
    found: list[Vector] = []
    for entry in json.loads(text):
        numbers = entry["kem_id"], entry["kdf_id"], entry["aead_id"]
        known = numbers[0] in KEMS and numbers[1] in KDFS and numbers[2] in AEADS
        # Go's copy of RFC 9180 keeps only digests of the texts; A.1.1 is the RFC's own.
        first = entry.get("encryptions", [RFC_9180_A_1_1])[0]
        if known and ("encryptions" in entry or numbers == (0x20, 1, 1)):
            fields = {label: entry[label] for label in ("enc", "skRm", "info")}
            vector = Vector(
                kem=numbers[0], kdf=numbers[1], aead=numbers[2], fields=fields, first=first
            )
            found.append(vector)
    return found


@pytest.mark.parametrize(
    ("name", "kems"),
    [("hpke-pq.json", [0x41, 0x42, 0x647A, 0x10, 0x647A]), ("rfc9180.json", [0x20])],
)
def test_gos_vectors_open(go_root: Path, name: str, kems: list[int]) -> None:
    found = vectors(go_root, name)
    assert [vector.kem for vector in found] == kems
    for vector in found:
        kem, read = KEMS[vector.kem]
        fields, first = vector.fields, vector.first
        plaintext = openssl.hpke._decrypt_with_aad(
            hpke.Suite(kem, KDFS[vector.kdf], AEADS[vector.aead]),
            bytes.fromhex(fields["enc"] + first["ct"]),
            read(bytes.fromhex(fields["skRm"])),
            bytes.fromhex(fields["info"]),
            bytes.fromhex(first["aad"]),
        )
        assert plaintext.hex() == first["pt"]
