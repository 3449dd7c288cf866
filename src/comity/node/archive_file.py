"""One sealed file of many: written and read in chunks, whole or not at all.

    the line comity-backup/1, u16 length, header, then chunks: u32 length, sealed

Each chunk is bound to the file, its place and whether it is the last (the STREAM construction),
so that a chunk changed, moved, taken out or cut off is found before anything read is believed.
"""

import io
from dataclasses import dataclass, field
from typing import BinaryIO, Final, cast

from typing_extensions import override

from comity.core import cbor
from comity.core.clock import Entropy
from comity.core.errors import InvalidInputError, VerificationError
from comity.node.master import unwrap_by_passphrase, wrap_by_passphrase
from comity.seal import RecordCipher

_MAGIC: Final = b"comity-backup/1\n"
_CHUNK = 1 << 20
_SEALED = _CHUNK + 64
_HEADER = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    key: bytes = field(repr=False)
    name: bytes

    def context(self, place: int, *, is_last: bool) -> bytes:
        """Bind a chunk to its file, its place, and whether the file ends with it."""
        end = b"\x01" if is_last else b"\x00"
        return b"comity/v1/backup/" + self.name + place.to_bytes(8, "big") + end


class SealedWriter(io.RawIOBase):
    """Seals what is written to it; without the last chunk of `finish` nothing counts."""

    def __init__(self, out: BinaryIO, *, passphrase: str, entropy: Entropy) -> None:
        """Begin a file under a fresh key, wrapped by the passphrase (Argon2id)."""
        super().__init__()
        self._out, self._entropy = out, entropy
        self._stream = _Stream(key=entropy.take(32), name=entropy.take(16))
        self._held = bytearray()
        self._place = 0
        wrapped = wrap_by_passphrase(self._stream.key, passphrase, entropy=entropy)
        header = cbor.encode({"key": wrapped, "name": self._stream.name})
        out.write(_MAGIC + len(header).to_bytes(2, "big") + header)

    @property
    def name(self) -> bytes:
        """The random name of this file."""
        return self._stream.name

    @override
    def writable(self) -> bool:
        """Say yes."""
        return True

    @override
    def write(self, data: object, /) -> int:
        """Take bytes; full chunks are sealed at once."""
        held = bytes(cast("bytes", data))
        self._held += held
        while len(self._held) > _CHUNK:
            self._seal(bytes(self._held[:_CHUNK]), is_last=False)
            del self._held[:_CHUNK]
        return len(held)

    def finish(self) -> None:
        """Seal the last chunk."""
        self._seal(bytes(self._held), is_last=True)
        self._held.clear()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        context = self._stream.context(self._place, is_last=is_last)
        sealed = RecordCipher().encrypt(
            self._stream.key, chunk, context=context, entropy=self._entropy
        )
        self._out.write(len(sealed).to_bytes(4, "big") + sealed)
        self._place += 1


class SealedReader(io.RawIOBase):
    """Reads a sealed file; raises `VerificationError` at the first byte that does not hold."""

    def __init__(self, source: BinaryIO, *, passphrase: str) -> None:
        """Read the header.

        Raises `InvalidInputError` on another sort of file, `ConfigurationError` on a wrong
        passphrase.
        """
        super().__init__()
        self._source = source
        wrong = InvalidInputError("this file is no backup of a node, or its head is damaged")
        if source.read(len(_MAGIC)) != _MAGIC:
            raise wrong
        size = int.from_bytes(source.read(2), "big")
        if size > _HEADER:
            raise wrong
        try:
            header = cast("dict[str, bytes]", cbor.decode(source.read(size)))
            wrapped, name = bytes(header["key"]), bytes(header["name"])
        except (InvalidInputError, KeyError, TypeError):
            raise wrong from None
        key = unwrap_by_passphrase(wrapped, passphrase)
        self._stream = _Stream(key=key, name=name)
        self._held = b""
        self._place = 0
        self._is_over = False

    @property
    def name(self) -> bytes:
        """The random name of this file."""
        return self._stream.name

    @override
    def readable(self) -> bool:
        """Say yes."""
        return True

    @override
    def readinto(self, buffer: object, /) -> int:
        """Fill a buffer with what has been verified."""
        view = memoryview(cast("bytearray", buffer))
        while not self._held and not self._is_over:
            self._held = self._next()
        part = self._held[: len(view)]
        view[: len(part)] = part
        self._held = self._held[len(part) :]
        return len(part)

    def expect_end(self) -> None:
        """Read to the end; raises `VerificationError` where the file is cut off or goes on."""
        while not self._is_over:
            self._next()
        if self._source.read(1):
            raise VerificationError("the backup goes on after its end")

    def _next(self) -> bytes:
        head = self._source.read(4)
        size = int.from_bytes(head, "big")
        sealed = self._source.read(size) if len(head) == 4 and size <= _SEALED else b""  # noqa: PLR2004 - a length's own size
        if not sealed or len(sealed) != size:
            raise VerificationError("the backup is cut off: its end is missing")
        for is_last in (False, True):
            opened = self._open(sealed, is_last=is_last)
            if opened is not None:
                self._place += 1
                self._is_over = is_last
                return opened
        raise VerificationError(f"the backup was changed: chunk {self._place} does not hold")

    def _open(self, sealed: bytes, *, is_last: bool) -> bytes | None:
        context = self._stream.context(self._place, is_last=is_last)
        try:
            return RecordCipher().decrypt(self._stream.key, sealed, context=context)
        except VerificationError:
            return None
