"""Write the frozen bytes of `tests/vectors`: `python tools/make_vectors.py tests/vectors`.

Keys, times and chance are fixed, so answers and CBOR come out the same each time; the library
draws its own randomness to encapsulate, so every run makes other envelopes. Run it only when a
wire format changes, and say so in `changes/`: partners test against what it wrote.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant, new_message_id
from comity.core.ids import AgencyId, NodeId
from comity.core.keys import PublicKey
from comity.seal import (
    Message,
    Prekey,
    PrekeyNotice,
    Receipt,
    Rejection,
    SigningKey,
    cose,
    pad,
    seal,
    sign_prekey,
    sign_receipt,
    sign_rejection,
)

FEDERATION = "00112233445566778899aabbccddeeff"
AT = Instant(1_795_442_520_000)
AUTHOR, NODE, OTHER = (SigningKey(bytes([number]) * 32) for number in (1, 2, 4))
PREKEY, LOST = Prekey(b"\x03" * 32), Prekey(b"\x05" * 32)
TO = NodeId("xa.border.n1")
X, Y = cose.ROUTE, cose.CLAIMS
MALFORMED, LIMIT, FAILED = "input.invalid", "input.limit", "verify.failed"


class Counted:
    """Gives the same bytes in each run."""

    def __init__(self) -> None:
        """Start at the first."""
        self._calls = 0

    def take(self, count: int, /) -> bytes:
        """Return the next bytes."""
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(4, "big")).digest(count)


CHANCE = Counted()
MESSAGE = Message(
    mid=new_message_id(AT, CHANCE),
    author=AgencyId("xn.police"),
    from_node=NodeId("xn.police.n1"),
    recipient=AgencyId("xa.border"),
    conv=CHANCE.take(16),
    created=AT,
    exp=Instant(AT + 14 * DAY),
    kind="requests.ask/1",
    decision=CHANCE.take(32),
    marking=CHANCE.take(32),
    items=2,
    body=cbor.encode({"question": "who crossed here?"}),
)
ROUTE: Mapping[int, Value] = {
    0: 1,
    1: MESSAGE.mid,
    2: MESSAGE.from_node,
    3: TO,
    4: MESSAGE.exp,
}
CLAIMS: Mapping[int, Value] = {
    0: MESSAGE.mid,
    1: MESSAGE.author,
    2: MESSAGE.from_node,
    3: MESSAGE.recipient,
    4: MESSAGE.conv,
    5: MESSAGE.created,
    6: MESSAGE.exp,
    7: MESSAGE.decision,
    8: MESSAGE.marking,
    9: MESSAGE.items,
}


def sealed(message: Message) -> bytes:
    """Seal as the product does."""
    return seal(
        message,
        to_node=TO,
        prekey=PREKEY.public,
        author_key=AUTHOR,
        node_key=NODE,
        federation=FEDERATION,
        entropy=CHANCE,
    )


def outer(
    payload: bytes,
    route: Value = ROUTE,
    *,
    more: Mapping[int, Value] | None = None,
    key: SigningKey = NODE,
    bound: bytes = cose.binding(FEDERATION, "outer"),
) -> bytes:
    """Sign an outer layer around anything."""
    header: dict[int, Value] = {cose.CRIT: [X], X: route, **(more or {})}
    return cose.sign1(header, payload, key=key, bound=bound)


def layer(
    plaintext: bytes, route: Mapping[int, Value] = ROUTE, *, to: PublicKey = PREKEY.public
) -> bytes:
    """Encrypt anything."""
    protected = cose.sealed_header({label: route[label] for label in range(4)})
    bound = cose.binding(FEDERATION, "sealed")
    return cose.encrypt(plaintext, protected=protected, prekey=to, bound=bound, entropy=CHANCE)


def inner(
    changed: Mapping[int, Value], *, body: bytes = b"", key: SigningKey = AUTHOR
) -> bytes:
    """Sign any claims."""
    header: dict[int, Value] = {
        cose.CRIT: [Y],
        cose.CONTENT_TYPE: MESSAGE.kind,
        Y: {**CLAIMS, **changed},
    }
    bound = cose.binding(FEDERATION, "inner")
    return cose.sign1(header, body or pad(MESSAGE.body), key=key, bound=bound)


def parts(data: bytes, tag: int) -> list[Value]:
    """Take an object apart."""
    return cast("list[Value]", cbor.decode(data, tag=tag))


def flipped(data: bytes, at: int) -> bytes:
    """Change one bit."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def envelopes() -> dict[str, object]:
    """Make envelopes that open and envelopes that must not."""
    longer = replace(MESSAGE, mid=new_message_id(AT, CHANCE), body=b"x" * 2_000)
    empty = replace(MESSAGE, mid=new_message_id(AT, CHANCE), body=b"", items=0)
    good = {"question": MESSAGE, "empty": empty, "of 2,000 bytes": longer}
    sealed_good = {name: sealed(message) for name, message in good.items()}
    data = sealed_good["question"]
    bad = [*_unreadable(data), *_unverified(data), *_unopened(data)]
    return {
        "good": [
            {
                "name": name,
                "data": sealed_good[name].hex(),
                "digest": hashlib.sha256(sealed_good[name]).hexdigest(),
                "kind": message.kind,
                "mid": message.mid.hex(),
                "items": str(message.items),
                "body": message.body.hex(),
            }
            for name, message in good.items()
        ],
        "bad": [
            {"name": name, "at": at, "error": error, "data": wrong.hex()}
            for name, at, error, wrong in bad
        ],
    }


