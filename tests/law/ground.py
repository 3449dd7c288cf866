"""Ground for trying the law: drafts by the thousand, and the shipped packs as they are written.

One builder serves two ways of choosing: Hypothesis, which looks for the smallest draft that
breaks a property, and a dice that throws the same drafts in every process.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol, TypeAlias, TypeVar, cast

import yaml
from hypothesis import strategies as st

from comity.core.clock import Instant, from_iso
from comity.core.ids import AgencyId, CaseId
from comity.law import (
    Corpus,
    Decision,
    Lexicon,
    Side,
    decide,
    holds,
    load_corpus,
    screens,
    shipped_corpus,
    shipped_lexicon,
    shipped_packs,
)
from comity.message import Draft, Handling, Item, Setting, Tlp, Urgency
from comity.message.handling import handling

T = TypeVar("T")
Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"
"""What a pack is before anybody has understood it."""
Truth: TypeAlias = bool | None

TRUTHS: Sequence[Truth] = (True, False, None)
LEXICON: Lexicon = shipped_lexicon()
FACTS = sorted(LEXICON.facts)
CONDUCTS = [name for name in FACTS if name.startswith("conduct_")]
OF_VALUE = [name for name in FACTS if LEXICON.facts[name].of_value]
CATEGORIES = sorted(LEXICON.categories)
PURPOSES = sorted(LEXICON.purposes)
IMPLIED = frozenset(name for each in LEXICON.categories.values() for name in each.implies)
AGENCIES = (
    *("xn.police", "xa.border", "xb.fiu", "xc.fiu", "xf.police", "xm.justice", "xt.police"),
    *("fr.police", "de.bka", "no.pst", "na.police", "us.fbi", "gb.police", "tr.police"),
    *("jo.police", "np.police", "org-interpol.general", "org-europol.centre"),
)
DAYS = (
    *("2014-06-01T12:00:00Z", "2019-01-01T00:00:00Z", "2024-12-31T23:59:59Z"),
    *("2025-01-01T00:00:00Z", "2026-11-23T12:00:00Z", "2032-01-01T00:00:00Z"),
)
NOON: Instant = from_iso("2026-11-23T12:00:00Z")
AMBER = Handling(tlp=Tlp.AMBER)
MARKINGS = tuple(
    handling(f"TLP:{words}")
    for words in (
        *("AMBER", "AMBER", "AMBER", "AMBER", "CLEAR", "GREEN H2", "AMBER H3", "AMBER H1"),
        *("AMBER+STRICT REL:xa,de", "AMBER REL:", "RED L2", "RED L3 REL:xn,xa", "AMBER L1"),
        *("AMBER ORCON:xn.police", "AMBER ORCON:fr.police,de.bka", "AMBER EXERCISE"),
        *("AMBER PURPOSE:counter-terrorism,operation", "AMBER PURPOSE:"),
        *("AMBER UNTIL:2026-11-23T12:00:00Z", "AMBER UNTIL:2026-11-23T12:00:01Z"),
    )
)
KINDS = (
    *("requests.ask/1", "requests.answer/1", "requests.supply/1", "signals.share/1"),
    *("notices.propose/1", "notices.red/1", "notices.diffusion/1", "notices.consent/1"),
)


class Choose(Protocol):
    """Takes one of several."""

    def __call__(self, options: Sequence[T], /) -> T:
        """Return one option."""
        ...


class Dice:
    """A chooser whose every throw follows from its seed, in this process and in any other."""

    def __init__(self, *seed: object) -> None:
        self._seed, self._thrown = repr(seed).encode(), 0

    def __call__(self, options: Sequence[T], /) -> T:
        self._thrown += 1
        digest = hashlib.blake2b(self._seed + self._thrown.to_bytes(8, "big"), digest_size=8)
        return options[int.from_bytes(digest.digest(), "big") % len(options)]


def _some(choose: Choose, options: Sequence[T], *, most: int) -> list[T]:
    return [choose(options) for _ in range(choose(range(most + 1)))]


def ordinary(conducts: Iterable[str]) -> dict[str, Truth]:
    """Answer every question as it stands in nobody's way, for a case of these conducts."""
    facts: dict[str, Truth] = {name: not fact.harms for name, fact in LEXICON.facts.items()}
    return facts | dict.fromkeys(CONDUCTS, False) | dict.fromkeys(conducts, True)


