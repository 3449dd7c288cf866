"""Readings: rows of the law that nobody had read, read by our own people, two for each.

A reading counts for this member alone, once another person has confirmed it; decisions name it.
What another member has read is shown beside ours and never counts here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import Instant, utc_date
from comity.core.errors import InvalidInputError, NotFoundError, StateError, VerificationError
from comity.core.ids import AgencyId, agency_id
from comity.core.store import Reader, Transaction
from comity.desk.actor import READERS, Actor
from comity.exchange import InForce, Station
from comity.exchange.in_force import opened_reading
from comity.exchange.leaves import commit, pack
from comity.law import (
    Corpus,
    Reading,
    ReadingRow,
    check_reading,
    confirm_reading,
    is_unread,
    outdated,
    place_of,
    read_record,
    referred_lately,
)
from comity.ledger import LeafType
from comity.seal import read_document, sign_document, verify_document

READ = frozenset({"legal"})
CONFIRM = frozenset({"legal", "rights"})
SORT = "readings"
"""What a file of readings calls itself under its signature."""
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingView:
    """One reading as people see it."""

    row: ReadingRow
    reading: Reading
    reasons: str
    state: str
    """`waits` for its second person, `counts`, `replaced` by a later one, or `outdated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """A row that somebody should read, and how many decisions it referred in the last month."""

    row: str
    referred: int
    text: str
    cite: str
    gap: str
    url: str
    waits: bool
    """Somebody's reading of it waits for its second person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What another member read of a row, beside what ours did."""

    agency: AgencyId
    theirs: Reading
    ours: ReadingView | None


class Readings:
    """What our people read; `law` is renewed when a reading begins to count."""

    def __init__(self, station: Station, agency: AgencyId, *, law: InForce) -> None:
        """Sit beside the desk."""
        self._station = station
        self._agency = agency
        self._law = law

    def state(self, actor: Actor, reading: Reading, *, reasons: str = "") -> ReadingRow:
        """State what was read of a row; it counts once another person has confirmed it.

        Raises `InvalidInputError` for a row whose text the packs have seen, or a wider one.
        """
        actor.seat(READ)
        station, at = self._station, self._station.clock.now()
        if reading.read > utc_date(at):
            raise InvalidInputError(f"nobody has read anything on {reading.read} yet")
        bound = check_reading(reading, self._law.packs())
        kept = cbor.encode({"reading": bound.record(), "reasons": {"text": reasons}})

        def unit(tx: Transaction) -> ReadingRow:
            row = ReadingRow(
                row=bound.row,
                at=at,
                outcome=bound.outcome.value,
                by=actor.person,
                confirmed_by=None,
                confirmed_at=None,
                record_id=station.safe.keep(tx, sort="reading", plaintext=kept, at=at),
            )
            tx.insert(row)
            return row

        return station.store.commit(unit).result()

    def confirm(self, actor: Actor, row: str, at: int) -> None:
        """Confirm another person's reading: it counts from now on, and the ledger says so."""
        actor.seat(CONFIRM)
        station, now = self._station, self._station.clock.now()
        packs = self._law.packs()

        def unit(tx: Transaction) -> None:
            held = tx.get(ReadingRow, row, at)
            kept = None if held is None else station.safe.open(tx, held.record_id)
            if held is None or kept is None:
                raise NotFoundError(f"no reading of `{row[:80]}` waits from then")
            reading = opened_reading(kept)
            if outdated(packs, (reading,)):
                raise StateError(f"the packs have given `{row[:80]}` another text since")
            tx.put(confirm_reading(held, actor.person, at=now))
            said: Mapping[str, Value] = {
                "reading": reading.record(),
                "by": held.by,
                "confirmed": actor.person,
            }
            made = commit(LeafType.RULES_CHANGED, said, at=now, entropy=station.entropy)
            tx.append(made.leaf.encode())
            station.safe.keep(tx, sort="rules", plaintext=pack({}, made), at=now)

        station.store.commit(unit).result()
        self._law.renew()

    def list(self, actor: Actor) -> tuple[ReadingView, ...]:
        """List readings, the newest first, with what became of each."""
        actor.seat(READERS)
        return self._station.store.read(self._views)

    def work_list(self, actor: Actor) -> tuple[WorkLine, ...]:
        """List the rows nobody has read, those that referred most decisions first."""
        actor.seat(READERS)
        law, at = self._law(), self._station.clock.now()
        counted = self._station.store.read(lambda r: referred_lately(r, at=at))
        waits = {each.row.row for each in self.list(actor) if each.state == "waits"}
        rows = dict.fromkeys([*counted, *_unread(law)])
        left = [row for row in rows if is_unread(law, row, on=utc_date(at))]
        return tuple(
            _line(law, row, referred=counted.get(row, 0), waits=row in waits)
            for row in left[:_MOST]
        )

    def export(self, actor: Actor) -> bytes:
        """Write what counts here as a file under our agency's key, naming no person."""
        act = actor.act(CONFIRM, at=self._station.clock.now())
        station, views = self._station, self.list(actor)
        told: Mapping[str, Value] = {
            "agency": self._agency,
            "at": act.at,
            "readings": [each.reading.record() for each in views if each.state == "counts"],
        }
        payload = cbor.encode(told)
        made = commit(
            LeafType.EXPORT, {"act": act.record(), **told}, at=act.at, entropy=station.entropy
        )

        def unit(tx: Transaction) -> None:
            tx.append(made.leaf.encode())
            station.safe.keep(tx, sort="export", plaintext=pack({}, made), at=act.at)

        station.store.commit(unit).result()
        key, federation = station.agency_key(self._agency), station.directory().federation
        return sign_document(payload, key, sort=SORT, federation=federation)

    def beside(self, actor: Actor, data: bytes) -> tuple[Beside, ...]:
        """Show another member's file of readings beside ours; nothing of it is kept or counts.

        Raises `VerificationError` where the directory does not know who signed it.
        """
        actor.seat(READERS)
        agency, theirs = self._signed(data)
        ours = {each.row.row: each for each in self.list(actor) if each.state == "counts"}
        return tuple(
            Beside(agency=agency, theirs=each, ours=ours.get(each.row)) for each in theirs
        )

    def _signed(self, data: bytes) -> tuple[AgencyId, tuple[Reading, ...]]:
        claimed, directory = read_document(data, sort=SORT), self._station.directory()
        agency, at, readings = _file(claimed.payload)
        key = directory.agency_key(agency, claimed.kid, at=at)
        if key is None:
            raise VerificationError(f"no key of `{agency}` in the directory signed this")
        verify_document(data, key, sort=SORT, federation=directory.federation)
        return agency, readings

    def _views(self, reader: Reader) -> tuple[ReadingView, ...]:
        rows = reader.find(ReadingRow, order="-at", limit=_MOST)
        kept = self._station.safe.open_many(reader, [row.record_id for row in rows])
        views = [_view(row, kept[row.record_id]) for row in rows if row.record_id in kept]
        old = outdated(self._law.packs(), [each.reading for each in views])
        newest: dict[str, int] = {}
        for each in views:
            if each.reading not in old:
                stamp = each.row.confirmed_at or 0
                newest[each.row.row] = max(stamp, newest.get(each.row.row, 0))
        return tuple(
            replace(each, state=_state(each, newest, is_old=each.reading in old))
            for each in views
        )


def _view(row: ReadingRow, kept: bytes) -> ReadingView:
    members = cast("Mapping[str, Mapping[str, Value]]", cbor.decode(kept))
    reasons = str(members["reasons"]["text"])
    return ReadingView(row=row, reading=opened_reading(kept), reasons=reasons, state="")


def _state(view: ReadingView, newest: Mapping[str, int], *, is_old: bool) -> str:
    if is_old:
        return "outdated"
    if view.row.confirmed_at is None:
        return "waits"
    return "counts" if view.row.confirmed_at == newest[view.row.row] else "replaced"


def _file(payload: bytes) -> tuple[AgencyId, Instant, tuple[Reading, ...]]:
    match cbor.decode(payload):
        case {"agency": str(agency), "at": int(at), "readings": [*found]}:
            readings = tuple(read_record(each) for each in cast("Sequence[Value]", found))
            return agency_id(agency), Instant(at), readings
        case _:
            raise InvalidInputError("expected a file of readings")


def _unread(law: Corpus) -> Iterable[str]:
    yield from (rule.name for rule in law.rules if not rule.is_verified)
    for (name, party), rows in law.treaties.parties.items():
        if any(row.status == "doubtful" for row in rows):
            yield f"{name}/{party}"
    for (name, party), kept in law.treaties.reservations.items():
        yield from (
            f"{name}/{party}/{row.article or '*'}" for row in kept if row.effect == "doubt"
        )


def _line(law: Corpus, row: str, *, referred: int, waits: bool) -> WorkLine:
    for rule in law.rules:
        if rule.name == row:
            text, cite, gap, url = rule.text, rule.cite, rule.gap, rule.url
            break
    else:
        name, party, article = place_of(row)
        held = law.instruments[name]
        text, cite, url = held.title, f"{held.title}, {party}", held.url
        gap = f"whether and since when it binds {party}"
        if article:
            gap = f"whether what {party} kept back touches article {article}"
    return WorkLine(
        row=row, referred=referred, text=text, cite=cite, gap=gap, url=url, waits=waits
    )
