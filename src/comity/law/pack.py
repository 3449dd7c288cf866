"""Reading rule packs: instruments, parties, reservations, groups, clocks and rules."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date

from comity.core import limits
from comity.law.model import Clock, Evidence, Instrument, Lexicon, Rule
from comity.law.participation import Listing, Participation, Party, Reservation
from comity.law.predicate import Known
from comity.law.provision import Head, read_rule, span
from comity.law.source import Part, Record, each_of, read_table, read_yaml

PARTY = (
    *("instrument", "party", "signed", "bound", "in_force", "until"),
    *("status", "action", "as_of", "source"),
)
RESERVATION = (
    *("instrument", "party", "article", "effect", "counterpart"),
    *("until", "as_of", "source", "text"),
)
DEMONSTRATION = "demonstration"
KINDS = frozenset(
    {"universal", "security-council", "human-rights", "council-of-europe", "european-union"}
    | {"regional", "bilateral", "organisation", "arrangement", "soft-law", "national"}
)
_STATUS = {"bound", "party", "signatory", "doubtful", "territory"}
_USER_ASSIGNED = {f"X{letter}" for letter in "ABCDEFGHIJLMNOPQRSTUVWYZ"}
_ORGANISATION = re.compile(r"org-[a-z0-9](?:[a-z0-9-]{0,26}[a-z0-9])?")
# ISO 3166-1 leaves XA to XZ to users; XK is in use for Kosovo.


class Gathered:
    """Everything the packs of a node hold together."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Begin with the closed lists and no law."""
        self.lexicon = lexicon
        self.rules: dict[str, Rule] = {}
        self.instruments: dict[str, Instrument] = {}
        self.groups: dict[str, dict[str, list[tuple[date, date]]]] = {}
        self.clocks: dict[str, list[Clock]] = {}
        self.parties: dict[tuple[str, str], list[Party]] = {}
        self.reservations: dict[tuple[str, str], list[Reservation]] = {}
        self.listings: dict[str, list[Listing]] = {}
        self.gaps: list[str] = []
        self.told: dict[str, tuple[str, bytes]] = {}
        """The file of told cases of each pack."""

    def participation(self) -> Participation:
        """Return who is bound by what."""
        return Participation(
            parties=self.parties,
            reservations=self.reservations,
            listings=self.listings,
            in_force={i.id: i.in_force for i in self.instruments.values() if i.in_force},
            ended={i.id: i.until for i in self.instruments.values() if i.until},
            groups=self.groups,
        )

    def count_rows(self) -> tuple[int, int]:
        """Count rows from real sources: all, and those that give a first day."""
        rows = [row for kept in self.parties.values() for row in kept]
        real = [row for row in rows if row.source != DEMONSTRATION]
        return len(real), sum(row.begins is not None for row in real)


