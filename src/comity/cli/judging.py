"""Candidates at the command line: search, compare, judge."""

from collections.abc import Mapping

from comity.cli.command import Given
from comity.cli.say import Document, Said, at, listed, texts
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
    return Said(document=found, lines=[*_flags(found), *(lines or [none])])


def compare(given: Given) -> Said:
    """Lay a candidate beside what was asked."""
    path = ("cases", given.text("case"), "candidates", given.text("entity"), "compare")
    return _compared(given.client.post(*path, body=_asked(given)))


def judge(given: Given) -> Said:
    """Record a view on a candidate: the first one before, the final one after the band."""
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
    lines = [line for each in listed(found, "evidence") for line in _told(each)]
    return Said(document=found, lines=[*_flags(found), *lines, *_band(found)])


def _told(each: Document) -> list[str]:
    """Tell a line of evidence, and a name word by word under it."""
    words = [
        f"  {at(word, 'asked') or '-'} | {at(word, 'held') or '-'} | {at(word, 'how')}"
        for word in listed(each, "tokens")
    ]
    told = (
        f"{at(each, 'prop')}: asked {at(each, 'asked')} | held {at(each, 'held') or '-'}"
        f" | {at(each, 'outcome')} ({at(each, 'how')})"
    )
    return [told, *words]


def _band(found: Document) -> list[str]:
    """Name the band and what became of those in it; a score would read like a chance."""
    outcomes = found.get("outcomes")
    if not isinstance(outcomes, Mapping):
        return ["no band before your first view"]
    verdicts = outcomes.get("verdicts")
    counts = verdicts.items() if isinstance(verdicts, Mapping) else ()
    became = ", ".join(f"{name} {count}" for name, count in counts)
    where = f"judged here in it ({at(outcomes, 'script')}): {at(outcomes, 'judged')}"
    return [
        f"band {at(found, 'band')}; it decides nothing",
        f"{where}; {became or 'too few to know what became of them'}",
    ]


def _flags(found: Document) -> list[str]:
    told = {
        "too-common": "too common: the name alone fits too many, add evidence",
        "not-comparable": "not comparable: nothing in the name can be read",
        "contested": "contested: read the challenge before you decide",
    }
    return [told.get(flag, flag) for flag in texts(found, "flags")]


def _asked(given: Given) -> Document:
    subjects = subjects_of(given)
    if len(subjects) != 1:
        raise InvalidInputError("name who is asked for: `--name …`, or `--subject FILE.json`")
    return {name: subjects[0].get(name) for name in ("schema", "properties")}
