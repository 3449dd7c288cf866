"""The offline evidence file (C2SP tlog-proof): an entry, its path to the root, a checkpoint."""

from dataclasses import dataclass

from comity.core.errors import InvalidInputError, VerificationError
from comity.core.keys import Verify
from comity.ledger.checkpoint import OpenedNote, open_note, parse_checkpoint
from comity.ledger.note import (
    base64,
    parse_base64,
    parse_decimal,
    parse_hash,
    parse_note,
    parse_text,
)
from comity.ledger.policy import Policy
from comity.ledger.tree import PROOF, Read, inclusion_proof, leaf_hash, verify_inclusion

_FIRST = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A `.tlog-proof`; `extra` is authenticated by nothing."""

    index: int
    hashes: tuple[bytes, ...]
    note: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """Write the file."""
        extra = f"extra {base64(self.extra)}\n" if self.extra else ""
        hashes = "".join(f"{base64(step)}\n" for step in self.hashes)
        return f"{_FIRST}\n{extra}index {self.index}\n{hashes}\n".encode() + self.note


def prove(index: int, note: bytes, *, read: Read, extra: bytes = b"") -> Proof:
    """Prove entry `index` under a signed checkpoint; raises `InvalidInputError`."""
    size = parse_checkpoint(parse_note(note).text).size
    hashes = inclusion_proof(index, size, read)
    return Proof(index=index, hashes=hashes, note=note, extra=extra)


def parse_proof(data: bytes) -> Proof:
    """Read a `.tlog-proof`; raises `InvalidInputError`, and `LimitError` beyond the limits."""
    head, _, note = parse_text(data).partition("\n\n")
    first, *lines = head.split("\n")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = parse_base64(lines.pop(0).removeprefix("extra "))
    if first != _FIRST or not lines or not lines[0].startswith("index "):
        raise InvalidInputError(f"expected `{_FIRST}` and `index <number>` in a proof")
    parse_checkpoint(parse_note(note.encode()).text)
    index, *hashes = lines
    if len(hashes) > PROOF:
        raise InvalidInputError(f"expected at most {PROOF} hashes in a proof")
    return Proof(
        index=parse_decimal(index.removeprefix("index ")),
        hashes=tuple(parse_hash(line) for line in hashes),
        note=note.encode(),
        extra=extra,
    )


def verify_proof(proof: Proof, entry: bytes, policy: Policy, *, verify: Verify) -> OpenedNote:
    """Check that `entry` is in a ledger under a checkpoint that meets the policy.

    Return the checkpoint with the times its witnesses saw it. Raises `VerificationError` or
    `InvalidInputError`.
    """
    opened = open_note(proof.note, policy.verifiers, verify=verify)
    if not policy.is_met(opened):
        raise VerificationError("the checkpoint lacks signatures that the policy asks for")
    stated = opened.checkpoint
    verify_inclusion(
        leaf_hash(entry), proof.hashes, index=proof.index, size=stated.size, root=stated.root
    )
    return opened
