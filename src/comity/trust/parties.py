"""Who must agree: the quorum of members and oversight, and a member's consent to its new keys.

TUF counts keys; these are the checks it cannot make. Root metadata carries in its signed field
`comity` which key belongs to which founding member and which to an oversight body. A delegation
carries the history of the member's key sets, each change signed by the set before it.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from comity.core import limits
from comity.core.errors import InvalidInputError, VerificationError
from comity.core.ids import MemberId, member_id
from comity.core.keys import PublicKey
from comity.trust.metadata import (
    DelegatedRole,
    Json,
    Root,
    convert,
    digest_of,
    parse,
    public_key,
    signed_by,
    tuf_key,
)

_LEAST = 2
_CHANGE = 64 * limits.KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The signers of root and targets by name: `members` and `oversight` hold TUF key ids."""

    members: Mapping[MemberId, str]
    oversight: frozenset[str]
    quorum: int

    def check(self, signers: Collection[str], *, where: str) -> None:
        """Demand a quorum of members and one oversight key; raises `VerificationError`."""
        agreed = sum(key in signers for key in self.members.values())
        if agreed < self.quorum:
            raise VerificationError(
                f"{where} is signed by {agreed} members, {self.quorum} must"
            )
        if self.oversight.isdisjoint(signers):
            raise VerificationError(f"{where} is signed by no oversight key")


def bootstrap_quorum(founders: int) -> int:
    """Return how many of so many founding members must sign: more than two thirds."""
    return 2 * founders // 3 + 1


def read_parties(root: Root) -> Parties:
    """Read which key of a root is whose; raises `VerificationError` where roles disagree."""
    parties = convert(_field(root.unrecognized_fields), Parties, where="root")
    count = len({member_id(name) for name in parties.members})
    owned = [*parties.members.values(), *parties.oversight]
    signers = (root.roles["root"], root.roles["targets"])
    if len(set(owned)) != len(owned) or any(set(owned) != set(role.keyids) for role in signers):
        raise VerificationError("root does not say whose each of its keys is")
    online = {key for name in ("snapshot", "timestamp") for key in root.roles[name].keyids}
    if online & set(owned):
        raise VerificationError("root gives one key an offline and an online use")
    if not 2 * count <= 3 * parties.quorum <= 3 * count:
        raise VerificationError("root asks for fewer than two thirds of its members")
    if any(role.threshold <= parties.quorum for role in signers):
        raise VerificationError("root has a threshold that leaves out the oversight key")
    return parties


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """A member's own keys in hex, sorted, and how many of them must sign: two or more."""

    keys: Annotated[tuple[str, ...], Meta(max_length=16)]
    threshold: int = _LEAST

    def __post_init__(self) -> None:
        """Refuse keys listed twice and a threshold that one stolen key could meet."""
        unique = sorted({public_key(key).raw.hex() for key in self.keys})
        if list(self.keys) != unique or not _LEAST <= self.threshold <= len(self.keys):
            raise InvalidInputError("expected distinct keys, of which two or more must sign")

    @property
    def public_keys(self) -> tuple[PublicKey, ...]:
        """The keys as values."""
        return tuple(public_key(key) for key in self.keys)

    @property
    def digest(self) -> str:
        """Name of the set."""
        return digest_of(msgspec.json.encode(self))


def key_set(keys: Iterable[PublicKey], *, threshold: int = _LEAST) -> KeySet:
    """Make a set of a member's keys, 2 of 3 by custom; raises `InvalidInputError`."""
    return KeySet(keys=tuple(sorted(key.raw.hex() for key in keys)), threshold=threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """A member's step from one key set to the next, with the old set's consent to it."""

    member: MemberId
    number: int
    """How many changes went before: a consent cannot be used again."""
    old: KeySet
    new: KeySet
    consent: Mapping[str, str]
    """Signatures in hex by public key in hex."""

    def statement(self, federation: str) -> bytes:
        """Return the bytes the old set signs."""
        said = (self.member, self.number, self.old, self.new)
        return f"comity/v1/{federation}/member-keys\n".encode() + msgspec.json.encode(said)

    def check(self, federation: str) -> None:
        """Demand the old set's threshold; raises `VerificationError`."""
        said, given = self.statement(federation), self.consent
        agreed = sum(signed_by(public_key(k), given.get(k, ""), said) for k in self.old.keys)
        if agreed < self.old.threshold:
            raise VerificationError(
                f"the keys of `{self.member}` change with {agreed} signatures of its old keys,"
                f" {self.old.threshold} must"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    history: Annotated[tuple[KeyChange, ...], Meta(max_length=limits.LISTED)] = ()


def read_key_change(data: bytes) -> KeyChange:
    """Read a change, its consent still unchecked; raises `InvalidInputError`."""
    return parse(data, KeyChange, limit=_CHANGE, where="the change of keys")


def read_history(role: DelegatedRole) -> tuple[KeyChange, ...]:
    """Read the changes a delegation carries; raises `InvalidInputError`."""
    return convert(_field(role.unrecognized_fields), _History, where="a delegation").history


def check_history(
    role: DelegatedRole, current: KeySet, *, federation: str, seen: str | None
) -> None:
    """Demand that each key set was agreed by the one before, back to the one `seen`.

    `seen` is the digest of the set this reader trusted last, if it knows the member. Raises
    `VerificationError`: the whole directory is refused, so that a threshold of members cannot
    quietly take a member's place.
    """
    history = read_history(role)
    sets = [change.old.digest for change in history] + [current.digest]
    for number, change in enumerate(history):
        same = role.name == f"members/{change.member}" and change.number == number
        if not same or change.new.digest != sets[number + 1]:
            raise VerificationError(f"the history of keys of `{role.name}` has a gap")
        change.check(federation)
    if seen is not None and seen not in sets:
        raise VerificationError(f"the keys of `{role.name}` changed without its old keys")


def key_ids(keys: KeySet) -> list[str]:
    """Return the TUF key ids of a set."""
    return [tuf_key(key).keyid for key in keys.public_keys]


def _field(fields: Mapping[str, object]) -> Json:
    return cast("Json", fields.get("comity", {}))
