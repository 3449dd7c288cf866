"""The law as an answer-set program, written from the specification and the packs alone.

Nothing of `comity.law` is used here: packs are read by the YAML and CSV libraries, and clingo
derives what follows. A fact is true, false or unknown: two atoms, of which at most one holds.
What a rule looks at beside facts and markings (agencies, day, purpose, kind, urgency) is the
*sort* of a question; what follows from it closes a rule before any value is looked at.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from comity.message import Draft, Handling

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"
Map: TypeAlias = "dict[str, Raw]"
FOREVER = date.max.toordinal()
NO_AGE = "oldest(0,D,-1) :- day(_,D)."
SORTED = frozenset(
    {"purpose", "practice", "kind", "in_force", "binds_originator", "binds_recipient", "since"}
    | {"reserved", "originator", "recipient", "originator_sort", "recipient_sort", "urgent"}
    | {"originator_group", "recipient_group", "same_member"}
)
"""Words of the vocabulary that the sort of a question settles."""
LIMITS = frozenset({"absolute", "term", "condition", "sensitivity"})

STAGES = Path(__file__).with_name("law.lp").read_text()
"""The stages and their order, which hold for every law."""


def quoted(text: str) -> str:
    """Write a text as a constant of the program."""
    return json.dumps(text, ensure_ascii=False)


def day_of(text: "Raw | None", default: int) -> int:
    """Return a date as a number of days."""
    return date.fromisoformat(cast("str", text)).toordinal() if text else default


def listed(part: "Raw | None") -> list[Raw]:
    """Return what a place of a pack lists; one text is a list of one."""
    return part if isinstance(part, list) else [part] if part else []


def texts(part: "Raw | None") -> list[str]:
    """Return the texts a place of a pack lists."""
    return [cast("str", each) for each in listed(part)]


def months_before(day: date, text: str) -> int:
    """Return the day that lies `180 month` or `900 d` before another."""
    number, unit = text.split()
    if unit == "d":
        return day.toordinal() - int(number)
    if unit == "h":
        return day.toordinal() - int(number) // 24
    total = day.year * 12 + day.month - 1 - int(number)
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(max(year, 1), month + 1, last).toordinal()
        except ValueError:
            continue
    raise AssertionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The closed lists: facts, categories and their sets."""

    facts: Map
    categories: Map
    sets: Mapping[str, list[str]]

    @staticmethod
    def read(data: bytes) -> "Lists":
        """Read `data/facts.yaml`."""
        top = cast("Map", yaml.load(data, Loader=yaml.BaseLoader))  # noqa: S506 - strings only
        sets = cast("Map", top["sets"])
        return Lists(
            facts=cast("Map", top["facts"]),
            categories=cast("Map", top["categories"]),
            sets={name: texts(part) for name, part in sets.items()},
        )

    def spread(self, part: "Raw | None") -> list[str]:
        """Return categories, each set by its members."""
        return [name for each in texts(part) for name in self.sets.get(each, [each])]

    def is_of_value(self, fact: str) -> bool:
        """Whether a fact is known value by value."""
        return cast("Map", self.facts[fact]).get("of") == "value"

    def atoms(self) -> Iterator[str]:
        """State the lists."""
        for name, part in self.facts.items():
            harms = cast("Map", part)["true_is"] == "harm"
            yield f"{'harms' if harms else 'relieves'}({quoted(name)})."
        for name, part in self.categories.items():
            if cast("Map", part).get("free_text") == "yes":
                yield f"freetext({quoted(name)})."
            for fact, answer in cast("Map", cast("Map", part).get("implies", {})).items():
                sign = "t" if answer == "yes" else "f"
                yield f"implied({quoted(name)},{quoted(fact)},{sign})."


