"""Readers' tokens: one each, good for a time, gone at once when revoked."""

from pathlib import Path

import pytest

from comity.adapters.memory import FixedClock, SeededEntropy
from comity.core.clock import DAY, Instant
from comity.core.errors import ConflictError, InvalidInputError, NotFoundError
from comity.node.readers import Readers, add_reader, readers_of, revoke_reader

ENTROPY = SeededEntropy(b"readers")


def add(folder: Path, name: str, *, days: int = 30, at: int = 1_790_000_000_000) -> str:
    token, _ = add_reader(
        folder, name, days=days, clock=FixedClock(Instant(at)), entropy=ENTROPY
    )
    return token


def readers(folder: Path, *, at: int = 1_790_000_000_001) -> Readers:
    return Readers(folder=folder, clock=FixedClock(Instant(at)))


def test_a_token_names_its_reader_and_no_other(tmp_path: Path) -> None:
    one, other = add(tmp_path, "org-oversight"), add(tmp_path, "court")
    found = readers(tmp_path)
    assert found.name_of(one) == "org-oversight"
    assert found.name_of(other) == "court"
    assert found.name_of(one[:-1] + ("0" if one[-1] != "0" else "1")) is None
    for wrong in ("", "../../etc", one.upper(), f"{one}0"):
        assert found.name_of(wrong) is None


def test_no_file_holds_a_token(tmp_path: Path) -> None:
    token = add(tmp_path, "court")
    for path in tmp_path.rglob("*.json"):
        assert token.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_a_revoked_token_opens_nothing_at_once(tmp_path: Path) -> None:
    one, other = add(tmp_path, "court"), add(tmp_path, "org-oversight")
    found = readers(tmp_path)
    assert found.name_of(one) == "court"
    revoke_reader(tmp_path, "court")
    assert found.name_of(one) is None
    assert found.name_of(other) == "org-oversight"
    assert [reader.name for reader in readers_of(tmp_path)] == ["org-oversight"]


def test_a_token_ends(tmp_path: Path) -> None:
    token, start = add(tmp_path, "court", days=2), 1_790_000_000_000
    assert readers(tmp_path, at=start + 2 * DAY - 1).name_of(token) == "court"
    assert readers(tmp_path, at=start + 2 * DAY).name_of(token) is None
    assert readers(tmp_path, at=start - 1).name_of(token) is None


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    add(tmp_path, "court")
    with pytest.raises(ConflictError):
        add(tmp_path, "court")


@pytest.mark.parametrize("name", ["", "../court", "A", "a b", "-a", "a" * 65, "a/b"])
def test_a_name_is_a_plain_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError):
        add(tmp_path, name)
    with pytest.raises(NotFoundError):
        revoke_reader(tmp_path, name)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_is_good_for_at_most_a_year(tmp_path: Path, days: int) -> None:
    with pytest.raises(InvalidInputError):
        add(tmp_path, "court", days=days)


def test_nobody_reads_where_no_reader_was_admitted(tmp_path: Path) -> None:
    assert readers(tmp_path).name_of("0" * 64) is None


def test_a_damaged_file_admits_nobody(tmp_path: Path) -> None:
    token = add(tmp_path, "court")
    path = tmp_path / "readers/court.json"
    path.write_bytes(b"{}")
    assert readers(tmp_path).name_of(token) is None
