"""The eleven invariants of the exchange, each a checker over all stores and all that was seen.

A checker yields what it finds wrong, in words that begin with the invariant's name. None asks
the product whether it did well: each reads rows, leaves and bytes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import lru_cache
from typing import TypeVar, cast

from tests.hostile.evidence import Evidence
from tests.hostile.mortal import Mortal
from tests.hostile.opened import content_of, kid_of

from comity.adapters.shape import LedgerReader
from comity.core import limits
from comity.core.clock import DAY, MINUTE
from comity.core.ids import AgencyId, NodeId, member_of
from comity.core.store import Row, Store
from comity.exchange import InboxRow, OutboxRow
from comity.ledger import Leaf, LeafType, decode_leaf, root
from comity.practice import CaseRow, TaskRow
from comity.seal import Receipt, Rejection, read_answer, read_envelope

R = TypeVar("R", bound=Row)
Checker = Callable[[Evidence], Iterator[str]]
STORED = frozenset({"filed", "held"})
ENDS = frozenset({"queued", "barred", "receipted", "rejected", "expired"})
OPEN = frozenset({"queued", "barred"})
BEHIND, AHEAD = DAY, 5 * MINUTE
ANSWER_IN = 7 * DAY
"""What a question that states no urgency may take to be answered."""


def no_loss(seen: Evidence) -> Iterator[str]:
    """I1: what an officer saw as queued ends as stored, rejected or visibly expired."""
    inboxes = {node: _inbox(store) for node, store in seen.stores.items()}
    for node, mid in seen.queued:
        row = _get(seen.stores[node], OutboxRow, mid)
        if row is None or row.state not in ENDS:
            yield f"I1 {mid.hex()} was seen as queued at {node}, and is gone"
        elif row.state == "receipted" and (node, mid) not in inboxes[NodeId(row.to_node)]:
            yield f"I1 {mid.hex()} has a receipt, and {row.to_node} does not hold it"
        elif row.state in {"rejected", "expired"} and not _is_visible(seen.stores[node], row):
            yield f"I1 {mid.hex()} ended as {row.state}, and nobody at {node} was told"
        elif seen.settled and row.state == "queued":
            yield f"I1 {mid.hex()} still waits at {node}, though the line is up"


def one_effect(seen: Evidence) -> Iterator[str]:
    """I2: at most one row, one `received` leaf and one open duty for a message."""
    for node, store in seen.stores.items():
        leaves = Counter(
            leaf.digest for leaf in _leaves(store) if leaf.type is LeafType.RECEIVED
        )
        rows = Counter(row.digest for row in _inbox(store).values())
        if leaves != rows:
            yield f"I2 {node} has {leaves.total()} received leaves for {rows.total()} messages"
        duties = [row for row in _find(store, TaskRow) if row.sort == "answer"]
        for case, count in Counter(row.case for row in duties if row.done is None).items():
            if count > 1:
                yield f"I2 {node} owes {count} answers in case {case}"


def true_receipts(seen: Evidence) -> Iterator[str]:
    """I3: behind each receipt stand its row and its leaf; the same bytes get the same one."""
    first: dict[tuple[str, str, bytes, bytes], bytes] = {}
    conflicts: Counter[NodeId] = Counter()
    for answer in seen.answered:
        conflicts[answer.to] += answer.code == "conflict"
        if answer.code not in STORED:
            continue
        key = (answer.to, answer.sender, answer.mid, answer.digest)
        # The same fact may be said again under a later key, and in no other words.
        earlier, now = (
            read_answer(first.setdefault(key, answer.answer)),
            read_answer(answer.answer),
        )
        if earlier.said != now.said or (earlier.kid == now.kid and first[key] != answer.answer):
            yield f"I3 {answer.to} gave two receipts for the same bytes"
    for (to, sender, mid, digest), data in first.items():
        yield from _behind(seen.stores[NodeId(to)], sender, mid, digest, data=data)
    for node, count in conflicts.items():
        incidents = _count(seen.stores[node], LeafType.INCIDENT)
        if incidents < count:
            yield f"I3 {node} met {count} conflicts and noted {incidents} incidents"


def append_only(seen: Evidence) -> Iterator[str]:
    """I4: one size has one root, for ever; what was signed is what the ledger holds."""
    for (origin, size), roots in seen.roots.items():
        if len(roots) > 1:
            yield f"I4 {origin} signed {len(roots)} roots of size {size}"
    for (origin, size), roots in seen.roots.items():
        store = seen.stores[NodeId(origin.split("/")[2])]
        held = store.read(lambda r: r.size())
        if held >= size and _root(store, size) not in roots:
            yield f"I4 {origin} no longer holds the {size} entries it signed"


def law_first(seen: Evidence) -> Iterator[str]:
    """I5: each `sent` follows its own `permitted`, each `received` what let it in."""
    for node, store in seen.stores.items():
        leaves, used = _leaves(store), set[int]()
        for index, leaf in enumerate(leaves):
            expected = _TAKES.get(leaf.type)
            if expected is None:
                continue
            before = leaf.follows
            if before is None or not before < index:
                yield f"I5 {leaf.type.name} {index} of {node} follows nothing before it"
            elif leaves[before].type not in expected or before in used:
                yield f"I5 {leaf.type.name} {index} of {node} follows no leaf of its own"
            else:
                used.add(before)
        yield from _unlogged(seen, node, leaves)


def secrecy(seen: Evidence) -> Iterator[str]:
    """I6: nothing in clear, one key per copy, no third name, no opening after destruction."""
    for node, store in seen.stores.items():
        held = _values(cast("Mortal", store).everything())
        for word in seen.planted:
            if word in held:
                yield f"I6 {node} keeps `{word.decode()}` in clear"
    keys: Counter[bytes] = Counter()
    for envelope in seen.wire.values():
        key, inside = content_of(envelope, seen.prekeys[kid_of(envelope)].raw, seen.federation)
        keys[key] += 1
        yield from _in_copy(seen, envelope, inside)
    if any(count > 1 for count in keys.values()):
        yield "I6 two copies are encrypted under one key"
    yield from _opened_late(seen)


def true_time(seen: Evidence) -> Iterator[str]:
    """I7: deadlines run from what was stored; skew within the window changes nothing."""
    for node, store in seen.stores.items():
        asks = {
            row.case: row
            for row in _inbox(store).values()
            if row.kind == "requests.ask/1" and row.state != "recalled"
        }
        for case in _find(store, CaseRow):
            ask = asks.get(case.case)
            if ask is not None and case.due not in {None, ask.stored_at + ANSWER_IN}:
                yield f"I7 case {case.case} of {node} is due at another time than it was stored"
    for answer in seen.answered:
        is_stale = answer.created < answer.at - BEHIND and not answer.is_proven
        is_early = answer.created > answer.at + AHEAD
        is_outside = answer.code in STORED and (is_early or is_stale)
        if is_outside and _is_first(seen, answer.answer):
            yield f"I7 {answer.to} took a message made outside the window of its clock"
        if answer.code == "stale" and answer.created >= answer.at - BEHIND:
            yield f"I7 {answer.to} called stale what was made within a day"
        # A step whose question has not come yet is early too, and that answer names it.
        is_by_clock = not _is_partners(answer.answer)
        if answer.code == "early" and is_by_clock and not is_early:
            yield f"I7 {answer.to} called early what was made within five minutes"


def poison(seen: Evidence) -> Iterator[str]:
    """I8: bytes that nobody vouched for get a short answer and leave nothing behind."""
    for each in seen.poisons:
        if each.code in STORED:
            yield "I8 bytes with a broken signature were filed"
        if each.decryptions:
            yield "I8 bytes that nobody vouched for were decrypted"
        if each.leaves:
            yield "I8 a stranger made the ledger grow"
        if each.length > limits.ANSWER:
            yield f"I8 an answer of {each.length} bytes"


def fairness(seen: Evidence) -> Iterator[str]:
    """I9: a partner that floods delays no other's message."""
    for code in seen.crowded:
        if code == "quota":
            yield f"I9 a message got `{code}` while another partner flooded the node"
    for turned in seen.floods:
        if not turned:
            yield "I9 a partner flooded the node, and was never asked to wait"


