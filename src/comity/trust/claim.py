"""What unverified files claim about their registry log, so that it can be fetched and read.

Nothing here is trusted: the claim becomes true when the directory that makes it verifies, with
the records of the log it names.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping
from dataclasses import dataclass

from comity.core.errors import ComityError
from comity.trust.delegation import shared_of
from comity.trust.metadata import (
    MetaFile,
    Snapshot,
    Targets,
    Timestamp,
    load,
    metadata_path,
    target_path,
)
from comity.trust.standing import RegistryEntry
from comity.trust.verification import POLICY


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A registry log and the policy of witnesses, as unverified targets name them."""

    registry: RegistryEntry | None = None
    policy: bytes = b""


def read_claim(files: Mapping[str, bytes]) -> Claim:
    """Return what the newest targets among files claim; nothing where they cannot be read."""
    try:
        stamp = load(files["metadata/timestamp.json"], Timestamp, where="timestamp").signed
        name = metadata_path("snapshot", stamp.snapshot_meta.version)
        snapshot = load(files[name], Snapshot, where="snapshot").signed
        meta = snapshot.meta.get("targets.json", MetaFile())
        targets = load(files[metadata_path("targets", meta.version)], Targets, where="targets")
        registry = shared_of(targets.signed).registry
        policy = targets.signed.targets.get(POLICY)
        digest = "" if policy is None else policy.hashes.get("sha256", "")
        return Claim(registry=registry, policy=files.get(target_path(POLICY, digest), b""))
    except (ComityError, KeyError):
        return Claim()
