import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant, new_message_id
from comity.core.errors import ComityError, InvalidInputError, LimitError, VerificationError
from comity.core.ids import AgencyId, MessageId, NodeId
from comity.core.keys import KeyId, PublicKey
from comity.seal import (
    Header,
    Message,
    Opened,
    Prekey,
    SigningKey,
    UnknownPrekeyError,
    UnknownSuiteError,
    cose,
    open_envelope,
    pad,
    read_envelope,
    seal,
    suite,
    verify_author,
    verify_envelope,
)

FEDERATION = "00112233445566778899aabbccddeeff"
OTHER_FEDERATION = "ffeeddccbbaa99887766554433221100"
AT = Instant(1_795_442_520_000)
AUTHOR = SigningKey.from_raw(b"\x01" * 32)
NODE = SigningKey.from_raw(b"\x02" * 32)
PREKEY = Prekey.from_raw(b"\x03" * 32)
THIEF = SigningKey.from_raw(b"\x04" * 32)
THIEF_PREKEY = Prekey.from_raw(b"\x05" * 32)
TO = NodeId("xa.border.n1")
X, Y = cose.ROUTE, cose.CLAIMS


class Counted:
    """Gives different bytes at each call, the same in each test."""

    def __init__(self) -> None:
        self._calls = 0

    def take(self, count: int, /) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(4, "big")).digest(count)


MESSAGE = Message(
    mid=new_message_id(AT, Counted()),
    author=AgencyId("xn.police"),
    from_node=NodeId("xn.police.n1"),
    recipient=AgencyId("xa.border"),
    conv=b"c" * 16,
    created=AT,
    exp=Instant(AT + 14 * DAY),
    kind="requests.ask/1",
    decision=b"d" * 32,
    marking=b"m" * 32,
    items=2,
    body=b"who crossed here?",
)


def sealed(message: Message = MESSAGE, *, to_node: NodeId = TO) -> bytes:
    return seal(
        message,
        to_node=to_node,
        prekey=PREKEY.public,
        author_key=AUTHOR,
        node_key=NODE,
        federation=FEDERATION,
        entropy=Counted(),
    )


def own_prekey(kid: KeyId) -> Prekey | None:
    return {PREKEY.public.kid: PREKEY}.get(kid)


def opened(data: bytes, *, node: SigningKey = NODE, federation: str = FEDERATION) -> Opened:
    verified = verify_envelope(read_envelope(data), node.public, federation=federation)
    return open_envelope(verified, prekey=own_prekey, federation=federation)


def received(data: bytes, *, node: SigningKey = NODE, federation: str = FEDERATION) -> Message:
    found = opened(data, node=node, federation=federation)
    return verify_author(found, AUTHOR.public, federation=federation)


def route(**changed: Value) -> Mapping[int, Value]:
    usual: dict[str, Value] = {
        "suite": 1,
        "mid": MESSAGE.mid,
        "from_node": MESSAGE.from_node,
        "to_node": TO,
        "exp": MESSAGE.exp,
    }
    return dict(enumerate({**usual, **changed}.values()))


def crit(of_route: Value) -> Mapping[int, Value]:
    """Make the outer header around a route."""
    return {cose.CRIT: [X], X: of_route}


def outer(
    payload: bytes,
    header: Mapping[int, Value] | None = None,
    *,
    key: SigningKey = NODE,
    sort: str = "outer",
) -> bytes:
    """Sign whatever stands in `header` as a sending node would."""
    full = crit(route()) if header is None else header
    return cose.sign1(full, payload, key=key, bound=cose.binding(FEDERATION, sort))


def claims(**changed: Value) -> dict[int, Value]:
    names = "mid author from_node recipient conv created exp decision marking items".split()  # noqa: SIM905
    usual: dict[str, Value] = {name: getattr(MESSAGE, name) for name in names}
    return dict(enumerate({**usual, **changed}.values()))


def inner(payload: bytes | None = None, *, critical: int = Y, **changed: Value) -> bytes:
    kind = changed.pop("kind", MESSAGE.kind)
    header = {cose.CRIT: [critical], cose.CONTENT_TYPE: kind, Y: claims(**changed)}
    body = pad(MESSAGE.body) if payload is None else payload
    return cose.sign1(header, body, key=AUTHOR, bound=cose.binding(FEDERATION, "inner"))


