"""Ledger evidence as files: written for inspectors, and verified without any node.

    checkpoint  tile/…  tile/entries/…     the static C2SP tree
    log.vkey                               the log's Ed25519 key
    log-ml-dsa-44.vkey                     the log's post-quantum key
    witnesses.vkey                         the keys of those who cosigned, one a line

A proof of one entry is `NAME.tlog-proof`, with the entry as its extra data, and beside it
`NAME.entry` and `NAME.policy` for programs of other authors. That a log signed two histories is
one file, `NAME.equivocation`.

Keys that lie beside the evidence show that it is whole, not whose it is: compare them with the
directory, or verify under a policy of your own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.core import limits
from comity.core.clock import Instant, iso
from comity.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StorageError,
    VerificationError,
)
from comity.ledger import (
    OpenedNote,
    Policy,
    Seen,
    decode_leaf,
    export,
    expose,
    parse_equivocation,
    parse_policy,
    parse_proof,
    prove,
    verify_export,
    verify_proof,
)
from comity.node.archive import Archive, Vkeys
from comity.seal import verify

LOG, LOG_PQ, WITNESSES = "log.vkey", "log-ml-dsa-44.vkey", "witnesses.vkey"
PROOF, EQUIVOCATION = ".tlog-proof", ".equivocation"
_ENTRY, _POLICY = ".entry", ".policy"
_LARGEST = 64 * limits.MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """One entry with the proof that it stands in the ledger."""

    index: int
    type: str
    at: Instant
    entry: bytes
    proof: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying files found; they hold only where `faults` is empty."""

    origin: str
    size: int
    root: bytes
    read: int
    """Entries read and hashed."""
    counts: tuple[tuple[str, int], ...]
    """Entries by type."""
    seen: tuple[str, ...]
    """Who verifiably signed the checkpoint, and when where the signature says it."""
    faults: tuple[tuple[str, str], ...]
    """Where, and what is wrong there."""
    told: str = ""
    """What the evidence shows, where it is not a ledger or an entry that holds."""

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def export_to(archive: Archive, out: Path) -> int:
    """Write the whole tree and its keys into a new or empty folder; return how many files.

    Raises `ConflictError` where something lies there, `StorageError` where the disk fails.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConflictError(f"`{out}` is not an empty folder")
    written = 0
    for name, data in export(archive.note(), read=archive.read, entries=archive.entries):
        _write(out / name, data)
        written += 1
    log, witnesses = archive.vkeys.log, archive.vkeys.witnesses
    keys = {LOG: log[:1], LOG_PQ: log[1:], WITNESSES: witnesses}
    for name, lines in keys.items():
        _write(out / name, "".join(f"{line}\n" for line in lines).encode())
    return written + len(keys)


def prove_entry(archive: Archive, index: int) -> Proven:
    """Prove one entry; raises `NotFoundError` where the checkpoint does not cover it."""
    size = archive.checkpoint().size
    if not 0 <= index < size:
        raise NotFoundError(f"no entry {index}: the checkpoint covers {size} entries")
    (entry,) = archive.entries(index, 1)
    proof = prove(index, archive.note(), read=archive.read, extra=entry)
    leaf = decode_leaf(entry)
    return Proven(
        index=index,
        type=leaf.type.name.lower(),
        at=Instant(leaf.at * 1000),
        entry=entry,
        proof=proof.encode(),
    )


def write_proof(proven: Proven, vkeys: Vkeys, out: Path) -> None:
    """Write a proof, and its entry and policy beside it; raises `StorageError`."""
    _write(out, proven.proof)
    _write(_beside(out, _ENTRY), proven.entry)
    _write(_beside(out, _POLICY), policy_text(vkeys).encode())


def policy_text(vkeys: Vkeys) -> str:
    """Write the policy that these keys make: a log of them, and every one of the witnesses."""
    names = [f"w{place}" for place in range(len(vkeys.witnesses))]
    lines = [f"log {key}" for key in vkeys.log]
    lines += [f"witness {name} {key}" for name, key in zip(names, vkeys.witnesses, strict=True)]
    if names:
        lines.append(f"group everyone all {' '.join(names)}")
    lines.append("quorum everyone" if names else "quorum none")
    return "\n".join(lines) + "\n"


def verify_files(path: Path, *, policy: Path | None = None) -> Verdict:
    """Verify an exported folder, one `.tlog-proof` or one `.equivocation`, offline.

    Raises `InvalidInputError` where there is nothing to verify or no key to verify it with.
    """
    if path.is_dir():
        return _verify_folder(path, _policy(policy, beside=path))
    if path.is_file() and path.name.endswith(EQUIVOCATION):
        return _verify_equivocation(path, policy)
    if path.is_file():
        own = _beside(path, _POLICY)
        chosen = policy or (own if own.is_file() else None)
        return _verify_proof(path, _policy(chosen, beside=path.parent))
    raise InvalidInputError(f"`{path}` is no exported ledger and no proof")


def _verify_folder(folder: Path, policy: Policy) -> Verdict:
    report = verify_export(lambda name: _evidence(folder / name), policy, verify=verify)
    counted = sorted((kind.name.lower(), count) for kind, count in report.counts.items())
    return Verdict(
        origin=report.origin,
        size=report.size,
        root=report.root,
        read=report.read,
        counts=tuple(counted),
        seen=_signers(report.seen),
        faults=tuple((each.where, each.what) for each in report.findings),
    )


def _verify_proof(path: Path, policy: Policy) -> Verdict:
    try:
        proof = parse_proof(_read(path))
        beside = _beside(path, _ENTRY)
        entry = proof.extra or (_read(beside) if beside.is_file() else b"")
        opened = verify_proof(proof, entry, policy, verify=verify)
        leaf = decode_leaf(entry)
    except (InvalidInputError, VerificationError) as error:
        return _nothing_holds(path.name, str(error))
    return _proven(opened, leaf.type.name.lower())


def _verify_equivocation(path: Path, policy: Path | None) -> Verdict:
    """Verify evidence of two histories, under the keys of a policy or those beside it."""
    try:
        found = parse_equivocation(_read(path))
        keys = found.keys if policy is None else _policy(policy, beside=path.parent).verifiers
        shown = expose(found, keys, verify=verify)
    except (InvalidInputError, VerificationError) as error:
        return _nothing_holds(path.name, str(error))
    earlier, later = shown.earlier, shown.later
    return Verdict(
        origin=later.origin,
        size=later.size,
        root=later.root,
        read=0,
        counts=(),
        seen=tuple(dict.fromkeys(key.name for key in shown.signers)),
        faults=(),
        told=(
            f"two histories of {later.origin}: {earlier.size} entries under root"
            f" {earlier.root.hex()[:16]}, and {later.size} under {later.root.hex()[:16]},"
            " which does not hold them"
        ),
    )


def _proven(opened: OpenedNote, sort: str) -> Verdict:
    stated = opened.checkpoint
    return Verdict(
        origin=stated.origin,
        size=stated.size,
        root=stated.root,
        read=1,
        counts=((sort, 1),),
        seen=_signers(opened.seen),
        faults=(),
    )


def _nothing_holds(where: str, what: str) -> Verdict:
    return Verdict(
        origin="", size=0, root=b"", read=0, counts=(), seen=(), faults=((where, what),)
    )


def _signers(seen: Sequence[Seen]) -> tuple[str, ...]:
    return tuple(
        each.verifier.name
        if each.at is None
        else f"{each.verifier.name} {iso(Instant(each.at * 1000))}"
        for each in seen
    )


def _policy(path: Path | None, *, beside: Path) -> Policy:
    if path is not None:
        return parse_policy(_read(path))
    if not (beside / LOG).is_file():
        raise InvalidInputError(f"`{beside}` holds no {LOG}: name a policy to verify under")
    log = (*_lines(beside / LOG), *_lines(beside / LOG_PQ))
    return parse_policy(
        policy_text(Vkeys(log=log, witnesses=_lines(beside / WITNESSES))).encode()
    )


def _lines(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    try:
        return tuple(line for line in _read(path).decode().splitlines() if line.strip())
    except UnicodeDecodeError:
        raise InvalidInputError(f"`{path}` holds no keys") from None


def _evidence(path: Path) -> bytes:
    if not path.is_file():
        raise NotFoundError("this file is missing")
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidInputError(f"`{path}` is larger than any file of a ledger")
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise InvalidInputError(f"`{path}` could not be read: {reason}") from None


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise StorageError(f"`{path}` could not be written: {reason}") from None


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name.removesuffix(PROOF) + ending)
