"""The consolidated list of the UN Security Council, as its XML.

People and entities become Person and Organization; each listing becomes a Sanction that names
it, with reference, regime and dates. A good alias is an alias, a low one a weak alias.
"""

from collections.abc import Iterable, Iterator

from comity.interop.countries import country_code
from comity.interop.intake import Entry, Found, Import, Reading, Terms, gather
from comity.interop.markup import Node, records
from comity.interop.prose import dates

_SCHEMATA = {"INDIVIDUAL": "Person", "ENTITY": "Organization"}
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_QUALITY = {
    "Good": "alias",
    "Low": "weakAlias",
    "a.k.a.": "alias",
    "f.k.a.": "previousName",
    "": "alias",
}
_PLACE = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")
# The type of a document is free text in several languages; these are the passports.
_PASSPORTS = ("passport", "passeport", "pasaporte")
_AUTHORITY = "United Nations Security Council"


def import_un(data: bytes, *, terms: Terms, file: str = "un_sc.xml") -> Import:
    """Read the whole list.

    Raises `InvalidInputError` on XML that is not well formed or declares a document type,
    `LimitError` beyond the limits.
    """
    reading = Reading(file)
    return gather(read_un(data, reading), reading=reading, terms=terms)


def read_un(data: bytes, reading: Reading) -> Iterator[Found]:
    """Yield the entities of the list, each followed by its listing; raises as `import_un`."""
    for node in records(data, frozenset(_SCHEMATA)):
        reading.line = node.line
        number = node.first("DATAID")
        if not (number.isascii() and number.isdigit() and len(number) < len(_AUTHORITY)):
            reading.reject("DATAID", "expected a number", number)
            continue
        for entry in (_subject(node, number, reading), _listing(node, number, reading)):
            if (found := entry.found()) is not None:
                yield found


def _subject(node: Node, number: str, reading: Reading) -> Entry:
    entry = Entry(reading, f"un-{number}", _SCHEMATA[node.tag])
    names = [name for tag in _NAMES if (name := node.first(tag))]
    entry.add("name", " ".join(names))
    _each(entry, "alias", node.texts("NAME_ORIGINAL_SCRIPT"))
    _each(entry, "notes", node.texts("COMMENTS1"))
    _add_aliases(entry, node, reading)
    for place in (*node.every("INDIVIDUAL_ADDRESS"), *node.every("ENTITY_ADDRESS")):
        _add_place(entry, place, ("address", "country"))
    if entry.schema == "Person":
        entry.add("firstName", names[0]) if names else None
        _add_person(entry, node)
    return entry


def _add_person(entry: Entry, node: Node) -> None:
    _each(entry, "title", node.texts("TITLE"))
    _each(entry, "position", node.texts("DESIGNATION"))
    for gender in node.texts("GENDER"):
        entry.add("gender", gender)
    for nationality in node.texts("NATIONALITY"):
        entry.add_as("nationality", nationality, _country)
    for born in node.every("INDIVIDUAL_DATE_OF_BIRTH"):
        _add_birth(entry, born)
    for place in node.every("INDIVIDUAL_PLACE_OF_BIRTH"):
        _add_place(entry, place, ("birthPlace", "birthCountry"))
    for document in node.every("INDIVIDUAL_DOCUMENT"):
        _add_document(entry, document)


def _add_birth(entry: Entry, born: Node) -> None:
    note = born.first("NOTE")
    exact = born.first("DATE") or born.first("YEAR")
    ends = [born.first("FROM_YEAR"), born.first("TO_YEAR")]
    kind = born.first("TYPE_OF_DATE").lower()
    if exact:
        written = f"approximately {exact}" if kind == "approximately" else exact
        entry.add_as("birthDate", written, dates)
    elif any(ends):
        entry.add_as("birthDate", f"between {' and '.join(filter(None, ends))}", dates)
    elif note:
        entry.add_as("birthDate", note, dates)
    if note and (exact or any(ends)):
        entry.add("notes", f"Date of birth: {note}")


def _add_aliases(entry: Entry, node: Node, reading: Reading) -> None:
    for alias in (*node.every("INDIVIDUAL_ALIAS"), *node.every("ENTITY_ALIAS")):
        name, quality = alias.first("ALIAS_NAME"), alias.first("QUALITY")
        reading.line = alias.line
        if name and quality in _QUALITY:
            entry.add(_QUALITY[quality], name)
        elif name:
            reading.reject("QUALITY", "expected Good, Low, a.k.a. or f.k.a.", quality)
        said = [
            text
            for tag in ("DATE_OF_BIRTH", "CITY_OF_BIRTH", "COUNTRY_OF_BIRTH", "NOTE")
            if (text := alias.first(tag))
        ]
        if said:
            entry.add("notes", f"Alias {name}: {', '.join(said)}")


def _add_place(entry: Entry, place: Node, props: tuple[str, str]) -> None:
    parts = [part for tag in _PLACE if (part := place.first(tag))]
    country, note = place.first("COUNTRY"), place.first("NOTE")
    if parts and parts != [country]:
        entry.add(props[0], ", ".join(parts))
    if country:
        entry.add_as(props[1], country, _country)
    if note:
        entry.add("notes", f"{', '.join(parts)}: {note}".removeprefix(": "))


def _add_document(entry: Entry, document: Node) -> None:
    kind = f"{document.first('TYPE_OF_DOCUMENT')} {document.first('TYPE_OF_DOCUMENT2')}".strip()
    number = document.first("NUMBER")
    is_passport = any(word in kind.casefold() for word in _PASSPORTS)
    said = [kind, number]
    said += [
        text
        for tag in (
            "ISSUING_COUNTRY",
            "COUNTRY_OF_ISSUE",
            "CITY_OF_ISSUE",
            "DATE_OF_ISSUE",
            "NOTE",
        )
        if (text := document.first(tag))
    ]
    if number:
        entry.add("passportNumber" if is_passport else "idNumber", number)
    if any(said):
        entry.add("notes", "Document: " + ", ".join(filter(None, said)))


def _listing(node: Node, number: str, reading: Reading) -> Entry:
    entry = Entry(reading, f"un-{number}-listing", "Sanction")
    entry.add("entity", f"un-{number}")
    entry.add("authority", _AUTHORITY)
    _each(entry, "program", node.texts("UN_LIST_TYPE"))
    _each(entry, "unscId", node.texts("REFERENCE_NUMBER"))
    _each(entry, "listingDate", (date[:10] for date in node.texts("LISTED_ON")))
    _each(entry, "modifiedAt", (date[:10] for date in node.texts("LAST_DAY_UPDATED")))
    return entry


def _each(entry: Entry, prop: str, values: Iterable[str]) -> None:
    for value in values:
        entry.add(prop, value)


def _country(name: str) -> tuple[str]:
    return (country_code(name),)