def compromise(seen: Evidence) -> Iterator[str]:
    """I10: a stolen key signs nothing that counts, and no witness cosigns a second history."""
    for fork in seen.forks:
        if fork.status == 200:
            yield f"I10 a witness cosigned a second root of size {fork.size}"


def equivocation(seen: Evidence) -> Iterator[str]:
    """I11: two views of one ledger are kept as proof once both have been shown."""
    for fork in seen.forks:
        if not fork.proofs:
            yield f"I11 a partner was shown two roots of size {fork.size} and kept no proof"
        if not fork.incidents:
            yield f"I11 a partner was shown two roots of size {fork.size} and noted nothing"


def refused(seen: Evidence) -> Iterator[str]:
    """Every one: what must not be taken was not."""
    for attack in seen.attacks:
        if attack.code in STORED:
            yield f"{attack.invariant} a message was filed although {attack.why}"


EVERY: tuple[Checker, ...] = (
    no_loss,
    one_effect,
    true_receipts,
    append_only,
    law_first,
    true_time,
    poison,
    fairness,
    compromise,
    equivocation,
    refused,
)
"""What is checked after each step."""
WHOLE: tuple[Checker, ...] = (*EVERY, secrecy)
"""What is checked at the end: `secrecy` opens every envelope there was."""


def check(seen: Evidence, checkers: tuple[Checker, ...] = EVERY) -> None:
    """Raise `AssertionError` with everything that is wrong."""
    found = [finding for checker in checkers for finding in checker(seen)]
    assert not found, "\n".join(found)


_RELEASABLE = re.compile(rb"REL:([a-z]{2}(?:,[a-z]{2})*)")
_TAKES = {
    LeafType.SENT: (LeafType.PERMITTED,),
    LeafType.RECEIVED: (LeafType.ADMITTED, LeafType.HELD),
}


