"""Packs as files: every fault with file and line, no step back, nothing the network lacks."""

from pathlib import Path

import pytest
from tests.unit.node.ground import ARCADIA, NORLAND, Town, begin, person_in

from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    VerificationError,
)
from comity.core.ids import PersonId
from comity.law import shipped_corpus, shipped_packs
from comity.ledger import LeafType, decode_leaf
from comity.node.lawbook import (
    check_pack,
    compare,
    held_packs,
    install,
    is_cases,
    read_pack,
)
from comity.node.membership import join_network
from comity.node.network import publish_network, verified
from comity.node.office import install_shipped_packs, open_office

NAME = "terms.yaml"

# The version of each pack that ships; of `terms`, and the one after it.
SHIPPED = {name: version for name, version, _ in shipped_corpus().packs}
HELD = SHIPPED["terms"]
NEXT = str(int(HELD) + 1)


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    for name, data in shipped_packs().items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """Return a node that has joined no network, so that no directory names packs for it."""
    begin(tmp_path / "alone")
    return tmp_path / "alone"


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def next_version(path: Path, version: str = "") -> Path:
    """Write the version after the one that ships, or the version given."""
    held = SHIPPED[path.stem]
    return edit(path, f'version: "{held}"', f'version: "{version or int(held) + 1}"')


@pytest.mark.parametrize(
    "name", sorted(n for n in shipped_packs() if n.endswith(".yaml") and not is_cases(n))
)
def test_every_shipped_pack_passes_its_own_check(packs: Path, name: str) -> None:
    found = check_pack(packs / name)
    assert f"{found.name}.yaml" == name
    assert found.rules or found.name.startswith("demonstration")


