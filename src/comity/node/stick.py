"""One signed file on a stick: it installs, upgrades, and brings law and list editions.

    draft   writes `packs/release.json`: which software and lists there are, by digest
    publish (of the directory) signs it, with everything else the federation's threshold signs
    make    puts directory, release, packs, software and lists into one file
    show    verifies and says in words what a file brings
    apply   takes it: directory at once, law and software by a named person's act

INVARIANT: a stick's file has no signature of its own that could be weaker: all in it is named,
by digest, in a directory that verifies from the root this node was told, and never goes back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from comity.adapters import stick_start
from comity.adapters.files import make_private_folder, write_private
from comity.adapters.stick import START, Stick, open_stick, write_stick
from comity.adapters.system import SystemClock
from comity.core import limits
from comity.core.clock import Clock, Instant, iso
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    VerificationError,
)
from comity.core.ids import PersonId
from comity.core.store import Transaction
from comity.exchange.leaves import commit, pack
from comity.ledger import LeafType
from comity.node import lawbook
from comity.node.membership import self_of
from comity.node.network import published, verified
from comity.node.office import open_office
from comity.node.register import Register
from comity.node.release import File, List, Release, check_file, file_of, read_release
from comity.trust import Directory

CLOCK: Final = SystemClock()
RELEASE: Final = "packs/release.json"
ENGINEERS: Final = frozenset({"engineer"})
NOBODY: Final = PersonId("")
"""Who takes a directory: that is nobody's act, it is valid or it is not."""
_DIRECTORY, _PACKS, _SOFTWARE, _LISTS = "directory/", "packs/", "software/", "lists/"
_SEEN = "release.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a stick's file brings, verified."""

    release: Release
    directory: Directory
    files: Mapping[str, bytes] = field(repr=False)
    """The directory as it is served."""

    def lines(self, *, at: Instant) -> Iterator[str]:
        """Say it in words."""
        found, release = self.directory, self.release
        yield (
            f"federation {found.federation}: directory {found.version} of"
            f" {len(found.members())} members, signed by its threshold and oversight"
        )
        late = " (over: news since then is missing)" if found.is_expired(at) else ""
        yield f"vouched for until {iso(found.expires)}{late}"
        count = len(release.software)
        yield f"release {release.number}: comity {release.version}, {count} files"
        yield from (
            f"law: {each.path}" + (f" by {each.member}" if each.member else "")
            for each in found.packs
            if each.path.endswith(".yaml")
        )
        yield from (
            f"list: {name}, edition {each.edition} ({each.format})"
            for name, each in sorted(release.lists.items())
        )
        yield from (f"alarm: {each}" for each in found.alarms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a stick's file did, and what is left for a person to do."""

    directory: int
    law: tuple[str, ...]
    software: str
    """The version installed; empty where it stood already or was not asked for."""
    lists: tuple[str, ...]
    left: tuple[str, ...]


def draft(
    network: Path,
    *,
    version: str,
    wheels: Path | None = None,
    lists: Iterable[tuple[str, str, Path]] = (),
) -> Release:
    """Write the next release into a network's folder, to be signed with its next edition.

    A list is (format, edition, file). Raises `InvalidInputError` on a name, version or size
    that no node would take.
    """
    path = network / RELEASE
    before = read_release(path.read_bytes()).number if path.exists() else 0
    software = {each.name: file_of(each) for each in _wheels(wheels)}
    found = [(form, edition, each, file_of(each)) for form, edition, each in lists]
    release = Release(
        number=before + 1,
        version=version,
        software=software,
        lists={
            each.name: List(
                sha256=told.sha256, length=told.length, format=form, edition=edition
            )
            for form, edition, each, told in found
        },
    )
    data = msgspec.json.format(msgspec.json.encode(release, order="deterministic"), indent=1)
    checked = read_release(data)
    write_private(make_private_folder(path.parent) / path.name, data)
    return checked


def make(
    network: Path, out: Path, *, wheels: Path | None = None, lists: Path | None = None
) -> int:
    """Put what a network has published into one file; return its size.

    `wheels` and `lists` are the folders the release was drafted from. Raises `StateError` or
    `VerificationError` where the directory published does not name what lies there.
    """
    files = published(network)
    data = _signed_release(network, files)
    release = read_release(data)
    members: list[tuple[str, bytes | Path]] = [
        (START, Path(stick_start.__file__).read_bytes()),
        ("release.json", data),
    ]
    members += [(f"{_DIRECTORY}{name}", data) for name, data in sorted(files.items())]
    members += _laid(_SOFTWARE, wheels or network, release.software)
    members += _laid(_LISTS, lists or network, release.lists)
    return write_stick(out, members)


def _laid(folder: str, place: Path, named: Mapping[str, File]) -> Iterator[tuple[str, Path]]:
    for name, known in sorted(named.items()):
        path = place / name
        if not path.is_file():
            raise NotFoundError(f"the release names `{name}`: not in `{place}`")
        check_file(name, path.read_bytes(), known)
        yield f"{folder}{name}", path


def show(path: Path, *, root: bytes, clock: Clock = CLOCK) -> Brought:
    """Verify a stick's file from the digest of root version 1; raises `VerificationError`."""
    with open_stick(path) as stick, TemporaryDirectory() as empty:
        register = Register(Path(empty), root_digest=root.hex(), clock=clock)
        files = _directory(stick)
        register.join(files.get("metadata/1.root.json", b""))
        return _brought(stick, register, files)


def apply(
    folder: Path,
    path: Path,
    *,
    person: PersonId,
    passphrase: str | None,
    agreed: Mapping[str, bool],
) -> Applied:
    """Take what a stick's file brings into a node that does not run.

    The directory is taken for being valid and newer; what `agreed` names (`law`, `software`,
    `lists`) is done as the act of `person`, who must hold the seat for it. Raises
    `VerificationError` where anything is not what the directory names or goes back, and
    `ConflictError` on a release older than the one applied before.
    """
    with open_stick(path) as stick:
        brought, before = _take_directory(folder, stick, passphrase=passphrase)
        _check_release(folder, brought.release)
        law, left = _law(
            folder,
            brought,
            person=person,
            passphrase=passphrase,
            is_agreed=agreed["law"],
        )
        software = ""
        if agreed["software"] and brought.release.software:
            _allowed(folder, person, brought.release, passphrase=passphrase)
            software = _software(folder, stick, brought.release)
        lists = _lists(folder, stick, brought.release) if agreed["lists"] else ()
        write_private(folder / _SEEN, msgspec.json.encode(brought.release))
    return Applied(
        directory=brought.directory.version - before,
        law=law,
        software=software,
        lists=lists,
        left=left,
    )


def _take_directory(
    folder: Path, stick: Stick, *, passphrase: str | None
) -> tuple[Brought, int]:
    office = open_office(folder, passphrase=passphrase, before_whole=True)
    try:
        if not office.config.root:
            raise ConfigurationError("this node was told no root: `comity node join` first")
        files = _directory(stick)
        if not office.register.has_joined:
            office.register.join(files.get("metadata/1.root.json", b""))
            before = 0
        else:
            before = office.register.current().version
        return _brought(stick, office.register, files), before
    finally:
        office.close()


def _brought(stick: Stick, register: Register, files: Mapping[str, bytes]) -> Brought:
    register.refresh(lambda: files)
    directory = register.current()
    data = stick.read("release.json", limit=limits.DIRECTORY_TARGETS)
    directory.check_pack(RELEASE, data)
    return Brought(release=read_release(data), directory=directory, files=files)


def _directory(stick: Stick) -> dict[str, bytes]:
    return {
        name: stick.read(_DIRECTORY + name, limit=limits.DIRECTORY_TARGETS)
        for name in stick.under(_DIRECTORY)
    }


def _check_release(folder: Path, release: Release) -> None:
    path = folder / _SEEN
    if not path.exists():
        return
    before = read_release(path.read_bytes())
    if release.number < before.number:
        raise ConflictError(
            f"this stick brings release {release.number}; {before.number} was applied before"
        )


def _law(
    folder: Path,
    brought: Brought,
    *,
    person: PersonId,
    passphrase: str | None,
    is_agreed: bool,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Install each pack that is newer than the one held; return those, and what is left."""
    held = lawbook.held_packs(folder)
    packs = _packs(brought)
    changed = {path: data for path, data in packs.items() if held.get(Path(path).name) != data}
    names = sorted({_pack_of(path, packs) for path in changed} - {""})
    if not is_agreed:
        return (), tuple(f"law `{name}` is newer on the stick" for name in names)
    done: list[str] = []
    with TemporaryDirectory() as place:
        for path, data in packs.items():
            (Path(place) / Path(path).name).write_bytes(data)
        for name in names:
            lawbook.install(folder, Path(place) / name, person=person, passphrase=passphrase)
            done.append(name)
    return tuple(done), ()


def _packs(brought: Brought) -> dict[str, bytes]:
    """Return every pack of law and its tables, by path, each the one the directory names."""
    found: dict[str, bytes] = {}
    for each in brought.directory.packs:
        folder, _, name = each.path.rpartition("/")
        data = brought.files.get(f"targets/{folder}/{each.digest}.{name}")
        if data is None:
            raise VerificationError(f"the stick lacks `{each.path}`")
        brought.directory.check_pack(each.path, data)
        if each.path != RELEASE:
            found[each.path] = data
    return found


def _pack_of(path: str, packs: Mapping[str, bytes]) -> str:
    """Return the pack a file belongs to; empty where no pack names it."""
    name = Path(path).name
    if name.endswith(".yaml") and not lawbook.is_cases(name):
        return name
    word = name.encode()
    return next(
        (
            Path(other).name
            for other, data in packs.items()
            if other.endswith(".yaml") and not lawbook.is_cases(other) and word in data
        ),
        "",
    )


def _allowed(
    folder: Path, person: PersonId, release: Release, *, passphrase: str | None
) -> None:
    """Check the person's seat, and write who upgraded to what."""
    office = open_office(folder, passphrase=passphrase)
    try:
        self_of(office, person).seat(ENGINEERS)
        at = office.clock.now()
        made = commit(
            LeafType.RULES_CHANGED,
            {"release": release.number, "version": release.version, "person": person},
            at=at,
            entropy=office.entropy,
        )

        def unit(tx: Transaction) -> None:
            tx.append(made.leaf.encode())
            office.safe.keep(tx, sort="release", plaintext=pack({}, made), at=at)

        office.store.commit(unit).result()
    finally:
        office.close()


def _software(folder: Path, stick: Stick, release: Release) -> str:
    wheels = make_private_folder(folder / "software" / release.version / "wheels")
    for name, known in release.software.items():
        data = stick.read(_SOFTWARE + name)
        check_file(name, data, known)
        write_private(wheels / name, data)
    if stick_start.settle(folder, release.version):
        raise ConfigurationError("the software could not be installed: the one before stays")
    return release.version


def _lists(folder: Path, stick: Stick, release: Release) -> tuple[str, ...]:
    """Lay each edition where a person may import it; return the commands that do."""
    commands: list[str] = []
    for name, known in sorted(release.lists.items()):
        data = stick.read(_LISTS + name)
        check_file(name, data, known)
        path = make_private_folder(folder / "incoming" / known.edition) / name
        write_private(path, data)
        commands.append(
            f"comity record import {path} --format {known.format} --edition {known.edition}"
        )
    return tuple(commands)


def _wheels(folder: Path | None) -> list[Path]:
    return [] if folder is None else sorted(folder.glob("*.whl"))


def _signed_release(network: Path, files: Mapping[str, bytes]) -> bytes:
    """Return the release that the edition published names; raises `NotFoundError`."""
    directory, _ = verified(network)
    for each in directory.packs:
        if each.path == RELEASE:
            return files[f"targets/packs/{each.digest}.{Path(RELEASE).name}"]
    raise NotFoundError(f"the directory published names no `{RELEASE}`: publish it first")
