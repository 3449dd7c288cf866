"""The closed vocabulary of predicates, compiled once to functions; no text is ever run.

In a pack a predicate is a map of one key (`{in_force: UN-BOMBINGS-1997}`), a plain text is a
fact, and a list means that all of it holds; how they are joined is in `logic`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

from comity.core.ids import member_of
from comity.law.logic import Predicate, joined
from comity.law.model import Lexicon, Span
from comity.law.source import Part
from comity.law.view import Test, Truth, View
from comity.message import Setting, Tlp, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names a predicate may use."""

    lexicon: Lexicon
    instruments: Collection[str]
    groups: Collection[str]
    codes: Callable[[Part], str]
    """Reads a country or organisation code, or refuses it."""
    oldest: Span | None = None
    """Rows of participation older than this count as unknown."""


def compile_predicate(part: Part, known: Known) -> Predicate:
    """Compile one predicate; refuses a fact, name or predicate that is not declared."""
    if part.is_text:
        return _fact(part, known)
    if part.is_list:
        return joined("all", _members(part, known))
    pairs = part.pairs()
    if len(pairs) != 1:
        part.refuse("a predicate is a map of one key")
    [(name, value)] = pairs.items()
    if name not in VOCABULARY:
        part.refuse(f"unknown predicate `{name[:60]}`")
    found = VOCABULARY[name](value, known)
    if found.join:
        return found
    told = value.pairs().values() if value.is_map else [value]
    return replace(found, says=(name, *(text for each in told for text in each.texts())))


def _fact(part: Part, known: Known) -> Predicate:
    return fact_predicate(part.as_one_of(known.lexicon.facts, "fact"), known.lexicon)


def fact_predicate(name: str, lexicon: Lexicon) -> Predicate:
    """Ask one fact of the closed list."""
    return Predicate(
        test=lambda view: view.facts.get(name),
        reads=frozenset({name}),
        of_value=lexicon.facts[name].of_value,
        is_fact=True,
    )


def _members(part: Part, known: Known) -> list[Predicate]:
    found = [compile_predicate(each, known) for each in part.parts()]
    return found or part.refuse("expected at least one predicate")


def _join(join: str) -> "Compile":
    return lambda part, known: joined(join, _members(part, known))


def _not(part: Part, known: Known) -> Predicate:
    return joined("not", [compile_predicate(part, known)])


def _settled(test: Test) -> Predicate:
    return Predicate(test=test, is_settled=True)


def _purpose(part: Part, known: Known) -> Predicate:
    names = {each.as_one_of(known.lexicon.purposes, "purpose") for each in part.parts()}
    return _settled(lambda view: view.draft.purpose in names)


def _category(part: Part, known: Known) -> Predicate:
    names = categories(part, known.lexicon)
    return Predicate(
        test=lambda view: (
            view.category in names
            if view.category
            else not names.isdisjoint(view.draft.categories)
        ),
        of_value=True,
        of_category=True,
    )


def categories(part: Part, lexicon: Lexicon) -> frozenset[str]:
    """Read data categories, each by its name or by the name of a set of them."""
    found = frozenset[str]()
    for each in part.parts():
        name = each.as_one_of(lexicon.categories.keys() | lexicon.sets.keys(), "data category")
        found |= lexicon.sets.get(name, frozenset({name}))
    return found


def _practice(part: Part, _known: Known) -> Predicate:
    names = frozenset(part.texts())
    return Predicate(
        test=lambda view: view.draft.kind.partition(".")[0] in names,
        is_settled=True,
        kinds=names,
    )


def _kind(part: Part, _known: Known) -> Predicate:
    names = frozenset(part.texts())
    return Predicate(test=lambda view: view.draft.kind in names, is_settled=True, kinds=names)


def _known_since(view: View, known: Known) -> date:
    return date.min if known.oldest is None else known.oldest.before(view.day)


def _in_force(part: Part, known: Known) -> Predicate:
    name = part.as_one_of(known.instruments, "instrument")
    return _settled(
        lambda view: view.treaties.between(
            name, view.giver, view.taker, on=view.day, known_since=_known_since(view, known)
        )
    )


