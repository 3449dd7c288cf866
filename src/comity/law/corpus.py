"""The law in force at a node: packs read, checked against one another, and indexed.

A pack that names an undeclared fact, a country that does not exist, or a rule or row another
pack already holds is refused with file, line and reason: law that contradicts itself decides
nothing.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from comity.core.clock import Instant, utc_date
from comity.core.errors import NotFoundError
from comity.law.docket import Docket, Sight, make_docket, sight_of
from comity.law.lexicon import read_lexicon
from comity.law.model import Clock, Instrument, Lexicon, Role, Rule, Side, Told
from comity.law.pack import Draw, Gathered
from comity.law.participation import Participation
from comity.law.settling import Shared
from comity.law.source import read_yaml
from comity.law.view import View
from comity.message import Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All packs of a node, and who is bound by what."""

    lexicon: Lexicon
    rules: tuple[Rule, ...]
    treaties: Participation
    clocks: Mapping[str, tuple[Clock, ...]]
    packs: tuple[tuple[str, str, bytes], ...]
    """Name, version and SHA-256 of each pack with its tables."""
    instruments: Mapping[str, Instrument]
    gaps: tuple[str, ...] = ()
    told: Mapping[str, tuple[str, bytes]] = field(default_factory=dict[str, tuple[str, bytes]])
    """The file of told cases of each pack; `told_cases` reads them."""
    members: frozenset[str] = frozenset()
    """Codes of states that packs may name, fictional ones of a demonstration included."""
    rows: tuple[int, int] = (0, 0)
    """Rows of participation from real sources: all of them, and those with a date in force."""
    digest: bytes = b""
    read_cases: list[Told] = field(default_factory=list[Told], init=False, compare=False)
    """What `told_cases` has read."""
    _bases: dict[date, list[Rule]] = field(
        default_factory=dict[date, list[Rule]], init=False, compare=False
    )
    _shared: Shared = field(default_factory=Shared, init=False, compare=False)
    _sight: list[Sight] = field(default_factory=list[Sight], init=False, compare=False)
    _dockets: dict[object, Docket] = field(
        default_factory=dict[object, Docket], init=False, compare=False
    )

    def live(self, side: Side, purpose: str, *, on: date) -> list[Rule]:
        """Return the rules in force for a side, purpose and day, in stage order."""
        return [
            rule
            for rule in self.rules
            if side in rule.sides
            and rule.since <= on < rule.until
            and (rule.purposes is None or purpose in rule.purposes)
        ]

    def bases(self, *, on: date) -> list[Rule]:
        """Return every basis of a day, whatever its purpose."""
        if on not in self._bases:
            self._bases.clear()
            self._bases[on] = [
                rule
                for rule in self.rules
                if rule.role is Role.BASIS and rule.since <= on < rule.until
            ]
        return self._bases[on]

    def docket(self, view: View, side: Side) -> Docket:
        """Return what a question of this sort meets, settled once."""
        draft = view.draft
        parties = (draft.originator, draft.recipient)
        if not self._sight:
            self._sight.append(sight_of(self.rules))
        seen = self._sight[0].of(draft)
        key = (draft.purpose, view.day, *parties, *seen, side)
        found = self._dockets.get(key)
        if found is None:
            if len(self._dockets) >= _DOCKETS:
                self._dockets.clear()
            live = self.live(side, draft.purpose, on=view.day)
            found = self._dockets[key] = make_docket(live, view, side=side, shared=self._shared)
        return found

    def clock(self, name: str, *, on: date = date.max) -> Clock:
        """Return the clock of that name in force on a day; raises `NotFoundError`.

        Before its first date the earliest holds: partners promise one another no less.
        """
        dated = self.clocks.get(name)
        if not dated:
            raise NotFoundError(f"no legal clock `{name[:60]}` in the packs")
        return next((clock for clock in reversed(dated) if clock.since <= on), dated[0])


_DOCKETS = 1_024


def load_corpus(held: Mapping[str, bytes]) -> Corpus:
    """Read packs (`*.yaml`) and the tables (`*.csv`) beside them, by file name.

    Raises `InvalidInputError` naming file, line and reason.
    """
    lexicon = shipped_lexicon()
    names = sorted(n for n in held if n.endswith(".yaml") and not n.endswith("-cases.yaml"))
    gathered = Gathered(lexicon)
    drawn = [Draw(name, held, gathered) for name in names]
    for step in (Draw.declare, Draw.read_tables, Draw.read_rules):
        for draw in drawn:
            step(draw)
    packs = tuple((draw.name, draw.version, draw.digest) for draw in drawn)
    return corpus_of(gathered, packs=packs)


def corpus_of(gathered: Gathered, *, packs: Sequence[tuple[str, str, bytes]]) -> Corpus:
    """Index what the packs hold together."""
    order = {role: place for place, role in enumerate(Role)}
    rules = sorted(gathered.rules.values(), key=lambda rule: (order[rule.role], rule.name))
    return Corpus(
        lexicon=gathered.lexicon,
        rules=tuple(rules),
        treaties=gathered.participation(),
        clocks={
            name: tuple(sorted(dated, key=lambda clock: clock.since))
            for name, dated in gathered.clocks.items()
        },
        packs=tuple(sorted(packs)),
        gaps=tuple(gathered.gaps),
        told=gathered.told,
        rows=gathered.count_rows(),
        instruments=gathered.instruments,
        members=gathered.lexicon.countries | {party for _, party in gathered.parties},
        digest=digest_of(packs),
    )


def digest_of(packs: Sequence[tuple[str, str, bytes]]) -> bytes:
    """Return the one digest that names all packs together."""
    return hashlib.sha256(b"".join(digest for _, _, digest in sorted(packs))).digest()


@cache
def shipped_lexicon() -> Lexicon:
    """Return the closed lists of facts, purposes, data categories and countries."""
    data = files("comity.law").joinpath("data", "facts.yaml").read_bytes()
    return read_lexicon(read_yaml("facts.yaml", data))


def shipped_packs() -> dict[str, bytes]:
    """Return the packs that come with the package, demonstration included, by file name."""
    folder = files("comity.law").joinpath("packs")
    return {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if re.fullmatch(r"[a-z0-9-]+\.(yaml|csv)", entry.name)
    }


@cache
def shipped_corpus() -> Corpus:
    """Return the shipped packs, read once."""
    return load_corpus(shipped_packs())


def deadline(
    corpus: Corpus, *, urgency: Urgency, accessibility: str | None, stored_at: Instant
) -> Instant:
    """Return by when an answer is due (Directive (EU) 2023/977, article 5).

    Until the answering node has stated accessibility (`direct` or `indirect`), the shorter
    clock runs: 8 h for an urgent question, 168 h for another.
    """
    is_urgent = urgency is Urgency.URGENT
    name = f"urgent-{accessibility or 'direct'}" if is_urgent else "normal"
    clock = corpus.clock(f"exchange-2023-977.{name}", on=utc_date(stored_at))
    return clock.span.after(stored_at)
