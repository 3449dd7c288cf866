"""Four partners write a paper on the real road: keys, law, seals, ledgers, all in memory."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from tests.joint.paper import ALL, PRACTICE, A, C, M, N, roster_value

from comity.adapters.world import Resident, World, make_world
from comity.core.cbor import Value
from comity.core.clock import DAY
from comity.core.ids import AgencyId, CaseId, NodeId
from comity.core.store import eq
from comity.desk import JointLetter, JointSent
from comity.law import Corpus, shipped_corpus, shipped_lexicon
from comity.message import handling
from comity.practice import ActRow, JointRow, View

AMBER = handling("TLP:AMBER H1")
FACTS: Final[Mapping[str, bool | None]] = {
    **{name: True for name in shipped_lexicon().facts if name.startswith("conduct_")},
    "political_offence": False,
    "for_investigation": True,
    "free_text_sensitive": False,
}
SECTIONS: Final[list[Value]] = [
    {"name": "mission", "handling": "TLP:AMBER H1", "body": {"text": "Watch the port"}},
    {
        "name": "supply",
        "handling": "TLP:AMBER H1",
        "audience": ["xa.border", "xn.police"],
        "body": {"text": "Two boats"},
    },
]


@cache
def corpus() -> Corpus:
    return shipped_corpus()


def a_world(*agencies: AgencyId) -> World:
    return make_world(agencies or ALL, practices=[PRACTICE], corpus=corpus())


def at(world: World, agency: AgencyId) -> Resident:
    return world.residents[NodeId(f"{agency}.n1")]


def letter(word: str, case: str = "", **body: Value) -> JointLetter:
    return JointLetter(
        kind=f"papers.{word}",
        body=body,
        handling=AMBER,
        case=CaseId(case) if case else None,
        purpose="" if case else "counter-terrorism",
        facts=FACTS,
    )


def proposal(**body: Value) -> JointLetter:
    told: Mapping[str, Value] = {
        "title": "Port watch",
        "parties": roster_value(),
        "sections": SECTIONS,
    }
    return letter("propose/1", "", **{**told, **body})


def settle(world: World, rounds: int = 4) -> None:
    """Let everybody's worker and every line run until nothing moves."""
    for _ in range(rounds):
        moved = [here.desk.joint.round() for here in world.residents.values()]
        if not world.run() and not any(moved):
            break


def do(
    world: World,
    agency: AgencyId,
    what: JointLetter,
    *,
    seat: str = "officer",
    name: str = "first",
) -> JointSent:
    here = at(world, agency)
    sent = here.desk.joint.send(here.actor(seat, name), what)
    assert isinstance(sent, JointSent), sent
    settle(world)
    return sent


def joint_case(here: Resident) -> JointRow:
    (row,) = here.store.read(lambda r: r.find(JointRow))
    return row


def case_at(world: World, agency: AgencyId) -> CaseId:
    return CaseId(joint_case(at(world, agency)).case)


def view_at(world: World, agency: AgencyId) -> View:
    here = at(world, agency)
    view = here.desk.joint.view(here.actor("officer"), case_at(world, agency)).view
    assert view is not None
    return view


def say(
    world: World,
    agency: AgencyId,
    word: str,
    *,
    seat: str = "officer",
    name: str = "first",
    **body: Value,
) -> JointSent:
    return do(world, agency, letter(word, case_at(world, agency), **body), seat=seat, name=name)


def acts_at(here: Resident) -> dict[str, ActRow]:
    return {row.digest: row for row in here.store.read(lambda r: r.find(ActRow))}


__all__ = ["DAY", "A", "C", "M", "N", "eq"]
