"""Drafting what a federation signs: one function for each ceremony, each giving one sheet.

A draft binds nobody. It is made from the directory as it is published, so that what is said
again need not be typed again, and only what changes stands out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comity.core.clock import DAY, Instant
from comity.core.errors import InvalidInputError, StateError
from comity.core.ids import MemberId
from comity.core.keys import PublicKey
from comity.node.sheet import Sheet, named_digests
from comity.trust import (
    STATUS_FILE,
    Closure,
    Directory,
    KeySet,
    Losses,
    MemberDocument,
    Records,
    RegistryEntry,
    RootPlan,
    Status,
    Suspension,
    TargetsPlan,
    declared_steps,
    federation_of,
    make_member,
    make_root,
    make_status,
    make_targets,
    plan_again,
    read_key_change,
    read_status,
    start_key_change,
    write_member,
    write_status,
)

YEAR, QUARTER, MONTH, FORTNIGHT = 365 * DAY, 90 * DAY, 30 * DAY, 14 * DAY
"""How long root, targets, a member's delegation and the standing of members hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The directory before a draft: its files, and what they verified to."""

    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    directory: Directory | None = None
    records: Records = field(default_factory=Records)

    def newest(self, role: str) -> bytes | None:
        """Return the newest metadata of a role; `None` where there is none."""
        name = role.replace("/", "%2F")
        found = {
            int(number): data
            for path, data in self.files.items()
            for number, _, rest in [path.removeprefix("metadata/").partition(".")]
            if number.isdecimal() and rest == f"{name}.json"
        }
        return found[max(found)] if found else None

    def contents(self, metadata: bytes | None) -> dict[str, bytes]:
        """Return the files that metadata names, by path."""
        named = {} if metadata is None else named_digests(metadata)
        found: dict[str, bytes] = {}
        for path, digest in named.items():
            folder, slash, name = path.rpartition("/")
            data = self.files.get(f"targets/{folder}{slash}{digest}.{name}")
            if data is not None:
                found[path] = data
        return found

    @property
    def closed(self) -> Mapping[MemberId, Closure]:
        """The closures for stolen keys that stand."""
        found = self.directory
        return dict[MemberId, Closure]() if found is None else found.seen.closed

    @property
    def key_sets(self) -> Mapping[str, str]:
        """The digest of each member's key set."""
        return dict[str, str]() if self.directory is None else self.directory.seen.keys

    @property
    def first_root(self) -> bytes:
        """Root version 1; raises `StateError` where there is none."""
        if (data := self.files.get("metadata/1.root.json")) is None:
            raise StateError("there is no root yet: draft and sign one first")
        return data

    @property
    def federation(self) -> str:
        """The federation's name."""
        return federation_of(self.first_root)


