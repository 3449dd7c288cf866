"""What the law says, and asks, as pages show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from comity.console import parts
from comity.console.chapters import rule_href, rule_named
from comity.console.parts import Choice, Finding, Input, Pair
from comity.console.tongue import Tongue
from comity.console.views import LawPanel
from comity.console.visit import Visit
from comity.core.errors import InvalidInputError
from comity.desk import Preview
from comity.law import Corpus, Decision, Fact, Home, Lexicon, Obligation, Reason, Role, Verdict
from comity.message import Facts
from comity.practice import Field, Need, Type

ASKED_OF_OFFICERS = frozenset({Home.CASE, Home.MESSAGE})
MOST = 5
"""Most open questions of the law at a time."""
_NONE = "none-of-these"
_ANSWERS: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}
VERDICTS: Mapping[Verdict, parts.Verdict] = {
    Verdict.PERMIT: parts.Verdict.PERMIT,
    Verdict.REFER: parts.Verdict.REFER,
    Verdict.DENY: parts.Verdict.DENY,
}


def findings(visit: Visit, reasons: Iterable[Reason]) -> tuple[Finding, ...]:
    """Return reasons as lines: text, provision, and the rule beside its source."""
    corpus = visit.desk.station.corpus()
    held = {rule.name: rule for rule in corpus.rules}
    # What stands in the way before what would carry it: bases come last among their like.
    ordered = sorted(
        reasons,
        key=lambda each: (
            -each.outcome,
            each.rule in held and held[each.rule].role is Role.BASIS,
        ),
    )
    return tuple(
        Finding(
            text=each.text,
            cite=each.cite,
            verdict=VERDICTS[each.outcome],
            rule=each.rule,
            **links(corpus, each.rule),
        )
        for each in ordered
    )


class Links(TypedDict, total=False):
    """Where a rule is shown here, and published outside."""

    href: str
    url: str


def links(corpus: Corpus, name: str) -> Links:
    """Return the addresses of a rule; what no pack says has none."""
    found = rule_named(corpus, name)
    return {} if found is None else {"href": rule_href(found), "url": found.url}


def duties(visit: Visit, obligations: Iterable[Obligation]) -> tuple[Finding, ...]:
    """Return what follows if it is sent."""
    corpus = visit.desk.station.corpus()
    return tuple(
        Finding(
            text=f"{each.detail} ({each.due})" if each.due else each.detail,
            cite=each.cite,
            verdict=parts.Verdict.CONDITIONS,
            rule=each.code,
            **_duty_links(corpus, each),
        )
        for each in obligations
    )


def _duty_links(corpus: Corpus, owed: Obligation) -> Links:
    names = (
        rule.name
        for rule in corpus.rules
        if rule.cite == owed.cite and any(duty.code == owed.code for duty in rule.duties)
    )
    return links(corpus, next(names, ""))


def leave_out(visit: Visit, decision: Decision) -> tuple[Finding, ...]:
    """Return the fewest values without which the rest is judged better, each with its rule."""
    corpus = visit.desk.station.corpus()
    found: list[Finding] = []
    for path in decision.smallest_set or ():
        against = [
            each
            for each in decision.reasons
            if path in each.paths and each.outcome is not Verdict.PERMIT
        ]
        rule = against[0].rule if against else ""
        found.append(
            Finding(
                text=path,
                cite="; ".join(each.cite for each in against),
                verdict=parts.Verdict.DENY,
                rule=rule,
                **links(corpus, rule),
            )
        )
    return tuple(found)


def verdict_of(decision: Decision) -> parts.Verdict:
    """Return the verdict as pages colour it: a permit with duties has conditions."""
    has_duties = decision.verdict is Verdict.PERMIT and decision.obligations
    return parts.Verdict.CONDITIONS if has_duties else VERDICTS[decision.verdict]


def seats(visit: Visit, decision: Decision) -> str:
    """Word the seats that may lift a referral."""
    return ", ".join(visit.said.code("seat", seat) for seat in sorted(decision.lifted_by))


def missing(visit: Visit, decision: Decision) -> tuple[str, ...]:
    """Return what is not known, as the questions the law asks."""
    facts = lexicon(visit).facts
    return tuple(facts[name].text if name in facts else name for name in decision.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a form is judged, and which form it is."""

    href: str
    form: str


def panel(visit: Visit, found: Preview, asked: Asked) -> LawPanel:
    """Return the law's view of a draft, with its questions."""
    decision = found.explanation.decision
    return LawPanel(
        verdict=verdict_of(decision),
        chain=findings(visit, decision.reasons),
        referred_to=seats(visit, decision),
        leave_out=leave_out(visit, decision),
        missing=missing(visit, decision),
        duties=duties(visit, decision.obligations),
        packs=", ".join(f"{name} {version}" for name, version, _ in decision.packs),
        at=decision.at,
        questions=(*questions(visit, decision), _signs(visit)),
        href=asked.href,
        form=asked.form,
        is_partial=visit.is_partial,
    )


def waiting(visit: Visit, asked: Asked) -> LawPanel:
    """Return the panel of a draft that is not complete enough to be judged."""
    return LawPanel(
        href=asked.href,
        form=asked.form,
        is_partial=visit.is_partial,
        questions=questions(visit, None),
    )


def lexicon(visit: Visit) -> Lexicon:
    """Return the closed lists of the law this node holds."""
    return visit.desk.station.corpus().lexicon