def _behind(
    store: Store, sender: str, mid: bytes, digest: bytes, *, data: bytes
) -> Iterator[str]:
    """Look for what a receipt says is there."""
    row = store.read(lambda r: r.get(InboxRow, sender, mid))
    receipt = cast("Receipt", read_answer(data).said)
    if row is None or row.digest != digest:
        yield f"I3 a receipt of {mid.hex()} left, and its row is not there"
        return
    stored = read_answer(row.receipt).said
    if stored != receipt or receipt.stored_at != row.stored_at:
        yield f"I3 the receipt of {mid.hex()} is not the one that was stored"
    leaves = _leaves(store)
    if len(leaves) <= receipt.leaf or leaves[receipt.leaf].digest != digest:
        yield f"I3 the leaf that the receipt of {mid.hex()} names is not there"


def _unlogged(seen: Evidence, node: NodeId, leaves: list[Leaf]) -> Iterator[str]:
    """Look for rejections, and for outbox rows, that have no leaf."""
    noted = {leaf.digest for leaf in leaves}
    for answer in seen.answered:
        is_turned = answer.to == node and answer.code not in STORED
        if is_turned and _is_partners(answer.answer) and answer.digest not in noted:
            yield f"I5 {node} rejected a partner's bytes as {answer.code} and noted nothing"
    for row in _find(seen.stores[node], OutboxRow):
        leaf = leaves[row.sent_leaf] if row.sent_leaf < len(leaves) else None
        if leaf is None or leaf.type is not LeafType.SENT or leaf.digest != row.digest:
            yield f"I5 {row.mid.hex()} is in the outbox of {node} without its `sent` leaf"
        if row.state in {"receipted", "rejected", "expired"}:
            ends = {e.type for e in leaves if e.follows == row.sent_leaf}
            if LeafType[row.state.upper()] not in ends:
                yield f"I5 {row.mid.hex()} ended as {row.state} without a leaf that says so"


@lru_cache(maxsize=65_536)
def _is_partners(answer: bytes) -> bool:
    """Whether a rejection is of bytes that a partner had vouched for."""
    said = read_answer(answer).said
    return isinstance(said, Rejection) and said.mid is not None


def _is_visible(store: Store, row: OutboxRow) -> bool:
    task = store.read(lambda r: r.get(TaskRow, f"{row.mid.hex()}-undelivered"))
    return row.replaced_by is not None or task is not None


def _is_first(seen: Evidence, receipt: bytes) -> bool:
    """Whether this is the only time the receipt was given: one given again is no new act."""
    said = read_answer(receipt).said
    return sum(read_answer(each.answer).said == said for each in seen.answered) == 1


def _in_copy(seen: Evidence, envelope: bytes, inside: bytes) -> Iterator[str]:
    """Look for a third party's name in one copy, and for its words on the wire."""
    header = read_envelope(envelope).header
    for node, agency in seen.names.items():
        is_party = node in {header.from_node, header.to_node}
        if not is_party and (agency.encode() in envelope or agency.encode() in inside):
            yield f"I6 a copy to {header.to_node} names {node}"
    parties = {str(member_of(AgencyId(node))) for node in (header.from_node, header.to_node)}
    for clause in _RELEASABLE.findall(inside):
        if not set(clause.decode().split(",")) <= parties:
            yield f"I6 a copy to {header.to_node} shows who else it may be released to"
    for word in seen.planted:
        if word in envelope:
            yield f"I6 `{word.decode()}` went over the wire in clear"


def _opened_late(seen: Evidence) -> Iterator[str]:
    met: set[tuple[str, bytes]] = set()
    for place, answer in enumerate(seen.answered):
        gone = seen.destroyed.get(answer.kid)
        is_new = (answer.sender, answer.mid) not in met
        if answer.code in STORED:
            met.add((answer.sender, answer.mid))
            was_open = answer.mid in seen.opened.get(answer.kid, ())
            if is_new and not was_open and gone is not None and gone <= place:
                yield f"I6 {answer.to} opened what was sealed to a key it had destroyed"


def _leaves(store: Store) -> list[Leaf]:
    return [_leaf(entry) for entry in store.read(lambda r: r.entries(0, r.size()))]


@lru_cache(maxsize=65_536)
def _leaf(entry: bytes) -> Leaf:
    return decode_leaf(entry)


def _count(store: Store, sort: LeafType) -> int:
    return sum(leaf.type is sort for leaf in _leaves(store))


def _root(store: Store, size: int) -> bytes:
    return store.read(lambda r: root(size, cast("LedgerReader", r).ledger_node))


def _inbox(store: Store) -> dict[tuple[str, bytes], InboxRow]:
    return {(row.from_node, row.mid): row for row in _find(store, InboxRow)}


def _find(store: Store, kind: type[R]) -> list[R]:
    return list(store.read(lambda r: r.find(kind)))


def _get(store: Store, kind: type[R], *key: bytes) -> R | None:
    return store.read(lambda r: r.get(kind, *key))


def _values(rows: Iterable[Row]) -> bytes:
    """Return every value of every row, for a search."""
    found = (getattr(row, name.name) for row in rows for name in fields(row))  # type: ignore[arg-type]
    return b"\0".join(
        value if isinstance(value, bytes) else str(value).encode() for value in found
    )
