"""What a node's process gives up before it reads a key: rights, core dumps, open files.

It needs none of them, and what it does not have nobody can take from it.
"""

import ctypes
import os
import pwd
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import ConfigurationError

_UMASK = 0o077
_PR_SET_DUMPABLE = 4  # prctl(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A user a process may become."""

    user: int
    group: int


def confine() -> None:
    """Let nobody else read what this process writes, dumps or holds in memory."""
    os.umask(_UMASK)
    with suppress(OSError, ValueError):  # a service manager may have done it, and forbid more
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(
        OSError, AttributeError
    ):  # no such call on this system: the limits above hold
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def owner_of(folder: Path, *, user: str) -> Identity:
    """Return the user to become: the one named, or the folder's owner.

    Raises `ConfigurationError` where there is no such user.
    """
    if not user:
        found = folder.stat()
        return Identity(user=found.st_uid, group=found.st_gid)
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise ConfigurationError(f"`service.user`: there is no user `{user[:40]}`") from None
    return Identity(user=entry.pw_uid, group=entry.pw_gid)


def become(identity: Identity) -> bool:
    """Become a user for good where this process is root's; return whether anything changed.

    Raises `ConfigurationError` where the rights could be had again.
    """
    if os.geteuid() != 0 or identity.user == 0:
        return False
    os.setgroups([])
    os.setresgid(identity.group, identity.group, identity.group)
    os.setresuid(identity.user, identity.user, identity.user)
    with suppress(PermissionError):
        os.setuid(0)
        raise ConfigurationError("the rights of root could not be given up")
    return True


class Manager:
    """Tells the service manager how the node does (sd_notify); silent where there is none."""

    def __init__(
        self, address: str, *, send: Callable[[bytes, str], None] | None = None
    ) -> None:
        """Speak to the socket at `address`, as `NOTIFY_SOCKET` names it; empty: to nobody."""
        self._address = address.replace("@", "\0", 1) if address.startswith("@") else address
        self._send = send or _datagram

    def tell(self, state: str) -> None:
        """Send one state, such as `READY=1`; what cannot be sent is no reason to stop."""
        if self._address:
            with suppress(OSError):
                self._send(state.encode(), self._address)


def _datagram(data: bytes, address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.sendto(data, address)


def manager_of_this_process() -> tuple[Manager, float]:
    """Return the service manager, and every how many seconds it wants to hear; 0: never."""
    address = os.environ.get("NOTIFY_SOCKET", "")  # noqa: TID251 - systemd's own variables
    micros = os.environ.get("WATCHDOG_USEC", "")  # noqa: TID251 - and no setting of ours
    return Manager(address), int(micros) / 2_000_000 if micros.isdecimal() else 0.0
