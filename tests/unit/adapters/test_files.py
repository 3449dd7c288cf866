import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from comity.adapters.files import (
    FolderLock,
    destroy,
    make_private_folder,
    read_private,
    write_private,
)
from comity.core.errors import ConfigurationError, ConflictError, StorageError

HOLD = """
import sys, time
from pathlib import Path
from comity.adapters.files import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_what_is_written_is_private_and_reads_back(tmp_path: Path) -> None:
    path = make_private_folder(tmp_path / "keys" / "weeks") / "7.key"
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path) == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_write_leaves_no_draft_behind(tmp_path: Path) -> None:
    write_private(tmp_path / "a", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_write_that_fails_keeps_the_old_file_and_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.mkdir()
    with pytest.raises(StorageError, match="could not be written"):
        write_private(target, b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_private(path, b"1")
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="0600"):
        read_private(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is missing"):
        read_private(tmp_path / "none")


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be read"):
        read_private(tmp_path)


def test_no_folder_grows_below_a_file(tmp_path: Path) -> None:
    write_private(tmp_path / "a", b"1")
    with pytest.raises(StorageError, match="could not be made"):
        make_private_folder(tmp_path / "a" / "b")


def test_a_destroyed_file_is_zeroed_before_it_goes(tmp_path: Path) -> None:
    path, twin = tmp_path / "a", tmp_path / "twin"
    write_private(path, b"secret")
    twin.hardlink_to(path)
    destroy(path)
    destroy(path)
    assert not path.exists()
    assert twin.read_bytes() == bytes(6)


def test_what_cannot_be_destroyed_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be destroyed"):
        destroy(tmp_path)


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # noqa: TID251 - a child
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConflictError, match=f"pid {holder.pid}"):
            FolderLock(tmp_path)
        holder.kill()
        holder.wait()
    with FolderLock(tmp_path):
        pass


def test_a_released_folder_can_be_taken_again(tmp_path: Path) -> None:
    with FolderLock(tmp_path) as lock:
        lock.release()
        FolderLock(tmp_path).release()


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be locked"):
        FolderLock(tmp_path / "none")
