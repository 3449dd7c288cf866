"""Keys turn when everybody has heard of the next one, and never before."""

from dataclasses import replace

import pytest
from tests.unit.node.ground import NORLAND, Town

from comity.adapters.memory import FixedClock, SeededEntropy
from comity.core import cbor
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ComityError, ConflictError, InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, NodeId
from comity.core.store import Transaction
from comity.ledger import LeafType, decode_leaf, open_note, parse_vkey
from comity.node.generations import Turn
from comity.node.keyring import RETIRED_FOR, Keyring
from comity.node.network import publish_network, published, take_change
from comity.node.office import Office, open_office
from comity.node.register import Register
from comity.node.rotation import due, make_change, read_change
from comity.node.rows import HaltRow
from comity.node.turning import turn_due
from comity.node.unlocking import unlock
from comity.seal import verify
from comity.trust import Directory

AGENCY = AgencyId("xn.police")
USES = ("node", "agency/xn.police", "log", "witness")


def ring_of(town: Town) -> Keyring:
    return unlock(town.node(NORLAND), passphrase=None, entropy=SeededEntropy(b"rotation"))


def directory_of(town: Town, clock: FixedClock) -> Directory:
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=clock)
    register.load()
    register.refresh(lambda: published(town.network))
    return register.current()


def list_change(town: Town, ring: Keyring, clock: FixedClock) -> Directory:
    before = directory_of(town, clock)
    data = make_change(ring, NORLAND, directory=before, at=clock.now())
    take_change(town.network, read_change(data))
    publish_network(town.network, clock=clock)
    return directory_of(town, clock)


@pytest.fixture
def clock(town: Town) -> FixedClock:
    register = Register(
        town.node(NORLAND), root_digest=town.digest, clock=FixedClock(Instant(0))
    )
    register.load()
    return FixedClock(Instant(register.current().expires - DAY + HOUR))


def test_a_next_key_signs_only_a_day_after_it_was_seen_listed(
    town: Town, clock: FixedClock
) -> None:
    ring = ring_of(town)
    first = {use: ring.active(use) for use in USES}
    for use in USES:
        ring.prepare(use, at=clock.now())
    before = directory_of(town, clock)
    assert due(ring, before, NORLAND, at=clock.now()) == ()
    listed = list_change(town, ring, clock)
    assert due(ring, listed, NORLAND, at=clock.now()) == ()
    clock.advance(DAY - 1)
    assert due(ring, listed, NORLAND, at=clock.now()) == ()
    clock.advance(1)
    assert set(due(ring, listed, NORLAND, at=clock.now())) == set(USES)
    assert {use: ring.active(use) for use in USES} == first


def test_a_member_that_lists_late_still_leaves_partners_a_day(
    town: Town, clock: FixedClock
) -> None:
    ring = ring_of(town)
    ring.prepare("node", at=clock.now())
    data = make_change(ring, NORLAND, directory=directory_of(town, clock), at=clock.now())
    clock.advance(5 * DAY)
    take_change(town.network, read_change(data))
    publish_network(town.network, clock=clock)
    listed = directory_of(town, clock)
    assert due(ring, listed, NORLAND, at=clock.now()) == ()
    assert due(ring, listed, NORLAND, at=Instant(clock.now() + DAY)) == ("node",)


def test_what_the_old_key_signed_still_holds_after_the_turn(
    town: Town, clock: FixedClock
) -> None:
    ring = ring_of(town)
    old = ring.node.public
    ring.prepare("node", at=clock.now())
    listed = list_change(town, ring, clock)
    clock.advance(DAY)
    new = ring.turn("node", at=clock.now())
    assert ring.node.public != old
    assert new.turn is Turn.ACTIVE
    later = Instant(clock.now() + 13 * DAY)
    assert listed.node_key(NORLAND, old.kid, at=later) == old
    assert listed.node_key(NORLAND, ring.node.public.kid, at=clock.now()) == ring.node.public
    assert listed.node_key(NORLAND, old.kid, at=Instant(later + 30 * DAY)) is None


def test_a_retired_key_is_destroyed_a_day_later_and_not_before(
    town: Town, clock: FixedClock
) -> None:
    ring = ring_of(town)
    old = ring.active("node")
    ring.prepare("node", at=clock.now())
    ring.turn("node", at=clock.now())
    assert ring.destroy_retired(Instant(clock.now() + RETIRED_FOR - 1)) == 0
    assert ring.destroy_retired(Instant(clock.now() + RETIRED_FOR)) == 1
    assert all(each.seed != old.seed for each in ring_of(town).held)


def test_another_process_of_the_node_follows_the_turn(town: Town, clock: FixedClock) -> None:
    here, there = ring_of(town), ring_of(town)
    here.prepare("node", at=clock.now())
    with pytest.raises(ConflictError, match="waits already"):
        there.prepare("node", at=clock.now())
    here.turn("node", at=clock.now())
    assert there.node.public == here.node.public


def test_an_unknown_use_has_no_key(town: Town, clock: FixedClock) -> None:
    ring = ring_of(town)
    with pytest.raises(NotFoundError):
        ring.prepare("agency/xx.police", at=clock.now())
    with pytest.raises(NotFoundError, match="no next key"):
        ring.turn("node", at=clock.now())


def office_of(town: Town, clock: FixedClock) -> Office:
    return open_office(town.node(NORLAND), clock=clock)


def entries(office: Office) -> list[LeafType]:
    size = office.store.read(lambda r: r.size())
    return [
        decode_leaf(entry).type for entry in office.store.read(lambda r: r.entries(0, size))
    ]


