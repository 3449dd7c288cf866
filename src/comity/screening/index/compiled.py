"""The one place where numba is spoken to: functions over arrays, compiled once and kept.

Compiled code lies in the cache beside the source, or in the user's where that is read-only, so
only the first process after an installation compiles. A function stays callable in plain Python
as `plain(function)`, for tests and for reading.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

_P = ParamSpec("_P")
_R = TypeVar("_R")

Bytes: TypeAlias = npt.NDArray[np.uint8]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Words: TypeAlias = npt.NDArray[np.uint32]
Longs: TypeAlias = npt.NDArray[np.uint64]

int64 = cast("Callable[[object], int]", np.int64)
"""`numpy.int64`, which a checker may take for the whole number that it is."""


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function when it is first called, without the interpreter's lock."""
    try:
        made = njit(function, cache=True, nogil=True)
    except RuntimeError:  # no folder may be written for the cache
        made = njit(function, nogil=True)
    return cast("Callable[_P, _R]", made)


def plain(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return the same function, not compiled; what it calls stays compiled."""
    return cast("Callable[_P, _R]", vars(function)["py_func"])
