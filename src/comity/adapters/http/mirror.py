"""Fetches the directory from a mirror: any web server that holds the published files will do.

Nothing here is believed: `trust.verify_directory` judges what came. Files named by version or
digest never change, so those already held are not fetched again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from comity.adapters import registry
from comity.adapters.http.client import Client
from comity.core import limits
from comity.core.errors import UnreachableError, VerificationError

_OK, _ABSENT = 200, 404
_FILES = 10_000
"""Most files of one directory."""

Version = Annotated[int, Meta(ge=1, lt=2**31)]
Digest = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Path = Annotated[
    str, Meta(max_length=200, pattern=r"\A[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*\Z")
]


class _Listed(Struct):
    version: Version


class _Target(Struct):
    hashes: dict[str, Digest]


class _Signed(Struct):
    meta: dict[Path, _Listed] = {}
    targets: dict[Path, _Target] = {}


class _File(Struct):
    signed: _Signed


def from_mirror(
    client: Client,
    url: str,
    *,
    tls: tuple[bytes, ...] = (),
    held: Callable[[], Mapping[str, bytes]] = dict,
) -> Callable[[], Mapping[str, bytes]]:
    """Return a fetch of the directory at `url`, by the names `metadata/…` and `targets/…`.

    `held` gives the files that verified before. The fetch raises `UnreachableError` where the
    mirror does not answer or lacks a file, `VerificationError` where a file is no metadata.
    """
    base = url.rstrip("/") + "/directory"

    def fetch() -> Mapping[str, bytes]:
        walk = _Walk(client=client, base=base, tls=tls, held=held())
        walk.run()
        walk.log(url.rstrip("/") + "/registry")
        return walk.files

    return fetch


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One walk from the timestamp down to every target, in the order TUF names them."""

    client: Client
    base: str
    tls: tuple[bytes, ...]
    held: Mapping[str, bytes]
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def run(self) -> None:
        self._roots()
        timestamp = self._metadata("metadata/timestamp.json", limits.DIRECTORY_TIMESTAMP)
        version = self._version(timestamp, "snapshot.json")
        snapshot = self._metadata(
            f"metadata/{version}.snapshot.json", limits.DIRECTORY_SNAPSHOT
        )
        for name, listed in snapshot.meta.items():
            signed = self._metadata(_versioned(name, listed.version), limits.DIRECTORY_TARGETS)
            for path, target in signed.targets.items():
                self._target(path, target)

    def log(self, base: str) -> None:
        """Fetch the registry log where the mirror serves one: checkpoint, entries, proofs."""
        note = self._from(base, "checkpoint", limits.NOTE)
        if note is None:
            return
        for tile in registry.bundles(note):
            if self._from(base, tile.path, registry.BUNDLE) is None:
                raise UnreachableError(f"the mirror `{base}` lacks `{tile.path}`")
        for index in registry.announcements(registry.read_entries(self.files, note)):
            self._from(base, registry.proof_path(index), limits.NOTE)

    def _from(self, base: str, name: str, limit: int) -> bytes | None:
        held = None if name == "checkpoint" else self.held.get(f"registry/{name}")
        data = held
        if data is None:
            reply = self.client.get(f"{base}/{name}", tls=self.tls, limit=limit)
            data = reply.body if reply.status == _OK else None
        if data is not None:
            self.files[f"registry/{name}"] = data
        return data

    def _roots(self) -> None:
        for version in range(1, limits.DIRECTORY_ROTATIONS + 1):
            name = f"metadata/{version}.root.json"
            if self._take(name, limits.DIRECTORY_ROOT) is None:
                return

    def _metadata(self, name: str, limit: int) -> _Signed:
        data = self._take(name, limit)
        if data is None:
            raise UnreachableError(f"the mirror `{self.base}` lacks `{name}`")
        try:
            return msgspec.json.decode(data, type=_File).signed
        except msgspec.DecodeError:
            raise VerificationError(f"`{name}` at `{self.base}` is no metadata") from None

    def _version(self, signed: _Signed, name: str) -> int:
        listed = signed.meta.get(name)
        if listed is None:
            raise VerificationError(f"the mirror's timestamp lists no `{name}`")
        return listed.version

    def _target(self, path: str, target: _Target) -> None:
        digest = target.hashes.get("sha256")
        if digest is None:
            raise VerificationError(f"target `{path}` at `{self.base}` has no SHA-256")
        folder, slash, name = path.rpartition("/")
        file = f"targets/{folder}{slash}{digest}.{name}"
        if self._take(file, limits.DIRECTORY_TARGETS) is None:
            raise UnreachableError(f"the mirror `{self.base}` lacks `{file}`")

    def _take(self, name: str, limit: int) -> bytes | None:
        data = None if name == "metadata/timestamp.json" else self.held.get(name)
        if data is None:
            reply = self.client.get(f"{self.base}/{name}", tls=self.tls, limit=limit)
            if reply.status == _ABSENT:
                return None
            if reply.status != _OK:
                raise UnreachableError(
                    f"the mirror `{self.base}` answers with status {reply.status}"
                )
            data = reply.body
        if len(self.files) >= _FILES:
            raise VerificationError(f"expected at most {_FILES} files at `{self.base}`")
        self.files[name] = data
        return data


def _versioned(name: str, version: int) -> str:
    # A delegation's `/` is written `%2F`, as python-tuf asks for it.
    return f"metadata/{version}.{name.replace('/', '%2F')}"
