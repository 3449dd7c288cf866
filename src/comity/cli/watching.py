"""`comity watch …`: questions kept for a time because their asker requested it."""

from comity.cli.command import Command, Given, argument, option
from comity.cli.say import Document, Said, at, listed, within

_NONE = (
    "no watch lives here: one begins only where an ask requests it (`watch_days`),"
    " our law permits it and an officer starts it with `comity watch start CASE`"
)


def list_watches(given: Given) -> Said:
    """List the living watches."""
    found = given.client.get("watches")
    lines = [_line(each) for each in listed(found, "watches")]
    return Said(
        document=found,
        lines=lines or [_NONE],
    )


def show(given: Given) -> Said:
    """Show what was requested in a case."""
    return _requested(given.client.get("cases", given.text("case"), "watch"))


def start(given: Given) -> Said:
    """Keep the question of a case as a watch."""
    return _requested(given.client.post("cases", given.text("case"), "watch", "start"))


def renew(given: Given) -> Said:
    """Keep a watch on."""
    body: Document = {"reason": given.needed("reason", "--reason")}
    case = given.text("case")
    return _requested(given.client.post("cases", case, "watch", "renew", body=body))


def decline(given: Given) -> Said:
    """Keep no watch."""
    found = given.client.post("cases", given.text("case"), "watch", "decline")
    return Said(document=found, lines=["no watch is kept; its asker is told so"])


def end(given: Given) -> Said:
    """End a watch."""
    found = given.client.post("cases", given.text("case"), "watch", "end")
    return Said(document=found, lines=["ended, and what it looked for is destroyed"])


def found(given: Given) -> Said:
    """List who came in."""
    told = given.client.post("cases", given.text("case"), "watch", "found")
    lines = [
        f"{at(each, 'entity')}  {at(each, 'name')}  {at(each, 'dataset')}"
        for each in listed(told, "candidates")
    ]
    return Said(document=told, lines=lines or ["nobody came in who may be asked for"])


def _line(each: Document) -> str:
    renewed = f"  renewed {at(each, 'renewals')} times" if each.get("renewals") else ""
    return (
        f"{at(each, 'until')}  {at(each, 'case')}  {at(each, 'asker')}"
        f"  {at(each, 'purpose')}  started {at(each, 'started')} by {at(each, 'started_by')}"
        f"{renewed}"
    )


def _requested(told: Document) -> Said:
    lines = [
        f"{at(told, 'asker')} requested {at(told, 'days')} days: "
        + (at(told, "reason") or "open the message that says why first"),
        f"our law: {at(told, 'verdict')}",
        *(
            f"  {at(each, 'outcome')}  {at(each, 'rule')}  {at(each, 'cite')}"
            for each in listed(told, "reasons")
        ),
    ]
    if told.get("watch"):
        lines.append(f"kept until {at(within(told, 'watch'), 'until')}")
    else:
        lines.append("it has ended" if told.get("has_ended") else "no watch is kept")
    return Said(document=told, lines=lines)


_CASE = argument("case", "The case's reference.")
WATCH = (
    Command(
        word="list",
        about="List the living watches without what they look for.",
        example="comity watch list",
        run=list_watches,
    ),
    Command(
        word="show",
        about="Show what the asker of a case requested, and what our law says of it.",
        example="comity watch show 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=show,
    ),
    Command(
        word="start",
        about="Keep the question of a case as its asker requested, where our law permits it.",
        example="comity watch start 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=start,
    ),
    Command(
        word="renew",
        about="Keep a watch on for a reason, once its asker has requested it anew.",
        example="comity watch renew 2026-2d3400e7b6 --reason 'The journey was put off.'",
        parameters=(_CASE, option("reason", "--reason", "Why it is kept on.")),
        run=renew,
    ),
    Command(
        word="decline",
        about="Keep no watch, or not anew; its asker is told so.",
        example="comity watch decline 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=decline,
    ),
    Command(
        word="end",
        about="End the watch of a case; what it looked for is destroyed at once.",
        example="comity watch end 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=end,
    ),
    Command(
        word="found",
        about="List who came in and may be asked for, to be judged; the look is logged.",
        example="comity watch found 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=found,
    ),
)
