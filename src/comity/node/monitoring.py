"""Following every ledger of a federation, and saying aloud where one cannot be right.

Each round: the newest checkpoint of each log, what each witness cosigned of it, whether a
quorum has seen it, and, where a reader's token opens the entries, a verified copy with the
order of law and the pairing of receipts. An alarm stands until what raised it is over; evidence
of two histories stands for good.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from comity.adapters.files import make_private_folder, read_private, write_private
from comity.adapters.http import Client
from comity.core.clock import HOUR, MINUTE, Clock, Instant, iso
from comity.core.errors import (
    AuthorisationError,
    ComityError,
    InvalidInputError,
    StorageError,
    UnreachableError,
    VerificationError,
)
from comity.core.ids import NodeId
from comity.core.store import Op, Store, Transaction, Where, eq
from comity.ledger import Leaf, LeafType, Policy, Verifier, open_note
from comity.node.gossip import Gossip, unproven
from comity.node.mirroring import copy_of
from comity.node.quorum import policy_of, registry_policy
from comity.node.remote import RemoteLog, remote_log, witnessed_by
from comity.node.rows import AlarmRow, FollowedRow, PairRow
from comity.node.witnessing import logs_in
from comity.seal import verify
from comity.trust import Directory

TOKENS = "tokens"
SILENT = 60 * MINUTE
"""After this a log that does not answer is an alarm."""
GRACE = 1 * HOUR
"""How long a receipt may stand before its partner's entry must be there."""
_PAIRED = {LeafType.RECEIPTED, LeafType.RECEIVED}
_MANY = 1_000

Tell = Callable[[str, str], None]
"""Takes a sort of alarm and an origin, for the journal and the person on duty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One log that is followed."""

    origin: str
    keys: tuple[Verifier, ...]
    log: RemoteLog
    policy: Policy | None
    is_open: bool
    """Whether a reader's token for its entries is held."""


def add_token(folder: Path, node: NodeId, token: str) -> None:
    """Keep a reader's token that a node's engineer handed over; raises `InvalidInputError`."""
    if not token.isalnum() or len(token) > 128:  # noqa: PLR2004 - as `add_reader` makes them
        raise InvalidInputError("expected the token as `comity ledger reader add` printed it")
    write_private(make_private_folder(folder / TOKENS) / node, token.encode())


def tokens_in(folder: Path) -> Mapping[str, str]:
    """Return the readers' tokens that are held, by node."""
    return {
        path.name: read_private(path).decode("ascii", "replace").strip()
        for path in sorted((folder / TOKENS).glob("*"))
    }


def followed_in(
    directory: Directory, client: Client, *, tokens: Mapping[str, str], own: str = ""
) -> Sequence[Followed]:
    """Return every log of a directory but our own, and where it is read."""
    found: list[Followed] = []
    for origin, keys in logs_in(directory).items():
        node = origin.split("/")[-2]
        if node == own or not keys:
            continue
        token = tokens.get(node, "")
        found.append(
            Followed(
                origin=origin,
                keys=keys,
                log=remote_log(directory, origin, client, token=token),
                policy=_policy(directory, node),
                is_open=bool(token),
            )
        )
    return found


def _policy(directory: Directory, node: str) -> Policy | None:
    try:
        if node == "registry":
            return registry_policy(directory)
        return policy_of(directory, NodeId(node))
    except InvalidInputError:
        return None


