"""Another engine, fed by another reader, comes to the same answers: clingo over the packs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Protocol, cast

import pytest
from tests.law.ground import PURPOSES, Dice, Raw, ask, make_draft
from tests.law.small import make_small
from tests.oracle.law_in_asp import STAGES, Law, Lists, Question, named, sorts_of, state

from comity.law import Corpus, Decision, Role, Side, Verdict, load_corpus, shipped_packs

clingo = pytest.importorskip("clingo", reason="needs the group `oracle`")
LISTS = Lists.read(files("comity.law").joinpath("data", "facts.yaml").read_bytes())


class Symbol(Protocol):
    """An atom that clingo shows, or a part of one."""

    name: str
    number: int
    string: str
    arguments: Sequence["Symbol"]


@dataclass(slots=True)
class Answer:
    """What the other engine derives of one question."""

    verdict: int = -1
    floor: int = -1
    leave: set[str] = field(default_factory=set[str])
    decides: set[str] = field(default_factory=set[str])
    on_basis: set[str] = field(default_factory=set[str])


def solve(law: Law, asked: Sequence[str]) -> list[Symbol]:
    """Let clingo derive what follows, and return what it shows."""
    control = clingo.Control(["--warn=no-atom-undefined"])
    control.add("base", [], "\n".join([STAGES, *law.lines, *asked]))
    control.ground([("base", [])])
    with control.solve(yield_=True) as models:
        [symbols] = [model.symbols(shown=True) for model in models]
    return cast("list[Symbol]", symbols)


def derive(law: Law, questions: Sequence[Question]) -> Mapping[int, Answer]:
    """Let clingo answer questions, all at once."""
    found: dict[int, Answer] = defaultdict(Answer)
    for symbol in solve(law, state(questions, law.spans)):
        if symbol.name == "mute":
            continue
        one, two = symbol.arguments
        if symbol.name in {"verdict", "floor"}:
            setattr(found[one.number], symbol.name, two.number)
        elif symbol.name == "leave":
            found[one.number].leave.add(two.string)
        else:
            getattr(found[two.number], symbol.name).add(one.string)
    return found


def differences(question: Question, corpus: Corpus, answer: Answer) -> list[str]:
    """Say in what the two engines differ."""
    side = Side(question.side)
    decision = ask(question.draft, corpus, side, question.lifted)
    left = None if answer.floor == Verdict.DENY else tuple(sorted(answer.leave))
    pairs = [
        ("verdict", int(decision.verdict), answer.verdict),
        ("smallest set", decision.smallest_set, left),
        ("decides", deciding(decision, corpus), answer.decides),
        ("basis", standing(decision, corpus), answer.on_basis),
    ]
    return [f"{what}: {ours} / {theirs}" for what, ours, theirs in pairs if ours != theirs]


def deciding(decision: Decision, corpus: Corpus) -> set[str]:
    """Return the rules that a refusal or referral rests on.

    A basis that is merely not in force is named beside the silence of the law, and decides
    nothing by itself.
    """
    if decision.verdict is Verdict.PERMIT:
        return set()
    bases = {rule.name for rule in corpus.rules if rule.role is Role.BASIS}
    told = {each.rule for each in decision.reasons if each.outcome is decision.verdict}
    return told - bases if decision.verdict is Verdict.DENY else told


def standing(decision: Decision, corpus: Corpus) -> set[str]:
    """Return the bases that a permit rests on."""
    if decision.verdict is not Verdict.PERMIT:
        return set()
    bases = {rule.name for rule in corpus.rules if rule.role is Role.BASIS}
    told = {each.rule for each in decision.reasons if each.outcome is Verdict.PERMIT}
    return told & bases


def thrown(number: int, names: Sequence[str]) -> Question:
    """Throw a question: one in four comes with rules that a person has lifted."""
    choose = Dice("differential", number)
    draft = make_draft(choose)
    lifts = choose((0, 0, 0, 8, len(names)))
    lifted = names if lifts == len(names) else [choose(names) for _ in range(lifts)]
    return Question(draft=draft, side=choose(tuple(Side)).value, lifted=tuple(lifted))


BATCHES, SIZE = 4, 250


@cache
def shipped() -> tuple[Corpus, Law]:
    """Read the shipped packs once by each reader."""
    packs = shipped_packs()
    return load_corpus(packs), Law(LISTS).read(packs)


@pytest.fixture
def turns(pytestconfig: pytest.Config) -> range:
    """How often each batch is thrown anew."""
    return range(10 if pytestconfig.getoption("soak") else 1)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_another_engine_answers_a_thousand_questions_alike(batch: int, turns: range) -> None:
    corpus, law = shipped()
    names = sorted(rule.name for rule in corpus.rules)
    for turn in turns:
        first = (turn * BATCHES + batch) * SIZE
        questions = [thrown(first + number, names) for number in range(SIZE)]
        answers = derive(law, questions)
        assert len(answers) == SIZE
        found = {
            first + number: told
            for number, question in enumerate(questions)
            if (told := differences(question, corpus, answers[number]))
        }
        assert found == {}


@pytest.mark.parametrize("batch", range(4))
def test_another_engine_answers_any_small_law_alike(batch: int, turns: range) -> None:
    for turn in turns:
        for number in range(50):
            small = make_small(Dice("differential", (turn * 4 + batch) * 50 + number))
            packs = small.pack()
            question = Question(draft=small.draft, side=small.side.value)
            [answer] = derive(Law(LISTS).read(packs), [question]).values()
            assert differences(question, load_corpus(packs), answer) == [], packs


def test_the_sample_holds_every_verdict_many_times() -> None:
    names = sorted(rule.name for rule in shipped()[0].rules)
    answers = derive(shipped()[1], [thrown(number, names) for number in range(SIZE)])
    counted = Counter(answer.verdict for answer in answers.values())
    assert all(counted[verdict] >= SIZE // 20 for verdict in Verdict), counted


def sorts() -> list[tuple[str, str, str, str, str]]:
    """Return sorts of questions of every kind that the packs tell apart."""
    rules, day, one = list[Raw](shipped()[1].rules), "2026-11-23", "xn.police"
    members = sorted(shipped()[0].members - {"XK"})
    fictional = [f"{code.lower()}.police" for code in members if code.startswith("X")]
    real = [f"{name}.police" for name in ("de", "us", "my", "ke", "br", "pk", "th", "kz", "gb")]
    others = [*fictional, "org-interpol.general", "org-europol.centre"]
    pairs = [(one, other) for other in others] + [(other, one) for other in others]
    pairs += [("fr.police", other) for other in (*real, *others[-2:])]
    pairs += [(other, "fr.police") for other in (real[0], *others[-2:])]
    kind, kinds = "requests.ask/1", [*sorted(named(rules, "kind")), "notices.red/1"]
    agencies = [
        "police",
        *sorted(named(rules, "originator_sort") | named(rules, "recipient_sort")),
    ]
    found = [(*pair, purpose, kind, day) for pair in pairs for purpose in PURPOSES]
    found += [
        (f"{giver}.{sort}", f"{taker}.{kept}", purpose, kind, on)
        for giver, taker in (("xn", "xa"), ("fr", "de"), ("fr", "us"))
        for sort in agencies
        for kept in agencies
        for purpose in PURPOSES
        for on in ((day, "2030-01-01") if taker == "de" else (day,))
    ]
    return found + [
        (*pair, purpose, each, day)
        for pair in ((one, "org-interpol.general"), ("fr.police", "de.bka"))
        for purpose in PURPOSES
        for each in kinds
    ]


def test_every_rule_has_something_to_say_to_somebody() -> None:
    mute = [
        each
        for each in solve(shipped()[1], sorts_of(sorts(), shipped()[1].spans))
        if each.name == "mute"
    ]
    assert sorted(each.arguments[0].string for each in mute) == []
