"""What kind of thing: a person is never a company, nor a ship an aircraft."""

from functools import cache
from typing import Final

from comity.core.errors import InvalidInputError
from comity.message import vocabulary
from comity.screening.evidence.weights import judge
from comity.screening.model import Evidence

_APART: Final = (
    "Person",
    "Organization",
    "Vessel",
    "Airplane",
    "CryptoWallet",
    "BankAccount",
    "Security",
    "Address",
    "RealEstate",
)
"""Kinds of which nothing is two; what is none of them (`LegalEntity`) fits with any."""


def kind(asked: str, held: str) -> tuple[Evidence, ...]:
    """Return evidence against where the two cannot be one thing, and nothing otherwise."""
    if are_compatible(asked, held):
        return ()
    said = judge("schema", "other-schema")
    return (
        Evidence(
            prop="schema",
            asked=asked,
            held=held,
            outcome=said.outcome,
            how=said.how,
            weight=said.weight,
        ),
    )


@cache
def are_compatible(asked: str, held: str) -> bool:
    """Whether something can be of both schemata; an unknown schema is compatible with any."""
    one, other = _root(asked), _root(held)
    return not one or not other or one == other


def _root(name: str) -> str:
    try:
        ancestors = vocabulary.schema(name).ancestors
    except InvalidInputError:
        return ""
    return next((root for root in _APART if root in ancestors), "")
