"""The append-only tree of RFC 6962: hashes, growth, roots and proofs.

A node is named (level, index): it covers the 2^level entries from index * 2^level. Only
complete nodes are stored, and a complete node never changes. A store appends through
`Frontier`, which holds one hash per bit of the size, and keeps what `append` returns (one node
per entry on average); everything else is computed for any committed size through `read`, in
about log2(size) reads.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeAlias

from comity.core.errors import InvalidInputError, VerificationError

Read: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of the complete node (level, index); level 0 holds the leaf hashes."""
Node: TypeAlias = tuple[int, int, bytes]
"""Level, index and hash of a complete node."""

EMPTY = hashlib.sha256(b"").digest()
"""Root of the tree without entries."""
HASH = 32
"""Bytes in every hash of the tree."""
PROOF = 63
"""Most hashes in a proof: sizes stay below 2^63."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """Grows a tree by its right edge; one writer owns it."""

    __slots__ = ("_edge", "_size")

    def __init__(self) -> None:
        """Begin with no entries."""
        self._size = 0
        self._edge: list[bytes] = []

    @classmethod
    def load(cls, size: int, read: Read) -> "Frontier":
        """Take up a tree of `size` entries by reading one node for each bit set in `size`."""
        made = cls()
        made._size = size
        levels = (level for level in reversed(range(size.bit_length())) if size >> level & 1)
        made._edge = [read(level, (size >> level) - 1) for level in levels]
        return made

    @property
    def size(self) -> int:
        """How many entries the tree holds."""
        return self._size

    def append(self, leaf: bytes) -> list[Node]:
        """Add one leaf hash at index `size`; return the nodes above it that it completes."""
        index, level, nodes, edge = self._size, 0, list[Node](), self._edge
        while index & 1:
            leaf = node_hash(edge.pop(), leaf)
            index, level = index >> 1, level + 1
            nodes.append((level, index, leaf))
        edge.append(leaf)
        self._size += 1
        return nodes

    def root(self) -> bytes:
        """Return the root of everything appended so far."""
        if not self._edge:
            return EMPTY
        *rest, made = self._edge
        for left in reversed(rest):
            made = node_hash(left, made)
        return made


def root(size: int, read: Read) -> bytes:
    """Return the root over the first `size` entries."""
    return _span(0, size, read) if size else EMPTY


def inclusion_proof(index: int, size: int, read: Read) -> tuple[bytes, ...]:
    """Prove entry `index` in the tree of `size`, sibling first (RFC 6962, 2.1.1).

    Raises `InvalidInputError` where the entry lies outside the tree.
    """
    if not 0 <= index < size:
        raise InvalidInputError(f"expected an entry below {size}, got {index}")
    first, last, path = 0, size, list[bytes]()
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(_span(middle, last, read))
            last = middle
        else:
            path.append(_span(first, middle, read))
            first = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, read: Read) -> tuple[bytes, ...]:
    """Prove that the tree of `new` extends the tree of `old` (RFC 6962, 2.1.2).

    Empty where `old` is 0 or `new`; raises `InvalidInputError` where `old` is above `new`.
    """
    if not 0 <= old <= new:
        raise InvalidInputError(f"expected an earlier size of at most {new}, got {old}")
    if old == 0:
        return ()
    first, last, path = 0, new, list[bytes]()
    while last != old:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(_span(middle, last, read))
            last = middle
        else:
            path.append(_span(first, middle, read))
            first = middle
    if first:
        path.append(_span(first, last, read))
    return tuple(reversed(path))


def verify_inclusion(
    leaf: bytes, proof: Sequence[bytes], *, index: int, size: int, root: bytes
) -> None:
    """Check that a leaf hash stands at `index` under `root`; raises `VerificationError`."""
    # RFC 9162, 2.1.3.2
    at, last, made = index, size - 1, leaf
    if not 0 <= index < size:
        raise VerificationError(f"expected an entry below {size}, got {index}")
    for step in proof:
        if not last:
            raise VerificationError("inclusion proof longer than the tree is high")
        if at & 1 or at == last:
            made = node_hash(step, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, step)
        at, last = at >> 1, last >> 1
    if last or made != root:
        raise VerificationError(f"inclusion proof of entry {index} does not lead to the root")


def verify_consistency(
    proof: Sequence[bytes], *, old: int, old_root: bytes, new: int, new_root: bytes
) -> None:
    """Check that the tree of `new` extends the tree of `old`; raises `VerificationError`."""
    if not 0 <= old <= new or (not old and old_root != EMPTY):
        raise VerificationError(f"no tree of {old} entries with this root precedes {new}")
    if old in (0, new):
        if proof or (old == new and old_root != new_root):
            raise VerificationError(f"expected an empty proof and the same root for size {old}")
        return
    # RFC 9162, 2.1.4.2
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if _climb(steps, at, last) != (old_root, new_root):
        raise VerificationError(f"consistency proof does not hold from {old} to {new}")


def _climb(steps: Sequence[bytes], at: int, last: int) -> tuple[bytes, ...]:
    """Return the two roots that the steps of a consistency proof lead to; empty if none."""
    if not steps:
        return ()
    before = after = steps[0]
    for step in steps[1:]:
        if not last:
            return ()
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return () if last else (before, after)


def _split(count: int) -> int:
    """Return the largest power of two below `count` (RFC 6962, 2.1); `count` is above 1."""
    return 1 << (count - 1).bit_length() - 1


def _span(first: int, last: int, read: Read) -> bytes:
    """Hash entries first..last-1; a power of two not below the count divides `first`."""
    count = last - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, first >> level)
    middle = first + _split(count)
    return node_hash(_span(first, middle, read), _span(middle, last, read))
