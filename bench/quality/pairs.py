"""Labelled pairs of names: made, written as JSON lines, and read back as what screening takes.

    python -m bench.quality.pairs --out DIR

writes `fit.jsonl`, `tune.jsonl` and `held-out.jsonl`; a line is
`{"id", "query", "candidate", "is_match", "kind", "script", "split"}`, where query and candidate
are FollowTheMoney entities. Made the same on every machine.
"""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import msgspec
from bench.quality.dice import Dice
from bench.quality.drafts import Draft, Side, with_facts
from bench.quality.other import near
from bench.quality.other import people as other_people
from bench.quality.other import scripts as other_scripts
from bench.quality.other import things as other_things
from bench.quality.pool import Pool, pool
from bench.quality.same import people, scripts, things
from bench.quality.sources import script_of
from bench.quality.splits import SPLITS, Split

from comity.core.ids import EntityId
from comity.screening import Profile, Query

KINDS = (
    people.KINDS
    | scripts.KINDS
    | things.KINDS
    | near.KINDS
    | other_people.KINDS
    | other_scripts.KINDS
    | other_things.KINDS
)
_SHARE: dict[Split, float] = {"fit": 1.0, "tune": 0.4, "held-out": 0.6}
CACHE = Path(".quality_cache")


class Entity(msgspec.Struct, frozen=True):
    """A FollowTheMoney entity."""

    id: str
    schema: str
    properties: dict[str, tuple[str, ...]]


class Pair(msgspec.Struct, frozen=True):
    """Two entities, and whether they are one and the same."""

    id: str
    query: Entity
    candidate: Entity
    is_match: bool
    kind: str
    script: str
    """Scripts of the asked and the held name, `arabic-latin`; one word where they are one."""
    split: Split

    @property
    def is_names_only(self) -> bool:
        """Tell whether nothing but names is known on either side."""
        return set(self.query.properties) | set(self.candidate.properties) == {"name"}

    def asked(self) -> Query:
        """Return the query as screening takes it."""
        return Query(schema=self.query.schema, properties=self.query.properties)

    def held(self) -> Profile:
        """Return the candidate as screening holds it."""
        return Profile(
            entity_id=EntityId(self.candidate.id),
            dataset="bench",
            schema=self.candidate.schema,
            properties=self.candidate.properties,
        )


@cache
def load(split: Split, folder: Path = CACHE) -> tuple[Pair, ...]:
    """Return the pairs of a split, from the folder where they have been written before."""
    file = folder / f"{split}-{edition()}.jsonl"
    if not file.is_file():
        write(split, file)
    decoder = msgspec.json.Decoder(Pair)
    return tuple(decoder.decode_lines(file.read_bytes()))


def write(split: Split, file: Path) -> tuple[Pair, ...]:
    """Make the pairs of a split and write them."""
    made = tuple(make(split))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.Encoder().encode_lines(made))
    return made


def make(split: Split) -> Iterator[Pair]:
    """Make the pairs of a split, kind by kind."""
    entries, known = pool(split), set[tuple[str, ...]]()
    for kind, (count, maker) in KINDS.items():
        wanted = round(count * _SHARE[split])
        yield from islice(_distinct(kind, maker(entries), entries, known), wanted)


def edition() -> str:
    """Return a digest of everything the pairs are made by."""
    folder, told = Path(__file__).parent, hashlib.blake2b(digest_size=6)
    for file in sorted(folder.rglob("*.py")):
        if file.parent != folder or file.stem in _MAKERS:
            told.update(file.read_bytes())
    return told.hexdigest()


_MAKERS = ("dice", "drafts", "likeness", "pairs", "pool", "sources", "splits", "translit")


def _distinct(
    kind: str, drafts: Iterator[Draft], entries: Pool, known: set[tuple[str, ...]]
) -> Iterator[Pair]:
    for place, draft in enumerate(drafts):
        key = (*draft.query.names, "|", *draft.candidate.names)
        if key not in known and all(len(name) < 400 for name in key):
            known.add(key)
            name = f"{entries.split}-{kind}-{place}"
            asked, held = with_facts(draft, Dice("facts", name, *key))
            yield Pair(
                id=name,
                query=_entity(f"{name}-asked", asked),
                candidate=_entity(f"{name}-held", held),
                is_match=draft.is_match,
                kind=draft.kind,
                script=_scripts(asked.names[0], held.names[0]),
                split=entries.split,
            )


def _entity(name: str, side: Side) -> Entity:
    facts = {prop: values for prop, values in side.facts.items() if values}
    return Entity(id=name, schema=side.schema, properties={"name": side.names, **facts})


def _scripts(one: str, other: str) -> str:
    found = (script_of(one), script_of(other))
    return found[0] if found[0] == found[1] else "-".join(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all splits and say what they hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    folder: Path = parser.parse_args(arguments, namespace=_Options()).out
    for split in SPLITS:
        made = write(split, folder / f"{split}.jsonl")
        same = sum(pair.is_match for pair in made)
        print(f"{split}: {len(made)} pairs, {same} of them one and the same")
        for kind, count in sorted(Counter(pair.kind for pair in made).items()):
            print(f"  {kind}: {count}")
    return 0


class _Options(argparse.Namespace):
    out: Path


if __name__ == "__main__":
    sys.exit(main())
