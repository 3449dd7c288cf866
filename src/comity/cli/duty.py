"""`comity duty …`: who is on duty when, where they are woken, and the calls that stand."""

from collections.abc import Iterable

from comity.cli.command import Command, Given, argument, option
from comity.cli.say import Document, Said, at, listed, texts
from comity.core.errors import InvalidInputError


def show(given: Given) -> Said:
    """Show the duty post."""
    found = given.client.get("duty")
    return Said(document=found, lines=list(_lines(found)))


def _lines(found: Document) -> Iterable[str]:
    yield f"on duty now: {', '.join(texts(found, 'on_duty')) or 'nobody on the rota'}"
    yield f"a call wakes: {', '.join(texts(found, 'wakes')) or 'NOBODY: no seat is held'}"
    for each in listed(found, "rota"):
        rank = at(each, "rank")
        place = "on duty" if rank == "0" else f"deputy {rank}"
        yield (
            f"shift {at(each, 'shift')}  {at(each, 'person')}  {place}"
            f"  {','.join(texts(each, 'days'))}  {at(each, 'start')}-{at(each, 'end')}"
        )
    for each in listed(found, "away"):
        yield f"away {at(each, 'person')}  {at(each, 'since')} to {at(each, 'until')}"
    for each in listed(found, "gaps"):
        yield f"NOBODY from {at(each, 'since')} to {at(each, 'until')}"
    for name in ("calls", "trials"):
        for each in listed(found, name):
            yield (
                f"{name[:-1]} {at(each, 'call')}  {at(each, 'at')}  {at(each, 'state')}"
                f"  woken: {len(listed(each, 'woken'))}"
            )


def add(given: Given) -> Said:
    """Put a person on the rota."""
    rank = given.text("rank") or "0"
    if not rank.isascii() or not rank.isdigit():
        raise InvalidInputError("`--deputy` is a number: 1 for the first deputy")
    body: Document = {
        "person": given.text("person"),
        "days": given.text("days"),
        "start": given.text("start"),
        "end": given.text("end"),
        "rank": int(rank),
        "until": given.text("until") or None,
    }
    found = given.client.post("duty", "shifts", body=body)
    return Said(document=found, lines=[at(found, "made")])


def end(given: Given) -> Said:
    """Take a shift off the rota."""
    body: Document = {"shift": given.text("shift")}
    return Said(document=given.client.post("duty", "shifts", "end", body=body), lines=["ended"])


def away(given: Given) -> Said:
    """Say when a person is away, or take it back."""
    until = given.text("until")
    body: Document = {
        "person": given.text("person"),
        "since": given.text("since"),
        "until": until or None,
    }
    words = "away" if until else "taken back"
    return Said(document=given.client.post("duty", "away", body=body), lines=[words])


def reach(given: Given) -> Said:
    """Say where a person is woken."""
    body: Document = {"person": given.text("person"), "address": given.text("address")}
    return Said(document=given.client.post("duty", "reach", body=body), lines=["kept"])


def answer(given: Given) -> Said:
    """Say that one has heard a call."""
    body: Document = {"call": given.text("call")}
    return Said(document=given.client.post("duty", "answer", body=body), lines=["heard"])


def trial(given: Given) -> Said:
    """Make a trial call now."""
    found = given.client.post("duty", "trial")
    return Said(document=found, lines=[at(found, "made")])


_PERSON = argument("person", "The person's id.")
DUTY = (
    Command(
        word="show",
        about="Show who is on duty, whom a call would wake, gaps, calls and trials.",
        example="comity duty show",
        run=show,
    ),
    Command(
        word="add",
        about="Put a person on the rota: hours on the wall, every week.",
        example="comity duty add xn.police/7f3a0011 mon-fri 22:00 06:00 --deputy 1",
        parameters=(
            _PERSON,
            argument("days", "mon-fri, sat,sun, mon-sun."),
            argument("start", "08:00"),
            argument("end", "16:00; at or before the start it is on the next day."),
            option("rank", "--deputy", "1 for the first deputy; without it, on duty."),
            option("until", "--until", "When the shift ends for good: 2027-01-01T00:00:00Z."),
        ),
        run=add,
    ),
    Command(
        word="end",
        about="Take a shift off the rota.",
        example="comity duty end 00112233aabbccdd",
        parameters=(argument("shift", "The shift, as `comity duty show` prints it."),),
        run=end,
    ),
    Command(
        word="away",
        about="Say when a person is away; without --until that is taken back.",
        example="comity duty away xn.police/7f3a0011 2026-12-24T08:00:00Z"
        " --until 2026-12-27T08:00:00Z",
        parameters=(
            _PERSON,
            argument("since", "2026-12-24T08:00:00Z"),
            option("until", "--until", "2026-12-27T08:00:00Z"),
        ),
        run=away,
    ),
    Command(
        word="reach",
        about="Say where a person is woken; an empty address forgets it.",
        example="comity duty reach xn.police/7f3a0011 +3531234567",
        parameters=(_PERSON, argument("address", "A number or a mail address.")),
        run=reach,
    ),
    Command(
        word="answer",
        about="Say that you have heard a call and are looking.",
        example="comity duty answer 019e830e1a007f7bb09b44db27528184",
        parameters=(argument("call", "The call, as `comity duty show` prints it."),),
        run=answer,
    ),
    Command(
        word="trial",
        about="Make a trial call now, beside the monthly one.",
        example="comity duty trial",
        run=trial,
    ),
)
