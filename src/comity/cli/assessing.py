"""Standing answers about partners: one person states them, another says the same."""

from collections.abc import Sequence

from comity.cli.command import Command, Given, argument, arguments, option
from comity.cli.say import Document, Said, at, listed
from comity.core.errors import InvalidInputError, NotFoundError

_VALUE = {"yes": True, "no": False, "unknown": None}
_WORD = {value: word for word, value in _VALUE.items()}


def truth(answer: str) -> bool | None:
    """Read `yes`, `no` or `unknown`; raises `InvalidInputError`."""
    if answer not in _VALUE:
        raise InvalidInputError(f"an answer is yes, no or unknown, got `{answer[:40]}`")
    return _VALUE[answer]


def answers(given: Given) -> list[tuple[str, bool | None]]:
    """Read every `NAME=yes|no|unknown` before any is acted on; raises `InvalidInputError`."""
    typed = [each.partition("=") for each in given.texts("facts")]
    return [(fact, truth(answer)) for fact, _, answer in typed]


def list_assessments(given: Given) -> Said:
    """List assessments."""
    found = given.client.get("assessments")
    lines = [
        f"{at(each, 'partner')}  {at(each, 'purpose')}  {_told(each)}"
        f"  until {at(each, 'until')}  {'' if each.get('confirmed_by') else 'unconfirmed '}"
        f"{at(each, 'at')}  {at(each, 'reasons')}"
        for each in listed(found, "assessments")
    ]
    return Said(document=found, lines=lines or ["nothing stands: every answer is unknown"])


def state_assessments(given: Given) -> Said:
    """State standing facts about a partner."""
    shared = {
        "partner": given.text("partner"),
        "purpose": given.needed("purpose", "--purpose"),
        "until": given.needed("until", "--until"),
        "reasons": given.needed("reasons", "--reasons"),
    }
    made = [
        given.client.post("assessments", body={**shared, "fact": fact, "value": value})
        for fact, value in answers(given)
    ]
    lines = [f"stated: {_told(each)}" for each in made]
    return Said(document={"assessments": made}, lines=[*lines, "the rights officer confirms"])


def confirm_assessments(given: Given) -> Said:
    """Confirm another person's answers by saying the same; one that differs stops all."""
    partner, purpose = given.text("partner"), given.needed("purpose", "--purpose")
    every = listed(given.client.get("assessments"), "assessments")
    waiting = [
        each
        for each in every
        if (at(each, "partner"), at(each, "purpose")) == (partner, purpose)
        and not each.get("confirmed_by")
    ]
    chosen = [_waiting(waiting, fact, value) for fact, value in answers(given)]
    for each in chosen:
        named = {name: at(each, name) for name in ("partner", "purpose", "fact", "at")}
        given.client.post("assessments", "confirm", body=named)
    lines = [f"confirmed: {_told(each)}" for each in chosen]
    return Said(document={"confirmed": chosen}, lines=lines)


def _waiting(rows: Sequence[Document], fact: str, value: bool | None) -> Document:  # noqa: FBT001 - a fact is true, false or unknown
    found = [each for each in rows if at(each, "fact") == fact]
    if not found or found[0].get("value") != value:
        said = f"`{_told(found[0])}` does" if found else "no such answer"
        raise NotFoundError(f"`{fact[:80]}={_WORD[value]}` does not wait, {said}")
    return found[0]


def _told(each: Document) -> str:
    value = each.get("value")
    return f"{at(each, 'fact')}={_WORD.get(value if isinstance(value, bool) else None)}"


_PARTNER = argument("partner", "The partner.")
_FACTS = arguments("facts", "NAME=yes|no|unknown; repeat it for more.", metavar="FACT")
_PURPOSE = option("purpose", "--purpose", "For which purpose.")
ASSESS = (
    Command(
        word="list",
        about="List what stands about partners, and until when.",
        example="comity assess list --json",
        run=list_assessments,
    ),
    Command(
        word="state",
        about="State standing facts about a partner, as its legal adviser.",
        example="comity assess state xa.border torture_risk=no --purpose counter-terrorism"
        " --until 2027-06-01T00:00:00Z --reasons 'Reports of …'",
        parameters=(
            _PARTNER,
            _FACTS,
            _PURPOSE,
            option("until", "--until", "Until when, at most 12 months."),
            option("reasons", "--reasons", "Reasons and sources."),
        ),
        run=state_assessments,
    ),
    Command(
        word="confirm",
        about="Confirm another person's newest answers by saying the same, as rights officer.",
        example="comity assess confirm xa.border torture_risk=no --purpose counter-terrorism",
        parameters=(_PARTNER, _FACTS, _PURPOSE),
        run=confirm_assessments,
    ),
)
