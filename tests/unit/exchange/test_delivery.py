"""The guards of the outbound road that a story does not reach."""

import pytest
from tests.scenarios.stage import A, N, a_world

from comity.core.clock import DAY, Instant
from comity.core.errors import VerificationError
from comity.exchange import PrekeyRow, delivery
from comity.seal import PrekeyNotice, sign_prekey


def test_a_node_cannot_speak_for_the_prekey_of_another() -> None:
    world = a_world()
    here, there = world.residents[N], world.residents[A]
    now = world.clock.now()
    notice = PrekeyNotice(node=N, key=there.prekey.public, since=now, until=Instant(now + DAY))
    data = sign_prekey(notice, there.keys.node, federation=world.directory.federation)
    before = here.store.read(lambda r: r.find(PrekeyRow))
    with pytest.raises(VerificationError, match="sent a prekey of"):
        delivery.learn_prekey(world.directory.node(A), data, here.station)
    assert here.store.read(lambda r: r.find(PrekeyRow)) == before
