"""The folder of indexes: what does not fit together is thrown away, and read anew."""

from pathlib import Path

import pytest
from tests.unit.adapters.screening.ground import PURPOSE, person, query

from comity.adapters.files import write_private
from comity.adapters.screening import BehindError
from comity.adapters.screening.folder import (
    SETTLE_FROM,
    STAND,
    FolderCabinet,
    name_of,
    read_standing,
)
from comity.core.errors import StorageError
from comity.record import Stand
from comity.screening import Shelf


class Stored(Shelf):
    """An index in memory that leaves a file in its folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        write_private(folder / "names", b"Anna Example")

    def merge(self) -> bool:
        write_private(self.folder / "names", b"")
        return True

    def close(self) -> None:
        """Do nothing."""


class Broken(Stored):
    """An index that cannot read what it wrote."""

    def __init__(self, folder: Path) -> None:
        if any(folder.iterdir()):
            raise StorageError("a segment does not hold")
        super().__init__(folder)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "segments"


def opened(place: Path) -> FolderCabinet:
    return FolderCabinet(place, Stored)


def filled(place: Path) -> FolderCabinet:
    cabinet = opened(place)
    held = (person("p-1", "Anna Example"), person("p-2", "Zelda Quux", purpose=PURPOSE))
    cabinet.take(held, Stand(number=2, size=3, entry="ab"))
    return cabinet


def found(cabinet: FolderCabinet, purpose: str, name: str, *, least: int = 0) -> list[str]:
    (answer,) = cabinet.search(
        [query(name)], purpose=purpose, limit=5, least=least, is_batch=False
    )
    return [each.entity_id for each in answer.candidates]


def files(place: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def test_what_is_taken_in_stands_where_it_says_after_a_reopening(place: Path) -> None:
    cabinet = filled(place)
    assert found(cabinet, PURPOSE, "Zelda Quux", least=2) == ["p-2"]
    assert found(cabinet, "other", "Zelda Quux") == []
    with pytest.raises(BehindError):
        found(cabinet, PURPOSE, "Zelda Quux", least=3)
    cabinet.close()
    assert opened(place).open().stand == Stand(number=2, size=3, entry="ab")
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.rglob("*"))


def test_a_purpose_names_no_path(place: Path) -> None:
    cabinet = opened(place)
    cabinet.take((person("p-1", "A B", purpose="../../x"),), Stand(number=1))
    assert sorted(each.name for each in place.iterdir()) == sorted([STAND, name_of("../../x")])


def test_a_folder_the_stand_does_not_name_is_destroyed(place: Path) -> None:
    filled(place).close()
    (place / ("f" * 16)).mkdir()
    write_private(place / ("f" * 16) / "names", b"Boris Muster")
    (place / "compiled").mkdir()
    opened(place)
    assert (place / "compiled").exists()
    assert not any(b"Boris" in data for data in files(place).values())


@pytest.mark.parametrize("fault", ["no stand", "broken stand", "broken index"])
def test_what_does_not_fit_together_is_thrown_away(place: Path, fault: str) -> None:
    filled(place).close()
    if fault == "no stand":
        (place / STAND).unlink()
    elif fault == "broken stand":
        write_private(place / STAND, b"{")
    again = FolderCabinet(place, Broken if fault == "broken index" else Stored)
    assert again.open().stand == Stand()
    assert set(files(place)) <= {STAND}
    assert found(again, PURPOSE, "Anna Example") == []


def test_a_merge_says_when_and_how_far_all_was_written_anew(place: Path) -> None:
    cabinet = filled(place)
    cabinet.merge(77)
    standing = read_standing(place)
    assert (standing.merged, standing.merged_at, standing.stand.number) == (2, 77, 2)
    assert not any(b"Anna" in data for data in files(place).values())


def test_what_came_in_numbers_is_brought_into_segments_beside_the_searches(place: Path) -> None:
    cabinet = FolderCabinet(place, Stored, merge_from=2)
    cabinet.take((person("p-1", "Anna Example"),), Stand(number=1))
    assert read_standing(place).merged == 0
    cabinet.take((person("p-2", "Anna Example"),), Stand(number=2))
    cabinet.close()
    assert read_standing(place).merged == 2
    assert not any(b"Anna" in data for data in files(place).values())


def test_a_silence_brings_what_came_into_segments_once(place: Path) -> None:
    cabinet = opened(place)
    cabinet.take((person("p-1", "Anna Example"),), Stand(number=SETTLE_FROM - 1))
    assert not cabinet.settle()
    cabinet.close()
    again = opened(place)
    again.take((person("p-2", "Anna Example"),), Stand(number=SETTLE_FROM))
    assert again.settle()
    again.close()
    assert not again.settle()
    assert read_standing(place).merged == SETTLE_FROM
