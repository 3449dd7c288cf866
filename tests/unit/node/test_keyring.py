"""Keys on disk: closed without the passphrase, gone when their time is over."""

from pathlib import Path

import pytest

from comity.adapters.files import write_private
from comity.adapters.memory import FixedClock, SeededEntropy
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ConfigurationError, InvalidInputError, NotFoundError
from comity.core.ids import AgencyId
from comity.node.keyring import (
    DESTROY_AFTER,
    LONGEST_LIFE,
    MESSAGE_LIFE,
    PREKEY_LIFE,
    WEEK,
    Keyring,
)
from comity.node.master import (
    change_passphrase,
    end_clear_master,
    is_demonstration,
    new_master,
    open_master,
)
from comity.node.unlocking import fresh, new_keyring, open_keyring
from comity.seal import master_from_passphrase

NOW = Instant(1_800_000_000_000)
AGENCY = AgencyId("xn.police")
WORDS = "right words"
OTHER = "other words"


def made(folder: Path, *, passphrase: str | None = None) -> Keyring:
    entropy = SeededEntropy(b"keys")
    master = new_master(folder, passphrase=passphrase, entropy=entropy)
    return new_keyring(folder, master, agencies=(AGENCY,), entropy=entropy)


def reopened(folder: Path, *, passphrase: str | None = None) -> Keyring:
    master = open_master(folder, passphrase=passphrase)
    return open_keyring(folder, master, entropy=SeededEntropy(b"other"))


def test_keys_come_back_the_same(tmp_path: Path) -> None:
    before, after = made(tmp_path), reopened(tmp_path)
    assert before.node.public == after.node.public
    assert before.agency(AGENCY).public == after.agency(AGENCY).public
    assert [key.public for key in before.log] == [key.public for key in after.log]
    assert [key.public for key in before.witness] == [key.public for key in after.witness]
    assert before.hashed("x") == after.hashed("x")
    assert before.token_hash(b"x") == after.token_hash(b"x")


def test_no_two_purposes_share_a_key(tmp_path: Path) -> None:
    ring = made(tmp_path)
    signers = (ring.node, ring.agency(AGENCY), ring.log[0], ring.witness[0])
    assert len({key.public.raw for key in signers}) == len(signers)
    assert ring.hashed("00") != ring.token_hash(b"\x00")


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    ring = made(tmp_path, passphrase=WORDS)
    with pytest.raises(ConfigurationError, match="passphrase is wrong"):
        reopened(tmp_path, passphrase=WORDS + "!")
    with pytest.raises(ConfigurationError, match="passphrase"):
        reopened(tmp_path)
    assert not is_demonstration(tmp_path)
    assert reopened(tmp_path, passphrase=WORDS).node.public == ring.node.public


def test_a_damaged_file_opens_nothing(tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "keys" / "seeds.key"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConfigurationError):
        reopened(tmp_path)


