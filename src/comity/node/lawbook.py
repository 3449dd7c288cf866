"""Law packs as files: read, checked, compared, and installed by a named person.

A pack is `NAME.yaml` with the tables it names beside it. What is installed stands in `packs/`
of the node's folder and is in force when the node starts.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.adapters.files import make_private_folder, write_private
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import ConflictError, InvalidInputError, StateError
from comity.core.ids import PersonId
from comity.core.store import Transaction
from comity.exchange.leaves import commit, pack
from comity.law import Corpus, failures, load_corpus, overlay, shipped_packs, told_cases
from comity.law.source import Part, read_yaml
from comity.ledger import LeafType
from comity.node.config import read_config
from comity.node.membership import self_of
from comity.node.office import Office, installed_corpus, open_office
from comity.node.readings import held_readings

LEGAL = frozenset({"legal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One pack with its tables, by file name."""

    name: str
    version: str
    files: Mapping[str, bytes]
    rules: Mapping[str, Value]
    """Each rule as it is written, by its id."""
    member: str = ""
    """The member whose national law it is; empty for all other packs."""

    @property
    def place(self) -> str:
        """Where the directory names it: among the federation's packs, or under its member."""
        return f"members/{self.member.lower()}" if self.member else "packs"

    @property
    def number(self) -> tuple[int, ...]:
        """The version, to be compared; raises `InvalidInputError` where it is no number."""
        try:
            return tuple(int(part) for part in self.version.split("."))
        except ValueError:
            raise InvalidInputError(
                f"{self.name}.yaml: expected a version like 2 or 2.1, got `{self.version[:40]}`"
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changes from one edition of a pack to another."""

    name: str
    old: str
    new: str
    """Versions; `old` is empty where the pack is new."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    """Rules, by id."""
    lines: tuple[str, ...]
    """The difference of all files, line by line."""


def read_pack(path: Path) -> Pack:
    """Read a pack from its YAML file, or from a folder that holds one pack.

    Raises `InvalidInputError` naming file, line and reason.
    """
    main = _main_file(path)
    part = read_yaml(main.name, _bytes(main))
    top = part.pairs()
    for name in ("pack", "version"):
        if name not in top:
            part.refuse(f"`{name}` is missing")
    tables = _beside(top)
    files = {main.name: _bytes(main)}
    for each in tables:
        name = each.text()
        if Path(name).name != name or not (main.parent / name).is_file():
            each.refuse(f"no table `{name[:60]}` lies beside the pack")
        files[name] = _bytes(main.parent / name)
    return Pack(
        name=top["pack"].text(),
        version=top["version"].text(),
        files=files,
        rules={rule.pairs()["id"].text(): rule.plain() for rule in _rules(top)},
        member=top["member"].text() if "member" in top else "",
    )


def places(held: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return packs and their tables by the path under which a directory names them."""
    found: dict[str, bytes] = {}
    for name in (each for each in held if each.endswith(".yaml") and not is_cases(each)):
        top = read_yaml(name, held[name]).pairs()
        place = f"members/{top['member'].text().lower()}" if "member" in top else "packs"
        for file in (name, *(each.text() for each in _beside(top))):
            found[f"{place}/{file}"] = held[file]
    return found


def check_pack(path: Path, *, beside: Mapping[str, bytes] | None = None) -> Pack:
    """Check a pack as a node would load it, among the shipped or the given ones.

    Its told cases are asked too. Raises `InvalidInputError` naming file, line and reason, one
    line for each case that the law answers otherwise.
    """
    found = read_pack(path)
    corpus = load_corpus({**(shipped_packs() if beside is None else beside), **found.files})
    own = [each for each in told_cases(corpus) if each.pack == found.name]
    wrong = failures(corpus, own)
    if wrong:
        raise InvalidInputError("\n".join(wrong))
    return found


def compare(old: Pack | None, new: Pack) -> Difference:
    """Say what changes from `old` to `new`; raises `InvalidInputError` for different packs."""
    if old is not None and old.name != new.name:
        raise InvalidInputError(f"`{old.name}` and `{new.name}` are different packs")
    before: Mapping[str, Value] = {} if old is None else old.rules
    held: Mapping[str, bytes] = {} if old is None else old.files
    after = new.rules
    lines: list[str] = []
    for name in sorted(held.keys() | new.files.keys()):
        one, two = _text(held.get(name, b"")), _text(new.files.get(name, b""))
        lines += difflib.unified_diff(one, two, f"old/{name}", f"new/{name}", n=1, lineterm="")
    return Difference(
        name=new.name,
        old="" if old is None else old.version,
        new=new.version,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(r for r in before.keys() & after.keys() if before[r] != after[r])),
        lines=tuple(lines),
    )


