"""Tiles and bundles: paths in one spelling, every width, nothing empty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.ground import Ground

from comity.core.errors import InvalidInputError
from comity.ledger import (
    Tile,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
    read_tile,
    tiles_of,
)

TILES = st.builds(
    Tile,
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, 2**55) | st.integers(0, 2000),
    width=st.integers(1, 256),
)


@given(TILES)
def test_a_path_names_one_tile(tile: Tile) -> None:
    assert parse_tile_path(tile.path) == tile


def test_paths_are_those_of_the_specification() -> None:
    assert Tile(level=2, index=1234067).path == "tile/2/x001/x234/067"
    assert Tile(level=None, index=5, width=17).path == "tile/entries/005.p/17"


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1",
        "tile/0/x000/001",
        "tile/0/0001",
        "tile/00/001",
        "tile/64/001",
        "tile/8/0/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/257",
        "tile/0/001.p/07",
        "tile/0/001/",
        "tile/0/xxx",
        "tile/0/../001",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/x1/001",
        "checkpoint",
        "tile/0/" + "x999/" * 20 + "999",
    ],
)
def test_another_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_tile_path(path)


@given(st.text("tile/0123x.pns", max_size=30))
def test_arbitrary_paths_are_read_back_or_refused(path: str) -> None:
    try:
        assert parse_tile_path(path).path == path
    except InvalidInputError:
        return


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {}),
        (1, {0: [1], None: [1]}),
        (255, {0: [255], None: [255]}),
        (256, {0: [256], 1: [1], None: [256]}),
        (257, {0: [256, 1], 1: [1], None: [256, 1]}),
        (
            70_000,
            {0: [256] * 273 + [112], 1: [256, 17], 2: [1], None: [256] * 273 + [112]},
        ),
    ],
)
def test_a_tree_has_full_tiles_and_one_partial_per_level(
    size: int, expected: dict[int | None, list[int]]
) -> None:
    widths = dict[int | None, list[int]]()
    for tile in tiles_of(size):
        row = widths.setdefault(tile.level, [])
        assert tile.index == len(row)
        row.append(tile.width)
    assert widths == expected


def test_a_tile_holds_the_hashes_of_its_level() -> None:
    ground = Ground().grow(600)
    assert read_tile(Tile(level=1, index=0, width=2), ground.read) == (
        ground.nodes[8, 0] + ground.nodes[8, 1]
    )


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


def test_a_bundle_of_another_count_or_length_is_refused() -> None:
    data = encode_bundle([b"one", b"two"])
    for wrong, count in ((data, 1), (data, 3), (data[:-1], 2), (data + b"\0", 2), (b"\0", 1)):
        with pytest.raises(InvalidInputError):
            decode_bundle(wrong, count)
    with pytest.raises(InvalidInputError):
        encode_bundle([bytes(65_536)])


@given(st.binary(max_size=60), st.integers(1, 5))
def test_arbitrary_bundles_are_read_back_or_refused(data: bytes, count: int) -> None:
    try:
        assert encode_bundle(decode_bundle(data, count)) == data
    except InvalidInputError:
        return