Bad = tuple[str, str, str, bytes]


def _unreadable(data: bytes) -> list[Bad]:
    protected, _, payload, signature = parts(data, 18)

    def whole(*items: Value) -> bytes:
        return b"\xd2" + cbor.encode(list(items))

    def header(members: Mapping[int, Value]) -> bytes:
        return whole(cbor.encode(members), {}, payload, signature)

    usual: dict[int, Value] = {1: -19, 2: [X], 4: NODE.public.kid, X: ROUTE}
    wrong = {
        "cut short": data[:-1],
        "a byte more": data + b"\0",
        "no tag": data[1:],
        "tag 18 twice": b"\xd2" + data,
        "tag 18 not in its shortest form": b"\xd8\x12" + data[1:],
        "array of indefinite length": b"\xd2\x9f" + data[2:] + b"\xff",
        "array length not in its shortest form": b"\xd2\x98\x04" + data[2:],
        "headers that are not protected": whole(protected, {4: b"k"}, payload, signature),
        "no payload": whole(protected, {}, None, signature),
        "signature of 63 bytes": whole(protected, {}, payload, bytes(63)),
        "label twice": whole(b"\xa2\x01\x32\x01\x32", {}, payload, signature),
        "labels out of order": whole(b"\xa2\x02\x80\x01\x32", {}, payload, signature),
        "tag 258 in the header": whole(b"\xa1\x02\xd9\x01\x02\x80", {}, payload, signature),
        "tag 35 in the header": whole(b"\xa1\x02\xd8\x23\x61a", {}, payload, signature),
        "float in the header": whole(b"\xa1\x02\xf9\x3c\x00", {}, payload, signature),
        "algorithm -8": header({**usual, 1: -8}),
        "crit names nothing": header({**usual, 2: []}),
        "another label": header({**usual, 6: b"x"}),
        "suite true": header({**usual, X: {**ROUTE, 0: True}}),
        "id that is no UUIDv7": header({**usual, X: {**ROUTE, 1: bytes(16)}}),
        "agency for a node": header({**usual, X: {**ROUTE, 3: "xa.border"}}),
        "route with a sixth member": header({**usual, X: {**ROUTE, 5: 0}}),
    }
    return [
        *((name, "read", MALFORMED, found) for name, found in wrong.items()),
        ("suite 2", "read", "seal.unknown-suite", header({**usual, X: {**ROUTE, 0: 2}})),
        ("nested 10,000 deep", "read", LIMIT, b"\xd2" + b"\x81" * 10_000 + b"\0"),
    ]


