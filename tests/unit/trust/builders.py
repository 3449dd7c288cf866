"""A small federation in memory: three founders, an oversight body, a publisher."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import eq as equal
from operator import ge, gt, le, lt, ne
from typing import TypeVar, cast

from comity.core.clock import DAY, Instant
from comity.core.errors import ConflictError
from comity.core.ids import AgencyId, MemberId, NodeId
from comity.core.keys import PublicKey
from comity.core.store import Op, Row, Scalar, Where
from comity.trust import (
    STATUS_FILE,
    AgencyEntry,
    Contact,
    DatedKey,
    KeySet,
    MemberDocument,
    NodeEntry,
    Records,
    Release,
    RootPlan,
    Sort,
    Status,
    Step,
    TargetsPlan,
    directory_key,
    directory_signer,
    federation_of,
    key_set,
    make_member,
    make_root,
    make_status,
    make_targets,
    publish,
    sign,
    write_member,
    write_status,
)

NOW = Instant(1_800_000_000_000)
TOMORROW = Instant(NOW + DAY)
IN_THREE_DAYS = Instant(NOW + 3 * DAY)
IN_A_MONTH = Instant(NOW + 30 * DAY)
IN_A_YEAR = Instant(NOW + 365 * DAY)
MEMBERS = (MemberId("xa"), MemberId("xc"), MemberId("xn"))
POLICY_TEXT = "quorum none\n"
PACK = b"instrument: example\n"
R = TypeVar("R", bound=Row)


def seed(name: str) -> bytes:
    return name.encode().ljust(32, b".")


def public(name: str) -> PublicKey:
    return directory_key(seed(name))


def signed(data: bytes, *names: str) -> bytes:
    for name in names:
        data = sign(data, directory_signer(seed(name)))
    return data


def own_keys(member: str, era: str = "") -> KeySet:
    return key_set(public(f"{member}{era}-{number}") for number in range(3))


def node_entry(member: MemberId, federation: str, *, era: str = "") -> NodeEntry:
    node = NodeId(f"{member}.police.n1")
    origin = f"{federation}/log/{node}/1"
    return NodeEntry(
        node=node,
        url=f"https://{member}.example:8443",
        agencies=frozenset({AgencyId(f"{member}.police")}),
        suites=frozenset({1}),
        kinds=frozenset({"requests.ask/1"}),
        origin=origin,
        log_vkeys=(f"{origin}+01234567+AAAA",),
        witness_vkeys=("witness+01234567+AAAA",),
        tls=(b"certificate",),
        languages=("en",),
        limits={"body": 1_048_576},
        keys=(DatedKey(key=public(f"{node}{era}"), since=NOW, until=Instant(NOW + 300 * DAY)),),
    )


def document(member: MemberId, federation: str, *, era: str = "") -> MemberDocument:
    agency = AgencyId(f"{member}.police")
    return MemberDocument(
        member=member,
        name=f"Länd {member}",
        agencies=(
            AgencyEntry(
                agency=agency,
                name="Police",
                sort=Sort.POLICE,
                contacts=(Contact(telephone="+000", hours="24/7", languages=("en",)),),
                keys=(DatedKey(key=public(f"{agency}{era}"), since=NOW),),
            ),
        ),
        nodes=(node_entry(member, federation, era=era),),
    )


@dataclass
class Federation:
    """Knobs that a test turns before it builds."""

    founders: Sequence[str] = MEMBERS
    root_signers: Sequence[str] = ("root-xa", "root-xc", "root-xn", "oversight")
    targets_signers: Sequence[str] = ("root-xa", "root-xc", "root-xn", "oversight")
    keys: dict[MemberId, KeySet] = field(
        default_factory=lambda: {m: own_keys(m) for m in MEMBERS}
    )
    signers: dict[MemberId, tuple[str, ...]] = field(
        default_factory=lambda: {m: (f"{m}-0", f"{m}-1") for m in MEMBERS}
    )
    documents: dict[MemberId, bytes] = field(default_factory=dict)
    expires: Instant = IN_A_MONTH
    root_expires: Instant = IN_A_YEAR
    snapshot_expires: Instant = IN_THREE_DAYS
    timestamp_expires: Instant = TOMORROW
    steps: Sequence[Step] = ()
    oversight: Sequence[str] = ("oversight",)
    publishers: Sequence[str] = ("publisher",)
    targets_says: dict[str, object] = field(default_factory=dict)
    """More of what a plan of targets says."""
    status: Status | None = None
    status_signers: Sequence[str] = ("root-xa", "root-xc")
    records: Records = field(default_factory=Records)

    def root_plan(self) -> RootPlan:
        return RootPlan(
            founders={MemberId(name): public(f"root-{name}") for name in self.founders},
            oversight=[public(name) for name in self.oversight],
            publishers=[public(name) for name in self.publishers],
            expires=self.root_expires,
            steps=self.steps,
        )

    def root(self) -> bytes:
        return signed(make_root(self.root_plan()), *self.root_signers)

    @property
    def federation(self) -> str:
        return federation_of(self.root())

    def targets(self, *, previous: bytes | None = None, changes: Sequence[bytes] = ()) -> bytes:
        plan = TargetsPlan(
            members=self.keys,
            expires=self.expires,
            policy=POLICY_TEXT,
            packs={"packs/example.yaml": PACK},
            changes=changes,
        )
        if self.status is not None:
            self.targets_says["standing"] = self.root()
        plan = replace(plan, **self.targets_says)  # type: ignore[arg-type]  # a test's knob
        data = make_targets(plan, federation=self.federation, previous=previous)
        return signed(data, *self.targets_signers)

    def document(self, member: MemberId) -> bytes:
        made = self.documents.get(member)
        return made or write_member(document(member, self.federation))

    def member(self, member: MemberId, *, previous: bytes | None = None) -> bytes:
        data = make_member(
            self.document(member),
            expires=self.expires,
            packs={"law.yaml": PACK} if member == "xn" else None,
            previous=previous,
        )
        return signed(data, *self.signers[member])

    def stated(self, *, previous: bytes | None = None) -> bytes | None:
        if self.status is None:
            return None
        document = write_status(self.status)
        data = make_status(document, expires=self.expires, previous=previous)
        return signed(data, *self.status_signers)

    def release(
        self, *, targets: bytes | None = None, members: Mapping[MemberId, bytes] | None = None
    ) -> Release:
        documents = {f"members/{m}/member.json": self.document(m) for m in self.keys}
        if self.status is not None:
            documents[STATUS_FILE] = write_status(self.status)
        return Release(
            roots=[self.root()],
            targets=targets or self.targets(),
            members=members or {m: self.member(m) for m in self.keys},
            contents={
                "policy.txt": POLICY_TEXT.encode(),
                "packs/example.yaml": PACK,
                "members/xn/law.yaml": PACK,
                **documents,
            },
            snapshot_expires=self.snapshot_expires,
            timestamp_expires=self.timestamp_expires,
            status=self.stated(),
            records=self.records,
            at=NOW,
        )

    def files(self, *, previous: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
        return publish(
            self.release(), signer=directory_signer(seed("publisher")), previous=previous
        )


_COMPARE: Mapping[Op, Callable[[object, object], bool]] = {
    Op.EQ: cast("Callable[[object, object], bool]", equal),
    Op.NE: cast("Callable[[object, object], bool]", ne),
    Op.LT: cast("Callable[[object, object], bool]", lt),
    Op.LE: cast("Callable[[object, object], bool]", le),
    Op.GT: cast("Callable[[object, object], bool]", gt),
    Op.GE: cast("Callable[[object, object], bool]", ge),
}


class Rows:
    """A transaction over a dict: enough store for rules about rows."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, tuple[Scalar, ...]], Row] = {}

    def get(self, kind: type[R], /, *key: Scalar) -> R | None:
        return cast("R | None", self._rows.get((kind.table, key)))

    def find(
        self, kind: type[R], /, *where: Where, order: str = "", limit: int | None = None
    ) -> Sequence[R]:
        assert not order
        found = [row for (table, _), row in self._rows.items() if table == kind.table]
        kept = [
            row
            for row in found
            if all(_COMPARE[w.op](getattr(row, w.field), w.value) for w in where)
        ]
        return cast("list[R]", kept[:limit])

    def count(self, kind: type[R], /, *where: Where) -> int:
        return len(self.find(kind, *where))

    def size(self) -> int:
        return 0

    def entries(self, first: int, count: int) -> Sequence[bytes]:
        return [][first : first + count]

    def insert(self, row: Row, /) -> None:
        if _place(row) in self._rows:
            raise ConflictError("this key is taken")
        self._rows[_place(row)] = row

    def insert_many(self, rows: Iterable[Row], /) -> None:
        for row in rows:
            self.insert(row)

    def put(self, row: Row, /) -> None:
        self._rows[_place(row)] = row

    def delete(self, kind: type[R], /, *where: Where) -> int:
        found = self.find(kind, *where)
        for row in found:
            del self._rows[_place(row)]
        return len(found)

    def append(self, entry: bytes, /) -> int:
        return len(entry)


def _place(row: Row) -> tuple[str, tuple[Scalar, ...]]:
    return row.table, tuple(cast("Scalar", getattr(row, name)) for name in row.key)
