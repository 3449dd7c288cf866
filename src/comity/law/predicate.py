"""The closed vocabulary of predicates, compiled once to functions; no text is ever run.

Logic is Kleene's: unknown stays unknown unless the other side settles it. In a pack a predicate
is a map of one key (`{in_force: UN-BOMBINGS-1997}`), a plain text is a fact, and a list means
that all of it holds.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from comity.law.model import Lexicon
from comity.law.source import Part
from comity.law.view import Test, Truth, View
from comity.message import Setting, Tlp, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """A compiled predicate, and what it looks at."""

    test: Test
    reads: frozenset[str] = frozenset()
    of_value: bool = False
    of_handling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names a predicate may use."""

    lexicon: Lexicon
    instruments: Collection[str]
    groups: Collection[str]
    codes: Callable[[Part], str]
    """Reads a country or organisation code, or refuses it."""


def every(tests: Collection[Test]) -> Test:
    """Join tests so that all must hold."""
    held = tuple(tests)

    def test(view: View) -> Truth:
        answer: Truth = True
        for each in held:
            found = each(view)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return held[0] if len(held) == 1 else test


def negated(inner: Test) -> Test:
    """Turn a test round; unknown stays unknown."""

    def test(view: View) -> Truth:
        found = inner(view)
        return None if found is None else not found

    return test


def compile_predicate(part: Part, known: Known) -> Predicate:
    """Compile one predicate; refuses a fact, name or predicate that is not declared."""
    if part.is_text:
        return _fact(part, known)
    if part.is_list:
        return _all(part, known)
    pairs = part.pairs()
    if len(pairs) != 1:
        part.refuse("a predicate is a map of one key")
    [(name, value)] = pairs.items()
    if name not in VOCABULARY:
        part.refuse(f"unknown predicate `{name[:60]}`")
    return VOCABULARY[name](value, known)


def _fact(part: Part, known: Known) -> Predicate:
    name = part.as_one_of(known.lexicon.facts, "fact")
    return Predicate(
        test=lambda view: view.facts.get(name),
        reads=frozenset({name}),
        of_value=known.lexicon.facts[name].of_value,
    )


def _joined(parts: Collection[Predicate], test: Test) -> Predicate:
    return Predicate(
        test=test,
        reads=frozenset[str]().union(*(each.reads for each in parts)),
        of_value=any(each.of_value for each in parts),
        of_handling=any(each.of_handling for each in parts),
    )


def _members(part: Part, known: Known) -> list[Predicate]:
    found = [compile_predicate(each, known) for each in part.parts()]
    return found or part.refuse("expected at least one predicate")


def _all(part: Part, known: Known) -> Predicate:
    found = _members(part, known)
    return _joined(found, every([each.test for each in found]))


def _any(part: Part, known: Known) -> Predicate:
    found = _members(part, known)
    return _joined(found, negated(every([negated(each.test) for each in found])))


def _not(part: Part, known: Known) -> Predicate:
    found = compile_predicate(part, known)
    return _joined([found], negated(found.test))


def _purpose(part: Part, known: Known) -> Predicate:
    names = {each.as_one_of(known.lexicon.purposes, "purpose") for each in part.parts()}
    return Predicate(test=lambda view: view.draft.purpose in names)


def _category(part: Part, known: Known) -> Predicate:
    names = categories(part, known.lexicon)
    return Predicate(
        test=lambda view: (
            view.category in names
            if view.category
            else not names.isdisjoint(view.draft.categories)
        ),
        of_value=True,
    )


def categories(part: Part, lexicon: Lexicon) -> frozenset[str]:
    """Read data categories, each by its name or by the name of a set of them."""
    found = frozenset[str]()
    for each in part.parts():
        name = each.as_one_of(lexicon.categories.keys() | lexicon.sets.keys(), "data category")
        found |= lexicon.sets.get(name, frozenset({name}))
    return found


def _practice(part: Part, _known: Known) -> Predicate:
    names = set(part.texts())
    return Predicate(test=lambda view: view.draft.kind.partition(".")[0] in names)


def _kind(part: Part, _known: Known) -> Predicate:
    names = set(part.texts())
    return Predicate(test=lambda view: view.draft.kind in names)


