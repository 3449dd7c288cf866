"""The process that touches a medium: it opens plain files by name, and can do nothing else.

    python -m comity.adapters.media.reader list MEDIUM
    python -m comity.adapters.media.reader read MEDIUM FOLDER LIMIT NAME …

It confines itself before it looks. What it finds goes to standard output as frames: four bytes
of length, then the bytes; a length of 2^32 - 1 says that a file is missing or not a plain one.
Standard library and `confine` only, so that it starts quickly and holds little.
"""

import os
import stat
import sys

from comity.adapters.media.confine import confine

MISSING = 0xFFFFFFFF
FOLDER = "comity"
_NAMES = 2_000
_NAME = 255
_CHUNK = 1 << 20
_UNCONFINED, _TOO_MANY, _UNREADABLE = 4, 5, 6


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return an exit code."""
    try:
        confine()
    except (OSError, ValueError):
        return _UNCONFINED
    try:
        if arguments[0] == "list":
            return _list(arguments[1])
        return _read(arguments[1], arguments[2], int(arguments[3]), arguments[4:])
    except OSError:
        return _UNREADABLE


def _home(medium: str) -> int:
    base = os.open(medium, os.O_RDONLY | os.O_DIRECTORY)
    for name in os.listdir(base):  # noqa: PTH208 - by descriptor, so that no path is walked twice
        if name.lower() == FOLDER:
            # INVARIANT: no symbolic link is followed below the medium's own root.
            return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=base)
    raise FileNotFoundError(FOLDER)


def _list(medium: str) -> int:
    try:
        home = _home(medium)
    except FileNotFoundError:
        return 0
    with os.scandir(home) as entries:
        for place, entry in enumerate(entries):
            if place >= _NAMES:
                return _TOO_MANY
            name = os.fsencode(entry.name)[:_NAME]
            _frame(name if entry.is_dir(follow_symlinks=False) else b"")
    return 0


def _read(medium: str, folder: str, limit: int, names: list[str]) -> int:
    home = _home(medium)
    inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=home)
    names_here = os.listdir(inner)  # noqa: PTH208 - by descriptor, as above
    spelt = {name.lower(): name for name, _ in zip(names_here, range(_NAMES), strict=False)}
    for name in names:
        _file(inner, spelt.get(name, name), limit)
    return 0


def _file(folder: int, name: str, limit: int) -> None:
    try:
        # Without O_NONBLOCK a pipe put in a file's place would keep us waiting for ever.
        held = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        sys.stdout.buffer.write(MISSING.to_bytes(4, "big"))
        return
    try:
        found = os.fstat(held)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            sys.stdout.buffer.write(MISSING.to_bytes(4, "big"))
            return
        _frame(_whole(held, limit))
    finally:
        os.close(held)


def _whole(held: int, limit: int) -> bytes:
    """Read what can be read: a scratched disc gives the rest, and digests judge it."""
    data = bytearray()
    while len(data) <= limit:
        try:
            chunk = os.read(held, _CHUNK)
        except OSError:
            break
        if not chunk:
            break
        data += chunk
    return bytes(data[:limit])


def _frame(data: bytes) -> None:
    sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
