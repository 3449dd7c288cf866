"""Say why, and why not: decisions for people and for programs.

`why_not` names every rule that would have changed the answer and what held it back. It is
computed only when someone asks.
"""

from collections.abc import Collection
from dataclasses import dataclass

from comity.core.cbor import Value
from comity.core.clock import iso, utc_date
from comity.law.corpus import Corpus
from comity.law.decide import Judge
from comity.law.finding import NO_BASIS
from comity.law.model import Decision, Obligation, Reason, Role, Rule, Side, Verdict
from comity.law.told import told_cases
from comity.law.view import party_code
from comity.message import Draft

_WOULD = {
    Role.ABSOLUTE: Verdict.DENY,
    Role.TERM: Verdict.DENY,
    Role.CONDITION: Verdict.DENY,
    Role.SENSITIVITY: Verdict.REFER,
}
_BESIDE = "it does not concern what is sent"
_NOT_ASKED = "it is not asked of what only protects the person"
_WORD = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with the rules that could have made it another."""

    decision: Decision
    why_not: tuple[Reason, ...]


def explain(
    draft: Draft,
    corpus: Corpus,
    *,
    lifted: Collection[str] = (),
    side: Side = Side.RELEASE,
) -> Explanation:
    """Decide, and add every why-not; raises as `decide`."""
    judge = Judge(draft, corpus, side=side, lifted=lifted)
    decision = judge.decision()
    said = {reason.rule for reason in decision.reasons}
    found = [
        _held_back(each.rule, judge)
        for each in judge.docket.rules
        if each.rule.name not in said and _would(each.rule) > decision.verdict
    ]
    found += [
        reason for reason in _settled(judge, corpus, side) if reason.outcome > decision.verdict
    ]
    if _lacks_basis(decision):
        held = {each.rule for each in decision.reasons if each.outcome is Verdict.PERMIT}
        found += [
            _no_basis(rule, judge, corpus)
            for rule in corpus.bases(on=utc_date(draft.at))
            if rule.name not in held or judge.carried - rule.categories
        ]
    return Explanation(decision=decision, why_not=tuple(found))


def why_not(draft: Draft, corpus: Corpus) -> tuple[Reason, ...]:
    """Return every rule that would have changed the answer, with what held it back."""
    return explain(draft, corpus).why_not


def _lacks_basis(decision: Decision) -> bool:
    """Whether the law is silent, or a basis hangs on something unknown."""
    if decision.verdict is Verdict.PERMIT:
        return False
    weighed = [each for each in decision.reasons if each.outcome is not Verdict.PERMIT]
    return any(each.is_basis or each.rule == NO_BASIS.name for each in weighed)


def _would(rule: Rule) -> Verdict:
    return _WOULD.get(rule.role, Verdict.PERMIT)


def _held_back(rule: Rule, judge: Judge) -> Reason:
    words, facts = judge.docket.words, judge.draft.facts
    stated = tuple(map(facts.get, rule.reads))
    key = (rule.name, stated, judge.is_protective)
    if key not in words:
        # What is unknown never holds a limit back: what is known does, or what is sent.
        known = [f"`{n}` is {_WORD[facts[n]]}" for n in rule.reads if facts.get(n) is not None]
        held = "; ".join(known) or (_BESIDE if rule.reads else "its conditions are met")
        held = _NOT_ASKED if judge.is_protective else held
        words[key] = _reason_of(rule, held, rule.reads)
    return words[key]


def _settled(judge: Judge, corpus: Corpus, side: Side) -> tuple[Reason, ...]:
    """Return what has nothing to say between these two at all, worked out once."""
    draft, docket = judge.draft, judge.docket
    if not docket.silent:
        asked = {each.rule.name for each in docket.rules}
        live = corpus.live(side, draft.purpose, on=utc_date(draft.at))
        parties = f"{party_code(draft.originator)} and {party_code(draft.recipient)}"
        docket.silent.extend(
            _reason_of(rule, f"it does not apply between {parties} to this", ())
            for rule in live
            if rule.name not in asked and _would(rule) is not Verdict.PERMIT
        )
    return tuple(docket.silent)


def _no_basis(rule: Rule, judge: Judge, corpus: Corpus) -> Reason:
    words, facts = judge.docket.words, judge.draft.facts
    beyond = judge.carried - rule.categories
    stated = tuple(map(facts.get, rule.reads))
    key = (rule.name, stated, beyond)
    if key not in words:
        wanting = tuple(name for name in rule.reads if facts.get(name) is not True)
        held = [
            *_beyond(rule, judge.draft.purpose, beyond),
            *_unbound(rule, judge, corpus),
            *(f"`{name}` is {_WORD[facts.get(name)]}" for name in wanting),
            *([] if rule.is_verified else ["its text is not verified"]),
        ]
        words[key] = _reason_of(rule, "; ".join(held), wanting)
    return words[key]


def _beyond(rule: Rule, purpose: str, beyond: Collection[str]) -> list[str]:
    held: list[str] = []
    if rule.purposes is not None and purpose not in rule.purposes:
        held.append(f"`{purpose}` is not among its purposes")
    if beyond:
        names = ", ".join(f"`{name}`" for name in sorted(beyond))
        held.append(f"it does not reach {names}")
    return held


def _unbound(rule: Rule, judge: Judge, corpus: Corpus) -> list[str]:
    view, treaties = judge.hearing.whole, corpus.treaties
    parties, day, held = (view.giver, view.taker), view.day, list[str]()
    between = treaties.between(rule.between, *parties, on=day)
    if between is not True:
        word = "not" if between is False else "not known to be"
        held.append(f"{word} in force between {' and '.join(parties)}")
    kept = treaties.reserved(rule.between, rule.articles, parties=parties, on=day)
    if kept is not False:
        held.append(f"{'' if kept else 'perhaps '}reserved between {' and '.join(parties)}")
    return held


def _reason_of(rule: Rule, held: str, facts: tuple[str, ...]) -> Reason:
    would = _would(rule)
    return Reason(
        rule=rule.name,
        outcome=would,
        cite=rule.cite,
        facts=facts,
        text=f"would {would.word}, but {held}",
        url=rule.url,
        is_basis=rule.role is Role.BASIS,
    )


def as_json(explanation: Explanation) -> dict[str, Value]:
    """Return the explanation as the fixed JSON shape of `law explain --json`."""
    decision = explanation.decision
    left_out = decision.smallest_set
    return {
        "verdict": decision.verdict.word,
        "reasons": [_reason(reason) for reason in decision.reasons],
        "why_not": [_reason(reason) for reason in explanation.why_not],
        "obligations": [_obligation(each) for each in decision.obligations],
        "missing": list(decision.missing),
        "smallest_set": None if left_out is None else list(left_out),
        "packs": [
            {"name": name, "version": version, "digest": digest.hex()}
            for name, version, digest in decision.packs
        ],
        "digest": decision.digest.hex(),
        "at": iso(decision.at),
        "basis": list(decision.basis),
        "lifted_by": sorted(decision.lifted_by),
        "lines": list(lines(explanation)),
    }


def _reason(reason: Reason) -> Value:
    return {
        "rule": reason.rule,
        "outcome": reason.outcome.word,
        "cite": reason.cite,
        "url": reason.url,
        "facts": list(reason.facts),
        "text": reason.text,
        "paths": list(reason.paths),
    }


def _obligation(each: Obligation) -> Value:
    return {"code": each.code, "cite": each.cite, "due": each.due, "detail": each.detail}


_HEAD = {
    Verdict.PERMIT: "The law permits this.",
    Verdict.REFER: "The law leaves this to a person.",
    Verdict.DENY: "The law does not permit this.",
}


def lines(explanation: Explanation) -> tuple[str, ...]:
    """Return the explanation in plain language, one line per reason, deciding ones first."""
    decision = explanation.decision
    said = [_HEAD[decision.verdict]]
    said += [f"{each.outcome.word}: {each.text} ({_source(each)})" for each in decision.reasons]
    if decision.missing:
        said.append(f"Not known: {', '.join(decision.missing)}.")
    if decision.lifted_by:
        said.append(f"May be lifted by: {', '.join(sorted(decision.lifted_by))}.")
    if decision.verdict is not Verdict.PERMIT and decision.smallest_set:
        said.append(
            f"Leave out so that the rest is judged better: {', '.join(decision.smallest_set)}."
        )
    said += [
        f"Then: {each.detail} ({each.code}, {each.cite})." for each in decision.obligations
    ]
    return tuple(said)


def _source(reason: Reason) -> str:
    return f"{reason.cite}, {reason.url}" if reason.url else reason.cite


def packs_report(corpus: Corpus) -> "dict[str, Value | float]":
    """Count what is held, sourced and openly missing; what is fictional never counts.

    `sourced` is the share of instruments, provisions and rows that name where they are
    published or were read, from 0 to 1; `unknown` counts provisions that can only refer, rows
    without a date, and the gaps that packs, instruments and provisions declare.
    """
    fictional = {name for name, each in corpus.instruments.items() if each.is_fictional}
    instruments = [each for each in corpus.instruments.values() if not each.is_fictional]
    rules = [rule for rule in corpus.rules if rule.instrument not in fictional]
    unverified = [rule for rule in rules if not rule.is_verified]
    gaps = [
        *corpus.gaps,
        *(f"{each.id}: {each.gap}" for each in instruments if each.gap),
        *(f"{rule.name}: {rule.gap}" for rule in rules if rule.gap),
    ]
    rows, dated = corpus.rows
    named = sum(bool(each.url) for each in instruments) + sum(bool(rule.url) for rule in rules)
    return {
        "packs": [
            {"name": name, "version": version, "digest": digest.hex()}
            for name, version, digest in corpus.packs
        ],
        "instruments": len(instruments),
        "provisions": len(rules),
        "participations": rows,
        "unknown": len(unverified) + len(gaps) + rows - dated,
        # A row without its source does not load.
        "sourced": (named + rows) / (len(instruments) + len(rules) + rows or 1),
        "unverified": len(unverified),
        "cases": len(told_cases(corpus)),
        "gaps": gaps,
    }
