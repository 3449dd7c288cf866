"""Searches that are measured side by side: ours, brute force, and a peer after rapidfuzz."""

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from bench.quality.pairs import CACHE, Entity
from bench.quality.peers import RELEASE, Peer
from bench.quality.sources import key_of
from rapidfuzz import fuzz, process

from comity.screening import Profile, Query
from comity.screening.index.segment import shelf_of

Found = list[list[tuple[str, float]]]
Search = Callable[[Sequence[str], Sequence[Profile]], tuple[Found, float]]
"""Takes names and a list; returns ids with scores for each, and seconds of a core spent."""
KEPT = 30
_AT_ONCE = 64


def ours(names: Sequence[str], held: Sequence[Profile]) -> tuple[Found, float]:
    """Search as screening does, the list in memory; what is compiled is compiled before."""
    shelf = shelf_of(held)
    queries = [Query(schema="Person", properties={"name": (name,)}) for name in names]
    shelf.search(queries[0], limit=KEPT)
    began = time.process_time()
    found = [shelf.search(query, limit=KEPT).candidates for query in queries]
    spent = time.process_time() - began
    return [[(each.entity_id, each.score) for each in many] for many in found], spent


def brute(names: Sequence[str], held: Sequence[Profile]) -> tuple[Found, float]:
    """Compare every folded name with every other, words in order."""
    keys = [(profile.entity_id, key_of(name)) for profile in held for name in profile.names]
    began = time.process_time()
    found = _best(names, keys, [key_of(name) for name in names], sets=False)
    return found, time.process_time() - began


def reranked(peer: Peer, algorithm: str) -> Search:
    """Take 30 entities by rapidfuzz over names as the peer writes them in Latin; let it score.

    What stands above 30 candidates is the peer's; so is the time, which is reported apart.
    """

    def search(names: Sequence[str], held: Sequence[Profile]) -> tuple[Found, float]:
        file = _file(algorithm, names, held)
        if file.is_file():
            return msgspec.json.decode(file.read_bytes(), type=tuple[Found, float])
        began = time.process_time()
        latin = peer.latin([name for profile in held for name in profile.names])
        owners = [profile.entity_id for profile in held for _ in profile.names]
        keys = [(owner, key_of(name)) for owner, name in zip(owners, latin, strict=True)]
        asked = [key_of(name) for name in peer.latin(names)]
        near = _best(names, keys, asked, sets=True)
        known: dict[str, Entity] = {each.entity_id: _entity(each, file.stem) for each in held}
        pairs = [
            (
                Entity(id=f"{file.stem}-{name}", schema="Person", properties={"name": (name,)}),
                known[key],
            )
            for name, many in zip(names, near, strict=True)
            for key, _ in many
        ]
        scores, seconds = peer.score_all(algorithm, pairs)
        told = iter(scores)
        found = [[(key, next(told)) for key, _ in many] for many in near]
        spent = time.process_time() - began + seconds
        file.write_bytes(msgspec.json.encode((found, spent)))
        return found, spent

    return search


def _file(algorithm: str, names: Sequence[str], held: Sequence[Profile]) -> Path:
    """Return where an answer of the peer is kept: it is asked once for the same question."""
    asked = (tuple(names), [(each.entity_id, each.names) for each in held], KEPT)
    digest = hashlib.blake2b(msgspec.json.encode(asked), digest_size=6).hexdigest()
    return CACHE / f"search-{algorithm}-{RELEASE}-{digest}.json"


def _best(
    names: Sequence[str], keys: Sequence[tuple[str, str]], asked: Sequence[str], *, sets: bool
) -> Found:
    """Return the 30 best entities for each name, each by its best name."""
    choices = [key for _, key in keys]
    found: Found = []
    for start in range(0, len(names), _AT_ONCE):
        part = asked[start : start + _AT_ONCE]
        scores = process.cdist(part, choices, scorer=fuzz.ratio, dtype=np.float32)
        if sets:
            scores += process.cdist(
                part, choices, scorer=fuzz.token_set_ratio, dtype=np.float32
            )
        order = np.argsort(-scores, axis=1, kind="stable")[:, : 8 * KEPT]
        scale = 200 if sets else 100
        for row in range(len(part)):
            best: dict[str, float] = {}
            for place in order[row]:
                best.setdefault(keys[place][0], float(scores[row, place]) / scale)
            found.append(list(best.items())[:KEPT])
    return found


def _entity(profile: Profile, trial: str) -> Entity:
    """Name an entity anew for each trial: the peer remembers names by the id."""
    return Entity(
        id=f"{trial}-{profile.entity_id}",
        schema=profile.schema,
        properties={prop: tuple(values) for prop, values in profile.properties.items()},
    )
