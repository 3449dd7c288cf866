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

from comity.core.clock import Instant, utc_date
from comity.core.errors import InvalidInputError
from comity.law.corpus import Corpus
from comity.law.docket import Heard, Known, Standing
from comity.law.finding import (
    NO_BASIS,
    PROTECTIVE,
    Finding,
    broken,
    lifters,
    provisions,
    worse,
    worst_of,
)
from comity.law.model import (
    Decision,
    Denied,
    Obligation,
    Permitted,
    Reason,
    Referred,
    Role,
    Rule,
    Side,
    Verdict,
    dated,
)
from comity.law.view import Truth, View
from comity.message import Draft, Facts, Handling

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
        self.whole = View(draft, corpus.treaties, day=utc_date(draft.at))
        self.docket = corpus.docket(self.whole, side)
        self.carried = draft.categories.union([item.category for item in draft.items])
        self.marking = str(draft.handling)
        self.is_protective = draft.is_protective and self._names_only_what_is_held()
        self._sure: list[Rule] = []
        self._open: list[Rule] = []
        self._facts: dict[object, tuple[Facts, frozenset[str], object]] = {}
        declared = corpus.lexicon.facts.keys()
        for facts in (draft.facts, *[item.facts for item in draft.items if item.facts]):
            if not facts.keys() <= declared:
                raise InvalidInputError(f"unknown fact `{min(facts.keys() - declared)[:60]}`")
        until = draft.handling.until
        # All that a rule of this docket can see of the message: what was found before of the
        # same is found again.
        self._stated = tuple(map(draft.facts.get, self.docket.reads))
        self._known = self.docket.known_of(
            (
                *(self._stated, self.marking, until is None or draft.at < until, self.lifted),
                draft.categories if self.docket.sees_categories else None,
            )
        )

    def _names_only_what_is_held(self) -> bool:
        # INVARIANT: a message that carries any value but free text is a disclosure, whatever
        # it calls itself.
        known = self.corpus.lexicon.categories
        return all(name in known and known[name].is_free_text for name in self.carried)

    def decision(self) -> Decision:
        """Judge message and values, and say why."""
        whole = self._of_message()
        values = [(paths, self._of_value(*view)) for view, paths in self._groups()]
        floor = worst_of(whole)
        left_out = [path for paths, found in values if found.worst > floor for path in paths]
        return self._answer(
            whole,
            values,
            smallest_set=None if floor is Verdict.DENY else tuple(sorted(left_out)),
        )

    def _of_message(self) -> list[Finding]:
        if self.is_protective:
            return [PROTECTIVE]
        draft, docket, known = self.draft, self.docket, self._known
        # Where no value is carried, none is judged: whatever can carry meaning is an item.
        if _WHOLE not in known:
            heard = self.hear(docket.of_message, self.whole)
            weighed = self.weigh(docket.bases, self.whole, is_first=True)
            known[_WHOLE] = Known(heard, Verdict.PERMIT, weighed, self._sure, self._open)
        heard, _, weighed, self._sure, self._open = known[_WHOLE]
        found = heard + self._of_use(weighed)
        loose = draft.categories.difference([item.category for item in draft.items])
        for category in sorted(loose):
            found += self._of_value(*self._view(category, draft.handling, _NOTHING)).heard
        return found

    def _of_use(self, found: list[Finding]) -> list[Finding]:
        # A basis that reaches none of what is sent is not what it is sent on.
        used = [
            each
            for each in found
            if each.rule and not self.carried.isdisjoint(each.rule.categories)
        ]
        return used if used and worst_of(found) is not Verdict.DENY else found

    def _groups(self) -> Iterable[tuple[tuple[View, frozenset[str], object], list[str]]]:
        # Values of one category, marking and set of facts are judged once.
        groups: dict[object, tuple[tuple[View, frozenset[str], object], list[str]]] = {}
        own = self.draft.handling
        for item in self.draft.items:
            key: object = item.category
            if item.facts or item.handling is not own:
                key = (key, id(item.handling), frozenset(item.facts.items()))
            if key not in groups:
                groups[key] = (self._view(item.category, item.handling, item.facts), [])
            groups[key][1].append(item.path)
        return groups.values()

    def _view(
        self, category: str, marking: Handling, stated: Facts
    ) -> tuple[View, frozenset[str], object]:
        """Look at one sort of value: in which facts it differs, and what rules see of it."""
        held = self.corpus.lexicon.categories.get(category)
        implied = held.implies if held else _NOTHING
        # Categories that imply the same share one map: what it comes to is worked out once.
        key = (id(implied), frozenset(stated.items()) if stated else None)
        if key not in self._facts:
            self._facts[key] = self._joined(implied, stated)
        known, names, seen = self._facts[key]
        if marking is not self.draft.handling:
            until = marking.until
            seen = (seen, str(marking), until is None or self.draft.at < until)
        return self.whole.of(category, marking, facts=known), names, (category, seen)

    def _joined(self, implied: Facts, stated: Facts) -> tuple[Facts, frozenset[str], object]:
        known, asked = self.corpus.lexicon.facts, self.draft.facts
        changed: dict[str, Truth] = {}
        for facts in (implied, stated):
            for name, value in facts.items():
                one = changed[name] if name in changed else asked.get(name)
                # Two answers to one question: the worse counts, and unknown beats the better.
                worst = known[name].harms
                changed[name] = value if one is None else worse(one, value, worst=worst)
        new = {k: v for k, v in changed.items() if k not in asked or asked[k] is not v}
        if not new:
            return asked, _NO_NAMES, None
        facts = {**asked, **new}
        return facts, frozenset(new), tuple(map(facts.get, self.docket.reads))

    def _of_value(self, view: View, changed: frozenset[str], seen: object) -> Known:
        docket = self.docket
        if self.is_protective:
            # A recall takes effect whatever its text says; its sender alone withholds text.
            found = self.hear(docket.rules, view) if self.side is Side.RELEASE else []
            return Known(found, worst_of(found))
        known = self._known.get(seen)
        if known is None:
            is_own = view.handling is not self.draft.handling
            found = self.hear(docket.of_value(changed, is_own_marking=is_own), view)
            reach, is_new = docket.reaching(view.category, changed, is_own_marking=is_own)
            found += self.weigh(reach, view) if is_new else self._as_message(view)
            known = self._known[seen] = Known(found, worst_of(found))
        return known

    def _as_message(self, view: View) -> list[Finding]:
        """Say of a value what the bases said of its message, where they reach its category."""
        sure = [rule for rule in self._sure if view.category in rule.categories]
        open_ = [rule for rule in self._open if view.category in rule.categories]
        return self._best(sure, open_, view) if sure or open_ else self._near(view)

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

    def weigh(
        self, bases: Iterable[Standing], view: View, *, is_first: bool = False
    ) -> list[Finding]:
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
        if is_first:
            self._sure, self._open = sure, open_
        best = self._best(sure, open_, view) if sure or open_ else self._near(view)
        return failed + best

    def _best(self, sure: list[Rule], open_: list[Rule], view: View) -> list[Finding]:
        verdict = Verdict.PERMIT if sure else Verdict.REFER
        return [self._finding(rule, verdict, view) for rule in sure or open_]

    def _near(self, view: View) -> list[Finding]:
        """Say that no basis is left, and which one would be if it bound both parties."""
        found = [NO_BASIS]
        for each in self.docket.near:
            rule = each.rule
            if view.category is not None and view.category not in rule.categories:
                continue
            try:
                if rule.test(view) is not False:
                    found.append(self._finding(rule, Verdict.DENY, view))
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

    def _answer(
        self,
        whole: list[Finding],
        values: Collection[tuple[list[str], Known]],
        *,
        smallest_set: tuple[str, ...] | None,
    ) -> Decision:
        found = whole + [each for _, known in values for each in known.heard]
        verdict = worst_of(found)
        reasons = self._reasons(whole, values)
        owing = () if verdict is Verdict.DENY else self._owed(found)
        missing = tuple(sorted({name for each in found for name in each.missing}))
        return _OUTCOME[verdict](
            verdict=verdict,
            reasons=reasons,
            obligations=owing,
            missing=missing,
            smallest_set=smallest_set,
            lifted_by=lifters(found) if verdict is Verdict.REFER else _NOBODY,
            packs=self.corpus.packs,
            digest=self._digest(
                [
                    str(int(verdict)),
                    " ".join([f"{each.rule}={each.outcome:d}" for each in reasons]),
                    " ".join([f"{each.code}={each.due_at}" for each in owing]),
                    " ".join(missing),
                    "none" if smallest_set is None else "\0".join(["", *smallest_set]),
                ]
            ),
            at=self.draft.at,
            basis=provisions(found) if verdict is Verdict.PERMIT else (),
        )

    def _reasons(
        self, whole: list[Finding], values: Collection[tuple[list[str], Known]]
    ) -> tuple[Reason, ...]:
        """Return one reason per rule and outcome, the deciding ones first."""
        said: dict[tuple[int, str], tuple[Finding, list[str]]] = {}
        for each in whole:
            said[-each.verdict, each.name] = (each, [])
        for paths, known in values:
            for each in known.heard:
                key = (-each.verdict, each.name)
                if key in said:
                    said[key][1].extend(paths)
                else:
                    said[key] = (each, [*paths])
        reason = self.docket.reason
        return tuple(
            [reason(said[key][0], tuple(sorted(said[key][1]))) for key in sorted(said)]
        )

    def _owed(self, found: Collection[Finding]) -> tuple[Obligation, ...]:
        """Date what follows from the instant of the decision."""
        at = self.draft.at
        return tuple(
            [
                each if after is None else dated(each, Instant(at + after))
                for each, after in self.docket.owed(found)
            ]
        )

    def _digest(self, told: list[str]) -> bytes:
        """Bind what the law saw and what it answered: one question and one answer, 32 bytes.

        It sees no body, only the values' places, categories, markings and the facts that some
        rule reads; the ledger binds the body beside this digest.
        """
        draft, items = self.draft, self.draft.items
        markings = {id(draft.handling): self.marking}
        for item in items:
            if id(item.handling) not in markings:
                markings[id(item.handling)] = str(item.handling)
        said = [
            *(draft.kind, draft.originator, draft.recipient, draft.purpose, str(draft.at)),
            *(draft.case, self.side.value, draft.urgency.value, str(draft.is_protective)),
            *(self.marking, str(self._stated), self.corpus.digest.hex(), *told),
            *(str(len(self.lifted)), *sorted(self.lifted), *sorted(draft.categories)),
        ]
        for item in items:
            facts = _written(item.facts) if item.facts else ""
            said += (item.path, item.category, markings[id(item.handling)], facts)
        # With the length of each text beside it, no two questions are written alike.
        lengths = " ".join(map(str, map(len, said)))
        written = f"{len(items)} {lengths}\n{''.join(said)}"
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest()


def _said(rule: Rule, verdict: Verdict, unknown: tuple[str, ...]) -> Finding:
    return Finding(
        name=rule.name,
        verdict=verdict,
        cite=rule.cite,
        text=rule.text,
        rule=rule,
        missing=unknown,
    )


def _written(facts: Facts) -> str:
    names = sorted(facts)
    return f"{' '.join(names)} {list(map(facts.get, names))}"


_NOTHING: Facts = {}
_WHOLE = "the message as a whole"
_NOBODY = _NO_NAMES = frozenset[str]()
_CLOSED = (Role.BASIS, Verdict.DENY)