def draft_root(
    founders: Mapping[MemberId, PublicKey],
    *,
    oversight: Sequence[PublicKey],
    publishers: Sequence[PublicKey],
    at: Instant,
    before: Published,
) -> Sheet:
    """Draft the first root, or the next: `founders` are all members that sign from then on."""
    previous = before.newest("root")
    plan = RootPlan(
        founders=founders,
        oversight=oversight,
        publishers=publishers,
        expires=Instant(at + YEAR),
        steps=declared_steps(max(12, len(founders))),
    )
    return Sheet(
        sort="root",
        federation="" if previous is None else before.federation,
        signed=make_root(plan, previous=previous).decode(),
        previous="" if previous is None else previous.decode(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the next targets say otherwise than those before."""

    admit: Mapping[MemberId, KeySet] = field(default_factory=dict[MemberId, KeySet])
    candidates: frozenset[MemberId] = frozenset()
    """Of those, and of the members there are, who works in exercise mode only."""
    full: frozenset[MemberId] = frozenset()
    """Candidates that are members from now on."""
    expel: frozenset[MemberId] = frozenset()
    keys: Sequence[Sheet] = ()
    """Changes of members' keys, with their consent or announced as lost."""
    policy: str | None = None
    packs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    registry: RegistryEntry | None = None
    publisher: PublicKey | None = None


def draft_targets(changes: Changes, *, at: Instant, before: Published) -> Sheet:
    """Draft what the federation says together, from what it said before and the changes."""
    previous, expires = before.newest("targets"), Instant(at + QUARTER)
    plan = TargetsPlan(members={}, expires=expires)
    if previous is not None:
        held = before.contents(previous)
        plan = plan_again(previous, expires=expires, contents=held)
    taken = [_new_keys(sheet) for sheet in changes.keys]
    closed = before.closed
    plan = replace(
        plan,
        members={**plan.members, **changes.admit, **dict(taken)},
        candidates=(plan.candidates | changes.candidates) - changes.full,
        expelled={**plan.expelled, **dict.fromkeys(changes.expel, at)},
        changes=[sheet.data for sheet in changes.keys],
        losses=Losses(
            records=before.records, at=at, closed={m: c.keys for m, c in closed.items()}
        ),
        policy=plan.policy if changes.policy is None else changes.policy,
        packs={**plan.packs, **changes.packs},
        registry=changes.registry or plan.registry,
        publisher=changes.publisher,
        standing=before.newest("root"),
    )
    data = make_targets(plan, federation=before.federation, previous=previous)
    return Sheet(
        sort="targets",
        federation=before.federation,
        signed=data.decode(),
        contents={"policy.txt": plan.policy.encode(), **plan.packs},
        previous="" if previous is None else previous.decode(),
    )


def draft_member(document: MemberDocument, *, at: Instant, before: Published) -> Sheet:
    """Draft a member's own delegation; national packs it listed before stay listed."""
    role = f"members/{document.member}"
    previous = before.newest(role)
    held = before.contents(previous)
    path, written = f"{role}/member.json", write_member(document)
    packs = {name.removeprefix(f"{role}/"): data for name, data in held.items() if name != path}
    data = make_member(written, expires=Instant(at + MONTH), packs=packs, previous=previous)
    return Sheet(
        sort="member",
        federation=before.federation,
        signed=data.decode(),
        contents={**held, path: written},
        previous="" if previous is None else previous.decode(),
        before={path: held[path]} if path in held else {},
    )


def draft_leave(member: MemberId, *, on: Instant, at: Instant, before: Published) -> Sheet:
    """Draft a member's leave on a day; nobody else need agree. Raises `StateError`."""
    return draft_member(replace(document_of(member, before), leaves=on), at=at, before=before)


def document_of(member: MemberId, before: Published) -> MemberDocument:
    """Return a member's document as published; raises `StateError` where there is none."""
    found = None if before.directory is None else before.directory.entries.get(member)
    if found is None:
        raise StateError(f"`{member}` has no document in the directory")
    return found.document


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What the next standing of members says otherwise than the one before."""

    suspend: Iterable[MemberId] = ()
    close: Iterable[MemberId] = ()
    lift: Iterable[MemberId] = ()
    """Suspensions that end before they lapse; a closure ends only with new keys."""
    ground: str = ""
    days: int = 14


def draft_status(stand: Stand, *, at: Instant, before: Published) -> Sheet:
    """Draft suspensions and closures; what lapsed, or ended with new keys, is left out."""
    previous = before.newest("status")
    held = before.contents(previous).get(STATUS_FILE)
    said = Status() if held is None else read_status(held)
    sets = before.key_sets
    lifted = set(stand.lift)
    suspended = {
        member: each
        for member, each in said.suspended.items()
        if each.until > at and member not in lifted
    }
    closed = {m: each for m, each in said.closed.items() if sets.get(m) == each.keys}
    until = Instant(at + stand.days * DAY)
    for member in stand.suspend:
        _known(member, sets)
        suspended[member] = Suspension(since=at, until=until, ground=stand.ground)
    for member in stand.close:
        closed[member] = Closure(since=at, keys=_known(member, sets), ground=stand.ground)
    document = write_status(Status(suspended=suspended, closed=closed))
    data = make_status(document, expires=Instant(at + FORTNIGHT), previous=previous)
    return Sheet(
        sort="status",
        federation=before.federation,
        signed=data.decode(),
        contents={STATUS_FILE: document},
        previous="" if previous is None else previous.decode(),
        before={} if held is None else {STATUS_FILE: held},
    )


def draft_keys(member: MemberId, new: KeySet, *, before: Published) -> Sheet:
    """Draft a member's change to other keys, for its old keys to consent to."""
    if (targets := before.newest("targets")) is None:
        raise StateError("nobody is a member yet: draft and sign targets first")
    change = start_key_change(member, new=new, targets=targets)
    return Sheet(sort="keys", federation=before.federation, signed=change.decode())


def as_objection(sheet: Sheet) -> Sheet:
    """Turn an announced loss into the sheet by which the old keys refuse it."""
    if sheet.sort not in {"keys", "loss"}:
        raise InvalidInputError("only a change of keys is objected to")
    return Sheet(sort="objection", federation=sheet.federation, signed=sheet.signed)


def _known(member: MemberId, sets: Mapping[str, str]) -> str:
    if (digest := sets.get(member)) is None:
        raise StateError(f"`{member}` is not in the directory")
    return digest


def _new_keys(sheet: Sheet) -> tuple[MemberId, KeySet]:
    change = read_key_change(sheet.data)
    return change.member, change.new
