"""Every version stands in the registry log, and lost keys change only as announced there."""

import json
from dataclasses import replace

import pytest
from tests.unit.trust.builders import (
    MEMBERS,
    NOW,
    Federation,
    own_keys,
    public,
    seed,
)

from comity.core import limits
from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.trust import (
    LOSS_NOTICE,
    Closure,
    Directory,
    Losses,
    Noted,
    Record,
    Recorded,
    Records,
    RegistryEntry,
    Status,
    directory_signer,
    publish,
    read_record,
    start_key_change,
    verify_directory,
    write_record,
)
from comity.trust.metadata import digest_of
from comity.trust.parties import read_key_change

XA, XC, XN = MEMBERS
PUBLISHER = directory_signer(seed("publisher"))
NEW = own_keys("xn", "-new")


def noted(record: Record, *, ago: int = 0) -> Noted:
    return Noted(record=record, seen=Instant(NOW - ago))


def logged(files: dict[str, bytes]) -> Records:
    return Records(
        tuple(
            noted(Record(sort=sort, at=NOW, version=1, digest=digest_of(files[name])))
            for sort, name in (
                (Recorded.ROOT, "metadata/1.root.json"),
                (Recorded.TARGETS, "metadata/1.targets.json"),
            )
        )
    )


def recorded() -> Federation:
    origin = f"{Federation().federation}/log/registry/1"
    entry = RegistryEntry(origin=origin, vkeys=(f"{origin}+00+AA",), urls=("http://a.example",))
    return Federation(targets_says={"registry": entry})


def verified(built: Federation, files: dict[str, bytes], records: Records) -> Directory:
    return verify_directory(files, root=built.root(), at=NOW, records=records)


def test_a_directory_in_the_registry_log_raises_no_alarm() -> None:
    built = recorded()
    files = built.files()
    found = verified(built, files, logged(files))
    assert found.alarms == ()
    assert found.registry == built.targets_says["registry"]


def test_a_version_that_is_not_in_the_log_counts_with_an_alarm() -> None:
    built = recorded()
    files = built.files()
    records = Records(logged(files).noted[:1])
    assert verified(built, files, records).alarms == (
        "targets version 1 is not in the registry log",
    )
    assert len(verified(built, files, Records()).alarms) == 2


def test_a_federation_without_a_registry_log_has_nothing_to_miss() -> None:
    built = Federation()
    found = verified(built, built.files(), Records())
    assert (found.alarms, found.registry) == ((), None)


@pytest.mark.parametrize("sort", [Recorded.ROOT, Recorded.TARGETS])
def test_a_version_under_which_the_log_shows_another_file_is_refused(sort: Recorded) -> None:
    built = recorded()
    files = built.files()
    other = noted(Record(sort=sort, at=NOW, version=1, digest="0" * 64))
    with pytest.raises(VerificationError, match=f"another {sort.value} under version 1"):
        verified(built, files, Records((*logged(files).noted, other)))


@pytest.mark.parametrize(
    ("origin", "vkey"),
    [("a/log/registry/1", ""), ("{}/log/xa.police.n1/1", ""), ("{}/log/registry/x", ""),
     ("{}/log/registry/1", "other+00+AA")],
)  # fmt: skip
def test_a_registry_log_that_is_not_its_own_is_refused(origin: str, vkey: str) -> None:
    origin = origin.format(Federation().federation)
    entry = RegistryEntry(origin=origin, vkeys=(vkey or f"{origin}+00+AA",))
    with pytest.raises(VerificationError, match="registry log"):
        Federation(targets_says={"registry": entry}).files()


def test_a_record_is_read_as_it_was_written_and_nothing_else_is() -> None:
    record = Record(sort=Recorded.LOSS, at=NOW, digest="a" * 64, member=XN)
    assert read_record(write_record(record)) == record
    for data in (b"", b"{}", b'{"sort":"party","at":0,"digest":"' + b"a" * 64 + b'"}'):
        with pytest.raises(InvalidInputError):
            read_record(data)
    with pytest.raises(InvalidInputError):
        read_record(json.dumps({"sort": "root", "at": 0, "digest": "A" * 64}).encode())
    with pytest.raises(LimitError):
        read_record(b" " * (limits.REGISTRY_ENTRY + 1))


def loss(*, ago: int, digest: str = NEW.digest) -> Noted:
    return noted(Record(sort=Recorded.LOSS, at=NOW, digest=digest, member=XN), ago=ago)


def lost(*records: Noted, status: Status | None = None) -> Federation:
    """Member xn lost its keys: the federation lists new ones its old keys never signed."""
    later = Federation(status=status, records=Records(records))
    later.keys[XN], later.signers[XN] = NEW, ("xn-new-0", "xn-new-1")
    closed = {m: c.keys for m, c in (status or Status()).closed.items()}
    later.targets_says["losses"] = Losses(records=later.records, at=NOW, closed=closed)
    return later


def taken(later: Federation) -> Directory:
    before = Federation()
    change = start_key_change(XN, new=NEW, targets=before.targets())
    targets = later.targets(previous=before.targets(), changes=[change])
    files = publish(later.release(targets=targets), signer=PUBLISHER, previous=before.files())
    seen = verify_directory(before.files(), root=before.root(), at=NOW).seen
    return verify_directory(files, root=before.root(), at=NOW, seen=seen, records=later.records)


def objection(*names: str) -> Noted:
    change = read_key_change(start_key_change(XN, new=NEW, targets=Federation().targets()))
    said = change.refusal(Federation().federation)
    consent = {
        public(name).raw.hex(): directory_signer(seed(name)).sign(said).signature
        for name in names
    }
    record = Record(
        sort=Recorded.OBJECTION, at=NOW, digest=NEW.digest, member=XN, consent=consent
    )
    return noted(record)


def test_a_member_that_lost_its_keys_gets_others_seven_days_after_the_announcement() -> None:
    assert taken(lost(loss(ago=LOSS_NOTICE))).seen.keys[XN] == NEW.digest


@pytest.mark.parametrize(
    "records",
    [
        (),
        (loss(ago=LOSS_NOTICE - 1),),
        (loss(ago=90 * DAY, digest="0" * 64),),
        (replace(loss(ago=90 * DAY), seen=None),),
        (loss(ago=90 * DAY), objection("xn-0", "xn-1")),
    ],
    ids=["unannounced", "too early", "other keys", "unseen", "objected"],
)
def test_nobody_takes_the_place_of_a_member(records: tuple[Noted, ...]) -> None:
    with pytest.raises(VerificationError, match="0 signatures of its old keys"):
        taken(lost(*records))


@pytest.mark.parametrize("names", [("xn-0",), ("xa-0", "xa-1")])
def test_an_objection_needs_the_old_threshold(names: tuple[str, ...]) -> None:
    found = taken(lost(loss(ago=LOSS_NOTICE), objection(*names)))
    assert found.seen.keys[XN] == NEW.digest


def test_a_thief_whose_keys_were_closed_objects_in_vain() -> None:
    closure = Closure(since=NOW, keys=own_keys("xn").digest)
    status = Status(closed={XN: closure})
    found = taken(lost(loss(ago=LOSS_NOTICE), objection("xn-0", "xn-1"), status=status))
    assert found.seen.keys[XN] == NEW.digest
    assert found.entries[XN].closed is None
