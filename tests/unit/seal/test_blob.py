"""Blobs: a chunk that is missing, moved, changed or another blob's is never read."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from comity.core import limits
from comity.core.errors import LimitError, VerificationError
from comity.seal import BlobRef, BlobSealer, chunks_of, is_whole, open_blob, sealed_length
from comity.seal.blob import CHUNK

HOME = "test"
HEAD, FULL = 56, CHUNK + 16


def sealed(data: bytes, *, key: bytes = bytes(32)) -> tuple[BlobRef, bytes]:
    sealer = BlobSealer(key=key, federation=HOME)
    pieces = [data[at : at + 5_000] for at in range(0, len(data), 5_000)]
    found = b"".join(sealer.seal(pieces))
    return sealer.ref, found


def opened(ref: BlobRef, data: bytes, *, federation: str = HOME) -> bytes:
    pieces = [data[at : at + 7_000] for at in range(0, len(data), 7_000)]
    return b"".join(open_blob(ref, pieces, federation=federation))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_sealed_opens_and_has_the_length_it_says(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    ref, found = sealed(data[:size])
    assert opened(ref, found) == data[:size]
    assert len(found) == ref.length == sealed_length(size)
    assert ref.chunks == chunks_of(size)
    assert ref.digest == sha256(found).digest()
    assert is_whole(ref)


@pytest.mark.parametrize(
    "attack",
    [
        lambda data: data[:-1],
        lambda data: data[: HEAD + FULL],
        lambda data: data[:HEAD],
        lambda data: data[:10],
        lambda data: data[:HEAD] + data[HEAD + FULL :],
        lambda data: (
            data[:HEAD]
            + data[HEAD + FULL : HEAD + 2 * FULL]
            + data[HEAD : HEAD + FULL]
            + data[HEAD + 2 * FULL :]
        ),
        lambda data: data[: HEAD + FULL] + data[HEAD : HEAD + FULL] + data[HEAD + FULL :],
        lambda data: data + b"x",
        lambda data: data[:HEAD] + bytes([data[HEAD] ^ 1]) + data[HEAD + 1 :],
        lambda data: bytes([data[0] ^ 1]) + data[1:],
    ],
)
def test_truncated_reordered_doubled_or_changed_bytes_never_open(
    attack: Callable[[bytes], bytes],
) -> None:
    ref, found = sealed(bytes(2 * CHUNK + 100))
    with pytest.raises(VerificationError):
        opened(ref, attack(found))


def test_a_chunk_of_another_blob_another_key_and_another_federation_never_open() -> None:
    ref, found = sealed(bytes(2 * CHUNK))
    _, other = sealed(bytes(2 * CHUNK))
    mixed = found[: HEAD + FULL] + other[HEAD + FULL :]
    with pytest.raises(VerificationError):
        opened(ref, mixed)
    with pytest.raises(VerificationError):
        opened(sealed(b"", key=bytes([1]) * 32)[0], found)
    with pytest.raises(VerificationError):
        opened(ref, found, federation="another")


def test_more_than_a_file_may_hold_is_not_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOB", 9_000)
    with pytest.raises(LimitError):
        sealed(bytes(9_001))


@pytest.mark.parametrize(
    "ref",
    [
        BlobRef(key=bytes(31), digest=bytes(32), length=72, chunks=1),
        BlobRef(key=bytes(32), digest=bytes(31), length=72, chunks=1),
        BlobRef(key=bytes(32), digest=bytes(32), length=71, chunks=1),
        BlobRef(key=bytes(32), digest=bytes(32), length=72, chunks=2),
        BlobRef(key=bytes(32), digest=bytes(32), length=1 << 50, chunks=1),
        BlobRef(key=bytes(32), digest=bytes(32), length=-1, chunks=0),
    ],
)
def test_a_reference_that_does_not_fit_itself_is_none(ref: BlobRef) -> None:
    assert not is_whole(ref)
