"""The index: which held entities could bear this name.

`Index` is the face every engine keeps. `Shelf` is the index: immutable segments, a delta in
memory beside them, and what was forgotten since. Importing this brings neither numpy nor numba;
`comity.screening.index.segment` does, where there are segments.
"""

from comity.screening.index.port import Index
from comity.screening.index.shelf import Shelf

__all__ = ["Index", "Shelf"]
