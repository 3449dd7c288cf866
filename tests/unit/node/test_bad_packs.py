"""Whatever is wrong with a pack, it is refused with its place, and the law held stays."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.desk.ground import GAP, PARTIES
from tests.unit.node.ground import NORLAND, Town, begin, person_in

from comity.core.errors import (
    ComityError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StateError,
    VerificationError,
)
from comity.core.ids import PersonId
from comity.ledger import LeafType, decode_leaf
from comity.node.lawbook import Difference, held_packs, install
from comity.node.office import installed_corpus, open_office

BASE = """
pack: base
version: "1"
title: A little law of fictional states
demonstration: "yes"
instruments:
  - {id: BASE, title: Treaty of the Base, kind: regional, evidence: seen, source: demonstration}
rules:
  - {id: base-1, role: absolute, text: never, cite: Base, evidence: seen, when: from_torture}
"""
RULE = GAP[GAP.index("  - id: gap-4") :]
ROW = PARTIES.splitlines()[1]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a node that holds a little law and version 1 of what each test makes worse."""
    folder = tmp_path_factory.mktemp("bad-packs")
    node = folder / "alone"
    begin(node)
    for path in (node / "packs").iterdir():
        path.unlink()
    (node / "packs" / "base.yaml").write_text(BASE)
    install(node, pack(folder / "first"), person=legal(node), passphrase=None)
    return node


@pytest.fixture(scope="module")
def adviser(alone: Path) -> PersonId:
    return legal(alone)


def legal(node: Path) -> PersonId:
    return PersonId(person_in(node, "legal"))


def pack(folder: Path, text: str = GAP, parties: str = PARTIES, *, version: str = "1") -> Path:
    folder.mkdir()
    (folder / "gap.yaml").write_text(text.replace('version: "1"', f'version: "{version}"'))
    (folder / "gap-parties.csv").write_text(parties)
    return folder


def stays(node: Path, act: Callable[[], object], kind: type[ComityError], reason: str) -> None:
    """Demand that an act is refused for this reason, and that nothing of the law has moved."""
    files, digest = held_packs(node), installed_corpus(node).digest
    size = changes(node)
    with pytest.raises(kind, match=reason):
        act()
    assert held_packs(node) == files
    assert installed_corpus(node).digest == digest
    assert changes(node) == size


