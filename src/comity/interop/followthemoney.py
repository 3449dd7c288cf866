"""FollowTheMoney entities, one JSON object a line: `{"id", "schema", "properties"}`."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import cast

from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.interop.intake import Entry, Found, Import, Reading, Terms, bounded, gather

_ALSO = frozenset(
    ("caption", "datasets", "referents", "target", "first_seen", "last_seen", "last_change")
)
"""Members that exports carry and that say nothing of the entity itself."""


def read_ftm(data: bytes, reading: Reading) -> Iterator[Found]:
    """Yield the entities of a JSON-lines file, one line in memory at a time.

    A line over `limits.BODY`, that is no such object, or has unknown members is rejected.
    Raises `LimitError` on a file too large, `InvalidInputError` on UTF-16.
    """
    stream = io.BytesIO(bounded(data))
    reading.line = 0
    while line := stream.readline(limits.BODY + 1):
        reading.line += 1
        if len(line) > limits.BODY:
            reading.reject("line", f"expected at most {limits.BODY} bytes")
            _skip(stream, line)
        elif line.strip() and (found := _entity(line, reading)) is not None:
            yield found


def import_ftm(data: bytes, *, terms: Terms, file: str = "entities.json") -> Import:
    """Read a whole file; raises as `read_ftm` does."""
    reading = Reading(file)
    return gather(read_ftm(data, reading), reading=reading, terms=terms)


def _skip(stream: io.BytesIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(limits.BODY)


def _entity(line: bytes, reading: Reading) -> Found | None:
    try:
        members = _object(line)
        entry = Entry(reading, _text(members, "id"), _text(members, "schema"))
        properties = _properties(members)
    except InvalidInputError as error:
        reading.reject("line", str(error))
        return None
    for name, values in properties.items():
        _add(entry, name, values, reading)
    return entry.found()


def _object(line: bytes) -> Mapping[str, object]:
    try:
        made = cast("object", json.loads(line.decode()))
    except (ValueError, RecursionError):
        raise InvalidInputError("expected one JSON object in UTF-8") from None
    if not isinstance(made, dict):
        raise InvalidInputError("expected one JSON object in UTF-8")
    members = cast("Mapping[str, object]", made)
    for name in members:
        if name not in _ALSO and name not in ("id", "schema", "properties"):
            raise InvalidInputError(f"unknown member `{name[:40]}`")
    return members


def _properties(members: Mapping[str, object]) -> Mapping[str, object]:
    properties = members.get("properties", {})
    if not isinstance(properties, dict):
        raise InvalidInputError("`properties` is no object")
    return cast("Mapping[str, object]", properties)


def _text(members: Mapping[str, object], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise InvalidInputError(f"`{name}` is no text")
    return value


def _add(entry: Entry, name: str, values: object, reading: Reading) -> None:
    listed = cast("list[object]", values) if isinstance(values, list) else [values]
    if len(listed) > limits.ENTRIES:
        reading.reject(name, f"expected at most {limits.ENTRIES} values")
        return
    for value in listed:
        if isinstance(value, str):
            entry.add(name, value)
        else:
            reading.reject(name, "expected text values")
