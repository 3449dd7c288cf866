"""One request of one person, read: who asks, for what, with which words; and the answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from comity.console.parts import Theme
from comity.console.ports import Window
from comity.console.tongue import Tongue, tongue
from comity.console.views import Page
from comity.core.clock import Instant
from comity.core.errors import ComityError, NotFoundError
from comity.core.ids import AgencyId
from comity.desk import Actor, Desk, SignedIn
from comity.message import Handling
from comity.trust import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Tastes:
    """A person's own choices, kept in their browser."""

    theme: Theme = Theme.AUTO
    lang: str = "en"
    has_keys: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file a form brought."""

    field: str
    name: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request, parsed. `names` are those of the address, `posted` the form in its order."""

    window: Window
    signed: SignedIn
    secret: str = field(repr=False)
    """The session, to end it by."""
    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    posted: tuple[tuple[str, str], ...] = ()
    uploads: tuple[Upload, ...] = ()
    tastes: Tastes = Tastes()
    is_partial: bool = False
    """Whether a script asked for a part of a page alone."""

    @property
    def desk(self) -> Desk:
        """The acts."""
        return self.window.desk

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.signed.actor

    @property
    def now(self) -> Instant:
        """The present instant."""
        return self.window.office.clock.now()

    @property
    def said(self) -> Tongue:
        """The words of this person's language."""
        return tongue(self.tastes.lang)

    @property
    def directory(self) -> Directory:
        """Partners as this node verified them."""
        return self.desk.station.directory()

    def form(self, name: str) -> str:
        """Return the first value posted under a name, or nothing."""
        return next((value for key, value in self.posted if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return every value posted under a name."""
        return tuple(value for key, value in self.posted if key == name)

    def partner(self, agency: str) -> str:
        """Return a partner's name; its id where the directory no longer lists it."""
        try:
            return self.directory.agency(AgencyId(agency)).name
        except ComityError:
            return agency

    def people(self) -> Mapping[str, str]:
        """Return the name of each person here, for pages that show who acted."""
        return {each.person: each.name for each in self.desk.people.everyone(self.actor)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page to show; `marking` is the highest on it."""

    page: Page
    status: int = 200
    marking: Handling | None = None
    refresh: int = 0
    """Seconds after which the page asks again by itself; 0 never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Where to look now that the act is done; `told` is a word of `told.*`, never content."""

    href: str
    told: str = ""
    tastes: str = ""
    """What this browser is to remember of its person's choices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Bytes to keep, never to be shown inline."""

    content: bytes | Iterator[bytes]
    """A large file comes as it is deciphered."""
    name: str


Answer = Shown | Go | Download


def one_of(name: str, names: Sequence[str]) -> str:
    """Return a name of an address that is among `names`; raises `NotFoundError`."""
    if name not in names:
        raise NotFoundError("nothing here has that name")
    return name
