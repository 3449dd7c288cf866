"""The peers: nomenklatura's logic-v2, logic-v1 and name-based, asked over a pipe.

    python -m bench.quality.peers [--split tune]

Their environment is their own, because it needs PyICU, which has no wheel and is built from
source: once `apt-get install -y g++ pkg-config libicu-dev`, then
`python -m bench.quality.peers --make`. It lies in `.quality_cache/peer`, or in the folder named
by `--environment`.
"""

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from bench.quality.evaluate import Judged, errors, report
from bench.quality.pairs import CACHE, Entity, Pair, load
from bench.quality.splits import SPLITS, Split

RELEASE = "nomenklatura==4.17.4"
ALGORITHMS = ("logic-v2", "logic-v1", "name-based")
HOME = CACHE / "peer"
_SCRIPT = Path(__file__).with_name("peer_logic.py")
_AT_ONCE = 500
_HOW = (
    f"{RELEASE} is not in `{{}}`: PyICU is built from source, so once run `apt-get install -y "
    "g++ pkg-config libicu-dev`, then `python -m bench.quality.peers --make`"
)


class PeerMissingError(Exception):
    """The peer cannot be had here; the text says how to get it."""


class Answer(msgspec.Struct, frozen=True):
    """What the peer answers to one job."""

    scores: tuple[float, ...] = ()
    seconds: float = 0.0
    names: tuple[str, ...] = ()
    error: str = ""


class Peer:
    """A running peer; leave it by `with`."""

    def __init__(self, environment: Path = HOME) -> None:
        """Start it; raises `PeerMissingError` where it cannot run."""
        self._process = subprocess.Popen(  # noqa: S603 - our own script in the environment named
            [_python(environment), str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.versions = msgspec.json.decode(self._line(), type=dict[str, str])
        except PeerMissingError:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Stay until the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process and the pipes to it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait(10)

    def score(self, algorithm: str, pairs: Sequence[tuple[Entity, Entity]]) -> Answer:
        """Score pairs and say how many seconds of a core it took."""
        return self._ask({"algorithm": algorithm, "pairs": pairs})

    def _ask(self, job: object) -> Answer:
        if self._process.stdin is None:
            raise PeerMissingError("the peer has no standard input")
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        self._process.stdin.flush()
        answer = msgspec.json.decode(self._line(), type=Answer)
        if answer.error:
            raise PeerMissingError(answer.error)
        return answer

    def judge(self, algorithm: str, pairs: Sequence[Pair]) -> tuple[Judged, float]:
        """Score labelled pairs; return them with the seconds a pair took."""
        scores, seconds = self.score_all(
            algorithm, [(pair.query, pair.candidate) for pair in pairs]
        )
        return list(zip(pairs, scores, strict=True)), seconds / len(pairs)

    def score_all(
        self, algorithm: str, pairs: Sequence[tuple[Entity, Entity]]
    ) -> tuple[list[float], float]:
        """Score any number of pairs, the peer's tables loaded before the clock runs."""
        scores, seconds = list[float](), 0.0
        self.score(algorithm, pairs[:1])
        for start in range(0, len(pairs), _AT_ONCE):
            answer = self.score(algorithm, pairs[start : start + _AT_ONCE])
            scores += answer.scores
            seconds += answer.seconds
        return scores, seconds

    def latin(self, names: Sequence[str]) -> tuple[str, ...]:
        """Write names in Latin letters as the peer does."""
        return self._ask({"latin": names}).names

    def _line(self) -> bytes:
        if self._process.stdout is None or not (line := self._process.stdout.readline()):
            raise PeerMissingError("the peer ended without an answer")
        return line


def judged(peer: Peer, algorithm: str, pairs: Sequence[Pair]) -> tuple[Judged, float]:
    """Return pairs judged by the peer, kept beside them so that it is asked once."""
    file = CACHE / f"{algorithm}-{RELEASE}-{pairs_edition(pairs)}.json"
    if file.is_file():
        kept = msgspec.json.decode(file.read_bytes(), type=Answer)
        return list(zip(pairs, kept.scores, strict=True)), kept.seconds
    found, seconds = peer.judge(algorithm, pairs)
    answer = Answer(scores=tuple(score for _, score in found), seconds=seconds)
    file.write_bytes(msgspec.json.encode(answer))
    return found, seconds


def pairs_edition(pairs: Sequence[Pair]) -> str:
    """Return a digest of pairs, so that scores are never read for others."""
    told = hashlib.blake2b(msgspec.json.encode(pairs), digest_size=6)
    return told.hexdigest()


def _python(environment: Path) -> str:
    python = environment / "bin" / "python"
    if not python.is_file():
        raise PeerMissingError(_HOW.format(environment))
    return str(python)


def make(environment: Path) -> None:
    """Install the peer; it needs the network and some minutes."""
    uv = ("uv", "venv", "--quiet", str(environment))
    pip = ("uv", "pip", "install", "--quiet", "--python", str(environment), RELEASE)
    try:
        for command in (uv, pip):
            subprocess.run(command, check=True)  # noqa: S603 - fixed words and a folder
    except (OSError, subprocess.CalledProcessError) as error:
        raise PeerMissingError(_HOW.format(environment)) from error


class _Options(argparse.Namespace):
    split: Split
    environment: Path
    kinds: bool
    make: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a split by every algorithm and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=SPLITS, default="tune")
    parser.add_argument("--environment", type=Path, default=HOME)
    parser.add_argument("--kinds", action="store_true", help="errors by script and by kind")
    parser.add_argument("--make", action="store_true", help="install the peers first")
    options = parser.parse_args(arguments, namespace=_Options())
    if options.make:
        make(options.environment)
    with Peer(options.environment) as peer:
        for algorithm in ALGORITHMS:
            found, seconds = judged(peer, algorithm, load(options.split))
            print(f"{algorithm} on {options.split}: {seconds * 1e6:.0f} us a pair")
            lines = report(found)
            if options.kinds:
                lines += errors(found, lambda pair: pair.script, 0.7)
                lines += errors(found, lambda pair: pair.kind, 0.7)
            for line in lines:
                print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
