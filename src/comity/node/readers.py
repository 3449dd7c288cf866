"""Who may read a ledger's entries: one token for each reader, given by hand and revocable.

    readers/<name>.json     SHA-256 of the token, from when, until when

A token stands in the address, because a stock reader of C2SP logs cannot sign requests. The
file holds only its hash; revoking removes the file, and a running node obeys at once. Hashes of
the tree are open to every member: only entry bundles need a token, for they show when and how
often a node works.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from comity.adapters.files import destroy, make_private_folder, read_private, write_private
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import DAY, Clock, Entropy, Instant
from comity.core.errors import (
    ComityError,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from comity.node.keyring import Keyring

FOLDER = "readers"
LIFE = 366 * DAY
"""Longest a token is good, in ms."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILES = ("node.toml", "lookout.toml")
_TOKEN = re.compile(r"[0-9a-f]{64}")


class Reader(Struct, frozen=True, kw_only=True):
    """One reader as the node keeps it; the token itself is kept nowhere."""

    name: str
    digest: str
    """SHA-256 of the token, in hex."""
    since: int
    until: int


def add_reader(
    folder: Path, name: str, *, days: int, clock: Clock, entropy: Entropy
) -> tuple[str, Reader]:
    """Admit a reader and return its token, which is shown once.

    Raises `ConflictError` where the name is taken, `InvalidInputError` on a wrong name or
    length of time.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"a reader's name is of letters, digits, dots and dashes, got `{name[:80]}`"
        )
    if not 0 < days * DAY <= LIFE:
        raise InvalidInputError(f"a token is good for 1 to {LIFE // DAY} days, got {days}")
    path = make_private_folder(folder / FOLDER) / f"{name}.json"
    if path.exists():
        raise ConflictError(f"there is a reader `{name}` already: revoke it first")
    token, now = entropy.take(32).hex(), clock.now()
    reader = Reader(
        name=name, digest=_digest(token), since=now, until=Instant(now + days * DAY)
    )
    write_private(path, msgspec.json.encode(reader))
    return token, reader


def admit_reader(folder: Path, name: str, *, days: int) -> tuple[str, Reader]:
    """Admit a reader at the machine itself, now; raises as `add_reader` does.

    Raises `ConfigurationError` where the folder holds neither a node nor a lookout.
    """
    if not any((folder / file).is_file() for file in _FILES):
        raise ConfigurationError(f"`{folder}` holds neither a node nor a mirror")
    return add_reader(folder, name, days=days, clock=SystemClock(), entropy=SystemEntropy())


def revoke_reader(folder: Path, name: str) -> None:
    """Close the entries to a reader at once; raises `NotFoundError` where there is none."""
    path = folder / FOLDER / f"{name}.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFoundError(f"there is no reader `{name[:80]}`")
    destroy(path)


def readers_of(folder: Path) -> tuple[Reader, ...]:
    """Return every reader by name; files that cannot be read admit nobody."""
    found: list[Reader] = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            found.append(msgspec.json.decode(read_private(path), type=Reader))
        except (ComityError, msgspec.DecodeError):
            continue
    return tuple(found)


@dataclass(slots=True, kw_only=True)
class Readers:
    """Says who a token belongs to. The folder is read again whenever it has changed."""

    folder: Path
    clock: Clock
    _known: tuple[Reader, ...] = ()
    _seen: tuple[int, int] = field(default=(-1, -1))

    def name_of(self, token: str) -> str | None:
        """Return whose token it is now; `None` where it opens nothing."""
        if not _TOKEN.fullmatch(token):
            return None
        digest, now = _digest(token), self.clock.now()
        # Every reader is compared, so that the time taken names none.
        held = [r for r in self._readers() if hmac.compare_digest(r.digest, digest)]
        return next(
            (reader.name for reader in held if reader.since <= now < reader.until), None
        )

    def _readers(self) -> tuple[Reader, ...]:
        try:
            found = (self.folder / FOLDER).stat()
        except OSError:
            return ()
        seen = (found.st_mtime_ns, found.st_ino)
        if seen != self._seen:
            # Read first, then remember: a change meanwhile is seen the next time.
            self._known = readers_of(self.folder)
            self._seen = seen
        return self._known


def reader_token(keyring: Keyring) -> str:
    """Return the token with which this node's own inspectors read entry bundles."""
    return keyring.token_hash(b"comity/v1/log-reader").hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
