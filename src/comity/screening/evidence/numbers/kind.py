"""What a kind of number must tell of itself."""

from collections.abc import Callable
from dataclasses import dataclass

from comity.screening.evidence.numbers.reading import plain


def _no_check(_number: str) -> bool | None:
    return None


def _no_country(_number: str) -> str:
    return ""


def _no_likeness(_one: str, _other: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of number. Its functions never raise, whatever the text holds."""

    name: str
    """The family of its weights."""
    read: Callable[[str], str] = plain
    """Text to normal form, empty when nothing can be read."""
    holds: Callable[[str], bool | None] = _no_check
    """Whether the check digits of a normal form hold; `None` where it has none."""
    country: Callable[[str], str] = _no_country
    """Code of the state that gave the number, where the number says so; else empty."""
    alike: Callable[[str, str], str] = _no_likeness
    """The code of how two unequal normal forms are one number; empty when they are not."""