@dataclass(slots=True)
class Law:
    """Packs, written as a program."""

    lists: Lists
    lines: list[str] = field(default_factory=list[str])
    rules: list[Map] = field(default_factory=list[Map])
    spans: dict[str, int] = field(default_factory=dict[str, int])
    """Each `oldest` of a pack, numbered; 0 is none."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _groups: dict[str, int] = field(default_factory=dict[str, int])
    _leaves: dict[str, str] = field(default_factory=dict[str, str])
    _asked: set[str] = field(default_factory=set[str])

    def read(self, held: Mapping[str, bytes]) -> "Law":
        """Read packs with their tables."""
        self.lines += self.lists.atoms()
        for name in sorted(held):
            if name.endswith(".yaml") and not name.endswith("-cases.yaml"):
                top = cast("Map", yaml.load(held[name], Loader=yaml.BaseLoader))  # noqa: S506
                self._pack(top, held)
        return self

    def _pack(self, top: Map, held: Mapping[str, bytes]) -> None:
        for part in cast("list[Map]", listed(top.get("instruments"))):
            name = quoted(cast("str", part["id"]))
            if part.get("in_force"):
                self.lines.append(f"begins({name},{day_of(part['in_force'], 0)}).")
            if part.get("until"):
                self.lines.append(f"ends({name},{day_of(part['until'], 0)}).")
        for table in texts(top.get("tables")):
            rows = csv.DictReader(io.StringIO(held[table].decode()))
            write = _party if table.endswith("-parties.csv") else _reservation
            self.lines += (line for row in rows for line in write(row))
        for part in cast("list[Map]", listed(top.get("groups"))):
            span = f"{day_of(part['since'], 0)},{day_of(part.get('until'), FOREVER)}"
            group = quoted(cast("str", part["id"]))
            self.lines += (
                f"member({group},{quoted(m)},{span})." for m in texts(part["members"])
            )
        for part in cast("list[Map]", listed(top.get("listings"))):
            self._listing(part)
        for rule in cast("list[Map]", listed(top.get("rules"))):
            self.rules.append(rule)
            self._rule(rule, top)

    def _listing(self, part: Map) -> None:
        number, covered = next(self._numbers), texts(part.get("covers"))
        for name in texts(part["instruments"]):
            until = day_of(part["complete_until"], 0)
            self.lines.append(f"listing({quoted(name)},{number},{until}).")
        if covered:
            self.lines.append(f"closed({number}).")
        self.lines += (f"covers({number},{quoted(state)})." for state in covered)

    def _rule(self, rule: Map, top: Map) -> None:
        name, role = quoted(cast("str", rule["id"])), cast("str", rule["role"])
        if role in {"mandate", "obligation"}:
            return  # Neither permits, refers nor denies.
        is_limit = role in LIMITS
        span = self._span(top.get("oldest")) if is_limit else 0
        begins = day_of(rule.get("from") or top.get("from"), 0)
        self.lines.append(f"rule({name},{role},{begins},{day_of(rule.get('until'), FOREVER)}).")
        usual = ["release"] if is_limit else ["release", "hold"]
        purposes = [f"for({name},{quoted(each)})." for each in texts(rule.get("purposes"))]
        self.lines += (f"on({name},{side})." for side in texts(rule.get("sides")) or usual)
        self.lines += purposes or [f"open({name})."]
        if rule["evidence"] != "unverified":
            self.lines.append(f"read({name}).")
        self.lines.append(f"limit({name})." if is_limit else self._basis(name, rule))
        for key in ("when", "unless", "where", "emergency"):
            if key in rule:
                self._test(name, key, self._node(rule[key], name, span))
        if "unless" not in rule:
            self.lines.append(f"relieved({name},R,V,f) :- heard({name},R,V).")
        if "where" not in rule:
            self.lines.append(f"owed({name},R,V,t) :- heard({name},R,V).")

    def _span(self, oldest: "Raw | None") -> int:
        if not oldest:
            return 0
        return self.spans.setdefault(cast("str", oldest), len(self.spans) + 1)

    def _basis(self, name: str, rule: Map) -> str:
        treaty = cast("str", rule["between"])
        group = self._articles(treaty, texts(rule["articles"]), 0)
        self._ask(treaty, 0)
        reached = self.lists.spread(rule["categories"])
        self.lines += (f"reach({name},{quoted(each)})." for each in reached)
        return f"basis({name},{quoted(treaty)},{group})."

    def _articles(self, treaty: str, articles: Sequence[str], span: int) -> int:
        key = json.dumps([treaty, sorted(articles), span])
        if key not in self._groups:
            number = self._groups[key] = next(self._numbers)
            self.lines.append(f"asking({number},{quoted(treaty)},{span}).")
            # A reservation that names no article is to every one of them.
            self.lines += (f"article({number},{quoted(a)})." for a in {*articles, ""})
        return self._groups[key]

    def _ask(self, treaty: str, span: int) -> None:
        line = f"asked({quoted(treaty)},{span})."
        if line not in self._asked:
            self._asked.add(line)
            self.lines.append(line)

    def _test(self, name: str, key: str, node: str) -> None:
        head = {
            "when": ("true({0},R,V)", "false({0},R,V)"),
            "unless": ("relieved({0},R,V,t)", "relieved({0},R,V,f)"),
            "where": ("owed({0},R,V,t)", "owed({0},R,V,f)"),
            "emergency": ("emergency({0},R,V)", "calm({0},R,V)"),
        }[key]
        for sign, closed, said in zip("tf", ("ct", "cf"), head, strict=True):
            text = said.format(name)
            self.lines.append(f"{text} :- {closed}{node}(S), view(R,V,S), inplay({name},S).")
            self.lines.append(f"{text} :- {sign}{node}(R,V).")
        self.lines.append(f"valued({name},S) :- of{node}(S).")
        self.lines += (f"settled({name},{key},{sign},S) :- c{sign}{node}(S)." for sign in "tf")

    def _node(self, part: Raw, name: str, span: int) -> str:
        """Write one predicate; return the number by which its atoms are named."""
        if isinstance(part, list):
            return self._join("all", part, name, span)
        word, inner = ("fact", part) if isinstance(part, str) else next(iter(part.items()))
        if word in {"all", "any"}:
            return self._join(word, listed(inner), name, span)
        if word == "not":
            return self._negation(self._node(inner, name, span), name)
        key = json.dumps([word, inner, span if word in SORTED else 0])
        if key not in self._leaves:
            node = self._leaves[key] = str(next(self._numbers))
            self.lines += self._leaf(node, word, inner, span)
        return self._leaves[key]

    def _join(self, word: str, parts: Sequence[Raw], name: str, span: int) -> str:
        inner = [self._node(part, name, span) for part in parts]
        node = str(next(self._numbers))
        # What one part alone settles, and what needs all of them.
        one, every = ("f", "t") if word == "all" else ("t", "f")
        closed = ", ".join(f"c{every}{each}(S)" for each in inner)
        self.lines.append(f"c{every}{node}(S) :- inplay({name},S), {closed}.")
        for each in inner:
            self.lines += [
                f"c{one}{node}(S) :- inplay({name},S), c{one}{each}(S).",
                f"op{node}(S) :- inplay({name},S), op{each}(S), not c{one}{node}(S).",
                f"of{node}(S) :- op{node}(S), of{each}(S).",
                f"{one}{node}(R,V) :- op{node}(S), view(R,V,S), {one}{each}(R,V).",
                f"e{node}x{each}(R,V) :- op{node}(S), view(R,V,S), c{every}{each}(S).",
                f"e{node}x{each}(R,V) :- op{node}(S), view(R,V,S), {every}{each}(R,V).",
            ]
        needed = ", ".join(f"e{node}x{each}(R,V)" for each in inner)
        self.lines.append(f"{every}{node}(R,V) :- op{node}(S), view(R,V,S), {needed}.")
        return node

    def _negation(self, inner: str, name: str) -> str:
        node = str(next(self._numbers))
        self.lines += [
            f"ct{node}(S) :- inplay({name},S), cf{inner}(S).",
            f"cf{node}(S) :- inplay({name},S), ct{inner}(S).",
            f"op{node}(S) :- inplay({name},S), op{inner}(S).",
            f"of{node}(S) :- inplay({name},S), of{inner}(S).",
            f"t{node}(R,V) :- f{inner}(R,V).",
            f"f{node}(R,V) :- t{inner}(R,V).",
        ]
        return node

    def _leaf(self, node: str, word: str, inner: Raw, span: int) -> Iterator[str]:
        # An atom that no line derives is simply never true.
        yield from (f"#defined {head}{node}/1." for head in ("ct", "cf", "op", "of"))
        yield from (f"#defined {head}{node}/2." for head in ("t", "f"))
        if word == "fact":
            fact = quoted(cast("str", inner))
            yield f"op{node}(S) :- sort(S)."
            yield f"t{node}(R,V) :- is(R,V,{fact},t)."
            yield f"f{node}(R,V) :- is(R,V,{fact},f)."
            if self.lists.is_of_value(cast("str", inner)):
                yield f"of{node}(S) :- sort(S)."
        elif word in SORTED:
            yield from self._of_sort(node, word, inner, span)
        else:
            yield f"op{node}(S) :- sort(S)."
            yield from (f"t{node}(R,V) :- {body}." for body in self._of_view(word, inner))
            yield f"f{node}(R,V) :- view(R,V,_), not t{node}(R,V)."
            if word == "category":
                yield f"of{node}(S) :- sort(S)."

    def _of_sort(self, node: str, word: str, inner: Raw, span: int) -> Iterator[str]:
        if word in {"in_force", "binds_originator", "binds_recipient"}:
            treaty = quoted(cast("str", inner))
            self._ask(cast("str", inner), span)
            if word == "in_force":
                yield f"ct{node}(S) :- both(S,{treaty},{span})."
                yield f"cf{node}(S) :- notboth(S,{treaty},{span})."
            else:
                who = "giver" if word == "binds_originator" else "taker"
                body = f"sort(S), {who}(S,P), day(S,D)"
                yield f"ct{node}(S) :- {body}, bound({treaty},P,D,{span})."
                yield f"cf{node}(S) :- {body}, unbound({treaty},P,D,{span})."
        elif word == "reserved":
            found = cast("Map", inner)
            group = self._articles(
                cast("str", found["instrument"]), texts(found["articles"]), span
            )
            yield f"ct{node}(S) :- reserved(S,{group},{span})."
            yield f"cf{node}(S) :- unreserved(S,{group},{span})."
        else:
            yield from (f"ct{node}(S) :- {body}." for body in _of_question(word, inner))
            yield f"cf{node}(S) :- sort(S), not ct{node}(S)."

    def _of_view(self, word: str, inner: Raw) -> Iterator[str]:
        name = cast("str", inner)
        if word == "category":
            for each in map(quoted, self.lists.spread(inner)):
                yield f"value(R,V,{each})"
                yield f"view(R,V,_), V = m, said_category(R,{each})"
        elif word == "handling_code":
            yield f"code(R,V,{quoted(name)})"
        elif word == "tlp_at_least":
            order = ["CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"]
            yield f"tlp(R,V,X), X >= {order.index(name)}"
        elif word == "level_at_least":
            yield f"level(R,V,X), X >= {int(name)}"
        else:
            yield PLAIN[word]


PLAIN = {
    "audience_allows": "view(R,V,_), not withheld(R,V)",
    "purpose_allows": "view(R,V,_), not misused(R,V)",
    "unexpired": "view(R,V,_), not expired(R,V)",
    "owned": "view(R,V,_), not shared(R,V)",
    "same_setting": "view(R,V,_), not strange(R,V)",
    "exercise": "view(R,V,_), exercise(R,m)",
    "caveated": "caveated(R,V)",
}


SIDES = ("release", "hold", "screen")


def sorts_of(
    keys: Iterable[tuple[str, str, str, str, str]], spans: Mapping[str, int]
) -> list[str]:
    """Write sorts of questions: originator, recipient, purpose, kind and day."""
    lines = [NO_AGE]
    for number, (giver, taker, purpose, kind, on) in enumerate(keys):
        for place, side in enumerate(SIDES):
            key = (giver, taker, purpose, kind, "urgent", side, on)
            lines += _sort(len(SIDES) * number + place, key, date.fromisoformat(on), spans)
    return lines


def named(part: Raw, word: str) -> set[str]:
    """Return the names that a word of the vocabulary takes anywhere in a rule."""
    if isinstance(part, str):
        return set()
    if isinstance(part, list):
        return {name for each in part for name in named(each, word)}
    own = set(texts(part[word])) if word in part else set[str]()
    return own | {
        name for key, each in part.items() if key != word for name in named(each, word)
    }


def _of_question(word: str, inner: Raw) -> Iterator[str]:
    if word == "urgent":
        yield "urgent(S)"
    elif word == "same_member":
        yield "home(S)"
    elif word == "since":
        yield f"day(S,D), D >= {day_of(inner, 0)}"
    elif word.endswith("_group"):
        who = "giver" if word.startswith("originator") else "taker"
        yield f"{who}(S,P), day(S,D), member({quoted(cast('str', inner))},P,B,E), B <= D, D < E"
    else:
        atom = {
            "originator": "giver",
            "recipient": "taker",
            "originator_sort": "giver_sort",
            "recipient_sort": "taker_sort",
        }.get(word, word)
        yield from (f"{atom}(S,{quoted(each)})" for each in texts(inner))


def _party(row: Mapping[str, str]) -> Iterator[str]:
    place = f"{quoted(row['instrument'])},{quoted(row['party'])}"
    status, seen = row["status"], day_of(row["as_of"], -1)
    until = day_of(row["until"], FOREVER)
    if status == "bound":
        yield f"row({place},{day_of(row['in_force'], 0)},{until},{seen})."
    elif status == "party":
        yield f"row({place},{seen},{until},{seen})."
    if status in {"party", "doubtful"}:
        # The list names it, so it does not lack it; from which day is not known.
        yield f"named({place})."


def _reservation(row: Mapping[str, str]) -> Iterator[str]:
    if row["effect"] == "none":
        return
    towards = quoted(row["counterpart"]) if row["counterpart"] else "all"
    days = f"{day_of(row['until'], FOREVER)},{day_of(row['as_of'], -1)}"
    place = f"{quoted(row['instrument'])},{quoted(row['party'])},{quoted(row['article'])}"
    yield f"reservation({place},{row['effect']},{towards},{days})."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A draft before one side's law, with what a person has lifted."""

    draft: Draft
    side: str
    lifted: tuple[str, ...] = ()


