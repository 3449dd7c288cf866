"""Ask the law: may this be sent, and may what came be held?

Deny outweighs refer, refer outweighs permit. Every value is judged, values that look alike once:
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
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from comity.core import cbor
from comity.core.clock import utc_date
from comity.core.errors import InvalidInputError
from comity.law.corpus import Corpus
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
    owed,
)
from comity.law.view import Truth, View
from comity.message import Draft, Facts

ASSESSORS = frozenset({"legal", "rights"})
"""Who may make unknown facts of an absolute prohibition known, by a standing assessment."""
_OUTCOME: Mapping[Verdict, type[Decision]] = {
    Verdict.PERMIT: Permitted,
    Verdict.REFER: Referred,
    Verdict.DENY: Denied,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule said of one view of the draft; `rule` is `None` where the law is silent."""

    name: str
    verdict: Verdict
    cite: str
    text: str
    rule: Rule | None = None
    missing: tuple[str, ...] = ()


_NO_BASIS = Finding(
    name="law.no-basis",
    verdict=Verdict.DENY,
    cite="legality: Vienna Convention on the Law of Treaties, art. 34",
    text="no instrument in force between the two parties permits this",
)
_PROTECTIVE = Finding(
    name="law.protective",
    verdict=Verdict.PERMIT,
    cite="network terms, protective messages (Directive (EU) 2016/680, art. 16(6))",
    text="names only what the partner already holds, to protect the person it is about",
)


def decide(draft: Draft, corpus: Corpus, *, lifted: Collection[str] = ()) -> Decision:
    """Return what our law says of sending `draft`, on the day of `draft.at`.

    `lifted` names rules whose referral a person has lifted (`rule` or `rule=person`); the caller
    answers for that person's seat. Raises `InvalidInputError` on a fact that is not declared.
    """
    return Judge(draft, corpus, side=Side.RELEASE, lifted=lifted).decision()


