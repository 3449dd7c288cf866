"""What keys do on a bad day: prekeys rotate, node keys follow one another, one is stolen."""

from dataclasses import replace

from tests.hostile.network import Network, X
from tests.scenarios.stage import A, Forged

from comity.core.clock import DAY, HOUR, Instant
from comity.core.ids import NodeId
from comity.exchange import InboxRow
from comity.seal import SigningKey
from comity.trust import DatedKey


def rotate(network: Network, node: NodeId) -> None:
    """Replace a prekey and destroy the old one."""
    here = network.world.residents[node]
    kid = here.keys.prekey.public.kid
    network.seen.destroyed[kid] = len(network.seen.answered)
    filed = here.store.read(lambda r: r.find(InboxRow))
    network.seen.opened[kid] = frozenset(row.mid for row in filed)
    network.world.rotate(node)
    network.offer(here)


def renew_key(network: Network, node: NodeId) -> None:
    """Give a node its next key; what the old one signed stays good for a while."""
    now = network.world.clock.now()
    _next_key(network, node, until=Instant(now + 15 * DAY), revoked=None)


def revoke(network: Network, node: NodeId) -> None:
    """Revoke a stolen key; the thief writes on with it, in its name and dated back."""
    here = network.world.residents[node]
    stolen, now = here.keys.node, network.world.clock.now()
    _next_key(network, node, until=None, revoked=now)
    to = A if node != A else X
    for at in (now, Instant(now - HOUR)):
        forged = Forged(
            by=node,
            author=here.agency,
            recipient=network.world.residents[to].agency,
            to_node=to,
            at=at,
            conv=network.world.entropy.take(16),
        )
        here.keys.node, fresh = stolen, here.keys.node
        data = forged.seal(network.world)
        here.keys.node = fresh
        network.attack("I10", "a revoked key signed it", node, to, data=data)


def _next_key(
    network: Network, node: NodeId, *, until: Instant | None, revoked: Instant | None
) -> None:
    here, now = network.world.residents[node], network.world.clock.now()
    *older, last = network.world.directory.node(node).keys
    here.keys.node = SigningKey.generate(network.world.entropy)
    fresh = DatedKey(key=here.keys.node.public, since=now)
    ended = replace(last, until=until, revoked=revoked)
    network.amend(node, keys=(*older, ended, fresh))
    network.restart(node)