def state(questions: Iterable[Question], spans: Mapping[str, int]) -> list[str]:
    """Write questions as facts of the program, numbered from 0."""
    lines = [NO_AGE]
    sorts: dict[tuple[str, ...], int] = {}
    for number, question in enumerate(questions):
        draft = question.draft
        day = datetime.fromtimestamp(draft.at / 1000, UTC).date()
        key = (
            *(draft.originator, draft.recipient, draft.purpose, draft.kind),
            *(draft.urgency.value, question.side, day.isoformat()),
        )
        if key not in sorts:
            sorts[key] = len(sorts)
            lines += _sort(sorts[key], key, day, spans)
        lines += _question(number, sorts[key], question)
    return lines


def _sort(
    number: int, key: tuple[str, ...], day: date, spans: Mapping[str, int]
) -> Iterator[str]:
    giver, taker, purpose, kind, urgency, side, _ = key
    for text, span in spans.items():
        yield f"oldest({span},{day.toordinal()},{months_before(day, text)})."
    yield f"sort({number}). day({number},{day.toordinal()}). side({number},{side})."
    yield f"purpose({number},{quoted(purpose)}). kind({number},{quoted(kind)})."
    yield f"practice({number},{quoted(kind.split('.')[0])})."
    yield f"agency({number},{quoted(giver)})."
    yield f"member({number},{quoted(taker.split('.')[0])})."
    for who, agency in (("giver", giver), ("taker", taker)):
        member, sort = agency.split(".", 1)
        code = member if member.startswith("org-") else member.upper()
        yield f"{who}({number},{quoted(code)}). {who}_sort({number},{quoted(sort)})."
    if urgency == "urgent":
        yield f"urgent({number})."


