"""How the index grows: time and memory from ten thousand to 125 million people.

    python -m bench.screening_scale [--quick] [--sizes 1e6,1.25e8] [--folder DIR] [--json]
                                    [--plot FILE.svg] [--again]

Every search is fuzzy: a person drawn at random, with one slip in the longest word, made by
another hand than the vocabulary's, and the words in any order. What is measured is finding and
ranking in the segment on disk, mapped; comparing the best in full is measured by
`bench.screening`. People are synthetic: nothing here says how good answers are.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from bench.measure import cores, machine, quantile
from bench.people import SIZES, Rng, build, misspell, people
from bench.plot import curve
from bench.scale_search import Search, open_segment, resident, search

from comity.screening.index.compiled import Words
from comity.screening.index.layout import Place
from comity.screening.index.warm import warm

FULL = (10_000, 100_000, 1_000_000, 10_000_000, 125_000_000)
QUICK = FULL[:3]
SEED = 20_261_127
KINDS = ("name", "name and year")
Row = dict[str, float]


class Options(argparse.Namespace):
    """What the measure is told."""

    quick: bool
    json: bool
    again: bool
    sizes: str
    folder: Path
    plot: Path | None
    queries: int
    search: Path | None


def main() -> int:
    """Measure every size that has not been measured in this folder; print, and plot."""
    options = _options()
    if options.search:
        return _search_in_step(options.search, options.queries)
    options.folder.mkdir(parents=True, exist_ok=True)
    kept = options.folder / "scale.json"
    rows: dict[str, Row] = json.loads(kept.read_text()) if kept.exists() else {}
    compiling = _timed(warm)
    wanted = _sizes(options)
    for size in wanted:
        if options.again or str(size) not in rows:
            rows[str(size)] = _measure(size, options)
            kept.write_text(json.dumps(rows))
    chosen = [rows[str(size)] for size in wanted]
    _report(chosen, compiling, is_json=options.json)
    if options.plot:
        options.plot.write_text(curve(chosen), encoding="utf-8")
    return 0


def _options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to a million")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--again", action="store_true", help="measure again what is measured")
    parser.add_argument("--sizes", default="", help="people, with commas: 1e6,1.25e8")
    parser.add_argument("--folder", type=Path, default=Path("scale"))
    parser.add_argument("--plot", type=Path, help="draw the curve into this SVG")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(namespace=Options())


def _sizes(options: Options) -> list[int]:
    if options.sizes:
        return [int(float(each)) for each in options.sizes.split(",")]
    return list(QUICK if options.quick else FULL)


def _measure(size: int, options: Options) -> Row:
    path = options.folder / f"people-{size}.segment"
    row: Row = {"people": float(size)}
    row |= _in_a_process(size, path)
    row |= _searches(path, options.queries)
    row["two processes, searches/s"] = _two_processes(path, options.queries)
    path.unlink()
    path.with_suffix(".questions").unlink()
    return row


def _in_a_process(size: int, path: Path) -> Row:
    """Build in a process of its own, so that its memory is its own."""
    code = f"from bench.screening_scale import build_one; build_one({size}, {str(path)!r})"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE
    )
    found: Row = json.loads(done.stdout)
    return found


def build_one(size: int, path: str) -> None:
    """Draw, build and write people; print seconds and memory."""
    rng = np.random.default_rng(SEED)
    began = time.perf_counter()
    drawn = people(rng, size)
    built = time.perf_counter()
    with ThreadPoolExecutor(cores()) as pool:
        draft = build(drawn, spread=pool.map)
    filled = time.perf_counter()
    with Path(path).open("wb") as file:
        file.writelines(draft.chunks())
        file.flush()
        os.fsync(file.fileno())
    questions = [
        _question(rng, drawn.words, drawn.name_word, drawn.name_start) for _ in range(4_000)
    ]
    Path(path).with_suffix(".questions").write_text(json.dumps(questions))
    sys.stdout.write(
        json.dumps(
            {
                "drawing, s": built - began,
                "building, s": filled - built,
                "writing, s": time.perf_counter() - filled,
                "bytes a person": Path(path).stat().st_size / size,
                "bytes a person, vocabulary apart": _names_alone(draft.header.places) / size,
                "building, GiB": resident(peak=True),
            }
        )
    )


def _names_alone(places: Mapping[str, Place]) -> float:
    shared = ("word_text", "word_start", "word_class", "word_names", "key_", "voice_")
    return float(
        sum(place.length for name, place in places.items() if not name.startswith(shared))
    )


def _question(
    rng: Rng, vocabulary: Sequence[str], name_word: Words, name_start: Words
) -> tuple[int, str]:
    row = int(rng.integers(len(name_start) - 1))
    held = [vocabulary[word] for word in name_word[name_start[row] : name_start[row + 1]]]
    longest = max(range(len(held)), key=lambda place: len(held[place]))
    held[longest] = misspell(rng, held[longest])
    rng.shuffle(held)
    return row, " ".join(held)


def _searches(path: Path, count: int) -> Row:
    questions = json.loads(path.with_suffix(".questions").read_text())
    _forget_pages(path)
    began = time.perf_counter()
    opened = open_segment(path)
    row: Row = {"opening, s": time.perf_counter() - began}
    cold = search(opened, questions[3_800:4_000], with_year=True)
    row["cold pages, p50 ms"] = quantile(cold.took, 0.5) * 1e3
    row["cold pages, p99 ms"] = quantile(cold.took, 0.99) * 1e3
    _read_pages(path)
    search(opened, questions[3_000:3_800], with_year=True)
    for turn, kind in enumerate(KINDS):
        mine = questions[turn * 1_500 : turn * 1_500 + min(count, 1_500)]
        done = search(opened, mine, with_year=kind == KINDS[1])
        row |= {f"{kind}, {key}": value for key, value in _figures(done).items()}
    row["resident, GiB"] = resident()
    return row


def _figures(done: Search) -> Row:
    return {
        "mean ms": sum(done.took) / len(done.took) * 1e3,
        "p50 ms": quantile(done.took, 0.5) * 1e3,
        "p95 ms": quantile(done.took, 0.95) * 1e3,
        "p99 ms": quantile(done.took, 0.99) * 1e3,
        "CPU p99 ms": quantile(done.cpu, 0.99) * 1e3,
        "searches/s": len(done.took) / sum(done.took),
        "searches/s of CPU": len(done.cpu) / sum(done.cpu),
        "recall@1": done.first,
        "recall@10": done.ten,
        "too common": done.common,
    }


def _two_processes(path: Path, count: int) -> float:
    """Let two processes search one map at the same time; return what they do together."""
    command = [sys.executable, "-m", "bench.screening_scale", "--search", str(path)]
    command += ["--queries", str(count)]
    started = [
        subprocess.Popen(  # noqa: S603 - our own code
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for each in started:
        if each.stdout is None or each.stdout.readline() != "ready\n":
            return 0.0
    for each in started:
        if each.stdin:
            each.stdin.write("go\n")
            each.stdin.flush()
    return sum(float(each.communicate()[0]) for each in started)


def _search_in_step(path: Path, count: int) -> int:
    opened, questions = (
        open_segment(path),
        json.loads(path.with_suffix(".questions").read_text()),
    )
    search(opened, questions[3_000:3_800], with_year=True)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    search(opened, questions[:count], with_year=True)
    print(count / (time.perf_counter() - began))
    return 0


def _read_pages(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _forget_pages(path: Path) -> None:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _report(rows: Sequence[Row], compiling: float, *, is_json: bool) -> None:
    if is_json:
        print(json.dumps({"machine": machine(), "compiling, s": compiling, "rows": rows}))
        return
    print(machine())
    print(f"compiling or loading what is compiled: {compiling:.1f} s, before the first search")
    print(f"words of a name: {', '.join(f'{size} in {share:.0%}' for size, share in SIZES)}")
    for key in rows[0] if rows else ():
        print(f"{key:36}" + "".join(f"{row[key]:>14,.3f}" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
