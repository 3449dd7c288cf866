"""How many decisions one core makes per second over the packs that are shipped.

    python -m bench.law [--quick] [--json]

Beside it, in the same run: Cedar, where `cedarpy` is installed (group `bench`), asked one
permit and a forbid for every fact that is false here; else a bare look-up of the same facts in
a dict. Cedar knows neither unknown facts nor treaties, and names policies but no reasons.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from bench import pair
from bench.measure import Options, figure, rate, run

from comity.cli.bench import Figure
from comity.law import Verdict, decide, explain, shipped_corpus
from comity.message import Draft, Facts

Ask = Callable[[Mapping[str, object], object, list[object]], object]
"""`cedarpy.is_authorized`: a request, parsed policies and entities."""
_Parse = Callable[[str], object]
_REQUEST = {
    "principal": 'Agency::"xn.police"',
    "action": 'Action::"send"',
    "resource": 'Agency::"xa.border"',
}


def measure(options: Options) -> Sequence[Figure]:
    """Measure decisions with their reasons, and explanations with every why-not."""
    seconds = 1.0 if options.quick else 5.0
    world, corpus = pair.found(Path(), ()), shipped_corpus()
    (draft,) = pair.drafts(world.residents[pair.HERE], 1)
    if decide(draft, corpus).verdict is not Verdict.PERMIT:
        raise AssertionError("expected the draft to be permitted")
    peer = _cedar(draft.facts, seconds) or _look_ups(draft, seconds)
    reasons = rate(lambda: decide(draft, corpus), seconds=seconds)
    why_nots = rate(lambda: explain(draft, corpus), seconds=seconds)
    return (
        figure("decisions with reasons", reasons, "decisions/s", beside=peer),
        figure("decisions with every why-not", why_nots, "decisions/s", beside=peer),
        figure("rules in the shipped packs", len(corpus.rules), "rules"),
    )


def _cedar(facts: Facts, seconds: float) -> tuple[str, float] | None:
    if find_spec("cedarpy") is None:
        return None
    cedar = import_module("cedarpy")
    ask, parse = cast("Ask", cedar.is_authorized), cast("_Parse", cedar.PolicySet.from_str)
    context = {name: bool(value) for name, value in facts.items()}
    forbidden = sorted(name for name, value in context.items() if not value)
    scope = "(principal, action, resource)"
    lines = [f"forbid {scope} when {{ context.{name} }};" for name in forbidden]
    policies = parse("\n".join([f"permit {scope};", *lines]))
    request = {**_REQUEST, "context": context}
    asked = rate(lambda: ask(request, policies, []), seconds=seconds)
    return f"Cedar, {len(forbidden) + 1} policies", asked


def _look_ups(draft: Draft, seconds: float) -> tuple[str, float]:
    facts, rules = draft.facts, shipped_corpus().rules
    read = [name for rule in rules for name in rule.reads]
    asked = rate(lambda: [facts.get(name) for name in read], seconds=seconds)
    return f"bare look-up of the {len(read)} facts that rules read", asked


if __name__ == "__main__":
    sys.exit(run(measure, about=__doc__ or ""))
