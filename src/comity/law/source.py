"""Packs as text: YAML and CSV read as strings only, each value knowing its file and line.

`NO` is Norway and `1:30` is text. Anchors, tags of Python, repeated keys and unknown keys are
refused: a pack that is read in two ways is not law.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NoReturn, TypeVar, cast

import yaml

from comity.core import cbor, limits
from comity.core.cbor import Value
from comity.core.errors import InvalidInputError

T = TypeVar("T")
P = TypeVar("P")
_FAULTS = 40
"""Most faults told at once."""
_Loader = cast("type[yaml.BaseLoader]", getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def refuse(file: str, line: int, reason: str) -> NoReturn:
    """Raise `InvalidInputError` that names file, line and reason, in one line."""
    # What is quoted from a pack must not look like a line of its own.
    told = "".join(sign if sign.isprintable() else "\ufffd" for sign in reason)
    raise InvalidInputError(f"{file}:{line}: {told}")


def each_of(parts: Iterable[P], read: Callable[[P], object]) -> None:
    """Read every part, and refuse all at once those that do not hold; one line for each."""
    faults: list[str] = []
    for part in parts:
        try:
            read(part)
        except InvalidInputError as error:
            faults.append(str(error))
    if faults:
        raise InvalidInputError("\n".join(faults[:_FAULTS]))


def read_day(text: str) -> date:
    """Read a date in the one form that packs write; raises `ValueError`."""
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        raise ValueError(text)
    return found


class Part:
    """One place in a pack: a text, a list or a map, with its file and line."""

    __slots__ = ("file", "node")

    def __init__(self, file: str, node: yaml.Node) -> None:
        """Keep the node with its marks."""
        self.file = file
        self.node = node

    def refuse(self, reason: str) -> NoReturn:
        """Raise `InvalidInputError` naming this file, line and the reason."""
        refuse(self.file, self.line, reason)

    @property
    def is_text(self) -> bool:
        """Whether a plain text stands here."""
        return isinstance(self.node, yaml.ScalarNode)

    @property
    def line(self) -> int:
        """The line it stands on, from 1."""
        return self.node.start_mark.line + 1

    @property
    def is_map(self) -> bool:
        """Whether a map stands here."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether a list stands here."""
        return isinstance(self.node, yaml.SequenceNode)

    def text(self) -> str:
        """Return the text here; refuses lists and maps."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse("expected a text")
        return cast("str", self.node.value)

    def parts(self) -> "list[Part]":
        """Return the members of the list here; one text counts as a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [Part(self.file, node) for node in cast("list[yaml.Node]", self.node.value)]
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse("expected a list")
        return [self]

    def texts(self) -> list[str]:
        """Return the texts of the list here."""
        return [part.text() for part in self.parts()]

    def pairs(self) -> "dict[str, Part]":
        """Return the map here; refuses a key that comes twice."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse("expected a map")
        found: dict[str, Part] = {}
        for key, value in cast("list[tuple[yaml.Node, yaml.Node]]", self.node.value):
            name = Part(self.file, key).text()
            if name in found:
                Part(self.file, key).refuse(f"`{name[:60]}` comes twice")
            found[name] = Part(self.file, value)
        return found

    def section(self, required: str, optional: str = "") -> "Section":
        """Return the map here, holding exactly the named keys."""
        found = self.pairs()
        needs, may = set(required.split()), set(optional.split())
        for name in sorted(needs - found.keys()):
            self.refuse(f"`{name}` is missing")
        for name in found.keys() - needs - may:
            found[name].refuse(f"unknown key `{name[:60]}`")
        return Section(self, found)

    def plain(self) -> Value:
        """Return all that is written here, as texts, lists and maps."""
        if self.is_text:
            return self.text()
        if self.is_list:
            return [each.plain() for each in self.parts()]
        return {name: each.plain() for name, each in self.pairs().items()}

    def digest(self) -> bytes:
        """Return the SHA-256 of what is written here, wherever it stands."""
        try:
            return hashlib.sha256(cbor.encode(self.plain())).digest()
        except InvalidInputError as error:
            self.refuse(str(error))

    def as_one_of(self, names: Collection[str], what: str) -> str:
        """Return the text here if it is one of `names`."""
        text = self.text()
        if text not in names:
            self.refuse(f"unknown {what} `{text[:60]}`")
        return text

    def parsed(self, read: Callable[[str], T], what: str) -> T:
        """Return the text here as `read` reads it."""
        try:
            return read(self.text())
        except ValueError:
            self.refuse(f"expected {what}, got `{self.text()[:40]}`")

    def day(self) -> date:
        """Return the date here, written `2026-11-23`."""
        return self.parsed(read_day, "a date like 2026-11-23")


class Section:
    """A map of a pack whose keys are checked."""

    __slots__ = ("at", "found")

    def __init__(self, at: Part, found: Mapping[str, Part]) -> None:
        """Keep the checked keys."""
        self.at = at
        self.found = found

    def __getitem__(self, name: str) -> Part:
        """Return what a key holds."""
        return self.found[name]

    def text(self, name: str, default: str = "") -> str:
        """Return a text, or `default` where the key is absent."""
        return self.found[name].text() if name in self.found else default

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list, none where the key is absent."""
        return self.found[name].texts() if name in self.found else []

    def parts(self, name: str) -> list[Part]:
        """Return the members of a list, none where the key is absent."""
        return self.found[name].parts() if name in self.found else []

    def day(self, name: str, default: date) -> date:
        """Return a date, or `default` where the key is absent."""
        return self.found[name].day() if name in self.found else default


