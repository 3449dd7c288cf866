"""Candidates at the command line: search, compare, judge."""

from comity.cli.command import Given
from comity.cli.say import Document, Said, at, listed
from comity.cli.subject import properties_of, subjects_of
from comity.core.errors import InvalidInputError


def screen(given: Given) -> Said:
    """Search for candidates; the look-up is in the ledger."""
    case = given.needed("case", "--case")
    asked: Document = {
        "schema": given.text("schema"),
        "properties": properties_of(given, [given.text("name")]),
    }
    found = given.client.post("cases", case, "search", body=asked)
    lines = [
        f"{at(each, 'entity')}  {at(each, 'name')}  {at(each, 'dataset')}"
        f" {at(each, 'edition')} ({at(each, 'edition_age') or '?'} days old)"
        f"{'  contested' if each.get('is_contested') else ''}  {at(each, 'view')}".rstrip()
        for each in listed(found, "candidates")
    ]
    none = "nothing that can be shown for this case; that is not: nothing is held"
    return Said(document=found, lines=lines or [none])


def compare(given: Given) -> Said:
    """Lay a candidate beside what was asked."""
    path = ("cases", given.text("case"), "candidates", given.text("entity"), "compare")
    return _compared(given.client.post(*path, body=_asked(given)))


def judge(given: Given) -> Said:
    """Record a view on a candidate: the first one before, the final one after the score."""
    path = ("cases", given.text("case"), "candidates", given.text("entity"))
    asked = _asked(given)
    shown = given.client.post(*path, "compare", body=asked)
    said: Document = {
        **asked,
        "seen": at(shown, "seen"),
        "view": given.needed("view", "--view"),
        "reason": given.needed("reason", "--reason"),
    }
    if given.values["final"]:
        found = given.client.post(*path, "final-view", body=said)
        return Said(document=found, lines=[f"all final views together: {at(found, 'verdict')}"])
    return _compared(given.client.post(*path, "first-view", body=said))


def _compared(found: Document) -> Said:
    score = at(found, "score")
    lines = [
        f"{at(each, 'prop')}: asked {at(each, 'asked')} | held {at(each, 'held') or '-'}"
        f" | {at(each, 'outcome')} ({at(each, 'how')})"
        for each in listed(found, "evidence")
    ]
    last = (
        f"score {score} ({at(found, 'band')})" if score else "no score before your first view"
    )
    return Said(document=found, lines=[*lines, last])


def _asked(given: Given) -> Document:
    subjects = subjects_of(given)
    if len(subjects) != 1:
        raise InvalidInputError("name who is asked for: `--name …`, or `--subject FILE.json`")
    return {name: subjects[0].get(name) for name in ("schema", "properties")}
