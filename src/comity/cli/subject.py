"""Who is meant, as options: a name and what is known of it, or a file with the entity."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec

from comity.cli.command import Given, option, repeated
from comity.cli.say import Document, Json
from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError

PROPERTIES: Mapping[str, str] = {
    "passport": "passportNumber",
    "national": "idNumber",
    "tax": "taxNumber",
    "registration": "registrationNumber",
    "imo": "imoNumber",
    "iban": "iban",
    "phone": "phone",
    "email": "email",
}
"""Short words for identifiers; every FollowTheMoney property may be named in full."""

KNOWN = (
    option("schema", "--schema", "What it is (FollowTheMoney).", default="Person"),
    repeated(
        "born", "--born", "Date of birth, as much as is known: 1988, 1988-04, 1988-04-17."
    ),
    repeated("nationality", "--nationality", "Country by two letters."),
    repeated("identifier", "--id", "TYPE:VALUE, like passport:X123 or passportNumber:X123."),
)
SUBJECT = (
    repeated("name", "--name", "A name; repeat it for other spellings."),
    *KNOWN,
    repeated("subject", "--subject", "FILE.json with one FollowTheMoney entity, or a list."),
)


def properties_of(given: Given, names: list[str]) -> dict[str, Json]:
    """Return FollowTheMoney properties from options; raises `InvalidInputError`."""
    found: dict[str, list[str]] = {
        "name": names,
        "birthDate": given.texts("born"),
        "nationality": given.texts("nationality"),
    }
    for typed in given.texts("identifier"):
        word, colon, value = typed.partition(":")
        if not (word and colon and value):
            raise InvalidInputError("`--id` is TYPE:VALUE, like passport:X123")
        found.setdefault(PROPERTIES.get(word, word), []).append(value)
    return {prop: list(values) for prop, values in found.items() if values}


def subjects_of(given: Given) -> list[Document]:
    """Return the entities named by options and files; raises `InvalidInputError`."""
    found = [entity for path in given.texts("subject") for entity in read_entities(Path(path))]
    properties = properties_of(given, given.texts("name"))
    if properties:
        found.append(
            {"id": "subject", "schema": given.text("schema"), "properties": properties}
        )
    return found


def read_entities(path: Path) -> list[Document]:
    """Read one entity or a list of them from a JSON file; raises `InvalidInputError`."""
    try:
        found = cast("object", msgspec.json.decode(read_file(path, limit=limits.BODY)))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InvalidInputError(f"`{path}` is no JSON document") from None
    listed = cast("list[object]", found) if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise InvalidInputError(f"`{path}` holds no entity and no list of entities")
    return cast("list[Document]", listed)


def is_large(path: Path) -> bool:
    """Whether a file is too large to travel inside a message; what cannot be read is not."""
    try:
        return path.stat().st_size > limits.ATTACHMENT
    except OSError:
        return False


def read_file(path: Path, *, limit: int) -> bytes:
    """Read a whole file of bounded size; raises `InvalidInputError`."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InvalidInputError(f"cannot read `{path}`: {error.strerror}") from None
    if len(data) > limit:
        raise LimitError(f"`{path}` holds more than {limit} bytes")
    return data
