"""How a node's ledger is witnessed, for the engineer at its folder; the node need not run."""

from dataclasses import dataclass
from pathlib import Path

from comity.core.clock import Instant
from comity.node.office import open_office
from comity.node.quorum import in_words, policy_of, watched, write_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessing:
    """Who must have seen a ledger, and how far they have."""

    policy: str
    """As a C2SP tlog-policy."""
    rule: str
    size: int
    covered: int
    since: Instant | None
    witnesses: tuple[str, ...]


def witnessing_of(folder: Path, *, passphrase: str | None) -> Witnessing:
    """Read it from a folder that no process holds; raises as `open_office` does."""
    office = open_office(folder, passphrase=passphrase, before_whole=True)
    try:
        policy = policy_of(office.register.current(), office.config.node)
        state = office.store.read(watched)
    finally:
        office.close()
    return Witnessing(
        policy=write_policy(policy),
        rule=in_words(policy),
        size=state.size,
        covered=state.covered,
        since=state.since,
        witnesses=state.witnesses,
    )
