"""Say why, and why not: decisions for people and for programs.

`why_not` names every rule that would have changed the answer and what held it back. It is
computed only when someone asks.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from comity.core.cbor import Value
from comity.core.clock import iso, utc_date
from comity.law.corpus import Corpus
from comity.law.decide import Judge
from comity.law.finding import NO_BASIS
from comity.law.model import Decision, Obligation, Reason, Role, Rule, Side, Verdict
from comity.law.told import told_cases
from comity.law.view import party_code
from comity.message import Draft, Facts

_WOULD = {
    Role.ABSOLUTE: Verdict.DENY,
    Role.TERM: Verdict.DENY,
    Role.CONDITION: Verdict.DENY,
    Role.SENSITIVITY: Verdict.REFER,
}
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
    decision = Judge(draft, corpus, side=side, lifted=lifted).decision()
    said = {reason.rule for reason in decision.reasons}
    day = utc_date(draft.at)
    live = corpus.live(side, draft.purpose, on=day)
    silent = [rule for rule in live if rule.name not in said]
    found = [reason for rule in silent if (reason := _held_back(rule, draft, decision))]
    bases = [r for r in corpus.rules if r.role is Role.BASIS and r.since <= day < r.until]
    if _lacks_basis(decision, bases):
        held = {each.rule for each in decision.reasons if each.outcome is Verdict.PERMIT}
        carried = {item.category for item in draft.items} | draft.categories
        short = (r for r in bases if r.name not in held or carried - r.categories)
        found += [_no_basis(rule, draft, corpus) for rule in short]
    return Explanation(decision=decision, why_not=tuple(found))


def why_not(draft: Draft, corpus: Corpus) -> tuple[Reason, ...]:
    """Return every rule that would have changed the answer, with what held it back."""
    return explain(draft, corpus).why_not


def _lacks_basis(decision: Decision, bases: Iterable[Rule]) -> bool:
    names = {NO_BASIS.name, *(rule.name for rule in bases)}
    weighed = (each for each in decision.reasons if each.outcome is not Verdict.PERMIT)
    return any(each.rule in names for each in weighed)


def _held_back(rule: Rule, draft: Draft, decision: Decision) -> Reason | None:
    would = _WOULD.get(rule.role)
    if would is None or would <= decision.verdict:
        return None
    text = f"would {would.word}, but {_stated(rule, draft.facts) or 'its conditions are met'}"
    return Reason(
        rule=rule.name,
        outcome=would,
        cite=rule.cite,
        facts=rule.reads,
        text=text,
        url=rule.url,
    )


def _no_basis(rule: Rule, draft: Draft, corpus: Corpus) -> Reason:
    parties = (party_code(draft.originator), party_code(draft.recipient))
    day, treaties, one_other = utc_date(draft.at), corpus.treaties, " and ".join(parties)
    held: list[str] = []
    if rule.purposes is not None and draft.purpose not in rule.purposes:
        held.append(f"`{draft.purpose}` is not among its purposes")
    beyond = sorted(
        ({item.category for item in draft.items} | draft.categories) - rule.categories
    )
    if beyond:
        held.append(f"it does not reach {', '.join(f'`{name}`' for name in beyond)}")
    between = treaties.between(rule.between, *parties, on=day)
    if between is not True:
        held.append(
            f"{'not' if between is False else 'not known to be'} in force between {one_other}"
        )
    kept = treaties.reserved(rule.between, rule.articles, parties=parties, on=day)
    if kept is not False:
        held.append(f"{'' if kept else 'perhaps '}reserved between {one_other}")
    wanting = {
        name: value for name in rule.reads if (value := draft.facts.get(name)) is not True
    }
    held += [f"`{name}` is {_WORD[value]}" for name, value in wanting.items()]
    if not rule.is_verified:
        held.append("its text is not verified")
    return Reason(
        rule=rule.name,
        outcome=Verdict.PERMIT,
        cite=rule.cite,
        facts=tuple(wanting),
        text=f"would permit, but {'; '.join(held)}",
        url=rule.url,
    )


def _stated(rule: Rule, facts: Facts) -> str:
    return "; ".join(f"`{name}` is {_WORD[facts.get(name)]}" for name in rule.reads)


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
        "facts": list(reason.facts),
        "text": reason.text,
        "paths": list(reason.paths),
        "url": reason.url,
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
