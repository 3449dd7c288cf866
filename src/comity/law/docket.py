"""What one sort of question meets: what is left once agencies, day, purpose and kind are known.

Most of the law has nothing to say between two given partners on a given day. What depends on
nothing else is settled here once; each message is then asked only what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from comity.law.model import Role, Rule, Side
from comity.law.predicate import Predicate, settle
from comity.law.view import Test, Truth, View

_SUPPORT = {Role.BASIS, Role.MANDATE}


@dataclass(frozen=True, slots=True)
class Standing:
    """A basis that may hold: its rule as settled, and whether it binds both parties."""

    rule: Rule
    binds: Truth


@dataclass(frozen=True, slots=True)
class Docket:
    """The rules that can matter to one sort of question, in stage order."""

    rules: tuple[Rule, ...]
    """All but bases and mandates."""
    of_message: tuple[Rule, ...]
    """Those that do not look at single values."""
    bases: tuple[Standing, ...]
    near: tuple[Rule, ...]
    """Bases that bind not both: named where no other is left."""
    covering: Mapping[str, tuple[tuple[Standing, ...], tuple[Rule, ...]]]
    """The bases, and those near, that reach a data category."""
    _touched: dict[frozenset[str], tuple[Rule, ...]]

    def of_value(self, changed: frozenset[str]) -> tuple[Rule, ...]:
        """Return rules that can judge a value otherwise than its message."""
        if changed not in self._touched:
            self._touched[changed] = tuple(
                rule for rule in self.rules if looks_at_values(rule, changed)
            )
        return self._touched[changed]


def looks_at_values(rule: Rule, changed: frozenset[str]) -> bool:
    """Whether a rule can see a value, whose `changed` facts differ, otherwise."""
    return rule.of_value or rule.of_handling or not changed.isdisjoint(rule.reads)


def make_docket(live: Sequence[Rule], view: View, *, side: Side) -> Docket:
    """Settle the rules of a day, purpose and side for two agencies and a kind."""
    rules = [rule for rule in live if rule.role not in _SUPPORT]
    kept = [left for rule in rules if (left := _settled(rule, view)) is not None]
    bases: list[Standing] = []
    near: list[Rule] = []
    for rule in live:
        if rule.role is Role.BASIS:
            left, binds = _basis(rule, view, side=side)
            if left is not None and binds is False:
                near.append(left)
            elif left is not None:
                bases.append(Standing(left, binds))
    reached = {name for rule in live for name in rule.categories}
    return Docket(
        rules=tuple(kept),
        of_message=tuple(rule for rule in kept if not rule.of_value),
        bases=tuple(bases),
        near=tuple(near),
        covering={
            name: (
                tuple(each for each in bases if name in each.rule.categories),
                tuple(rule for rule in near if name in rule.categories),
            )
            for name in reached
        },
        _touched={},
    )


def _basis(rule: Rule, view: View, *, side: Side) -> tuple[Rule | None, Truth]:
    try:
        parties = (view.giver, view.taker)
        binds = view.treaties.applies(rule.between, rule.articles, parties=parties, on=view.day)
        met = settle(rule.test, view)
    except Exception as error:  # noqa: BLE001 - what cannot be settled denies, each time
        return (_broken(rule, error) if side is Side.RELEASE else None), True
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
        return answer.test if isinstance(answer, Predicate) else answer
    return _unknown if answer is None else _yes if answer else _no
