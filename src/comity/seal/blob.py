"""Blobs: encryption of a payload too large for an envelope, as a stream of bounded memory.

C2SP `chunked-encryption`, Cobblestone-256, as the crypto library gives it: 24 bytes of salt, 32
of key commitment, then chunks of 16 KiB under AES-256-GCM, the last always shorter. A chunk
that is missing, moved, changed or of another blob fails; so does another key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from comity.core import limits
from comity.core.errors import LimitError, VerificationError

KEY = 32
CHUNK = 16 * limits.KIB
_HEAD, _TAG = 56, 16
_CONTEXT = b"comity blob 1 "


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRef:
    """What a sealed message says of a blob: whoever holds this may read it."""

    key: bytes
    """32 random bytes, of this copy alone."""
    digest: bytes
    """SHA-256 of the ciphertext."""
    length: int
    """Bytes of ciphertext."""
    chunks: int


def sealed_length(size: int) -> int:
    """Return how many bytes of ciphertext `size` bytes become."""
    return _HEAD + size + _TAG * chunks_of(size)


def chunks_of(size: int) -> int:
    """Return into how many chunks `size` bytes are cut; the last is never full."""
    return size // CHUNK + 1


def is_whole(ref: BlobRef) -> bool:
    """Whether length and count of chunks fit each other and the largest blob taken."""
    size = ref.length - _HEAD - _TAG * ref.chunks
    return (
        len(ref.key) == KEY
        and len(ref.digest) == sha256().digest_size
        and 0 <= size <= limits.BLOB
        and ref.chunks == chunks_of(size)
    )


@dataclass(slots=True)
class BlobSealer:
    """Encrypts one payload under one key: take every piece of `seal`, then ask for `ref`.

    A key is for one payload alone.
    """

    key: bytes
    federation: str
    size: int = 0
    length: int = 0
    digest: bytes = b""

    def seal(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield ciphertext as plaintext comes; raises `LimitError` beyond `limits.BLOB`."""
        engine, hashed = Cobblestone256Encryptor(self.key, _context(self.federation)), sha256()
        for data in self._sealed(engine, pieces):
            hashed.update(data)
            self.length += len(data)
            yield data
        self.digest = hashed.digest()

    def _sealed(
        self, engine: Cobblestone256Encryptor, pieces: Iterable[bytes]
    ) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            if self.size > limits.BLOB:
                raise LimitError(f"at most {limits.BLOB} bytes are sent in one file")
            yield bytes(engine.update(piece))
        yield bytes(engine.finalize())

    @property
    def ref(self) -> BlobRef:
        """What to say of the payload once every piece was taken."""
        return BlobRef(
            key=self.key,
            digest=self.digest,
            length=self.length,
            chunks=chunks_of(self.size),
        )


def open_blob(ref: BlobRef, pieces: Iterable[bytes], *, federation: str) -> Iterator[bytes]:
    """Yield plaintext, each chunk once it is authentic.

    Raises `VerificationError` at the first chunk that is not, or at the end where one is
    missing: what was yielded before is authentic, and not the whole.
    """
    engine = Cobblestone256Decryptor(ref.key, _context(federation))
    try:
        for piece in pieces:
            yield bytes(engine.update(piece))
        yield bytes(engine.finalize())
    except InvalidTag:
        raise VerificationError("a part of this file is not what its sender sealed") from None


def _context(federation: str) -> bytes:
    return _CONTEXT + federation.encode()
