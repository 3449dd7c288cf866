"""Which practice owns which kind; a clash stops the node."""

from dataclasses import replace

import pytest

from comity.core.errors import ConfigurationError, InvalidInputError
from comity.practice import Kind, Practice, Registry, Step

SEND = Kind(name="letters.send/1")
LETTERS = Practice(
    name="letters",
    command="letter",
    kinds=(SEND,),
    initial="none",
    steps=(Step(before="none", kind=SEND.name, after="sent"),),
)


def test_a_kind_is_found_with_its_owner() -> None:
    registry = Registry([LETTERS])
    assert registry.owner("letters.stop/1") is LETTERS
    assert registry.kind("letters.send/1") is SEND
    assert registry.named("letter") is registry.named("letters") is LETTERS
    assert registry.practices == (LETTERS,)


@pytest.mark.parametrize("name", ["letters.send/2", "other.send/1", "", "x" * 1_000_000])
def test_an_unknown_kind_is_rejected_briefly(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Registry([LETTERS]).kind(name)
    assert len(str(caught.value)) < 120


def test_an_unknown_practice_is_rejected() -> None:
    with pytest.raises(InvalidInputError, match="unknown practice `poems`"):
        Registry([LETTERS]).named("poems")


def test_two_practices_with_one_name_or_command_stop_the_node() -> None:
    for twin in (LETTERS, replace(LETTERS, name="letter", kinds=())):
        with pytest.raises(ConfigurationError, match="answer to"):
            Registry([LETTERS, replace(twin, command="other")])
    with pytest.raises(ConfigurationError, match="answer to `letter`"):
        Registry([LETTERS, replace(LETTERS, name="notes", kinds=())])


def test_a_kind_declared_twice_stops_the_node() -> None:
    with pytest.raises(ConfigurationError, match="declared twice"):
        Registry([replace(LETTERS, kinds=(SEND, SEND))])


def test_a_kind_of_another_practice_stops_the_node() -> None:
    stranger = Kind(name="requests.ask/1")
    with pytest.raises(ConfigurationError, match="is not of `letters`"):
        Registry([replace(LETTERS, kinds=(stranger,))])


@pytest.mark.parametrize("word", ["recall", "challenge", "stop"])
def test_a_later_version_of_a_universal_kind_cannot_be_taken(word: str) -> None:
    own = Kind(name=f"letters.{word}/7")
    with pytest.raises(ConfigurationError, match=f"takes `{word}` from the kit"):
        Registry([replace(LETTERS, kinds=(own,))])
