"""The closed lists of `data/facts.yaml`: facts, purposes, data categories, countries."""

from collections.abc import Mapping

from comity.law.model import Category, Fact, Home, Lexicon
from comity.law.source import Part

_ANSWER = {"yes": True, "no": False}


def read_lexicon(part: Part) -> Lexicon:
    """Read the closed lists; raises `InvalidInputError` naming file, line and reason."""
    top = part.section("countries signs purposes categories sets facts")
    shared: dict[tuple[tuple[str, bool], ...], Mapping[str, bool]] = {}
    signs = {name: sign.text() for name, sign in top["signs"].pairs().items()}
    found = {
        name: _category(name, each, shared) for name, each in top["categories"].pairs().items()
    }
    facts = {name: _fact(name, each, signs) for name, each in top["facts"].pairs().items()}
    for name, each in top["categories"].pairs().items():
        for fact in found[name].implies:
            if fact not in facts:
                each.refuse(f"unknown fact `{fact}`")
    return Lexicon(
        facts=facts,
        purposes={name: each.text() for name, each in top["purposes"].pairs().items()},
        categories=found,
        sets={
            name: frozenset(each.as_one_of(found, "data category") for each in listed.parts())
            for name, listed in top["sets"].pairs().items()
        },
        signs=signs,
        countries=frozenset(top["countries"].text().split()),
    )


def _category(
    name: str, part: Part, shared: dict[tuple[tuple[str, bool], ...], Mapping[str, bool]]
) -> Category:
    found = part.section("text", "implies free_text")
    pairs = found["implies"].pairs() if "implies" in found.found else {}
    implies = {fact: _ANSWER[each.as_one_of(_ANSWER, "answer")] for fact, each in pairs.items()}
    return Category(
        name=name,
        text=found.text("text"),
        implies=shared.setdefault(tuple(sorted(implies.items())), implies),
        is_free_text=found.text("free_text") == "yes",
    )


def _fact(name: str, part: Part, signs: dict[str, str]) -> Fact:
    found = part.section(
        "home provision text true_is", "absolute of unknown_on asked_with ordinary"
    )
    fact = Fact(
        name=name,
        home=Home(found["home"].as_one_of([home.value for home in Home], "home")),
        provision=found.text("provision"),
        text=found.text("text"),
        absolute=found.text("absolute") == "yes",
        harms=found["true_is"].as_one_of({"harm", "relief"}, "sense") == "harm",
        of_value=found.text("of") == "value",
        asked_with=found.text("asked_with"),
        ordinary=_ANSWER[found["ordinary"].as_one_of(_ANSWER, "answer")]
        if "ordinary" in found.found
        else None,
        signs=frozenset(
            each.as_one_of(signs, "contrary sign") for each in found.parts("unknown_on")
        ),
    )
    if fact.absolute and fact.home not in {Home.STANDING, Home.DERIVED}:
        part.refuse("an absolute prohibition reads only standing or derived facts")
    return fact
