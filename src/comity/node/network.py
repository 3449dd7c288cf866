"""A network's folder: where founders draft, sign and publish the directory.

    root.json                     root version 1, signed
    keys/founder-<member>.seed    offline keys; in a real ceremony each on its own machine
    keys/oversight.seed  keys/publisher.seed  keys/<member>-<0..2>.seed
    documents/<member>.json       what each member states about itself
    packs/                        law packs beyond those shipped, if any
    keys/registry-log*.seed       the keys of the registry log
    registry/                     the entries of the registry log
    public/metadata  public/targets   the directory as it is served
    public/registry               the registry log as it is served

RISK: a folder with every seed is one hand: right for a demonstration and a first try, never for
a federation. `docs/how-to/run-a-ceremony.md` says how the same steps go on separate machines.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.founding import Founding, found
from comity.adapters.system import SystemClock, SystemEntropy
from comity.core.clock import DAY, Clock, Entropy, Instant
from comity.core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from comity.core.ids import MemberId, member_of
from comity.law import shipped_packs
from comity.node.beginning import JoinRequest
from comity.node.lawbook import held_packs, places
from comity.node.registry_copy import take_copy
from comity.node.registry_log import Ask, RegistryLog, log_signers, versions_of
from comity.node.rotation import Change, with_change
from comity.trust import (
    Directory,
    directory_signer,
    read_claim,
    read_member,
    stamp,
    verify_directory,
    write_member,
)

CLOCK, ENTROPY = SystemClock(), SystemEntropy()
_OWN = 3
_PUBLISHER = "publisher.seed"
_REGISTRY_KEYS = ("registry-log.seed", "registry-log-ml-dsa.seed")


def init_network(
    folder: Path,
    members: tuple[MemberId, ...],
    *,
    clock: Clock = CLOCK,
    entropy: Entropy = ENTROPY,
) -> Founding:
    """Make a network's keys and sign its first root; raises `ConflictError` if one stands."""
    if (folder / "root.json").exists():
        raise ConflictError(f"`{folder}` holds a network already")
    if len(set(members)) != len(members):
        raise InvalidInputError("a member founds a network once")
    made = found(members, at=clock.now(), entropy=entropy)
    keys = make_private_folder(make_private_folder(folder) / "keys")
    for member, seed in made.founders.items():
        write_private(keys / f"founder-{member}.seed", seed)
    write_private(keys / "oversight.seed", made.oversight)
    write_private(keys / _PUBLISHER, made.publisher)
    for member, seeds in made.own.items():
        _write_own(keys, member, seeds)
    for name in _REGISTRY_KEYS:
        write_private(keys / name, entropy.take(32))
    write_private(folder / "root.json", made.root)
    return made


def registry_of(folder: Path, federation: str) -> RegistryLog | None:
    """Return a network's registry log; `None` where it was founded without one."""
    paths = [folder / "keys" / name for name in _REGISTRY_KEYS]
    if not all(path.exists() for path in paths):
        return None
    one, two = (read_private(path) for path in paths)
    return RegistryLog(
        folder=folder, signers=log_signers(f"{federation}/log/registry/1", one, two)
    )


def open_network(folder: Path) -> Founding:
    """Read a network's keys back; raises `ConfigurationError` where there is none."""
    if not (folder / "root.json").exists():
        raise ConfigurationError(
            f"`{folder}` holds no network: `comity directory init` makes one"
        )
    keys = folder / "keys"
    own: dict[MemberId, tuple[bytes, ...]] = {}
    for path in sorted(keys.glob("own-*-0.seed")):
        member = MemberId(path.stem.removeprefix("own-").removesuffix("-0"))
        own[member] = tuple(
            read_private(keys / f"own-{member}-{place}.seed") for place in range(_OWN)
        )
    founders = {
        MemberId(path.stem.removeprefix("founder-")): read_private(path)
        for path in sorted(keys.glob("founder-*.seed"))
    }
    return Founding(
        founders=founders,
        oversight=read_private(keys / "oversight.seed"),
        publisher=read_private(keys / _PUBLISHER),
        own=own,
        root=read_private(folder / "root.json"),
    )


def admit(
    folder: Path, request: JoinRequest, *, clock: Clock = CLOCK, entropy: Entropy = ENTROPY
) -> MemberId:
    """Take a node's request into the next edition; a new member gets keys of its own."""
    founding = open_network(folder)
    member = request.member
    if member not in founding.own:
        _write_own(folder / "keys", member, tuple(entropy.take(32) for _ in range(_OWN)))
    document = request.document(founding.federation, at=clock.now())
    documents = make_private_folder(folder / "documents")
    write_private(documents / f"{member}.json", write_member(document))
    return member


