"""TLS certificates of a node: made once, listed by request, turned only when partners know."""

import json
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.adapters.http.test_tls import shake
from tests.unit.node.ground import CONTACT, NORLAND, Town, config_of
from typer.testing import CliRunner

from comity.adapters.files import write_private
from comity.adapters.http.tls import pinned
from comity.adapters.system import SystemClock
from comity.cli.main import app
from comity.core.errors import ConfigurationError, ConflictError, NotFoundError
from comity.node.beginning import make_request, read_request
from comity.node.certificates import (
    make_certificates,
    own_certificate,
    rotate_certificate,
    tls_certificates,
)
from comity.node.config import FILE, Config, write_config
from comity.node.listening import bind, check_addresses, shown, tls_door
from comity.node.office import Office, open_office
from comity.node.parting import Role
from comity.node.settings import Web

CLOCK = SystemClock()


def over_https(office: Office, *, gate: str = "off") -> Config:
    web = Web(client_certificates=gate)
    return replace(office.config, url="https://127.0.0.1:1", web=web)


@pytest.fixture
def office(town: Town) -> Iterator[Office]:
    opened = open_office(town.node(NORLAND))
    yield opened
    opened.close()


def test_a_request_over_https_lists_what_the_node_will_show(office: Office) -> None:
    config = over_https(office)
    data = make_request(config, office.keyring, contact=CONTACT)
    listed = read_request(data).document("f" * 32, at=CLOCK.now()).nodes[0].tls
    assert len(set(listed)) == 2
    assert listed == tls_certificates(office.folder)
    assert make_certificates(config, office.keyring, clock=CLOCK) == listed
    own = own_certificate(office.keyring, listed=listed)
    assert own.path.name == "current.pem"
    assert all(path.stat().st_mode & 0o077 == 0 for path in own.path.parent.iterdir())


def test_the_next_one_is_shown_only_once_partners_know_it(office: Office) -> None:
    config, ring = over_https(office), office.keyring
    current, following = make_certificates(config, ring, clock=CLOCK)
    with pytest.raises(ConflictError, match="not list"):
        rotate_certificate(config, ring, listed=(current,), clock=CLOCK)
    assert tls_certificates(office.folder) == (current, following)
    turned = rotate_certificate(config, ring, listed=(current, following), clock=CLOCK)
    assert turned[0] == following
    assert turned[1] not in {current, following}


def test_where_the_directory_knows_only_the_next_that_is_shown(office: Office) -> None:
    _, following = make_certificates(over_https(office), office.keyring, clock=CLOCK)
    assert own_certificate(office.keyring, listed=(following,)).path.name == "next.pem"


def test_a_node_without_certificates_says_how_to_make_them(office: Office) -> None:
    with pytest.raises(NotFoundError, match="comity node certificate"):
        own_certificate(office.keyring, listed=())
    assert shown(office)() is None
    assert tls_door(office, lambda *_: None) is None


def test_a_proxys_certificate_is_listed_in_place_of_ours(office: Office) -> None:
    config = over_https(office)
    made = make_certificates(config, office.keyring, clock=CLOCK)
    place = office.folder / "keys" / "tls"
    write_private(place / "proxy.pem", ssl.DER_cert_to_PEM_cert(made[1]).encode())
    assert tls_certificates(office.folder) == (made[1],)
    behind = replace(config, web=Web(listen="http://127.0.0.1:1"))
    assert read_request(make_request(behind, office.keyring, contact=CONTACT)).tls == (made[1],)
    write_private(place / "proxy.pem", b"no certificate")
    with pytest.raises(ConfigurationError, match=r"proxy\.pem"):
        tls_certificates(office.folder)


def test_the_gate_asks_for_what_the_directory_lists(office: Office) -> None:
    make_certificates(over_https(office), office.keyring, clock=CLOCK)
    gated = replace(office, config=over_https(office, gate="partners"))
    door = tls_door(gated, lambda *_: None)
    assert door is not None
    listed = tls_certificates(office.folder)
    with pytest.raises(ssl.SSLError):  # the directory of this town lists no certificate
        shake(pinned(listed, shown(office)()), door.context())
    opened = tls_door(replace(office, config=over_https(office)), lambda *_: None)
    assert opened is not None
    assert shake(pinned(listed), opened.context()) == listed[0]


def test_the_command_makes_shows_and_refuses_to_turn_too_early(town: Town) -> None:
    folder = town.node(NORLAND)
    run = CliRunner().invoke
    made = json.loads(run(app, ["node", "certificate", str(folder), "--json"]).stdout)
    assert [each["is_listed"] for each in made["certificates"]] == [False, False]
    again = run(app, ["node", "certificate", str(folder)])
    assert again.stdout.splitlines()[0].split()[1] == made["certificates"][0]["digest"]
    early = run(app, ["node", "certificate", str(folder), "--rotate"])
    assert isinstance(early.exception, ConflictError)


def test_another_program_reads_the_certificate(office: Office, tmp_path: Path) -> None:
    made = make_certificates(over_https(office), office.keyring, clock=CLOCK)
    (tmp_path / "one.der").write_bytes(made[0])
    command = ["openssl", "x509", "-inform", "DER", "-in", str(tmp_path / "one.der")]
    said = subprocess.run(
        [*command, "-noout", "-text"], capture_output=True, text=True, check=True
    ).stdout
    assert f"CN = {NORLAND}" in said
    assert "prime256v1" in said


def test_the_command_migrates_there_and_back_and_rehearses(town: Town) -> None:
    folder, run = town.node(NORLAND), CliRunner().invoke
    back = ["node", "migrate", str(folder), "--to", "1"]
    rehearsed = run(app, [*back, "--rehearse"])
    assert "nothing is changed" in rehearsed.stdout
    assert json.loads(run(app, [*back, "--json"]).stdout)["layout"] == 1
    forth = json.loads(run(app, ["node", "migrate", str(folder), "--json"]).stdout)
    assert "added table `clock`" in forth["steps"]
    held = open_office(folder)
    try:
        assert isinstance(run(app, back).exception, ConflictError)
    finally:
        held.close()


@pytest.mark.parametrize(
    ("web", "console"),
    [
        (Web(listen="http://192.0.2.1:1"), "http://127.0.0.1:2"),
        (Web(), "http://192.0.2.1:2"),
        (Web(), "https://node.example:2"),
    ],
)
def test_nothing_is_served_in_clear_beyond_this_machine(web: Web, console: str) -> None:
    config = replace(config_of("xn", "police"), console=console, web=web)
    with pytest.raises(ConfigurationError):
        check_addresses(config)
    with pytest.raises(ConfigurationError):
        bind(config, Role.ALL)


def test_behind_a_named_proxy_plain_http_is_served(tmp_path: Path) -> None:
    web = Web(listen="http://192.0.2.1:1", people="http://192.0.2.1:2", proxies=("192.0.2.9",))
    config = replace(config_of("xn", "police"), console="https://node.example:443", web=web)
    check_addresses(config)
    (tmp_path / FILE).write_text(write_config(config))
    assert bind(config, Role.WORKER) is None
