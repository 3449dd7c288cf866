"""The checks every file of the directory meets: named by digest, in its version, signed.

Pure helpers of `verification`, which says in which order they are made.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping

from comity.core.clock import Instant
from comity.core.errors import VerificationError
from comity.core.ids import MemberId
from comity.trust.directory import Pack
from comity.trust.metadata import (
    Loaded,
    MetaFile,
    Root,
    S,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
    digest_of,
    target_path,
)


def file_of(files: Mapping[str, bytes], path: str) -> bytes:
    """Return a file; raises `VerificationError` where the directory lacks it."""
    if (data := files.get(path)) is None:
        raise VerificationError(f"the directory lacks `{path}`")
    return data


def signers_of(by: Root | Targets, role: str, loaded: Loaded[S]) -> frozenset[str]:
    """Return who signed, where the role's threshold is met; raises `VerificationError`."""
    result = by.get_verification_result(role, loaded.payload, loaded.signatures)
    if not result.verified:
        raise VerificationError(
            f"`{role}` is signed by {len(result.signed)} keys, {result.threshold} must"
        )
    return frozenset(result.signed)


def check_named(meta: MetaFile | TargetFile, data: bytes, where: str) -> None:
    """Demand the very bytes another file names; raises `VerificationError`."""
    # INVARIANT: every file but the timestamp is named by digest: nothing can be mixed in.
    if meta.length != len(data) or (meta.hashes or {}).get("sha256") != digest_of(data):
        raise VerificationError(f"`{where}` is not the file that the directory names")


def check_version(signed: Snapshot | Targets, meta: MetaFile, where: str) -> None:
    """Demand the version another file names; raises `VerificationError`."""
    if signed.version != meta.version:
        raise VerificationError(
            f"`{where}` has version {signed.version}, expected {meta.version}"
        )


def expiry_of(signed: Root | Timestamp | Snapshot | Targets) -> Instant:
    """Return when metadata ends."""
    return Instant(int(signed.expires.timestamp() * 1000))


def target_of(
    files: Mapping[str, bytes], targets: Mapping[str, TargetFile], path: str
) -> bytes:
    """Return the very bytes of a target; raises `VerificationError`."""
    if (target := targets.get(path)) is None:
        raise VerificationError(f"the directory does not name `{path}`")
    data = files.get(target_path(path, pack_of(target, None).digest))
    if data is None:
        raise VerificationError(f"the directory lacks `{path}`")
    check_named(target, data, path)
    return data


def pack_of(target: TargetFile, member: MemberId | None) -> Pack:
    """Return a target as a pack; raises `VerificationError` where it has no SHA-256."""
    if (digest := target.hashes.get("sha256")) is None:
        raise VerificationError(f"`{target.path[:200]}` is named without its SHA-256")
    return Pack(path=target.path, digest=digest, length=target.length, member=member)
