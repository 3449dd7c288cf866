"""Many questions at once are answered as a shelf answers each."""

from pathlib import Path

import pytest

from comity.adapters.collection import InMemory, Mapped, written
from comity.core.errors import StorageError
from comity.core.ids import EntityId
from comity.screening import Flag, Profile, Query

HELD = [
    Profile(
        entity_id=EntityId(f"p-{n}"),
        dataset="list",
        schema="Person",
        properties={"name": (name,), "birthDate": ("1970",)},
    )
    for n, name in enumerate(("Anna Example", "Bert Sample", "Carla Exampel", "Dora Qwertz"))
]
ASKED = [
    Query(schema="Person", properties={"name": (name,)})
    for name in ("Ana Example", "Bert Sampel", "Xerxes Zebedee", "???", "Dora Qwertz")
]


def test_a_mapped_collection_answers_as_one_in_memory_and_is_destroyed() -> None:
    small = InMemory(HELD).search_many(ASKED, limit=3)
    with written(HELD) as path:
        assert path.stat().st_mode & 0o777 == 0o600
        mapped = Mapped(path)
        found = mapped.search_many(ASKED, limit=3)
        best = found[0].candidates[0].entity_id
        assert mapped.profile(best).names == InMemory(HELD).profile(best).names
        with pytest.raises(StorageError, match="changed"):
            mapped.profile(EntityId("nobody"))
    assert not path.exists()
    assert not path.parent.exists()
    assert [each.candidates[:1] for each in found] == [each.candidates[:1] for each in small]
    assert found[3].flags == (Flag.NOT_COMPARABLE,)
    assert [bool(each.candidates) for each in found] == [True, True, False, False, True]


def test_a_collection_that_cannot_be_mapped_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot map"):
        Mapped(tmp_path / "missing")
