"""Takes away from a process what reading a medium does not need: network, children, writing.

A filter of system calls (seccomp), which any process may put on itself and none can take off:
no sockets, no other program, no other process looked into or ended. Limits of memory, time,
open files and bytes written (none) beside it. Without such a filter no medium is read.
"""

import ctypes
import platform
import resource
import struct
from typing import Final

MEMORY: Final = 512 << 20
"""Most bytes of address space of a reader."""
SECONDS: Final = 300
"""Most seconds of processor time of a reader."""
_FILES = 32
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32 = 0x40000000

# Numbers of the kernel's own tables (asm/unistd_64.h; asm-generic/unistd.h): socket and its
# kin, fork, clone, execve, ptrace, process_vm_writev, io_uring_setup, mount, bpf, kill.
_CALLS: Final = {
    "x86_64": (
        0xC000003E,
        (41, 53, 42, 43, 49, 50, 44, 46, 57, 58, 56, 435, 59, 322, 101, 311, 425, 165, 321, 62),
    ),
    "aarch64": (
        0xC00000B7,
        (
            198,
            199,
            203,
            202,
            200,
            201,
            206,
            211,
            220,
            435,
            221,
            281,
            117,
            271,
            425,
            40,
            280,
            129,
        ),
    ),
}


def confine() -> None:
    """Confine this very process for good; raises `OSError` where the kernel does not."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    machine = platform.machine()
    if machine not in _CALLS:
        raise OSError(f"no filter of system calls is known for `{machine}`")
    code = _program(*_CALLS[machine])
    library = ctypes.CDLL(None, use_errno=True)
    steps = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HL", len(code) // 8, ctypes.addressof(steps))
    held = ctypes.create_string_buffer(program, len(program))
    if library.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) or library.prctl(
        _SECCOMP, _FILTER, ctypes.c_void_p(ctypes.addressof(held)), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel filters no system calls")


def _program(machine: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter: another machine's calls end the process, refused ones fail."""

    def step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    count = len(refused)
    return b"".join(
        (
            step(_LOAD, 4),  # seccomp_data.arch
            step(_EQUAL, machine, yes=1),
            step(_RETURN, _KILL),
            step(_LOAD, 0),  # seccomp_data.nr
            step(_AT_LEAST, _X32, yes=count + 1),
            *(step(_EQUAL, call, yes=count - place) for place, call in enumerate(refused)),
            step(_RETURN, _ALLOW),
            step(_RETURN, _EPERM),
        )
    )
