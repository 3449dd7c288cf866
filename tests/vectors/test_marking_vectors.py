"""Frozen markings, good and bad: any implementation reads and refuses these alike."""

import json
from pathlib import Path
from typing import TypedDict, cast

import pytest

from comity.core.errors import InvalidInputError
from comity.message import handling


class Good(TypedDict):
    written: str
    again: str
    level: int


class Vectors(TypedDict):
    good: list[Good]
    bad: list[str]


VECTORS = cast(
    "Vectors", json.loads((Path(__file__).parent / "markings.json").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda each: each["written"])
def test_a_marking_reads_as_frozen(vector: Good) -> None:
    read = handling(vector["written"])
    assert (str(read), read.level) == (vector["again"], vector["level"])
    assert handling(vector["again"]) == read


@pytest.mark.parametrize("written", VECTORS["bad"])
def test_a_bad_marking_is_refused_whole(written: str) -> None:
    with pytest.raises(InvalidInputError):
        handling(written)
