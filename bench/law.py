"""How many decisions one core makes per second over the packs that are shipped.

    python -m bench.law [--quick] [--json]

No question is asked twice: after 4,000 others to warm up, thousands of fresh ones are asked in
one pass, half of them ordinary cases (`bench/questions.py`). Beside it, in the same run: Cedar,
where `cedarpy` is installed (group `bench`), over the same rules written as its policies
(`bench/cedar.py`) and a sample of the same questions, its requests written and its policies
parsed before the clock starts; else a bare look-up of the facts that rules read.
"""

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from itertools import chain, islice
from time import process_time
from typing import TypeVar

from bench.cedar import Ask, Policies, Request, parsed
from bench.measure import Options, figure, quantile, run
from bench.questions import PARTNERS, questions

from comity.cli.bench import Figure
from comity.core.clock import utc_date
from comity.law import (
    Corpus,
    Verdict,
    decide,
    explain,
    ordinary_facts,
    shipped_corpus,
    shipped_packs,
    told_cases,
)
from comity.message import Draft

_WARMING = 4_000
_UNIT = "decisions/s"
T = TypeVar("T")


def measure(options: Options) -> Sequence[Figure]:
    """Measure decisions with their reasons, and explanations with every why-not."""
    count = 4_000 if options.quick else 20_000
    corpus = shipped_corpus()
    first = list(_first_questions(corpus))
    for draft in questions(corpus, _WARMING, seed=7):
        explain(draft, corpus)
    asked = list(questions(corpus, count))
    decisions, reasons = _pass(lambda draft: decide(draft, corpus).verdict, asked)
    others = list(questions(corpus, count // 4, seed=33))
    why_nots = _pass(lambda draft: len(explain(draft, corpus).why_not), others)[1]
    usual = ordinary_facts(corpus.lexicon)
    odd = [each for each in questions(corpus, count // 2, seed=44) if each.facts != usual]
    rarer = _pass(lambda draft: decide(draft, corpus).verdict, odd)[1]
    sample = asked[: 1_600 if options.quick else 4_000]
    beside, compared = (
        _cedar(corpus, sample, decisions)
        if find_spec("cedarpy")
        else (_look_ups(corpus, sample), ())
    )
    return (
        figure("decisions with reasons", reasons, _UNIT, beside=beside),
        figure("decisions with every why-not", why_nots, _UNIT, beside=beside),
        figure("decisions where no case is an ordinary one", rarer, _UNIT, beside=beside),
        *compared,
        *first,
        *_weighed(corpus, decisions),
    )


def _pass(act: Callable[[Draft], T], drafts: Sequence[Draft]) -> tuple[Sequence[T], float]:
    """Do this once for each draft; return what came of it, and how many a second of a core."""
    gc.collect()  # What was drawn before is not this pass's to clear away.
    began = process_time()
    done = [act(draft) for draft in drafts]
    return done, len(drafts) / (process_time() - began)


def _first_questions(corpus: Corpus) -> Iterator[Figure]:
    """Ask each partner's first question, before anything is settled between the two."""
    firsts = {draft.recipient: draft for draft in questions(corpus, 1_000, seed=5)}
    decide(firsts.pop(PARTNERS[0]), corpus)  # What is read once for all partners.
    spent: list[float] = []
    for draft in firsts.values():
        began = process_time()
        decide(draft, corpus)
        spent.append((process_time() - began) * 1_000)
    yield figure("first question between two partners, median", quantile(spent, 0.5), "ms")
    yield figure("first question between two partners, slowest", max(spent), "ms")


def _weighed(corpus: Corpus, decisions: Sequence[Verdict]) -> Iterator[Figure]:
    yield figure("rules in the shipped packs", len(corpus.rules), "rules")
    yield figure("instruments they cite", len(corpus.instruments), "instruments")
    yield figure("told cases", len(told_cases(corpus)), "cases")
    counted = Counter(decisions)
    for verdict in Verdict:
        share = 100 * counted[verdict] / len(decisions)
        yield figure(f"of the questions, {verdict.word}", share, "%")


def _cedar(
    corpus: Corpus, sample: Sequence[Draft], decisions: Sequence[Verdict]
) -> tuple[tuple[str, float], Sequence[Figure]]:
    """Ask Cedar the same once for each message, and then value by value as we do."""
    policies = Policies(corpus, utc_date(sample[0].at)).read(shipped_packs())
    ways = parsed(policies, sample)
    once = [[policies.once(draft)] for draft in sample]
    several = [policies.by_value(draft) for draft in sample[: len(sample) // 4]]
    rates = {way: _allowed(ask, once)[1] for way, ask in ways.items()}
    way = max(rates, key=lambda each: rates[each])
    name = f"Cedar {version('cedarpy')}, {len(policies.texts)} policies, asked {way}"
    allowed = _allowed(ways[way], once)[0]
    by_value, slower = _allowed(ways[way], several)
    permitted = [verdict is Verdict.PERMIT for verdict in decisions]
    return (name, rates[way]), (
        figure("Cedar asked value by value, as we judge", slower, _UNIT),
        figure("Cedar once a message: allows what we permit", _alike(allowed, permitted), "%"),
        figure("Cedar value by value: the same", _alike(by_value, permitted), "%"),
    )


def _allowed(ask: Ask, messages: Sequence[Sequence[Request]]) -> tuple[list[bool], float]:
    """Ask all; return whether each message's requests are allowed, and messages a second."""
    requests = list(chain.from_iterable(messages))
    ask(requests[:1])
    gc.collect()
    began = process_time()
    answers = ask(requests)
    took = process_time() - began
    told = iter([answer.allowed for answer in answers])
    return [all(list(islice(told, len(each)))) for each in messages], len(messages) / took


def _alike(allowed: Sequence[bool], permitted: Sequence[bool]) -> float:
    """Return on how many of a hundred both say the same."""
    pairs = list(zip(allowed, permitted, strict=False))
    return 100 * sum(one is other for one, other in pairs) / len(pairs)


def _look_ups(corpus: Corpus, sample: Sequence[Draft]) -> tuple[str, float]:
    read = [name for rule in corpus.rules for name in rule.reads]
    asked = _pass(lambda draft: [draft.facts.get(name) for name in read], sample)[1]
    return f"bare look-up of the {len(read)} facts that rules read", asked


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
