"""Ledger evidence as files: verified offline, and every tampering named with its place."""

import shutil
from pathlib import Path

import pytest
from tests.unit.node.ground import ARCADIA, CASTALIA, NORLAND, Town, build_town, grow

from comity.core.errors import ConflictError, InvalidInputError, NotFoundError, StorageError
from comity.node.archive import open_archive
from comity.node.evidence import (
    PROOF,
    export_to,
    policy_text,
    prove_entry,
    verify_files,
    write_proof,
)
from comity.node.office import open_office
from comity.trust import NodeEntry

SIZE = 300


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return Norland's folder with a ledger of 300 entries, cosigned by both others."""
    town = build_town(tmp_path_factory.mktemp("evidence"))
    offices = {node: open_office(town.node(node)) for node in (NORLAND, ARCADIA, CASTALIA)}

    def ask(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        return offices[entry.node].chronicle.witness(body)[:2]

    grow(offices[NORLAND], SIZE)
    offices[NORLAND].chronicle.sign()
    offices[NORLAND].chronicle.gather(ask, lambda _entry, _origin: None)
    for office in offices.values():
        office.close()
    return town.node(NORLAND)


@pytest.fixture(scope="module")
def written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an export, `out`, and a proof; each test spoils a copy."""
    place = tmp_path_factory.mktemp("written")
    with open_archive(folder, None) as archive:
        export_to(archive, place / "out")
        write_proof(prove_entry(archive, 7), archive.vkeys, place / "proof" / f"seven{PROOF}")
    return place


@pytest.fixture
def out(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written / "out", tmp_path / "out")


@pytest.fixture
def proof(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written / "proof", tmp_path / "proof") / f"seven{PROOF}"


def flip(path: Path, *, at: int = -3) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_an_export_holds_and_names_every_signer(out: Path) -> None:
    found = verify_files(out)
    assert found.holds
    assert (found.size, found.read) == (SIZE, SIZE)
    assert found.counts == (("opened", SIZE),)
    assert len(found.seen) == 6
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {
        *("checkpoint", "log.vkey", "log-ml-dsa-44.vkey", "witnesses.vkey"),
        *("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"),
        *("tile/entries/000", "tile/entries/001.p/44"),
    }
    assert len((out / "log.vkey").read_text().splitlines()) == 1
    assert len((out / "witnesses.vkey").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    "name", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"]
)
def test_one_changed_bit_is_found_where_it_is(out: Path, name: str) -> None:
    flip(out / name)
    found = verify_files(out)
    assert not found.holds
    stated = [where for where, _ in found.faults]
    assert name in stated or "checkpoint" in stated


@pytest.mark.parametrize("name", ["tile/0/000", "tile/entries/000", "checkpoint"])
def test_a_missing_file_is_named(out: Path, name: str) -> None:
    (out / name).unlink()
    found = verify_files(out)
    assert (name, "this file is missing") in [
        (where, what.partition(";")[0]) for where, what in found.faults
    ]


def test_a_cosignature_taken_away_is_missed(out: Path) -> None:
    lines = (out / "checkpoint").read_text().splitlines(keepends=True)
    (out / "checkpoint").write_text("".join(lines[:-1]))
    assert not verify_files(out).holds


def test_a_checkpoint_with_another_size_does_not_hold(out: Path) -> None:
    note = (out / "checkpoint").read_text()
    (out / "checkpoint").write_text(note.replace(f"\n{SIZE}\n", "\n299\n", 1))
    assert verify_files(out).faults[0][0] == "checkpoint"


def test_without_keys_nothing_is_verified(out: Path) -> None:
    (out / "log.vkey").unlink()
    with pytest.raises(InvalidInputError, match=r"log\.vkey"):
        verify_files(out)


@pytest.mark.parametrize("text", [b"\xff", b"one two\n", b"a+b+c\n", b""])
def test_keys_that_are_none_are_bad_input(out: Path, text: bytes) -> None:
    (out / "log.vkey").write_bytes(text)
    (out / "log-ml-dsa-44.vkey").write_bytes(b"")
    if text:
        with pytest.raises(InvalidInputError):
            verify_files(out)
    else:
        assert not verify_files(out).holds


def test_one_judges_under_a_policy_of_ones_own(folder: Path, out: Path, tmp_path: Path) -> None:
    with open_archive(folder, None) as archive:
        text = policy_text(archive.vkeys)
    policy = tmp_path / "policy"
    policy.write_text(text)
    for name in ("log.vkey", "log-ml-dsa-44.vkey", "witnesses.vkey"):
        (out / name).unlink()
    assert verify_files(out, policy=policy).holds
    policy.write_text("quorum nobody\n")
    with pytest.raises(InvalidInputError, match="line 1"):
        verify_files(out, policy=policy)


def test_an_export_overwrites_nothing(folder: Path, out: Path) -> None:
    with open_archive(folder, None) as archive:
        with pytest.raises(ConflictError):
            export_to(archive, out)
        with pytest.raises(ConflictError):
            export_to(archive, out / "checkpoint")


def test_a_disk_that_does_not_take_it_is_said_in_words(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        open_archive(folder, None) as archive,
        pytest.raises(StorageError, match="could not be written"),
    ):
        write_proof(prove_entry(archive, 0), archive.vkeys, tmp_path / "file" / "p")


def test_a_proof_holds_with_nothing_but_what_lies_beside_it(proof: Path) -> None:
    found = verify_files(proof)
    assert found.holds
    assert (found.read, found.counts, found.size) == (1, (("opened", 1),), SIZE)
    assert proof.with_name("seven.entry").is_file()


def test_a_proof_of_another_program_takes_its_entry_from_beside(proof: Path) -> None:
    lines = proof.read_text().splitlines(keepends=True)
    proof.write_text("".join(line for line in lines if not line.startswith("extra ")))
    assert verify_files(proof).holds
    flip(proof.with_name("seven.entry"))
    assert not verify_files(proof).holds
    proof.with_name("seven.entry").unlink()
    assert not verify_files(proof).holds


def test_a_proof_moved_to_another_index_does_not_hold(proof: Path) -> None:
    proof.write_text(proof.read_text().replace("\nindex 7\n", "\nindex 8\n"))
    found = verify_files(proof)
    assert found.faults[0][0] == proof.name


@pytest.mark.parametrize("at", [30, 60, 200, 700, -10])
def test_a_changed_proof_does_not_hold(proof: Path, at: int) -> None:
    flip(proof, at=at)
    assert not verify_files(proof).holds


def test_a_proof_without_a_policy_uses_keys_beside_it(proof: Path, out: Path) -> None:
    proof.with_name("seven.policy").unlink()
    with pytest.raises(InvalidInputError):
        verify_files(proof)
    moved = out / proof.name
    proof.rename(moved)
    assert verify_files(moved).holds


def test_no_entry_beyond_the_checkpoint_is_proven(folder: Path) -> None:
    with open_archive(folder, None) as archive:
        for index in (-1, SIZE, 10**20):
            with pytest.raises(NotFoundError):
                prove_entry(archive, index)


def test_what_is_no_evidence_is_bad_input(tmp_path: Path, town: Town) -> None:
    with pytest.raises(InvalidInputError):
        verify_files(tmp_path / "nothing")
    with pytest.raises(InvalidInputError):
        verify_files(town.network)
