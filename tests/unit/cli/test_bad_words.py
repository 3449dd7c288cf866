"""Readers, bundles, sticks, keys and lookouts: bad input is refused in words, with exit 2."""

from pathlib import Path

import pytest
from tests.unit.cli.terminal import Terminal
from tests.unit.node.ground import ARCADIA, NORLAND, Town


@pytest.mark.parametrize(
    "words",
    [
        ("bundle", "write", "DIR", "NONE", "--to", ARCADIA),
        ("bundle", "read", "DIR", "NONE"),
        ("stick", "show", "NONE"),
        ("stick", "apply", "DIR", "NONE", "--law"),
        ("monitor", "token", "DIR", ARCADIA, "NONE"),
        ("node", "keys", "show", "NONE"),
        ("ledger", "policy", "NONE"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_bad_input_is_refused_in_words(
    comity: Terminal, town: Town, tmp_path: Path, words: tuple[str, ...]
) -> None:
    places = {"DIR": town.node(NORLAND), "NONE": tmp_path / "none"}
    shown = comity(*(places.get(word, word) for word in words))
    assert (shown.code, shown.out) == (2, b"")
    assert shown.err.startswith("comity: ")


def test_a_reader_is_admitted_listed_and_revoked(comity: Terminal, town: Town) -> None:
    folder = town.node(NORLAND)
    assert comity("ledger", "reader", "add", folder, "a-court", "--json").json["token"]
    assert "a-court" in str(comity("ledger", "reader", "list", folder, "--json").json)
    assert comity("ledger", "reader", "revoke", folder, "a-court").code == 0
    assert comity("ledger", "reader", "list", folder, "--json").json == {"readers": []}
