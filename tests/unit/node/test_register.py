"""The directory as a node holds it: pinned, verified by its own clock, never turned back."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from tests.unit.node.ground import NORLAND, Town

from comity.adapters.system import SystemClock
from comity.core.errors import ConfigurationError, VerificationError
from comity.node.network import publish_network, published
from comity.node.register import Register, from_folder

CLOCK = SystemClock()


def new_register(folder: Path, digest: str) -> Register:
    return Register(folder, root_digest=digest, clock=CLOCK)


def test_before_joining_there_is_no_directory(tmp_path: Path) -> None:
    register = new_register(tmp_path, "")
    register.load()
    assert not register.has_joined
    assert register.held() == {}
    with pytest.raises(ConfigurationError, match="joined no network"):
        register.current()


def test_a_root_with_another_digest_is_not_pinned(town: Town, tmp_path: Path) -> None:
    register = new_register(tmp_path / "new", "00" * 32)
    with pytest.raises(VerificationError):
        register.join((town.network / "root.json").read_bytes())
    assert not register.has_joined


def test_what_was_verified_is_taken_up_again(town: Town) -> None:
    register = new_register(town.node(NORLAND), town.digest)
    register.load()
    assert register.has_joined
    assert register.current().node(NORLAND).url == "http://127.0.0.1:1"
    assert register.refresh(from_folder(town.network / "public")) is False


def test_a_newer_edition_is_told_from_the_same(town: Town) -> None:
    register = new_register(town.node(NORLAND), town.digest)
    register.load()
    publish_network(town.network)
    assert register.refresh(from_folder(town.network / "public")) is True
    again = new_register(town.node(NORLAND), town.digest)
    again.load()
    assert again.current().version == register.current().version


def test_nobody_turns_back_time(town: Town, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(town.network / "public", old)
    register = new_register(town.node(NORLAND), town.digest)
    register.load()
    publish_network(town.network)
    register.refresh(from_folder(town.network / "public"))
    newest = register.current().version
    with pytest.raises(VerificationError):
        register.refresh(from_folder(old))
    assert register.current().version == newest


@pytest.mark.parametrize("name", ["timestamp.json", ".snapshot.json", ".targets.json"])
def test_a_forged_file_leaves_the_old_directory_in_force(town: Town, name: str) -> None:
    register = new_register(town.node(NORLAND), town.digest)
    register.load()
    held, before = register.held(), register.current()
    files = published(town.network)
    for path in [path for path in files if path.endswith(name)]:
        forged = {**files, path: files[path].replace(b'"version":1', b'"version":7')}
        assert forged != files
        with pytest.raises(VerificationError):
            register.refresh(partial(dict, forged))
    assert register.current() is before
    assert register.held() == held


def test_a_crash_in_the_middle_of_a_refresh_leaves_a_directory_that_loads(town: Town) -> None:
    folder = town.node(NORLAND)
    register = new_register(folder, town.digest)
    register.load()
    version = register.current().version
    publish_network(town.network)
    held = {path.name for path in (folder / "directory" / "files").rglob("*")}
    register.refresh(from_folder(town.network / "public"))
    stamp = folder / "directory" / "files" / "metadata" / "timestamp.json"
    # As if the power had gone after all new files but one: the timestamp is written last.
    times = {
        path.stat().st_mtime_ns
        for path in (folder / "directory" / "files").rglob("*")
        if path.is_file() and path.name not in held
    }
    assert stamp.stat().st_mtime_ns >= max(times)
    assert register.current().version == version + 1


def test_a_folder_without_a_directory_is_named(town: Town) -> None:
    register = new_register(town.node(NORLAND), town.digest)
    with pytest.raises(ConfigurationError, match="no directory is published"):
        register.refresh(from_folder(town.folder / "nowhere"))
