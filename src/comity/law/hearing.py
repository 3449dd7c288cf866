"""What the rules of a docket say of one message and its values, each asked only once.

INVARIANT: an answer is kept by all that a rule can see: the facts it reads, the marking, and
whose referrals were lifted. What could see anything else (`Docket.is_closed`) is asked anew.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from comity.core.clock import Instant
from comity.law.docket import Docket, Weighed
from comity.law.finding import NO_BASIS, Finding, broken, worst_of
from comity.law.model import Role, Rule, Verdict
from comity.law.settling import Heard, Standing
from comity.law.view import View
from comity.message import Facts, Handling


class Sort(NamedTuple):
    """Values of one category, marking and set of facts: judged once."""

    category: str
    marking: Handling
    facts: Facts
    changed: frozenset[str]
    """The facts in which they differ from their message."""
    seen: object
    """All but the category by which they can be told from other values of the message."""


class Hearing:
    """One message before the rules of its docket."""

    __slots__ = (
        *("_alike", "_weighed", "bases", "docket", "lifted", "limits", "marking", "terms"),
        *("values", "whole"),
    )

    def __init__(self, docket: Docket, whole: View, *, lifted: frozenset[str]) -> None:
        """Take what the rules can see of the message."""
        self.docket, self.whole, self.lifted = docket, whole, lifted
        draft = whole.draft
        stated = draft.facts.get
        self.limits = tuple(map(stated, docket.limits_read))
        self.bases = tuple(map(stated, docket.bases_read))
        self.values = tuple(map(stated, docket.values_read))
        carried = draft.categories if docket.sees_categories else None
        self.marking = str(draft.handling)
        self._alike: dict[object, Weighed] = {}
        self._weighed: Weighed | None = None
        self.terms = (self.marking, is_live(draft.handling, draft.at), lifted, carried)

    def of_message(self) -> list[Finding]:
        """Ask the limits and duties that look at no single value."""
        key = ("limits", self.limits, self.terms)
        found = self.docket.known.get(key)
        if found is None:
            found = Weighed(self.hear(self.docket.of_message, self.whole))
            self.docket.remember(key, found)
        return found.found

    def of_bases(self) -> Weighed:
        """Weigh the bases of the message."""
        if self._weighed is None:
            key = ("bases", self.bases, self.terms)
            found = self.docket.known.get(key)
            if found is None:
                found = self.weigh(self.docket.bases, self.whole)
                self.docket.remember(key, found)
            self._weighed = found
        return self._weighed

    def of_value(self, sort: Sort) -> tuple[list[Finding], Verdict]:
        """Ask every rule that can judge a value otherwise than its message, and the bases."""
        heard = self._alike.get(sort.seen)
        if heard is None:
            heard = self._alike[sort.seen] = self._heard(sort)
        weighed = self.of_bases()
        place = (sort.category, id(weighed))
        known = heard.by_category.get(place)
        if known is None:
            view = self._view(sort)
            _, by_category = self._rules(sort)
            found = heard.found + self.hear(by_category, view)
            found += self._based(sort, view, weighed)
            if len(heard.by_category) >= _PLACES:
                heard.by_category.clear()
            # The bases are kept beside it, so that no others can come to have their identity.
            known = heard.by_category[place] = (weighed, found, worst_of(found))
        return known[1], known[2]

    def _view(self, sort: Sort) -> View:
        return self.whole.of(sort.category, sort.marking, facts=sort.facts)

    def _rules(self, sort: Sort) -> tuple[tuple[Heard, ...], tuple[Heard, ...]]:
        is_own = sort.marking is not self.whole.handling
        return self.docket.of_value(sort.changed, is_own_marking=is_own)

    def _heard(self, sort: Sort) -> Weighed:
        """Ask the rules that judge values of all categories alike, once for all of them."""
        # Where the value differs in nothing that limits read, those facts do not matter.
        others = None if sort.changed.isdisjoint(self.docket.limits_read) else self.limits
        key = ("value", self.values, self.terms, sort.seen, others)
        found = self.docket.known.get(key)
        if found is None:
            alike, _ = self._rules(sort)
            found = Weighed(self.hear(alike, self._view(sort)))
            self.docket.remember(key, found)
        return found

    def _based(self, sort: Sort, view: View, weighed: Weighed) -> list[Finding]:
        category, is_own = sort.category, sort.marking is not self.whole.handling
        reach, is_new = self.docket.reaching(category, sort.changed, is_own_marking=is_own)
        if is_new:
            return self.weigh(reach, view).found
        sure = [rule for rule in weighed.sure if category in rule.categories]
        open_ = [rule for rule in weighed.open_ if category in rule.categories]
        return self._best(sure, open_, view)

    def hear(self, rules: Iterable[Heard], view: View) -> list[Finding]:
        """Ask every rule but the bases, and return those that have something to say."""
        found: list[Finding] = []
        facts = view.facts
        for gate, ask, rule in rules:
            if gate and facts.get(gate) is False:
                continue
            try:
                verdict = ask(view)
            except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
                found.append(broken(rule, error))
            else:
                if verdict is not None:
                    found.append(self._finding(rule, verdict, view))
        return found

    def weigh(self, bases: Iterable[Standing], view: View) -> Weighed:
        """Return the best of the bases, or the silence of the law."""
        sure: list[Rule] = []
        open_: list[Rule] = []
        failed: list[Finding] = []
        facts, lifted = view.facts, self.lifted
        for gate, rule, is_sure in bases:
            if gate and facts.get(gate) is False:
                continue
            try:
                met = rule.test(view)
            except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
                failed.append(broken(rule, error))
                continue
            if met is not False:
                is_whole = (met and is_sure) or rule.name in lifted
                (sure if is_whole else open_).append(rule)
        best = self._best(sure, open_, view)
        return Weighed(failed + best, sure, open_)

    def _best(self, sure: list[Rule], open_: list[Rule], view: View) -> list[Finding]:
        if not (sure or open_):
            return self._near(view.category)
        verdict = Verdict.PERMIT if sure else Verdict.REFER
        return [self._finding(rule, verdict, view) for rule in sure or open_]

    def _near(self, category: str | None) -> list[Finding]:
        """Say that no basis is left, and which one would be if it bound both parties."""
        found = [NO_BASIS]
        for _, rule, _ in self.docket.near:
            if category is not None and category not in rule.categories:
                continue
            try:
                if rule.test(self.whole) is not False:
                    found.append(self._finding(rule, Verdict.DENY, self.whole))
            except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
                found.append(broken(rule, error))
        return found

    def _finding(self, rule: Rule, verdict: Verdict, view: View) -> Finding:
        if verdict is Verdict.DENY and not rule.is_verified and rule.role is not Role.BASIS:
            verdict = Verdict.REFER
        if (
            verdict is Verdict.REFER
            and rule.name in self.lifted
            and rule.role is not Role.ABSOLUTE
        ):
            # A term's duties are those of its emergency path, which a person's lift is not.
            bare = replace(rule, duties=()) if rule.role is Role.TERM else rule
            return _said(bare, Verdict.PERMIT, ())
        # Where a basis denies, it is not in force or reserved: no answer would help.
        if verdict is not Verdict.PERMIT and (rule.role, verdict) != _CLOSED:
            facts = view.facts
            unknown = tuple([name for name in rule.reads if facts.get(name) is None])
            if unknown:
                return _said(rule, verdict, unknown)
        known = self.docket.said
        key = (rule.name, verdict)
        if key not in known:
            known[key] = _said(rule, verdict, ())
        return known[key]


def _said(rule: Rule, verdict: Verdict, unknown: tuple[str, ...]) -> Finding:
    return Finding(
        name=rule.name,
        verdict=verdict,
        cite=rule.cite,
        text=rule.text,
        rule=rule,
        missing=unknown,
    )


def is_live(marking: Handling, at: Instant) -> bool:
    """Whether a marking's time has not run out."""
    return marking.until is None or at < marking.until


_PLACES = 256
_CLOSED = (Role.BASIS, Verdict.DENY)
