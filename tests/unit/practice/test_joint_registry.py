"""A declaration of several parties that does not hold stops the node."""

from dataclasses import replace

import pytest
from tests.joint.paper import ENDORSE, PAPER, PRACTICE, PROPOSE, Table, roster_value

from comity.core.errors import ConfigurationError, InvalidInputError
from comity.practice import (
    JOINT_WORDS,
    Field,
    JointCase,
    JointStep,
    Kind,
    Practice,
    Registry,
    Step,
    Type,
    is_closed,
    protects,
    universal,
    wanted,
    wanted_of_kit,
)

BARE = Practice(
    name="letters",
    command="letter",
    kinds=(Kind(name="letters.write/1"),),
    initial="none",
    steps=(Step(before="none", kind="letters.write/1", after="written"),),
)


def paper(case: JointCase, *kinds: Kind) -> Practice:
    own = {kind.name: kind for kind in (*PRACTICE.kinds, *kinds)}
    return replace(PRACTICE, joint=(case,), kinds=tuple(own.values()))


def with_fields(kind: Kind, *fields: Field) -> Kind:
    return replace(kind, fields=fields)


def steps(**changes: str) -> tuple[JointStep, ...]:
    first, second, *rest = PAPER.steps
    return (first, replace(second, **changes), *rest)


LOOSE = Field(name="text", type=Type.TEXT, is_framed=True)
OPEN = Field(name="value", type=Type.CODE, is_framed=True)
UNFRAMED = Field(name="parties", type=Type.ROSTER)
BAD = {
    "a kind of another": paper(replace(PAPER, opens="papers.other/1")),
    "a kind of the letters": replace(
        PRACTICE, steps=(*PRACTICE.steps, Step(before="none", kind=ENDORSE.name, after="x"))
    ),
    "a text in the frame": paper(PAPER, with_fields(ENDORSE, LOOSE)),
    "an open code in the frame": paper(PAPER, with_fields(ENDORSE, OPEN)),
    "no roster": paper(PAPER, with_fields(PROPOSE)),
    "a roster outside the frame": paper(PAPER, with_fields(PROPOSE, UNFRAMED)),
    "a dissent withdrawn": paper(
        replace(PAPER, withdraws={"papers.withdraw/1": "papers.dissent/2"})
    ),
    "an unknown quorum": paper(replace(PAPER, steps=steps(quorum="other"))),
    "an unknown handover": paper(replace(PAPER, handover="other")),
    "an unknown guard": paper(replace(PAPER, steps=steps(guard="other"))),
}


@pytest.mark.parametrize("bad", sorted(BAD))
def test_a_declaration_that_does_not_hold_stops_the_node(bad: str) -> None:
    with pytest.raises(ConfigurationError):
        Registry([BAD[bad]])


@pytest.mark.parametrize("word", sorted(JOINT_WORDS))
def test_no_practice_takes_the_kits_words_for_many(word: str) -> None:
    own = Kind(name=f"letters.{word}/1")
    with pytest.raises(ConfigurationError):
        Registry([replace(BARE, kinds=(*BARE.kinds, own))])


def test_a_practice_of_two_parties_learns_nothing_of_the_sequence() -> None:
    registry = Registry([BARE])
    assert not any(name.partition(".")[2].startswith("number") for name in registry.offered())
    assert not registry.is_joint("letters.stop/1")
    assert [field.name for field in registry.kind("letters.write/1").fields] == []
    with pytest.raises(InvalidInputError):
        registry.joint("letters", "paper")


def test_a_practice_of_many_has_both_versions_of_what_protects() -> None:
    registry = Registry([PRACTICE])
    assert registry.joint("papers", "paper") is PAPER
    for word in ("stop", "dissent", "lift", "recall", "correct"):
        assert not registry.is_joint(f"papers.{word}/1")
        assert registry.is_joint(f"papers.{word}/2")
        assert registry.kind(f"papers.{word}/2").called == f"{word}-to-all"
    assert registry.kind("papers.letter/1").called == "letter"
    bare = replace(PRACTICE, kinds=(*BARE.kinds,), joint=())
    assert {kind.word for kind in universal("papers")} >= {"stop"}
    assert bare.joint == ()


def test_a_closed_state_of_many_is_closed_in_the_list() -> None:
    assert is_closed(PRACTICE, "aborted")
    assert is_closed(PRACTICE, "stopped/1/0/closed")
    assert not is_closed(PRACTICE, "running")


def test_words_of_many_are_asked_of_the_locale() -> None:
    asked = wanted(PRACTICE)
    assert {
        *("joint.paper", "state.endorsed", "role.lead", "quorum.signed", "timer.lapse"),
        *("section.mission", "field.person", "choice.value.green"),
    } <= asked
    assert "role.convenor" not in asked
    assert {"guard.old-root", "kind.number", "field.root"} <= wanted_of_kit()


def test_a_proof_needs_no_basis_only_where_it_tells_codes_alone() -> None:
    kind = Registry([PRACTICE]).kind("papers.withheld/1")

    def proof(**fields: object) -> bool:
        frame = Table().frame(ENDORSE, **fields)  # type: ignore[arg-type]
        return protects(kind, {"act": {"frame": frame.encode()}})

    assert proof(root="ab" * 32, conditions=3)
    assert not proof(until=1_780_000_000_000)
    assert not proof(parties=roster_value())
    assert not protects(kind, {})
