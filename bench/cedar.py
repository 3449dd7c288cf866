"""The packs as Cedar policies, and questions as Cedar requests: the peer of the law's figures.

Every rule that can permit or stand in the way becomes one policy; obligations and mandates do
neither. Cedar knows yes and no, so each test is written twice over two sets, by duality: it is
surely met (`yes` names it), or it may be met (`no` does not name it). What hangs on agencies
and day alone (treaties, reservations, groups) stands on the entity of the two partners, worked
out before Cedar is asked, as our dockets are; what a rule asks of markings likewise.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from typing import Protocol, cast

from comity.law import Corpus, Role, Rule, Side
from comity.law.finding import worse
from comity.law.predicate import Known, compile_predicate
from comity.law.provision import span
from comity.law.source import Part, read_yaml
from comity.law.view import Test, Truth, View
from comity.message import Draft, Facts, Handling

Request = Mapping[str, str]
"""Who sends what to whom, and the context as JSON text."""
_LIMITS = {Role.ABSOLUTE, Role.TERM, Role.CONDITION, Role.SENSITIVITY}
_JOINS = {"all": " && ", "any": " || "}
_WORDS = {"purpose", "kind", "practice"}


class Answer(Protocol):
    """What Cedar says."""

    @property
    def allowed(self) -> bool:
        """Whether a policy permits and none forbids."""
        ...


Ask = Callable[[Sequence[Request]], Sequence[Answer]]
_Parse = Callable[[str], object]


class _Batch(Protocol):
    def __call__(
        self, requests: Sequence[Request], policies: object, entities: object
    ) -> Sequence[Answer]: ...


class _Single(Protocol):
    def __call__(self, request: Request, policies: object, entities: object) -> Answer: ...


def parsed(policies: "Policies", drafts: Iterable[Draft]) -> Mapping[str, Ask]:
    """Let Cedar parse policies and partners once; return its two ways of being asked."""
    cedar = import_module("cedarpy")
    batch = cast("_Batch", cedar.is_authorized_batch)
    single = cast("_Single", cedar.is_authorized)
    held = cast("_Parse", cedar.PolicySet.from_str)("\n".join(policies.texts))
    partners = cast("_Parse", cedar.Entities.from_json_str)(policies.partners(drafts))
    return {
        "in batches": lambda requests: batch(list(requests), held, partners),
        "one by one": lambda requests: [single(each, held, partners) for each in requests],
    }


def _texts(names: Iterable[str]) -> str:
    return f"[{', '.join(_text(name) for name in sorted(names))}]"


def _text(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _either(place: str, names: Iterable[str]) -> str:
    return f"({' || '.join(f'{place}.contains({_text(name)})' for name in sorted(names))})"


def _scope(rule: Rule) -> Iterator[str]:
    if rule.purposes is not None:
        yield _one_of("context.purpose", rule.purposes)


def _one_of(word: str, names: Iterable[str]) -> str:
    return f"({' || '.join(f'{word} == {_text(name)}' for name in sorted(names))})"


@dataclass(slots=True)
class Policies:
    """The rules of a corpus on one day, and what their policies ask of a request."""

    corpus: Corpus
    day: date
    texts: list[str] = field(default_factory=list[str])
    facts: set[str] = field(default_factory=set[str])
    settled: dict[str, Test] = field(default_factory=dict[str, Test])
    """What agencies and day settle, by the name it has on the entity of two partners."""
    asked: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """What policies ask, as yes (surely met) or as no (may be met)."""
    seen: dict[str, Test] = field(default_factory=dict[str, Test])
    """What is asked of markings, by its name in the context."""

    def read(self, held: Mapping[str, bytes]) -> "Policies":
        """Translate packs, by file name."""
        for file in sorted(held):
            if file.endswith(".yaml") and not file.endswith("-cases.yaml"):
                self._pack(read_yaml(file, held[file]).pairs())
        return self

    def _pack(self, top: Mapping[str, Part]) -> None:
        rules = {rule.name: rule for rule in self.corpus.rules}
        known = Known(
            lexicon=self.corpus.lexicon,
            instruments=self.corpus.instruments,
            groups=self.corpus.treaties.groups,
            codes=Part.text,
        )
        aged = replace(known, oldest=span(top["oldest"])) if "oldest" in top else known
        for part in top["rules"].parts() if "rules" in top else ():
            tests = part.pairs()
            rule = rules[tests["id"].text()]
            if Side.RELEASE in rule.sides and rule.since <= self.day < rule.until:
                if rule.role in _LIMITS:
                    self._write("forbid", rule, self._limit(rule, tests, aged))
                elif rule.role is Role.BASIS and rule.is_verified:
                    self._write("permit", rule, self._basis(rule, tests, known))

    def _write(self, effect: str, rule: Rule, conditions: Iterable[str]) -> None:
        head = f"@id({_text(rule.name)}) {effect} (principal, action, resource)"
        self.texts.append(f"{head} when {{ {' && '.join(conditions)} }};")

    def _basis(self, rule: Rule, tests: Mapping[str, Part], known: Known) -> Iterator[str]:
        name = " ".join(["applies", rule.between, *sorted(rule.articles)])
        self.settled[name] = lambda view: view.treaties.applies(
            rule.between, rule.articles, parties=(view.giver, view.taker), on=view.day
        )
        # First what decides most: no policy is quicker for Cedar than one that ends at once.
        yield self._stated("resource", name, is_sure=True)
        yield from _scope(rule)
        # The message as a whole needs a basis, each value one that reaches it.
        reached = f"{_texts(rule.categories)}.containsAll(context.categories)"
        yield f"(!context.is_value || {reached})"
        yield self._test(tests["when"], known, is_sure=True)

    def _limit(self, rule: Rule, tests: Mapping[str, Part], known: Known) -> Iterator[str]:
        # A term says what must be met where it applies; the other limits say what must not be.
        yield from _scope(rule)
        if rule.of_value:
            yield "context.is_value"
        is_term = rule.role is Role.TERM
        for key in ("where",) if is_term else ("when",):
            if key in tests:
                yield self._test(tests[key], known, is_sure=False)
        for key in ("when", "emergency") if is_term else ("unless",):
            if key in tests:
                yield f"!({self._test(tests[key], known, is_sure=True)})"

    def _test(self, part: Part, known: Known, *, is_sure: bool) -> str:
        """Write that a test is surely met, or else that it may be."""
        if part.is_text:
            return self._fact(part.text(), is_sure=is_sure)
        if part.is_list:
            return self._join("all", part, known, is_sure=is_sure)
        [(word, inner)] = part.pairs().items()
        if word in _JOINS:
            return self._join(word, inner, known, is_sure=is_sure)
        if word == "not":
            return f"!({self._test(inner, known, is_sure=not is_sure)})"
        if word == "fact":
            return self._fact(inner.text(), is_sure=is_sure)
        return self._leaf(part, known, is_sure=is_sure)

    def _join(self, word: str, part: Part, known: Known, *, is_sure: bool) -> str:
        parts = [self._test(each, known, is_sure=is_sure) for each in part.parts()]
        return f"({_JOINS[word].join(parts)})"

    def _fact(self, name: str, *, is_sure: bool) -> str:
        self.facts.add(name)
        return self._stated("context", name, is_sure=is_sure)

    def _leaf(self, part: Part, known: Known, *, is_sure: bool) -> str:
        [(word, inner)] = part.pairs().items()
        if word in _WORDS:
            return _one_of(f"context.{word}", inner.texts())
        if word == "urgent":
            return "context.urgent"
        if word == "category":
            sets = self.corpus.lexicon.sets
            spread = {name for each in inner.texts() for name in sets.get(each, {each})}
            return _either("context.categories", spread)
        found = compile_predicate(part, known)
        age = f"{known.oldest.length} {known.oldest.unit}" if known.oldest else ""
        name = " ".join([*found.says, age]).strip()
        (self.settled if found.is_settled else self.seen)[name] = found
        place = "resource" if found.is_settled else "context"
        return self._stated(place, name, is_sure=is_sure)

    def _stated(self, place: str, name: str, *, is_sure: bool) -> str:
        sign = "yes" if is_sure else "no"
        self.asked.add((sign, name))
        return f"{'' if is_sure else '!'}{place}.{sign}.contains({_text(name)})"

    def once(self, draft: Draft) -> Request:
        """Ask once for a whole message: of what is known of its values the worst counts.

        One basis must reach all that it carries.
        """
        values = list(self._values(draft))
        view = View(draft, self.corpus.treaties, day=self.day)
        view.facts = self._worst([facts for _, _, facts in values] or [draft.facts])
        return self._request(view, {category for category, _, _ in values}, is_value=True)

    def by_value(self, draft: Draft) -> list[Request]:
        """Ask for the message and for each sort of value it carries, as our engine does."""
        whole = View(draft, self.corpus.treaties, day=self.day)
        found = [self._request(whole, draft.categories, is_value=False)]
        for category, marking, facts in self._values(draft):
            value = whole.of(category, marking, facts=facts)
            found.append(self._request(value, {category}, is_value=True))
        return found

    def _values(self, draft: Draft) -> Iterator[tuple[str, Handling, Facts]]:
        """Return each sort of value once: category, marking and all that is known of it."""
        loose = draft.categories.difference([item.category for item in draft.items])
        sorts: dict[tuple[str, Handling, object], Facts] = {
            (name, draft.handling, ()): _NOTHING for name in sorted(loose)
        }
        for item in draft.items:
            own = tuple(sorted((name, str(value)) for name, value in item.facts.items()))
            sorts[item.category, item.handling, own] = item.facts
        for (category, marking, _), stated in sorts.items():
            yield category, marking, self._joined(draft.facts, self._implied(category), stated)

    def _implied(self, category: str) -> Facts:
        held = self.corpus.lexicon.categories.get(category)
        return held.implies if held else _NOTHING

    def _joined(self, *stated: Facts) -> Facts:
        facts: dict[str, Truth] = {}
        for name, value in (pair for each in stated for pair in each.items()):
            one, worst = facts.get(name), self.corpus.lexicon.facts[name].harms
            facts[name] = value if one is None else worse(one, value, worst=worst)
        return facts

    def _worst(self, views: Sequence[Facts]) -> Facts:
        """Join what is known of several values; unknown is worse than the better answer."""
        held = self.corpus.lexicon.facts
        facts = dict(views[0])
        for other in views[1:]:
            for name in facts.keys() | other.keys():
                one, two = facts.get(name), other.get(name)
                facts[name] = worse(one, two, worst=held[name].harms)
        return facts

    def _request(self, view: View, carried: Collection[str], *, is_value: bool) -> Request:
        draft, asked = view.draft, self.asked
        known = {name: view.facts.get(name) for name in self.facts}
        said = _said(known | {name: test(view) for name, test in self.seen.items()})
        context = {
            # Only what some policy asks in that form.
            **{sign: [n for n in names if (sign, n) in asked] for sign, names in said.items()},
            "purpose": draft.purpose,
            "kind": draft.kind,
            "practice": draft.kind.partition(".")[0],
            "urgent": draft.urgency.value == "urgent",
            "is_value": is_value,
            "categories": sorted(carried),
        }
        return {
            "principal": f"Agency::{_text(draft.originator)}",
            "action": 'Action::"send"',
            "resource": f"Partners::{_text(_pair(draft))}",
            "context": json.dumps(context),
        }

    def partners(self, drafts: Iterable[Draft]) -> str:
        """Write what is settled between the partners of drafts, as Cedar's entities."""
        views = {
            _pair(draft): View(draft, self.corpus.treaties, day=self.day) for draft in drafts
        }
        entities = [
            {
                "uid": {"type": "Partners", "id": name},
                "attrs": _said({key: test(view) for key, test in self.settled.items()}),
                "parents": [],
            }
            for name, view in views.items()
        ]
        return json.dumps(entities)


_NOTHING: Facts = {}


def _pair(draft: Draft) -> str:
    return f"{draft.originator} {draft.recipient}"


def _said(known: Mapping[str, Truth]) -> dict[str, list[str]]:
    return {
        "yes": sorted(name for name, value in known.items() if value is True),
        "no": sorted(name for name, value in known.items() if value is False),
    }
