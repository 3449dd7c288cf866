"""A ledger read by tiles: what it gives is what the store holds, up to its checkpoint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.node.ground import NORLAND, Town, grow

from comity.core.errors import ConfigurationError, NotFoundError, UnreachableError
from comity.ledger import Checkpoint, Frontier, Tile, encode_bundle, leaf_hash, root, sign_note
from comity.node.archive import Archive, Vkeys, open_archive
from comity.node.office import open_office

ENTRIES = [bytes([at % 251]) * (at % 7 + 1) for at in range(700)]


def archive_of(size: int) -> Archive:
    """Serve tiles of a tree made here, cut to their own width."""
    frontier, rows = Frontier(), dict[int, list[bytes]]()
    for entry in ENTRIES[:size]:
        leaf = leaf_hash(entry)
        rows.setdefault(0, []).append(leaf)
        for level, _, made in frontier.append(leaf):
            rows.setdefault(level, []).append(made)

    def give(tile: Tile) -> bytes:
        first = tile.index * 256
        if tile.level is None:
            return encode_bundle(ENTRIES[first : first + tile.width])
        return b"".join(rows[8 * tile.level][first : first + tile.width])

    stated = Checkpoint(origin="a/log", size=size, root=frontier.root())
    note = sign_note(stated, [], at=1) + "— a/log AAAAAAA=\n".encode()
    return Archive(signed=note, vkeys=Vkeys(log=(), witnesses=()), give=give)


@given(size=st.integers(1, 700))
def test_the_root_follows_from_tiles_alone(size: int) -> None:
    archive = archive_of(size)
    assert root(size, archive.read) == archive.checkpoint().root


@given(size=st.integers(1, 700), data=st.data())
def test_entries_come_in_order_wherever_one_begins(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size))
    count = data.draw(st.integers(0, size - first))
    assert archive_of(size).entries(first, count) == ENTRIES[first : first + count]


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, 6), (5, 1), (6, 0)])
def test_nothing_beyond_the_checkpoint_is_given(first: int, count: int) -> None:
    with pytest.raises(NotFoundError):
        archive_of(5).entries(first, count)


@pytest.mark.parametrize(("level", "index"), [(0, 5), (0, -1), (1, 2), (3, 0), (8, 0), (60, 0)])
def test_no_unfinished_node_is_given(level: int, index: int) -> None:
    with pytest.raises(NotFoundError):
        archive_of(5).read(level, index)


def test_a_short_tile_is_not_believed() -> None:
    archive = archive_of(5)
    cut = Archive(
        signed=archive.signed, vkeys=archive.vkeys, give=lambda tile: archive.give(tile)[:-1]
    )
    with pytest.raises(UnreachableError):
        cut.read(0, 0)


def test_a_node_that_stands_still_is_read_from_its_folder(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    grow(office, 3)
    note = office.chronicle.sign().note
    held = office.store.read(lambda r: r.entries(0, 3))
    keys = office.register.current().node(NORLAND).log_vkeys
    office.close()
    with open_archive(town.node(NORLAND), None) as archive:
        assert archive.note() == note
        assert archive.entries(0, 3) == held
        assert archive.vkeys == Vkeys(log=keys, witnesses=())
        assert root(3, archive.read) == archive.checkpoint().root
    open_office(town.node(NORLAND)).close()  # the folder is free again


def test_what_was_never_signed_is_signed_only_where_nothing_was(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    grow(office, 2)
    office.close()
    with open_archive(town.node(NORLAND), None) as archive:
        assert archive.checkpoint().size == 2
    office = open_office(town.node(NORLAND))
    grow(office, 2)
    office.close()
    with open_archive(town.node(NORLAND), None) as archive:
        assert archive.checkpoint().size == 2


def test_a_folder_in_use_whose_node_does_not_answer_says_so(
    town: Town, socket_enabled: None
) -> None:
    del socket_enabled
    office = open_office(town.node(NORLAND))
    try:
        with (
            pytest.raises(UnreachableError, match="does not answer"),
            open_archive(town.node(NORLAND), None),
        ):
            pass
    finally:
        office.close()


def test_a_folder_without_a_node_is_named(town: Town) -> None:
    with (
        pytest.raises(ConfigurationError, match=r"node\.toml"),
        open_archive(town.network, None),
    ):
        pass
