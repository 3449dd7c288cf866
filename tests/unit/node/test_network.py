"""A network's folder: founded once, admitted by signed request, published and verified."""

from pathlib import Path

import pytest
from tests.unit.node.ground import ARCADIA, NORLAND, Town, begin, request_of

from comity.core.errors import ComityError, ConfigurationError, ConflictError
from comity.core.ids import member_id
from comity.node.beginning import read_request
from comity.node.network import (
    admit,
    init_network,
    open_network,
    publish_network,
    published,
    restamp,
    root_digest,
    verified,
)

MEMBERS = tuple(member_id(code) for code in ("xn", "xa", "xc"))


def test_a_network_is_founded_once(tmp_path: Path) -> None:
    init_network(tmp_path, MEMBERS)
    digest = root_digest(tmp_path)
    with pytest.raises(ConflictError):
        init_network(tmp_path, MEMBERS)
    assert root_digest(tmp_path) == digest


def test_the_keys_come_back_as_they_were_made(tmp_path: Path) -> None:
    made = init_network(tmp_path, MEMBERS)
    assert open_network(tmp_path) == made


def test_where_nothing_was_founded_nothing_opens(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="comity directory init"):
        open_network(tmp_path)


def test_nothing_is_published_for_nobody(tmp_path: Path) -> None:
    init_network(tmp_path, MEMBERS)
    with pytest.raises(ConfigurationError, match="nobody is admitted"):
        publish_network(tmp_path)


def test_what_is_published_verifies_as_any_node_would(town: Town) -> None:
    directory, is_expired = verified(town.network)
    assert not is_expired
    assert {node.node for node in directory.nodes()} >= {NORLAND, ARCADIA}


def test_a_member_unknown_so_far_gets_keys_of_its_own(tmp_path: Path) -> None:
    network = tmp_path / "network"
    init_network(network, tuple(member_id(code) for code in ("xa", "xc", "xm")))
    begin(tmp_path / "node")
    admit(network, read_request(request_of(tmp_path / "node")))
    publish_network(network)
    assert verified(network)[0].members() == ("xn",)


def test_a_renewed_timestamp_changes_no_content(town: Town) -> None:
    before = verified(town.network)[0]
    restamp(town.network)
    after = verified(town.network)[0]
    assert after.version == before.version
    assert after.seen.timestamp > before.seen.timestamp


def test_every_published_byte_counts(town: Town) -> None:
    for name, data in published(town.network).items():
        path = town.network / "public" / name
        path.write_bytes(data[:-2] + b"x" + data[-1:])
        try:
            directory, _ = verified(town.network)
        except ComityError:
            pass
        else:
            # A member's own document falls out alone; files of others are never read as good.
            # Law is compared with the directory's digest when it is installed.
            is_law = "packs" in name or "national-" in name
            # Hashes of the registry log are for others: a node recomputes them from entries.
            is_law = is_law or "registry/tile/0" in name
            assert directory.faults or is_law or ".root." in name or "policy" in name
        path.write_bytes(data)


def test_no_seed_is_readable_by_others(town: Town) -> None:
    modes = {path.stat().st_mode & 0o077 for path in (town.network / "keys").iterdir()}
    assert modes == {0}
