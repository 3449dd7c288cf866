"""The logic of predicates: unknown stays unknown unless the other side settles it (Kleene).

What depends only on who asks whom, when, for what purpose and with which kind is *settled* once
for all messages alike (`settle`); the rest is asked of each message.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from comity.law.view import Test, Truth, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """A compiled predicate, and what it looks at."""

    test: Test
    reads: frozenset[str] = frozenset()
    of_value: bool = False
    of_handling: bool = False
    is_settled: bool = False
    """It looks at nothing but agencies, day, purpose, kind and urgency."""
    of_category: bool = False
    kinds: frozenset[str] = frozenset()
    """Kinds and practices it names."""
    is_urgent: bool = False
    """It looks at urgency."""
    is_fact: bool = False
    """It is one fact, and nothing else."""
    join: str = ""
    """`all`, `any` or `not`, where it joins others."""
    parts: "tuple[Predicate, ...]" = ()
    says: tuple[str, ...] = ()
    """Its name and what it is asked of, as the pack writes it: to be put into words."""

    def __call__(self, view: View) -> Truth:
        """Answer for one view."""
        return self.test(view)


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


def some(tests: Collection[Test]) -> Test:
    """Join tests so that one is enough."""
    held = tuple(tests)

    def test(view: View) -> Truth:
        answer: Truth = False
        for each in held:
            found = each(view)
            if found:
                return True
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


def facts_hold(names: Collection[str]) -> Test:
    """Ask for several facts at once: as `every`, without a call for each."""
    held = tuple(names)

    def test(view: View) -> Truth:
        answer: Truth = True
        stated = view.facts
        for name in held:
            found = stated.get(name)
            if found is False:
                return False
            if found is None:
                answer = None
        return answer

    return test


def _every_part(parts: Collection["Predicate"]) -> Test:
    facts = [name for each in parts if each.is_fact for name in each.reads]
    others = [each.test for each in parts if not each.is_fact]
    if len(facts) < _FEW:
        return every([each.test for each in parts])
    return every([facts_hold(facts), *others])


_FEW = 2


_JOINS: dict[str, Callable[[Collection[Test]], Test]] = {
    "any": some,
    "not": lambda tests: negated(next(iter(tests))),
}


def joined(join: str, parts: Collection[Predicate]) -> Predicate:
    """Join predicates by `all`, `any` or `not`."""
    return Predicate(
        test=_every_part(parts)
        if join == "all"
        else _JOINS[join]([each.test for each in parts]),
        reads=frozenset[str]().union(*(each.reads for each in parts)),
        of_value=any(each.of_value for each in parts),
        of_handling=any(each.of_handling for each in parts),
        of_category=any(each.of_category for each in parts),
        kinds=frozenset[str]().union(*(each.kinds for each in parts)),
        is_urgent=any(each.is_urgent for each in parts),
        is_settled=all(each.is_settled for each in parts),
        join=join,
        parts=tuple(parts),
    )


def settle(test: Test, view: View) -> "Truth | Test":
    """Return the answer for every message like this one, or what is left to ask of each."""
    if not isinstance(test, Predicate) or not (test.is_settled or test.join):
        return test
    if test.is_settled:
        return test.test(view)
    parts = [settle(part, view) for part in test.parts]
    return _negation(parts[0]) if test.join == "not" else _joint(test.join, parts)


def _negation(part: "Truth | Test") -> "Truth | Test":
    if isinstance(part, Predicate):
        return joined("not", [part])
    return None if part is None else not part


def _joint(join: str, parts: "Collection[Truth | Test]") -> "Truth | Test":
    # `all` ends on the first no, `any` on the first yes; what cannot end it drops out.
    ends = join == "any"
    if any(part is ends for part in parts):
        return ends
    left = [part for part in parts if part is not (not ends)]
    open_ = [part for part in left if isinstance(part, Predicate)]
    if not open_:
        return None if left else not ends
    return joined(join, open_ if len(open_) == len(left) else [*open_, _DOUBT])


def _nobody_knows(_view: View) -> Truth:
    return None


_DOUBT = Predicate(test=_nobody_knows)