def install(
    folder: Path,
    path: Path,
    *,
    person: PersonId,
    passphrase: str | None,
    agreed: Callable[[Difference], bool] = lambda _shown: True,
) -> tuple[Difference, Corpus]:
    """Install a pack into a node that does not run; return what changed and the law now held.

    `agreed` shows the person what changes and asks; the law held stays as it is until then, and
    where anything is wrong. In a network the pack must be one its directory names. Raises
    `AuthorisationError` for any seat but the legal adviser's, `VerificationError` or
    `NotFoundError` where the directory names other bytes or no such pack, `ConflictError` on a
    downgrade, `StateError` where the person did not agree, and `InvalidInputError`.
    """
    office = open_office(folder, passphrase=passphrase)
    try:
        self_of(office, person).seat(LEGAL)
        new = read_pack(path)
        _named_by_directory(office, new)
        held = held_packs(folder)
        corpus = load_corpus({**held, **new.files})
        old = _held(folder, new.name)
        _refuse_another(old, new, held)
        _refuse_downgrade(old, new)
        found = compare(old, new)
        if old is None or old.files != new.files:
            if not agreed(found):
                raise StateError("nothing was installed: the law held stays as it is")
            office.store.commit(lambda tx: _log(tx, office, new, person)).result()
            _write(folder, new)
        return found, corpus
    finally:
        office.close()


def export_readings(
    folder: Path, out: Path, *, person: PersonId, passphrase: str | None
) -> int:
    """Write what this member's people read as a file under its agency's key; return its size.

    Raises `AuthorisationError` for any seat but legal adviser or rights officer.
    """
    office = open_office(folder, passphrase=passphrase)
    try:
        data = office.desk.readings.export(self_of(office, person))
        return out.write_bytes(data)
    finally:
        office.close()


def law_of(folder: Path) -> Corpus:
    """Return the law of a node's folder without opening it: packs, and what was read of them.

    Raises `InvalidInputError` naming file and line.
    """
    packs, member = installed_corpus(folder), read_config(folder).member
    return overlay(packs, held_readings(folder), member=member)


def held_packs(folder: Path) -> dict[str, bytes]:
    """Return the packs of a node's folder, by file name; raises `InvalidInputError`."""
    paths = sorted((folder / "packs").glob("*"))
    return {path.name: _bytes(path) for path in paths if path.suffix in {".yaml", ".csv"}}


def _held(folder: Path, name: str) -> Pack | None:
    path = folder / "packs" / f"{name}.yaml"
    return read_pack(path) if path.is_file() else None


def _named_by_directory(office: Office, new: Pack) -> None:
    if office.register.has_joined:
        directory = office.register.current()
        for name, data in new.files.items():
            # INVARIANT: a member's law is what its own keys signed; nobody writes it for it.
            directory.check_pack(f"{new.place}/{name}", data)


def _refuse_another(old: Pack | None, new: Pack, held: Mapping[str, bytes]) -> None:
    """Refuse a pack in another's place: law stays with whoever signs it."""
    if old is not None and old.member != new.member:
        raise ConflictError(f"`{new.name}` is held as the law of {old.member or 'all members'}")
    foreign = sorted((held.keys() & new.files.keys()) - ({*old.files} if old else set()))
    if foreign:
        raise ConflictError(f"`{foreign[0]}` belongs to another pack")


def _refuse_downgrade(old: Pack | None, new: Pack) -> None:
    if old is None or old.files == new.files:
        return
    if new.number <= old.number:
        raise ConflictError(
            f"`{new.name}` stands at version {old.version}: version {new.version} would be a"
            " step back, or another text under the same number"
        )


def _log(tx: Transaction, office: Office, new: Pack, person: PersonId) -> None:
    # The leaf comes first: files that are then not written whole are installed again.
    at = office.clock.now()
    made = commit(
        LeafType.RULES_CHANGED,
        {"pack": new.name, "version": new.version, "person": person, "files": dict(new.files)},
        at=Instant(at),
        entropy=office.entropy,
    )
    tx.append(made.leaf.encode())
    office.safe.keep(tx, sort="rules", plaintext=pack({}, made), at=at)


def _write(folder: Path, new: Pack) -> None:
    packs = make_private_folder(folder / "packs")
    # Tables first: a pack that stands names only tables that stand.
    for name in sorted(new.files, key=lambda name: (name.endswith(".yaml"), name)):
        write_private(packs / name, new.files[name])


def is_cases(name: str) -> bool:
    """Whether a file of this name holds told cases, not a pack."""
    return name.endswith("-cases.yaml")


def _main_file(path: Path) -> Path:
    if path.is_dir():
        found = sorted(each for each in path.glob("*.yaml") if not is_cases(each.name))
        if len(found) != 1:
            raise InvalidInputError(f"expected one pack in `{path}`, found {len(found)}")
        return found[0]
    if not path.is_file():
        raise InvalidInputError(f"`{path}` is no pack: expected NAME.yaml or its folder")
    return path


def _beside(top: Mapping[str, Part]) -> list[Part]:
    return [each for key in ("tables", "cases") if key in top for each in top[key].parts()]


def _rules(top: Mapping[str, Part]) -> list[Part]:
    found = top["rules"].parts() if "rules" in top else []
    for rule in found:
        if "id" not in rule.pairs():
            rule.refuse("`id` is missing")
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise InvalidInputError(f"`{path}` could not be read: {reason}") from None


def _text(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()
