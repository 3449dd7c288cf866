"""Which split a person, an entity or a token pair belongs to: `fit`, `tune` or `held-out`.

The split hangs on a stable hash of the thing itself, so it never moves when data are added.
Weights are fitted on `fit`, settings chosen on `tune`; a figure that is shown comes from
`held-out`, and nothing is ever learned from it.
"""

import hashlib
from typing import Literal

Split = Literal["fit", "tune", "held-out"]
SPLITS: tuple[Split, ...] = ("fit", "tune", "held-out")
_FIT, _TUNE = 50, 70
"""Of 100: 50 fit, 20 tune, 30 held-out."""


def split_of(key: str) -> Split:
    """Return the split of a person, entity or token by its key."""
    place = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) % 100
    return "fit" if place < _FIT else "tune" if place < _TUNE else "held-out"


def split_of_row(script_side: str) -> Split:
    """Return the split of a row of `bench/data/translit` by what stands in its second column.

    Spaces count for nothing, so that one token or name lies in one split in every file.
    """
    return split_of("translit:" + "".join(script_side.split()))