def _binds(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, known: Known) -> Predicate:
        name = part.as_one_of(known.instruments, "instrument")
        return _settled(
            lambda view: view.treaties.binds(
                name, whose(view), on=view.day, known_since=_known_since(view, known)
            )
        )

    return compiled


def _reserved(part: Part, known: Known) -> Predicate:
    section = part.section("instrument articles")
    name = section["instrument"].as_one_of(known.instruments, "instrument")
    articles = frozenset(section.texts("articles"))
    return _settled(
        lambda view: view.treaties.reserved(
            name,
            articles,
            parties=(view.giver, view.taker),
            on=view.day,
            known_since=_known_since(view, known),
        )
    )


def _is(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, known: Known) -> Predicate:
        codes = {known.codes(each) for each in part.parts()}
        return _settled(lambda view: whose(view) in codes)

    return compiled


def _sort(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, _known: Known) -> Predicate:
        names = set(part.texts())
        return _settled(lambda view: whose(view).partition(".")[2] in names)

    return compiled


def _in_group(whose: Callable[[View], str]) -> "Compile":
    def compiled(part: Part, known: Known) -> Predicate:
        name = part.as_one_of(known.groups, "group")
        return _settled(lambda view: view.treaties.is_member(name, whose(view), on=view.day))

    return compiled


def _since(part: Part, _known: Known) -> Predicate:
    first: date = part.day()
    return _settled(lambda view: view.day >= first)


def _handling_code(part: Part, _known: Known) -> Predicate:
    code = part.as_one_of({"H1", "H2", "H3"}, "handling code")
    return Predicate(test=lambda view: code in view.handling.codes, of_handling=True)


def _tlp(part: Part, _known: Known) -> Predicate:
    least = Tlp[part.as_one_of(Tlp.__members__, "TLP colour")]
    return Predicate(test=lambda view: view.handling.tlp >= least, of_handling=True)


def _level(part: Part, _known: Known) -> Predicate:
    least = int(part.as_one_of({"1", "2", "3", "4"}, "level from 1 to 4"))
    return Predicate(test=lambda view: view.handling.level >= least, of_handling=True)


def _audience(view: View) -> Truth:
    giver, taker = member_of(view.draft.originator), member_of(view.draft.recipient)
    return view.handling.reaches(taker, owner=giver)


def _purpose_bound(view: View) -> Truth:
    allowed = view.handling.purposes
    return allowed is None or view.draft.purpose in allowed


def _unexpired(view: View) -> Truth:
    return view.handling.until is None or view.draft.at < view.handling.until


def _owned(view: View) -> Truth:
    return view.handling.originators <= {view.draft.originator}


def _same_setting(view: View) -> Truth:
    return view.handling.setting is view.draft.handling.setting


def _plain(predicate: Predicate) -> "Compile":
    def compiled(part: Part, _known: Known) -> Predicate:
        part.as_one_of({"yes"}, "value of a plain predicate, expected `yes`, got")
        return predicate

    return compiled


def _of_marking(test: Test) -> "Compile":
    return _plain(Predicate(test=test, of_handling=True))


Compile = Callable[[Part, Known], Predicate]
VOCABULARY: dict[str, Compile] = {
    "all": _join("all"),
    "any": _join("any"),
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
    "originator_sort": _sort(lambda view: view.draft.originator),
    "recipient_sort": _sort(lambda view: view.draft.recipient),
    "originator_group": _in_group(lambda view: view.giver),
    "recipient_group": _in_group(lambda view: view.taker),
    "since": _since,
    "handling_code": _handling_code,
    "tlp_at_least": _tlp,
    "level_at_least": _level,
    "caveated": _of_marking(lambda view: view.handling.needs_a_reader),
    "audience_allows": _of_marking(_audience),
    "purpose_allows": _of_marking(_purpose_bound),
    "unexpired": _of_marking(_unexpired),
    "owned": _of_marking(_owned),
    "same_setting": _of_marking(_same_setting),
    "same_member": _plain(_settled(lambda view: view.giver == view.taker)),
    "urgent": _plain(
        Predicate(
            test=lambda view: view.draft.urgency is Urgency.URGENT,
            is_settled=True,
            is_urgent=True,
        )
    ),
    "exercise": _plain(
        Predicate(test=lambda view: view.draft.handling.setting is Setting.EXERCISE)
    ),
}
