"""`pycose` and `cwt` verify what we sign."""

import pytest

from comity.core.clock import DAY, Instant
from comity.core.ids import AgencyId, MessageId, NodeId
from comity.seal import Message, Prekey, Receipt, SigningKey, cose, seal, sign_receipt

pycose_algorithms = pytest.importorskip("pycose.algorithms")
pycose_messages = pytest.importorskip("pycose.messages")
pycose_keys = pytest.importorskip("pycose.keys")
cwt = pytest.importorskip("cwt")

FEDERATION = "00112233445566778899aabbccddeeff"
AT = Instant(1_795_442_520_000)
MID = MessageId(AT.to_bytes(6, "big") + b"\x70\x01\x80" + bytes(7))
AUTHOR = SigningKey.from_raw(b"\x01" * 32)
NODE = SigningKey.from_raw(b"\x02" * 32)


class Fixed:
    def take(self, count: int, /) -> bytes:
        return b"\x09" * count


def envelope() -> bytes:
    message = Message(
        mid=MID,
        author=AgencyId("xn.police"),
        from_node=NodeId("xn.police.n1"),
        recipient=AgencyId("xa.border"),
        conv=bytes(16),
        created=AT,
        exp=Instant(AT + DAY),
        kind="requests.ask/1",
        decision=bytes(32),
        marking=bytes(32),
        items=0,
        body=b"body",
    )
    return seal(
        message,
        to_node=NodeId("xa.border.n1"),
        prekey=Prekey.from_raw(b"\x03" * 32).public,
        author_key=AUTHOR,
        node_key=NODE,
        federation=FEDERATION,
        entropy=Fixed(),
    )


def receipt() -> bytes:
    said = Receipt(
        mid=MID,
        digest=bytes(32),
        stored_at=AT,
        state="filed",
        leaf=0,
        origin="comity.example/log/xa.border.n1/1",
        items=0,
        node=NodeId("xa.border.n1"),
    )
    return sign_receipt(said, NODE, federation=FEDERATION)


SIGNED = [(envelope(), "outer"), (receipt(), "receipt")]


@pytest.fixture(scope="module", autouse=True)
def _ed25519_by_its_number() -> None:
    """Teach `pycose` RFC 9864: -19 is what it knows as -8."""

    @pycose_algorithms.CoseAlgorithm.register_attribute()
    class _Ed25519(pycose_algorithms.EdDSA):  # type: ignore[misc,name-defined]
        identifier = -19
        fullname = "ED25519"


@pytest.mark.parametrize(("data", "sort"), SIGNED, ids=["outer", "receipt"])
def test_pycose_verifies_what_we_sign(data: bytes, sort: str) -> None:
    message = pycose_messages.Sign1Message.decode(data)
    message.key = pycose_keys.OKPKey(crv="ED25519", x=NODE.public.raw)
    message.external_aad = cose.binding(FEDERATION, sort)
    assert message.verify_signature()
    message.external_aad = cose.binding(FEDERATION, "inner")
    assert not message.verify_signature()
    message.external_aad = cose.binding(FEDERATION[::-1], sort)
    assert not message.verify_signature()


@pytest.mark.parametrize(("data", "sort"), SIGNED, ids=["outer", "receipt"])
def test_pycose_refuses_what_was_changed(data: bytes, sort: str) -> None:
    for at in (10, len(data) // 2, len(data) - 1):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        message = pycose_messages.Sign1Message.decode(changed)
        message.key = pycose_keys.OKPKey(crv="ED25519", x=NODE.public.raw)
        message.external_aad = cose.binding(FEDERATION, sort)
        assert not message.verify_signature()


def test_we_read_what_pycose_signs() -> None:
    algorithm = pycose_algorithms.CoseAlgorithm.from_id(-19)
    headers = pytest.importorskip("pycose.headers")
    message = pycose_messages.Sign1Message(
        phdr={headers.Algorithm: algorithm, headers.KID: NODE.public.kid},
        payload=b"said",
        external_aad=b"bound",
    )
    message.key = pycose_keys.OKPKey(crv="ED25519", x=NODE.public.raw, d=NODE.raw)
    read = cose.read_sign1(message.encode())
    assert cose.key_id(read, ()) == NODE.public.kid
    cose.check(read, NODE.public, bound=b"bound")
    assert read.payload == b"said"


@pytest.mark.parametrize(("data", "sort"), SIGNED, ids=["outer", "receipt"])
def test_cwt_verifies_what_we_sign(data: bytes, sort: str) -> None:
    # `cwt` goes by the key's own number, -8, and takes the header's -19 as it stands.
    # RFC 9052, 7 and RFC 9053, 7.2: 1 kty OKP, 2 kid, 3 alg, -1 crv Ed25519, -2 x.
    key = cwt.COSEKey.new({1: 1, 2: NODE.public.kid, 3: -8, -1: 6, -2: NODE.public.raw})
    payload = cose.read_sign1(data).payload
    assert (
        cwt.COSE.new().decode(data, key, external_aad=cose.binding(FEDERATION, sort)) == payload
    )
    changed = data[:-1] + bytes([data[-1] ^ 1])
    for wrong, bound in (
        (data, cose.binding(FEDERATION, "inner")),
        (changed, cose.binding(FEDERATION, sort)),
    ):
        with pytest.raises(cwt.exceptions.VerifyError):
            cwt.COSE.new().decode(wrong, key, external_aad=bound)
