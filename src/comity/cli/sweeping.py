"""`comity law sweep` and `law keep`: what the law says otherwise of than it did."""

import typer

from comity.cli.client import OpenNode
from comity.cli.command import Command, Given, add_command, argument, option
from comity.cli.say import Document, Said, at, listed


def add_sweeping(app: typer.Typer, *, open_node: OpenNode) -> None:
    """Add the sweep to the law's commands."""
    for command in (SWEEP, KEEP):
        add_command(app, command, open_node=open_node)


def sweep(given: Given) -> Said:
    """Ask the law again about what is here."""
    found = given.client.post("law", "sweep")
    lines = [line for each in listed(found, "findings") for line in _lines(each)]
    state = "asked about again" if at(found, "finished") else "asked about so far"
    lines.append(f"{at(found, 'seen')} {state}; nothing was recalled or erased")
    return Said(document=found, lines=lines)


def keep(given: Given) -> Said:
    """Decide that something stays as it is."""
    body: Document = {"item": given.text("item"), "reasons": given.text("reasons")}
    found = given.client.post("law", "sweep", "keep", body=body)
    return Said(document=found, lines=["kept"])


def _lines(each: Document) -> list[str]:
    what = f"{at(each, 'kind')} {at(each, 'partner')} {at(each, 'case')}"
    due = f" by {at(each, 'due')}" if at(each, "due") else ""
    verdicts = f"{at(each, 'before')} before, {at(each, 'after')} now"
    return [
        f"{at(each, 'item')}  {what}",
        f"  {verdicts}: {at(each, 'proposal')}, {at(each, 'seat')}{due}",
        *(
            f"  {'now' if rule.get('is_new') else 'was'} {at(rule, 'outcome')}:"
            f" {at(rule, 'rule')}  {at(rule, 'cite')}"
            for rule in listed(each, "rules")
        ),
    ]


SWEEP = Command(
    word="sweep",
    about="Ask the law again about what is held, waits or was disclosed; nothing moves.",
    example="comity law sweep --json",
    run=sweep,
)
KEEP = Command(
    word="keep",
    about="Decide that something stays as it is though the law now says otherwise.",
    example="comity law keep disclosed/019e830e1a007f7bb09b44db27528184"
    " --reasons 'Lives hang on it.'",
    parameters=(
        argument("item", "What, as `comity law sweep` prints it."),
        option("reasons", "--reasons", "Why; kept with the act."),
    ),
    run=keep,
)
