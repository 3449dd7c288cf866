"""Addresses of crypto-assets: base58check and bech32, whose checksums are read, never made."""

import re
from hashlib import sha256
from typing import Final

from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.reading import written

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CONSTANTS: Final = (1, 0x2BC830A3)
"""BIP 173, and BIP 350 for later witness versions."""
_LONGEST: Final = 100
_CHECK: Final = 6
"""Characters of a bech32 checksum."""


def _read(text: str) -> str:
    """Keep the case where it counts: in base58, not in hexadecimal and bech32."""
    address = "".join(written(text).split())
    address = address.partition(":")[2] or address
    is_caseless = _HEX.fullmatch(address) or _is_bech32(address.lower())
    return address.lower() if is_caseless else address


def _holds(address: str) -> bool | None:
    if len(address) > _LONGEST:
        return None
    if _is_bech32(address):
        return True
    if 26 <= len(address) <= 35 and all(char in _BASE58 for char in address):  # noqa: PLR2004
        return _is_base58check(address)
    return False if address.startswith(("bc1", "tb1", "ltc1")) else None


def _is_base58check(address: str) -> bool:
    number = 0
    for char in address:
        number = number * 58 + _BASE58.index(char)
    raw = number.to_bytes(32, "big").lstrip(b"\0")
    raw = b"\0" * (len(address) - len(address.lstrip("1"))) + raw
    return sha256(sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def _is_bech32(address: str) -> bool:
    head, mark, data = address.rpartition("1")
    is_shaped = bool(mark and head) and head.isascii() and _CHECK <= len(data) <= _LONGEST
    if not is_shaped or any(char not in _BECH32 for char in data):
        return False
    spread = [ord(char) >> 5 for char in head] + [0] + [ord(char) & 31 for char in head]
    return _checksum(spread + [_BECH32.index(char) for char in data]) in _CONSTANTS


def _checksum(values: list[int]) -> int:
    """BIP 173, `bech32_polymod`."""
    total = 1
    for value in values:
        top, total = total >> 25, (total & 0x1FFFFFF) << 5 ^ value
        for place, factor in enumerate(_GENERATOR):
            total ^= factor if top >> place & 1 else 0
    return total


WALLET: Final = Kind(name="wallet", read=_read, holds=_holds)
