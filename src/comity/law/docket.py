"""What one sort of question meets: what is left once agencies, day, purpose and kind are known.

Most of the law has nothing to say between two given partners on a given day. What depends on
nothing else is settled here once; each message is then asked only what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from comity.core.clock import Instant
from comity.law.finding import Finding, reason_of
from comity.law.logic import Predicate
from comity.law.model import (
    Obligation,
    Reason,
    Role,
    Rule,
    Side,
    Verdict,
    join_duties,
    owed,
)
from comity.law.settling import (
    Heard,
    Shared,
    Standing,
    is_known,
    settle_basis,
    settle_limit,
    tests_of,
)
from comity.law.view import View
from comity.message import Draft, Urgency

_SUPPORT = {Role.BASIS, Role.MANDATE}


_KEPT = 4_096
"""Most answers that one docket keeps."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What rules said of a message, and of its values where they see nothing else in them."""

    found: list[Finding]
    sure: list[Rule] = field(default_factory=list[Rule])
    """The bases that hold."""
    open_: list[Rule] = field(default_factory=list[Rule])
    """The bases that hang on something unknown."""
    by_category: "dict[object, tuple[Weighed, list[Finding], Verdict]]" = field(
        default_factory=dict[object, "tuple[Weighed, list[Finding], Verdict]"]
    )
    """All that was said of a category's values, by what the bases said of their message."""


@dataclass(frozen=True, slots=True)
class Docket:
    """The rules that can matter to one sort of question, in stage order."""

    rules: tuple[Heard, ...]
    """All but bases and mandates."""
    of_message: tuple[Heard, ...]
    """Those that do not look at single values."""
    bases: tuple[Standing, ...]
    near: tuple[Standing, ...]
    """Bases that do not bind both: named where no other is left."""
    said: dict[tuple[str, Verdict], Finding]
    """Findings without anything missing, made once."""
    start: Instant
    """An instant of the day, from which lengths of time are counted."""
    limits_read: tuple[str, ...]
    """The facts that limits on the whole message read."""
    bases_read: tuple[str, ...]
    values_read: tuple[str, ...]
    """The facts that those read which judge single values."""
    known: dict[object, Weighed]
    """What was found of a message or value, by all that a rule can see of it."""
    sees_categories: bool
    """A basis looks at what the whole message carries."""
    words: dict[object, Reason]
    """Why a rule did not speak, by what it was told; only an explanation asks."""
    silent: list[Reason]
    """The rules that can never speak here; likewise."""
    is_closed: bool
    """Every test is of the vocabulary, so that what each looks at is known."""
    reasons: dict[object, tuple[Reason, str]]
    """Reasons, each with its tag, by what was said of which values."""
    _owed: dict[frozenset[str], tuple[tuple[tuple[Obligation, int | None], ...], str]]
    of_category: frozenset[str]
    """Names of the rules that look at a value's category."""
    _touched: dict[object, tuple[tuple[Heard, ...], tuple[Heard, ...]]]
    _reaching: dict[object, tuple[tuple[Standing, ...], bool]]

    def remember(self, key: object, found: Weighed) -> None:
        """Keep what was found of all messages or values alike, up to a limit."""
        if self.is_closed:
            if len(self.known) >= _KEPT:
                self.known.clear()
            self.known[key] = found

    def of_value(
        self, changed: frozenset[str], *, is_own_marking: bool
    ) -> tuple[tuple[Heard, ...], tuple[Heard, ...]]:
        """Return the rules that can judge a value otherwise than its message.

        First those that judge values of all categories alike, then those that look at it.
        """
        key = (changed, is_own_marking)
        found = self._touched.get(key)
        if found is None:
            looks = [e for e in self.rules if _looks(e.rule, changed, is_own=is_own_marking)]
            alike = tuple(e for e in looks if e.rule.name not in self.of_category)
            rest = tuple(e for e in looks if e.rule.name in self.of_category)
            found = self._touched[key] = (alike, rest)
        return found

    def owed(
        self, heard: Iterable[list[Finding]]
    ) -> tuple[tuple[tuple[Obligation, int | None], ...], str]:
        """Unite what follows from findings, each with its time in ms; and the tag of all.

        Of two dates for one duty the earlier wins, and every marking stays.
        """
        bound = {
            each.name: each.rule
            for found in heard
            for each in found
            if each.verdict is Verdict.PERMIT and each.rule and each.rule.duties
        }
        key = frozenset(bound)
        if key not in self._owed:
            duties = self._unite(bound.values())
            tag = " ".join(f"{duty.code}={after}" for duty, after in duties)
            self._owed[key] = (duties, tag)
        return self._owed[key]

    def _unite(self, rules: Iterable[Rule]) -> tuple[tuple[Obligation, int | None], ...]:
        kept: dict[str, Obligation] = {}
        for rule in rules:
            for duty in rule.duties:
                new = owed(duty, cite=rule.cite, at=self.start)
                old = kept.get(duty.code)
                kept[duty.code] = new if old is None else join_duties(old, new)
        # A length of time depends on the day it begins, not on the time of day.
        return tuple(
            (replace(each, due_at=None), each.due_at and each.due_at - self.start)
            for _, each in sorted(kept.items())
        )

    def reason(self, found: Finding, paths: tuple[str, ...]) -> tuple[Reason, str]:
        """Return one finding as a reason that speaks of these values, and its tag."""
        key = (found.key, paths)
        said = self.reasons.get(key)
        if said is None:
            if len(self.reasons) >= _KEPT:
                self.reasons.clear()
            said = (reason_of(found, paths), f"{found.name}={found.verdict:d}")
            if self.is_closed:
                self.reasons[key] = said
        return said

    def reaching(
        self, category: str | None, changed: frozenset[str], *, is_own_marking: bool
    ) -> tuple[tuple[Standing, ...], bool]:
        """Return the bases that reach a data category, and whether a value is theirs to judge.

        Where it is not, they say of the value what they said of its message.
        """
        key = (category, changed, is_own_marking)
        found = self._reaching.get(key)
        if found is None:
            reach = tuple(each for each in self.bases if category in each.rule.categories)
            is_new = any(_looks(each.rule, changed, is_own=is_own_marking) for each in reach)
            found = self._reaching[key] = (reach, is_new)
        return found


