"""`comity review …`, `assurance …`, `tearline …`: what is kept on terms."""

from comity.cli.command import Command, Given, argument, option, repeated
from comity.cli.say import Document, Said, at, listed
from comity.core.errors import InvalidInputError


def list_reviews(given: Given) -> Said:
    """List what is to be looked at again."""
    found = given.client.get("reviews")
    lines = [
        f"{at(each, 'erase_by')}  {at(each, 'sort')}  {at(each, 'subject')}"
        f"  {at(each, 'regime')}"
        for each in listed(found, "reviews")
    ]
    return Said(document=found, lines=lines or ["nothing is due: silence erases"])


def keep(given: Given) -> Said:
    """Keep one thing longer."""
    body: Document = {
        "subject": given.text("subject"),
        "until": given.needed("until", "--until"),
        "reasons": given.needed("reasons", "--reasons"),
    }
    found = given.client.post("reviews", "keep", body=body)
    return Said(document=found, lines=[f"kept until {at(found, 'erase_by')}"])


def list_assurances(given: Given) -> Said:
    """List the assurances of a case."""
    found = given.client.get("cases", given.text("case"), "assurances")
    lines = [
        f"{at(each, 'assurance')}  {at(each, 'state')}  given {at(each, 'given_on')}"
        f"  until {at(each, 'until')}{'  ended' if each.get('ended_at') else ''}"
        for each in listed(found, "assurances")
    ]
    return Said(document=found, lines=lines or ["no assurance is held"])


def state_assurance(given: Given) -> Said:
    """State that an assurance is held."""
    names = ("author", "given_on", "until", "text", "monitoring")
    body: Document = {
        "case": given.text("case"),
        "state": given.text("state"),
        **{name: given.needed(name, f"--{name.replace('_', '-')}") for name in names},
    }
    found = given.client.post("assurances", body=body)
    return Said(document=found, lines=[f"held: {at(found, 'assurance')}"])


def end_assurance(given: Given) -> Said:
    """Rely on an assurance no longer."""
    body: Document = {"assurance": given.text("assurance")}
    found = given.client.post("assurances", "end", body=body)
    return Said(document=found, lines=["ended"])


def list_tearlines(given: Given) -> Said:
    """List the tearlines made here."""
    found = given.client.get("tearlines")
    lines = [
        f"{at(each, 'at')}  {at(each, 'state')}  {at(each, 'tearline')}"
        for each in listed(found, "tearlines")
    ]
    return Said(document=found, lines=lines or ["none was made here"])


def make(given: Given) -> Said:
    """Make a lower rendition."""
    scale, _, codes = given.needed("grade", "--grade").partition(":")
    body: Document = {
        "parent": given.text("parent"),
        "entity": given.needed("entity", "--entity"),
        "schema": given.text("schema"),
        "prop": given.text("prop"),
        "text": given.needed("text", "--text"),
        "handling": given.needed("marking", "--marking"),
        "grade": {"scale": scale, "source": codes[:1], "information": codes[1:]},
        "checked": dict(_point(each) for each in given.texts("point")),
        "reasons": given.needed("reasons", "--reasons"),
    }
    found = given.client.post("tearlines", body=body)
    return Said(document=found, lines=[f"{at(found, 'state')}: {at(found, 'tearline')}"])


def confirm(given: Given) -> Said:
    """Confirm another person's tearline."""
    body: Document = {"tearline": given.text("tearline")}
    found = given.client.post("tearlines", "confirm", body=body)
    return Said(document=found, lines=[f"made: {at(found, 'tearline')}"])


def _point(typed: str) -> tuple[str, str]:
    name, _, treated = typed.partition("=")
    if not treated:
        raise InvalidInputError(f"expected a point like source=removed, got `{typed[:40]}`")
    return name, treated


REVIEW = (
    Command(
        word="list",
        about="List what is to be looked at again before it is erased.",
        example="comity review list",
        run=list_reviews,
    ),
    Command(
        word="keep",
        about="Keep one message or statement longer, for a reason; silence erases.",
        example="comity review keep 019e830e1a007f7bb09b44db27528184"
        " --until 2027-06-01T00:00:00Z --reasons 'The appeal is open.'",
        parameters=(
            argument("subject", "The id of the message or statement."),
            option("until", "--until", "Until when, one more period at most."),
            option("reasons", "--reasons", "Why this one is still needed."),
        ),
        run=keep,
    ),
)
_CASE = argument("case", "The case's reference.")
ASSURANCE = (
    Command(
        word="list",
        about="List the assurances against the death penalty held for a case.",
        example="comity assurance list 2026-2d3400e7b6",
        parameters=(_CASE,),
        run=list_assurances,
    ),
    Command(
        word="state",
        about="State that a state's written assurance is held, as legal adviser.",
        example="comity assurance state 2026-2d3400e7b6 xa --author 'Ministry of Justice'"
        " --given-on 2026-11-20 --until 2027-11-20T00:00:00Z --text 'No sentence …'"
        " --monitoring 'The consul attends every hearing.'",
        parameters=(
            _CASE,
            argument("state", "The member that gave it."),
            option("author", "--author", "The authority that signed it."),
            option("given_on", "--given-on", "The day written on it."),
            option("until", "--until", "Until when it is relied on."),
            option("text", "--text", "What it says."),
            option("monitoring", "--monitoring", "Who watches that it is kept, and how."),
        ),
        run=state_assurance,
    ),
    Command(
        word="end",
        about="Rely on an assurance no longer.",
        example="comity assurance end 2f6c",
        parameters=(argument("assurance", "Its id, as `list` prints it."),),
        run=end_assurance,
    ),
)
TEARLINE = (
    Command(
        word="list",
        about="List the lower renditions made here; their parents are not named.",
        example="comity tearline list",
        run=list_tearlines,
    ),
    Command(
        word="make",
        about="Make a lower rendition of a message or statement, as releasing officer.",
        example="comity tearline make 019e830e1a007f7bb09b44db27528184 --entity tear-1"
        " --text 'She travelled by sea.' --marking 'TLP:GREEN REL:xc' --grade europol-4x4:X3"
        " --point source=removed --point method=removed --point precision=generalised"
        " --point other-persons=absent --point third-party=absent --point wording=removed"
        " --reasons 'The border post may not read the whole.'",
        parameters=(
            argument("parent", "The id of what it is made from; it is not told to anybody."),
            option("entity", "--entity", "The entity it is kept under."),
            option("schema", "--schema", "That entity's schema.", default="Person"),
            option("prop", "--prop", "The property it is a value of.", default="notes"),
            option("text", "--text", "What it says, in its own words."),
            option("marking", "--marking", "Its own marking."),
            option("grade", "--grade", "Its own grade, as SCALE:CODES."),
            repeated("point", "--point", "POINT=absent|removed|generalised|kept, for each."),
            option("reasons", "--reasons", "Why it is needed."),
        ),
        run=make,
    ),
    Command(
        word="confirm",
        about="Confirm another person's tearline.",
        example="comity tearline confirm 0f0f",
        parameters=(argument("tearline", "Its id, as `list` prints it."),),
        run=confirm,
    ),
)
