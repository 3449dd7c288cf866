import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.adapters.http import Client, Doors, HttpCarrier, partner_app
from comity.adapters.http.client import is_loopback
from comity.adapters.http.tls import pinned
from comity.core import limits
from comity.core.errors import UnreachableError
from comity.core.ids import NodeId
from comity.exchange import Consigned, Consignment
from comity.trust import NodeEntry

ITEM = b"\xd2\x84\x40\xa0\x40\x40"
Serve = Callable[[Starlette, Path | None], str]

pytestmark = pytest.mark.enable_socket


@dataclass(slots=True)
class Partner:
    """A partner's node with answers that a test may change."""

    answers: Callable[[Sequence[bytes]], Sequence[bytes]] = field(default=list)
    batches: list[int] = field(default_factory=list[int])
    checkpoints: list[bytes] = field(default_factory=list[bytes])

    def inbox(self, consignment: Consignment) -> Sequence[bytes]:
        self.batches.append(len(consignment.items))
        self.checkpoints.append(consignment.checkpoint)
        return self.answers([item.envelope for item in consignment.items])

    def app(self) -> Starlette:
        return partner_app(
            Doors(
                inbox=self.inbox,
                prekeys=lambda: b"notice",
                checkpoint=lambda: None,
                tile=lambda _: None,
                may_read_entries=lambda _: False,
                witness=lambda body: (200, b"cosigned " + body, "text/plain"),
                witnessed=lambda _: None,
                directory=lambda _: None,
                is_alive=lambda: True,
                is_ready=lambda: True,
                journal=lambda _route, _code: None,
            )
        )


@pytest.fixture
def carrier() -> Iterator[HttpCarrier]:
    client = Client()
    yield HttpCarrier(client)
    client.close()


def entry(url: str, *tls: bytes) -> NodeEntry:
    return NodeEntry(
        node=NodeId("xa.border.n1"),
        url=url,
        agencies=frozenset(),
        suites=frozenset({1}),
        kinds=frozenset(),
        origin="origin",
        log_vkeys=("vkey",),
        tls=tls,
    )


def consign(*envelopes: bytes) -> Consignment:
    items = tuple(Consigned(envelope=each) for each in envelopes)
    return Consignment(items=items, checkpoint=b"seen")


