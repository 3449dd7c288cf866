"""A witness's decision on `add-checkpoint` (C2SP tlog-witness), as a value.

INVARIANT: a witness never cosigns two histories of one origin. The caller reads `known`, calls
`consider` and stores the new checkpoint in one transaction that excludes every other request
for that origin, and lets the cosignature leave only after that commit: of two concurrent
requests the second then sees what the first stored and gets 409. A cosignature of a transaction
that rolled back is thrown away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comity.core.errors import InvalidInputError, VerificationError
from comity.core.keys import Verify
from comity.ledger.checkpoint import (
    Checkpoint,
    OpenedNote,
    Signer,
    cosign,
    open_note,
    parse_checkpoint,
)
from comity.ledger.note import (
    Verifier,
    base64,
    parse_decimal,
    parse_hash,
    parse_note,
    parse_text,
)
from comity.ledger.tree import EMPTY, PROOF, verify_consistency

_BAD, _FORBIDDEN, _UNKNOWN, _CONFLICT, _UNPROVEN = 400, 403, 404, 409, 422


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRequest:
    """A log's wish to have `note` cosigned, with the proof from the size `old`."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """Status 200: store `checkpoint` first, then answer with `body`."""

    checkpoint: Checkpoint
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An HTTP status; `body` is the known size where the status is 409, a reason otherwise."""

    status: int
    body: str


def parse_request(data: bytes) -> WitnessRequest:
    """Read the body of `add-checkpoint`; raises `InvalidInputError` (status 400)."""
    head, _, note = parse_text(data).partition("\n\n")
    old, *proof = head.split("\n")
    if not old.startswith("old ") or len(proof) > PROOF:
        raise InvalidInputError(f"expected `old <size>` and at most {PROOF} hashes")
    return WitnessRequest(
        old=parse_decimal(old.removeprefix("old ")),
        proof=tuple(parse_hash(line) for line in proof),
        note=note.encode(),
        origin=parse_checkpoint(parse_note(note.encode()).text).origin,
    )


def write_request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Write the body of `add-checkpoint`."""
    lines = "".join(f"{base64(step)}\n" for step in proof)
    return f"old {old}\n{lines}\n".encode() + note


def consider(  # noqa: PLR0913 - one keyword for each thing a witness knows
    request: WitnessRequest,
    known: Checkpoint | None,
    *,
    trusted: Iterable[Verifier],
    signers: Iterable[Signer],
    at: int,
    verify: Verify,
) -> Cosigned | Refused:
    """Decide on a request; the checks stand in the order of the specification.

    `known` is the latest checkpoint cosigned for this origin, `trusted` the keys of the log
    with this origin (none: unknown origin), `at` the witness's own time in unix seconds.
    """
    keys = [key for key in trusted if key.name == request.origin]
    if not keys:
        return Refused(status=_UNKNOWN, body="unknown origin\n")
    try:
        opened = open_note(request.note, keys, verify=verify)
    except VerificationError as error:
        return Refused(status=_FORBIDDEN, body=f"{error}\n")
    refused = _refused(request, opened, known)
    if refused is not None:
        return refused
    lines = (cosign(opened.checkpoint, signer, at=at).line() for signer in signers)
    return Cosigned(checkpoint=opened.checkpoint, body="".join(lines))


def _refused(
    request: WitnessRequest, opened: OpenedNote, known: Checkpoint | None
) -> Refused | None:
    stated = opened.checkpoint
    before = Checkpoint(origin=stated.origin, size=0, root=EMPTY) if known is None else known
    if not opened.seen:
        return Refused(status=_FORBIDDEN, body="no signature of a trusted key\n")
    if request.old > stated.size:
        return Refused(status=_BAD, body="old size above the size of the checkpoint\n")
    if request.old != before.size:
        return Refused(status=_CONFLICT, body=f"{before.size}\n")
    try:
        verify_consistency(
            request.proof,
            old=before.size,
            old_root=before.root,
            new=stated.size,
            new_root=stated.root,
        )
    except VerificationError as error:
        return Refused(status=_UNPROVEN, body=f"{error}\n")
    return None
