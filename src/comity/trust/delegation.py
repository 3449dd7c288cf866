"""What targets delegates, and to whom: a path for each member, one for their standing.

A role of any other shape is one this version cannot enforce: it is refused, never skipped.
"""
# pyright: reportPrivateImportUsage=false
# The classes are those of tuf; `metadata` says why.

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from msgspec import Meta

from comity.core import limits
from comity.core.errors import VerificationError
from comity.core.ids import MemberId, member_id
from comity.trust.metadata import DelegatedRole, Json, Targets, convert, public_key
from comity.trust.parties import KeySet, Parties, key_set
from comity.trust.standing import RegistryEntry
from comity.trust.status import STATUS

_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What targets says beside its files and delegations."""

    registry: RegistryEntry | None = None
    publisher: Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")] = ""
    """The key id of the publisher whose turn it is; empty: any that root lists."""

    def check(self, federation: str) -> None:
        """Refuse a registry log that is not this federation's own."""
        if self.registry is None:
            return
        stem, _, epoch = self.registry.origin.rpartition("/")
        vkeys = self.registry.vkeys
        is_own = stem == f"{federation}/log/registry" and epoch.isdecimal() and vkeys
        if not is_own or any(not v.startswith(f"{self.registry.origin}+") for v in vkeys):
            raise VerificationError("targets names a registry log that is not its own")


def shared_of(targets: Targets) -> Shared:
    """Read what targets says of registry log and publisher; raises `InvalidInputError`."""
    said = cast("Mapping[str, Json]", targets.unrecognized_fields).get("comity", {})
    return convert(said, Shared, where="targets")


def member_of_role(role: DelegatedRole) -> MemberId:
    """Return whose delegation a role is; raises `InvalidInputError`."""
    return member_id(str(role.name).removeprefix("members/"))


def delegations_of(targets: Targets) -> list[tuple[DelegatedRole, KeySet]]:
    """Return each member's delegation and keys; raises where one reaches beyond its path."""
    delegations = targets.delegations
    roles = {} if delegations is None else delegations.roles or {}
    if delegations is None or len(roles) > limits.DIRECTORY_MEMBERS:
        raise VerificationError("targets delegates to nobody, or to too many")
    used = [key for role in roles.values() for key in role.keyids]
    if len(set(used)) != len(used) or not set(used) <= set(delegations.keys):
        raise VerificationError(
            "targets gives one key to two members, or names an unlisted one"
        )
    found: list[tuple[DelegatedRole, KeySet]] = []
    for role in roles.values():
        if role.name == STATUS:
            _check_path(role, STATUS)
            continue
        _check_path(role, f"members/{member_of_role(role)}")
        listed = [
            public_key(str(delegations.keys[key].keyval["public"])) for key in role.keyids
        ]
        found.append((role, key_set(listed, threshold=role.threshold)))
    return found


def status_role(targets: Targets, parties: Parties) -> DelegatedRole | None:
    """Return the role of members' standing, if it is delegated to parties of root.

    Parties that root took in since need not be among them yet. Raises `VerificationError` where
    a stranger, or one key alone, could sign it.
    """
    roles = {} if targets.delegations is None else targets.delegations.roles or {}
    if (role := roles.get(STATUS)) is None:
        return None
    owned = {*parties.members.values(), *parties.oversight}
    if not set(role.keyids) <= owned or role.threshold < _LEAST:
        raise VerificationError("the standing of members is not delegated to root's parties")
    return role


def _check_path(role: DelegatedRole, own: str) -> None:
    if role.name != own or role.paths != [f"{own}/*"] or not role.terminating:
        raise VerificationError(f"the delegation to `{own}` reaches beyond its path")
