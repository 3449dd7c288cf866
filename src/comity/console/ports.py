"""What the console needs of the node it stands in: its desk, its name, and a few sights."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from comity.core.clock import Clock, Instant
from comity.core.ids import NodeId
from comity.desk import Desk, Incoming
from comity.interop import Import
from comity.message import Handling
from comity.seal import BlobRef


class Settings(Protocol):
    """Who this node is."""

    @property
    def name(self) -> str:
        """The agency's name as people read it."""
        ...

    @property
    def node(self) -> NodeId:
        """The node's id."""
        ...


class Shelf(Protocol):
    """The large files of a node."""

    def read(self, mid: bytes, ref: BlobRef, /) -> Iterator[bytes]:
        """Return the plaintext of a message's file as it is deciphered."""
        ...


class Office(Protocol):
    """The opened node."""

    @property
    def config(self) -> Settings:
        """Its settings."""
        ...

    @property
    def clock(self) -> Clock:
        """Its clock."""
        ...

    def shelf(self) -> Shelf:
        """Return its large files."""
        ...


class Loading(Protocol):
    """How far the lists are that a node loads after its start."""

    @property
    def progress(self) -> Mapping[str, str]:
        """List to `waiting`, `reading`, `storing`, `held` or an error's code."""
        ...


class Head(Protocol):
    """The newest signed checkpoint of this node's ledger."""

    @property
    def origin(self) -> str:
        """The ledger's name."""
        ...

    @property
    def size(self) -> int:
        """How many entries."""
        ...

    @property
    def root(self) -> bytes:
        """The root hash."""
        ...

    @property
    def witnesses(self) -> Sequence[str]:
        """The verifier keys of those who cosigned it."""
        ...

    @property
    def note(self) -> str:
        """The signed note itself (C2SP tlog-checkpoint)."""
        ...


class Window(Protocol):
    """What the console sees of a running node."""

    @property
    def desk(self) -> Desk:
        """The acts."""
        ...

    @property
    def office(self) -> Office:
        """The opened node."""
        ...

    @property
    def loading(self) -> Loading:
        """The lists being loaded."""
        ...

    def waiting_since(self, node: NodeId) -> Instant | None:
        """Return when the oldest message not yet stored at a node was made."""
        ...

    def head(self) -> Head:
        """Return the newest checkpoint; raises `NotFoundError` before the first."""
        ...

    def proof(self, index: int) -> str:
        """Return an entry's proof under the newest checkpoint; raises `NotFoundError`."""
        ...

    def read_import(  # noqa: PLR0913 - what the files themselves do not say, one keyword each
        self,
        files: Mapping[str, bytes],
        *,
        form: str,
        marking: Handling,
        basis: str,
        purpose: str,
        dataset: str,
        edition: str,
        published: Instant | None,
        retain_until: Instant | None,
    ) -> tuple[Incoming, Import]:
        """Read files of one format into statements, with what was rejected and why."""
        ...