def _question(number: int, sort: int, question: Question) -> Iterator[str]:
    draft = question.draft
    yield f"request({number},{sort}). at({number},{draft.at // 1000})."
    yield from (f"lift({number},{quoted(rule)})." for rule in question.lifted)
    if draft.is_protective:
        yield f"protective({number})."
    for name, answer in draft.facts.items():
        if answer is not None:
            yield f"said({number},{quoted(name)},{'t' if answer else 'f'})."
    yield from _marking(number, "m", draft.handling)
    yield from (f"said_category({number},{quoted(name)})." for name in draft.categories)
    carried = {item.category for item in draft.items}
    for name in draft.categories - carried:
        # A category without a value stands for one that the message's own marking covers.
        yield f"value({number},{quoted('category ' + name)},{quoted(name)})."
        yield from _marking(number, quoted("category " + name), draft.handling)
    for item in draft.items:
        path = quoted(item.path)
        yield f"value({number},{path},{quoted(item.category)}). item({number},{path})."
        yield from _marking(number, path, item.handling)
        for name, answer in item.facts.items():
            if answer is None:
                yield f"doubted({number},{path},{quoted(name)})."
            else:
                yield f"own({number},{path},{quoted(name)},{'t' if answer else 'f'})."


def _marking(number: int, view: str, marking: Handling) -> Iterator[str]:
    place = f"{number},{view}"
    yield f"tlp({place},{int(marking.tlp)}). level({place},{marking.level})."
    yield from (f"code({place},{quoted(code)})." for code in marking.codes)
    if marking.releasable is not None:
        yield f"listed({place})."
        yield from (f"released({place},{quoted(each)})." for each in marking.releasable)
    yield from (f"controls({place},{quoted(each)})." for each in marking.originators)
    if marking.purposes is not None:
        yield f"limited({place})."
        yield from (f"usable({place},{quoted(each)})." for each in marking.purposes)
    if marking.until is not None:
        yield f"until({place},{marking.until // 1000})."
    if marking.setting.value == "exercise":
        yield f"exercise({place})."
    if marking.caveats:
        yield f"caveated({place})."
    if "NOFORN" in marking.caveats:
        yield f"foreign({place})."
