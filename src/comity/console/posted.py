"""Read what a generated form posted into the flat fields that the practice kit parses."""

from collections.abc import Iterable
from typing import Final

PREFIX: Final = "body."
UTC: Final = "@utc"


def posted(pairs: Iterable[tuple[str, str]], *, prefix: str = PREFIX) -> dict[str, str]:
    """Return the fields under `prefix` by their declared names.

    Repeated codes are joined by commas, a local time of an input that says UTC gets its offset,
    and the lines `property: value` of an entity become its properties. A line without a colon
    stays under `more`, which is no property: the kit names it as a fault.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if not name.startswith(prefix):
            continue
        field = name.removeprefix(prefix)
        if field.endswith("/more"):
            for part, line in _lines(field.removesuffix("more"), value):
                found[part] = f"{found[part]}\n{line}" if found.get(part) else line
        elif field.endswith(UTC):
            found[field.removesuffix(UTC)] = f"{value}Z" if value else ""
        else:
            found[field] = f"{found[field]},{value}" if found.get(field) else value
    return found


def _lines(at: str, text: str) -> Iterable[tuple[str, str]]:
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, colon, value = line.partition(":")
        known = name.strip() if colon and value.strip() else "more"
        yield f"{at}properties/{known}", value.strip() if known != "more" else line
