"""Sending: one letter down the outbound road, as far as the law lets it go.

What a person starts, what a timer owes and what is sealed anew all go this one way: evidence,
law, seal, log.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from comity.core.errors import ConflictError
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Transaction, eq
from comity.desk.kept import keep
from comity.desk.letters import Letter, draft_of, open_case, with_facts
from comity.desk.look_up import check_evidence
from comity.exchange import Act, InboxRow, OutboxRow, Releasable, Station, Stopped, outbound
from comity.exchange.addressing import awaits_key
from comity.exchange.cases import case_row
from comity.law import Decision, Verdict
from comity.message import Draft, Handling, Setting, Tlp
from comity.practice import CaseFieldRow

LIFE = frozenset({"danger-to-life", "imminent-attack"})
"""Grounds under which an act may go before its second person has looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter sealed, logged and queued."""

    case: CaseId
    mid: str
    leaf: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitsSecond:
    """A letter that another person must confirm before it goes on."""

    case: CaseId
    pending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """A letter our own law refers to a named seat, or denies."""

    case: CaseId
    reference: str
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitsKey:
    """A letter our law permits, kept until the new key of its partner has come."""

    case: CaseId
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSent:
    """An act that stands: its case here, and its digest, the same for every party."""

    case: CaseId
    digest: str


Outcome = Sent | AwaitsSecond | AwaitsKey | NotSent | JointSent
TIMER = "timer"
"""The session of an act that a worker does in time, and tries again by itself."""


class Sender:
    """The desk's end of the outbound road; `kick` wakes the delivery worker."""

    def __init__(self, station: Station, agency: AgencyId, *, kick: Callable[[], None]) -> None:
        """Send for one agency."""
        self._station = station
        self._agency = agency
        self._kick = kick

    def draft(self, letter: Letter) -> Draft:
        """Turn a letter into a draft with every fact from its home."""
        station = self._station
        return station.store.read(lambda r: draft_of(r, letter, self._agency, station=station))

    def go(self, draft: Draft, act: Act, *, also: outbound.Also | None = None) -> Outcome:
        """Ask the law and act on its answer; `also` stands or falls with what comes of it."""
        station, joined = self._station, also or _nothing
        self.check_evidence(draft, act)

        def opened(tx: Transaction) -> None:
            open_case(tx, draft, act=act, station=station)

        for _attempt in range(3):
            step = outbound.decide(draft, act, station, also=joined).result()
            if isinstance(step, Stopped):
                if step.decision.verdict is Verdict.REFER:
                    station.store.commit(opened).result()
                return NotSent(
                    case=draft.case, reference=step.reference, decision=step.decision
                )
            station.store.commit(opened).result()
            try:
                return self._log(step, joined)
            except ConflictError:
                # Law or directory changed between decision and log: the law is asked again.
                draft = replace(draft, at=station.clock.now())
                draft = self._asked_again(draft, act)
        raise ConflictError("law or directory keeps changing: try again")

    def _asked_again(self, draft: Draft, act: Act) -> Draft:
        return self._station.store.read(lambda r: with_facts(r, draft, act.stated))

    def _log(self, releasable: Releasable, also: outbound.Also) -> Sent | AwaitsKey:
        if self._is_kept(releasable):
            # Whoever may have nothing is told so at once, and kept waiting for no key.
            outbound.check_standing(releasable.draft, self._station)
            return self._keep(releasable, also)
        sealed = outbound.seal(outbound.mark(releasable), self._station)
        logged = outbound.log(sealed, self._station, also=also).result()
        self._kick()
        return Sent(case=releasable.draft.case, mid=logged.mid.hex(), leaf=logged.leaf)

    def _is_kept(self, releasable: Releasable) -> bool:
        # What a worker does is tried again by that worker: kept as well, it would go twice.
        act, recipient = releasable.act, releasable.draft.recipient
        if act.again or act.session == TIMER:
            return False
        return self._station.store.read(
            lambda r: awaits_key(r, recipient, station=self._station)
        )

    def _keep(self, releasable: Releasable, also: outbound.Also) -> AwaitsKey:
        station, case = self._station, releasable.draft.case

        def unit(tx: Transaction) -> None:
            also(tx)
            keep(tx, releasable, at=station.clock.now())

        station.store.commit(unit).result()
        return AwaitsKey(case=case, reference=releasable.reference)

    def is_life(self, draft: Draft) -> bool:
        """Whether a stated threat to life lets an act go before its second person."""
        own = {str(draft.body.get(name)) for name in ("urgency_ground", "danger")}
        if own & LIFE:
            return True
        stated = self._station.store.read(
            lambda r: r.find(CaseFieldRow, eq("case", draft.case), eq("name", "urgency_ground"))
        )
        return bool({row.value for row in stated} & LIFE)

    def check_evidence(self, draft: Draft, act: Act) -> None:
        """Refuse to tell of a candidate that too few have judged; raises `StateError`."""
        kind, is_life = self._station.practices.kind(draft.kind), self.is_life(draft)
        self._station.store.read(
            lambda r: check_evidence(r, draft, kind=kind, person=act.person, is_life=is_life)
        )

    def marking_of(self, row: InboxRow | OutboxRow) -> Handling:
        """Return the marking for a message that names only what its partner holds."""
        case = self._station.store.read(lambda r: case_row(r, CaseId(row.case)))
        return Handling(tlp=Tlp.AMBER, setting=Setting(case.setting))


def _nothing(_tx: Transaction) -> None:
    """Write nothing else."""
