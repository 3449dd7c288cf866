"""What an author signs of an act, and a convenor of its number: evidence to anyone."""

from typing import Final

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError
from comity.core.ids import NodeId, agency_id, node_id
from comity.practice.frame import Frame
from comity.practice.view import Number

ACT_SORT: Final = "act"
NUMBER_SORT: Final = "number"
_LAST = 253_402_300_800_000


def act_statement(frame: Frame, digest: str) -> bytes:
    """Write what the author's agency signs: case, digest, author and time."""
    said: dict[int, Value] = {
        0: bytes.fromhex(frame.case),
        1: bytes.fromhex(digest),
        2: frame.author,
        3: frame.at,
    }
    return cbor.encode(said)


def number_statement(number: Number, node: NodeId) -> bytes:
    """Write what the convenor's node signs: the place of one act in one case."""
    said: dict[int, Value] = {
        0: bytes.fromhex(number.case),
        1: number.epoch,
        2: number.number,
        3: bytes.fromhex(number.previous),
        4: bytes.fromhex(number.act),
        5: number.at,
        6: node,
        7: number.by,
    }
    return cbor.encode(said)


def read_number(payload: bytes) -> tuple[Number, NodeId]:
    """Read a number and the node that claims to give it; raises `InvalidInputError`."""
    match cbor.decode(payload):
        case {
            0: bytes(case),
            1: int(epoch),
            2: int(number),
            3: bytes(previous),
            4: bytes(act),
            5: int(at),
            6: str(node),
            7: str(by),
            **rest,
        } if not rest and (len(case), len(previous), len(act)) == (16, 32, 32):
            if not (epoch > 0 and number > 0 and 0 <= at < _LAST):
                raise InvalidInputError("expected a number, an epoch and a time within limits")
            told = Number(
                case=case.hex(),
                epoch=int(epoch),
                number=int(number),
                previous=previous.hex(),
                act=act.hex(),
                at=Instant(at),
                by=agency_id(by),
            )
            return told, node_id(node)
        case _:
            raise InvalidInputError("expected the number of an act")