def make_draft(
    choose: Choose,
    *,
    agencies: Sequence[str] = AGENCIES,
    doubtful: Sequence[str] = FACTS,
    categories: Sequence[str] = CATEGORIES,
) -> Draft:
    """Make a draft near an ordinary one, so that every verdict comes often.

    A calm one differs in little; `doubtful` facts are answered otherwise, or not at all.
    """
    calm = choose((True, False))
    markings = (AMBER,) if calm else MARKINGS
    items = tuple(
        Item(
            path=f"v{place}",
            category=choose(("identity", "travel", *categories)),
            handling=choose(markings),
            facts={
                name: choose(TRUTHS) for name in _some(choose, OF_VALUE, most=1 + (not calm))
            },
        )
        for place in range(choose((0, 1, 1, 2, 3)))
    )
    facts = ordinary(_some(choose, CONDUCTS, most=2))
    for name in _some(choose, doubtful, most=1 if calm else choose((0, 2, 6))):
        facts[name] = choose(TRUTHS)
    for name in _some(choose, doubtful, most=0 if calm else choose((0, 0, 2))):
        facts.pop(name, None)
    declared = _some(choose, ("identity", "travel", *categories), most=choose((0, 1, 2)))
    return Draft(
        kind=choose(KINDS),
        originator=AgencyId(choose(agencies[:2] if calm else agencies)),
        recipient=AgencyId(choose(agencies[:2] if calm else agencies)),
        purpose=choose((*("counter-terrorism",) * (99 if calm else 8), *PURPOSES)),
        at=from_iso(choose(DAYS[4:5] if calm else DAYS)),
        body={item.path: "x" for item in items},
        handling=choose(markings),
        case=CaseId("case"),
        categories=frozenset((*declared, *(item.category for item in items))),
        items=items,
        facts=facts,
        urgency=choose(tuple(Urgency)),
        is_protective=choose((True, *(False,) * 9)),
    )


class Drawn:
    """A chooser that Hypothesis steers."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def __call__(self, options: Sequence[T], /) -> T:
        return self._draw(st.sampled_from(options))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw a draft of the shipped law."""
    return make_draft(Drawn(draw))


def thrown(count: int, *, seed: str = "") -> list[Draft]:
    """Throw as many drafts, the same ones in every process."""
    return [make_draft(Dice(seed, number)) for number in range(count)]


_ASKED = {Side.RELEASE: decide, Side.HOLD: holds, Side.SCREEN: screens}


def ask(draft: Draft, corpus: Corpus, side: Side, lifted: Iterable[str] = ()) -> Decision:
    """Ask one side's law."""
    return _ASKED[side](draft, corpus, lifted=tuple(lifted))


def stating(draft: Draft, facts: Mapping[str, Truth]) -> Draft:
    """Return the draft with these answers for the whole message."""
    return replace(draft, facts={**draft.facts, **facts})


def with_item(draft: Draft, place: int, facts: Mapping[str, Truth]) -> Draft:
    """Return the draft with these answers for one of its values."""
    items = list(draft.items)
    items[place] = replace(items[place], facts={**items[place].facts, **facts})
    return replace(draft, items=tuple(items))


def settings_of(draft: Draft) -> set[Setting]:
    """Return the settings that message and values belong to."""
    return {draft.handling.setting, *(item.handling.setting for item in draft.items)}


def fresh() -> Corpus:
    """Read the shipped packs anew: nothing has been asked of them yet."""
    return load_corpus(shipped_packs())


def raw(data: bytes) -> dict[str, Raw]:
    """Read a pack as texts, lists and maps, by the YAML library alone."""
    return cast("dict[str, Raw]", yaml.load(data, Loader=yaml.BaseLoader))  # noqa: S506 - strings


@cache
def shipped_raw() -> Mapping[str, dict[str, Raw]]:
    """Return every shipped pack as it is written, by file name."""
    packs = shipped_packs()
    named = {rule.pack for rule in shipped_corpus().rules}
    return {
        name: raw(data)
        for name, data in packs.items()
        if name.endswith(".yaml") and name.removesuffix(".yaml") in named
    }


def shipped_rules() -> list[dict[str, Raw]]:
    """Return every shipped rule as it is written."""
    packs = shipped_raw().values()
    return [
        cast("dict[str, Raw]", rule)
        for pack in packs
        for rule in cast("list[Raw]", pack.get("rules", []))
    ]
