"""One bad day with everything in it: the same steps for the network and for each mutant."""

from tests.hostile import attacks, ledgers, renewals
from tests.hostile.mortal import MOMENTS
from tests.hostile.network import FATES, NODES, ROUTES, Network, X
from tests.scenarios.stage import A, N

from comity.core.clock import MINUTE

_UNITS = ("outbound.decide", "outbound.log", "inbound.file", "delivery.settle")


def bad_day(network: Network) -> None:
    """Let everything happen once, check after every step, and settle at the end."""
    for step in (_letters, _crashes, _lines, _keys, _ledgers, _strangers, _letters):
        step(network)
        network.check()
    network.settle()


def _letters(network: Network) -> None:
    for route in ROUTES:
        network.send(route)
    for fate in FATES[::-1]:
        network.deliver(fate)
        network.check()
    for word in ("reminder", "recall", "withdraw"):
        network.send(ROUTES[0])
        network.follow_up(0, word)
        network.deliver("twice")
        network.check()
    network.read_what_came()
    network.deliver()


def _crashes(network: Network) -> None:
    for moment in MOMENTS:
        for unit in _UNITS:
            dying = A if unit == "inbound.file" else N
            network.crash(dying, f"{moment}_{unit}")
            network.send(ROUTES[0])
            network.deliver()
            network.deliver()
            network.check()


def _lines(network: Network) -> None:
    network.part(N, A)
    network.send(ROUTES[0])
    network.deliver()
    network.skew(N, 4 * MINUTE)
    network.skew(A, -MINUTE)
    network.heal()
    network.deliver("lost")
    network.deliver()
    network.replay(0)
    network.check()
    network.skew(N, 0)
    network.skew(A, 0)
    network.part(N, X)
    network.send(ROUTES[2])
    network.wait(30)
    network.tick()
    network.send(ROUTES[2])
    network.wait(15 * 24)
    network.tick()
    network.check()
    network.heal()
    network.deliver()
    network.tick()


def _keys(network: Network) -> None:
    network.send(ROUTES[0])
    renewals.rotate(network, A)
    network.deliver()
    network.deliver()
    network.check()
    network.send(ROUTES[1])
    renewals.renew_key(network, A)
    network.deliver()
    renewals.revoke(network, N)
    network.check()


def _ledgers(network: Network) -> None:
    for node in NODES:
        ledgers.checkpoint(network, node)
        ledgers.back_up(network, node)
    network.send(ROUTES[0])
    network.deliver()
    for node in NODES:
        ledgers.checkpoint(network, node)
        ledgers.fork(network, node)
        ledgers.restore(network, node)
        network.check()


def _strangers(network: Network) -> None:
    for pick in range(8):
        attacks.poison(network, pick, 37 * pick, pick % 8)
    for pick in (-4, -8, -12):  # the last byte of what passed lately: a signature's
        attacks.poison(network, pick, -1, 0)
    attacks.forge(network)
    attacks.borrow(network)
    attacks.flood(network)
    network.replay(3)
