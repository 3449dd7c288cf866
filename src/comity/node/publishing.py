"""The publisher's folder: what is signed comes in as sheets, and goes out as the directory.

    root.json                     root version 1
    keys/publisher.seed           signs snapshot and timestamp: online, so in clear
    keys/registry-log*.seed       the keys of the registry log
    registry/  public/            the registry log, and all that is served

Nothing is served that a node would not take: every edition is verified before it is laid out,
and until then what was published stays as it was. So each step can be repeated or thrown away.

RISK: the publisher's keys lie in clear on its machine. Who steals them can hold back news for
as long as a timestamp lasts, and can change nothing that members signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import DAY, Clock, Entropy, Instant
from comity.core.errors import ConflictError, InvalidInputError, StateError
from comity.core.ids import MemberId, member_id
from comity.node.drafting import Published
from comity.node.network import (
    is_publisher,
    lay_out,
    publish_network,
    published,
    registry_of,
)
from comity.node.registry_copy import take_copy
from comity.node.registry_log import versions_of
from comity.node.sheet import Sheet
from comity.trust import (
    Record,
    Recorded,
    Records,
    RegistryEntry,
    Release,
    directory_key,
    directory_signer,
    federation_of,
    payload_digest,
    publish,
    read_claim,
    read_key_change,
    verify_directory,
)

CLOCK, ENTROPY = SystemClock(), SystemEntropy()
_KEYS = ("publisher.seed", "registry-log.seed", "registry-log-ml-dsa.seed")


def begin_publisher(folder: Path, *, entropy: Entropy = ENTROPY) -> str:
    """Make a publisher's keys; return its public key in hex. Raises `ConflictError`."""
    keys = folder / "keys"
    if keys.exists():
        raise ConflictError(f"`{folder}` holds the keys of a publisher already")
    make_private_folder(make_private_folder(folder) / "keys")
    for name in _KEYS:
        write_private(keys / name, entropy.take(32))
    return directory_key(read_private(keys / _KEYS[0])).raw.hex()


def registry_entry(folder: Path, federation: str) -> RegistryEntry:
    """Return what targets say of a publisher's registry log; raises `StateError`."""
    if (log := registry_of(folder, federation)) is None:
        raise StateError(f"`{folder}` holds no keys of a registry log")
    return log.entry()


def standing_now(folder: Path, *, clock: Clock = CLOCK) -> Published:
    """Return what is published, verified as any node would; empty before the first edition."""
    return as_published(published(folder), clock=clock)


def as_published(files: dict[str, bytes], *, clock: Clock = CLOCK) -> Published:
    """Verify a directory's files for drafting on; raises as `verify_directory` does.

    An announcement counts here from when the log says it was entered: a draft binds nobody, and
    every node counts from when it or a quorum of witnesses saw it.
    """
    root, at = files.get("metadata/1.root.json"), clock.now()
    if root is None or "metadata/timestamp.json" not in files:
        return Published(files=files)
    copy = take_copy(files, read_claim(files), held={}, times=b"", at=at)
    records = Records() if copy is None else _as_stated(copy.records())
    directory = verify_directory(files, root=root, at=at, records=records)
    return Published(files=files, directory=directory, records=records)


def _as_stated(records: Records) -> Records:
    return Records(tuple(replace(each, seen=each.record.at) for each in records.noted))


def publish_sheets(folder: Path, sheets: Sequence[Sheet], *, clock: Clock = CLOCK) -> int:
    """Take signed sheets into the next edition and serve it; return the snapshot's version.

    Raises `VerificationError` or `StateError`, and changes nothing, where a node would refuse
    the result: too few signatures, unannounced steps, versions out of order.
    """
    before, at = standing_now(folder, clock=clock), clock.now()
    roots = _roots(before, sheets)
    federation = federation_of(roots[0])
    edition = _Edition.of(before)
    for sheet in sheets:
        edition.take(sheet, federation=federation)
    if edition.targets is None:
        raise StateError("the first edition needs signed targets")
    release = Release(
        roots=roots,
        targets=edition.targets,
        members=edition.members,
        contents=edition.contents,
        snapshot_expires=Instant(at + 3 * DAY),
        timestamp_expires=Instant(at + DAY),
        status=edition.status,
        records=before.records,
        at=at,
    )
    signer = directory_signer(read_private(folder / "keys" / _KEYS[0]))
    previous = None if before.directory is None else before.files
    files = publish(release, signer=signer, previous=previous)
    if (log := registry_of(folder, federation)) is not None:
        log.enter(versions_of(files, at=at), at=at)
    write_private(folder / "root.json", roots[0])
    lay_out(folder / "public", files)
    return 1 if before.directory is None else before.directory.version + 1


