"""What a node saw of the directory is in its ledger: each edition, and each lie once."""

from collections import Counter
from functools import partial

import pytest
from tests.unit.node.ground import NORLAND, Town

from comity.core.errors import VerificationError
from comity.ledger import decode_leaf
from comity.node.heeding import Heeding
from comity.node.network import publish_network, published
from comity.node.office import Office, open_office
from comity.node.register import from_folder


def leaves(office: Office) -> Counter[str]:
    found = office.store.read(lambda r: r.entries(0, r.size()))
    return Counter(decode_leaf(entry).type.name for entry in found)


def test_every_edition_is_written_down_once_and_so_is_every_lie(town: Town) -> None:
    office = open_office(town.node(NORLAND))
    try:
        heeding, mirror = Heeding(office), from_folder(town.network / "public")
        assert heeding.follow([mirror]) is False
        publish_network(town.network)
        assert heeding.follow([mirror]) is True
        assert heeding.follow([mirror]) is False
        files = published(town.network)
        forged = {**files, "metadata/2.snapshot.json": files["metadata/2.snapshot.json"] + b" "}
        for _ in range(2):
            with pytest.raises(VerificationError):
                heeding.follow([partial(dict, forged)])
        # A mirror that lies beside one that does not costs nothing.
        assert heeding.follow([partial(dict, forged), mirror]) is False
        assert leaves(office)["DIRECTORY_SEEN"] == 1
        assert leaves(office)["INCIDENT"] == 1
    finally:
        office.close()
