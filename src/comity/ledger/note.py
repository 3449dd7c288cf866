"""Signed notes and verifier keys (C2SP signed-note): text, names, key ids, signature lines."""

import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum, unique

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.core.keys import PublicKey

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "\u2014 "
_ID = 4


@unique
class KeyType(IntEnum):
    """How a key signs a checkpoint; the number stands in its key id."""

    ED25519 = 1
    COSIGNATURE = 4
    ML_DSA_44 = 6


_KEYS = {
    KeyType.ED25519: ("ed25519", 32),
    KeyType.COSIGNATURE: ("ed25519", 32),
    KeyType.ML_DSA_44: ("ml-dsa-44", 1312),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A named key that may sign checkpoints."""

    name: str
    type: KeyType
    key: PublicKey

    def __post_init__(self) -> None:
        """Check name, algorithm and length; raises `InvalidInputError`."""
        parse_name(self.name)
        if (self.key.algorithm, len(self.key.raw)) != _KEYS[self.type]:
            raise InvalidInputError(f"expected {_KEYS[self.type]} for key type {self.type:02x}")

    @property
    def id(self) -> bytes:
        """The four bytes that lead each of its signatures."""
        named = self.name.encode() + b"\n" + bytes((self.type,)) + self.key.raw
        return hashlib.sha256(named).digest()[:_ID]

    @property
    def text(self) -> str:
        """The key as one word, the `vkey`."""
        return f"{self.name}+{self.id.hex()}+{base64(bytes((self.type,)) + self.key.raw)}"


def parse_vkey(text: str) -> Verifier:
    """Read a verifier key of type 01, 04 or 06; raises `InvalidInputError`."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = parse_base64(encoded)
    if data[:1] not in {bytes((known,)) for known in KeyType}:
        raise InvalidInputError(f"expected a key of type 01, 04 or 06 in `{text[:80]}`")
    kind = KeyType(data[0])
    key = PublicKey(algorithm=_KEYS[kind][0], raw=data[1:])
    made = Verifier(name=name, type=kind, key=key)
    if made.id.hex() != key_id:
        raise InvalidInputError(f"expected key id {made.id.hex()} in `{text[:80]}`")
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line: who claims to have signed, and the bytes after the key id."""

    name: str
    id: bytes
    value: bytes

    def line(self) -> str:
        """Write the line, with its newline."""
        return f"{_DASH}{self.name} {base64(self.id + self.value)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text, ending in a newline, and its signatures; nothing in it is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """Write the note."""
        lines = "".join(signature.line() for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def parse_note(data: bytes) -> Note:
    """Read a signed note; raises `InvalidInputError`, and `LimitError` beyond the limits."""
    text, gap, lines = parse_text(data).rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise InvalidInputError("expected a text, an empty line and signature lines in a note")
    return Note(text=text + "\n", signatures=parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read signature lines, each with its newline; raises as `parse_note` does."""
    found = lines.split("\n")[:-1]
    if len(found) > limits.NOTE_SIGNATURES:
        raise LimitError(f"more than {limits.NOTE_SIGNATURES} signatures in a note")
    return tuple(_signature(line) for line in found)


def _signature(line: str) -> Signature:
    dash, name, encoded = line[:2], *line[2:].rpartition(" ")[::2]
    data = parse_base64(encoded)
    if dash != _DASH or len(data) <= _ID:
        raise InvalidInputError("expected `— name base64` in a signature line")
    return Signature(name=parse_name(name), id=data[:_ID], value=data[_ID:])


def parse_text(data: bytes) -> str:
    """Decode UTF-8 without control bytes but newline; raises `InvalidInputError`."""
    if len(data) > limits.NOTE:
        raise LimitError(f"note of more than {limits.NOTE} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"expected UTF-8 at byte {error.start} of a note") from None
    if any(byte < 0x20 and byte != 0x0A for byte in data):  # noqa: PLR2004 - ASCII control
        raise InvalidInputError("expected no control byte but newline in a note")
    return text


def parse_name(text: str) -> str:
    """Check the name of a key or origin: one word without `+`; raises `InvalidInputError`."""
    if text.split() != [text] or "+" in text or not text.isprintable():
        raise InvalidInputError(f"expected a name of one word without `+`, got `{text[:80]}`")
    return text


def parse_decimal(text: str) -> int:
    """Read an ASCII decimal below 2^63, no leading zero; raises `InvalidInputError`."""
    if not _DECIMAL.fullmatch(text) or (number := int(text)) >= 1 << 63:
        raise InvalidInputError(f"expected a number without leading zero, got `{text[:40]}`")
    return number


def parse_hash(text: str) -> bytes:
    """Read the base64 of a SHA-256 hash; raises `InvalidInputError`."""
    data = parse_base64(text)
    if len(data) != 32:  # noqa: PLR2004 - SHA-256
        raise InvalidInputError(f"expected a hash of 32 bytes, got {len(data)}")
    return data


def base64(data: bytes) -> str:
    """Write standard base64 with padding (RFC 4648, 4)."""
    return binascii.b2a_base64(data, newline=False).decode()


def parse_base64(text: str) -> bytes:
    """Read standard base64 in its one spelling; raises `InvalidInputError`."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        data = b""
    if not data or base64(data) != text:
        raise InvalidInputError(f"expected base64, got `{text[:40]}`")
    return data