def encrypted(plaintext: bytes, to_route: Mapping[int, Value] | None = None) -> bytes:
    found = route() if to_route is None else to_route
    return cose.encrypt(
        plaintext,
        protected=cose.sealed_header({label: found[label] for label in range(4)}),
        prekey=PREKEY.public,
        bound=cose.binding(FEDERATION, "sealed"),
        entropy=Counted(),
    )


def parts(data: bytes) -> list[Value]:
    """Take a tagged COSE object apart."""
    found = cbor.decode(data[1:] if data[0] == 0xD2 else data[2:])
    assert isinstance(found, list)
    return found


def sealed_part(data: bytes) -> bytes:
    payload = parts(data)[2]
    assert isinstance(payload, bytes)
    return payload


def test_a_sealed_message_comes_out_as_it_went_in() -> None:
    data = sealed()
    assert received(data) == MESSAGE
    envelope = read_envelope(data)
    assert envelope.digest == hashlib.sha256(data).digest()
    assert envelope.node_kid == NODE.public.kid
    assert envelope.header == Header(
        suite=1, mid=MESSAGE.mid, from_node=MESSAGE.from_node, to_node=TO, exp=MESSAGE.exp
    )
    assert opened(data).agency_kid == AUTHOR.public.kid


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=70_000), st.integers(0, 65_536))
def test_every_body_survives_the_road(body: bytes, items: int) -> None:
    message = replace(MESSAGE, body=body, items=items)
    assert received(sealed(message)) == message


def test_the_largest_body_fits_and_one_byte_more_does_not() -> None:
    message = replace(MESSAGE, body=b"x" * limits.BODY)
    assert received(sealed(message)) == message
    with pytest.raises(LimitError):
        replace(MESSAGE, body=b"x" * (limits.BODY + 1))


def test_the_size_of_an_envelope_does_not_tell_hit_from_no_hit() -> None:
    bodies = (b"no hit", b"hit: " + b"x" * 1000)
    assert len({len(sealed(replace(MESSAGE, body=body))) for body in bodies}) == 1


def test_copies_to_two_partners_share_no_secret_and_name_one_recipient_each() -> None:
    # AC-D3: what two recipients can pool tells neither of the other.
    second = replace(
        MESSAGE, mid=new_message_id(AT, _Other()), recipient=AgencyId("xc.fiu"), conv=b"e" * 16
    )
    entropy = Counted()
    copies = [
        seal(
            message,
            to_node=to_node,
            prekey=prekey.public,
            author_key=AUTHOR,
            node_key=NODE,
            federation=FEDERATION,
            entropy=entropy,
        )
        for message, to_node, prekey in (
            (MESSAGE, TO, PREKEY),
            (second, NodeId("xc.fiu.n1"), THIEF_PREKEY),
        )
    ]
    keys = {PREKEY.public.kid: PREKEY, THIEF_PREKEY.public.kid: THIEF_PREKEY}
    plain: list[bytes] = []
    for data in copies:
        verified = verify_envelope(read_envelope(data), NODE.public, federation=FEDERATION)
        found = open_envelope(verified, prekey=keys.get, federation=FEDERATION)
        plain.append(data + found.signed.protected + found.signed.payload)
    assert not any(word in plain[0] for word in (b"xc.fiu", second.mid, second.conv))
    assert not any(word in plain[1] for word in (b"xa.border", MESSAGE.mid, MESSAGE.conv))


class _Other:
    def take(self, count: int, /) -> bytes:
        return b"\x7e" * count


def test_nothing_of_the_body_stands_in_the_envelope() -> None:
    assert MESSAGE.body not in sealed()
    assert MESSAGE.kind.encode() not in sealed()
    assert MESSAGE.recipient.encode() + b"P" not in sealed()


