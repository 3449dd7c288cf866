"""The seeds of a node: whole, distinct, never printed."""

import hashlib

import pytest

from comity.core.errors import InvalidInputError
from comity.core.ids import AgencyId
from comity.trust import NodeKeys, new_node_keys, node_keys


class Dice:
    def __init__(self) -> None:
        self._count = 0

    def take(self, count: int, /) -> bytes:
        self._count += 1
        return hashlib.shake_256(bytes([self._count])).digest(count)


def made() -> NodeKeys:
    return new_node_keys([AgencyId("xn.police"), AgencyId("xn.border")], entropy=Dice())


def test_seeds_survive_being_kept_by_name() -> None:
    assert node_keys(made().as_mapping()) == made()
    assert set(made().as_mapping()) >= {"node", "agency/xn.police", "witness-ml-dsa"}


def test_seeds_are_never_printed() -> None:
    shown = repr(made())
    assert not any(repr(seed) in shown for seed in made().as_mapping().values())


def test_a_keyring_that_is_short_double_or_incomplete_is_refused() -> None:
    seeds = made().as_mapping()
    for broken in (
        {**seeds, "node": b"short"},
        {**seeds, "node": seeds["log"]},
        {name: seed for name, seed in seeds.items() if name != "log"},
        {**seeds, "agency/not an agency": b"x" * 32},
    ):
        with pytest.raises(InvalidInputError):
            node_keys(broken)