def questions(visit: Visit, decision: Decision | None) -> tuple[Input, ...]:
    """Return what the law asks of an officer: what they answered, and what it waits for most.

    Facts that are choices of one question (`conduct`) are asked as one. At most `MOST` open
    questions stand at a time, those first that stand alone in a rule's way, then by how many
    rules wait for them; one more is always asked, so that nobody is stuck.
    """
    known = lexicon(visit)
    answered = {key.removeprefix("fact.") for key, _ in visit.posted if key.startswith("fact.")}
    open_ones = [] if decision is None else open_questions(known, decision)
    room = max(1, MOST - len(answered))
    shown = answered | set([name for name in open_ones if name not in answered][:room])
    groups: dict[str, list[Fact]] = {}
    for fact in known.facts.values():
        name = fact.asked_with or fact.name
        if fact.home in ASKED_OF_OFFICERS and name in shown:
            groups.setdefault(name, []).append(fact)
    return tuple(_asked(visit, name, facts) for name, facts in groups.items())


def open_questions(known: Lexicon, decision: Decision) -> list[str]:
    """Return the open questions, the most decisive first."""
    missing = {name: _question(known, name) for name in decision.missing if name in known.facts}
    rules = [
        {missing[name] for name in each.facts if name in missing} for each in decision.reasons
    ]
    order = {
        fact.asked_with or name: place for place, (name, fact) in enumerate(known.facts.items())
    }
    return sorted(
        {q for name, q in missing.items() if known.facts[name].home in ASKED_OF_OFFICERS},
        key=lambda q: (
            min((len(rule) for rule in rules if q in rule), default=len(known.facts)),
            -sum(q in rule for rule in rules),
            order[q],
        ),
    )


def stated(visit: Visit) -> Mapping[str, bool | None]:
    """Read the answers to the law's questions; what was not answered is not there."""
    given: dict[str, list[str]] = {}
    for key, value in visit.posted:
        if key.startswith("fact.") and value:
            given.setdefault(key.removeprefix("fact."), []).append(value)
    known = lexicon(visit).facts.values()
    found: dict[str, bool | None] = {}
    for name, values in given.items():
        choices = [fact.name for fact in known if fact.asked_with == name]
        # What is not ticked among the choices of one question is false.
        found |= {choice: choice in values for choice in choices}
        found |= {} if choices else {name: _ANSWERS.get(values[0])}
    return found | dict.fromkeys(visit.every("sign.signs"), True)


def answer_of(word: str) -> bool | None:
    """Read an answer; raises `InvalidInputError` on a word that is none."""
    if word not in _ANSWERS:
        raise InvalidInputError("expected the answer yes, no or unknown")
    return _ANSWERS[word]


def fact_pairs(visit: Visit, facts: Facts) -> tuple[Pair, ...]:
    """Return facts with their answers, as the questions the law asks."""
    known = lexicon(visit).facts
    return tuple(
        Pair(label=known[name].text, value=visit.said.code("answer", word(value=facts[name])))
        for name in sorted(facts)
        if name in known
    )


def word(*, value: bool | None) -> str:
    """Write an answer as its word."""
    return next(word for word, known in _ANSWERS.items() if known is value)


def standing_inputs(visit: Visit) -> tuple[Input, ...]:
    """Return the inputs by which a standing fact is assessed: which one, and the answer."""
    known = lexicon(visit).facts.values()
    return _stating(
        visit, {each.name: each.text for each in known if each.home is Home.STANDING}
    )


def case_inputs(visit: Visit) -> tuple[Input, ...]:
    """Return the inputs for what is stated of a case: its facts, dangers, contrary signs."""
    known = lexicon(visit)
    facts = {
        each.name: each.text
        for each in known.facts.values()
        if each.home is Home.CASE or each.absolute
    }
    return _stating(visit, {**known.signs, **facts})


def _signs(visit: Visit) -> Input:
    """Return the contrary signs an officer may see; nobody has to say that there is none."""
    return Input(
        field=Field(name="signs", type=Type.CODES),
        label=visit.said.code("question", "signs"),
        value=" ".join(visit.every("sign.signs")),
        choices=tuple(
            Choice(value=name, label=text) for name, text in lexicon(visit).signs.items()
        ),
        prefix="sign",
    )


def stated_words(visit: Visit, name: str) -> str:
    """Word what was stated of a case, a fact or a contrary sign."""
    known = lexicon(visit)
    return known.facts[name].text if name in known.facts else known.signs.get(name, name)


def _stating(visit: Visit, known: Mapping[str, str]) -> tuple[Input, ...]:
    facts = tuple(Choice(value=name, label=text) for name, text in known.items())
    codes = tuple(known)
    return (
        Input(
            field=Field(name="fact", type=Type.CODE, need=Need.REQUIRED, choices=codes),
            label=visit.said.say("facts.fact"),
            choices=facts,
        ),
        Input(
            field=Field(
                name="value", type=Type.CODE, need=Need.REQUIRED, choices=tuple(_ANSWERS)
            ),
            label=visit.said.say("facts.value"),
            choices=_yes_no(visit.said),
        ),
    )


def _question(known: Lexicon, name: str) -> str:
    return known.facts[name].asked_with or name


def _asked(visit: Visit, name: str, facts: list[Fact]) -> Input:
    said, values = visit.said, visit.every(f"fact.{name}")
    is_group = bool(facts[0].asked_with)
    choices = (
        *(Choice(value=each.name, label=each.text, note=each.provision) for each in facts),
        Choice(value=_NONE, label=said.say("law.none_of_these")),
    )
    return Input(
        field=Field(name=name, type=Type.CODES if is_group else Type.CODE),
        label=said.code("question", name) if is_group else facts[0].text,
        help="" if is_group else facts[0].provision,
        value=" ".join(values),
        choices=choices if is_group else _yes_no(said),
        prefix="fact",
    )


def _yes_no(said: Tongue) -> tuple[Choice, ...]:
    return tuple(Choice(value=word, label=said.say(f"answer.{word}")) for word in _ANSWERS)
