"""One signed file on a stick: what it brings, who may take it, and what makes it refused."""

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.node.ground import ARCADIA, NORLAND, Town, person_in

from comity.adapters import stick_start
from comity.adapters.stick import open_stick, write_stick
from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    VerificationError,
)
from comity.core.ids import PersonId
from comity.law import shipped_packs
from comity.node import stick
from comity.node.network import publish_network
from comity.node.office import open_office

LIST = b"<CONSOLIDATED_LIST/>"
NOTHING = {"law": False, "software": False, "lists": False}


@pytest.fixture
def goods(tmp_path: Path) -> Path:
    folder = tmp_path / "goods"
    folder.mkdir()
    (folder / "un.xml").write_bytes(LIST)
    (folder / "comity-9.9.0-py3-none-any.whl").write_bytes(b"no real wheel")
    return folder


def release(town: Town, goods: Path, *, version: str = "9.9.0") -> Path:
    """Draft, sign and make the next stick of a town."""
    lists = [("un-sc", "2026-11-01", goods / "un.xml")]
    stick.draft(town.network, version=version, wheels=goods, lists=lists)
    publish_network(town.network)
    out = goods / f"{version}.comity"
    stick.make(town.network, out, wheels=goods, lists=goods)
    return out


def take(town: Town, path: Path, **agreed: bool) -> stick.Applied:
    return stick.apply(
        town.node(NORLAND),
        path,
        person=stick.NOBODY,
        passphrase=None,
        agreed={**NOTHING, **agreed},
    )


def test_a_file_says_in_words_what_it_brings(town: Town, goods: Path) -> None:
    path = release(town, goods)
    brought = stick.show(path, root=bytes.fromhex(town.digest))
    said = "\n".join(brought.lines(at=stick.CLOCK.now()))
    assert "release 1: comity 9.9.0, 1 files" in said
    assert "list: un.xml, edition 2026-11-01 (un-sc)" in said
    assert "signed by its threshold and oversight" in said
    assert "law: packs/" in said


def test_a_file_of_another_network_is_refused(town: Town, goods: Path) -> None:
    path = release(town, goods)
    with pytest.raises(VerificationError):
        stick.show(path, root=bytes(32))


def test_directory_and_lists_arrive_without_a_line(town: Town, goods: Path) -> None:
    path = release(town, goods)
    done = take(town, path, lists=True)
    assert done.directory > 0
    (command,) = done.lists
    assert "--format un-sc --edition 2026-11-01" in command
    incoming = town.node(NORLAND) / "incoming" / "2026-11-01" / "un.xml"
    assert incoming.read_bytes() == LIST
    assert take(town, path).directory == 0


def test_an_older_file_never_turns_anything_back(town: Town, goods: Path) -> None:
    old, new = release(town, goods), release(town, goods, version="9.9.1")
    take(town, new)
    with pytest.raises((VerificationError, ConflictError)):
        take(town, old)
    office = open_office(town.node(NORLAND))
    office.close()


def test_a_release_that_was_not_signed_is_not_made(town: Town, goods: Path) -> None:
    stick.draft(town.network, version="9.9.0", wheels=goods)
    with pytest.raises(NotFoundError, match="publish it first"):
        stick.make(town.network, goods / "x.comity", wheels=goods)
    publish_network(town.network)
    (goods / "comity-9.9.0-py3-none-any.whl").write_bytes(b"changed")
    with pytest.raises(VerificationError):
        stick.make(town.network, goods / "x.comity", wheels=goods)
    (goods / "comity-9.9.0-py3-none-any.whl").unlink()
    with pytest.raises(NotFoundError):
        stick.make(town.network, goods / "x.comity", wheels=goods)