def turned(town: Town, office: Office, clock: FixedClock, *uses: str) -> None:
    for use in uses:
        office.keyring.prepare(use, at=clock.now())
    list_change(town, office.keyring, clock)
    office.register.refresh(lambda: published(town.network))
    turn_due(office)
    clock.advance(DAY)
    publish_network(town.network, clock=clock)
    office.register.refresh(lambda: published(town.network))


def test_the_old_log_key_signs_last_and_the_next_epoch_begins_with_a_leaf(
    town: Town, clock: FixedClock
) -> None:
    office = office_of(town, clock)
    try:
        office.chronicle.sign()
        before = office.chronicle.origin()
        turned(town, office, clock, "log")
        assert turn_due(office) == ("log",)
        last = office.chronicle.newest()
        assert last is not None
        entry = office.register.current().node(NORLAND)
        old = [key for key in map(parse_vkey, entry.log_vkeys) if key.name == before]
        assert open_note(last.note, old, verify=verify).seen
        assert office.chronicle.origin() == before[:-1] + "2"
        assert entries(office)[last.size] is LeafType.KEY_CHANGED
        row = office.chronicle.sign()
        new = [
            key
            for key in map(parse_vkey, entry.log_vkeys)
            if key.name == office.chronicle.origin()
        ]
        assert row.size == last.size + 1
        assert len(open_note(row.note, new, verify=verify).seen) == len(new) == len(old)
        assert not open_note(row.note, old, verify=verify).seen
    finally:
        office.close()


def test_a_log_that_may_sign_no_more_goes_on_in_the_next_epoch(
    town: Town, clock: FixedClock
) -> None:
    office = office_of(town, clock)
    try:
        office.chronicle.sign()
        origin = office.chronicle.origin()
        halt = HaltRow(origin=origin, size=99, root=bytes(32), note=b"", at=clock.now())

        def stop(tx: Transaction) -> None:
            tx.put(halt)

        office.store.commit(stop).result()
        with pytest.raises(ConflictError):
            office.chronicle.sign()
        turned(town, office, clock, "log")
        turn_due(office)
        assert entries(office)[-2:] == [LeafType.INCIDENT, LeafType.KEY_CHANGED]
        assert office.chronicle.sign().size == office.store.read(lambda r: r.size())
    finally:
        office.close()


def test_a_revoked_key_gives_way_at_once_and_is_listed_as_revoked(
    town: Town, clock: FixedClock
) -> None:
    office = office_of(town, clock)
    try:
        ring, stolen = office.keyring, office.keyring.node.public
        ring.prepare("node", at=clock.now())
        ring.mark(ring.active("node"), revoked=clock.now())
        listed = list_change(town, ring, clock)
        office.register.refresh(lambda: published(town.network))
        assert turn_due(office) == ("node",)
        assert ring.node.public != stolen
        (entry,) = (n for n in listed.nodes() if n.node == NORLAND)
        assert {dated.revoked for dated in entry.keys if dated.key == stolen} == {clock.now()}
        assert listed.node_key(NORLAND, stolen.kid, at=clock.now()) is None
        assert office.station.node_key.public == ring.node.public
    finally:
        office.close()


def test_a_change_that_somebody_else_wrote_is_refused(town: Town, clock: FixedClock) -> None:
    ring = ring_of(town)
    ring.prepare("node", at=clock.now())
    data = make_change(ring, NORLAND, directory=None, at=clock.now())
    outer = cbor.decode(data)
    assert isinstance(outer, dict)
    stranger = unlock(
        town.node(NodeId("xa.border.n1")), passphrase=None, entropy=SeededEntropy(b"other")
    )
    forged = {
        **outer,
        "key": stranger.node.public.raw,
        "signature": stranger.node.sign(outer["change"]),
    }
    with pytest.raises(InvalidInputError, match="does not list"):
        take_change(town.network, read_change(cbor.encode(forged)))
    with pytest.raises(InvalidInputError, match="not signed"):
        read_change(cbor.encode({**outer, "signature": bytes(64)}))
    with pytest.raises(InvalidInputError, match="did not sign"):
        take_change(town.network, read_change(cbor.encode({**outer, "proofs": []})))
    wrong = [[raw, bytes(64)] for raw, _ in outer["proofs"]]
    with pytest.raises(InvalidInputError, match="did not sign"):
        read_change(cbor.encode({**outer, "proofs": wrong}))
    with pytest.raises(NotFoundError):
        take_change(town.network, replace(read_change(data), node=NodeId("xq.police.n1")))


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_a_broken_change_is_refused_in_words(town: Town, clock: FixedClock, cut: int) -> None:
    data = make_change(ring_of(town), NORLAND, directory=None, at=clock.now())
    with pytest.raises(ComityError):
        read_change(data[:cut])


def test_a_change_says_what_it_lists(town: Town, clock: FixedClock) -> None:
    ring = ring_of(town)
    ring.mark(ring.active("node"), revoked=clock.now())
    change = read_change(make_change(ring, NORLAND, directory=None, at=clock.now()))
    assert any("revoked" in line for line in change.words())
    assert len(change.words()) == len(USES)


def test_nothing_of_a_key_is_written_in_clear(town: Town) -> None:
    ring = ring_of(town)
    ring.prepare("log", at=Instant(1))
    data = (town.node(NORLAND) / "keys" / "seeds.key").read_bytes()
    for each in ring.held:
        assert each.seed not in data
        assert repr(each).count(repr(each.seed)) == 0
