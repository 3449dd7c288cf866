"""Who must agree: the quorum of members and oversight, and a member's consent to its new keys.

TUF counts keys; these are the checks it cannot make. Root metadata carries in its signed field
`comity` which key belongs to which founding member and which to an oversight body. A delegation
carries the history of the member's key sets, each change signed by the set before it.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from comity.core import limits
from comity.core.errors import InvalidInputError, VerificationError
from comity.core.ids import MemberId, member_id
from comity.core.keys import PublicKey
from comity.trust.metadata import (
    DelegatedRole,
    Json,
    Root,
    digest_of,
    public_key,
    signed_by,
    strict_json,
    tuf_key,
)

_LEAST = 2
"""Fewest signatures of a member's own keys: one stolen key is never enough."""


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
    fields = _object(cast("Json", root.unrecognized_fields.get("comity")))
    parties = Parties(
        members={
            member_id(name): _text(key) for name, key in _object(fields.get("members")).items()
        },
        oversight=frozenset(_text(key) for key in _list(fields.get("oversight"))),
        quorum=_integer(fields.get("quorum")),
    )
    owned = [*parties.members.values(), *parties.oversight]
    signers = (root.roles["root"], root.roles["targets"])
    if len(set(owned)) != len(owned) or any(set(owned) != set(role.keyids) for role in signers):
        raise VerificationError("root does not say whose each of its keys is")
    online = {key for name in ("snapshot", "timestamp") for key in root.roles[name].keyids}
    if online & set(owned):
        raise VerificationError("root gives one key an offline and an online use")
    # Two thirds of the members, at most all of them, and one oversight key.
    if not 2 * len(parties.members) <= 3 * parties.quorum <= 3 * len(parties.members):
        raise VerificationError("root asks for fewer than two thirds of its members")
    if any(role.threshold <= parties.quorum for role in signers):
        raise VerificationError("root has a threshold that leaves out the oversight key")
    return parties


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """A member's own keys, and how many of them must sign."""

    keys: tuple[PublicKey, ...]
    threshold: int = _LEAST

    @property
    def digest(self) -> str:
        """Name of the set: SHA-256 of its canonical form."""
        return digest_of(json.dumps(self.as_json(), sort_keys=True).encode())

    def as_json(self) -> Json:
        """Write the set; the order of its keys does not matter."""
        return {
            "keys": list[Json](sorted(k.raw.hex() for k in self.keys)),
            "threshold": self.threshold,
        }


def read_key_set(value: Json) -> KeySet:
    """Read and check a set: two or more must sign, each key once; raises `InvalidInputError`."""
    fields = _object(value)
    names = [_text(key) for key in _list(fields.get("keys"))]
    threshold = _integer(fields.get("threshold"))
    if len(set(names)) != len(names) or not _LEAST <= threshold <= len(names):
        raise InvalidInputError("expected distinct keys, of which two or more must sign")
    return KeySet(keys=tuple(public_key(name) for name in names), threshold=threshold)


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
        value: Json = {
            "member": self.member,
            "number": self.number,
            "old": self.old.as_json(),
            "new": self.new.as_json(),
        }
        return (
            f"comity/v1/{federation}/member-keys\n{json.dumps(value, sort_keys=True)}".encode()
        )

    def check(self, federation: str) -> None:
        """Demand the old set's threshold; raises `VerificationError`."""
        said = self.statement(federation)
        agreed = sum(
            signed_by(key, self.consent.get(key.raw.hex(), ""), said) for key in self.old.keys
        )
        if agreed < self.old.threshold:
            raise VerificationError(
                f"the keys of `{self.member}` change with {agreed} of its old keys' signatures,"
                f" {self.old.threshold} must"
            )

    def as_json(self) -> dict[str, Json]:
        """Write the change as it travels between machines and stands in the history."""
        return {
            "member": self.member,
            "number": self.number,
            "old": self.old.as_json(),
            "new": self.new.as_json(),
            "consent": dict[str, Json](self.consent),
        }


def read_key_change(value: Json) -> KeyChange:
    """Read a change; raises `InvalidInputError`. Its consent is not checked here."""
    fields = _object(value)
    return KeyChange(
        member=member_id(_text(fields.get("member"))),
        number=_integer(fields.get("number")),
        old=read_key_set(fields.get("old")),
        new=read_key_set(fields.get("new")),
        consent={
            key: _text(signature) for key, signature in _object(fields.get("consent")).items()
        },
    )


def parse_key_change(data: bytes) -> KeyChange:
    """Read the file of a change; raises `InvalidInputError`."""
    return read_key_change(strict_json(data, limit=64 * limits.KIB, where="the change of keys"))


def read_history(role: DelegatedRole) -> tuple[KeyChange, ...]:
    """Read the changes a delegation carries; raises `InvalidInputError`."""
    fields = _object(cast("Json", role.unrecognized_fields.get("comity", {})))
    return tuple(read_key_change(item) for item in _list(fields.get("history", [])))


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


def key_ids(key_set: KeySet) -> list[str]:
    """Return the TUF key ids of a set."""
    return [tuf_key(key).keyid for key in key_set.keys]


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict) or len(value) > limits.DIRECTORY_MEMBERS:
        raise InvalidInputError("expected an object in the field `comity` of the directory")
    return value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list) or len(value) > limits.LISTED:
        raise InvalidInputError("expected a list in the field `comity` of the directory")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise InvalidInputError("expected a text in the field `comity` of the directory")
    return value


def _integer(value: Json) -> int:
    if type(value) is not int:
        raise InvalidInputError(
            "expected a whole number in the field `comity` of the directory"
        )
    return value
