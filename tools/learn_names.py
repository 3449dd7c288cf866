"""Learn how names are written in Latin letters; measure it on names held out.

    uv run python -m tools.learn_names               write the models that ship
    uv run python -m tools.learn_names --measure     measure on names held out
    uv run python -m tools.learn_names arabic hebrew of these alone
    uv run python -m tools.learn_names --check arabic      fail unless the same file comes out

Nothing is drawn by chance: the same data give the same files, byte for byte.
"""

import argparse
import gzip
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unicodedata import normalize

from rapidfuzz.distance import OSA, JaroWinkler
from tools.name_learning import confusion, frequency
from tools.name_learning.corpora import CORPORA, Corpus, Pair, is_held_out, pairs
from tools.name_learning.measure import Recall, recall
from tools.name_learning.pieces import Size, clean, model, text

from comity.screening.names import transducer
from comity.screening.names.alike import features
from comity.screening.names.learned import blended
from comity.screening.names.letters import ruled

OUT = Path(__file__).parents[1] / "src" / "comity" / "screening" / "names" / "data"
DATE = "2026-11-27"
_MEASURED = 1_200


def head(corpus: Corpus) -> dict[str, str]:
    """Return what a model says of itself."""
    return {
        "source": ", ".join(f"bench/data/translit/{file}.tsv.xz" for file in corpus.files),
        "licence": "MIT" if corpus.name == "kanji" else "CC0",
        "script": corpus.script,
        "date": DATE,
        "version": "1",
        "made by": f"tools/learn_names.py {corpus.name}",
    }


def learn(corpus: Corpus, known: Sequence[Pair]) -> transducer.Transducer:
    """Learn the model of one script."""
    return model(clean(known, corpus), corpus, Size())


def packed(corpus: Corpus) -> bytes:
    """Return the file that ships."""
    lines = text(learn(corpus, pairs(corpus)), head(corpus))
    return gzip.compress(lines.encode(), 9, mtime=0)


def measure(corpus: Corpus) -> tuple[Recall, Recall]:
    """Return recall by rules alone and by the model learned without the held-out names."""
    known = pairs(corpus)
    held = [pair for pair in known if is_held_out(pair.latin)]
    held = held[:: max(1, len(held) // _MEASURED)]
    made = learn(corpus, [pair for pair in known if not is_held_out(pair.latin)])
    return (
        recall(held, lambda word: ruled(word, corpus.script)),
        recall(held, lambda word: _read(word, corpus, made)),
    )


def _read(word: str, corpus: Corpus, made: transducer.Transducer) -> Sequence[str]:
    """Read as the product does, Han by the model alone."""
    if corpus.script == "han":
        return made.read(word, {})
    return blended(normalize("NFC", word), corpus.script, made)


def _shown(name: str, found: Recall) -> str:
    shares = (found.first, found.any, found.first_skeleton, found.any_skeleton)
    return f"{name:<20}{found.rows:>7}" + "".join(f"{share:>9.3f}" for share in shares)


def _head_of(name: str) -> dict[str, str]:
    return {
        "source": "bench/data (Wikidata; synthetic people), OFAC SDN list of 2021",
        "licence": "CC0, MIT, public domain",
        "date": DATE,
        "version": "1",
        "made by": f"tools/learn_names.py {name}",
    }


def _written(name: str, lines: str) -> int:
    made = lines.encode()
    if name.endswith(".gz"):
        made = gzip.compress(made, 9, mtime=0)
    (OUT / name).write_bytes(made)
    print(f"{name}: {len(made)} bytes")
    return 0


def _judge(weights: Mapping[str, float]) -> Callable[[str, str], float]:
    def judge(one: str, other: str) -> float:
        return sum(weights.get(name, 0.0) * value for name, value in features(one, other))

    return judge


def _alike(is_measured: bool) -> int:  # noqa: FBT001 - as the option was given
    """Learn which spellings are one name; measure on pairs with a form that is held out."""
    known = confusion.labelled()
    if not is_measured:
        fitted = confusion.weights(known)
        odd = confusion.exceptions(known, _judge(fitted))
        _written("pairs.tsv.gz", confusion.listed(odd, _head_of("alike")))
        return _written("alike.tsv", confusion.text(fitted, _head_of("alike")))
    kept, held = confusion.parted(known)
    learned = _judge(confusion.weights(kept))

    def plain(one: str, other: str) -> float:
        return JaroWinkler.similarity(one, other) + OSA.normalized_similarity(one, other)

    print(f"pairs {len(held)} learned {confusion.area(learned, held):.3f}")
    print(f"Jaro-Winkler and edits {confusion.area(plain, held):.3f}")
    return 0


def main(argv: Sequence[str]) -> int:
    """Write, measure or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="scripts; all where none is named")
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(argv)
    if asked.names == ["frequency"]:
        found = frequency.counts()
        return _written("frequency.tsv.gz", frequency.text(found, _head_of("frequency")))
    if asked.names == ["alike"]:
        return _alike(asked.measure)
    chosen = [each for each in CORPORA if not asked.names or each.name in asked.names]
    if asked.measure:
        return _measured(chosen)
    return max([_made(corpus, is_check=asked.check) for corpus in chosen], default=0)


def _measured(chosen: Sequence[Corpus]) -> int:
    print(f"{'':<20}{'rows':>7}{'first':>9}{'of 8':>9}{'skel.':>9}{'of 8':>9}")
    for corpus in chosen:
        by_rules, by_model = measure(corpus)
        print(_shown(f"{corpus.name} rules", by_rules))
        print(_shown(f"{corpus.name} learned", by_model), flush=True)
    return 0


def _made(corpus: Corpus, *, is_check: bool) -> int:
    file = OUT / f"model_{corpus.name}.tsv.gz"
    made = packed(corpus)
    if is_check:
        same = file.read_bytes() == made
        print(f"{file.name}: {'same' if same else 'other'}", flush=True)
        return 0 if same else 1
    file.write_bytes(made)
    print(f"{file.name}: {len(made)} bytes", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
