"""`comity door …`: close this member's own door to a partner; two persons open it again."""

from comity.cli.command import Command, Given, argument, option, switch
from comity.cli.say import Document, Said, at, listed


def list_doors(given: Given) -> Said:
    """List closed doors, ours and those closed to us."""
    found = given.client.get("doors")
    ours = [
        f"closed to {at(each, 'partner')}  {_purpose(each)}  since {at(each, 'at')}"
        f"{'  warnings too' if each.get('warnings') else ''}"
        f"  waiting here: {at(each, 'held_back')} messages, {at(each, 'undecided')} undecided"
        f"{'  one of two persons has opened it' if at(each, 'opened_by') else ''}"
        for each in listed(found, "doors")
    ]
    theirs = [
        f"{at(each, 'partner')} closed its door to us  {_purpose(each)}"
        f"  waiting: {at(each, 'waiting')}, the oldest since {at(each, 'since')}"
        for each in listed(found, "closed_to_us")
    ]
    return Said(document=found, lines=[*ours, *theirs] or ["every door is open"])


def close(given: Given) -> Said:
    """Close the door, alone and at once."""
    body: Document = {
        "partner": given.text("partner"),
        "purpose": given.text("purpose"),
        "warnings": bool(given.values.get("warnings")),
        "reasons": given.text("reasons"),
    }
    return Said(document=given.client.post("doors", "close", body=body), lines=["closed"])


def open_again(given: Given) -> Said:
    """Open the door: the first person asks, the second opens."""
    body: Document = {"partner": given.text("partner"), "purpose": given.text("purpose")}
    found = given.client.post("doors", "open", body=body)
    words = "open" if found.get("is_open") else "asked: another person must open it as well"
    return Said(document=found, lines=[words])


def _purpose(each: Document) -> str:
    return at(each, "purpose") or "every purpose"


_PARTNER = (
    argument("partner", "The agency (xa.border), or a whole member (xa)."),
    option("purpose", "--purpose", "For one purpose; without it, for all."),
)
DOOR = (
    Command(
        word="list",
        about="List the doors this member closed, and those closed to it.",
        example="comity door list",
        run=list_doors,
    ),
    Command(
        word="close",
        about="Close this member's door to a partner, alone and at once.",
        example="comity door close xa.border --purpose counter-terrorism",
        parameters=(
            *_PARTNER,
            switch("warnings", "--warnings", "Not even warnings of danger to life pass."),
            option("reasons", "--reasons", "Why; kept encrypted with the act."),
        ),
        run=close,
    ),
    Command(
        word="open",
        about="Open a closed door: two persons, each with this command.",
        example="comity door open xa.border --purpose counter-terrorism",
        parameters=_PARTNER,
        run=open_again,
    ),
)