def test_a_pack_that_answers_a_told_case_otherwise_names_the_line(packs: Path) -> None:
    edit(packs / "terms-cases.yaml", "verdict: permit", "verdict: deny")
    with pytest.raises(InvalidInputError, match=r"^terms-cases\.yaml:\d+: .*expected deny"):
        check_pack(packs / NAME)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("role: ", "role: guess "),
        ("cite: ", "sight: "),
        ("rules:", "rules: &all"),
        (f'version: "{HELD}"', ""),
        ("pack: terms", "pack: other"),
        ("  - id: ", "  - name: "),
    ],
)
def test_an_authors_error_names_file_and_line(packs: Path, old: str, new: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^terms\.yaml:\d+: "):
        check_pack(edit(packs / NAME, old, new))


@pytest.mark.parametrize("table", ["../secret.csv", "missing.csv", "/etc/hosts"])
def test_a_table_that_does_not_lie_beside_the_pack_is_refused(packs: Path, table: str) -> None:
    (packs.parent / "secret.csv").write_text("x")
    path = edit(packs / "universal.yaml", "universal-parties.csv", table)
    with pytest.raises(InvalidInputError, match=r"universal\.yaml:\d+: no table"):
        read_pack(path)


def test_a_pack_is_read_from_its_file_or_from_a_folder_of_its_own(
    packs: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in (NAME, "terms-cases.yaml"):
        (own / name).write_bytes((packs / name).read_bytes())
    assert read_pack(own) == read_pack(packs / NAME)
    for path in (packs, tmp_path / "nothing.yaml", tmp_path):
        with pytest.raises(InvalidInputError):
            read_pack(path)


def test_a_difference_names_rules_and_lines(packs: Path) -> None:
    before = read_pack(packs / NAME)
    (gone, kept, *_) = before.rules
    path = next_version(packs / NAME)
    edit(path, f"- id: {gone}\n", f"- id: {gone}-new\n")
    text = path.read_text("utf-8")
    start = text.index(f"- id: {kept}\n")
    path.write_text(text[:start] + text[start:].replace("text: ", "text: now ", 1), "utf-8")
    found = compare(before, read_pack(path))
    assert (found.old, found.new) == (HELD, NEXT)
    assert (found.added, found.removed, found.changed) == ((f"{gone}-new",), (gone,), (kept,))
    assert f'-version: "{HELD}"' in found.lines
    assert f'+version: "{NEXT}"' in found.lines


def test_two_packs_are_not_two_editions(packs: Path) -> None:
    with pytest.raises(InvalidInputError, match="different packs"):
        compare(read_pack(packs / "terms.yaml"), read_pack(packs / "eu.yaml"))


def test_a_legal_adviser_installs_and_the_ledger_knows(packs: Path, alone: Path) -> None:
    person = PersonId(person_in(alone, "legal"))
    path = next_version(packs / NAME)
    found, corpus = install(alone, path, person=person, passphrase=None)
    assert (found.old, found.new) == (HELD, NEXT)
    assert ("terms", NEXT) in [(name, version) for name, version, _ in corpus.packs]
    assert held_packs(alone)[NAME] == path.read_bytes()
    office = open_office(alone)
    (entry,) = office.store.read(lambda r: r.entries(0, r.size()))
    office.close()
    assert decode_leaf(entry).type is LeafType.RULES_CHANGED


@pytest.mark.parametrize("version", ["0", "0.9", "1", HELD, f"{HELD}.0"])
def test_no_pack_goes_back(packs: Path, alone: Path, version: str) -> None:
    person = PersonId(person_in(alone, "legal"))
    path = edit(next_version(packs / NAME, version), "title: ", "title: otherwise ")
    before = held_packs(alone)
    if version == f"{HELD}.0":  # longer, and so later
        install(alone, path, person=person, passphrase=None)
        return
    with pytest.raises(ConflictError, match="version"):
        install(alone, path, person=person, passphrase=None)
    assert held_packs(alone) == before


def test_a_version_that_is_no_number_is_refused(packs: Path, alone: Path) -> None:
    person = PersonId(person_in(alone, "legal"))
    with pytest.raises(InvalidInputError, match="version"):
        install(alone, next_version(packs / NAME, "new"), person=person, passphrase=None)


def test_what_is_held_already_is_installed_without_a_trace(packs: Path, alone: Path) -> None:
    person = PersonId(person_in(alone, "legal"))
    found, _ = install(alone, packs / NAME, person=person, passphrase=None)
    assert found.lines == ()
    office = open_office(alone)
    assert office.store.read(lambda r: r.size()) == 0
    office.close()


@pytest.mark.parametrize("seat", ["officer", "admin", "engineer", "rights"])
def test_no_other_seat_installs_law(packs: Path, alone: Path, seat: str) -> None:
    person = PersonId(person_in(alone, seat))
    before = held_packs(alone)
    with pytest.raises(AuthorisationError):
        install(alone, next_version(packs / NAME), person=person, passphrase=None)
    assert held_packs(alone) == before


def test_a_pack_that_breaks_the_law_held_changes_nothing(packs: Path, alone: Path) -> None:
    person = PersonId(person_in(alone, "legal"))
    path = edit(next_version(packs / NAME), "role: ", "role: guess ")
    before = held_packs(alone)
    with pytest.raises(InvalidInputError):
        install(alone, path, person=person, passphrase=None)
    assert held_packs(alone) == before


def test_in_a_network_only_its_packs_are_installed(packs: Path, town: Town) -> None:
    folder = town.node(NORLAND)
    person = PersonId(person_in(folder, "legal"))
    install(folder, packs / NAME, person=person, passphrase=None)
    with pytest.raises(VerificationError, match="not the one the directory names"):
        install(folder, next_version(packs / NAME), person=person, passphrase=None)
    own = edit(packs / NAME, "pack: terms", "pack: mine").rename(packs / "mine.yaml")
    with pytest.raises(NotFoundError, match="no pack"):
        install(folder, own, person=person, passphrase=None)
    install_shipped_packs(folder)


OWN = "national-xn.yaml"


def test_a_members_law_is_installed_where_its_own_keys_signed_it(
    packs: Path, town: Town
) -> None:
    signed = {pack.path for pack in verified(town.network)[0].packs}
    assert f"members/xn/{OWN}" in signed
    assert f"packs/{OWN}" not in signed
    assert not any("national-xt" in path for path in signed)
    folder = town.node(ARCADIA)
    person = PersonId(person_in(folder, "legal"))
    for name in (OWN, "national-xn-cases.yaml"):
        (folder / "packs" / name).unlink()
    _, corpus = install(folder, packs / OWN, person=person, passphrase=None)
    assert "national-xn" in {name for name, _, _ in corpus.packs}


def test_a_pack_laid_into_the_networks_folder_is_published_and_installed(
    packs: Path, town: Town
) -> None:
    path = next_version(packs / OWN)
    laid = town.network / "packs"
    laid.mkdir()
    (laid / OWN).write_bytes(path.read_bytes())
    cases = "national-xn-cases.yaml"
    (laid / cases).write_bytes((packs / cases).read_bytes())
    publish_network(town.network)
    folder = town.node(NORLAND)
    join_network(folder, mirror=str(town.network / "public"), root_digest=town.digest)
    person = PersonId(person_in(folder, "legal"))
    found, _ = install(folder, path, person=person, passphrase=None)
    assert (found.old, found.new) == ("1", "2")


@pytest.mark.parametrize("code", ["XA", "XT", ""])
def test_no_other_member_signs_a_members_law(packs: Path, town: Town, code: str) -> None:
    folder = town.node(NORLAND)
    person = PersonId(person_in(folder, "legal"))
    path = edit(packs / OWN, "member: XN\n", f"member: {code}\n" if code else "")
    with pytest.raises((NotFoundError, VerificationError)):
        install(folder, path, person=person, passphrase=None)


def test_a_pack_takes_no_other_packs_place(packs: Path, alone: Path) -> None:
    person = PersonId(person_in(alone, "legal"))
    before = held_packs(alone)
    taken = edit(next_version(packs / OWN), "pack: national-xn", "pack: national-xa")
    taken = taken.rename(packs / "national-xa.yaml")
    with pytest.raises((ConflictError, InvalidInputError)):
        install(alone, taken, person=person, passphrase=None)
    own = '\npack: own\nversion: "1"\ntitle: own\nmember: "NO"\ncases: terms-cases.yaml\n'
    (packs / "own.yaml").write_text(own)
    with pytest.raises(ConflictError, match=r"`terms-cases\.yaml` belongs to another pack"):
        install(alone, packs / "own.yaml", person=person, passphrase=None)
    anyone = '\npack: terms\nversion: "9"\ntitle: own\nmember: "NO"\n'
    (packs / NAME).write_text(anyone)
    with pytest.raises(ConflictError, match="law of all members"):
        install(alone, packs / NAME, person=person, passphrase=None)
    assert held_packs(alone) == before
