"""Two histories of one ledger, shown to different people, as evidence that stands alone.

A log that signs two roots for one size, or a size that its own later tree does not contain, has
equivocated; so has one that signs no entries under another root than the empty tree's. The
evidence is both signed checkpoints and, where the sizes differ, the root that the later tree
has at the earlier size with the consistency proof between the two: whoever holds the log's key
can check it offline, and nobody who lacks that key can make it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.core.errors import InvalidInputError, VerificationError
from comity.core.keys import Verify
from comity.ledger.checkpoint import Checkpoint, OpenedNote, open_note, parse_checkpoint
from comity.ledger.note import (
    Verifier,
    base64,
    parse_hash,
    parse_note,
    parse_text,
    parse_vkey,
)
from comity.ledger.tree import EMPTY, PROOF, Read, consistency_proof, root, verify_consistency

_FIRST = "comity/equivocation@v1"
_PARTS = 5
_KEYS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivocation:
    """Evidence that one key signed two histories; nothing in it is verified yet."""

    keys: tuple[Verifier, ...]
    """Keys to check it with. They lie beside the evidence: compare them with the directory."""
    earlier: bytes
    """The signed checkpoint of the smaller size, or one of two of the same size."""
    later: bytes
    root: bytes = b""
    """The root that the later tree has at the earlier size; empty where the sizes are equal."""
    proof: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Write the file."""
        keys = "".join(f"key {key.text}\n" for key in self.keys)
        then = f"root {base64(self.root)}\n" if self.root else ""
        steps = "".join(f"{base64(step)}\n" for step in self.proof)
        head = f"{_FIRST}\n{keys}{then}{steps}\n".encode()
        return head + self.earlier + b"\n" + self.later


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """What verified evidence shows: two checkpoints, and every key that signed both."""

    earlier: Checkpoint
    later: Checkpoint
    signers: tuple[Verifier, ...]
    """The log's keys, and witnesses that cosigned both histories."""


def compare(
    one: bytes, other: bytes, *, keys: Iterable[Verifier], read: Read | None = None
) -> Equivocation | None:
    """Compare two signed checkpoints of one log; `None` where one history holds both.

    `read` gives the nodes of the larger tree, and is needed only where the sizes differ. The
    notes must have been opened before. Raises `VerificationError` where the nodes do not lead
    to the larger root, which proves nothing yet, and `InvalidInputError` on two logs.
    """
    # Of two empty trees the false one comes first, so that `expose` compares it.
    earlier, later = sorted((one, other), key=lambda note: _order(_stated(note)))
    before, after = _stated(earlier), _stated(later)
    if before.origin != after.origin:
        raise InvalidInputError("expected two checkpoints of one ledger")
    made = Equivocation(keys=tuple(keys), earlier=earlier, later=later)
    if before.size == 0:
        # RFC 6962, 2.1: the empty tree has one root, and precedes every other.
        found = replace(made, root=EMPTY if after.size else b"")
        return None if before.root == EMPTY else found
    if before.size == after.size:
        return None if before.root == after.root else made
    if read is None:
        raise VerificationError("checkpoints of two sizes cannot be compared without a proof")
    then = root(before.size, read)
    proof = consistency_proof(before.size, after.size, read)
    verify_consistency(
        proof, old=before.size, old_root=then, new=after.size, new_root=after.root
    )
    if then == before.root:
        return None
    return Equivocation(keys=made.keys, earlier=earlier, later=later, root=then, proof=proof)


def parse_equivocation(data: bytes) -> Equivocation:
    """Read an evidence file; raises `InvalidInputError`, and `LimitError` beyond the limits."""
    parts = parse_text(data).split("\n\n")
    first, *lines = parts[0].split("\n")
    if len(parts) != _PARTS or first != _FIRST:
        raise InvalidInputError(f"expected `{_FIRST}`, keys, and two signed checkpoints")
    keys = [line.removeprefix("key ") for line in lines if line.startswith("key ")]
    rest, then = lines[len(keys) :], b""
    if rest and rest[0].startswith("root "):
        then = parse_hash(rest.pop(0).removeprefix("root "))
    if not 0 < len(keys) <= _KEYS or len(rest) > PROOF:
        raise InvalidInputError(f"expected 1 to {_KEYS} keys and at most {PROOF} hashes")
    earlier, later = _joined(*parts[1:3], end="\n"), _joined(*parts[3:], end="")
    for note in (earlier, later):
        _stated(note)
    return Equivocation(
        keys=tuple(parse_vkey(key) for key in keys),
        earlier=earlier,
        later=later,
        root=then,
        proof=tuple(parse_hash(line) for line in rest),
    )


def expose(evidence: Equivocation, keys: Iterable[Verifier], *, verify: Verify) -> Exposed:
    """Check evidence under keys the caller trusts; raises `VerificationError`."""
    trusted = tuple(keys)
    opened = [
        open_note(note, trusted, verify=verify) for note in (evidence.earlier, evidence.later)
    ]
    before, after = (each.checkpoint for each in opened)
    # INVARIANT: nobody is accused by what they did not sign; a key counts only if both notes
    # bear its signature.
    signers = _signed(opened[0]) & _signed(opened[1])
    if not signers:
        raise VerificationError("no key that is trusted signed both checkpoints")
    if before.origin != after.origin or before.size > after.size:
        raise VerificationError("these checkpoints are of two ledgers, or in the wrong order")
    then = after.root if before.size == after.size else evidence.root
    if before.size == 0:
        then = EMPTY
    if not then or then == before.root:
        raise VerificationError("one history may hold both checkpoints")
    if before.size < after.size:
        verify_consistency(
            evidence.proof, old=before.size, old_root=then, new=after.size, new_root=after.root
        )
    elif evidence.proof:
        raise VerificationError("two roots of one size need no proof")
    ordered = tuple(key for key in trusted if key in signers)
    return Exposed(earlier=before, later=after, signers=ordered)


def _signed(opened: OpenedNote) -> set[Verifier]:
    return {each.verifier for each in opened.seen}


def _order(stated: Checkpoint) -> tuple[int, bool]:
    return stated.size, stated.root == EMPTY


def _stated(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def _joined(text: str, signatures: str, *, end: str) -> bytes:
    return f"{text}\n\n{signatures}{end}".encode()
