"""`comity demo`: a network of fictional states on this machine, ready to be looked at."""

import json
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from comity.core.errors import InvalidInputError
from comity.node.claims import Claim
from comity.node.demonstration import Demonstration
from comity.node.stage import Player, Stage


def demo(
    nodes: Annotated[
        int, typer.Option(help="Member states, 4 to 12: the story needs four.")
    ] = 4,
    port: Annotated[int, typer.Option(help="First port; two for each node.")] = 8700,
    data: Annotated[
        Path | None, typer.Option(help="Folder to use; else a temporary one.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the folder.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Replay and verify, then end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Start a network of fictional states, replay a short story, and stay up until Ctrl-C."""
    if not 4 <= nodes <= 12:  # noqa: PLR2004 - whom the story asks, what the stage has states for
        raise InvalidInputError(
            f"--nodes goes from 4 to 12 (the story needs four states), got {nodes}"
        )
    folder = data or Path(tempfile.mkdtemp(prefix="comity-demo-"))
    shown = Demonstration(folder, nodes=nodes, port=port, keep=keep or data is not None)
    shown.say = _tell if not as_json or check else _quiet
    if check:
        raise typer.Exit(_check(shown, as_json))
    stage = shown.start()
    try:
        _print(stage, as_json)
        if not no_browser and sys.stdout.isatty():
            webbrowser.open(stage.players["xn"].sign_in["officer"])
        shown.stay()
    finally:
        shown.end()


def _check(shown: Demonstration, as_json: bool) -> int:  # noqa: FBT001 - typer's flag
    claims = shown.check(_quiet_claim if as_json else _line)
    held = sum(claim.holds for claim in claims)
    is_ok = held == len(claims)
    if as_json:
        said = {
            "ok": is_ok,
            "claims": [
                {
                    "id": claim.id,
                    "claim": claim.claim,
                    "holds": claim.holds,
                    "evidence": claim.evidence,
                }
                for claim in claims
            ],
        }
        sys.stdout.write(json.dumps(said) + "\n")
    elif is_ok:
        sys.stdout.write(f"ok: {held} claims hold\n")
    else:
        sys.stdout.write(f"not ok: {len(claims) - held} of {len(claims)} claims do not hold\n")
    return 0 if is_ok else 1


def _print(stage: Stage, as_json: bool) -> None:  # noqa: FBT001 - typer's flag
    rows = {code: _row(player) for code, player in stage.players.items()}
    if as_json:
        states = [row for code, row in rows.items() if not code.startswith("org-")]
        said = {
            "nodes": states,
            "oversight": rows["org-oversight"],
            "monitor": rows["org-monitor"],
        }
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        return
    sys.stdout.write("\nThe network is up. Sign in (each link works once):\n\n")
    for player in stage.players.values():
        sys.stdout.write(f"  {player.config.name}\n")
        for seat, link in player.sign_in.items():
            sys.stdout.write(f"    {seat:<12} {link}\n")
    sys.stdout.write(
        "\nFictional states and invented findings; the lists are public and for demonstration."
        "\nMaster keys lie beside the data. Ctrl-C ends everything.\n"
    )
    sys.stdout.flush()


def _row(player: Player) -> dict[str, object]:
    return {
        "name": player.config.name,
        "member": player.config.member,
        "url": player.config.console,
        "dir": str(player.folder),
        "sign_in": player.sign_in,
    }


def _tell(words: str) -> None:
    sys.stderr.write(f"  {words}\n")


def _quiet(_words: str) -> None:
    return


def _quiet_claim(_claim: Claim) -> None:
    return


def _line(claim: Claim) -> None:
    mark = "holds " if claim.holds else "FAILS "
    sys.stdout.write(f"{mark} {claim.claim}: {claim.evidence}\n")
    sys.stdout.flush()
