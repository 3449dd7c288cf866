"""Following a disclosure of the story back to its articles, as any reader of it can.

The recorded answer comes from the node's API; its question is then asked from outside, with
`comity law explain` and the law of that node's folder, and must come to the same.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from comity.core.errors import VerificationError
from comity.node.stage import Player, Stage
from comity.node.story import Caller, Json, Told


class Asks(Protocol):
    """One person's programs at one node."""

    @property
    def player(self) -> Player:
        """The node."""
        ...

    def get(self, path: str, /) -> Json:
        """Read from its API."""
        ...


def followed(stage: Stage, told: Told, *, caller: Asks | None = None) -> str:
    """Replay the question that was sent and one that was denied; return both provisions.

    Raises `VerificationError` where one comes to something else, or rests on no address.
    """
    caller = caller or Caller(stage.players["xn"], "officer")
    listed = cast("Sequence[Json]", caller.get(f"cases/{told.case}/decisions")["decisions"])
    sent = [str(each["reference"]) for each in listed if each["verdict"] == "permit"]
    if not sent:
        raise VerificationError("no permit is recorded in the case of the question")
    references = {"permit": sent[-1], "deny": str(told.denied.get("reference"))}
    return "; ".join(_followed(caller, each, word) for word, each in references.items())


def _followed(caller: Asks, reference: str, verdict: str) -> str:
    shown = caller.get(f"decisions/{reference}")
    recorded = cast("Json", shown["recorded"])["verdict"]
    again = _explained(caller.player, cast("Json", shown["question"]))
    if (recorded, again["verdict"]) != (verdict, verdict):
        raise VerificationError(f"recorded {recorded}, asked again {again['verdict']}")
    known = _rules(cast("Json", shown["decision"]), verdict)
    same = [each for name, each in _rules(again, verdict).items() if name in known]
    addressed = [each for each in same if each["url"]]
    if not addressed:
        raise VerificationError(f"nothing that says {verdict} has an address")
    return f"{verdict}: {addressed[0]['cite']}, {addressed[0]['url']}"


def _rules(decision: Json, verdict: str) -> Mapping[str, Mapping[str, str]]:
    reasons = cast("Sequence[Mapping[str, str]]", decision["reasons"])
    return {each["rule"]: each for each in reasons if each["outcome"] == verdict}


def _explained(player: Player, question: Json) -> Json:
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [
            *(sys.executable, "-m", "comity", "law", "explain", "--json"),
            *("--request", "-", "--node", str(player.folder)),
        ],
        input=json.dumps(question).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise VerificationError(f"`law explain` failed: {done.stderr.decode()[-200:]}")
    return cast("Json", json.loads(done.stdout))