def test_a_key_that_others_may_read_stops_the_node(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "keys" / "seeds.key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="others"):
        reopened(tmp_path)


def test_no_key_file_is_readable_by_others(tmp_path: Path) -> None:
    ring = made(tmp_path)
    ring.new_prekey(NOW)
    ring.current(NOW)
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").rglob("*")}
    assert modes == {0}


def test_an_agency_that_is_not_ours_has_no_key(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        made(tmp_path).agency(AgencyId("xa.border"))


def test_a_key_of_the_week_is_found_again_until_it_is_destroyed(tmp_path: Path) -> None:
    week, key = made(tmp_path).current(NOW)
    again = reopened(tmp_path)
    assert again.current(NOW) == (week, key)
    end = Instant((week + 1) * WEEK + DESTROY_AFTER)
    assert again.destroy_weeks(Instant(end - 1)) == 0
    assert again.key(week) == key
    assert again.destroy_weeks(end) == 1
    assert again.key(week) is None
    assert reopened(tmp_path).key(week) is None


def test_a_prekey_outlives_its_day_by_the_life_of_a_message(tmp_path: Path) -> None:
    ring = made(tmp_path)
    prekey, until = ring.new_prekey(NOW)
    assert until == NOW + PREKEY_LIFE
    again = reopened(tmp_path)
    assert again.prekey(prekey.public.kid) is not None
    assert again.newest_prekey(until) is None
    assert again.destroy_prekeys(Instant(until + MESSAGE_LIFE - 1)) == 0
    assert again.destroy_prekeys(Instant(until + MESSAGE_LIFE)) == 1
    assert again.prekey(prekey.public.kid) is None
    assert reopened(tmp_path).prekey(prekey.public.kid) is None


def test_a_prekey_is_made_anew_before_half_its_day_is_over(tmp_path: Path) -> None:
    ring, clock = made(tmp_path), FixedClock(NOW)
    first = fresh(ring, clock)
    clock.advance(11 * HOUR)
    assert fresh(ring, clock)[0].public == first[0].public
    clock.advance(2 * HOUR)
    assert fresh(ring, clock)[0].public != first[0].public
    clock.advance(3 * DAY)
    assert fresh(ring, clock)[1] == clock.now() + PREKEY_LIFE


def test_a_prekey_stays_until_what_was_sealed_to_it_has_come(tmp_path: Path) -> None:
    ring = made(tmp_path)
    prekey, until = ring.new_prekey(NOW)
    over = Instant(until + MESSAGE_LIFE)

    def drained(at: Instant) -> bool:
        assert at == until
        return False

    assert ring.destroy_prekeys(over, is_drained=drained) == 0
    assert ring.prekey(prekey.public.kid) is not None
    assert ring.destroy_prekeys(Instant(until + LONGEST_LIFE), is_drained=drained) == 1


def test_a_longer_message_life_keeps_a_prekey_longer(tmp_path: Path) -> None:
    ring = made(tmp_path)
    _, until = ring.new_prekey(NOW)
    assert ring.destroy_prekeys(Instant(until + MESSAGE_LIFE), life=30 * DAY) == 0
    assert ring.destroy_prekeys(Instant(until + 30 * DAY), life=30 * DAY) == 1


def test_a_new_passphrase_opens_the_same_keys_and_the_old_one_none(tmp_path: Path) -> None:
    before = made(tmp_path, passphrase=WORDS)
    change_passphrase(tmp_path, old=WORDS, new=OTHER, entropy=SeededEntropy(b"n"))
    assert reopened(tmp_path, passphrase=OTHER).node.public == before.node.public
    with pytest.raises(ConfigurationError, match="passphrase is wrong"):
        reopened(tmp_path, passphrase=WORDS)
    with pytest.raises(InvalidInputError, match="at least"):
        change_passphrase(tmp_path, old=OTHER, new="short", entropy=SeededEntropy(b"n"))


def test_a_demonstration_key_ends_once_it_is_wrapped(tmp_path: Path) -> None:
    before = made(tmp_path)
    with pytest.raises(ConfigurationError, match="not wrapped"):
        change_passphrase(tmp_path, old="x", new=WORDS, entropy=SeededEntropy(b"n"))
    end_clear_master(tmp_path, passphrase=WORDS, entropy=SeededEntropy(b"n"))
    assert not is_demonstration(tmp_path)
    assert reopened(tmp_path, passphrase=WORDS).node.public == before.node.public
    assert before.master not in b"".join(
        path.read_bytes() for path in (tmp_path / "keys").rglob("*") if path.is_file()
    )


def test_a_master_key_made_from_its_passphrase_itself_still_opens(tmp_path: Path) -> None:
    entropy = SeededEntropy(b"old")
    (tmp_path / "keys").mkdir(mode=0o700)
    salt = entropy.take(16)
    write_private(tmp_path / "keys" / "master.salt", salt)
    master = master_from_passphrase(WORDS, salt)
    ring = new_keyring(tmp_path, master, agencies=(AGENCY,), entropy=entropy)
    assert reopened(tmp_path, passphrase=WORDS).node.public == ring.node.public