def take_change(folder: Path, change: Change) -> None:
    """Take a node's change of keys into its member's document, for the next edition.

    Raises `NotFoundError` where no such member is admitted, `InvalidInputError` as
    `with_change` does.
    """
    path = folder / "documents" / f"{member_of(change.node)}.json"
    if not path.exists():
        raise NotFoundError(f"this network has admitted no `{member_of(change.node)}`")
    document = with_change(read_member(path.read_bytes()), change)
    write_private(path, write_member(document))


def publish_network(
    folder: Path, *, clock: Clock = CLOCK, policy: str = ""
) -> Mapping[str, bytes]:
    """Sign and lay out the directory over every admitted member; returns its files.

    It names the shipped packs and those in `packs/` of the network's folder; national law is
    signed by its member, and left out where that is not admitted.
    """
    founding = open_network(folder)
    documents = {
        MemberId(path.stem): read_member(path.read_bytes())
        for path in sorted((folder / "documents").glob("*.json"))
    }
    if not documents:
        raise ConfigurationError("nobody is admitted yet: `comity directory admit join.cbor`")
    packs = {**places({**shipped_packs(), **held_packs(folder)}), **_release(folder)}
    before, at = published(folder) or None, clock.now()
    registry = registry_of(folder, founding.federation)
    if registry is not None:
        founding = replace(founding, registry=registry.entry())
    files = founding.publish(documents, at=at, packs=packs, policy=policy, previous=before)
    if registry is not None:
        registry.enter(versions_of(files, at=at), at=at)
    lay_out(folder / "public", files)
    return files


def _release(folder: Path) -> dict[str, bytes]:
    """Return the release that `comity stick draft` wrote, to be signed with the edition."""
    path = folder / "packs" / "release.json"
    return {"packs/release.json": path.read_bytes()} if path.is_file() else {}


def gather_registry(folder: Path, directory: Directory, ask: Ask) -> int:
    """Have the registry log cosigned by the nodes' witnesses; return how many did."""
    registry = registry_of(folder, directory.federation)
    return 0 if registry is None else registry.gather(directory, ask)


def is_publisher(folder: Path) -> bool:
    """Whether a folder holds a publisher's keys and nobody else's."""
    keys = folder / "keys"
    return (keys / _PUBLISHER).exists() and not any(keys.glob("founder-*.seed"))


def restamp(folder: Path, *, clock: Clock = CLOCK) -> None:
    """Renew the timestamp, as the publisher does several times a day."""
    signer = directory_signer(read_private(folder / "keys" / _PUBLISHER))
    name, expires = "metadata/timestamp.json", Instant(clock.now() + DAY)
    files = stamp(published(folder), signer=signer, expires=expires)
    write_private(folder / "public" / name, files[name])


def published(folder: Path) -> dict[str, bytes]:
    """Return the files of the directory as they are served."""
    public = folder / "public"
    paths = (path for path in sorted(public.rglob("*")) if path.is_file())
    return {path.relative_to(public).as_posix(): path.read_bytes() for path in paths}


def verified(folder: Path, *, clock: Clock = CLOCK) -> tuple[Directory, bool]:
    """Verify what is published, as any node would; also say whether it has expired."""
    root, now, files = first_root(folder), clock.now(), published(folder)
    copy = take_copy(files, read_claim(files), held={}, times=b"", at=now)
    records = None if copy is None else copy.records()
    found = verify_directory(files, root=root, at=now, records=records)
    return found, found.is_expired(now)


def root_digest(folder: Path) -> str:
    """Return the SHA-256 of root version 1, which every node is told out of band."""
    return hashlib.sha256(first_root(folder)).hexdigest()


def first_root(folder: Path) -> bytes:
    """Return root version 1; raises `ConfigurationError` where nothing was founded."""
    if not (folder / "root.json").exists():
        raise ConfigurationError(
            f"`{folder}` holds no network: `comity directory init` makes one"
        )
    return read_private(folder / "root.json")


def _write_own(keys: Path, member: MemberId, seeds: tuple[bytes, ...]) -> None:
    for place, seed in enumerate(seeds):
        write_private(keys / f"own-{member}-{place}.seed", seed)


def lay_out(public: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a directory where they are served, the timestamp last."""
    # The timestamp comes last: who fetches meanwhile finds the edition before it, whole.
    for name in sorted(files, key=lambda name: (name.endswith("timestamp.json"), name)):
        path = public / name
        make_private_folder(path.parent)
        write_private(path, files[name])
