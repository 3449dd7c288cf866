"""XML read one record at a time, with no document type, no entities, and bounds on everything.

Expat itself gives line numbers and a stream; a document type declaration ends the reading, so
that nothing can be defined, expanded or fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from comity.core import limits
from comity.core.errors import InvalidInputError, LimitError
from comity.interop.intake import bounded

_PIECE = 64 * limits.KIB
_DEPTH = limits.DEPTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element: its name, where it began, its text and its children."""

    tag: str
    line: int
    pieces: list[str] = field(default_factory=list[str])
    children: list["Node"] = field(default_factory=list["Node"])

    @property
    def text(self) -> str:
        """The element's own text, trimmed."""
        return "".join(self.pieces).strip()

    def every(self, tag: str) -> Iterator["Node"]:
        """Yield the children of this name."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> str:
        """Return the text of the first child of this name; empty where there is none."""
        return next((child.text for child in self.every(tag)), "")

    def texts(self, tag: str) -> tuple[str, ...]:
        """Return the texts in `tag`, or in the `VALUE` elements it holds, if not empty."""
        leaves = [leaf for child in self.every(tag) for leaf in (*child.every("VALUE"), child)]
        return tuple(leaf.text for leaf in leaves if leaf.text)


def records(data: bytes, tags: frozenset[str]) -> Iterator[Node]:
    """Yield every element named in `tags`, complete, as soon as it ends.

    Raises `InvalidInputError` on XML that is not well formed or declares a document type, and
    `LimitError` on a file, a nesting, a text or a record beyond the limits.
    """
    builder = _Builder(tags)
    parser = builder.parser
    whole = bounded(data)
    for start in range(0, max(len(whole), 1), _PIECE):
        try:
            parser.Parse(whole[start : start + _PIECE], start + _PIECE >= len(whole))
        except expat.ExpatError as error:
            raise InvalidInputError(
                f"expected well-formed XML, it breaks at line {error.lineno}"
            ) from None
        yield from builder.take()


class _Builder:
    def __init__(self, tags: frozenset[str]) -> None:
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.buffer_text = True
        self._tags, self._depth, self._size, self._length = tags, 0, 0, 0
        self._open, self._done = list[Node](), list[Node]()
        self.parser.StartDoctypeDeclHandler = _forbidden
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def take(self) -> list[Node]:
        done, self._done = self._done, []
        return done

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise LimitError(f"expected at most {_DEPTH} levels of elements")
        if self._open or tag in self._tags:
            node = Node(tag=tag, line=self.parser.CurrentLineNumber)
            self._size += 1
            if self._size > limits.ENTRIES:
                raise LimitError(f"expected at most {limits.ENTRIES} elements in one record")
            if self._open:
                self._open[-1].children.append(node)
            self._open.append(node)

    def _end(self, _tag: str) -> None:
        self._depth -= 1
        if self._open:
            node = self._open.pop()
            if not self._open:
                self._done.append(node)
                self._size = self._length = 0

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)
            self._length += len(text)
            if self._length > limits.BODY:
                raise LimitError(f"expected at most {limits.BODY} characters in one record")


def _forbidden(*_declared: object) -> None:
    raise InvalidInputError("a document type declaration has no place in a list")