def holds(draft: Draft, corpus: Corpus, *, lifted: Collection[str] = ()) -> Decision:
    """Return what our law says of holding what a partner sent; else as `decide`.

    The sender's conditions are the sender's to meet: here a basis counts by parties, purpose
    and category alone.
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
        self.chapter = corpus.chapter(side, draft.purpose, on=day)
        self.whole = View(draft, corpus.treaties, day=day)
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
        floor = _worst(whole)
        left_out = sorted(
            path for paths, found in values if _worst(found) > floor for path in paths
        )
        return self._answer(
            [((), whole), *values],
            smallest_set=None if floor is Verdict.DENY else tuple(left_out),
        )

    def _of_message(self) -> list[Finding]:
        if self.is_protective:
            return [_PROTECTIVE]
        items, chapter = self.draft.items, self.chapter
        found = self.hear(chapter.of_message if items else chapter.rules, self.whole)
        found += self.weigh(chapter.bases, self.whole)
        for category in sorted(self.draft.categories - {item.category for item in items}):
            view = self.whole.of(category, self.draft.handling, facts=self._facts(category, {}))
            found += self._of_value(view)
        return found

    def _groups(self) -> Iterable[tuple[View, list[str]]]:
        # Values of one category, marking and set of facts are judged once.
        groups: dict[object, tuple[View, list[str]]] = {}
        for item in self.draft.items:
            key = (item.category, item.handling, frozenset(item.facts.items()))
            if key not in groups:
                facts = self._facts(item.category, item.facts)
                groups[key] = (self.whole.of(item.category, item.handling, facts=facts), [])
            groups[key][1].append(item.path)
        return groups.values()

    def _facts(self, category: str, stated: Facts) -> Facts:
        """Return what is known of one value: its own facts, its category's, the message's."""
        lexicon, known = self.corpus.lexicon, dict(self.draft.facts)
        held = lexicon.categories.get(category)
        for facts in (held.implies if held else {}, stated):
            for name, value in facts.items():
                one, worst = known.get(name), lexicon.facts[name].harms
                # Two answers to one question: the worse counts, and unknown beats the better.
                known[name] = value if one is None else _worse(one, value, worst=worst)
        return known

    def _of_value(self, view: View) -> list[Finding]:
        chapter, draft = self.chapter, self.draft
        if self.is_protective:
            return self.hear(chapter.rules, view)
        changed = view.facts.items() ^ draft.facts.items()
        names = {name for name, _ in changed}
        rules = [
            rule
            for rule in chapter.rules
            if rule.of_value or rule.of_handling or not names.isdisjoint(rule.reads)
        ]
        return self.hear(rules, view) + self.weigh(
            chapter.covering.get(view.category or "", ()), view
        )

    def hear(self, rules: Iterable[Rule], view: View) -> list[Finding]:
        """Ask every rule but the bases, and return those that have something to say."""
        found: list[Finding] = []
        for rule in rules:
            try:
                verdict = _EDGES[rule.role](rule, view)
            except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
                found.append(_broken(rule, error))
            else:
                if verdict is not None:
                    found.append(self._finding(rule, verdict, view))
        return found

    def weigh(self, bases: Iterable[Rule], view: View) -> list[Finding]:
        """Return the best of the bases, or the silence of the law."""
        held: dict[Truth, list[Rule]] = {True: [], None: [], False: []}
        broken: list[Finding] = []
        for rule in bases:
            try:
                held[self.stands(rule, view)].append(rule)
            except Exception as error:  # noqa: BLE001 - any failure of a rule must deny
                broken.append(_broken(rule, error))
        for truth, verdict in ((True, Verdict.PERMIT), (None, Verdict.REFER)):
            if held[truth]:
                return broken + [self._finding(rule, verdict, view) for rule in held[truth]]
        return [
            *broken,
            _NO_BASIS,
            *(self._finding(r, Verdict.DENY, view) for r in held[False]),
        ]

    def stands(self, rule: Rule, view: View) -> Truth:
        """Whether a basis is in force, free of reservations and met; `None` is unknown."""
        parties, treaties = (view.giver, view.taker), view.treaties
        found = treaties.between(rule.between, *parties, on=view.day)
        if found is False:
            return False
        kept = treaties.reserved(rule.between, rule.articles, parties=parties, on=view.day)
        met = rule.test(view) if self.side is Side.RELEASE else True
        if kept is True or met is False:
            return False
        if rule.name in self.lifted:
            return True
        is_known = None not in {found, kept, met}
        return True if is_known and rule.is_verified else None

    def _finding(self, rule: Rule, verdict: Verdict, view: View) -> Finding:
        if verdict is Verdict.DENY and not rule.is_verified and rule.role is not Role.BASIS:
            verdict = Verdict.REFER
        if (
            verdict is Verdict.REFER
            and rule.name in self.lifted
            and rule.role is not Role.ABSOLUTE
        ):
            verdict = Verdict.PERMIT
        unknown: tuple[str, ...] = ()
        if verdict is not Verdict.PERMIT:
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
        verdict = _worst(found)
        is_possible = verdict is not Verdict.DENY
        decision = _OUTCOME[verdict](
            verdict=verdict,
            reasons=_reasons(judged),
            obligations=self._owed(found) if is_possible else (),
            missing=tuple(sorted({name for each in found for name in each.missing})),
            smallest_set=smallest_set,
            lifted_by=_lifters(found) if verdict is Verdict.REFER else frozenset(),
            packs=self.corpus.packs,
            digest=b"",
            at=self.draft.at,
            basis=_basis(found) if verdict is Verdict.PERMIT else (),
        )
        return replace(decision, digest=self._digest(decision))

    def _owed(self, found: Iterable[Finding]) -> tuple[Obligation, ...]:
        """Unite what follows; of two dates for one duty the earlier wins."""
        kept: dict[str, Obligation] = {}
        for finding in found:
            rule = finding.rule
            duties = rule.duties if rule and finding.verdict is Verdict.PERMIT else ()
            for duty in duties:
                new = owed(duty, cite=finding.cite, at=self.draft.at)
                old = kept.setdefault(duty.code, new)
                first = min(old, new, key=lambda each: (each.due or "~", each.cite))
                kept[duty.code] = replace(first, handling=old.handling | new.handling)
        return tuple(kept[code] for code in sorted(kept))

    def _digest(self, decision: Decision) -> bytes:
        """Bind input, packs and result, so that the same question gives the same 32 bytes."""
        draft = self.draft
        asked: list[cbor.Value] = [
            [
                draft.kind,
                draft.originator,
                draft.recipient,
                draft.purpose,
                draft.at,
                draft.case,
            ],
            [self.side.value, draft.urgency.value, draft.is_protective, sorted(self.lifted)],
            [str(draft.handling), sorted(draft.categories), dict(draft.facts), draft.body],
            [[i.path, i.category, str(i.handling), dict(i.facts)] for i in draft.items],
        ]
        reasons = [
            [each.rule, int(each.outcome), list(each.paths)] for each in decision.reasons
        ]
        duties = [[each.code, each.cite, each.due] for each in decision.obligations]
        left_out = None if decision.smallest_set is None else list(decision.smallest_set)
        told: list[cbor.Value] = [int(decision.verdict), reasons, duties, left_out]
        whole = cbor.encode([asked, self.corpus.digest, told, list(decision.missing)])
        return hashlib.sha256(whole).digest()


def _absolute(rule: Rule, view: View) -> Verdict | None:
    found = rule.test(view)
    return None if found is False else Verdict.DENY if found else Verdict.REFER


def _term(rule: Rule, view: View) -> Verdict | None:
    if rule.test(view):
        return None
    # LED 35(2): where the term's own law knows the exception, and all of it is known to hold.
    return Verdict.PERMIT if rule.emergency and rule.emergency(view) else Verdict.DENY


def _condition(rule: Rule, view: View) -> Verdict | None:
    found = rule.test(view)
    lifted = False if found is False or rule.unless is None else rule.unless(view)
    if found is False or lifted is True:
        return None
    return Verdict.DENY if found and lifted is False else Verdict.REFER


def _sensitivity(rule: Rule, view: View) -> Verdict | None:
    return None if rule.test(view) is False else Verdict.REFER


def _obligation(rule: Rule, view: View) -> Verdict | None:
    return None if rule.test(view) is False else Verdict.PERMIT


_EDGES: Mapping[Role, Callable[[Rule, View], Verdict | None]] = {
    Role.ABSOLUTE: _absolute,
    Role.TERM: _term,
    Role.CONDITION: _condition,
    Role.SENSITIVITY: _sensitivity,
    Role.OBLIGATION: _obligation,
}


def _broken(rule: Rule, error: Exception) -> Finding:
    text = f"the rule could not be applied ({type(error).__name__}): what breaks denies"
    return Finding(name=rule.name, verdict=Verdict.DENY, cite=rule.cite, text=text)


def _worse(one: Truth, other: Truth, *, worst: bool) -> Truth:
    return worst if worst in {one, other} else None if None in {one, other} else one


def _worst(found: Collection[Finding]) -> Verdict:
    return max((each.verdict for each in found), default=Verdict.PERMIT)


def _lifters(found: Iterable[Finding]) -> frozenset[str]:
    rules = [each.rule for each in found if each.rule and each.verdict is Verdict.REFER]
    seats = (ASSESSORS if rule.role is Role.ABSOLUTE else rule.lifted_by for rule in rules)
    return frozenset[str]().union(*seats)


def _basis(found: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(
        sorted({each.cite for each in found if each.rule and each.rule.role is Role.BASIS})
    )


def _reasons(
    judged: Iterable[tuple[tuple[str, ...], list[Finding]]],
) -> tuple[Reason, ...]:
    said: dict[tuple[str, Verdict], tuple[Finding, tuple[str, ...]]] = {}
    for paths, found in judged:
        for each in found:
            key = (each.name, each.verdict)
            said[key] = (each, said[key][1] + paths if key in said else paths)
    return tuple(
        Reason(
            rule=name,
            outcome=verdict,
            cite=each.cite,
            facts=each.rule.reads if each.rule else (),
            text=each.text,
            paths=tuple(sorted(paths)),
        )
        for (name, verdict), (each, paths) in sorted(
            said.items(), key=lambda pair: (-pair[0][1], pair[0][0])
        )
    )