def _in_force(part: Part, known: Known) -> Predicate:
    name = part.as_one_of(known.instruments, "instrument")
    return Predicate(
        test=lambda view: view.treaties.between(name, view.giver, view.taker, on=view.day)
    )


def _binds(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, known: Known) -> Predicate:
        name = part.as_one_of(known.instruments, "instrument")
        return Predicate(test=lambda view: view.treaties.binds(name, whose(view), on=view.day))

    return compiled


def _reserved(part: Part, known: Known) -> Predicate:
    section = part.section("instrument articles")
    name = section["instrument"].as_one_of(known.instruments, "instrument")
    articles = frozenset(section.texts("articles"))
    return Predicate(
        test=lambda view: view.treaties.reserved(
            name, articles, parties=(view.giver, view.taker), on=view.day
        )
    )


def _is(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, known: Known) -> Predicate:
        codes = {known.codes(each) for each in part.parts()}
        return Predicate(test=lambda view: whose(view) in codes)

    return compiled


def _in_group(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, known: Known) -> Predicate:
        name = part.as_one_of(known.groups, "group")
        return Predicate(
            test=lambda view: view.treaties.is_member(name, whose(view), on=view.day)
        )

    return compiled


def _since(part: Part, _known: Known) -> Predicate:
    first: date = part.day()
    return Predicate(test=lambda view: view.day >= first)


def _handling_code(part: Part, _known: Known) -> Predicate:
    code = part.as_one_of({"H1", "H2", "H3"}, "handling code")
    return Predicate(test=lambda view: code in view.handling.codes, of_handling=True)


def _tlp(part: Part, _known: Known) -> Predicate:
    least = Tlp[part.as_one_of(Tlp.__members__, "TLP colour")]
    return Predicate(test=lambda view: view.handling.tlp >= least, of_handling=True)


def _level(part: Part, _known: Known) -> Predicate:
    least = part.parsed(int, "a level from 1 to 4")
    return Predicate(test=lambda view: view.handling.level >= least, of_handling=True)


def _audience(view: View) -> Truth:
    allowed = view.handling.releasable
    return allowed is None or view.draft.recipient.partition(".")[0] in allowed


def _purpose_bound(view: View) -> Truth:
    allowed = view.handling.purposes
    return allowed is None or view.draft.purpose in allowed


def _unexpired(view: View) -> Truth:
    return view.handling.until is None or view.draft.at < view.handling.until


def _owned(view: View) -> Truth:
    return view.handling.originators <= {view.draft.originator}


def _same_setting(view: View) -> Truth:
    return view.handling.setting is view.draft.handling.setting


def _of_marking(test: Test) -> "Compile":
    return lambda part, _known: _plain(part, test, of_handling=True)


def _of_message(test: Test) -> "Compile":
    return lambda part, _known: _plain(part, test, of_handling=False)


def _plain(part: Part, test: Test, *, of_handling: bool) -> Predicate:
    part.as_one_of({"yes"}, "value of a plain predicate, expected `yes`, got")
    return Predicate(test=test, of_handling=of_handling)


Compile = Callable[[Part, Known], Predicate]
VOCABULARY: dict[str, Compile] = {
    "all": _all,
    "any": _any,
    "not": _not,
    "fact": _fact,
    "purpose": _purpose,
    "category": _category,
    "practice": _practice,
    "kind": _kind,
    "in_force": _in_force,
    "binds_originator": _binds(lambda view: view.giver),
    "binds_recipient": _binds(lambda view: view.taker),
    "reserved": _reserved,
    "originator": _is(lambda view: view.giver),
    "recipient": _is(lambda view: view.taker),
    "originator_group": _in_group(lambda view: view.giver),
    "recipient_group": _in_group(lambda view: view.taker),
    "since": _since,
    "handling_code": _handling_code,
    "tlp_at_least": _tlp,
    "level_at_least": _level,
    "audience_allows": _of_marking(_audience),
    "purpose_allows": _of_marking(_purpose_bound),
    "unexpired": _of_marking(_unexpired),
    "owned": _of_marking(_owned),
    "same_setting": _of_marking(_same_setting),
    "same_member": _of_message(lambda view: view.giver == view.taker),
    "urgent": _of_message(lambda view: view.draft.urgency is Urgency.URGENT),
    "exercise": _of_message(lambda view: view.draft.handling.setting is Setting.EXERCISE),
}