@dataclass(frozen=True, slots=True)
class Sight:
    """What of kind and urgency any rule looks at: questions alike in it share a docket."""

    kinds: frozenset[str]
    """Kinds and practices that a rule names."""
    sees_urgency: bool
    sees_kind: bool
    """Nobody knows what some rule looks at."""

    def of(self, draft: Draft) -> tuple[str, bool]:
        """Return what of a draft's kind and urgency can matter."""
        practice = draft.kind.partition(".")[0]
        named = practice if practice in self.kinds else ""
        kind = draft.kind if self.sees_kind or draft.kind in self.kinds else named
        return kind, self.sees_urgency and draft.urgency is Urgency.URGENT


def sight_of(rules: Sequence[Rule]) -> Sight:
    """Return what the rules look at."""
    tests = [test for rule in rules for test in tests_of(rule)]
    known = [test for test in tests if isinstance(test, Predicate)]
    is_open = len(known) < len(tests)
    return Sight(
        kinds=frozenset[str]().union(*(each.kinds for each in known)),
        sees_urgency=is_open or any(each.is_urgent for each in known),
        sees_kind=is_open,
    )


def make_docket(live: Sequence[Rule], view: View, *, side: Side, shared: Shared) -> Docket:
    """Settle the rules of a day, purpose and side for two agencies and a kind."""
    limits = [rule for rule in live if rule.role not in _SUPPORT]
    made = [kept for rule in limits if (kept := settle_limit(rule, view, shared)) is not None]
    heard = tuple(each for each, _ in made)
    settled = [each.rule for each in heard]
    bases: list[Standing] = []
    near: list[Standing] = []
    for rule in live:
        if rule.role is Role.BASIS:
            left, binds = settle_basis(rule, view, side, shared)
            if left is not None:
                gate, bare = left
                standing = Standing(gate, bare, binds is True and bare.is_verified)
                (near if binds is False else bases).append(standing)
    return Docket(
        rules=heard,
        of_message=tuple(each for each in heard if not each.rule.of_value),
        bases=tuple(bases),
        near=tuple(near),
        said={},
        start=view.draft.at,
        limits_read=_read(rule for rule in settled if not rule.of_value),
        bases_read=_read(each.rule for each in (*bases, *near)),
        values_read=_read(rule for rule in settled if rule.of_value or rule.of_handling),
        known={},
        of_category=frozenset(each.rule.name for each, of_category in made if of_category),
        sees_categories=any(_sees_categories(rule) for rule in live),
        words={},
        silent=[],
        is_closed=all(is_known(rule) for rule in live),
        reasons={},
        _owed={},
        _touched={},
        _reaching={},
    )


def _looks(rule: Rule, changed: frozenset[str], *, is_own: bool) -> bool:
    """Whether a rule can see a value otherwise than its message."""
    is_marked = rule.of_handling and is_own
    return rule.of_value or is_marked or not changed.isdisjoint(rule.reads)


def _sees_categories(rule: Rule) -> bool:
    test = rule.test
    return rule.role is Role.BASIS and isinstance(test, Predicate) and test.of_category


def _read(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(sorted({name for rule in rules for name in rule.reads}))