@dataclass(slots=True, kw_only=True)
class Monitoring:
    """The rounds of one monitor or mirror."""

    folder: Path
    store: Store
    clock: Clock
    gossip: Gossip
    client: Client
    directory: Callable[[], Directory]
    tell: Tell
    own: str = ""
    patience: int = HOUR
    """How long something may stand that no quorum has seen, in ms."""
    asks_witnesses: bool = True

    def round(self) -> bool:
        """Follow every log once; what one of them does keeps no other from being followed."""
        directory = self.directory()
        logs = followed_in(directory, self.client, tokens=tokens_in(self.folder), own=self.own)
        for log in logs:
            self._follow(log)
            if self.asks_witnesses:
                self._ask_witnesses(directory, log.origin)
        self._compare(directory)
        if logs and all(log.is_open for log in logs if "/registry/" not in log.origin):
            self._pair()
        return False

    def alarms(self) -> Sequence[AlarmRow]:
        """Return the alarms that stand, the oldest first."""
        return self.store.read(lambda r: r.find(AlarmRow, eq("cleared", None), order="since"))

    def _follow(self, log: Followed) -> None:
        now = self.clock.now()
        try:
            note = log.log.checkpoint()
        except ComityError:
            self._silent(log.origin, now)
            return
        try:
            opened = open_note(note, log.keys, verify=verify)
        except (InvalidInputError, VerificationError):
            opened = None
        stated = None if opened is None or not opened.seen else opened.checkpoint
        if stated is None or stated.origin != log.origin:
            self.clear("silent", log.origin)
            self.alarm("unsigned", log.origin, "what it serves is not signed by its own key")
            return
        self.clear("unsigned", log.origin)
        self.gossip.hear(note)
        is_heard = not log.is_open or self._copy(log, note)
        self._witnessed(log, note, stated.size, is_heard=is_heard)
        if is_heard:
            self.clear("silent", log.origin)
        else:
            self._silent(log.origin, now)

    def _silent(self, origin: str, now: Instant) -> None:
        row = self.store.read(lambda r: r.get(FollowedRow, origin))
        if row is None:
            first = FollowedRow(origin=origin, size=0, met=0, behind=None, heard=now)
            self.store.commit(lambda tx: tx.put(first)).result()
        elif now - row.heard >= SILENT:
            self.alarm("silent", origin, f"it has not answered since {iso(Instant(row.heard))}")

    def _witnessed(self, log: Followed, note: bytes, size: int, *, is_heard: bool) -> None:
        """Write down how far a quorum has seen a log, and raise or end the alarm."""
        is_met, now = _is_met(log, note), self.clock.now()

        def unit(tx: Transaction) -> FollowedRow:
            row = tx.get(FollowedRow, log.origin) or FollowedRow(
                origin=log.origin, size=0, met=0, behind=None, heard=now
            )
            met = max(row.met, size) if is_met else row.met
            behind = None if met >= size else row.behind or now
            heard = now if is_heard else row.heard
            grown = replace(row, size=max(row.size, size), met=met, behind=behind, heard=heard)
            tx.put(grown)
            return grown

        row = self.store.commit(unit).result()
        if row.behind is not None and now - row.behind >= self.patience:
            since = iso(Instant(row.behind))
            self.alarm("unwitnessed", log.origin, f"no quorum has seen it grow since {since}")
        else:
            self.clear("unwitnessed", log.origin)

    def _copy(self, log: Followed, note: bytes) -> bool:
        """Copy what a log's checkpoint covers; return whether its entries were reached."""
        judged = _Judged(origin=log.origin)

        def keep() -> None:
            self.store.commit(judged.write).result()
            if judged.wrong:
                # What stands in the ledger stands for good, and so does this.
                self.alarm("order", log.origin, judged.wrong)

        try:
            copy_of(self.folder, log.origin).extend(log.log, note, judged.judge, keep=keep)
        except VerificationError as error:
            self.alarm("entries", log.origin, str(error))
            return True
        except AuthorisationError:
            self.alarm("closed", log.origin, "its entries are not opened to our token")
            return True
        except StorageError:
            raise
        except ComityError:
            return False
        self.clear("entries", log.origin)
        self.clear("closed", log.origin)
        return True

    def _ask_witnesses(self, directory: Directory, origin: str) -> None:
        """Hear what every witness was shown of a log: two histories meet here."""
        for entry in directory.nodes():
            if entry.witness_vkeys and f"/log/{entry.node}/" not in origin:
                try:
                    note = witnessed_by(self.client, entry, origin)
                except UnreachableError:
                    continue
                if note is not None:
                    self.gossip.hear(note)

    def _compare(self, directory: Directory) -> None:
        for row in self.gossip.due():
            self.gossip.compare(row, remote_log(directory, row.origin, self.client).read)
        for found in self.gossip.evidence():
            words = f"it signed two histories: evidence {found.digest.hex()[:16]}"
            self.alarm("equivocation", found.origin, words)
        now = self.clock.now()
        late = self.store.read(lambda r: unproven(r, now))
        for origin in late:
            self.alarm("unproven", origin, "for a day it has not shown how it grew")
        for standing in self.alarms():
            if standing.sort == "unproven" and standing.origin not in late:
                self.clear("unproven", standing.origin)

    def _pair(self) -> None:
        """Find receipts that no ledger knows as received: somebody left out an entry."""
        before = Where("at", Op.LT, self.clock.now() - GRACE)
        receipts = self.store.read(
            lambda r: r.find(
                PairRow,
                eq("type", LeafType.RECEIPTED),
                Where("is_paired", Op.EQ, value=False),
                before,
                limit=_MANY,
            )
        )
        for row in receipts:
            if self._is_received(row):
                self.store.commit(partial(_put, replace(row, is_paired=True))).result()
            else:
                words = f"its receipt of envelope {row.digest.hex()[:16]} is in no other ledger"
                self.alarm("unpaired", row.origin, words)

    def _is_received(self, receipt: PairRow) -> bool:
        same, received = eq("digest", receipt.digest), eq("type", LeafType.RECEIVED)
        return self.store.read(lambda r: r.count(PairRow, same, received)) > 0

    def alarm(self, sort: str, origin: str, words: str) -> None:
        """Raise an alarm, once until it is over."""
        now = self.clock.now()

        def unit(tx: Transaction) -> bool:
            row = tx.get(AlarmRow, sort, origin)
            if row is not None and row.cleared is None:
                return False
            tx.put(AlarmRow(sort=sort, origin=origin, words=words, since=now))
            return True

        if self.store.commit(unit).result():
            self.tell(sort, origin)

    def clear(self, sort: str, origin: str) -> None:
        """End an alarm whose cause is over."""
        row = self.store.read(lambda r: r.get(AlarmRow, sort, origin))
        if row is not None and row.cleared is None:
            over = replace(row, cleared=self.clock.now())
            self.store.commit(lambda tx: tx.put(over)).result()


@dataclass(slots=True, kw_only=True)
class _Judged:
    """What a step of a copy showed: the first fault in the order of law, and digests."""

    origin: str
    wrong: str = ""
    rows: list[PairRow] = field(default_factory=list[PairRow])

    def judge(self, index: int, leaf: Leaf, fault: str) -> None:
        if fault and not self.wrong:
            self.wrong = f"entry {index}: {fault}"
        if leaf.type in _PAIRED and leaf.digest is not None:
            at = Instant(leaf.at * 1000)
            row = PairRow(digest=leaf.digest, origin=self.origin, type=leaf.type, at=at)
            self.rows.append(row)

    def write(self, tx: Transaction) -> None:
        for row in self.rows:
            tx.put(row)


def _put(row: PairRow, tx: Transaction) -> None:
    tx.put(row)


def _is_met(log: Followed, note: bytes) -> bool:
    """Whether a quorum of a log's policy has cosigned; a broken line of a witness is none."""
    if log.policy is None:
        return False
    keys = dict.fromkeys((*log.keys, *log.policy.verifiers))
    try:
        return log.policy.is_met(open_note(note, keys, verify=verify))
    except VerificationError:
        return False
