"""A case of several parties: its sequence, who is missing, dissents, stops and copies."""

from collections.abc import Iterable, Mapping

from comity.console.parts import Chip, Pair, Tone
from comity.console.views import NumberedAct, Several
from comity.console.visit import Visit
from comity.core.clock import Instant, iso
from comity.core.errors import NotFoundError
from comity.core.ids import CaseId
from comity.desk import JointView
from comity.practice import STOP_LAPSES, Counted, Kind, View

_SHOWN = 12
"""Digits of a digest that people compare."""
_ROLES = "+"


def panel(visit: Visit, case: CaseId) -> Several | None:
    """Return what a case shows besides, if it is one of several parties."""
    try:
        found = visit.desk.joint.view(visit.actor, case)
    except NotFoundError:
        return None
    view, said = found.view, visit.said
    if view is None:
        waits = Pair(label=said.say("several.standing"), value=said.say("several.waits_here"))
        return Several(
            standing=(waits,),
            missing=(),
            dissents=(),
            stops=(),
            sequence=(),
            copies=(),
            evidence=(),
        )
    practice = _practice(visit, case)
    return Several(
        standing=tuple(_standing(visit, found, view)),
        missing=tuple(
            Pair(
                label=said.joint(practice, f"quorum.{name}"),
                value=said.say("several.met")
                if quorum.is_met
                else ", ".join(visit.partner(party) for party in quorum.missing),
            )
            for name, quorum in found.quorums.items()
        ),
        dissents=tuple(
            Pair(label=visit.partner(mark.party), value=_ground(visit, "dissent", mark.ground))
            for mark in view.dissents
        ),
        stops=tuple(_stops(visit, view)),
        sequence=tuple(_line(visit, found, each) for each in reversed(view.acts)),
        copies=tuple(
            Pair(
                label=f"{visit.partner(copy.party)} · {copy.digest[:_SHOWN]}",
                value=said.say(f"copy.{copy.state}"),
            )
            for copy in found.copies
            if copy.state != "sent"
        ),
        evidence=tuple(
            Pair(label=said.say(f"evidence.{each.sort}"), value=visit.partner(each.by))
            for each in found.evidence
        ),
    )


def known(visit: Visit, case: CaseId, kind: Kind) -> Mapping[str, str]:
    """Fill in what a case of several parties says by itself: root, roster."""
    view = visit.desk.joint.view(visit.actor, case).view
    if view is None:
        return {}
    names = {field.name for field in kind.fields}
    parties = ", ".join(
        f"{each.party}={_ROLES.join(sorted(each.roles))}".rstrip("=") for each in view.roster
    )
    filled = {"root": view.root, "parties": parties}
    return {f"body.{name}": text for name, text in filled.items() if name in names}


def _practice(visit: Visit, case: CaseId) -> str:
    return visit.desk.reading.case(visit.actor, case).case.practice


def _standing(visit: Visit, found: JointView, view: View) -> Iterable[Pair]:
    said = visit.said
    yield Pair(label=said.say("several.convenor"), value=visit.partner(view.convenor))
    yield Pair(label=said.say("several.revision"), value=str(view.revision))
    yield Pair(label=said.say("several.root"), value=view.root[:_SHOWN], is_reference=True)
    yield Pair(label=said.say("several.number"), value=str(view.number))
    if view.waits_for:
        yield Pair(
            label=said.say("several.waits_for"), value=said.say(f"waits.{view.waits_for}")
        )
    if view.root in found.stale:
        yield Pair(label=said.say("several.stale"), value=said.say("several.stale_why"))
    names = (visit.partner(each.party) for each in view.roster)
    yield Pair(label=said.say("several.parties"), value=", ".join(names))


def _stops(visit: Visit, view: View) -> Iterable[Pair]:
    said = visit.said
    for stop in view.stops:
        until = said.say("several.confirmed")
        if not stop.is_confirmed:
            until = said.say("several.lapses", at=iso(Instant(stop.at + STOP_LAPSES)))
        ground = _ground(visit, "stop", stop.ground)
        yield Pair(label=visit.partner(stop.party), value=f"{ground} · {until}")
    for party in sorted(view.lifts):
        yield Pair(label=visit.partner(party), value=said.say("several.lifted"))


def _ground(visit: Visit, word: str, ground: str) -> str:
    kinds = visit.desk.station.practices.practices
    for practice in kinds:
        name = f"{practice.name}.{word}/1"
        return visit.said.field(visit.desk.station.practices.kind(name), "ground", ground)
    return ground


def _line(visit: Visit, found: JointView, act: Counted) -> NumberedAct:
    said, practice = visit.said, act.frame.kind.partition(".")[0]
    marks = (
        ("several.framed_only", act.digest in found.framed_only, Tone.PLAIN),
        ("several.stale", act.digest in found.stale, Tone.WARN),
    )
    return NumberedAct(
        number=f"{act.number.epoch}.{act.number.number}",
        at=act.number.at,
        party=visit.partner(act.frame.author),
        what=said.kind(act.frame.kind),
        digest=act.digest[:_SHOWN],
        reason=_reason(visit, practice, act.reason),
        marks=tuple(
            Chip(text=said.say(word), tone=tone) for word, is_so, tone in marks if is_so
        ),
    )


def _reason(visit: Visit, practice: str, reason: str) -> str:
    if not reason:
        return ""
    return visit.said.joint(practice, f"guard.{reason}")
