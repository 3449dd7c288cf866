"""Padding, so that the size of an envelope does not tell a hit from a no-hit.

Body, the byte 80, zeros: up to a power of two from 1 KiB to 64 KiB, and above that to the sizes
of Padmé (PURBs, 2019), which leak O(log log n) bits and cost at most 12 %.
"""

from comity.core.errors import InvalidInputError
from comity.core.limits import KIB

_LEAST = KIB
_MOST_DOUBLED = 64 * KIB
_MARK = b"\x80"


def pad(body: bytes) -> bytes:
    """Return `body` at the length of its bucket."""
    return (body + _MARK).ljust(_bucket(len(body) + 1), b"\0")


def unpad(padded: bytes) -> bytes:
    """Return the body; raises `InvalidInputError` unless `pad` gives the same bytes."""
    marked = padded.rstrip(b"\0")
    if not marked.endswith(_MARK) or _bucket(len(marked)) != len(padded):
        raise InvalidInputError("expected a body padded to its bucket")
    return marked[:-1]


def _bucket(length: int) -> int:
    if length <= _MOST_DOUBLED:
        return max(_LEAST, 1 << (length - 1).bit_length())
    # Padmé: keep as many leading bits of the length as its exponent has bits.
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step