def certificate(folder: Path, name: str) -> tuple[Path, bytes]:
    """Make a self-signed certificate; return its file, with the key, and its DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path, made.public_bytes(Encoding.DER)


def test_envelopes_go_out_and_answers_come_back_in_order(
    serve: Serve, carrier: HttpCarrier
) -> None:
    partner = Partner()
    url = serve(partner.app(), None)
    envelopes = [b"\xd2\x84\x40\xa0\x41%c\x40" % n for n in range(5)]
    assert carrier.carry(entry(url), consign(*envelopes)) == envelopes
    assert carrier.prekey(entry(url + "/")) == b"notice"
    assert carrier.add_checkpoint(entry(url), b"old 0") == (200, b"cosigned old 0")
    assert partner.batches == [5]


def test_what_exceeds_one_call_goes_in_several(serve: Serve, carrier: HttpCarrier) -> None:
    partner = Partner(answers=lambda envelopes: [ITEM for _ in envelopes])
    url = serve(partner.app(), None)
    big = b"\xd2\x84\x40\xa0\x5a" + (2 << 20).to_bytes(4, "big") + bytes(2 << 20) + b"\x40"
    assert len(carrier.carry(entry(url), consign(*[big] * 5))) == 5
    assert partner.batches == [3, 2]
    assert len(carrier.carry(entry(url), consign(*[ITEM] * 300))) == 300
    assert partner.batches == [3, 2, limits.CONSIGNED, 300 - limits.CONSIGNED]
    assert partner.checkpoints == [b"seen", b"", b"seen", b""]


def test_the_listed_certificate_is_accepted_and_another_is_not(
    serve: Serve, carrier: HttpCarrier, tmp_path: Path
) -> None:
    path, listed = certificate(tmp_path, "current")
    _, following = certificate(tmp_path, "next")
    partner = Partner()
    url = serve(partner.app(), path)
    assert carrier.carry(entry(url, following, listed), consign(ITEM)) == [ITEM]
    with pytest.raises(UnreachableError, match="not the one in the directory"):
        carrier.carry(entry(url, following), consign(ITEM))
    assert partner.batches == [1]


def test_a_certificate_may_be_listed_as_text(tmp_path: Path) -> None:
    path, der = certificate(tmp_path, "text")
    text = path.read_bytes().partition(b"-----END PRIVATE KEY-----\n")[2]
    assert pinned([text]).get_ca_certs(binary_form=True) in ([der], [])
    with pytest.raises(UnreachableError, match="cannot be read"):
        pinned([b"no certificate"])


def test_https_without_a_listed_certificate_is_not_tried(carrier: HttpCarrier) -> None:
    with pytest.raises(UnreachableError, match="lists no TLS certificate"):
        carrier.prekey(entry("https://127.0.0.1:1"))


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:80", "http://example.org", "http://[::ffff:1.2.3.4]"]
)
def test_plain_http_never_leaves_the_machine(carrier: HttpCarrier, url: str) -> None:
    with pytest.raises(UnreachableError, match="expected https"):
        carrier.prekey(entry(url))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - an address that must not count
        ("localhost.example.org", False),
        (None, False),
    ],
)
def test_loopback_is_this_machine_only(host: str | None, *, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_an_address_that_is_none_is_unreachable(carrier: HttpCarrier) -> None:
    for url in ("ftp://127.0.0.1", "http://127.0.0.1:99999"):
        with pytest.raises(UnreachableError):
            carrier.prekey(entry(url))


def test_a_partner_that_is_down_is_unreachable(carrier: HttpCarrier) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError, match="does not answer"):
        carrier.carry(entry(f"http://127.0.0.1:{port}"), consign(ITEM))


def test_a_partner_that_breaks_off_is_unreachable(carrier: HttpCarrier) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def break_off() -> None:
            line, _ = listener.accept()
            line.recv(10)
            line.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")
            line.close()

        thread = threading.Thread(target=break_off)
        thread.start()
        with pytest.raises(UnreachableError, match="does not answer"):
            carrier.prekey(entry(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()


@pytest.mark.parametrize(
    "answers",
    [
        lambda _: [],
        lambda envelopes: [*envelopes, ITEM],
        lambda _: [b"\x00"],
        lambda _: [bytes(limits.ANSWER * 2)],
    ],
)
def test_answers_that_do_not_fit_are_no_answers(
    serve: Serve, carrier: HttpCarrier, answers: Callable[[Sequence[bytes]], Sequence[bytes]]
) -> None:
    url = serve(Partner(answers=answers).app(), None)
    with pytest.raises(UnreachableError):
        carrier.carry(entry(url), consign(ITEM))


def test_a_partner_that_sends_elsewhere_is_not_followed(
    serve: Serve, carrier: HttpCarrier
) -> None:
    def elsewhere(_: Request) -> Response:
        return RedirectResponse("http://127.0.0.1:1/")

    url = serve(Starlette(routes=[Route("/x/v1/prekeys", elsewhere)]), None)
    with pytest.raises(UnreachableError, match="status 307"):
        carrier.prekey(entry(url))


def test_a_packed_bomb_is_not_unpacked(serve: Serve, carrier: HttpCarrier) -> None:
    def packed(_: Request) -> Response:
        return Response(b"\x1f\x8b bomb", headers={"content-encoding": "gzip"})

    url = serve(Starlette(routes=[Route("/x/v1/prekeys", packed)]), None)
    assert carrier.prekey(entry(url)) == b"\x1f\x8b bomb"


def test_a_closed_client_starts_again_with_new_connections(
    serve: Serve, carrier: HttpCarrier
) -> None:
    there = entry(serve(Partner().app(), None))
    carrier.carry(there, consign(ITEM))
    carrier.client.close()
    assert carrier.carry(replace(there), consign(ITEM)) == [ITEM]
