"""Joining pins one root; acting at the machine needs a person who is there."""

import pytest
from tests.unit.node.ground import NORLAND, Town, begin, enrol

from comity.core.errors import ComityError, ConfigurationError, InvalidInputError
from comity.core.ids import PersonId
from comity.node.config import read_config
from comity.node.membership import admin_of, join_network, machine, self_of
from comity.node.office import open_office


def test_joining_pins_the_root_that_was_told(town: Town) -> None:
    folder = town.folder / "new"
    begin(folder)
    mirror = str(town.network / "public")
    directory = join_network(folder, mirror=mirror, root_digest=town.digest)
    config = read_config(folder)
    assert (config.root, config.mirrors) == (town.digest, (mirror,))
    assert directory.node(NORLAND).node == NORLAND


def test_joining_under_another_root_changes_nothing(town: Town) -> None:
    folder = town.folder / "new"
    begin(folder)
    with pytest.raises(ComityError, match="root"):
        join_network(folder, mirror=str(town.network / "public"), root_digest="ab" * 32)
    assert read_config(folder).root == ""
    with pytest.raises(ConfigurationError):
        join_network(folder, mirror=str(town.folder / "nowhere"), root_digest=town.digest)


def test_a_mirror_without_a_root_is_named(town: Town) -> None:
    folder = town.folder / "new"
    begin(folder)
    (town.folder / "empty").mkdir()
    with pytest.raises(InvalidInputError, match="no root"):
        join_network(folder, mirror=str(town.folder / "empty"), root_digest=town.digest)


def test_only_an_admin_of_this_node_acts_as_its_admin(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    try:
        officer = enrol(office, "officer")
        assert admin_of(office, "").seats == {"admin"}
        for other in (officer, "xn.police/ffff", "nobody"):
            with pytest.raises(ConfigurationError):
                admin_of(office, other)
        assert machine(office).seats == {"engineer"}
    finally:
        office.close()


def test_a_person_at_the_machine_has_the_seats_they_hold_and_no_more(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    try:
        officer = PersonId(enrol(office, "officer"))
        assert self_of(office, officer).seats == {"officer"}
        office.desk.people.end(admin_of(office, ""), officer, "officer")
        assert self_of(office, officer).seats == set()
        office.desk.people.disable(admin_of(office, ""), officer)
        for gone in (officer, PersonId("xn.police/ffff")):
            with pytest.raises(InvalidInputError):
                self_of(office, gone)
    finally:
        office.close()
