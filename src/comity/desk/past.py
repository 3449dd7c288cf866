"""The past: each answer of our own law, followed to its provisions, and asked again otherwise.

What is shown are rules, facts, data categories and paths, never a value. Nothing is sent and
nothing is written: a hypothesis may state any fact, for it moves nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, NotFoundError
from comity.core.ids import AgencyId
from comity.core.store import Reader, eq
from comity.desk.actor import READERS, Actor
from comity.desk.bulk import KIND as LISTS
from comity.desk.letters import with_facts
from comity.desk.waiting import as_asked
from comity.exchange import Act, DecisionRow, Station
from comity.law import Explanation, Home, Reason, Side, Verdict, explain
from comity.message import Draft, Facts
from comity.practice import CaseRow

MOST = 200
"""Most answers listed at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A question to the law, and its explanation under the packs held today."""

    draft: Draft
    act: Act
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer on record; `told` is `None` once its draft has been erased."""

    row: DecisionRow
    verdict: Verdict
    told: Told | None
    is_same_law: bool
    """Whether the packs it was made under are those held today."""

    @property
    def is_same(self) -> bool:
        """Whether asking again gives the recorded answer, digest for digest."""
        return self.told is not None and (
            self.told.explanation.decision.digest == self.row.digest
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is otherwise when a question is asked again; what is left out stays as it was."""

    on: Instant | None = None
    purpose: str = ""
    recipient: AgencyId | None = None
    facts: Facts = field(default_factory=dict[str, bool | None])


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A past question asked again: what it would come to, and what differs."""

    was: Answered
    told: Told
    gone: tuple[Reason, ...]
    new: tuple[Reason, ...]
    facts: Mapping[str, tuple[bool | None, bool | None]]
    """Each fact that is answered otherwise: before, and now."""


class Past:
    """Answers of this node's own law, for those who may open its cases."""

    def __init__(self, station: Station) -> None:
        """Sit beside the desk."""
        self._station = station

    def list(
        self, actor: Actor, *, case: str = "", partner: str = ""
    ) -> tuple[DecisionRow, ...]:
        """List answers, the newest first; content-free."""
        actor.seat(READERS)
        asked = (("case", case), ("recipient", partner))
        where = [eq(name, value) for name, value in asked if value]

        def query(reader: Reader) -> tuple[DecisionRow, ...]:
            rows = reader.find(DecisionRow, *where, order="-at", limit=MOST)
            return tuple(row for row in rows if _is_for(reader, actor, row))

        return self._station.store.read(query)

    def show(self, actor: Actor, reference: str) -> Answered:
        """Show one answer and follow each of its reasons; raises `NotFoundError`."""
        actor.seat(READERS)
        return self._station.store.read(lambda r: self._answered(r, actor, reference))

    def what_if(self, actor: Actor, reference: str, changes: Changes) -> WhatIf:
        """Ask a past question again with `changes`, every fact else from its home as of now.

        Raises `NotFoundError` on an erased draft or an unknown partner, `InvalidInputError` on
        an unknown purpose or fact.
        """
        actor.seat(READERS)
        lexicon = self._station.corpus().lexicon
        if changes.purpose and changes.purpose not in lexicon.purposes:
            raise InvalidInputError(f"unknown purpose `{changes.purpose[:60]}`")
        if strange := sorted(changes.facts.keys() - lexicon.facts.keys()):
            raise InvalidInputError(f"unknown fact `{strange[0][:60]}`")
        if changes.recipient is not None:
            self._station.directory().agency(changes.recipient)

        def query(reader: Reader) -> WhatIf:
            was = self._answered(reader, actor, reference)
            if was.told is None:
                raise NotFoundError("the draft has been erased")
            return _compared(was, was.told, self._again(reader, was.told, changes))

        return self._station.store.read(query)

    def _answered(self, reader: Reader, actor: Actor, reference: str) -> Answered:
        row = reader.get(DecisionRow, reference)
        if row is None:
            raise NotFoundError(f"no decision `{reference[:40]}`")
        corpus, at = self._station.corpus(), Instant(row.at)
        told = None
        try:
            draft, act = as_asked(reader, row.record_id, at=at, station=self._station)
        except NotFoundError:
            actor.bound(purpose="", case=row.case)
        else:
            actor.bound(purpose=draft.purpose, case=row.case)
            said = explain(draft, corpus, side=_side(draft), lifted=act.lifted)
            told = Told(draft=draft, act=act, explanation=said)
        return Answered(
            row=row,
            verdict=Verdict(row.verdict),
            told=told,
            is_same_law=row.packs == corpus.digest,
        )

    def _again(self, reader: Reader, told: Told, changes: Changes) -> Told:
        draft = replace(
            told.draft,
            at=told.draft.at if changes.on is None else changes.on,
            purpose=changes.purpose or told.draft.purpose,
            recipient=changes.recipient or told.draft.recipient,
        )
        corpus, officers = self._station.corpus(), {Home.CASE, Home.MESSAGE}
        known = corpus.lexicon.facts
        stated = {n: v for n, v in changes.facts.items() if known[n].home in officers}
        draft = with_facts(reader, draft, {**told.act.stated, **stated})
        draft = replace(draft, facts={**draft.facts, **changes.facts})
        said = explain(draft, corpus, side=_side(draft), lifted=told.act.lifted)
        return Told(draft=draft, act=told.act, explanation=said)


def _side(draft: Draft) -> Side:
    """Return the side of the law that a draft was put before."""
    return Side.SCREEN if draft.kind == LISTS else Side.RELEASE


def _is_for(reader: Reader, actor: Actor, row: DecisionRow) -> bool:
    """Whether a token's purpose and case let its bearer see this answer in a list."""
    held = reader.get(CaseRow, row.case) if actor.purpose else None
    purpose = "" if held is None else held.purpose
    return actor.purpose in {"", purpose} and actor.case in {"", row.case}


def _compared(was: Answered, before: Told, after: Told) -> WhatIf:
    old, new = before.explanation.decision.reasons, after.explanation.decision.reasons
    facts = before.draft.facts, after.draft.facts
    return WhatIf(
        was=was,
        told=after,
        gone=_without(old, new),
        new=_without(new, old),
        facts={
            name: (facts[0].get(name), facts[1].get(name))
            for name in sorted(facts[0].keys() | facts[1].keys())
            if facts[0].get(name) is not facts[1].get(name)
        },
    )


def _without(reasons: Iterable[Reason], others: Iterable[Reason]) -> tuple[Reason, ...]:
    said = {(each.rule, each.outcome) for each in others}
    return tuple(each for each in reasons if (each.rule, each.outcome) not in said)
