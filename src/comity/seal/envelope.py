"""One message to one node: author's signature, inside encryption, inside the node's signature.

    outer  = 18([ {1:-19, 2:[X], 4:node_kid, X:route}, {}, sealed, signature ])
    sealed = 96([ {1:3, 2:[X], X:route but exp}, {5:iv}, ciphertext, [recipient] ])
    recipient = [ {1:-65539, 4:prekey_kid}, {-4:encapsulated}, wrapped_key ]
    inner  = 18([ {1:-19, 2:[Y], 3:kind, 4:agency_kid, Y:claims}, {}, pad(body), signature ])

The order of reading is the order of types: `Envelope` (parsed), `Verified` (the sending node
signed it), `Opened` (decrypted, the layers agree), `Message` (the author's agency signed it).

INVARIANT: all layers name one message, sender and recipient, so that no node can pass on
another's sealed bytes as its own, nor a recipient re-encrypt a signed text to a third.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from comity.core import limits
from comity.core.cbor import Value
from comity.core.clock import Entropy, Instant, signing_time
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import AgencyId, MessageId, NodeId
from comity.core.keys import KeyId, PublicKey
from comity.seal import cose, suite
from comity.seal.fields import Fields
from comity.seal.keys import Prekey, SigningPort
from comity.seal.padding import pad, unpad

_KIND = re.compile(r"[a-z0-9.-]{1,80}/[1-9][0-9]{0,3}")
_EXP = 4
_CONVERSATION, _DIGEST = 16, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the road may see: suite, message, both nodes and the last instant of delivery."""

    suite: int
    mid: MessageId
    from_node: NodeId
    to_node: NodeId
    exp: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the author's agency signs; raises `InvalidInputError` where it contradicts itself.

    `conv` is the pairwise conversation (16 bytes), `decision` the commitment to the law's
    decision and `marking` the digest of the marking (32 bytes each), `items` how many values
    lie in `body`. `created` is the time inside `mid`.
    """

    mid: MessageId
    author: AgencyId
    from_node: NodeId
    recipient: AgencyId
    conv: bytes
    created: Instant
    exp: Instant
    kind: str
    decision: bytes
    marking: bytes
    items: int
    body: bytes

    def __post_init__(self) -> None:
        """Hold every message, ours or a partner's, to the same rules."""
        lengths = (len(self.conv), len(self.decision), len(self.marking))
        if lengths != (_CONVERSATION, _DIGEST, _DIGEST):
            raise InvalidInputError("expected `conv` of 16, `decision`, `marking` of 32 bytes")
        # exchange.md 5.2: the signing time is the time inside the message id.
        if self.created != signing_time(self.mid) or self.exp <= self.created:
            raise InvalidInputError("expected `created` = time of the message id, before `exp`")
        if not _KIND.fullmatch(self.kind):
            raise InvalidInputError(
                f"expected a kind like `requests.ask/1`, got `{self.kind[:80]}`"
            )
        if len(self.body) > limits.BODY:
            raise LimitError(f"body of {len(self.body)} bytes, at most {limits.BODY} fit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The outer layer, parsed and not yet believed; `digest` is SHA-256 of `data`."""

    header: Header
    node_kid: KeyId
    digest: bytes
    data: bytes
    signed: cose.Sign1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """An envelope that the key `node_kid` signed as it is."""

    envelope: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A decrypted message whose layers agree; its author is claimed, not proven."""

    envelope: Envelope
    agency_kid: KeyId
    author: AgencyId
    signed: cose.Sign1
    unproven: Message


def seal(  # noqa: PLR0913 - each key and name has one place; a bag would hide which goes where
    message: Message,
    *,
    to_node: NodeId,
    prekey: PublicKey,
    author_key: SigningPort,
    node_key: SigningPort,
    federation: str,
    entropy: Entropy,
) -> bytes:
    """Sign, pad, encrypt to one node and sign again; return the envelope's exact bytes.

    Raises `InvalidInputError` where `prekey` is no usable X-Wing key.
    """
    header: dict[int, Value] = {
        cose.CRIT: [cose.CLAIMS],
        cose.CONTENT_TYPE: message.kind,
        cose.CLAIMS: _claims(message),
    }
    bound = cose.binding(federation, "inner")
    inner = cose.sign1(header, pad(message.body), key=author_key, bound=bound)
    route: Mapping[int, Value] = dict(
        enumerate((suite.SUITE, message.mid, message.from_node, to_node, message.exp))
    )
    sealed = cose.encrypt(
        inner,
        protected=_sealed_header(route),
        prekey=prekey,
        bound=cose.binding(federation, "sealed"),
        entropy=entropy,
    )
    header = {cose.CRIT: [cose.ROUTE], cose.ROUTE: route}
    return cose.sign1(header, sealed, key=node_key, bound=cose.binding(federation, "outer"))


def read_envelope(data: bytes) -> Envelope:
    """Parse the outer layer alone, in time that its few headers bound.

    Raises `LimitError`, `UnknownSuiteError` or `InvalidInputError`.
    """
    if len(data) > limits.ENVELOPE:
        raise LimitError(f"envelope of {len(data)} bytes, at most {limits.ENVELOPE} are read")
    signed = cose.read_sign1(data)
    route = signed.header.get(cose.ROUTE)
    _refuse_unknown_suite(route)
    kid = cose.key_id(signed, (), crit=cose.ROUTE)
    part = Fields(route, range(5), place="the route")
    header = Header(
        suite=part.number(0),
        mid=part.message_id(1),
        from_node=part.node(2),
        to_node=part.node(3),
        exp=part.instant(_EXP),
    )
    digest = hashlib.sha256(data).digest()
    return Envelope(header=header, node_kid=kid, digest=digest, data=data, signed=signed)


def verify_envelope(envelope: Envelope, key: PublicKey, *, federation: str) -> Verified:
    """Check the sending node's signature over the exact bytes; raises `VerificationError`.

    The caller looks `node_kid` up under `from_node`, at the signing time.
    """
    cose.check(envelope.signed, key, bound=cose.binding(federation, "outer"))
    return Verified(envelope=envelope)


def open_envelope(
    verified: Verified, *, prekey: Callable[[KeyId], Prekey | None], federation: str
) -> Opened:
    """Decrypt, unpad, parse and hold the layers against one another (exchange.md 5.2).

    The caller still asks the directory: `to_node` is this node and serves the recipient,
    `from_node` serves the author, `agency_kid` belongs to the author. Raises
    `UnknownPrekeyError`, and `VerificationError` for everything else: no oracle.
    """
    envelope = verified.envelope
    route = cast("Mapping[int, Value]", envelope.signed.header[cose.ROUTE])
    try:
        inner = cose.decrypt(
            envelope.signed.payload,
            protected=_sealed_header(route),
            prekey=prekey,
            bound=cose.binding(federation, "sealed"),
        )
        signed = cose.read_sign1(inner)
        kid = cose.key_id(signed, (cose.CONTENT_TYPE,), crit=cose.CLAIMS)
        message = _message(signed)
    except InvalidInputError as error:
        raise VerificationError("the sealed message is malformed") from error
    outer = (envelope.header.mid, envelope.header.from_node, envelope.header.exp)
    if (message.mid, message.from_node, message.exp) != outer:
        raise VerificationError("the layers name different messages")
    return Opened(
        envelope=envelope,
        agency_kid=kid,
        author=message.author,
        signed=signed,
        unproven=message,
    )


def verify_author(opened: Opened, key: PublicKey, *, federation: str) -> Message:
    """Check the author agency's signature; raises `VerificationError`."""
    cose.check(opened.signed, key, bound=cose.binding(federation, "inner"))
    return opened.unproven


def _sealed_header(route: Mapping[int, Value]) -> bytes:
    return cose.sealed_header({label: part for label, part in route.items() if label != _EXP})


def _refuse_unknown_suite(route: Value) -> None:
    """Tell a suite we lack from bytes that are wrong, before suite 1's rules are applied."""
    found = cast("Mapping[int, Value]", route).get(0) if isinstance(route, Mapping) else None
    if isinstance(found, int) and found >= 0 and found not in suite.SUITES:
        raise suite.UnknownSuiteError(f"suite {found} is not one of this node's")


def _claims(message: Message) -> Mapping[int, Value]:
    return {
        0: message.mid,
        1: message.author,
        2: message.from_node,
        3: message.recipient,
        4: message.conv,
        5: message.created,
        6: message.exp,
        7: message.decision,
        8: message.marking,
        9: message.items,
    }


def _message(signed: cose.Sign1) -> Message:
    part = Fields(signed.header[cose.CLAIMS], range(10), place="the claims")
    header = Fields(signed.header, signed.header.keys(), place="the inner header")
    return Message(
        mid=part.message_id(0),
        author=part.agency(1),
        from_node=part.node(2),
        recipient=part.agency(3),
        conv=part.octets(4, _CONVERSATION),
        created=part.instant(5),
        exp=part.instant(6),
        kind=header.text(cose.CONTENT_TYPE),
        decision=part.octets(7, _DIGEST),
        marking=part.octets(8, _DIGEST),
        items=part.number(9),
        body=unpad(signed.payload),
    )
