"""E-mail addresses: case, and tags behind a `+`, do not make another mailbox."""

from typing import Final

from comity.screening.evidence.numbers.kind import Kind
from comity.screening.evidence.numbers.reading import written

_DOTLESS: Final = frozenset(["gmail.com", "googlemail.com"])
"""Providers that publish that dots in the part before `@` mean nothing."""


def _read(text: str) -> str:
    address = written(text).casefold().removeprefix("mailto:").strip(" <>.;,")
    local, at, host = address.rpartition("@")
    return address if at and local and "." in host and " " not in address else ""


def _alike(one: str, other: str) -> str:
    return "same-mailbox" if _mailbox(one) == _mailbox(other) else ""


def _mailbox(address: str) -> str:
    local, _, host = address.rpartition("@")
    local = local.partition("+")[0] or local
    if host in _DOTLESS:
        local, host = local.replace(".", ""), "gmail.com"
    return f"{local}@{host}"


EMAIL: Final = Kind(name="email", read=_read, alike=_alike)
