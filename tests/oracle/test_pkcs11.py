"""Keys in a device: SoftHSM, from the system's own packages, holds what never leaves it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

pytest.importorskip("pkcs11")

from tests.unit.node.ground import config_of

from comity.adapters.memory import SeededEntropy
from comity.adapters.pkcs11 import Device
from comity.core.clock import Instant
from comity.core.errors import ConfigurationError, ConflictError, NotFoundError
from comity.node.beginning import begin_node
from comity.node.config import Config
from comity.node.generations import Turn
from comity.node.keyring import RETIRED_FOR
from comity.node.settings import Keys
from comity.node.unlocking import unlock
from comity.seal import verify

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
)
UTIL = shutil.which("softhsm2-util")
MODULE = next((path for path in MODULES if path.exists()), None)
TOKEN, PIN, WRONG = "comity-test", "123456", "654321"
NOW = Instant(1_800_000_000_000)

pytestmark = pytest.mark.skipif(
    MODULE is None or UTIL is None,
    reason="SoftHSM is not installed: apt-get install softhsm2",
)


@dataclass(frozen=True, slots=True)
class Token:
    module: str
    label: str

    def open(self, pin: str = PIN) -> Device:
        return Device(module=self.module, token=self.label, pin=pin)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Token]:
    # The library reads its configuration once for the whole process.
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(conf))
    subprocess.run(
        [
            str(UTIL),
            "--init-token",
            "--free",
            "--label",
            TOKEN,
            "--pin",
            PIN,
            "--so-pin",
            "87654321",
        ],
        check=True,
        capture_output=True,
    )
    yield Token(str(MODULE), TOKEN)
    patch.undo()


@contextmanager
def opened(token: Token) -> Iterator[Device]:
    with token.open() as device:
        yield device


def config(token: Token) -> Config:
    return replace(config_of("xn", "police"), keys=Keys(module=token.module, token=token.label))


def test_a_key_made_in_the_device_signs_and_is_found_again(token: Token) -> None:
    with opened(token) as device:
        key = device.new_key("one")
        signature = key.sign(b"said")
        assert verify(key.public, signature, b"said")
        assert not verify(key.public, signature, b"other")
        assert device.key("one").public == key.public
        with pytest.raises(ConflictError):
            device.new_key("one")
        device.destroy("one")
        device.destroy("one")
        with pytest.raises(NotFoundError):
            key.sign(b"said")


def test_a_master_key_opens_only_with_its_device(token: Token) -> None:
    entropy = SeededEntropy(b"device")
    with opened(token) as device:
        wrapped = device.wrap("wrapping", b"m" * 32, entropy=entropy)
        assert b"m" * 32 not in wrapped
        assert device.unwrap("wrapping", wrapped) == b"m" * 32
        changed = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
        with pytest.raises(ConfigurationError):
            device.unwrap("wrapping", changed)
        with pytest.raises(ConfigurationError):
            device.unwrap("absent", wrapped)


@pytest.mark.parametrize(
    ("pin", "label", "words"),
    [("000000", TOKEN, "PIN"), ("1", TOKEN, "PIN"), (PIN, "absent", "no single token")],
)
def test_a_wrong_pin_or_token_is_said_in_words(
    token: Token, pin: str, label: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Device(module=token.module, token=label, pin=pin)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_lost_session_is_opened_anew(token: Token) -> None:
    with opened(token) as device:
        key = device.new_key("two")
        device._session.close()
        assert verify(key.public, key.sign(b"said"), b"said")
        device.destroy("two")


def test_a_module_that_is_none_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not answer"):
        Device(module=str(tmp_path / "none.so"), token=TOKEN, pin=PIN)


def test_a_node_whose_keys_lie_in_a_device_runs_rotates_and_destroys_there(
    token: Token, tmp_path: Path
) -> None:
    folder = tmp_path / "node"
    begin_node(folder, config(token), admin="Ada", passphrase=PIN)
    ring = unlock(folder, passphrase=PIN, entropy=SeededEntropy(b"node"))
    try:
        assert all(not each.seed for each in ring.held)
        assert verify(ring.node.public, ring.node.sign(b"x"), b"x")
        assert verify(ring.log[1].public, ring.log[1].sign(b"x"), b"x")
        old = ring.node
        ring.prepare("node", at=NOW)
        assert ring.turn("node", at=NOW).turn is Turn.ACTIVE
        assert ring.node.public != old.public
        assert ring.destroy_retired(Instant(NOW + RETIRED_FOR)) == 1
        with pytest.raises(NotFoundError):
            old.sign(b"x")
    finally:
        assert ring.device is not None
        ring.device.close()
    with pytest.raises(ConfigurationError, match="passphrase"):
        unlock(folder, passphrase=None, entropy=SeededEntropy(b"node"))
    with pytest.raises(ConfigurationError, match="PIN"):
        unlock(folder, passphrase=WRONG, entropy=SeededEntropy(b"node"))
