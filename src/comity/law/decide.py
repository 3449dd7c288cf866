"""Ask the law whether this may be sent, and whether what came may be held.

Deny outweighs refer, refer outweighs permit. Every value is judged, what looks alike once:
 1. an absolute prohibition denies; on an unknown fact it refers, and nobody lifts it by hand;
 2. an originator's term that is not met denies, unknown included;
 3. of the bases the best counts: one in force permits, one that hangs on something unknown
    refers; where none is left the law denies, for silence is not consent;
 4. a conditional prohibition denies unless it is lifted; where it is unknown it refers;
 5. a sensitivity refers, unknown included;
 6. an emergency can only stand in for a term that says so.
A rule whose evidence is unverified can refer, never permit nor deny; a rule that breaks denies.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from comity.core import cbor
from comity.core.clock import utc_date
from comity.core.errors import InvalidInputError
from comity.law.corpus import Corpus
from comity.law.docket import Standing, looks_at_values
from comity.law.finding import (
    EDGES,
    NO_BASIS,
    PROTECTIVE,
    Finding,
    broken,
    lifters,
    provisions,
    reasons_of,
    worse,
    worst_of,
)
from comity.law.model import (
    Decision,
    Denied,
    Obligation,
    Permitted,
    Referred,
    Role,
    Rule,
    Side,
    Verdict,
    owed,
)
from comity.law.view import Truth, View
from comity.message import Draft, Facts

_OUTCOME: Mapping[Verdict, type[Decision]] = {
    Verdict.PERMIT: Permitted,
    Verdict.REFER: Referred,
    Verdict.DENY: Denied,
}


def decide(draft: Draft, corpus: Corpus, *, lifted: Collection[str] = ()) -> Decision:
    """Return what our law says of sending `draft`, on the day of `draft.at`.

    `lifted` names rules whose referral a person has lifted (`rule` or `rule=person`); the
    caller answers for that person's seat. Raises `InvalidInputError` on an undeclared fact.
    """
    return Judge(draft, corpus, side=Side.RELEASE, lifted=lifted).decision()


def holds(draft: Draft, corpus: Corpus, *, lifted: Collection[str] = ()) -> Decision:
    """Return what our law says of holding what a partner sent; else as `decide`.

    The sender's conditions are the sender's to meet: here a basis counts by agencies, day,
    purpose, kind and category alone.
    """
    return Judge(draft, corpus, side=Side.HOLD, lifted=lifted).decision()


class Judge:
    """One draft before the law."""

    def __init__(
        self, draft: Draft, corpus: Corpus, *, side: Side, lifted: Collection[str] = ()
    ) -> None:
        """Take the draft, refusing facts nobody declared."""
        self.draft, self.corpus, self.side = draft, corpus, side
        self.lifted = frozenset(entry.partition("=")[0] for entry in lifted)
        day = utc_date(draft.at)
        self.whole = View(draft, corpus.treaties, day=day)
        self.docket = corpus.docket(self.whole, side)
        self._stood: dict[str, Truth] = {}
        self.is_protective = draft.is_protective and self._names_only_what_is_held()
        declared = corpus.lexicon.facts.keys()
        for facts in (draft.facts, *(item.facts for item in draft.items)):
            if not facts.keys() <= declared:
                raise InvalidInputError(f"unknown fact `{min(facts.keys() - declared)[:60]}`")

    def _names_only_what_is_held(self) -> bool:
        # INVARIANT: a message that carries any value but free text is a disclosure, whatever
        # it calls itself.
        carried = {item.category for item in self.draft.items} | self.draft.categories
        known = self.corpus.lexicon.categories
        return all(name in known and known[name].is_free_text for name in carried)

    def decision(self) -> Decision:
        """Judge message and values, and say why."""
        whole = self._of_message()
        values = [(tuple(paths), self._of_value(view)) for view, paths in self._groups()]
        floor = worst_of(whole)
        left_out = sorted(
            path for paths, found in values if worst_of(found) > floor for path in paths
        )
        return self._answer(
            [((), whole), *values],
            smallest_set=None if floor is Verdict.DENY else tuple(left_out),
        )

    def _of_message(self) -> list[Finding]:
        if self.is_protective:
            return [PROTECTIVE]
        items, docket = self.draft.items, self.docket
        # Where no value is carried, none is judged: whatever can carry meaning is an item.
        found = self.hear(docket.of_message, self.whole)
        found += self._of_use(self.weigh(docket.bases, docket.near, self.whole))
        for category in sorted(self.draft.categories - {item.category for item in items}):
            view = self.whole.of(category, self.draft.handling, facts=self._facts(category, {}))
            found += self._of_value(view)
        return found

    def _of_use(self, found: list[Finding]) -> list[Finding]:
        # A basis that reaches none of what is sent is not what it is sent on.
        carried = self.draft.categories | {item.category for item in self.draft.items}
        used = [
            each for each in found if each.rule and not carried.isdisjoint(each.rule.categories)
        ]
        return used if used and worst_of(found) is not Verdict.DENY else found

    def _groups(self) -> Iterable[tuple[View, list[str]]]:
        # Values of one category, marking and set of facts are judged once.
        groups: dict[object, tuple[View, list[str]]] = {}
        for item in self.draft.items:
            key = (item.category, id(item.handling), frozenset(item.facts.items()))
            if key not in groups:
                facts = self._facts(item.category, item.facts)
                groups[key] = (self.whole.of(item.category, item.handling, facts=facts), [])
            groups[key][1].append(item.path)
        return groups.values()

    def _facts(self, category: str, stated: Facts) -> Facts:
        """Return what is known of one value: its own facts, its category's, the message's."""
        lexicon, known = self.corpus.lexicon, dict(self.draft.facts)
        held = lexicon.categories.get(category)
        implied: Facts = held.implies if held else _NOTHING
        for facts in (implied, stated):
            for name, value in facts.items():
                one, worst = known.get(name), lexicon.facts[name].harms
                # Two answers to one question: the worse counts, and unknown beats the better.
                known[name] = value if one is None else worse(one, value, worst=worst)
        return known

    def _of_value(self, view: View) -> list[Finding]:
        docket, draft = self.docket, self.draft
        if self.is_protective:
            # A recall takes effect whatever its text says; its sender alone withholds text.
            return self.hear(docket.rules, view) if self.side is Side.RELEASE else []
        changed = frozenset(name for name, _ in view.facts.items() ^ draft.facts.items())
        bases, near = docket.covering.get(view.category or "", _NO_BASES)
        return self.hear(docket.of_value(changed), view) + self.weigh(
            bases, near, view, changed=changed
        )

    def hear(self, rules: Iterable[Rule], view: View) -> list[Finding]:
        """Ask every rule but the bases, and return those that have something to say."""
        found: list[Finding] = []
        for rule in rules:
            try:
                verdict = EDGES[rule.role](rule, view)
            except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
                found.append(broken(rule, error))
            else:
                if verdict is not None:
                    found.append(self._finding(rule, verdict, view))
        return found

    def weigh(
        self,
        bases: Iterable[Standing],
        near: Iterable[Rule],
        view: View,
        *,
        changed: frozenset[str] = frozenset(),
    ) -> list[Finding]:
        """Return the best of the bases, or the silence of the law."""
        sure: list[Rule] = []
        open_: list[Rule] = []
        failed: list[Finding] = []
        for basis in bases:
            rule = basis.rule
            met = self._is_met(rule, view, changed, failed)
            if met is not False:
                is_whole = basis.binds and met and rule.is_verified
                (sure if is_whole or rule.name in self.lifted else open_).append(rule)
        for rules, verdict in ((sure, Verdict.PERMIT), (open_, Verdict.REFER)):
            if rules:
                return failed + [self._finding(rule, verdict, view) for rule in rules]
        closed = [r for r in near if self._is_met(r, view, changed, failed) is not False]
        return [*failed, NO_BASIS, *(self._finding(r, Verdict.DENY, view) for r in closed)]

    def _is_met(
        self, rule: Rule, view: View, changed: frozenset[str], failed: list[Finding]
    ) -> Truth:
        if rule.name in self._stood and not looks_at_values(rule, changed):
            return self._stood[rule.name]
        try:
            met = rule.test(view) if self.side is Side.RELEASE else True
        except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
            failed.append(broken(rule, error))
            return False
        if view is self.whole:
            self._stood[rule.name] = met
        return met

    def _finding(self, rule: Rule, verdict: Verdict, view: View) -> Finding:
        if verdict is Verdict.DENY and not rule.is_verified and rule.role is not Role.BASIS:
            verdict = Verdict.REFER
        if (
            verdict is Verdict.REFER
            and rule.name in self.lifted
            and rule.role is not Role.ABSOLUTE
        ):
            verdict = Verdict.PERMIT
            if rule.role is Role.TERM:
                # Its duties are those of its emergency path, which a person's lift is not.
                rule = replace(rule, duties=())
        unknown: tuple[str, ...] = ()
        # Where a basis denies, it is not in force or reserved: no answer would help.
        if verdict is not Verdict.PERMIT and (rule.role, verdict) != _CLOSED:
            unknown = tuple(name for name in rule.reads if view.facts.get(name) is None)
        return Finding(
            name=rule.name,
            verdict=verdict,
            cite=rule.cite,
            text=rule.text,
            rule=rule,
            missing=unknown,
        )

    def _answer(
        self,
        judged: Collection[tuple[tuple[str, ...], list[Finding]]],
        *,
        smallest_set: tuple[str, ...] | None,
    ) -> Decision:
        found = [finding for _, listed in judged for finding in listed]
        verdict, reasons = worst_of(found), reasons_of(judged)
        owing = () if verdict is Verdict.DENY else self._owed(found)
        missing = tuple(sorted({name for each in found for name in each.missing}))
        return _OUTCOME[verdict](
            verdict=verdict,
            reasons=reasons,
            obligations=owing,
            missing=missing,
            smallest_set=smallest_set,
            lifted_by=lifters(found) if verdict is Verdict.REFER else frozenset(),
            packs=self.corpus.packs,
            digest=self._digest(
                [
                    int(verdict),
                    " ".join(f"{each.rule}={int(each.outcome)}" for each in reasons),
                    " ".join(f"{each.code}={each.due}" for each in owing),
                    " ".join(missing),
                    None if smallest_set is None else list(smallest_set),
                ]
            ),
            at=self.draft.at,
            basis=provisions(found) if verdict is Verdict.PERMIT else (),
        )

    def _owed(self, found: Iterable[Finding]) -> tuple[Obligation, ...]:
        """Unite what follows; of two dates for one duty the earlier wins."""
        kept: dict[str, Obligation] = {}
        for finding in found:
            rule = finding.rule
            duties = rule.duties if rule and finding.verdict is Verdict.PERMIT else ()
            for duty in duties:
                new = owed(duty, cite=finding.cite, at=self.draft.at)
                old = kept.get(duty.code, new)
                first = min(old, new, key=lambda each: (each.due or "~", each.cite))
                if first.handling != old.handling | new.handling:
                    first = replace(first, handling=old.handling | new.handling)
                kept[duty.code] = first
        return tuple(kept[code] for code in sorted(kept))

    def _digest(self, told: list[cbor.Value]) -> bytes:
        """Bind input, packs and result, so that the same question gives the same 32 bytes."""
        draft = self.draft
        markings = {id(item.handling): str(item.handling) for item in draft.items}
        asked: list[cbor.Value] = [
            *(draft.kind, draft.originator, draft.recipient, draft.purpose),
            *(draft.at, draft.case, self.side.value, draft.urgency.value, draft.is_protective),
            sorted(self.lifted),
            *(str(draft.handling), sorted(draft.categories), _written(draft.facts), draft.body),
            [
                [i.path, i.category, markings[id(i.handling)], _written(i.facts)]
                for i in draft.items
            ],
        ]
        return hashlib.sha256(cbor.encode([*asked, self.corpus.digest, *told])).digest()


def _written(facts: Facts) -> str:
    return " ".join(sorted(name + _SIGN[value] for name, value in facts.items()))


_SIGN: Mapping[Truth, str] = {True: "+", False: "-", None: "?"}


_NOTHING: Facts = {}
_NO_BASES: tuple[tuple[Standing, ...], tuple[Rule, ...]] = ((), ())
_CLOSED = (Role.BASIS, Verdict.DENY)
