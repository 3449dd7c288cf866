"""What a hostile partner or a stranger does, each with what it must not get for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from tests.hostile.evidence import Poison
from tests.hostile.network import OLAND, Network, X
from tests.scenarios.stage import ARCADIA, A, Forged, N, code, question

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant, new_message_id
from comity.core.ids import NodeId
from comity.core.keys import KeyId
from comity.exchange import Consigned, inbound
from comity.node.quotas import Quotas
from comity.seal import Prekey, cose, read_envelope


def poison(network: Network, pick: int, place: int, bit: int) -> None:
    """Break one bit of what passed, cut it short, or send noise."""
    if not network.passed:
        return
    to, data = network.passed[pick % len(network.passed)]
    at = place % len(data)
    broken = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
    noise = (broken, data[:at], broken[at:], network.world.entropy.take(at % 512))
    _poisoned(network, to, noise[pick % 4])


def _poisoned(network: Network, to: NodeId, data: bytes) -> None:
    there, taken = network.world.residents[to], list[KeyId]()

    def prekey(kid: KeyId) -> Prekey | None:
        taken.append(kid)
        return there.station.prekey(kid)

    before = there.store.read(lambda r: r.size())
    station = replace(there.station, prekey=prekey)
    with network.mortal():
        answer = inbound.take(Consigned(envelope=data), station).result()
        network.seen.poisons.append(
            Poison(
                code=code(answer),
                length=len(answer),
                leaves=there.store.read(lambda r: r.size()) - before,
                decryptions=len(taken),
            )
        )


def forge(network: Network) -> None:
    """Sign with true keys what a node may not say, and one id over two contents."""
    now, take = network.world.clock.now(), network.world.entropy.take
    tries = (
        ("I5", "its author is served elsewhere", Forged(author=ARCADIA, key_of=A)),
        ("I5", "its recipient is served elsewhere", Forged(recipient=OLAND)),
        ("I3", "it holds other items than it says", Forged(items=9)),
        ("I7", "it is made in an hour", Forged(at=Instant(now + HOUR))),
        ("I7", "it was made two days ago", Forged(at=Instant(now - 2 * DAY))),
    )
    for invariant, why, forged in tries:
        data = replace(forged, conv=take(16)).seal(network.world)
        network.attack(invariant, why, N, A, data=data)
    mid = new_message_id(now, network.world.entropy)
    for text in ("Who is this?", "Somebody else?"):
        data = Forged(mid=mid, conv=take(16), body={"question": text}).seal(network.world)
        network.handed(N, A, Consigned(envelope=data))


def borrow(network: Network) -> None:
    """Use true keys and true bytes where they do not belong."""
    world = network.world
    there = world.directory
    world.directory = replace(there, federation="0" * 32)
    data = Forged(conv=world.entropy.take(16)).seal(world)
    world.directory = there
    network.attack("I10", "it was signed for another federation", N, A, data=data)
    # Where the prekey Norland holds was signed by a key since revoked, its letter is kept.
    network.write(N, question())
    due = world.due(world.residents[N], A)
    if not due:
        return
    sent = read_envelope(due[-1].envelope)
    route = cast("Mapping[int, Value]", sent.signed.header[cose.ROUTE])
    data = cose.sign1(
        {**sent.signed.header, cose.ROUTE: {**route, 2: X}},
        sent.signed.payload,
        key=world.residents[X].keys.node,
        bound=cose.binding(there.federation, "outer"),
    )
    network.attack("I5", "its words are another node's, signed anew", X, A, data=data)


def flood(network: Network) -> None:
    """Let Oland bring the same bytes again and again, and Norland one letter after it."""
    world = network.world
    there = world.residents[A]
    quotas = Quotas(clock=there.clock, share=1, common=1)
    station = replace(there.station, allow=quotas.allow)
    many = Forged(by=X, author=OLAND, conv=world.entropy.take(16)).seal(world)
    one = Forged(conv=world.entropy.take(16)).seal(world)
    with network.mortal():
        flooded = [
            code(inbound.take(Consigned(envelope=many), station).result()) for _ in range(40)
        ]
        answer = inbound.take(Consigned(envelope=one), station).result()
        network.seen.crowded.append(code(answer))
        network.seen.floods.append(flooded.count("quota"))
