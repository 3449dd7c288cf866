"""TLS by pinned certificates, shaken hands in memory: right, wrong, expired, rotated, gated."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from comity.adapters.http.tls import UNPINNED, Own, TlsDoor, pinned, served
from comity.adapters.memory import SeededEntropy
from comity.adapters.system import SystemClock
from comity.core.clock import DAY, Instant
from comity.core.errors import ConfigurationError, NotFoundError, UnreachableError
from comity.seal import TlsPair, make_tls_pair

PASSPHRASE = b"of this test"


def pair(name: str, *, days: int = 30) -> TlsPair:
    now = SystemClock().now()
    return make_tls_pair(
        node=name,
        host="node.example",
        since=Instant(now - 60 * DAY),
        until=Instant(now + days * DAY),
        passphrase=PASSPHRASE,
        entropy=SeededEntropy(name.encode()),
    )


@dataclass
class Desk:
    """A folder of certificates."""

    folder: Path
    made: int = 0
    pairs: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def own(self, name: str, *, days: int = 30) -> Own:
        made = pair(name, days=days)
        path = self.folder / f"{name}.pem"
        path.write_bytes(made.pem)
        self.made += 1
        self.pairs[name] = made.certificate
        return Own(path=path, passphrase=PASSPHRASE, stamp=self.made)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def shake(client: ssl.SSLContext, server: ssl.SSLContext, *, name: str | None = None) -> bytes:
    """Shake hands, let a word pass, and return the certificate that the server showed."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=name)
    two = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = {one, two}
    for _ in range(8):
        for side in tuple(waiting):
            try:
                side.do_handshake()
                waiting.discard(side)
            except ssl.SSLWantReadError:
                continue
    assert not waiting
    one.write(b"word")
    assert two.read(4) == b"word"
    return one.getpeercert(binary_form=True) or b""


def test_the_listed_certificate_is_accepted_and_no_other(desk: Desk) -> None:
    own = desk.own("xn")
    other = desk.own("xa")
    assert shake(pinned([desk.pairs["xn"]]), served(own)) == desk.pairs["xn"]
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(pinned([desk.pairs["xa"]]), served(own))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(pinned([desk.pairs["xn"]]), served(other))


def test_current_and_next_both_count(desk: Desk) -> None:
    current, following = desk.own("current"), desk.own("next")
    client = pinned([desk.pairs["current"], desk.pairs["next"]])
    assert shake(client, served(current)) == desk.pairs["current"]
    assert shake(client, served(following)) == desk.pairs["next"]


def test_no_date_cuts_off_a_node_whose_certificate_is_listed(desk: Desk) -> None:
    ended = desk.own("ended", days=-1)
    assert shake(pinned([desk.pairs["ended"]]), served(ended)) == desk.pairs["ended"]


def test_tls_1_2_is_not_spoken(desk: Desk) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shake(old, served(desk.own("xn")))


def test_the_gate_lets_in_who_shows_a_listed_certificate_alone(desk: Desk) -> None:
    own, partner, stranger = desk.own("xn"), desk.own("xa"), desk.own("stranger")
    gate = served(own, [b"no certificate", desk.pairs["xa"]])
    trust = [desk.pairs["xn"]]
    assert shake(pinned(trust, partner), gate)
    for shown in (None, stranger):
        with pytest.raises(ssl.SSLError):
            shake(pinned(trust, shown), gate)


def test_a_certificate_that_was_turned_is_shown_to_the_next_caller(desk: Desk) -> None:
    shown = [desk.own("old")]
    door = TlsDoor(own=lambda: shown[0], accepted=lambda: None, journal=lambda *_: None)
    listening = door.context()
    assert shake(pinned(UNPINNED), listening) == desk.pairs["old"]
    shown[0] = desk.own("new")
    assert shake(pinned(UNPINNED), listening) == desk.pairs["new"]
    assert shake(pinned(UNPINNED), listening, name="node.example") == desk.pairs["new"]
    assert door.context() is listening


def test_a_partner_that_left_the_directory_is_turned_away_at_once(desk: Desk) -> None:
    own, partner, joiner = desk.own("xn"), desk.own("xa"), desk.own("xc")
    accepted = [(desk.pairs["xa"],)]
    door = TlsDoor(own=lambda: own, accepted=lambda: accepted[0], journal=lambda *_: None)
    trust, listening = [desk.pairs["xn"]], door.context()
    assert shake(pinned(trust, partner), listening)
    accepted[0] = (desk.pairs["xc"],)
    assert shake(pinned(trust, joiner), listening)
    with pytest.raises(ssl.SSLError):
        shake(pinned(trust, partner), listening)


def test_where_the_new_certificate_cannot_be_read_the_old_one_is_shown(desk: Desk) -> None:
    own, said = desk.own("xn"), list[tuple[str, str]]()
    is_lost = False

    def shown() -> Own:
        if is_lost:
            raise NotFoundError("gone")
        return own

    door = TlsDoor(
        own=shown, accepted=lambda: None, journal=lambda place, code: said.append((place, code))
    )
    listening = door.context()
    is_lost = True
    assert shake(pinned(UNPINNED), listening) == desk.pairs["xn"]
    assert said == [("tls", "not-found")]


def test_a_key_does_not_open_by_another_passphrase(desk: Desk) -> None:
    own = desk.own("xn")
    stolen = Own(path=own.path, passphrase=b"guessed", stamp=1)
    with pytest.raises(ConfigurationError, match="comity node certificate"):
        served(stolen)
    assert b"ENCRYPTED PRIVATE KEY" in own.path.read_bytes()


@pytest.mark.parametrize("data", [b"", b"-----BEGIN CERTIFICATE-----\n\xff", b"\x30\x03abc"])
def test_what_is_no_certificate_trusts_nobody(data: bytes) -> None:
    with pytest.raises(UnreachableError):
        pinned([data, b"x"])
