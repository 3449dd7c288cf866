"""What the ledger costs: growing its tree, making it durable, auditing a million entries.

    python -m bench.ledger [--quick] [--json] [--folder DIR]

Beside them, in the same run: bare SHA-256 over the same bytes, which every tree of this form
must spend, and bare sqlite3 on the same disk.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import ledger_store
from bench.measure import Options, figure, run

from comity.adapters.memory import SeededEntropy
from comity.cli.bench import Figure
from comity.ledger import (
    Checkpoint,
    Frontier,
    KeyType,
    Leaf,
    LeafType,
    Policy,
    Signer,
    Verifier,
    export,
    leaf_hash,
    sign_note,
    verify_export,
)
from comity.seal import SigningKey, verify

AT = 1_780_000_000
ORDER = (LeafType.PERMITTED, LeafType.SENT, LeafType.ADMITTED, LeafType.RECEIVED)


def measure(options: Options) -> Sequence[Figure]:
    """Measure the tree in memory, the audit of its export, and the store on disk."""
    count = 100_000 if options.quick else 1_000_000
    entries = list(_entries(count))
    nodes, took = _grown(entries)
    growth = figure(
        "appends in memory, with all tree hashes",
        count / took,
        "appends/s",
        beside=("bare SHA-256, twice an entry", count / _hashed(entries)),
    )
    audit = figure(
        f"an export of {count:,} entries verified",
        _audited(entries, nodes),
        "s of a core",
        beside=("bare SHA-256, twice an entry", _hashed(entries)),
    )
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        units = 2_000 if options.quick else 20_000
        return (growth, audit, *ledger_store.measure(Path(folder), units=units))


def _entries(count: int) -> Iterator[bytes]:
    """Yield lawful leaves: permitted, sent, admitted, received, and so on."""
    drawn = SeededEntropy(b"ledger")
    for index in range(count):
        random, is_step = drawn.take(80), index % 2
        leaf = Leaf(
            type=ORDER[index % 4],
            at=AT,
            ref=random[:16],
            commitment=random[16:48],
            digest=random[48:] if is_step else None,
            follows=index - 1 if is_step else None,
        )
        yield leaf.encode()


def _grown(entries: Sequence[bytes]) -> tuple[dict[tuple[int, int], bytes], float]:
    nodes: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    began = time.process_time()
    for entry in entries:
        index, leaf = frontier.size, leaf_hash(entry)
        nodes[0, index] = leaf
        for level, place, made in frontier.append(leaf):
            nodes[level, place] = made
    return nodes, time.process_time() - began


def _hashed(entries: Sequence[bytes]) -> float:
    pair = bytes(65)
    began = time.process_time()
    for entry in entries:
        hashlib.sha256(entry).digest()
        hashlib.sha256(pair).digest()
    return time.process_time() - began


def _audited(entries: Sequence[bytes], nodes: dict[tuple[int, int], bytes]) -> float:
    key = SigningKey.generate(SeededEntropy(b"log"))
    verifier = Verifier(name="bench/log/xn.police.n1/1", type=KeyType.ED25519, key=key.public)
    signer = Signer(verifier=verifier, sign=key.sign)
    frontier = Frontier.load(len(entries), lambda level, index: nodes[level, index])
    stated = Checkpoint(origin=verifier.name, size=len(entries), root=frontier.root())
    note = sign_note(stated, (signer,), at=AT)
    files = dict(
        export(
            note,
            read=lambda level, index: nodes[level, index],
            entries=lambda first, count: entries[first : first + count],
        )
    )
    policy = Policy(logs=(verifier,), witnesses={}, groups={}, quorum="none")
    began = time.process_time()
    report = verify_export(files.__getitem__, policy, verify=verify)
    took = time.process_time() - began
    if report.findings or report.read != len(entries):
        raise AssertionError(f"expected a sound ledger, got {report.findings[:3]}")
    return took


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
