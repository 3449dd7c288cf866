"""What becomes of a name on its way: slips of the hand and of the machine, and other customs.

Every noise takes a name and dice, and returns the name as it arrives; a name it cannot touch
comes back as it was. The model knows nothing of how screening reads a name.
"""

from collections.abc import Callable

from bench.quality.dice import Dice

Noise = Callable[[str, Dice], str]