def rebuilt(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write the same file with members a hand has changed."""
    with open_stick(path) as held:
        members = {name: held.read(name) for name in held.sizes}
    change(members)
    out = path.with_suffix(".changed")
    write_stick(out, members.items())
    return out


def test_every_member_is_the_one_the_directory_names(town: Town, goods: Path) -> None:
    path = release(town, goods)

    def other_release(members: dict[str, bytes]) -> None:
        said = json.loads(members["release.json"])
        said["lists"]["un.xml"]["sha256"] = hashlib.sha256(b"evil").hexdigest()
        members["release.json"] = json.dumps(said).encode()
        members["lists/un.xml"] = b"evil"

    with pytest.raises(VerificationError):
        take(town, rebuilt(path, other_release), lists=True)

    def other_list(members: dict[str, bytes]) -> None:
        members["lists/un.xml"] = b"evil"

    with pytest.raises(VerificationError):
        take(town, rebuilt(path, other_list), lists=True)

    def no_list(members: dict[str, bytes]) -> None:
        del members["lists/un.xml"]

    with pytest.raises(InvalidInputError):
        take(town, rebuilt(path, no_list), lists=True)
    assert not (town.node(NORLAND) / "incoming" / "2026-11-01" / "un.xml").exists()


def test_law_and_software_are_a_named_persons_act(town: Town, goods: Path) -> None:
    pack = next(name for name in shipped_packs() if name == "universal.yaml")
    text = shipped_packs()[pack].decode()
    newer = text.replace('version: "', 'version: "99', 1)
    assert newer != text
    (town.network / "packs").mkdir(exist_ok=True)
    (town.network / "packs" / pack).write_text(newer, "utf-8")
    path = release(town, goods)
    home = town.node(NORLAND)
    assert take(town, path).left == (f"law `{pack}` is newer on the stick",)
    officer, legal = person_in(home, "officer"), person_in(home, "legal")
    for word in ("law", "software"):
        with pytest.raises(AuthorisationError):
            stick.apply(
                home,
                path,
                person=PersonId(officer),
                passphrase=None,
                agreed={**NOTHING, word: True},
            )
    assert (home / "packs" / pack).read_text("utf-8") == text
    done = stick.apply(
        home, path, person=PersonId(legal), passphrase=None, agreed={**NOTHING, "law": True}
    )
    assert done.law == (pack,)
    assert (home / "packs" / pack).read_text("utf-8") == newer
    assert not (home / "software").exists()


def test_a_node_that_never_joined_takes_the_directory_from_a_stick(
    town: Town, goods: Path
) -> None:
    path, home = release(town, goods), town.node(ARCADIA)
    for each in sorted((home / "directory").rglob("*"), reverse=True):
        each.unlink() if each.is_file() else each.rmdir()
    done = stick.apply(home, path, person=stick.NOBODY, passphrase=None, agreed=NOTHING)
    assert done.directory > 0
    assert (home / "directory" / "root.json").exists()


def archive(*members: tuple[str, bytes], compress: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compress) as file:
        for name, data in members:
            file.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        bytes(22),
        archive(("../escape", b"x")),
        archive(("/etc/passwd", b"x")),
        archive(("a\\..\\b", b"x")),
        archive((".hidden", b"x")),
        archive(("bomb", bytes(1 << 16)), compress=zipfile.ZIP_DEFLATED),
        archive(("a", b"x")) + b"trailing",
        archive(("a", b"x"))[:-30] + bytes(30),
        archive(*((f"n{at}", b"") for at in range(4_001))),
    ],
)
def test_no_archive_but_a_plain_one_is_opened(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(InvalidInputError), open_stick(path):
        pass


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(archive(("a", b"x"), ("a", b"y")))
    with pytest.raises(InvalidInputError, match="twice"), open_stick(path):
        pass


def test_a_damaged_member_is_refused_and_a_large_one_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    data = archive(("a", b"hello world"))
    path.write_bytes(data.replace(b"hello", b"jello"))
    with open_stick(path) as held:
        with pytest.raises(InvalidInputError, match="damaged"):
            held.read("a")
        with pytest.raises(LimitError):
            held.read("a", limit=3)
        with pytest.raises(InvalidInputError, match="no `b`"):
            held.read("b")


def test_on_an_empty_machine_the_file_asks_for_its_digest_and_checks_its_wheels(
    town: Town, goods: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, home = release(town, goods), tmp_path / "new"
    monkeypatch.setattr(stick_start, "__file__", str(path / "__main__.py"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("00000000\n"))
    assert stick_start.main([str(home)]) == 1
    assert not home.exists()
    assert stick_start.main([]) == 2

    def other_wheel(members: dict[str, bytes]) -> None:
        members["software/comity-9.9.0-py3-none-any.whl"] = b"evil"

    assert stick_start.install(rebuilt(path, other_wheel), home) == 1
    assert not (home / "software" / "current").exists()
