"""The SDN list of OFAC: `sdn.csv`, `alt.csv` and `add.csv`, and the prose of its remarks.

The files have no header; a null is `-0-` and a space; the last line is one byte 0x1A (Ctrl-Z).
Remarks are cut at 1,000 characters. What a remark says that no property holds becomes a note:
nothing is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.core.errors import InvalidInputError
from comity.interop.countries import country_code
from comity.interop.intake import Entry, Found, Import, Reading, Terms, gather
from comity.interop.remarks import add_remarks
from comity.interop.tables import rows

_NULL = "-0-"
_END = "\x1a"
_SDN, _ALT, _ADD = 12, 5, 6
_SCHEMATA = {
    "individual": "Person",
    _NULL: "Organization",
    "vessel": "Vessel",
    "aircraft": "Airplane",
}
_LINKED = re.compile(r"Linked To: ([^;]+?)\.?(?:;|$)")
_ALIASES = {"aka": "alias", "fka": "previousName", "nka": "alias"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    number: str
    name: str
    linked: tuple[str, ...]


def import_ofac(files: Mapping[str, bytes], *, terms: Terms) -> Import:
    """Read `sdn.csv` with, where given, `alt.csv` and `add.csv`.

    Raises `InvalidInputError` without `sdn.csv`, `LimitError` on a file too large.
    """
    reading = Reading("sdn.csv")
    return gather(read_ofac(files, reading), reading=reading, terms=terms)


def read_ofac(files: Mapping[str, bytes], reading: Reading) -> Iterator[Found]:
    """Return the entities of the list; raises as `import_ofac` does."""
    if "sdn.csv" not in files:
        raise InvalidInputError("expected `sdn.csv` among the files")
    reading.file = "sdn.csv"
    entries, linked = _main(files["sdn.csv"], reading)
    for name, width, add in (("alt.csv", _ALT, _add_alias), ("add.csv", _ADD, _add_address)):
        reading.file = name
        for row in _rows(files.get(name, b""), reading, width):
            entry = entries.get(row[0])
            if entry is None:
                reading.reject("ent_num", "no entry of this number in `sdn.csv`")
            else:
                add(entry, row, reading)
    reading.file = "sdn.csv"
    return _found((*entries.values(), *_links(linked, reading)))


def _main(data: bytes, reading: Reading) -> tuple[dict[str, Entry], list[_Link]]:
    entries, linked = dict[str, Entry](), list[_Link]()
    for row in _rows(data, reading, _SDN):
        number, kind = row[0], row[2]
        if kind not in _SCHEMATA:
            reading.reject("type", "expected individual, vessel, aircraft or `-0-`", kind)
        elif not re.fullmatch(r"\d{1,9}", number, re.ASCII) or number in entries:
            reading.reject("ent_num", "expected a number of its own")
        else:
            entries[number] = _entry(row, reading)
            names = _LINKED.findall(row[11])
            linked.append(_Link(number=number, name=row[1], linked=tuple(names)))
    return entries, linked


def _links(rows_read: Sequence[_Link], reading: Reading) -> Iterator[Entry]:
    """Yield a link for every `Linked To` whose name is exactly that of one other entry.

    A name that several entries bear, or none, stays a note: nobody is linked by guess.
    """
    bearers = dict[str, list[str]]()
    for row in rows_read:
        bearers.setdefault(row.name, []).append(row.number)
    for row in rows_read:
        for name in dict.fromkeys(row.linked):
            others = bearers.get(name, [])
            if len(others) == 1 and others[0] != row.number:
                yield _link(reading, row.number, others[0])


def _link(reading: Reading, number: str, other: str) -> Entry:
    link = Entry(reading, f"ofac-{number}-{other}", "UnknownLink")
    link.add("subject", f"ofac-{number}")
    link.add("object", f"ofac-{other}")
    link.add("role", "Linked To")
    return link


def _entry(row: Sequence[str], reading: Reading) -> Entry:
    entry = Entry(reading, f"ofac-{row[0]}", _SCHEMATA[row[2]])
    is_person = entry.schema == "Person"
    _add_name(entry, "name", row[1])
    for program in _given(row[3]):
        for code in program.split("] ["):
            entry.add("program", code)
    for title in _given(row[4]):
        entry.add("position" if is_person else "notes", title)
    if entry.schema == "Vessel":
        _add_vessel(entry, row)
    for remarks in _given(row[11]):
        add_remarks(entry, remarks)
    return entry


def _add_vessel(entry: Entry, row: Sequence[str]) -> None:
    props = ((5, "callSign"), (6, "type"), (7, "tonnage"), (8, "grossRegisteredTonnage"))
    for column, prop in props:
        for value in _given(row[column]):
            entry.add(prop, value)
    for flag in _given(row[9]):
        entry.add_as("flag", flag, lambda name: (country_code(name),))
    for owner in _given(row[10]):
        entry.add("notes", f"Vessel Owner: {owner}")


def _add_alias(entry: Entry, row: Sequence[str], reading: Reading) -> None:
    prop = _ALIASES.get(row[2])
    if prop is None:
        reading.reject("type", "expected aka, fka or nka", row[2])
        return
    _add_name(entry, prop, row[3])
    for remark in _given(row[4]):
        entry.add("notes", remark)


def _add_address(entry: Entry, row: Sequence[str], _reading: Reading) -> None:
    parts = [part for column in (2, 3, 4) for part in _given(row[column])]
    if parts and (len(parts) > 1 or parts[0] != row[4]):
        entry.add("address", ", ".join(parts))
    for country in _given(row[4]):
        entry.add_as("country", country, lambda name: (country_code(name),))
    for remark in _given(row[5]):
        entry.add("notes", remark)


def _add_name(entry: Entry, prop: str, name: str) -> None:
    """Add a name; people stand as `LAST, First Middle` and are named in speaking order."""
    last, comma, first = name.partition(", ")
    if entry.schema != "Person" or not comma:
        entry.add(prop, name)
        return
    entry.add(prop, f"{first} {last}", original=name)
    if prop == "name":
        entry.add("firstName", first)
        entry.add("lastName", last)


def _rows(data: bytes, reading: Reading, width: int) -> Iterator[list[str]]:
    for row in rows(data, reading):
        fields = [value.strip() for value in row]
        if fields in ([_END], [""]):
            continue
        if len(fields) != width:
            reading.reject("row", f"expected {width} columns, got {len(fields)}")
            continue
        yield fields


def _given(value: str) -> tuple[str, ...]:
    return () if value in ("", _NULL) else (value,)


def _found(entries: Iterable[Entry]) -> Iterator[Found]:
    return (found for entry in entries if (found := entry.found()) is not None)