class Draw:
    """One pack being read into what all packs hold together."""

    def __init__(self, file: str, held: Mapping[str, bytes], into: Gathered) -> None:
        """Read the head of a pack and keep its parts for the steps that follow."""
        part = read_yaml(file, held[file])
        self.top = part.section(
            "pack version title",
            "from oldest cases instruments tables listings groups clocks gaps rules"
            " demonstration member",
        )
        self.name, self.version = self.top.text("pack"), self.top.text("version")
        self.is_demonstration = self.top.text("demonstration") == "yes"
        self.member = self.top.text("member")
        for name in ("groups", "clocks", "listings") if self.member else ():
            if name in self.top.found:
                self.top[name].refuse(f"national law has no `{name}`: they bind every member")
        self.held, self.into = held, into
        if f"{self.name}.yaml" != file:
            part.refuse(f"pack `{self.name[:60]}` must stand in `{self.name[:60]}.yaml`")
        into.gaps += [f"{self.name}: {gap}" for gap in self.top.texts("gaps")]
        tables = [self._table(each) for each in self.top.parts("tables")]
        for each in self.top.parts("cases"):
            tables.append(self._table(each))
            into.told[self.name] = (each.text(), tables[-1])
        self.digest = hashlib.sha256(
            b"".join(hashlib.sha256(data).digest() for data in (held[file], *tables))
        ).digest()

    def _table(self, part: Part) -> bytes:
        data = self.held[part.as_one_of(self.held, "table")]
        if len(data) > limits.LAW_TABLE:
            part.refuse(f"a table of a pack holds at most {limits.LAW_TABLE} bytes")
        return data

    def code(self, part: Part) -> str:
        """Read a country or organisation code; refuses one that is not held."""
        if not self._is_code(part.text()):
            part.refuse(f"unknown country `{part.text()[:20]}`")
        return part.text()

    def _is_code(self, code: str) -> bool:
        is_fictional = self.is_demonstration and code in _USER_ASSIGNED
        return code in self.into.lexicon.countries or is_fictional or is_organisation(code)

    def declare(self) -> None:
        """Read what rules refer to: instruments, groups and clocks."""
        each_of(self.top.parts("instruments"), self._keep_instrument)
        for part in self.top.parts("groups"):
            found = part.section("id members source since", "until")
            since, until = found["since"].day(), found.day("until", date.max)
            members = self.into.groups.setdefault(found.text("id"), {})
            for each in found.parts("members"):
                spans = members.setdefault(self.code(each), [])
                if len(spans) >= limits.LISTED:
                    each.refuse(f"a member is in a group at most {limits.LISTED} times")
                if any(since < end and begin < until for begin, end in spans):
                    each.refuse(f"`{each.text()}` is in the group already at that time")
                spans.append((since, until))
        for part in self.top.parts("clocks"):
            self._clock(part)

    def _keep_instrument(self, part: Part) -> None:
        instrument = self._instrument(part)
        if (held := self.into.instruments.get(instrument.id)) is not None:
            part.refuse(
                f"instrument `{instrument.id[:60]}` is held already, by pack `{held.pack}`"
            )
        self.into.instruments[instrument.id] = instrument

    def _instrument(self, part: Part) -> Instrument:
        found = part.section(
            "id title kind evidence source", "adopted in_force until url gap local_assessment"
        )
        evidence = Evidence(found["evidence"].as_one_of(list(Evidence), "evidence"))
        if evidence is Evidence.UNVERIFIED and not found.text("gap"):
            part.refuse("an unverified instrument says in `gap` what to read, and where")
        if not found.text("url") and not self.is_demonstration:
            part.refuse("an instrument needs its official address as `url`")
        return Instrument(
            id=found.text("id"),
            title=found.text("title"),
            kind=found["kind"].as_one_of(KINDS, "kind of instrument"),
            adopted=found.text("adopted"),
            in_force=found["in_force"].day() if "in_force" in found.found else None,
            until=found["until"].day() if "until" in found.found else None,
            evidence=evidence,
            url=found.text("url"),
            source=found.text("source"),
            gap=found.text("gap"),
            needs_local_assessment=found.text("local_assessment") == "yes",
            pack=self.name,
            is_fictional=self.is_demonstration,
        )

    def _clock(self, part: Part) -> None:
        found = part.section("id length starts on_expiry cite since")
        found["starts"].as_one_of({"stored", "act"}, "start")
        clock = Clock(
            name=found.text("id"),
            span=span(found["length"]),
            starts=found.text("starts"),
            on_expiry=found.text("on_expiry"),
            cite=found.text("cite"),
            since=found["since"].day(),
        )
        dated = self.into.clocks.setdefault(clock.name, [])
        if any(other.since == clock.since for other in dated):
            part.refuse(f"clock `{clock.name}` is held already from {clock.since}")
        dated.append(clock)

    def read_tables(self) -> None:
        """Read lists of parties, reservations, and how far each list goes."""
        for part in self.top.parts("tables"):
            data = self._table(part)
            if part.text().endswith("-parties.csv"):
                each_of(read_table(part.text(), data, PARTY), self._party)
            elif part.text().endswith("-reservations.csv"):
                each_of(read_table(part.text(), data, RESERVATION), self._reservation)
            else:
                part.refuse("a table is named `*-parties.csv` or `*-reservations.csv`")
        for part in self.top.parts("listings"):
            found = part.section("instruments complete_until source", "covers")
            for each in found.parts("instruments"):
                listing = Listing(
                    instrument=each.as_one_of(self.into.instruments, "instrument"),
                    complete_until=found["complete_until"].day(),
                    covers=frozenset(self.code(code) for code in found.parts("covers")),
                )
                self.into.listings.setdefault(listing.instrument, []).append(listing)

    def _place(self, record: Record) -> tuple[str, str]:
        if record["instrument"] not in self.into.instruments:
            record.refuse(f"unknown instrument `{record['instrument'][:60]}`")
        if not self._is_code(record["party"]):
            record.refuse(f"unknown country `{record['party'][:20]}`")
        is_fictional = record["source"] == DEMONSTRATION
        if is_fictional != self.is_demonstration or not record["source"]:
            record.refuse("a row needs its source, and fictional states `demonstration`")
        is_own = self.into.instruments[record["instrument"]].pack == self.name
        if self.member and not is_own and record["party"] != self.member:
            record.refuse("national law says of other members nothing that all have to believe")
        if is_fictional and record["party"] in self.into.lexicon.countries:
            record.refuse(f"`{record['party'][:20]}` is a real state: no fiction binds it")
        return record["instrument"], record["party"]

    def _party(self, record: Record) -> None:
        place = self._place(record)
        if record["status"] not in _STATUS:
            record.refuse(f"unknown status `{record['status'][:20]}`")
        row = Party(
            instrument=place[0],
            party=place[1],
            in_force=record.day("in_force") if record["status"] == "bound" else None,
            until=record.day("until"),
            is_party=record["status"] == "party",
            as_of=record.day("as_of"),
            source=record["source"],
            signed=record.day("signed"),
            bound=record.day("bound"),
            status=record["status"],
            action=record["action"],
        )
        if (row.begins is None) == (record["status"] in {"bound", "party"}):
            record.refuse("a bound party needs its date, and only a bound party has one")
        kept = self.into.parties.setdefault(place, [])
        if len(kept) >= limits.LISTED:
            record.refuse(f"a party has at most {limits.LISTED} rows for one instrument")
        if any(_overlap(row, other) for other in kept):
            record.refuse(f"`{place[1]}` is held already for {place[0]} at that time")
        kept.append(row)

    def _reservation(self, record: Record) -> None:
        place = self._place(record)
        if record["effect"] not in {"none", "doubt", "excludes"}:
            record.refuse(f"unknown effect `{record['effect'][:20]}`")
        if record["counterpart"] and not self._is_code(record["counterpart"]):
            record.refuse(f"unknown country `{record['counterpart'][:20]}`")
        row = Reservation(
            instrument=place[0],
            party=place[1],
            article=record["article"],
            effect=record["effect"],
            counterpart=record["counterpart"],
            until=record.day("until"),
            source=record["source"],
            as_of=record.day("as_of"),
            text=record["text"],
        )
        self.into.reservations.setdefault(place, []).append(row)

    def read_rules(self) -> None:
        """Compile the rules."""
        known = Known(
            lexicon=self.into.lexicon,
            instruments=self.into.instruments,
            groups=self.into.groups,
            codes=self.code,
        )
        head = Head(
            pack=self.name,
            since=self.top.day("from", date.min),
            oldest=span(self.top["oldest"]) if "oldest" in self.top.found else None,
            instruments=self.into.instruments,
            is_fictional=self.is_demonstration,
            member=self.code(self.top["member"]) if "member" in self.top.found else "",
        )
        each_of(self.top.parts("rules"), lambda part: self._keep(part, known, head))

    def _keep(self, part: Part, known: Known, head: Head) -> None:
        rule = read_rule(part, known, head)
        if (held := self.into.rules.get(rule.name)) is not None:
            part.refuse(f"rule `{rule.name}` is held already, at {held.place}")
        self.into.rules[rule.name] = rule


def is_organisation(code: str) -> bool:
    """Whether a code names an organisation as ids do: `org-interpol`."""
    return code.isascii() and _ORGANISATION.fullmatch(code) is not None


def _overlap(one: Party, other: Party) -> bool:
    if one.begins is None or other.begins is None:
        return True
    begins = max(one.begins, other.begins)
    return begins < (one.until or date.max) and begins < (other.until or date.max)
