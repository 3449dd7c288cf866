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

from comity.core.clock import utc_date
from comity.core.errors import InvalidInputError
from comity.law.corpus import Corpus
from comity.law.finding import (
    PROTECTIVE,
    Finding,
    lifters,
    provisions,
    worse,
    worst_of,
)
from comity.law.hearing import Hearing, Sort, is_live
from comity.law.model import (
    Decision,
    Denied,
    Obligation,
    Permitted,
    Reason,
    Referred,
    Side,
    Verdict,
)
from comity.law.view import Truth, View
from comity.message import Draft, Facts, Handling, Item, Urgency

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


def screens(draft: Draft, corpus: Corpus, *, lifted: Collection[str] = ()) -> Decision:
    """Return what our law says of comparing a whole list of people with what is held.

    Nothing is sent: originator and recipient are the agency that compares. Only rules that
    name this side are asked; where none gives a basis, the law denies. Else as `decide`.
    """
    return Judge(draft, corpus, side=Side.SCREEN, lifted=lifted).decision()


class Judge:
    """One draft before the law."""

    __slots__ = (
        *("_facts", "carried", "corpus", "docket", "draft", "hearing", "is_protective"),
        *("lifted", "side"),
    )

    def __init__(
        self, draft: Draft, corpus: Corpus, *, side: Side, lifted: Collection[str] = ()
    ) -> None:
        """Take the draft, refusing facts nobody declared."""
        self.draft, self.corpus, self.side = draft, corpus, side
        self.lifted = frozenset([entry.partition("=")[0] for entry in lifted])
        whole = View(draft, corpus.treaties, day=utc_date(draft.at))
        self.docket = corpus.docket(whole, side)
        self.hearing = Hearing(self.docket, whole, lifted=self.lifted)
        self.carried = draft.categories.union([item.category for item in draft.items])
        self.is_protective = draft.is_protective and self._names_only_what_is_held()
        self._facts: dict[object, tuple[Facts, frozenset[str], object]] = {}
        declared = corpus.lexicon.facts.keys()
        for facts in (draft.facts, *[item.facts for item in draft.items if item.facts]):
            if not facts.keys() <= declared:
                raise InvalidInputError(f"unknown fact `{min(facts.keys() - declared)[:60]}`")

    def _names_only_what_is_held(self) -> bool:
        # INVARIANT: a message that carries any value but free text is a disclosure, whatever
        # it calls itself.
        known = self.corpus.lexicon.categories
        return all(name in known and known[name].is_free_text for name in self.carried)

    def decision(self) -> Decision:
        """Judge message and values, and say why."""
        whole = self._of_message()
        values = [
            (paths, self._of_value(item.category, item.handling, item.facts))
            for item, paths in self._groups()
        ]
        floor = worst_of(whole)
        left_out = [path for paths, (_, worst) in values if worst > floor for path in paths]
        return self._answer(
            whole,
            [(paths, found) for paths, (found, _) in values],
            verdict=max([floor, *[worst for _, (_, worst) in values]]),
            smallest_set=None if floor is Verdict.DENY else tuple(sorted(left_out)),
        )

    def _of_message(self) -> list[Finding]:
        if self.is_protective:
            return [PROTECTIVE]
        draft = self.draft
        # Where no value is carried, none is judged: whatever can carry meaning is an item.
        found = self.hearing.of_message() + self._of_use(self.hearing.of_bases().found)
        loose = draft.categories.difference([item.category for item in draft.items])
        for category in sorted(loose):
            found += self._of_value(category, draft.handling, _NOTHING)[0]
        return found

    def _of_use(self, found: list[Finding]) -> list[Finding]:
        # A basis that reaches none of what is sent is not what it is sent on.
        used = [
            each
            for each in found
            if each.rule and not self.carried.isdisjoint(each.rule.categories)
        ]
        return used if used and worst_of(found) is not Verdict.DENY else found

    def _groups(self) -> Iterable[tuple[Item, list[str]]]:
        # Values of one category, marking and set of facts are judged once.
        groups: dict[object, tuple[Item, list[str]]] = {}
        own = self.draft.handling
        for item in self.draft.items:
            key: object = item.category
            if item.facts or item.handling is not own:
                key = (key, id(item.handling), frozenset(item.facts.items()))
            if key in groups:
                groups[key][1].append(item.path)
            else:
                groups[key] = (item, [item.path])
        return groups.values()

    def _of_value(
        self, category: str, marking: Handling, stated: Facts
    ) -> tuple[list[Finding], Verdict]:
        """Judge one sort of value by its category, its marking and the facts it differs in."""
        held = self.corpus.lexicon.categories.get(category)
        implied = held.implies if held else _NOTHING
        # Categories that imply the same share one map: what it comes to is worked out once.
        key = (id(implied), frozenset(stated.items()) if stated else None)
        if key not in self._facts:
            self._facts[key] = self._joined(implied, stated)
        known, changed, seen = self._facts[key]
        if marking is not self.draft.handling:
            seen = (seen, str(marking), is_live(marking, self.draft.at))
        if not self.is_protective:
            sort = Sort(category, marking, known, changed, seen)
            return self.hearing.of_value(sort)
        # A recall takes effect whatever its text says; its sender alone withholds text.
        is_sent = self.side is Side.RELEASE
        view = self.hearing.whole.of(category, marking, facts=known)
        found = self.hearing.hear(self.docket.rules, view) if is_sent else []
        return found, worst_of(found)

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
        return facts, frozenset(new), frozenset(new.items())

    def _answer(
        self,
        whole: list[Finding],
        values: Collection[tuple[list[str], list[Finding]]],
        *,
        verdict: Verdict,
        smallest_set: tuple[str, ...] | None,
    ) -> Decision:
        heard = [whole, *[found for _, found in values]]
        reasons, tags = self._reasons(whole, values)
        duties, owing = _NO_DUTIES if verdict is Verdict.DENY else self.docket.owed(heard)
        missing: tuple[str, ...] = ()
        if verdict is not Verdict.PERMIT:
            names = {name for found in heard for each in found for name in each.missing}
            missing = tuple(sorted(names))
        return _OUTCOME[verdict](
            verdict=verdict,
            reasons=reasons,
            duties=duties,
            missing=missing,
            smallest_set=smallest_set,
            lifted_by=lifters(heard) if verdict is Verdict.REFER else _NOBODY,
            packs=self.corpus.packs,
            digest=self._digest(
                [
                    f"{verdict:d}",
                    " ".join(tags),
                    owing,
                    " ".join(missing),
                    "none" if smallest_set is None else "\0".join(["", *smallest_set]),
                ]
            ),
            at=self.draft.at,
            basis=provisions(heard) if verdict is Verdict.PERMIT else (),
        )

    def _reasons(
        self, whole: list[Finding], values: Collection[tuple[list[str], list[Finding]]]
    ) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
        """Return one reason per rule and outcome, the deciding ones first; and its tag."""
        said: dict[tuple[int, str], tuple[Finding, list[str]]] = {}
        for each in whole:
            said[each.key] = (each, [])
        for paths, found in values:
            for each in found:
                if each.key in said:
                    said[each.key][1].extend(paths)
                else:
                    said[each.key] = (each, [*paths])
        reason = self.docket.reason
        pairs = [reason(said[key][0], tuple(sorted(said[key][1]))) for key in sorted(said)]
        # There is always a reason: at the least that the law is silent.
        reasons, tags = zip(*pairs, strict=True)
        return reasons, tags

    def _digest(self, answer: list[str]) -> bytes:
        """Bind what the law saw and what it answered: one question and one answer, 32 bytes.

        It sees no body, only the values' places, categories, markings and the facts that some
        rule reads; the ledger binds the body beside this digest.
        """
        draft, items = self.draft, self.draft.items
        hearing = self.hearing
        markings = {id(draft.handling): hearing.marking}
        for item in items:
            if id(item.handling) not in markings:
                markings[id(item.handling)] = str(item.handling)
        told = (
            *(draft.kind, draft.originator, draft.recipient, draft.purpose, draft.at),
            *(draft.case, _SIDES[self.side], draft.urgency is Urgency.URGENT),
            *(draft.is_protective, hearing.marking),
            *(hearing.limits, hearing.bases, hearing.values, self.corpus.digest, answer),
            *(sorted(self.lifted), sorted(draft.categories)),
            [
                (
                    *(item.path, item.category, markings[id(item.handling)]),
                    sorted(item.facts.items()) if item.facts else (),
                )
                for item in items
            ],
        )
        # Written as Python writes plain values, in ASCII: no two are written alike.
        return hashlib.sha256(ascii(told).encode()).digest()


_SIDES = {Side.RELEASE: False, Side.HOLD: True, Side.SCREEN: "screen"}
"""How a side stands in a digest: what was sent or held keeps the digest it had."""
_NOTHING: Facts = {}
_NO_DUTIES: tuple[tuple[tuple[Obligation, int | None], ...], str] = ((), "")
_NOBODY = _NO_NAMES = frozenset[str]()
