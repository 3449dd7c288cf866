"""What the API needs of its node beside the desk, as callables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.core.clock import Instant
from comity.core.ids import NodeId
from comity.desk import Incoming
from comity.interop import Import
from comity.message import Handling


class ReadImport(Protocol):
    """Reads files of one format into statements."""

    def __call__(  # noqa: PLR0913 - what the files themselves do not say, one keyword each
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
        """Return what would be held, and what was rejected and why.

        `form` is `ofac-sdn`, `un-sc`, `ftm` or `csv`; an empty `edition` makes it no list's
        edition. Raises `InvalidInputError`.
        """
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What only the running node knows."""

    read_import: ReadImport
    waiting_since: Callable[[NodeId], Instant | None]
    """When the oldest message not yet stored at a node was made."""
    head: Callable[[], Head]
    proof: Callable[[int], str]
    """An entry's proof (C2SP tlog-proof); raises `NotFoundError`."""
