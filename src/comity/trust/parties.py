"""Who must agree: the quorum of members and oversight, and a member's consent to its new keys.

TUF counts keys; these are the checks it cannot make. Root metadata carries in its signed field
`comity` which key belongs to which founding member and which to an oversight body. A delegation
carries the history of the member's key sets, each change signed by the set before it.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from comity.core import limits
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, VerificationError
from comity.core.ids import MemberId, member_id
from comity.core.keys import PublicKey
from comity.trust.growth import Step, in_force, step_for
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
from comity.trust.registry import LOSS_NOTICE, Recorded, Records

Announced = Callable[[], bool]
"""Says whether a step was announced in the registry log, long enough ago."""
_EPOCH = Instant(0)
_LEAST = 2
_CHANGE = 64 * limits.KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The signers of root and targets by name: `members` and `oversight` hold TUF key ids."""

    members: Mapping[MemberId, str]
    oversight: frozenset[str]
    quorum: int
    steps: Annotated[tuple[Step, ...], Meta(max_length=limits.LISTED)] = ()
    """How the quorum grows; declared here, they bind the next root."""

    @property
    def step(self) -> Step | None:
        """The declared step in force for these members."""
        return in_force(self.steps, len(self.members))

    @property
    def least(self) -> int:
        """The lowest threshold of keys that root and targets may have."""
        step = self.step
        return self.quorum + 1 if step is None else min(self.quorum + 1, step.silent)

    @property
    def suspension(self) -> int:
        """How many parties suspend a member, one oversight body among them at most."""
        step = self.step or step_for(max(_LEAST, len(self.members)))
        return step.suspension

    def check(
        self, signers: Collection[str], *, where: str, silence: Announced | None = None
    ) -> None:
        """Demand a quorum of members and one oversight key; raises `VerificationError`.

        `silence` says whether it was announced 30 days ago that no oversight body answers: then
        the declared number of members suffices.
        """
        agreed = sum(key in signers for key in self.members.values())
        if agreed < self.quorum:
            raise VerificationError(
                f"{where} is signed by {agreed} members, {self.quorum} must"
            )
        # INVARIANT: no office holds a veto, and none is passed over unannounced.
        if self.oversight.isdisjoint(signers) and not self._may_act_alone(agreed, silence):
            raise VerificationError(f"{where} is signed by no oversight key")

    def check_growth(self, after: "Parties") -> None:
        """Demand that the next root's quorum is the one declared here for its members."""
        step = in_force(self.steps, len(after.members))
        if step is not None and after.quorum != step.quorum:
            raise VerificationError(
                f"{step.quorum} of {len(after.members)} members were declared to sign,"
                f" the new root asks for {after.quorum}"
            )

    def check_suspension(self, signers: Collection[str]) -> None:
        """Demand enough parties for a suspension or closure; raises `VerificationError`."""
        agreed = sum(key in signers for key in self.members.values())
        agreed += not self.oversight.isdisjoint(signers)
        if agreed < self.suspension:
            raise VerificationError(
                f"the standing of members is signed by {agreed} parties, {self.suspension} must"
            )

    def _may_act_alone(self, agreed: int, silence: Announced | None) -> bool:
        step = self.step
        return step is not None and agreed >= step.silent and silence is not None and silence()


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
    for declared in parties.steps:
        declared.check()
    step = parties.step
    if step is not None and len(parties.oversight) < step.bodies:
        raise VerificationError(f"root lists fewer than {step.bodies} oversight bodies")
    if any(role.threshold < parties.least for role in signers):
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

    def refusal(self, federation: str) -> bytes:
        """Return the bytes the old set signs to object to a ceremony of loss."""
        said = (self.member, self.number, self.old, self.new)
        return f"comity/v1/{federation}/objection\n".encode() + msgspec.json.encode(said)

    def agreed(self, said: bytes, given: Mapping[str, str]) -> int:
        """Count the old keys whose signatures in `given` are over `said`."""
        return sum(signed_by(public_key(k), given.get(k, ""), said) for k in self.old.keys)

    def check(self, federation: str, *, losses: "Losses") -> None:
        """Demand the old set's threshold, or an announced loss; raises `VerificationError`."""
        agreed = self.agreed(self.statement(federation), self.consent)
        if agreed >= self.old.threshold or losses.allow(self, federation):
            return
        raise VerificationError(
            f"the keys of `{self.member}` change with {agreed} signatures of its old keys,"
            f" {self.old.threshold} must"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What the registry log says, at one instant, about members that lost their keys."""

    records: Records = field(default_factory=Records)
    at: Instant = _EPOCH
    closed: Mapping[MemberId, str] = field(default_factory=dict[MemberId, str])
    """Key sets closed for compromise: theft takes their say."""

    def allow(self, change: KeyChange, federation: str) -> bool:
        """Say whether new keys count without the old ones' consent.

        They do once they stood announced for seven days, unless a threshold of the old keys
        objected meanwhile; keys closed for compromise object in vain.
        """
        member, digest = change.member, change.new.digest
        if not self.records.is_announced(
            Recorded.LOSS, digest, at=self.at, notice=LOSS_NOTICE, member=member
        ):
            return False
        if self.closed.get(member) == change.old.digest:
            return True
        said = change.refusal(federation)
        return all(
            change.agreed(said, each.consent) < change.old.threshold
            for each in self.records.objections(member, digest)
        )


_NOBODY_LOST = Losses()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegated:
    """What a delegation says beside its keys; the federation signs it with targets."""

    history: Annotated[tuple[KeyChange, ...], Meta(max_length=limits.LISTED)] = ()
    candidate: bool = False
    """Works in exercise mode only, until a later targets leaves this out."""
    expelled: Annotated[Instant, Meta(ge=0)] | None = None
    """Since when it is no member; its delegation stays, so that proofs can be verified."""
    ground: Annotated[str, Meta(max_length=1_000)] = ""


def read_key_change(data: bytes) -> KeyChange:
    """Read a change, its consent still unchecked; raises `InvalidInputError`."""
    return parse(data, KeyChange, limit=_CHANGE, where="the change of keys")


def read_delegated(role: DelegatedRole) -> Delegated:
    """Read what a delegation says beside its keys; raises `InvalidInputError`."""
    return convert(_field(role.unrecognized_fields), Delegated, where="a delegation")


def read_history(role: DelegatedRole) -> tuple[KeyChange, ...]:
    """Read the changes a delegation carries; raises `InvalidInputError`."""
    return read_delegated(role).history


def check_history(
    role: DelegatedRole,
    current: KeySet,
    *,
    federation: str,
    seen: str | None,
    losses: Losses = _NOBODY_LOST,
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
        change.check(federation, losses=losses)
    if seen is not None and seen not in sets:
        raise VerificationError(f"the keys of `{role.name}` changed without its old keys")


def key_ids(keys: KeySet) -> list[str]:
    """Return the TUF key ids of a set."""
    return [tuf_key(key).keyid for key in keys.public_keys]


def _field(fields: Mapping[str, object]) -> Json:
    return cast("Json", fields.get("comity", {}))