@dataclass(slots=True, kw_only=True)
class _Edition:
    """The signed parts of the next edition: those published, and those the sheets replace."""

    targets: bytes | None
    status: bytes | None
    members: dict[MemberId, bytes]
    contents: dict[str, bytes]

    @classmethod
    def of(cls, before: Published) -> "_Edition":
        """Begin with what is published."""
        names = () if before.directory is None else before.directory.entries
        found = {name: before.newest(f"members/{name}") for name in names}
        members = {name: data for name, data in found.items() if data is not None}
        targets, status = before.newest("targets"), before.newest("status")
        contents: dict[str, bytes] = {}
        for data in (targets, status, *members.values()):
            contents |= before.contents(data)
        return cls(targets=targets, status=status, members=members, contents=contents)

    def take(self, sheet: Sheet, *, federation: str) -> None:
        """Replace one part by a sheet's; raises `InvalidInputError` where it is none."""
        is_first = sheet.sort == "root" and not sheet.federation
        if sheet.federation != federation and not is_first:
            raise InvalidInputError("a sheet is of another federation")
        match sheet.sort:
            case "root":
                pass
            case "targets":
                self.targets = sheet.data
            case "status":
                self.status = sheet.data
            case "member":
                self.members[_member_of(sheet)] = sheet.data
            case _:
                raise InvalidInputError(f"a sheet of `{sheet.sort}` is not published by itself")
        self.contents |= sheet.contents


def next_edition(folder: Path, *, clock: Clock = CLOCK) -> None:
    """Publish again, as a publisher's folder or a network's folder with every key does."""
    if is_publisher(folder):
        renew(folder, clock=clock)
    else:
        publish_network(folder, clock=clock)


def renew(folder: Path, *, clock: Clock = CLOCK) -> None:
    """Publish the next edition over what is signed already, as a snapshot asks every 3 days."""
    publish_sheets(folder, (), clock=clock)


def announce(folder: Path, sheet: Sheet, *, clock: Clock = CLOCK) -> Record:
    """Enter an announcement in the registry log: lost keys, an objection, a silent oversight.

    Raises `StateError` where the folder keeps no registry log.
    """
    federation = federation_of(read_private(folder / "root.json"))
    if (log := registry_of(folder, federation)) is None:
        raise StateError(f"`{folder}` holds no keys of a registry log")
    record = _announcement(sheet, at=clock.now())
    log.enter([record], at=clock.now())
    return record


def _announcement(sheet: Sheet, *, at: Instant) -> Record:
    match sheet.sort:
        case "keys" | "loss" | "objection":
            change = read_key_change(sheet.data)
            is_loss = sheet.sort != "objection"
            return Record(
                sort=Recorded.LOSS if is_loss else Recorded.OBJECTION,
                at=at,
                digest=change.new.digest,
                member=change.member,
                consent={} if is_loss else change.consent,
            )
        case "root" | "targets":
            return Record(sort=Recorded.SILENCE, at=at, digest=payload_digest(sheet.data))
        case _:
            raise InvalidInputError(f"a sheet of `{sheet.sort}` is not announced")


def _roots(before: Published, sheets: Sequence[Sheet]) -> list[bytes]:
    found: list[bytes] = []
    while (data := before.files.get(f"metadata/{len(found) + 1}.root.json")) is not None:
        found.append(data)
    found += [sheet.data for sheet in sheets if sheet.sort == "root"]
    if not found:
        raise StateError("the first edition needs a signed root")
    return found


def _member_of(sheet: Sheet) -> MemberId:
    paths = [path for path in sheet.contents if path.endswith("/member.json")]
    if len(paths) != 1:
        raise InvalidInputError("a member's sheet holds one document")
    return member_id(paths[0].split("/")[1])