def changes(node: Path) -> int:
    """Return how often the ledger says that the law changed; the node opens as ever."""
    office = open_office(node)
    try:
        found = office.store.read(lambda r: r.entries(0, r.size()))
        return sum(decode_leaf(each).type is LeafType.RULES_CHANGED for each in found)
    finally:
        office.close()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("id: gap-4", "id: base-1"), r"gap\.yaml:\d+: rule `base-1` .*base\.yaml:\d+"),
        (("{id: GAP,", "{id: BASE,"), r"gap\.yaml:\d+: instrument .*by pack `base`"),
        ((RULE, RULE + RULE), r"gap\.yaml:\d+: rule `gap-4` is held already"),
        (("conduct_hostages", "conduct_unheard_of"), r"gap\.yaml:\d+: unknown fact"),
        (("conduct_hostages", "{maybe: yes}"), r"gap\.yaml:\d+: unknown predicate"),
        (("[counter-terrorism]", "[curiosity]"), r"gap\.yaml:\d+: unknown purpose"),
        (("[case-data, special]", "[gossip]"), r"gap\.yaml:\d+: unknown data category"),
        (("lifted_by: [legal]", "lifted_by: [king]"), r"gap\.yaml:\d+: unknown seat"),
        (("between: GAP", "between: NOPE"), r"gap\.yaml:\d+: unknown instrument"),
        (("role: basis", "role: guess"), r"gap\.yaml:\d+: unknown role"),
        (("evidence: unverified", "evidence: rumour"), r"gap\.yaml:\d+: unknown evidence"),
        (("    gap: the text of article 4\n", ""), r"gap\.yaml:\d+: an unverified rule says"),
        (("kind: regional", "kind: secret"), r"gap\.yaml:\d+: unknown kind"),
        (("title: A treaty", "title: &x A treaty"), r"gap\.yaml:\d+: anchors"),
        (("rules:\n", "rules: [\n"), r"gap\.yaml:\d+: not a YAML"),
    ],
)
def test_a_contradiction_or_an_unknown_word_is_refused_with_its_place(
    alone: Path, adviser: PersonId, tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    assert change[0] in GAP
    worse = pack(tmp_path / "worse", GAP.replace(*change, 1), version="2")
    stays(
        alone,
        lambda: install(alone, worse, person=adviser, passphrase=None),
        InvalidInputError,
        reason,
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW, r"gap-parties\.csv:\d+: `XN` is held already"),
        (ROW.replace("2001-02-01", "2020-01-01"), r"gap-parties\.csv:\d+: .*at that time"),
        (ROW.replace("XN", "ZZ"), r"gap-parties\.csv:\d+: unknown country `ZZ`"),
        (ROW.replace("XN", "FR"), r"gap-parties\.csv:\d+: `FR` is a real state"),
        (ROW.replace("bound", "friendly"), r"gap-parties\.csv:\d+: unknown status"),
        (ROW.replace("GAP", "NOPE"), r"gap-parties\.csv:\d+: unknown instrument"),
        (ROW.replace("2001-02-01", "soon"), r"gap-parties\.csv:\d+: .*date like"),
        (ROW.replace("demonstration", ""), r"gap-parties\.csv:\d+: "),
        (ROW + ",more", r"gap-parties\.csv:\d+: expected \d+ cells"),
    ],
)
def test_a_row_that_overlaps_or_names_nobody_is_refused_with_its_line(
    alone: Path, adviser: PersonId, tmp_path: Path, row: str, reason: str
) -> None:
    worse = pack(tmp_path / "worse", parties=PARTIES + row + "\n", version="2")
    stays(
        alone,
        lambda: install(alone, worse, person=adviser, passphrase=None),
        InvalidInputError,
        reason,
    )


@pytest.mark.parametrize("version", ["0.9", "1"])
def test_a_step_back_is_refused(
    alone: Path, adviser: PersonId, tmp_path: Path, version: str
) -> None:
    other = GAP.replace("title: A treaty", "title: Another treaty")
    worse = pack(tmp_path / "worse", other, version=version)
    stays(
        alone,
        lambda: install(alone, worse, person=adviser, passphrase=None),
        ConflictError,
        "step back",
    )


def test_what_nobody_of_the_network_signed_is_refused(town: Town, tmp_path: Path) -> None:
    node = town.node(NORLAND)
    person = legal(node)
    own = pack(tmp_path / "own")
    stays(
        node,
        lambda: install(node, own, person=person, passphrase=None),
        NotFoundError,
        "no pack",
    )
    folder = tmp_path / "signed"
    folder.mkdir()
    for name, data in held_packs(node).items():
        (folder / name).write_bytes(data)
    path = folder / "terms.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        re.sub('^version: ".*"$', 'version: "99"', text, flags=re.MULTILINE), "utf-8"
    )
    stays(
        node,
        lambda: install(node, path, person=person, passphrase=None),
        VerificationError,
        "not the one the directory names",
    )


def test_what_changes_is_shown_first_and_a_no_installs_nothing(
    alone: Path, adviser: PersonId, tmp_path: Path
) -> None:
    shown: list[Difference] = []

    def no(found: Difference) -> bool:
        shown.append(found)
        return False

    newer = pack(tmp_path / "newer", GAP.replace("tell each other", "may tell"), version="2")
    stays(
        alone,
        lambda: install(alone, newer, person=adviser, passphrase=None, agreed=no),
        StateError,
        "nothing was installed",
    )
    (found,) = shown
    assert (found.old, found.new, found.changed) == ("1", "2", ("gap-4",))
    assert any("may tell" in line for line in found.lines)