def _unverified(data: bytes) -> list[Bad]:
    payload = cast("bytes", parts(data, 18)[2])
    other = FEDERATION[::-1]
    wrong = {
        "signature changed": flipped(data, len(data) - 20),
        "payload changed": flipped(data, len(data) // 2),
        "signed by another key": outer(payload, key=OTHER),
        "signed for another federation": outer(payload, bound=cose.binding(other, "outer")),
        "signed as a receipt": outer(payload, bound=cose.binding(FEDERATION, "receipt")),
    }
    return [(name, "verify", FAILED, found) for name, found in wrong.items()]


def _unopened(data: bytes) -> list[Bad]:
    payload = cast("bytes", parts(data, 18)[2])
    protected, iv, text, recipients = parts(payload, 96)
    own = inner({})
    two = b"\xd8\x60" + cbor.encode(
        [protected, iv, text, [*cast("list[Value]", recipients) * 2]]
    )
    elsewhere = {**ROUTE, 3: "xc.fiu.n1"}
    later = {**ROUTE, 4: MESSAGE.exp + 1}
    another = {**ROUTE, 1: new_message_id(AT, CHANCE)}
    wrong = {
        "sealed bytes under another route": outer(payload, elsewhere),
        "sealed bytes under another id": outer(payload, another),
        "expiry put off by the node": outer(layer(own, later), later),
        "inner layer of another id": outer(layer(own, another), another),
        "ciphertext changed": outer(flipped(payload, 200)),
        "encapsulation changed": outer(flipped(payload, len(payload) - 600)),
        "wrapped key changed": outer(flipped(payload, len(payload) - 1)),
        "two recipients": outer(two),
        "body not padded": outer(layer(inner({}, body=b"bare"))),
        "padding too long": outer(layer(inner({}, body=pad(b"x") + bytes(1024)))),
        "created before its id": outer(layer(inner({5: AT - 1}))),
        "a claim too many": outer(layer(inner({10: 0}))),
    }
    lost = outer(layer(own, to=LOST.public))
    forged = outer(layer(inner({}, key=OTHER)))
    return [
        *((name, "open", FAILED, found) for name, found in wrong.items()),
        ("sealed to a prekey that is gone", "open", "seal.unknown-prekey", lost),
        ("inner layer signed by another key", "author", FAILED, forged),
    ]


def answers() -> dict[str, object]:
    """Make one answer of each sort, and answers that must not verify."""
    digest = CHANCE.take(32)
    receipt = Receipt(
        mid=MESSAGE.mid,
        digest=digest,
        stored_at=Instant(AT + 300),
        state="filed",
        leaf=41,
        origin="comity.example/log/xa.border.n1/1",
        items=2,
        node=TO,
    )
    rejection = Rejection(
        mid=None, digest=digest, code="quota", at=Instant(AT + 300), node=TO, retry_after=60
    )
    notice = PrekeyNotice(node=TO, key=PREKEY.public, since=AT, until=Instant(AT + DAY))
    good = {
        "receipt": sign_receipt(receipt, NODE, federation=FEDERATION),
        "rejection": sign_rejection(rejection, NODE, federation=FEDERATION),
        "prekeys": sign_prekey(notice, NODE, federation=FEDERATION),
    }
    bound = cose.binding(FEDERATION, "outer")
    payload = cose.read_sign1(good["receipt"]).payload
    header: Mapping[int, Value] = {cose.CONTENT_TYPE: "receipt"}
    bad = {
        "rejection offered as a receipt": (FAILED, good["rejection"]),
        "signature changed": (FAILED, flipped(good["receipt"], len(good["receipt"]) - 9)),
        "signed as an envelope": (FAILED, cose.sign1(header, payload, key=NODE, bound=bound)),
        "another sort": (MALFORMED, cose.sign1({3: "note"}, payload, key=NODE, bound=bound)),
    }
    return {
        "good": [{"sort": sort, "data": data.hex()} for sort, data in good.items()],
        "bad": [
            {"name": name, "error": error, "data": data.hex()}
            for name, (error, data) in bad.items()
        ],
    }


def main() -> None:
    """Write the file."""
    keys = {"author": AUTHOR, "node": NODE, "prekey": PREKEY}
    lengths = (0, 1_023, 1_024, 65_535, 65_536, 100_000, 1_048_576)
    document = {
        "federation": FEDERATION,
        "keys": {
            name: {
                "seed": key.raw.hex(),
                "public": key.public.raw.hex(),
                "kid": key.public.kid.hex(),
            }
            for name, key in keys.items()
        },
        "padding": [[length, len(pad(bytes(length)))] for length in lengths],
        "envelopes": envelopes(),
        "answers": answers(),
    }
    target = Path(sys.argv[1]) / "seal.json"
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
