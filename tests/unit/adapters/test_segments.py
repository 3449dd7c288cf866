"""A folder of segments keeps what it acknowledged, forgets for good, refuses broken files."""

import subprocess
import sys
from pathlib import Path

import pytest

from comity.adapters.segments import SegmentFolder
from comity.core.errors import VerificationError
from comity.core.ids import EntityId
from comity.screening import Profile, Query
from comity.screening.index.build import build_segment
from comity.screening.index.layout import SegmentError

ADDER = """
import sys
from pathlib import Path
from comity.adapters.segments import SegmentFolder
from comity.core.ids import EntityId
from comity.screening import Profile
folder = SegmentFolder(Path(sys.argv[1]))
folder.forget([EntityId("p-1")])
for count in range(10_000):
    name = ("Anna " + "abcdefghij"[count % 10] * 4 + "ov",)
    folder.add([Profile(entity_id=EntityId(f"n-{count}"), dataset="t", schema="Person",
                        properties={"name": name})])
    print(count, flush=True)
"""


def person(key: str, name: str) -> Profile:
    return Profile(
        entity_id=EntityId(key), dataset="t", schema="Person", properties={"name": (name,)}
    )


PEOPLE = [
    person("p-1", "Anna Example"),
    person("p-2", "Boris Muster"),
    person("p-3", "Ines Halden"),
]


def found(folder: SegmentFolder, name: str) -> list[str]:
    answer = folder.search(Query(schema="Person", properties={"name": (name,)}))
    return [candidate.entity_id for candidate in answer.candidates]


def files(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(path.iterdir()))


def built(path: Path) -> SegmentFolder:
    folder = SegmentFolder(path / "segments")
    folder.rebuild(PEOPLE)
    return folder


def test_what_is_added_and_forgotten_is_there_when_opened_again(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.add([person("p-4", "Greta Sandberg"), person("p-2", "Bo Neumann")])
    folder.forget([EntityId("p-1")])
    folder.close()
    again = SegmentFolder(tmp_path / "segments")
    assert len(again) == 3
    assert [found(again, name) for name in ("Greta Sandberg", "Bo Neumann")] == [
        ["p-4"],
        ["p-2"],
    ]
    assert found(again, "Anna Example") == found(again, "Boris Muster") == []
    assert again.opening.leftovers == ()
    again.close()


def test_a_merge_leaves_no_byte_of_an_erased_name(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.add([person("p-5", "Quentin Erased")])
    folder.forget([EntityId("p-1"), EntityId("p-5")])
    assert b"Quentin" in files(folder.path)
    assert folder.merge()
    data = files(folder.path)
    assert b"Quentin" not in data
    assert b"quentin" not in data
    assert b"example" not in data
    assert found(folder, "Boris Muster") == ["p-2"]
    assert not folder.merge()
    folder.close()


def test_a_whole_merge_is_a_fresh_build(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.add([person("p-9", "Greta Sandberg")])
    folder.merge(whole=True)
    expected = b"".join(build_segment([person("p-9", "Greta Sandberg"), *PEOPLE]).chunks())
    (segment,) = folder.path.glob("*.segment")
    assert segment.read_bytes() == expected
    folder.verify()
    folder.close()


def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.add(PEOPLE[:1])
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in folder.path.iterdir()} == {0o600}
    folder.close()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    built(tmp_path).close()
    path = tmp_path / "segments"
    command = [sys.executable, "-c", ADDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(20)]
        process.kill()
        lines += process.stdout.readlines()
    last = int(lines[-1])
    folder = SegmentFolder(path)
    assert len(folder) in {len(PEOPLE) - 1 + last + 1, len(PEOPLE) - 1 + last + 2}
    assert found(folder, "Anna Example") == []
    folder.close()


def test_a_change_that_did_not_arrive_whole_is_dropped_with_a_word(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.add([person("p-6", "Greta Sandberg"), person("p-7", "Farid Oyelaran")])
    folder.close()
    (log,) = folder.path.glob("*.log")
    log.write_bytes(log.read_bytes()[:-5])
    again = SegmentFolder(folder.path)
    assert again.opening.cut > 0
    assert found(again, "Greta Sandberg") == ["p-6"]
    assert found(again, "Farid Oyelaran") == []
    again.add([person("p-8", "Elena Quintero")])
    again.close()
    assert found(SegmentFolder(folder.path), "Elena Quintero") == ["p-8"]


def test_a_log_broken_before_its_end_is_refused(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.forget([EntityId("p-1")])
    folder.add([person("p-6", "Greta Sandberg")])
    folder.close()
    (log,) = folder.path.glob("*.log")
    data = bytearray(log.read_bytes())
    data[9] ^= 1
    log.write_bytes(data)
    with pytest.raises(VerificationError, match="rebuild"):
        SegmentFolder(folder.path)


def test_leftovers_of_a_write_are_destroyed_with_a_word(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.close()
    (folder.path / ".half.segment").write_bytes(b"Anna Example")
    (folder.path / "unnamed.segment").write_bytes(b"Anna Example")
    again = SegmentFolder(folder.path)
    assert again.opening.leftovers == (".half.segment", "unnamed.segment")
    assert not (folder.path / ".half.segment").exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "gone", "manifest"])
def test_a_broken_folder_is_refused_and_can_be_rebuilt(tmp_path: Path, damage: str) -> None:
    folder = built(tmp_path)
    folder.close()
    (segment,) = folder.path.glob("*.segment")
    match damage:
        case "cut":
            segment.write_bytes(segment.read_bytes()[:-2_000])
        case "empty":
            segment.write_bytes(b"")
        case "gone":
            segment.unlink()
        case _:
            (folder.path / "manifest").write_bytes(b"../../etc\n")
    with pytest.raises(SegmentError, match="segment") as refused:
        SegmentFolder(folder.path)
    assert str(folder.path) in str(refused.value)
    SegmentFolder.discard(folder.path)
    again = SegmentFolder(folder.path)
    again.rebuild(PEOPLE)
    assert found(again, "Ines Halden") == ["p-3"]
    again.close()


def test_a_bulk_built_segment_is_adopted_beside_what_there_is(tmp_path: Path) -> None:
    folder = built(tmp_path)
    folder.add([person("p-6", "Greta Sandberg")])
    folder.adopt([folder.store(build_segment([person("b-1", "Farid Oyelaran")]))])
    assert len(folder) == 5
    assert [found(folder, name) for name in ("Farid Oyelaran", "Greta Sandberg")] == [
        ["b-1"],
        ["p-6"],
    ]
    folder.close()
