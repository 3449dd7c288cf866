"""What a node says about an envelope: stored, rejected; and which prekey to use.

    answer = 18([ {1:-19, 3:sort, 4:node_kid}, {}, {0: …}, signature ])

Signed by the node's key, each sort under its own binding; none carries content. A stored
receipt is a statement of durable fact: who signs one has committed row and ledger entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, LimitError, VerificationError
from comity.core.ids import MessageId, NodeId
from comity.core.keys import KeyId, PublicKey
from comity.seal import cose
from comity.seal.fields import Fields
from comity.seal.keys import X_WING, SigningPort

REJECTION_CODES: Final = frozenset(
    "unparsable suite unknown-sender bad-signature conflict stale early expired "  # noqa: SIM905 - a table of words
    "unknown-prekey not-admitted unknown-kind too-large quota closed "
    "suspended exercise-only blob-missing".split()
)
State: TypeAlias = Literal["filed", "held"]
_STATES: Final[Mapping[str, State]] = {"filed": "filed", "held": "held"}
_DIGEST = 32
_ACT = 8
# The label of an act's digest; a receipt for anything else ends before it.
_X_WING_PUBLIC = 1_216


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Says that a message is stored: row and ledger entry `leaf` of `origin` are durable.

    `digest` is the envelope's, `stored_at` starts the legal clock, `items` the values counted.
    """

    mid: MessageId
    digest: bytes
    stored_at: Instant
    state: State
    leaf: int
    origin: str
    items: int
    node: NodeId
    act: bytes = b""
    """The digest of an act of several parties, if it is one: whom it left out can show this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Says that bytes are not taken, and why in one coarse code.

    `retry_after` is in seconds; `None` is final. `mid` is `None` where none could be read.
    """

    mid: MessageId | None
    digest: bytes
    code: str
    at: Instant
    node: NodeId
    retry_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrekeyNotice:
    """Says which X-Wing key to seal to, from `since` until `until`."""

    node: NodeId
    key: PublicKey
    since: Instant
    until: Instant


Said: TypeAlias = Receipt | Rejection | PrekeyNotice
S = TypeVar("S", Receipt, Rejection, PrekeyNotice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a node is claimed to have said; believe it only from a `verify_…` below."""

    kid: KeyId
    said: Said
    signed: cose.Sign1


def sign_receipt(receipt: Receipt, key: SigningPort, *, federation: str) -> bytes:
    """Sign a stored receipt; the same receipt gives the same bytes."""
    return _signed(receipt, key, federation)


def sign_rejection(rejection: Rejection, key: SigningPort, *, federation: str) -> bytes:
    """Sign a rejection."""
    return _signed(rejection, key, federation)


def sign_prekey(notice: PrekeyNotice, key: SigningPort, *, federation: str) -> bytes:
    """Sign a prekey notice."""
    return _signed(notice, key, federation)


def read_answer(data: bytes) -> Answer:
    """Parse any answer, unbelieved; raises `InvalidInputError` or `LimitError`."""
    if len(data) > limits.ANSWER:
        raise LimitError(f"answer of {len(data)} bytes, at most {limits.ANSWER} are read")
    signed = cose.read_sign1(data)
    kid = cose.key_id(signed, (cose.CONTENT_TYPE,))
    payload = cbor.decode(signed.payload)
    match signed.header[cose.CONTENT_TYPE]:
        case "receipt":
            return Answer(kid=kid, said=_receipt(payload), signed=signed)
        case "rejection":
            return Answer(kid=kid, said=_rejection(payload), signed=signed)
        case "prekeys":
            return Answer(kid=kid, said=_notice(payload), signed=signed)
        case _:
            raise InvalidInputError("expected a receipt, a rejection or a prekey notice")


def verify_receipt(data: bytes, key: PublicKey, *, federation: str) -> Receipt:
    """Read a receipt this key signed; raises `VerificationError` or as `read_answer`."""
    return _verified(data, key, federation=federation, sort=Receipt)


def verify_rejection(data: bytes, key: PublicKey, *, federation: str) -> Rejection:
    """Read a rejection this key signed; raises `VerificationError` or as `read_answer`."""
    return _verified(data, key, federation=federation, sort=Rejection)


def verify_prekey(data: bytes, key: PublicKey, *, federation: str) -> PrekeyNotice:
    """Read a prekey notice this key signed; raises `VerificationError` or as `read_answer`."""
    return _verified(data, key, federation=federation, sort=PrekeyNotice)


_SORTS: Final = {Receipt: "receipt", Rejection: "rejection", PrekeyNotice: "prekeys"}


def _signed(said: Said, key: SigningPort, federation: str) -> bytes:
    sort = _SORTS[type(said)]
    bound = cose.binding(federation, sort)
    return cose.sign1({cose.CONTENT_TYPE: sort}, _payload(said), key=key, bound=bound)


def _verified(data: bytes, key: PublicKey, *, federation: str, sort: type[S]) -> S:
    answer = read_answer(data)
    if not isinstance(answer.said, sort):
        raise VerificationError(f"expected a {_SORTS[sort]}, got another answer")
    cose.check(answer.signed, key, bound=cose.binding(federation, _SORTS[sort]))
    return answer.said


def _payload(said: Said) -> bytes:
    values: tuple[Value, ...]
    if isinstance(said, Receipt):
        stored = (said.stored_at, said.state, said.leaf, said.origin, said.items)
        values = (said.mid, said.digest, *stored, said.node)
        values += (said.act,) if said.act else ()
    elif isinstance(said, Rejection):
        values = (said.mid, said.digest, said.code, said.at, said.node, said.retry_after)
    else:
        values = (said.node, said.key.raw, said.since, said.until)
    return cbor.encode(dict(enumerate(values)))


def _receipt(payload: Value) -> Receipt:
    has_act = isinstance(payload, Mapping) and _ACT in payload
    labels = range(_ACT + 1) if has_act else range(_ACT)
    part = Fields(payload, labels, place="a receipt")
    state = _STATES.get(part.text(3))
    if state is None:
        raise InvalidInputError("expected `filed` or `held` in a receipt")
    return Receipt(
        mid=part.message_id(0),
        digest=part.octets(1, _DIGEST),
        stored_at=part.instant(2),
        state=state,
        leaf=part.number(4),
        origin=part.text(5),
        items=part.number(6),
        node=part.node(7),
        act=part.octets(_ACT, _DIGEST) if has_act else b"",
    )


def _rejection(payload: Value) -> Rejection:
    part = Fields(payload, range(6), place="a rejection")
    code = part.text(2)
    if code not in REJECTION_CODES:
        raise InvalidInputError("expected a known code in a rejection")
    return Rejection(
        mid=None if part.value(0) is None else part.message_id(0),
        digest=part.octets(1, _DIGEST),
        code=code,
        at=part.instant(3),
        node=part.node(4),
        retry_after=None if part.value(5) is None else part.number(5),
    )


def _notice(payload: Value) -> PrekeyNotice:
    part = Fields(payload, range(4), place="a prekey notice")
    since, until = part.instant(2), part.instant(3)
    if since >= until:
        raise InvalidInputError("expected a prekey notice to begin before it ends")
    key = PublicKey(algorithm=X_WING, raw=part.octets(1, _X_WING_PUBLIC))
    return PrekeyNotice(node=part.node(0), key=key, since=since, until=until)
