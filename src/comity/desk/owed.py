"""What the desk owes without anybody asking: done in the name of who acted first.

A message its partner could not open in time is sealed anew; what no second person confirmed is
recalled; that a person opened a message is told to its sender.
"""

from dataclasses import replace

from comity.core.errors import ComityError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, PersonId, message_id
from comity.core.store import Reader
from comity.desk import kept
from comity.desk.letters import Letter
from comity.desk.sending import TIMER, NotSent, Outcome, Sender
from comity.desk.waiting import read_back
from comity.exchange import (
    Act,
    DecisionRow,
    InboxRow,
    OutboxRow,
    Station,
    delivery,
    outbound,
)
from comity.law import Verdict
from comity.message import Draft
from comity.practice import Body


class Owed:
    """Acts of the clock and of the road; each goes down the same road as a person's."""

    def __init__(self, station: Station, sender: Sender) -> None:
        """Act through the desk's own sender."""
        self._station = station
        self._sender = sender

    def resend(self, mid: str) -> Outcome:
        """Decide and seal anew what its partner could not open in time, under a new id.

        For the delivery worker, once it has learnt the partner's newest prekey: the act is its
        author's own, and the law is asked again. Raises `StateError` for any other message.
        """

        def query(reader: Reader) -> tuple[Draft, Act]:
            row = reader.get(OutboxRow, message_id(mid))
            if row is None:
                raise NotFoundError(f"no message `{mid[:40]}`")
            if row.code not in delivery.AGAIN or row.replaced_by is not None:
                raise StateError(f"message `{mid}` is not one to seal anew")
            made = reader.get(DecisionRow, row.decision)
            record_id = "" if made is None else made.record_id
            return read_back(reader, record_id, station=self._station)

        draft, act = self._station.store.read(query)
        return self._sender.go(draft, replace(act, again=mid))

    def let_go_kept(self, row: DecisionRow) -> None:
        """Let a kept act re-enter at *decide*, now that its partner's new key has come.

        What may not leave any more is given back to its author. What cannot leave now is tried
        again later.
        """
        station, now = self._station, self._station.clock.now()
        if kept.is_over(row, now):
            station.store.commit(lambda tx: kept.give_back(tx, row, at=now)).result()
            return
        try:
            draft, act = station.store.read(
                lambda r: read_back(r, row.record_id, station=station)
            )
            found = self._sender.go(
                draft, act, also=lambda tx: kept.take_up(tx, row, "resumed", at=now)
            )
        except ComityError:
            # A stopped case, a closed door: its keeping ends by itself in two weeks at most.
            station.store.commit(lambda tx: kept.put_off(tx, row, at=now)).result()
            return
        if isinstance(found, NotSent) and found.decision.verdict is Verdict.DENY:
            station.store.commit(lambda tx: kept.told(tx, row, at=now)).result()

    def not_confirmed(self, mid: str) -> Outcome:
        """Recall by itself what no second person confirmed in time, in its author's name."""
        row = self._station.store.read(lambda r: r.get(OutboxRow, message_id(mid)))
        if row is None:
            raise NotFoundError(f"no message `{mid[:40]}`")
        practice = self._station.practices.owner(row.kind).name
        letter = Letter(
            kind=f"{practice}.recall/1",
            body={"about": mid, "ground": "not-confirmed"},
            handling=self._sender.marking_of(row),
            case=CaseId(row.case),
            recipient=AgencyId(row.recipient),
        )
        draft = self._sender.draft(letter)
        person = PersonId(row.person)
        return self._sender.go(
            draft, Act(person=person, seat="timer", session=TIMER, at=draft.at)
        )

    def seen(self, row: InboxRow, act: Act) -> Outcome:
        """Tell a partner that a person opened its message."""
        return self.tell(row, "seen", {}, act)

    def tell(
        self,
        row: InboxRow,
        word: str,
        body: Body,
        act: Act,
        *,
        also: outbound.Also | None = None,
    ) -> Outcome:
        """Tell a partner what became of its message, in codes alone; `also` joins the unit."""
        practice = self._station.practices.owner(row.kind).name
        letter = Letter(
            kind=f"{practice}.{word}/1",
            body={"about": row.mid.hex(), **body},
            handling=self._sender.marking_of(row),
            case=CaseId(row.case),
            recipient=AgencyId(row.author),
        )
        return self._sender.go(self._sender.draft(letter), act, also=also)
