"""Founding a federation in one place: every key in one hand, for demonstrations and tests.

A real federation holds the same steps on separate machines (`comity directory`); nothing here
is a shortcut through them, only all the signers sit in one room.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.clock import DAY, Entropy, Instant
from comity.core.ids import MemberId
from comity.trust import (
    KeySet,
    MemberDocument,
    RegistryEntry,
    Release,
    RootPlan,
    TargetsPlan,
    bootstrap_quorum,
    directory_key,
    directory_signer,
    federation_of,
    key_set,
    make_member,
    make_root,
    make_targets,
    publish,
    sign,
    stamp,
    write_member,
)

_KEYS = 3
_YEAR = 365 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """The seeds of a federation's signers: founders, oversight, publisher, members' own."""

    founders: Mapping[MemberId, bytes] = field(repr=False)
    oversight: bytes = field(repr=False)
    publisher: bytes = field(repr=False)
    own: Mapping[MemberId, tuple[bytes, ...]] = field(repr=False)
    root: bytes
    """Root version 1, signed by a quorum of founders and by oversight."""
    registry: RegistryEntry | None = None
    """The log in which every edition is recorded, where there is one."""

    @property
    def federation(self) -> str:
        """The name every signature binds."""
        return federation_of(self.root)

    def publish(
        self,
        documents: Mapping[MemberId, MemberDocument],
        *,
        at: Instant,
        packs: Mapping[str, bytes] | None = None,
        policy: str = "",
        previous: Mapping[str, bytes] | None = None,
    ) -> dict[str, bytes]:
        """Sign and lay out an edition of the directory, the next one after `previous`.

        `packs` are by their path: `packs/NAME`, or `members/xn/NAME` for national law, which
        its member signs.
        """
        expires, held = Instant(at + 30 * DAY), packs or {}
        shared = {path: data for path, data in held.items() if path.startswith("packs/")}
        own = {member: _under(f"members/{member}/", held) for member in documents}
        plan = TargetsPlan(
            members={member: self._key_set(member) for member in documents},
            expires=Instant(at + 90 * DAY),
            policy=policy,
            packs=shared,
            standing=self.root,
            registry=self.registry,
        )
        drafted = make_targets(
            plan, federation=self.federation, previous=_newest(previous, "targets")
        )
        written = {member: write_member(said) for member, said in documents.items()}
        members = {
            member: self._by_member(
                make_member(
                    data,
                    expires=expires,
                    packs=own[member],
                    previous=_newest(previous, f"members%2F{member}"),
                ),
                member,
            )
            for member, data in written.items()
        }
        contents = {f"members/{m}/member.json": data for m, data in written.items()}
        contents |= {f"members/{m}/{name}": data for m in own for name, data in own[m].items()}
        release = Release(
            roots=[self.root],
            targets=_signed_by_quorum(drafted, self.founders, self.oversight),
            members=members,
            contents={**contents, **shared, "policy.txt": policy.encode()},
            snapshot_expires=Instant(at + 3 * DAY),
            timestamp_expires=Instant(at + DAY),
        )
        signer = directory_signer(self.publisher)
        return publish(release, signer=signer, previous=previous)

    def stamp(self, files: Mapping[str, bytes], *, at: Instant) -> dict[str, bytes]:
        """Renew the timestamp for another day."""
        signer = directory_signer(self.publisher)
        return stamp(files, signer=signer, expires=Instant(at + DAY))

    def _key_set(self, member: MemberId) -> KeySet:
        return key_set(directory_key(seed) for seed in self.own[member])

    def _by_member(self, data: bytes, member: MemberId) -> bytes:
        for seed in self.own[member][:2]:
            data = sign(data, directory_signer(seed))
        return data


def found(members: tuple[MemberId, ...], *, at: Instant, entropy: Entropy) -> Founding:
    """Make every key of a new federation and sign its first root."""
    founders = {member: entropy.take(32) for member in members}
    oversight, publisher = entropy.take(32), entropy.take(32)
    plan = RootPlan(
        founders={member: directory_key(seed) for member, seed in founders.items()},
        oversight=[directory_key(oversight)],
        publishers=[directory_key(publisher)],
        expires=Instant(at + _YEAR),
    )
    return Founding(
        founders=founders,
        oversight=oversight,
        publisher=publisher,
        own={member: tuple(entropy.take(32) for _ in range(_KEYS)) for member in members},
        root=_signed_by_quorum(make_root(plan), founders, oversight),
    )


def _under(folder: str, held: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        path.removeprefix(folder): data
        for path, data in held.items()
        if path.startswith(folder)
    }


def _signed_by_quorum(
    data: bytes, founders: Mapping[MemberId, bytes], oversight: bytes
) -> bytes:
    for seed in (*list(founders.values())[: bootstrap_quorum(len(founders))], oversight):
        data = sign(data, directory_signer(seed))
    return data


def _newest(files: Mapping[str, bytes] | None, role: str) -> bytes | None:
    """Return the newest metadata of a role among published files."""
    versions = {
        int(number): data
        for name, data in (files or {}).items()
        for number, _, rest in [name.removeprefix("metadata/").partition(".")]
        if number.isdigit() and rest == f"{role}.json"
    }
    return versions[max(versions)] if versions else None
