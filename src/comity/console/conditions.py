"""A rule's conditions in words: what must hold, in the order the pack writes it."""

from collections.abc import Iterable, Mapping

from comity.console.provisions import Clause, Conditions
from comity.console.tongue import Tongue
from comity.law import Fact, Lexicon, Predicate, Role, Rule

_ASKS = frozenset({Role.BASIS, Role.TERM})
"""Roles whose test says what must be met; that of the others says when they speak."""
_NAMED: Mapping[str, str] = {
    "purpose": "purpose",
    "category": "category",
    "originator_sort": "sort",
    "recipient_sort": "sort",
}
"""Predicates whose values have words of their own."""


def conditions(rule: Rule, lexicon: Lexicon, said: Tongue) -> tuple[Conditions, ...]:
    """Return each test of a rule as lines, those it joins beneath it."""
    tests = (
        ("needs" if rule.role in _ASKS else "when", rule.test),
        ("unless", rule.unless),
        ("where", rule.where),
        ("emergency", rule.emergency),
    )
    return tuple(
        Conditions(
            title=said.say(f"rule.{name}"), clauses=tuple(_clauses(test, lexicon, said, 0))
        )
        for name, test in tests
        if isinstance(test, Predicate)
    )


def _clauses(test: Predicate, lexicon: Lexicon, said: Tongue, depth: int) -> Iterable[Clause]:
    if not test.join:
        yield _leaf(test, lexicon, said, depth)
        return
    yield Clause(depth=depth, text=said.say(f"condition.{test.join}"))
    for part in test.parts:
        yield from _clauses(part, lexicon, said, depth + 1)


def _leaf(test: Predicate, lexicon: Lexicon, said: Tongue, depth: int) -> Clause:
    says = test.says or ("fact", *test.reads)
    name, values = says[0], says[1:]
    if name == "fact":
        return _asked(lexicon.facts[values[0]], said, depth)
    group = _NAMED.get(name, "")
    worded = [said.code(group, each) if group else each for each in values]
    known = said.entries.get(f"condition.{name}", f"{name}: {{values}}")
    text = known.format_map({"values": ", ".join(worded)})
    return Clause(depth=depth, text=text, is_fact=True)


def _asked(fact: Fact, said: Tongue, depth: int) -> Clause:
    note = f"{said.code('home', fact.home)} · {fact.provision} · {fact.name}"
    return Clause(depth=depth, text=fact.text, note=note, is_fact=True)
