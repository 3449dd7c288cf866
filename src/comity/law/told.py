"""Told cases: what a pack's author says its rules answer, each citing the provision.

A case is one line a lawyer can read, in a file beside its pack. It takes for granted what is
`ordinary` between two assessed partners (`data/facts.yaml`), and says only what is different.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from comity.core.clock import from_iso
from comity.core.errors import InvalidInputError
from comity.core.ids import CaseId, agency_id
from comity.law.corpus import Corpus
from comity.law.decide import decide, holds, screens
from comity.law.model import Decision, Lexicon, Side, Told, Verdict
from comity.law.source import Part, Section, read_yaml
from comity.law.view import Truth
from comity.message import Draft, Facts, Item, Urgency, handling

_ANSWERS: Mapping[str, Truth] = {"yes": True, "no": False, "unknown": None}
_URGENCIES = [each.value for each in Urgency]
_NEEDS = "case verdict rule cite"
_MAY = (
    "from to on kind purpose categories items handling message_handling facts protective side"
    " lifted leave_out urgency"
)
_DAY = "2026-11-23"
_ASKED = {Side.RELEASE: decide, Side.HOLD: holds, Side.SCREEN: screens}


def ordinary_facts(lexicon: Lexicon) -> Facts:
    """Return what told cases take for granted of two assessed partners."""
    known = {name: fact.ordinary for name, fact in lexicon.facts.items()}
    return {name: value for name, value in known.items() if value is not None}


def told_cases(corpus: Corpus) -> tuple[Told, ...]:
    """Read the told cases of every pack, once; raises `InvalidInputError` with its place."""
    if not corpus.read_cases and corpus.told:
        for pack, (file, data) in sorted(corpus.told.items()):
            corpus.read_cases.extend(
                _told(part, pack, corpus.lexicon) for part in read_yaml(file, data).parts()
            )
    return tuple(corpus.read_cases)


def told_of(corpus: Corpus, rule: str) -> tuple[Told, ...]:
    """Return the cases told of one rule, kept and broken."""
    return tuple(each for each in told_cases(corpus) if each.rule == rule)


def answer(told: Told, corpus: Corpus) -> Decision:
    """Ask the law about a told case."""
    return _ASKED[told.side](told.draft, corpus, lifted=told.lifted)


def failures(corpus: Corpus, told: Iterable[Told] | None = None) -> tuple[str, ...]:
    """Return a line for each told case that the law answers otherwise: file, line, reason."""
    cases = told_cases(corpus) if told is None else told
    cites = {rule.name: rule.cite for rule in corpus.rules}
    found = ((case, _failure(case, answer(case, corpus), cites)) for case in cases)
    return tuple(f"{case.place}: `{case.name}`: {reason}" for case, reason in found if reason)


def _failure(told: Told, decision: Decision, cites: Mapping[str, str]) -> str:
    said = {each.rule: each for each in decision.reasons}
    if decision.verdict is not told.verdict:
        why = ", ".join(e.rule for e in decision.reasons if e.outcome is decision.verdict)
        return f"expected {told.verdict.word}, the law says {decision.verdict.word} ({why})"
    if told.is_kept:
        weighs = told.rule in said and said[told.rule].outcome is not Verdict.PERMIT
        cite = cites.get(told.rule)
    else:
        weighs = told.rule not in said
        cite = said[told.rule].cite if told.rule in said else ""
    if cite is None:
        return f"no rule `{told.rule[:60]}` is held"
    if weighs:
        return f"`{told.rule[:60]}` {'has' if told.is_kept else 'has nothing'} to say of it"
    if told.cite not in cite:
        return f"expected the provision `{told.cite[:60]}`, the rule cites `{cite}`"
    if told.leave_out is not None and decision.smallest_set != told.leave_out:
        return f"expected {list(told.leave_out)} to be left out, got {decision.smallest_set}"
    return ""


def _told(part: Part, pack: str, lexicon: Lexicon) -> Told:
    found = part.section(_NEEDS, _MAY)
    rule = found.text("rule")
    words = {each.word: each for each in Verdict}
    return Told(
        name=found.text("case"),
        pack=pack,
        place=f"{part.file}:{part.line}",
        rule=rule.removeprefix("not "),
        is_kept=rule.startswith("not "),
        cite=found.text("cite"),
        verdict=words[found["verdict"].as_one_of(words, "verdict")],
        draft=_draft(found, lexicon),
        side=Side(found["side"].as_one_of(list(Side), "side"))
        if "side" in found.found
        else Side.RELEASE,
        lifted=tuple(found.texts("lifted")),
        leave_out=tuple(found.texts("leave_out")) if "leave_out" in found.found else None,
    )


def _draft(found: Section, lexicon: Lexicon) -> Draft:
    stated = found["facts"].pairs() if "facts" in found.found else {}
    for name, each in stated.items():
        if name not in lexicon.facts:
            each.refuse(f"unknown fact `{name[:60]}`")
    items = found["items"].pairs() if "items" in found.found else {}
    held = {
        path: each.as_one_of(lexicon.categories, "category") for path, each in items.items()
    }
    listed = found.parts("categories")
    named = frozenset(each.as_one_of(lexicon.categories, "data category") for each in listed)
    usual = frozenset({"identity", "travel"})
    said = {name: _ANSWERS[each.as_one_of(_ANSWERS, "answer")] for name, each in stated.items()}
    try:
        draft = _plain(found)
        marking = handling(found.text("handling", "TLP:AMBER"))
    except InvalidInputError as error:
        found.at.refuse(str(error))
    return replace(
        draft,
        body=dict.fromkeys(held, "x"),
        categories=frozenset(held.values())
        if held
        else named
        if "categories" in found.found
        else usual,
        items=tuple(
            Item(path=path, category=name, handling=marking) for path, name in held.items()
        ),
        facts={**ordinary_facts(lexicon), **said},
    )


def _plain(found: Section) -> Draft:
    marking = found.text("handling", "TLP:AMBER")
    return Draft(
        kind=found.text("kind", "requests.ask/1"),
        originator=agency_id(found.text("from", "xn.police")),
        recipient=agency_id(found.text("to", "xa.border")),
        purpose=found.text("purpose", "counter-terrorism"),
        at=from_iso(found.text("on", _DAY) + "T12:00:00Z"),
        body={},
        handling=handling(found.text("message_handling", marking)),
        case=CaseId("told"),
        urgency=Urgency(found["urgency"].as_one_of(_URGENCIES, "urgency"))
        if "urgency" in found.found
        else Urgency.NORMAL,
        is_protective=found.text("protective") == "yes",
    )
