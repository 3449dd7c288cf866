"""Several processes of one node: each duty is held by one, and taken over when it dies."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.node.ground import NORLAND, Town, config_of

from comity.adapters.files import FolderLock
from comity.adapters.memory import FixedClock, MemoryStore
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import SECOND, Instant
from comity.core.errors import ConfigurationError, ConflictError
from comity.node.keyring import WEEK
from comity.node.network import publish_network
from comity.node.office import open_office
from comity.node.parting import WHOLE, LeaseRow, Leases, Role, check_part, read_part
from comity.node.register import Register, from_folder
from comity.node.unlocking import unlock


class Ground:
    def __init__(self) -> None:
        self.clock = FixedClock(Instant(1_800_000_000_000))
        self.store = MemoryStore()

    def process(self, name: str) -> Leases:
        return Leases(store=self.store, clock=self.clock, holder=name, life=30)


@pytest.fixture
def ground() -> Ground:
    return Ground()


def test_a_duty_is_held_by_one_process_at_a_time(ground: Ground) -> None:
    one, two = ground.process("worker-1"), ground.process("worker-2")
    done: list[str] = []

    def step(name: str) -> bool:
        done.append(name)
        return True

    first = one.holding("ledger", lambda: step("one"))
    second = two.holding("ledger", lambda: step("two"))
    assert (first(), second(), first()) == (True, False, True)
    assert done == ["one", "one"]
    assert two.hold("delivery")
    assert not one.hold("delivery")


def test_a_process_that_dies_is_followed_once_its_lease_has_lapsed(ground: Ground) -> None:
    one, two = ground.process("worker-1"), ground.process("worker-2")
    assert one.hold("ledger")
    ground.clock.advance(29 * SECOND)
    assert not two.hold("ledger")
    ground.clock.advance(SECOND)
    assert two.hold("ledger")
    assert not one.hold("ledger")


def test_what_is_renewed_is_kept_however_long_a_step_lasts(ground: Ground) -> None:
    one, two = ground.process("worker-1"), ground.process("worker-2")
    assert one.hold("retention")
    for _ in range(9):
        ground.clock.advance(10 * SECOND)
        one.renew()
        assert not two.hold("retention")


def test_what_was_lost_is_not_renewed(ground: Ground) -> None:
    one, two = ground.process("worker-1"), ground.process("worker-2")
    assert one.hold("ledger")
    ground.clock.advance(31 * SECOND)
    assert two.hold("ledger")
    one.renew()
    held = ground.store.read(lambda r: r.get(LeaseRow, "ledger"))
    assert held is not None
    assert held.holder == "worker-2"


def test_a_process_that_stops_hands_over_at_once(ground: Ground) -> None:
    one, two = ground.process("worker-1"), ground.process("worker-2")
    assert one.hold("ledger")
    assert two.hold("duties")
    one.release()
    assert two.hold("ledger")
    assert not one.hold("duties")


@pytest.mark.parametrize(("role", "instance"), [("both", "1"), ("web", ""), ("web", "../x")])
def test_a_part_that_is_none_is_refused(role: str, instance: str) -> None:
    with pytest.raises(ConfigurationError):
        read_part(role, instance)


def test_several_processes_over_one_file_are_refused(town: Town) -> None:
    part = read_part("web", "1")
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        check_part(part, config_of("xn", "police"))
    check_part(part, replace(config_of("xn", "police"), store="postgresql://h/db"))
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        open_office(town.node(NORLAND), part=part)
    assert (part.name, WHOLE.name, part.role) == ("web-1", "", Role.WEB)


def test_processes_that_share_a_folder_keep_others_out(tmp_path: Path) -> None:
    one = FolderLock(tmp_path, is_shared=True)
    two = FolderLock(tmp_path, is_shared=True)
    with pytest.raises(ConflictError):
        FolderLock(tmp_path)
    one.release()
    two.release()
    alone = FolderLock(tmp_path)
    with pytest.raises(ConflictError):
        FolderLock(tmp_path, is_shared=True)
    alone.release()


def test_two_processes_agree_on_the_key_of_a_week_and_on_prekeys(town: Town) -> None:
    folder, at = town.node(NORLAND), Instant(1_900_000_000_000)
    one, two = (unlock(folder, passphrase=None, entropy=SystemEntropy()) for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(lambda ring: ring.current(at), (one, two)))
    assert keys[0] == keys[1]
    prekey, until = one.new_prekey(at)
    assert two.prekey(prekey.public.kid) is not None
    for path in (folder / "keys" / "prekeys").glob(f"*{prekey.public.kid.hex()}.key"):
        path.unlink()
    for path in folder.rglob(f"{at // WEEK}.key"):
        path.unlink()
    two.follow()
    assert two.prekey(prekey.public.kid) is None
    assert two.key(at // WEEK) is None
    assert until > at


def test_a_directory_that_another_process_fetched_is_taken_up(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    try:
        other = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
        assert office.register.follow()
        assert not office.register.follow()
        publish_network(town.network)
        other.load()
        assert other.refresh(from_folder(town.network / "public"))
        assert office.register.follow()
        assert office.register.current().version == other.current().version
    finally:
        office.close()
