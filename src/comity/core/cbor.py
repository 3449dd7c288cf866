"""Deterministic CBOR (RFC 8949, 4.2.1), and the byte scan that guards its decoder.

INVARIANT: one meaning has one encoding. Every map here has only text keys, or only unsigned
keys below 24 and our private labels (below -65536), or one key: there the length-first order
of `cbor2` and the bytewise order of the RFC agree. Before `cbor2` sees a partner's bytes they
are scanned: shortest heads, definite lengths, sorted unique keys, bounded depth and size, no
floats, a tag only at the root and only the one the caller names.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias, cast

import cbor2

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError

Atom: TypeAlias = bool | int | str | bytes | None
Value: TypeAlias = "Atom | Sequence[Value] | Mapping[str, Value] | Mapping[int, Value]"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE, _NULL = 20, 21, 22
_SMALL = 24
_LEAST_ARGUMENT = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_LEAST_PRIVATE = 1 << 16
_ITEMS = 4 * limits.ENTRIES
_WORD = 1 << 64
_ATOMS = frozenset({str, bytes, bool, type(None)})


def encode(value: Value) -> bytes:
    """Write deterministic CBOR; raises `InvalidInputError` on what `decode` would refuse."""
    try:
        data = cbor2.dumps(value, canonical=True, default=_plain)
    except (cbor2.CBOREncodeError, UnicodeError, RecursionError):
        raise InvalidInputError("expected plain values to encode, got another kind") from None
    if not _is_strict(value, limits.DEPTH, [_ITEMS - 1]):
        scan(data)
    return data


def decode(data: bytes, *, tag: int | None = None, items: int = _ITEMS) -> Value:
    """Read one strict item, inside `tag` where one is named; raises as `scan` does."""
    scan(data, tag=tag, items=items)
    untagged = data if tag is None else data[_head(data, 0)[2] :]
    return cast("Value", cbor2.loads(untagged))


def scan(data: bytes, *, tag: int | None = None, items: int = _ITEMS) -> None:
    """Check that `data` is one strict item and nothing else, in time linear in `items`.

    Raises `InvalidInputError`, and `LimitError` beyond the depth, the entries of one container
    or `items` in total; both name the byte offset.
    """
    end = _root(data, 0, tag=tag, left=[items])
    if end != len(data):
        raise InvalidInputError(f"expected the end of the item at byte {end}, got more bytes")


def sequence(data: bytes, *, tag: int | None = None, items: int = _ITEMS) -> list[bytes]:
    """Split a CBOR sequence (RFC 8742) into its strict items; raises as `scan` does."""
    left, at, found = [items], 0, list[bytes]()
    while at < len(data):
        end = _root(data, at, tag=tag, left=left)
        found.append(data[at:end])
        at = end
    return found


def parts(data: bytes, *, tag: int, most: int, items: int = _ITEMS) -> list[bytes]:
    """Split a sequence whose items lie inside `tag` or are byte strings; raises as `scan` does.

    Also raises `LimitError` beyond `most` of them, before the others are looked at.
    """
    left, at, found = [items], 0, list[bytes]()
    while at < len(data):
        if len(found) == most:
            raise LimitError(f"more than {most} items in a sequence, at byte {at}")
        is_string = data[at] >> 5 == _BYTES
        end = _root(data, at, tag=None if is_string else tag, left=left)
        found.append(data[at:end])
        at = end
    return found


def _plain(_encoder: cbor2.CBOREncoder, value: object) -> None:
    """Write mappings that are not `dict`; everything else unknown to CBOR is refused."""
    if not isinstance(value, Mapping):
        raise cbor2.CBOREncodeTypeError
    _encoder.encode(dict(cast("Mapping[object, object]", value)))


def _is_strict(value: object, depth: int, left: list[int]) -> bool:
    """Whether a value is known to be written as `scan` demands; what is not known is scanned.

    Far quicker than reading the written bytes again, and never more generous.
    """
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is int:
        return -_WORD <= cast("int", value) < _WORD
    if kind is not dict and kind is not list and kind is not tuple:
        return False
    held = cast("Collection[object]", value)
    left[0] -= len(held)
    if not depth or left[0] < 0 or len(held) > limits.ENTRIES:
        return False
    if kind is dict:
        if not _are_keys(held):
            return False
        held = cast("dict[object, object]", value).values()
    return all([type(each) in _ATOMS or _is_strict(each, depth - 1, left) for each in held])  # noqa: C419 - a list is quicker here, and bounded


def _are_keys(keys: Collection[object]) -> bool:
    kinds = set(map(type, keys))
    if kinds <= {str}:
        return True
    if kinds != {int}:
        return False
    numbers = cast("Collection[int]", keys)
    top = _WORD if len(numbers) == 1 else _SMALL
    near = 0 if len(numbers) == 1 else _LEAST_PRIVATE
    return all(0 <= n < top or -_WORD <= n < -near for n in numbers)


def _root(data: bytes, at: int, *, tag: int | None, left: list[int]) -> int:
    _spend(left, 1, at)
    if tag is not None:
        major, number, body = _head(data, at)
        if (major, number) != (_TAG, tag):
            raise InvalidInputError(f"expected tag {tag} at byte {at}")
        at = body
    return _item(data, at, limits.DEPTH, left)


def _item(data: bytes, at: int, depth: int, left: list[int]) -> int:
    """Return the offset behind the item at `at`; `left` counts down the items still allowed."""
    try:
        first = data[at]
    except IndexError:
        raise _ended(at) from None
    major, number, body = first >> 5, first & 31, at + 1
    if number >= _SMALL:
        number, body = _argument(data, at, number)
    if major <= _TEXT:
        return body if major <= _NEGATIVE else _string(data, body, number, major)
    if major == _SIMPLE and _FALSE <= number <= _NULL:
        return body
    _check_container(major, number, at=at, depth=depth, left=left)
    if major == _MAP:
        return _entries(data, body, number, depth - 1, left)
    for _ in range(number):
        body = _item(data, body, depth - 1, left)
    return body


def _check_container(major: int, number: int, *, at: int, depth: int, left: list[int]) -> None:
    if major not in (_ARRAY, _MAP):
        raise InvalidInputError(f"float, tag or other value that has no place at byte {at}")
    _spend(left, number, at)
    if not depth or number > limits.ENTRIES:
        raise LimitError(f"nesting or number of entries beyond the limit at byte {at}")


def _entries(data: bytes, at: int, count: int, depth: int, left: list[int]) -> int:
    """Walk the pairs of a map; keys ascend bytewise (RFC 8949, 4.2.1) and are of one sort."""
    last, first_major = b"", -1
    for index in range(count):
        major, number, body = _head(data, at)
        if major == _TEXT:
            body = _string(data, body, number, major)
        elif major not in (_UNSIGNED, _NEGATIVE):
            raise InvalidInputError(f"expected a text or number as key at byte {at}")
        elif count > 1 and not (number < _SMALL, number >= _LEAST_PRIVATE)[major]:
            raise InvalidInputError(f"expected a key below 24 or a private label at byte {at}")
        key = data[at:body]
        if index and (key <= last or (major == _TEXT) != (first_major == _TEXT)):
            raise InvalidInputError(f"keys not unique, sorted and of one sort at byte {at}")
        last, first_major = key, major
        at = _item(data, body, depth, left)
    return at


def _string(data: bytes, at: int, length: int, major: int) -> int:
    end = at + length
    if end > len(data):
        raise InvalidInputError(f"expected {length} bytes of string at byte {at}, got fewer")
    if major == _TEXT:
        try:
            data[at:end].decode()
        except UnicodeDecodeError:
            raise InvalidInputError(f"expected UTF-8 in the text at byte {at}") from None
    return end


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Read major type, argument and the offset behind them (RFC 8949, 3)."""
    try:
        first = data[at]
    except IndexError:
        raise _ended(at) from None
    if first & 31 < _SMALL:
        return first >> 5, first & 31, at + 1
    return first >> 5, *_argument(data, at, first & 31)


def _ended(at: int) -> InvalidInputError:
    return InvalidInputError(f"expected an item at byte {at}, got the end")


def _argument(data: bytes, at: int, short: int) -> tuple[int, int]:
    """Read a head's argument that lies behind its first byte."""
    least = _LEAST_ARGUMENT.get(short)
    if least is None:
        raise InvalidInputError(f"indefinite length or reserved head at byte {at}")
    body = at + 1 + (1 << short - _SMALL)
    number = int.from_bytes(data[at + 1 : body], "big")
    if number < least or body > len(data):
        raise InvalidInputError(f"head cut short or not the shortest at byte {at}")
    return number, body


def _spend(left: list[int], count: int, at: int) -> None:
    left[0] -= count
    if left[0] < 0:
        raise LimitError(f"more items than allowed at byte {at}")
