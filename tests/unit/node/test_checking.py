"""`node check` in words: each fault is said, and none once it is gone."""

import pytest
from tests.unit.node.ground import NORLAND, Town, begin, enrol, grow

from comity.adapters.memory import FixedClock
from comity.adapters.system import SystemClock
from comity.core.clock import DAY, Instant
from comity.core.errors import ConfigurationError, ConflictError
from comity.node.checking import check_node
from comity.node.office import open_office


def said(town: Town) -> str:
    return "\n".join(check_node(town.node(NORLAND), passphrase=None))


def test_a_new_node_is_told_what_it_lacks(town: Town) -> None:
    found = said(town)
    assert "master key lies in clear" in found
    for seat in ("officer", "supervisor", "legal", "rights"):
        assert f"`{seat}`" in found
    assert "joined no network" not in found


def test_what_was_mended_is_said_no_more(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    for seat in ("officer", "supervisor", "legal", "rights"):
        enrol(office, seat, name=seat)
    office.close()
    assert check_node(town.node(NORLAND), passphrase=None) == (
        "the master key lies in clear beside the data: unfit for service",
    )


def test_a_node_outside_every_network_is_told_so(town: Town) -> None:
    begin(town.folder / "alone")
    found = check_node(town.folder / "alone", passphrase=None)
    assert "this node has joined no network yet" in found


def test_a_ledger_that_nobody_witnessed_for_a_day_is_told(town: Town) -> None:
    past = FixedClock(Instant(SystemClock().now() - 2 * DAY))
    office = open_office(town.node(NORLAND), clock=past)
    grow(office, 1)
    office.chronicle.sign()
    office.close()
    assert "no witness has cosigned the ledger for a day" in said(town)


def test_checking_opens_nothing_that_another_process_holds(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    try:
        with pytest.raises(ConflictError, match="pid"):
            said(town)
    finally:
        office.close()


def test_checking_a_folder_without_a_node_says_so(town: Town) -> None:
    with pytest.raises(ConfigurationError, match=r"node\.toml"):
        check_node(town.network, passphrase=None)