def read_yaml(file: str, data: bytes) -> Part:
    """Read one YAML document as strings; raises `InvalidInputError` with file and line."""
    if len(data) > limits.BODY:
        refuse(file, 1, f"a pack file holds at most {limits.BODY} bytes")
    try:
        _scan(file, data)
        node = yaml.compose(data, Loader=_Loader)
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        refuse(file, mark.line + 1 if mark else 1, "not a YAML document")
    if node is None:
        refuse(file, 1, "the file is empty")
    return Part(file, node)


def _scan(file: str, data: bytes) -> None:
    # INVARIANT: no pack nests deeper than a message may, for what reads it calls itself.
    depth = 0
    for event in yaml.parse(data, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > limits.DEPTH:
            refuse(file, line, f"expected at most {limits.DEPTH} levels of lists and maps")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            refuse(file, line, "anchors and aliases are not allowed")


class Record:
    """One line of a table, with its file and line."""

    __slots__ = ("cells", "file", "line")

    def __init__(self, file: str, line: int, cells: Mapping[str, str]) -> None:
        """Keep the cells with their place."""
        self.file = file
        self.line = line
        self.cells = cells

    def __getitem__(self, name: str) -> str:
        """Return one cell."""
        return self.cells[name]

    def refuse(self, reason: str) -> NoReturn:
        """Raise `InvalidInputError` naming this file, line and the reason."""
        refuse(self.file, self.line, reason)

    def day(self, name: str) -> date | None:
        """Return a date, or `None` where the cell is empty."""
        try:
            return read_day(self.cells[name]) if self.cells[name] else None
        except ValueError:
            self.refuse(f"`{name}` needs a date like 2026-11-23, got `{self[name][:40]}`")


def read_table(file: str, data: bytes, columns: Sequence[str]) -> Iterator[Record]:
    """Read a CSV table with exactly these columns; `NA` is text."""
    try:
        lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
        if next(lines, None) != list(columns):
            refuse(file, 1, f"expected the columns {','.join(columns)}")
        for row in lines:
            if len(row) != len(columns):
                refuse(file, lines.line_num, f"expected {len(columns)} cells, got {len(row)}")
            yield Record(file, lines.line_num, dict(zip(columns, row, strict=True)))
    except (csv.Error, UnicodeDecodeError):
        refuse(file, 1, "not a table in UTF-8")
