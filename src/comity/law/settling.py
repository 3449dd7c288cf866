"""Rules as they stand between two agencies: what day, purpose and kind settle is settled.

What is left of a rule depends on nothing but what those parts of its tests answer; where they
answer the same, the same is left, and is kept once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from comity.law.finding import EDGES
from comity.law.logic import Predicate, settle
from comity.law.model import Role, Rule, Side, Verdict
from comity.law.view import Test, Truth, View


class Heard(NamedTuple):
    """A limit or duty as it is asked of each message; a tuple, for it is unpacked each time."""

    gate: str
    """A fact that, when false, keeps the rule silent; empty where there is none."""
    ask: Callable[[View], Verdict | None]
    rule: Rule


class Standing(NamedTuple):
    """A basis that may hold between both parties; a tuple, for it is unpacked each time."""

    gate: str
    """A fact that, when false, means that its conditions are not met."""
    rule: Rule
    is_sure: bool
    """It binds both without doubt and somebody read its text: met, it permits."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Rules as settled, shared by all dockets in which the same is left of them."""

    parts: dict[str, tuple[Predicate, ...]] = field(
        default_factory=dict[str, tuple[Predicate, ...]]
    )
    """What each rule asks of agencies, day, purpose and kind."""
    limits: dict[object, tuple[Heard, bool] | None] = field(
        default_factory=dict[object, "tuple[Heard, bool] | None"]
    )
    """Each with whether it looks at a value's category; `None` where it is silent."""
    bases: dict[object, tuple[str, Rule] | None] = field(
        default_factory=dict[object, "tuple[str, Rule] | None"]
    )

    def key(self, rule: Rule, view: View) -> tuple[str, tuple[Truth, ...]] | None:
        """Return what is left of a rule depends on; `None` where nobody knows, or it breaks."""
        if not is_known(rule):
            return None
        if rule.name not in self.parts:
            tests = [test for test in tests_of(rule) if isinstance(test, Predicate)]
            self.parts[rule.name] = tuple(part for test in tests for part in _parts(test))
        try:
            return rule.name, tuple([part.test(view) for part in self.parts[rule.name]])
        except Exception:  # noqa: BLE001 - what cannot be settled is asked, and denies, each time
            return None


def _parts(test: Predicate) -> Iterable[Predicate]:
    if test.is_settled:
        yield test
    for part in () if test.is_settled else test.parts:
        yield from _parts(part)


def tests_of(rule: Rule) -> list[Test]:
    """Return every test of a rule."""
    return [each for each in (rule.test, rule.unless, rule.where, rule.emergency) if each]


def _is_of_category(rule: Rule) -> bool:
    # A function nobody knows the inside of may look at anything.
    tests = tests_of(rule)
    return any(not isinstance(each, Predicate) or each.of_category for each in tests)


def is_known(rule: Rule) -> bool:
    """Whether every test of a rule is of the vocabulary."""
    return all(isinstance(each, Predicate) for each in tests_of(rule))


def settle_limit(rule: Rule, view: View, shared: Shared) -> tuple[Heard, bool] | None:
    """Return a limit as settled, and whether it looks at a value's category."""
    key = shared.key(rule, view)
    if key is not None and key in shared.limits:
        return shared.limits[key]
    left = _settled(rule, view)
    made = None if left is None else (_heard(left), _is_of_category(left))
    if key is not None:
        shared.limits[key] = made
    return made


def settle_basis(
    rule: Rule, view: View, side: Side, shared: Shared
) -> tuple[tuple[str, Rule] | None, Truth]:
    """Return a basis with its gate, as settled, and whether it binds both parties."""
    key = shared.key(rule, view)
    place = (key, side)
    if key is not None and place in shared.bases:
        parties = (view.giver, view.taker)
        binds = view.treaties.applies(rule.between, rule.articles, parties=parties, on=view.day)
        return shared.bases[place], binds
    left, binds = _basis(rule, view, side=side)
    made = None if left is None else (_gate(left), _bare(left))
    if key is not None:
        shared.bases[place] = made
    return made, binds


def _heard(rule: Rule) -> Heard:
    bare = _bare(rule)
    return Heard(_gate(rule), _ask(bare), bare)


def _ask(rule: Rule) -> Callable[[View], Verdict | None]:
    test = rule.test
    if rule.role is Role.TERM and rule.where is None and rule.emergency is None:
        return lambda view: None if test(view) else Verdict.DENY
    return partial(EDGES[rule.role], rule)


def _bare(rule: Rule) -> Rule:
    """Return the rule with plain functions in place of predicates: quicker to ask."""
    tests = (rule.test, rule.unless, rule.where, rule.emergency)
    test, unless, where, emergency = (
        each.test if isinstance(each, Predicate) else each for each in tests
    )
    return replace(
        rule, test=test or rule.test, unless=unless, where=where, emergency=emergency
    )


def _gate(rule: Rule) -> str:
    """Return a plain fact on whose being false the rule depends, if there is one."""
    test = rule.where if rule.role is Role.TERM else rule.test
    parts = test.parts if isinstance(test, Predicate) and test.join == "all" else (test,)
    for part in parts:
        if isinstance(part, Predicate) and part.is_fact:
            return next(iter(part.reads))
    return ""


def _basis(rule: Rule, view: View, *, side: Side) -> tuple[Rule | None, Truth]:
    try:
        parties = (view.giver, view.taker)
        binds = view.treaties.applies(rule.between, rule.articles, parties=parties, on=view.day)
        met = settle(rule.test, view)
    except Exception as error:  # noqa: BLE001 - what cannot be settled denies, each time
        return (None if side is Side.HOLD else _broken(rule, error)), True
    if side is Side.HOLD and met is not False:
        # Who asks whom counts for both; the sender's other conditions are the sender's to meet.
        met = True
    return (None if met is False else _with(rule, {"test": met})), binds


def _settled(rule: Rule, view: View) -> Rule | None:
    """Return the rule with what is left of it; `None` where it has nothing to say here."""
    try:
        left = {
            name: settle(test, view)
            for name, test in (
                ("test", rule.test),
                ("unless", rule.unless),
                ("where", rule.where),
                ("emergency", rule.emergency),
            )
            if test is not None
        }
    except Exception:  # noqa: BLE001 - what cannot be settled is asked, and denies, each time
        return rule
    is_silent = (
        left["test"] is True or left.get("where") is False
        if rule.role is Role.TERM
        else left["test"] is False or left.get("unless") is True
    )
    return None if is_silent else _with(rule, left)


def _with(rule: Rule, left: Mapping[str, "Truth | Test"]) -> Rule:
    asked = [each for each in left.values() if callable(each)]
    known = [each for each in asked if isinstance(each, Predicate)]
    if len(known) < len(asked):
        return rule
    return replace(
        rule,
        test=_asked(left["test"]),
        unless=_asked(left["unless"]) if "unless" in left else None,
        where=_asked(left["where"]) if "where" in left else None,
        emergency=_asked(left["emergency"]) if "emergency" in left else None,
        reads=tuple(sorted({name for each in known for name in each.reads})),
        of_value=any(each.of_value for each in known),
        of_handling=any(each.of_handling for each in known),
    )


def _broken(rule: Rule, error: Exception) -> Rule:
    def test(_view: View) -> Truth:
        raise error.with_traceback(None)

    return replace(rule, test=test)


def _yes(_view: View) -> Truth:
    return True


def _no(_view: View) -> Truth:
    return False


def _unknown(_view: View) -> Truth:
    return None


def _asked(answer: Truth | Test) -> Test:
    if callable(answer):
        return answer
    return _unknown if answer is None else _yes if answer else _no
