"""What a process gives up, and what it tells its service manager."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from comity.adapters.confinement import Manager, become, owner_of
from comity.core.errors import ConfigurationError

_CHILD = """
import os, resource, sys
from pathlib import Path
from comity.adapters.confinement import Identity, become, confine
confine()
is_changed = become(Identity(user=int(sys.argv[1]), group=int(sys.argv[1])))
made = Path(sys.argv[2]) / "made"
made.write_text("x")
try:
    os.setuid(0)
    regained = os.getuid() == 0 and is_changed
except PermissionError:
    regained = False
print(oct(made.stat().st_mode & 0o777), resource.getrlimit(resource.RLIMIT_CORE)[0])
has_groups = bool(os.getgroups()) and is_changed
print(is_changed, os.getuid() == int(sys.argv[1]), regained, not has_groups)
"""


def test_a_process_gives_up_core_dumps_and_the_rights_of_root_for_good(tmp_path: Path) -> None:
    is_root = os.getuid() == 0
    user = 65534 if is_root else os.getuid()
    tmp_path.chmod(0o777)
    for parent in list(tmp_path.parents)[:2] if is_root else []:
        parent.chmod(0o755)
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(user), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout.split() == ["0o600", "0", str(is_root), "True", "False", "True"]


def test_the_user_to_become_is_the_folders_owner_or_the_one_named(tmp_path: Path) -> None:
    assert owner_of(tmp_path, user="").user == os.getuid()
    assert owner_of(tmp_path, user="root").user == 0
    with pytest.raises(ConfigurationError, match="no user"):
        owner_of(tmp_path, user="nobody-by-that-name")


def test_who_is_root_by_choice_stays_so(tmp_path: Path) -> None:
    if os.getuid() == 0:
        assert not become(owner_of(tmp_path, user="root"))


@pytest.mark.parametrize(
    ("address", "socket"), [("/run/notify", "/run/notify"), ("@abstract", "\0abstract")]
)
def test_the_service_manager_is_told(address: str, socket: str) -> None:
    sent: list[tuple[bytes, str]] = []
    Manager(address, send=lambda data, to: sent.append((data, to))).tell("READY=1")
    assert sent == [(b"READY=1", socket)]


def test_where_nobody_listens_nothing_is_lost(tmp_path: Path) -> None:
    Manager("").tell("READY=1")
    Manager(str(tmp_path / "no-such-socket")).tell("READY=1")
