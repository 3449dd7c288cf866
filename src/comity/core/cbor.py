"""Deterministic CBOR (RFC 8949, 4.2.1), and the byte scan that guards its decoder.

INVARIANT: one meaning has one encoding. Every map here has only text keys, or only unsigned keys
below 24 and our private labels, or one key: there the length-first order of `cbor2` and the
bytewise order of the RFC agree. Before `cbor2` sees a partner's bytes they are scanned: shortest
heads, definite lengths, sorted unique keys, bounded depth and size, tags only where they belong.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias, cast

import cbor2

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError

Value: TypeAlias = "None | bool | int | str | bytes | Sequence[Value] | Mapping[str, Value] | Mapping[int, Value]"