# Any bytes, any change


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_our_error(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_envelope(data)


DATA = sealed()


def refused(data: bytes) -> None:
    with pytest.raises((InvalidInputError, VerificationError)):
        received(data)


def test_every_changed_byte_is_refused() -> None:
    for at in range(len(DATA)):
        changed = bytearray(DATA)
        changed[at] ^= 1 << at % 8
        refused(bytes(changed))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(DATA) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_every_splice_is_refused(at: int, put: bytes, dropped: int) -> None:
    changed = DATA[:at] + put + DATA[at + dropped :]
    if changed != DATA:
        refused(changed)


def test_every_truncation_is_refused() -> None:
    for end in range(len(DATA)):
        with pytest.raises(InvalidInputError):
            read_envelope(DATA[:end])


def test_a_changed_byte_inside_the_seal_is_refused_even_when_signed_again() -> None:
    # A corrupt or hostile sending node: the outer signature holds, the content must not open.
    payload = sealed_part(DATA)
    for at in range(len(payload)):
        changed = bytearray(payload)
        changed[at] ^= 1 << at % 8
        with pytest.raises(VerificationError):
            opened(outer(bytes(changed)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_sealed_bytes_fail_as_one_error(payload: bytes) -> None:
    with pytest.raises(VerificationError):
        opened(outer(payload))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_inner_bytes_fail_as_one_error(plaintext: bytes) -> None:
    with pytest.raises(VerificationError):
        opened(outer(encrypted(plaintext)))


def test_too_large_an_envelope_is_refused_unread() -> None:
    with pytest.raises(LimitError):
        read_envelope(b"\xd2" * (limits.ENVELOPE + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"\xd2" + b"\x81" * 100_000 + b"\0",
        b"\xd2\x9a\x00\x01\x00\x00" + b"\0" * 65_536,
        b"\xd2\x84" + b"\xa0" * 3 + b"\x9b" + b"\xff" * 8,
        b"\xd2\x98\x40" + b"\x98\x40" * 64 + b"\0" * 4096,
    ],
    ids=["depth", "width", "claimed width", "breadth at each level"],
)
def test_a_bomb_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_envelope(data)


# The outer layer


@pytest.mark.parametrize("suite", [0, 2, 250, 255, 256, 2**63])
def test_another_suite_is_told_apart_from_broken_bytes(suite: int) -> None:
    header = crit(route(suite=suite))
    with pytest.raises(UnknownSuiteError) as caught:
        read_envelope(outer(b"", header))
    assert caught.value.code == "seal.unknown-suite"


HEADERS: dict[str, Mapping[int, Value]] = {
    "suite true": crit(route(suite=True)),
    "suite as text": crit(route(suite="1")),
    "suite below zero": crit(route(suite=-1)),
    "no suite": {cose.CRIT: [X], X: {1: b"", 2: "", 3: "", 4: 0}},
    "no route": {cose.CRIT: [X]},
    "route is a list": {cose.CRIT: [X], X: [1, 2, 3, 4]},
    "more in the route": crit({**route(), 5: 0}),
    "less in the route": crit({**route(), 4: None}),
    "no crit": {X: route()},
    "empty crit": {cose.CRIT: [], X: route()},
    "more in crit": {cose.CRIT: [X, 3], X: route()},
    "another label": {cose.CRIT: [X], X: route(), 3: "text/plain"},
    "a nonce in the header": {cose.CRIT: [X], X: route(), 6: b"12345678"},
    "id of 15 bytes": crit(route(mid=MESSAGE.mid[:15])),
    "id as text": crit(route(mid=MESSAGE.mid.hex())),
    "id that is no UUIDv7": crit(route(mid=bytes(16))),
    "id after the year 9999": crit(route(mid=b"\xff" * 6 + MESSAGE.mid[6:])),
    "node in capitals": crit(route(from_node="XN.police.n1")),
    "node with a line end": crit(route(to_node="xa.border.n1\n")),
    "node as bytes": crit(route(to_node=b"xa.border.n1")),
    "agency as node": crit(route(to_node="xa.border")),
    "expiry as text": crit(route(exp="never")),
    "expiry after the year 9999": crit(route(exp=2**48)),
    "expiry below zero": crit(route(exp=-1)),
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_signed_header_that_is_not_ours_is_refused_before_its_signature(
    header: Mapping[int, Value],
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_envelope(outer(sealed_part(DATA), header))
    assert not isinstance(caught.value, UnknownSuiteError)


def reassembled(**changed: Value) -> bytes:
    names = ("protected", "unprotected", "payload", "signature")
    found = dict(zip(names, parts(DATA), strict=True))
    return b"\xd2" + cbor.encode(list({**found, **changed}.values()))


def with_alg(alg: Value) -> bytes:
    header: dict[int, Value] = {1: alg, 2: [X], 4: NODE.public.kid, X: route()}
    return cbor.encode(header)


PAYLOAD_HEAD = b"\x59" + len(sealed_part(DATA)).to_bytes(2, "big")

OUTERS: dict[str, Callable[[], bytes]] = {
    "alg -8": lambda: reassembled(protected=with_alg(-8)),
    "alg -7": lambda: reassembled(protected=with_alg(-7)),
    "alg as text": lambda: reassembled(protected=with_alg("EdDSA")),
    "unprotected header": lambda: reassembled(unprotected={4: b"k"}),
    "unprotected is a list": lambda: reassembled(unprotected=[]),
    "no payload": lambda: reassembled(payload=None),
    "signature of 63 bytes": lambda: reassembled(signature=bytes(63)),
    "signature as text": lambda: reassembled(signature="x" * 64),
    "protected is a map": lambda: reassembled(protected={}),
    "protected holds a list": lambda: reassembled(protected=b"\x80"),
    "protected is empty": lambda: reassembled(protected=b""),
    "protected holds text labels": lambda: reassembled(protected=cbor.encode({"alg": -19})),
    "protected and a trailing byte": lambda: reassembled(protected=with_alg(-19) + b"\0"),
    "fifth part": lambda: reassembled(fifth=0),
    "no tag": lambda: DATA[1:],
    "tag 98": lambda: b"\xd8\x62" + DATA[1:],
    "tag 18 the long way": lambda: b"\xd8\x12" + DATA[1:],
    "tag twice": lambda: b"\xd2" + DATA,
    "tag 35 on the payload": lambda: DATA.replace(PAYLOAD_HEAD, b"\xd8\x23" + PAYLOAD_HEAD),
    "a trailing byte": lambda: DATA + b"\0",
    "two envelopes": lambda: DATA * 2,
}


@pytest.mark.parametrize("make", OUTERS.values(), ids=OUTERS.keys())
def test_another_shape_of_outer_layer_is_refused(make: Callable[[], bytes]) -> None:
    data = make()
    assert data != DATA
    with pytest.raises(InvalidInputError):
        read_envelope(data)


def test_a_duplicate_label_is_refused() -> None:
    twice = b"\xa2\x01\x32\x01\x32"
    with pytest.raises(InvalidInputError):
        read_envelope(reassembled(protected=twice))


def test_an_envelope_of_indefinite_length_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        read_envelope(b"\xd2\x9f" + DATA[2:] + b"\xff")


@pytest.mark.parametrize(
    "key",
    [
        THIEF.public,
        replace(NODE.public, raw=NODE.public.raw[:31]),
        replace(NODE.public, algorithm="ml-dsa-44"),
        replace(NODE.public, algorithm="x-wing"),
        PublicKey(algorithm="ed25519", raw=bytes(32)),
    ],
)
def test_a_key_that_did_not_sign_verifies_nothing(key: PublicKey) -> None:
    with pytest.raises(VerificationError):
        verify_envelope(read_envelope(DATA), key, federation=FEDERATION)


def test_the_key_id_is_held_to_the_key() -> None:
    # Signed by the node under the name of another of its keys.
    header: dict[int, Value] = {1: -19, 2: [X], 4: THIEF.public.kid, X: route()}
    protected, payload = cbor.encode(header), sealed_part(DATA)
    bound = cose.binding(FEDERATION, "outer")
    signature = NODE.sign(cbor.encode(["Signature1", protected, bound, payload]))
    data = b"\xd2" + cbor.encode([protected, {}, payload, signature])
    with pytest.raises(VerificationError):
        verify_envelope(read_envelope(data), NODE.public, federation=FEDERATION)


# Attacks of one node on another


def test_another_federation_verifies_nothing_though_the_keys_are_the_same() -> None:
    with pytest.raises(VerificationError):
        opened(DATA, federation=OTHER_FEDERATION)
    verified = verify_envelope(read_envelope(DATA), NODE.public, federation=FEDERATION)
    with pytest.raises(VerificationError):
        open_envelope(verified, prekey=own_prekey, federation=OTHER_FEDERATION)
    with pytest.raises(VerificationError):
        verify_author(opened(DATA), AUTHOR.public, federation=OTHER_FEDERATION)


def test_stolen_sealed_bytes_signed_again_by_another_node_do_not_open() -> None:
    stolen = sealed_part(DATA)
    for changed in (route(from_node="xz.fiu.n1"), route()):
        data = outer(stolen, crit(changed), key=THIEF)
        if changed == route():  # the thief names the victim: its key is not the victim's
            with pytest.raises(VerificationError):
                opened(data)
        else:
            with pytest.raises(VerificationError):
                opened(data, node=THIEF)


@pytest.mark.parametrize(
    "changed",
    [
        {"mid": new_message_id(AT, _Other())},
        {"from_node": "xz.fiu.n1"},
        {"to_node": "xc.fiu.n1"},
        {"exp": MESSAGE.exp + 1},
    ],
    ids=["mid", "from_node", "to_node", "exp"],
)
def test_an_outer_layer_that_differs_from_the_inner_ones_does_not_open(
    changed: dict[str, Value],
) -> None:
    # The sealed layer as it was; then one that follows the outer, around the old inner.
    header = crit(route(**changed))
    layers = [sealed_part(DATA)]
    if "to_node" not in changed:
        layers.append(encrypted(inner(), route(**changed)))
    for layer in layers:
        with pytest.raises(VerificationError):
            opened(outer(layer, header))


def test_a_signed_text_encrypted_again_to_a_third_still_names_its_first_recipient() -> None:
    # Surreptitious forwarding: the thief is a recipient and has the inner bytes.
    found = opened(DATA)
    stolen = b"\xd2" + cbor.encode(
        [found.signed.protected, {}, found.signed.payload, found.signed.signature]
    )
    to_third = route(from_node="xz.fiu.n1", to_node="xc.fiu.n1")
    data = outer(encrypted(stolen, to_third), crit(to_third), key=THIEF)
    with pytest.raises(VerificationError):
        opened(data, node=THIEF)
    # Naming the true sender on the outside, the thief lacks its key and the recipient stands.
    to_third = route(to_node="xc.fiu.n1")
    data = outer(encrypted(stolen, to_third), crit(to_third), key=THIEF)
    with pytest.raises(VerificationError):
        opened(data)
    assert received(outer(encrypted(stolen, to_third), crit(to_third))).recipient == (
        "xa.border"
    )


def test_a_message_sealed_to_another_does_not_open() -> None:
    verified = verify_envelope(read_envelope(DATA), NODE.public, federation=FEDERATION)
    with pytest.raises(UnknownPrekeyError) as caught:
        open_envelope(verified, prekey=lambda _: None, federation=FEDERATION)
    assert caught.value.code == "seal.unknown-prekey"
    with pytest.raises(VerificationError) as wrong:
        open_envelope(verified, prekey=lambda _: THIEF_PREKEY, federation=FEDERATION)
    assert not isinstance(wrong.value, UnknownPrekeyError)


def test_the_authors_signature_is_held_to_the_agency_key() -> None:
    with pytest.raises(VerificationError):
        verify_author(opened(DATA), THIEF.public, federation=FEDERATION)
    forged = cose.sign1(
        {cose.CRIT: [Y], cose.CONTENT_TYPE: MESSAGE.kind, Y: claims()},
        pad(b"forged"),
        key=THIEF,
        bound=cose.binding(FEDERATION, "inner"),
    )
    found = opened(outer(encrypted(forged)))
    assert found.agency_kid == THIEF.public.kid
    with pytest.raises(VerificationError):
        verify_author(found, AUTHOR.public, federation=FEDERATION)


@pytest.mark.parametrize("sort", ["inner", "sealed", "receipt", "rejection", "prekeys", ""])
def test_what_was_signed_as_another_sort_is_no_envelope(sort: str) -> None:
    data = outer(sealed_part(DATA), sort=sort)
    with pytest.raises(VerificationError):
        verify_envelope(read_envelope(data), NODE.public, federation=FEDERATION)


def test_no_inner_layer_stands_as_an_outer_one() -> None:
    with pytest.raises(InvalidInputError):
        read_envelope(inner())


# The sealed layer


def shaped(**changed: Value) -> bytes:
    """Take the sealed layer apart, change it, and sign it as the node would."""
    names = ("protected", "unprotected", "data", "recipients")
    found = dict(zip(names, parts(sealed_part(DATA)), strict=True))
    return outer(b"\xd8\x60" + cbor.encode(list({**found, **changed}.values())))


def recipient(**changed: Value) -> list[Value]:
    found = parts(sealed_part(DATA))[3]
    assert isinstance(found, list)
    names = ("protected", "unprotected", "wrapped")
    return list({**dict(zip(names, found[0], strict=True)), **changed}.values())


SHAPES: dict[str, Callable[[], bytes]] = {
    "no recipient": lambda: shaped(recipients=[]),
    "two recipients": lambda: shaped(recipients=[recipient(), recipient()]),
    "recipient of two parts": lambda: shaped(recipients=[recipient()[:2]]),
    "nonce of 11 bytes": lambda: shaped(unprotected={5: bytes(11)}),
    "nonce of 13 bytes": lambda: shaped(unprotected={5: bytes(13)}),
    "no nonce": lambda: shaped(unprotected={}),
    "more than a nonce": lambda: shaped(unprotected={4: b"k", 5: bytes(12)}),
    "unprotected is a list": lambda: shaped(unprotected=[]),
    "no data": lambda: shaped(data=None),
    "empty data": lambda: shaped(data=b""),
    "other algorithm": lambda: shaped(protected=cbor.encode({1: 1, 2: [X], X: route()})),
    "header with expiry": lambda: shaped(protected=cbor.encode({1: 3, 2: [X], X: route()})),
    "header with text": lambda: shaped(protected=b"\x60"),
    "no encapsulation": lambda: shaped(recipients=[recipient(unprotected={})]),
    "encapsulation cut": lambda: shaped(recipients=[recipient(unprotected={-4: bytes(1119)})]),
    "wrapped key cut": lambda: shaped(recipients=[recipient(wrapped=bytes(47))]),
    "wrapped key is text": lambda: shaped(recipients=[recipient(wrapped="k" * 48)]),
    "recipient alg -8": lambda: shaped(recipients=[recipient(protected=b"\xa1\x01\x27")]),
    "recipient of classical HPKE": lambda: shaped(
        recipients=[recipient(protected=cbor.encode({1: 46, 4: PREKEY.public.kid}))]
    ),
    "short prekey id": lambda: shaped(
        recipients=[recipient(protected=cbor.encode({1: cose.HPKE_KE_X_WING, 4: b"k"}))]
    ),
    "COSE_Encrypt0": lambda: outer(b"\xd0" + sealed_part(DATA)[2:]),
    "no tag": lambda: outer(sealed_part(DATA)[2:]),
}


@pytest.mark.parametrize("make", SHAPES.values(), ids=SHAPES.keys())
def test_another_shape_of_sealed_layer_does_not_open(make: Callable[[], bytes]) -> None:
    with pytest.raises(VerificationError) as caught:
        opened(make())
    assert caught.value.code == VerificationError.code


class _Lengths:
    """Gives other lengths than asked for, as a sender of its own making would."""

    def __init__(self, given: dict[int, int]) -> None:
        self._given = given

    def take(self, count: int, /) -> bytes:
        return bytes(self._given.get(count, count))


@pytest.mark.parametrize("given", [{12: 11}, {12: 13}, {32: 16}, {32: 24}], ids=str)
def test_a_consistent_layer_of_another_nonce_or_key_length_does_not_open(
    given: dict[int, int],
) -> None:
    layer = cose.encrypt(
        inner(),
        protected=cose.sealed_header({label: route()[label] for label in range(4)}),
        prekey=PREKEY.public,
        bound=cose.binding(FEDERATION, "sealed"),
        entropy=_Lengths(given),
    )
    with pytest.raises(VerificationError):
        opened(outer(layer))


@pytest.mark.parametrize("alg", [-8, 46, 53])
def test_a_consistent_layer_under_another_algorithm_does_not_open(alg: int) -> None:
    # Everything is bound rightly, only the recipient's algorithm bears another number.
    bound = cose.binding(FEDERATION, "sealed")
    protected = cose.sealed_header({label: route()[label] for label in range(4)})
    to = cbor.encode({cose.ALG: alg, cose.KID: PREKEY.public.kid})
    key, nonce = bytes(32), bytes(12)
    data = suite.encrypt(key, inner(), nonce=nonce, bound=cose._authenticated(protected, bound))
    halves = suite.wrap(key, PREKEY.public, info=cose._info(to, protected))
    recipients: Value = [[to, {cose.EK: halves[0]}, halves[1]]]
    layer = b"\xd8\x60" + cbor.encode([protected, {cose.IV: nonce}, data, recipients])
    with pytest.raises(VerificationError):
        opened(outer(layer))


# The inner layer


INNERS: dict[str, Callable[[], bytes]] = {
    "body not padded": lambda: inner(MESSAGE.body),
    "body padded too far": lambda: inner(pad(MESSAGE.body) + bytes(1024)),
    "body over the limit": lambda: inner(pad(b"x" * (limits.BODY + 1))),
    "kind without version": lambda: inner(kind="requests.ask"),
    "kind of version 0": lambda: inner(kind="requests.ask/0"),
    "kind too long": lambda: inner(kind="k" * 81 + "/1"),
    "kind with a line end": lambda: inner(kind="requests.ask/1\n"),
    "kind as number": lambda: inner(kind=50),
    "other crit": lambda: inner(critical=X),
    "author is a node": lambda: inner(author="xn.police.n1"),
    "author as bytes": lambda: inner(author=b"xn.police"),
    "recipient is empty": lambda: inner(recipient=""),
    "conversation of 15 bytes": lambda: inner(conv=bytes(15)),
    "created another time": lambda: inner(created=AT + 1),
    "created true": lambda: inner(created=True),
    "expired when created": lambda: inner(exp=AT),
    "decision of 31 bytes": lambda: inner(decision=bytes(31)),
    "marking as text": lambda: inner(marking="m" * 32),
    "items below zero": lambda: inner(items=-1),
    "one claim more": lambda: inner(more=1),
}


@pytest.mark.parametrize("make", INNERS.values(), ids=INNERS.keys())
def test_an_inner_layer_that_breaks_a_rule_does_not_open(make: Callable[[], bytes]) -> None:
    with pytest.raises(VerificationError):
        opened(outer(encrypted(make())))


def test_a_well_formed_inner_layer_made_by_hand_opens() -> None:
    # The forge used above makes what is accepted when nothing is forged.
    assert received(outer(encrypted(inner()))) == MESSAGE


@pytest.mark.parametrize(
    "changed",
    [
        {"conv": b""},
        {"decision": b"d"},
        {"marking": b"m"},
        {"created": Instant(AT + 1)},
        {"exp": AT},
        {"kind": "Requests.ask/1"},
        {"mid": MessageId(bytes(16))},
    ],
)
def test_our_own_message_is_held_to_the_same_rules(changed: dict[str, Value]) -> None:
    with pytest.raises(InvalidInputError):
        replace(MESSAGE, **changed)  # type: ignore[arg-type]


def test_a_prekey_that_is_none_is_not_sealed_to() -> None:
    for raw in (b"", bytes(1_216), b"\xff" * 1_216, PREKEY.public.raw[:-32] + bytes(32)):
        with pytest.raises(ComityError):
            seal(
                MESSAGE,
                to_node=TO,
                prekey=PublicKey(algorithm="x-wing", raw=raw),
                author_key=AUTHOR,
                node_key=NODE,
                federation=FEDERATION,
                entropy=Counted(),
            )
