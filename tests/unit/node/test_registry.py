"""The registry log: what a publisher enters, what a node holds, and who cannot rewrite it."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.unit.node.ground import NORLAND, Town

from comity.adapters.memory import SeededEntropy
from comity.adapters.registry import announcements, bundles, read_entries
from comity.adapters.system import SystemClock
from comity.core import limits
from comity.core.clock import DAY, Instant
from comity.core.errors import (
    ConflictError,
    InvalidInputError,
    LimitError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import member_id
from comity.ledger import (
    Checkpoint,
    Cosigned,
    KeyType,
    Signer,
    Verifier,
    consider,
    parse_equivocation,
    parse_proof,
    parse_request,
    parse_vkey,
    sign_note,
)
from comity.node.network import open_network, publish_network, published, registry_of
from comity.node.register import Register, from_folder
from comity.node.registry_copy import ForkError, take_copy
from comity.node.registry_log import RegistryLog, log_signers, versions_of
from comity.seal import SigningKey, verify
from comity.trust import (
    Claim,
    Directory,
    NodeEntry,
    Record,
    Recorded,
    read_claim,
    read_record,
)

NOW = Instant(1_800_000_000_000)
ORIGIN = "f" * 32 + "/log/registry/1"
LOSS = Record(sort=Recorded.LOSS, at=NOW, digest="a" * 64, member=member_id("xn"))
WITNESS = SigningKey.generate(SeededEntropy(b"witness"))
NAME = "f" * 32 + "/witness/xa"
WITNESS_KEY = Verifier(name=NAME, type=KeyType.COSIGNATURE, key=WITNESS.public)
POLICY = f"witness a {WITNESS_KEY.text}\nquorum a\n".encode()


def a_log(folder: Path) -> RegistryLog:
    return RegistryLog(folder=folder, signers=log_signers(ORIGIN, b"1" * 32, b"2" * 32))


def version(number: int, digest: str = "") -> Record:
    return Record(
        sort=Recorded.TARGETS, at=NOW, version=number, digest=digest or f"{number:064x}"
    )


def served(log: RegistryLog) -> dict[str, bytes]:
    public = log.folder / "public"
    return {
        path.relative_to(public).as_posix(): path.read_bytes()
        for path in public.rglob("*")
        if path.is_file()
    }


def claim(log: RegistryLog, policy: bytes = b"") -> Claim:
    return Claim(registry=log.entry(), policy=policy)


def taken(log: RegistryLog, files: dict[str, bytes], **more: dict[str, bytes]) -> list[bytes]:
    found = take_copy(files, claim(log), held=more.get("held", {}), times=b"", at=NOW)
    assert found is not None
    return list(found.entries)


def test_every_edition_of_a_network_is_in_its_registry_log(town: Town) -> None:
    publish_network(town.network)
    files = published(town.network)
    log = registry_of(town.network, open_network(town.network).federation)
    assert log is not None
    said = [read_record(entry) for entry in log.entries()]
    assert [(r.sort.value, r.version) for r in said] == [
        ("root", 1), ("targets", 1), ("targets", 2)
    ]  # fmt: skip
    digest = hashlib.sha256(files["metadata/2.targets.json"]).hexdigest()
    assert said[2].digest == digest


def test_a_node_follows_the_log_and_raises_no_alarm_for_what_it_shows(town: Town) -> None:
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    register.load()
    publish_network(town.network)
    assert register.refresh(from_folder(town.network / "public"))
    assert register.current().alarms == ()
    assert (town.node(NORLAND) / "directory" / "registry.json").exists()
    kept = [name for name in register.held() if name.startswith("registry/tile/entries")]
    assert len(kept) == 1
    again = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    again.load()
    assert again.current().alarms == ()


def test_a_mirror_that_serves_no_log_costs_an_alarm_where_the_version_is_new(
    town: Town,
) -> None:
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    register.load()
    publish_network(town.network)
    shutil.rmtree(town.network / "public" / "registry")
    register.refresh(from_folder(town.network / "public"))
    assert register.current().alarms == ("targets version 2 is not in the registry log",)


def test_targets_that_the_log_shows_otherwise_are_refused(town: Town) -> None:
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    register.load()
    log = registry_of(town.network, open_network(town.network).federation)
    assert log is not None
    log.enter([version(2, "0" * 64)], at=NOW)
    shutil.copytree(town.network / "public", town.folder / "forged")
    with pytest.raises(ConflictError, match="another targets version 2"):
        publish_network(town.network)
    # A publisher that lays its file out all the same is refused by every node.
    files = open_network(town.network)
    assert files.registry is None
    before = published(town.network)
    documents = {m: e.document for m, e in register.current().entries.items()}
    made = replace(files, registry=log.entry()).publish(
        documents, at=Instant(SystemClock().now()), previous=before
    )
    with pytest.raises(VerificationError, match="another targets under version 2"):
        register.refresh(partial(dict, {**before, **made}))


def test_the_newest_of_several_mirrors_wins(town: Town) -> None:
    old = town.folder / "old"
    shutil.copytree(town.network / "public", old)
    publish_network(town.network)
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    register.load()

    def silent() -> dict[str, bytes]:
        raise UnreachableError("the mirror does not answer")

    mirrors = [silent, from_folder(old), from_folder(town.network / "public"), from_folder(old)]
    assert register.refresh_from(mirrors) is True
    assert register.current().seen.roles["targets.json"] == 2
    with pytest.raises(UnreachableError):
        register.refresh_from([silent])


def test_entering_twice_adds_nothing_and_another_file_never_takes_a_version(
    tmp_path: Path,
) -> None:
    log = a_log(tmp_path)
    assert log.enter([version(1), LOSS], at=NOW) == 2
    before = served(log)
    assert log.enter([LOSS, version(1)], at=NOW) == 2
    assert served(log) == before
    with pytest.raises(ConflictError, match="another targets version 1"):
        log.enter([version(1, "f" * 64)], at=NOW)


def test_a_log_whose_entries_were_rewritten_signs_no_more(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.enter([version(1), version(2)], at=NOW)
    path = tmp_path / "registry" / "entries"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(ConflictError, match="signed over other entries"):
        log.enter([version(3)], at=NOW)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InvalidInputError, match="in the middle"):
        log.entries()


def test_what_a_node_holds_is_the_beginning_of_all_it_is_shown(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.enter([version(1)], at=NOW)
    held = served(log)
    log.enter([version(number) for number in range(2, 301)], at=NOW)
    assert len(taken(log, served(log), held=held)) == 300
    # An older mirror gives way to what is held; a mirror that serves none changes nothing.
    assert len(taken(log, held, held=served(log))) == 300
    assert len(taken(log, {}, held=served(log))) == 300
    assert take_copy({}, claim(log), held={}, times=b"", at=NOW) is None
    assert take_copy({}, Claim(), held={}, times=b"", at=NOW) is None


@pytest.mark.parametrize("count", [1, 2])
def test_two_histories_are_kept_as_evidence_that_stands_alone(
    tmp_path: Path, count: int
) -> None:
    log, other = a_log(tmp_path / "one"), a_log(tmp_path / "two")
    log.enter([version(1)], at=NOW)
    other.enter([version(1, "f" * 64), version(2)][:count], at=NOW)
    with pytest.raises(ForkError, match="two histories") as caught:
        taken(log, served(other), held=served(log))
    assert parse_equivocation(caught.value.evidence).later


def test_evidence_of_a_fork_is_written_down_and_the_old_directory_stays(town: Town) -> None:
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    register.load()
    before = register.current()
    log = registry_of(town.network, open_network(town.network).federation)
    assert log is not None
    other = replace(log, folder=town.folder / "other")
    other.enter([version(7)], at=NOW)
    files = {**published(town.network), **served(other)}
    with pytest.raises(ForkError):
        register.refresh(partial(dict, files))
    assert register.current() is before
    (evidence,) = (town.node(NORLAND) / "directory").glob("fork-*.txt")
    assert parse_equivocation(evidence.read_bytes()).keys


Spoil = Callable[[dict[str, bytes]], dict[str, bytes]]


def without(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if "entries" not in name}


def altered(files: dict[str, bytes]) -> dict[str, bytes]:
    (name,) = [name for name in files if "entries" in name]
    return {**files, name: files[name].replace(b"1", b"2", 1)}


def resigned(files: dict[str, bytes]) -> dict[str, bytes]:
    key = SigningKey.generate(SeededEntropy(b"thief"))
    stranger = Signer(
        verifier=Verifier(name=ORIGIN, type=KeyType.ED25519, key=key.public), sign=key.sign
    )
    stated = Checkpoint(origin=ORIGIN, size=1, root=bytes(32))
    return {**files, "registry/checkpoint": sign_note(stated, [stranger], at=1)}


@pytest.mark.parametrize("spoil", [without, altered, resigned])
def test_a_log_that_does_not_hold_is_refused(tmp_path: Path, spoil: Spoil) -> None:
    log = a_log(tmp_path)
    log.enter([version(1)], at=NOW)
    with pytest.raises(VerificationError):
        taken(log, spoil(served(log)))


def test_a_huge_log_is_refused_unread() -> None:
    keys = log_signers(ORIGIN, b"1" * 32, b"2" * 32)
    size = limits.REGISTRY_ENTRIES + 1
    note = sign_note(Checkpoint(origin=ORIGIN, size=size, root=bytes(32)), keys, at=1)
    with pytest.raises(LimitError):
        bundles(note)


class Witnessing:
    """A witness that answers as C2SP says, from what it cosigned before."""

    def __init__(self) -> None:
        self.known: Checkpoint | None = None
        self.calls = 0

    def __call__(self, entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        del entry
        self.calls += 1
        signer = Signer(verifier=WITNESS_KEY, sign=WITNESS.sign)
        keys = [each.verifier for each in log_signers(ORIGIN, b"1" * 32, b"2" * 32)]
        said = consider(
            parse_request(body),
            self.known,
            trusted=keys,
            signers=[signer],
            at=NOW // 1000,
            verify=verify,
        )
        if isinstance(said, Cosigned):
            self.known = said.checkpoint
            return 200, said.body.encode()
        return said.status, said.body.encode()


def under(town: Town) -> Directory:
    """A directory of one witnessing node, under a policy that asks for it."""
    register = Register(town.node(NORLAND), root_digest=town.digest, clock=SystemClock())
    register.load()
    found = register.current()
    member = member_id("xa")
    entry = found.entries[member]
    (node,) = entry.document.nodes
    document = replace(
        entry.document, nodes=(replace(node, witness_vkeys=(WITNESS_KEY.text,)),)
    )
    entries = {member: replace(entry, document=document)}
    return replace(found, entries=entries, policy=POLICY.decode())


def test_witnesses_cosign_and_an_announcement_gets_its_proof(
    town: Town, tmp_path: Path
) -> None:
    log, ask, directory = a_log(tmp_path / "log"), Witnessing(), under(town)
    assert log.gather(directory, ask) == 0
    log.enter([version(1), LOSS], at=NOW)
    assert log.gather(directory, ask) == 1
    assert log.gather(directory, ask) == 0
    log.enter([version(2)], at=NOW)
    assert log.gather(directory, ask) == 1
    assert ask.calls == 3
    files = served(log)
    assert parse_proof(files["registry/proof/1.tlog-proof"]).index == 1
    assert announcements(read_entries(files, files["registry/checkpoint"])) == (1,)
    late = Instant(NOW + 30 * DAY)
    copy = take_copy(files, claim(log, POLICY), held={}, times=b"", at=late)
    assert copy is not None
    assert copy.is_witnessed
    assert [noted.seen for noted in copy.records().noted] == [late, NOW, late]
    spoiled = {**files, "registry/proof/1.tlog-proof": b"nothing"}
    copy = take_copy(spoiled, claim(log, POLICY), held={}, times=b"", at=late)
    assert copy is not None
    assert [noted.seen for noted in copy.records().noted] == [late] * 3
    again = take_copy(spoiled, claim(log, b"?"), held={}, times=copy.times(), at=NOW)
    assert again is not None
    assert again.seen == (late,) * 3


def test_a_witness_that_lies_or_is_silent_stops_nothing(town: Town, tmp_path: Path) -> None:
    log, directory = a_log(tmp_path / "log"), under(town)
    log.enter([version(1)], at=NOW)

    def silent(entry: NodeEntry, body: bytes) -> tuple[int, bytes]:
        del entry, body
        raise UnreachableError("no answer")

    for ask in (
        silent,
        lambda _entry, _body: (200, b"nonsense"),
        lambda _entry, _body: (200, b"\xe2\x80\x94 x AAAAAAAA\n"),
        lambda _entry, _body: (409, b"never\n"),
        lambda _entry, _body: (409, b"99\n"),
        lambda _entry, _body: (403, b"no\n"),
    ):
        assert log.gather(directory, ask) == 0
    assert "registry/proof" not in "".join(served(log))


def test_a_log_without_a_quorum_is_said_to_be_unwitnessed(town: Town, tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.enter([version(1)], at=NOW)
    copy = take_copy(served(log), claim(log, POLICY), held={}, times=b"", at=NOW)
    assert copy is not None
    assert not copy.is_witnessed
    assert town.network.exists()


def test_files_that_cannot_be_read_claim_nothing(town: Town) -> None:
    files = published(town.network)
    assert read_claim(files).registry is not None
    assert read_claim({}) == Claim()
    assert read_claim({**files, "metadata/timestamp.json": b"x"}) == Claim()


def test_the_records_of_a_directory_are_its_roots_and_targets(town: Town) -> None:
    found = versions_of(published(town.network), at=NOW)
    assert [(r.sort.value, r.version) for r in found] == [("root", 1), ("targets", 1)]
    assert parse_vkey(WITNESS_KEY.text) == WITNESS_KEY
