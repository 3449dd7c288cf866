"""The law in plain words for a terminal: a decision, a rule beside its source, a treaty."""

from collections.abc import Iterable, Sequence

from comity.cli.say import Document, at, listed, texts
from comity.law import Corpus, Decision, Explanation, Home, Obligation, Reason, Role, Verdict

_HEAD = {
    Verdict.PERMIT: "The law permits this.",
    Verdict.REFER: "The law leaves this to a person.",
    Verdict.DENY: "The law does not permit this.",
}
_TITLE = (
    (Verdict.DENY, False, "Denied by:"),
    (Verdict.DENY, True, "No basis, though these are near:"),
    (Verdict.REFER, False, "Left to a person by:"),
    (Verdict.REFER, True, "Bases that may hold once more is known, or read:"),
    (Verdict.PERMIT, True, "Permitted by:"),
    (Verdict.PERMIT, False, "With:"),
)
"""Verdict, whether it is a basis, and how such reasons are headed."""
_HOMES = {
    Home.STANDING: "a standing assessment answers it",
    Home.CASE: "it is stated of the case",
    Home.MESSAGE: "it is asked of each message",
    Home.DERIVED: "the record or the values show it",
}
_WHY_NOT = 8


def explained(found: Explanation, corpus: Corpus) -> list[str]:
    """Return a decision with every reason, its provision and its official address."""
    decision = found.decision
    said = [_HEAD[decision.verdict]]
    bases = {rule.name for rule in corpus.rules if rule.role is Role.BASIS}
    for verdict, is_basis, title in _TITLE:
        reasons = [
            each
            for each in decision.reasons
            if each.outcome is verdict and (each.rule in bases) is is_basis
        ]
        said += ["", title, *_reasons(reasons)] if reasons else []
    said += _open(decision, corpus)
    if decision.lifted_by:
        said += ["", f"May be lifted by: {', '.join(sorted(decision.lifted_by))}."]
    if decision.verdict is not Verdict.PERMIT and decision.smallest_set:
        left = ", ".join(decision.smallest_set)
        said += ["", f"Leave out so that the rest is judged better: {left}."]
    if decision.obligations:
        said += ["", "Then:", *_duties(decision.obligations)]
    return said + _not_otherwise(found.why_not)


def _reasons(reasons: Iterable[Reason]) -> Iterable[str]:
    for each in reasons:
        yield f"  {each.text}"
        yield f"    {each.cite}  [{each.rule}]"
        if each.url:
            yield f"    {each.url}"


def _open(decision: Decision, corpus: Corpus) -> list[str]:
    if not decision.missing:
        return []
    facts = corpus.lexicon.facts
    lines = [
        f"  {facts[name].text}  [{name}: {_HOMES[facts[name].home]}]"
        for name in decision.missing
    ]
    return ["", "Not known:", *lines]


def _duties(owed: Iterable[Obligation]) -> Iterable[str]:
    for each in owed:
        due = f", by {each.due}" if each.due else ""
        yield f"  {each.detail}{due}  [{each.cite}]"


def _not_otherwise(reasons: Sequence[Reason]) -> list[str]:
    if not reasons:
        return []
    lines = [f"  {each.cite}: {each.text}  [{each.rule}]" for each in reasons[:_WHY_NOT]]
    more = len(reasons) - _WHY_NOT
    rest = [f"  and {more} more: --json lists them all"] if more > 0 else []
    return ["", "Why not otherwise:", *lines, *rest]


def rule_lines(rule: Document) -> list[str]:
    """Return a rule beside its source, with its told cases."""
    said = [
        f"{at(rule, 'rule')}  ({at(rule, 'role')})",
        f"  {at(rule, 'text')}",
        "",
        f"source: {at(rule, 'cite')}",
        *([f"  {at(rule, 'url')}"] if at(rule, "url") else []),
        f"evidence: {at(rule, 'evidence')}",
    ]
    named = (
        ("gap", "not read"),
        ("read", "read"),
        ("instrument", "instrument"),
        ("since", "from"),
        ("until", "until"),
        ("place", "stands in"),
    )
    said += [f"{word}: {at(rule, name)}" for name, word in named if at(rule, name)]
    several = (
        ("purposes", "purposes"),
        ("categories", "data"),
        ("articles", "a reservation to these articles takes it away"),
        ("lifted_by", "may be lifted by"),
        ("duties", "then"),
    )
    said += [
        f"{word}: {', '.join(texts(rule, name))}" for name, word in several if texts(rule, name)
    ]
    return [*said, *_conditions(rule), *_cases(rule)]


def _conditions(rule: Document) -> list[str]:
    held = rule.get("conditions")
    tests = held if isinstance(held, dict) else {}
    return [
        line
        for name in tests
        for line in ("", f"{name}:", *(f"  {each}" for each in texts(tests, name)))
    ]


def _cases(rule: Document) -> list[str]:
    told = listed(rule, "told")
    lines = [
        f"  {at(each, 'verdict'):<6} {at(each, 'case')}  [{at(each, 'place')}]" for each in told
    ]
    return ["", f"told cases: {len(told)}", *lines]


def instrument_lines(held: Document, *, parties: int, reservations: int) -> list[str]:
    """Return an instrument with what is held and what is openly missing."""
    marks = [
        *(
            ["a local human-rights assessment comes first"]
            if held.get("needs_local_assessment")
            else []
        ),
        *(["fictional"] if held.get("is_fictional") else []),
    ]
    said = [
        f"{at(held, 'id')}  {at(held, 'title')}",
        f"kind: {at(held, 'kind')}",
        f"adopted: {at(held, 'adopted') or 'not known'}",
        f"in force: {at(held, 'in_force') or 'not known'}",
        *([f"until: {at(held, 'until')}"] if at(held, "until") else []),
        f"evidence: {at(held, 'evidence')}",
        *([f"official address: {at(held, 'url')}"] if at(held, "url") else []),
        f"read in: {at(held, 'source')}",
        *([f"openly missing: {at(held, 'gap')}"] if at(held, "gap") else []),
        *marks,
        f"rows of parties: {parties}, reservations: {reservations}",
    ]
    rules = texts(held, "rules")
    return [*said, f"rules: {len(rules)}", *(f"  {name}" for name in rules)]
