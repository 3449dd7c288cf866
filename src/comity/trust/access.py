"""How a person proves who it is: one-time links, sessions, personal tokens.

INVARIANT: a secret is shown once and never stored; rows hold its keyed hash, so a stolen
database opens nothing. A personal token is bound to one purpose and, where given, one case; a
key of a system works only while the agreement about that system stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import ClassVar

from comity.core.clock import DAY, HOUR, MINUTE, Entropy, Instant
from comity.core.errors import AuthorisationError, StateError
from comity.core.ids import CaseId, PersonId
from comity.core.store import Reader, Row, Transaction, eq
from comity.trust.persons import PersonRow, SeatRow, is_active

LINK_LIFE = 15 * MINUTE
SESSION_LIFE = 12 * HOUR
TOKEN_LIFE = 366 * DAY
_SECRET = 32


@unique
class Use(Enum):
    """What a token is for."""

    SIGN_IN = "sign-in"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow(Row):
    """A sign-in link or personal token, by keyed hash."""

    table: ClassVar[str] = "tokens"
    key: ClassVar[tuple[str, ...]] = ("token",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("person",),)
    token: bytes
    person: str
    use: str
    purpose: str
    case_id: str | None
    created: int
    expires: int
    ended_at: int | None = None
    """When it was used (a link) or withdrawn (a token)."""
    system: str = ""
    """The system that holds it; empty where a person's own programs do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow(Row):
    """A signed-in browser, by keyed hash of its cookie."""

    table: ClassVar[str] = "sessions"
    key: ClassVar[tuple[str, ...]] = ("session",)
    indexes: ClassVar[tuple[tuple[str, ...], ...]] = (("person",),)
    session: bytes
    person: str
    created: int
    expires: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRow(Row):
    """A system in which, as an agreement says, a person judges each candidate."""

    table: ClassVar[str] = "systems"
    key: ClassVar[tuple[str, ...]] = ("system",)
    system: str
    agreement: str
    """Where the agreement is found; never a person's name."""
    person: str
    """Who stated it."""
    since: int
    until: int
    ended_at: int | None = None


ROWS: tuple[type[Row], ...] = (PersonRow, SeatRow, TokenRow, SessionRow, SystemRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a personal token is bound to."""

    purpose: str
    expires: Instant
    case: CaseId | None = None
    system: str = ""
    """The system that holds it, which must stand under an agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A person proven for one request; `purpose` is empty in a browser, where acts ask."""

    person: PersonId
    session: str
    """Which session or token, for the act's record: not the secret."""
    csrf: str
    """What a form of this session must send back; empty for a token."""
    purpose: str
    case: CaseId | None
    expires: Instant
    system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Issues and checks secrets, with the node's keyed hash and a source of chance."""

    keyed_hash: Callable[[bytes], bytes]
    entropy: Entropy

    def issue_sign_in(
        self, tx: Transaction, *, person: PersonId, at: Instant, life: int = LINK_LIFE
    ) -> str:
        """Make a one-time sign-in secret, good for `life` ms; raises `AuthorisationError`.

        RISK: whoever is handed the link is that person until it is used. It is short-lived and
        used once, so its owner notices; acts that matter need a second person.
        """
        terms = Terms(purpose="", expires=Instant(at + life))
        return self._issue(tx, Use.SIGN_IN, person=person, terms=terms, at=at)

    def issue_token(
        self, tx: Transaction, *, person: PersonId, terms: Terms, at: Instant
    ) -> str:
        """Make a token for programs, at most a year; raises `StateError`."""
        if not terms.purpose or not at < terms.expires <= at + TOKEN_LIFE:
            raise StateError("a personal token needs a purpose and ends within a year")
        if terms.system and not is_agreed(tx, terms.system, at=at):
            raise StateError("no agreement stands about this system: one must be stated first")
        return self._issue(tx, Use.API, person=person, terms=terms, at=at)

    def redeem_sign_in(self, tx: Transaction, secret: str, *, at: Instant) -> str:
        """Use a link once; return a new session's secret or raise `AuthorisationError`."""
        row = tx.get(TokenRow, self._hash("token", secret))
        if row is None or row.use != Use.SIGN_IN.value or not _is_open(tx, row, at):
            raise AuthorisationError("this sign-in link is unknown, used or expired")
        tx.put(replace(row, ended_at=at))
        session = self.entropy.take(_SECRET).hex()
        tx.insert(
            SessionRow(
                session=self._hash("session", session),
                person=row.person,
                created=at,
                expires=at + SESSION_LIFE,
            )
        )
        return session

    def authenticate_session(
        self, reader: Reader, secret: str, *, at: Instant
    ) -> Acting | None:
        """Return who holds this session, or nothing."""
        row = reader.get(SessionRow, self._hash("session", secret))
        if row is None or not _is_open(reader, row, at):
            return None
        return Acting(
            person=PersonId(row.person),
            session=row.session[:8].hex(),
            csrf=self._hash("csrf", secret).hex(),
            purpose="",
            case=None,
            expires=Instant(row.expires),
        )

    def authenticate_token(self, reader: Reader, secret: str, *, at: Instant) -> Acting | None:
        """Return whose personal token this is and what it is bound to, or nothing."""
        row = reader.get(TokenRow, self._hash("token", secret))
        if row is None or row.use != Use.API.value or not _is_open(reader, row, at):
            return None
        if row.system and not is_agreed(reader, row.system, at=at):
            return None
        return Acting(
            person=PersonId(row.person),
            session=row.token[:8].hex(),
            csrf="",
            purpose=row.purpose,
            case=None if row.case_id is None else CaseId(row.case_id),
            expires=Instant(row.expires),
            system=row.system,
        )

    def end_session(self, tx: Transaction, secret: str, *, at: Instant) -> None:
        """Sign out; an unknown session is no error."""
        row = tx.get(SessionRow, self._hash("session", secret))
        if row is not None and row.ended_at is None:
            tx.put(replace(row, ended_at=at))

    def _issue(
        self, tx: Transaction, use: Use, *, person: PersonId, terms: Terms, at: Instant
    ) -> str:
        if not is_active(tx, person):
            raise AuthorisationError("no such person here")
        secret = self.entropy.take(_SECRET).hex()
        tx.insert(
            TokenRow(
                token=self._hash("token", secret),
                person=person,
                use=use.value,
                purpose=terms.purpose,
                case_id=terms.case,
                created=at,
                expires=terms.expires,
                system=terms.system,
            )
        )
        return secret

    def _hash(self, use: str, secret: str) -> bytes:
        return self.keyed_hash(f"comity/v1/{use}\n{secret}".encode(errors="replace"))


def is_agreed(reader: Reader, system: str, *, at: Instant) -> bool:
    """Say whether an agreement about a system stands."""
    row = reader.get(SystemRow, system)
    return row is not None and row.ended_at is None and row.since <= at < row.until


def end_access(tx: Transaction, person: PersonId, *, at: Instant) -> int:
    """End every open session, link and token of a person; return how many."""
    tokens = tx.find(TokenRow, eq("person", person), eq("ended_at", None))
    sessions = tx.find(SessionRow, eq("person", person), eq("ended_at", None))
    for token in tokens:
        tx.put(replace(token, ended_at=at))
    for session in sessions:
        tx.put(replace(session, ended_at=at))
    return len(tokens) + len(sessions)


def _is_open(reader: Reader, row: TokenRow | SessionRow, at: Instant) -> bool:
    is_in_time = row.ended_at is None and row.created <= at < row.expires
    return is_in_time and is_active(reader, PersonId(row.person))
