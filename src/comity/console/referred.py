"""Drafts the law leaves to a person: which rule, what is not known, who decides, by when."""

from collections.abc import Iterable, Mapping, Sequence

from comity.console import counsel
from comity.console.chapters import tabs
from comity.console.parts import Chip, Deadline, Finding, Pair, Tone
from comity.console.provisions import ReferralCard, Referrals
from comity.console.views import READY, Condition, ListState
from comity.console.visit import Answer, Shown, Visit
from comity.core.clock import DAY, HOUR, Instant
from comity.core.errors import ComityError
from comity.desk import DecisionRow, PersonView, Preview
from comity.law import Decision, Home, Verdict

MOST = 40
"""Most drafts opened for one page; each is judged anew."""


def referrals(visit: Visit) -> Answer:
    """List what waits, those this person may decide first, then the oldest."""
    rows = visit.desk.correspondence.referrals(visit.actor)
    everyone = visit.desk.people.everyone(visit.actor)
    cards = [_card(visit, row, everyone) for row in rows[:MOST]]
    shown = [card for card in cards if card is not None]
    page = Referrals(
        mine=tuple(card for card in shown if card.is_mine),
        others=tuple(card for card in shown if not card.is_mine),
        more=max(0, len(rows) - MOST),
        tabs=tabs(visit, "referrals"),
        condition=READY if shown else Condition(state=ListState.EMPTY),
    )
    return Shown(page=page)


def _card(
    visit: Visit, row: DecisionRow, everyone: Sequence[PersonView]
) -> ReferralCard | None:
    try:
        found = visit.desk.correspondence.referral(visit.actor, row.decision)
    except ComityError:
        # Erased meanwhile, or beyond what this session is bound to.
        return None
    said, decision = visit.said, found.explanation.decision
    names: dict[str, str] = {each.person: each.name for each in everyone}
    return ReferralCard(
        href=f"/referrals/{row.decision}",
        title=f"{said.kind(row.kind)} · {visit.partner(row.recipient)}",
        detail=f"{names.get(row.person, '')} · {row.case}",
        verdict=counsel.verdict_of(decision),
        rules=_rules(visit, decision),
        missing=tuple(_missing(visit, found, row)),
        deciders=_deciders(visit, decision, everyone),
        age=Chip(text=_age(visit, Instant(row.at)), icon="clock-alert", tone=_tone(visit, row)),
        is_mine=bool(decision.lifted_by & visit.actor.seats),
        due=None
        if row.due is None
        else Deadline(at=Instant(row.due), began=Instant(row.at), now=visit.now),
    )


def _rules(visit: Visit, decision: Decision) -> tuple[Finding, ...]:
    weighed = (each for each in decision.reasons if each.outcome is not Verdict.PERMIT)
    return counsel.findings(visit, weighed)


def _missing(visit: Visit, found: Preview, row: DecisionRow) -> Iterable[Pair]:
    """Give each open question once, and where it is answered; standing answers come first."""
    known, said = counsel.lexicon(visit).facts, visit.said
    places: Mapping[Home, str] = {
        Home.STANDING: "/law",
        Home.CASE: f"/cases/{row.case}/facts",
        Home.MESSAGE: f"/referrals/{row.decision}",
        Home.DERIVED: f"/referrals/{row.decision}",
    }
    facts = sorted(
        (known[name] for name in found.explanation.decision.missing if name in known),
        key=lambda fact: tuple(places).index(fact.home),
    )
    asked = {fact.asked_with or fact.name: fact for fact in facts}
    for name, fact in asked.items():
        yield Pair(
            label=said.code("question", name) if fact.asked_with else fact.text,
            value=said.say(f"referred.answered_{fact.home.value}"),
            href=places[fact.home],
        )


def _deciders(
    visit: Visit, decision: Decision, everyone: Sequence[PersonView]
) -> tuple[Pair, ...]:
    """Return who holds each seat that may lift it now, and who stands in."""
    said, found = visit.said, list[Pair]()
    for seat in sorted(decision.lifted_by):
        held = [
            (row.is_deputy, view.name)
            for view in everyone
            for row in view.seats
            if row.seat == seat and row.is_held(visit.now) and not view.is_disabled
        ]
        words = [
            said.say("referred.deputy", name=name) if is_deputy else name
            for is_deputy, name in sorted(held)
        ]
        text = ", ".join(words) or said.say("referred.nobody")
        found.append(Pair(label=said.code("seat", seat), value=text))
    return tuple(found)


def _age(visit: Visit, at: Instant) -> str:
    past = visit.now - at
    if past < DAY:
        return visit.said.say("referred.hours", n=past // HOUR)
    return visit.said.say("referred.days", n=past // DAY)


def _tone(visit: Visit, row: DecisionRow) -> Tone:
    return Tone.WARN if visit.now - row.at >= DAY else Tone.PLAIN
