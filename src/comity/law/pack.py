"""Reading rule packs: instruments, parties, reservations, groups, clocks and rules."""

import hashlib
from collections.abc import Mapping
from datetime import date

from comity.law.model import Clock, Duty, Lexicon, Role, Rule, Side, Span
from comity.law.participation import Listing, Participation, Party, Reservation
from comity.law.predicate import Known, categories, compile_predicate
from comity.law.source import Part, Record, Section, read_table, read_yaml

PARTY = ("instrument", "party", "in_force", "until", "status", "as_of", "source")
RESERVATION = (
    *("instrument", "party", "article", "effect", "counterpart"),
    *("until", "as_of", "source", "text"),
)
DEMONSTRATION = "demonstration"
SEATS = frozenset({"supervisor", "legal", "rights"})
_STATUS = {"bound", "party", "signatory", "doubtful"}
_EVIDENCE = {"seen", "mixed", "unverified"}
_BOTH = frozenset(Side)
_USER_ASSIGNED = {f"X{letter}" for letter in "ABCDEFGHIJLMNOPQRSTUVWYZ"}
# ISO 3166-1 leaves XA to XZ to users; XK is in use for Kosovo.


class Gathered:
    """Everything the packs of a node hold together."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Begin with the closed lists and no law."""
        self.lexicon = lexicon
        self.rules: dict[str, Rule] = {}
        self.instruments: dict[str, date] = {}
        self.groups: dict[str, dict[str, list[tuple[date, date]]]] = {}
        self.clocks: dict[str, list[Clock]] = {}
        self.parties: dict[tuple[str, str], list[Party]] = {}
        self.reservations: dict[tuple[str, str], list[Reservation]] = {}
        self.listings: dict[str, list[Listing]] = {}
        self.gaps: list[str] = []
        self.told_cases = 0
        self.fictional = 0

    def participation(self) -> Participation:
        """Return who is bound by what."""
        return Participation(
            parties=self.parties,
            reservations=self.reservations,
            listings=self.listings,
            in_force=self.instruments,
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
            "pack version title told_cases",
            "instruments tables listings groups clocks gaps rules demonstration",
        )
        self.name, self.version = self.top.text("pack"), self.top.text("version")
        self.is_demonstration = self.top.text("demonstration") == "yes"
        self.held, self.into = held, into
        if f"{self.name}.yaml" != file:
            part.refuse(f"pack `{self.name[:60]}` must stand in `{self.name[:60]}.yaml`")
        into.told_cases += self.top["told_cases"].parsed(int, "a count")
        into.gaps += [f"{self.name}: {gap}" for gap in self.top.texts("gaps")]
        tables = (self._table(each) for each in self.top.parts("tables"))
        self.digest = hashlib.sha256(
            b"".join(hashlib.sha256(data).digest() for data in (held[file], *tables))
        ).digest()

    def _table(self, part: Part) -> bytes:
        return self.held[part.as_one_of(self.held, "table")]

    def code(self, part: Part) -> str:
        """Read a country or organisation code; refuses one that is not held."""
        if not self._is_code(part.text()):
            part.refuse(f"unknown country `{part.text()[:20]}`")
        return part.text()

    def _is_code(self, code: str) -> bool:
        is_fictional = self.is_demonstration and code in _USER_ASSIGNED
        return code in self.into.lexicon.countries or is_fictional or code.startswith("org-")

    def declare(self) -> None:
        """Read what rules refer to: instruments, groups and clocks."""
        for part in self.top.parts("instruments"):
            found = part.section("id title in_force evidence source")
            found["evidence"].as_one_of(_EVIDENCE, "evidence")
            name = found.text("id")
            if name in self.into.instruments:
                part.refuse(f"instrument `{name}` is held already")
            self.into.instruments[name] = found["in_force"].day()
            self.into.fictional += self.is_demonstration
        for part in self.top.parts("groups"):
            found = part.section("id members source since", "until")
            since, until = found["since"].day(), found.day("until", date.max)
            members = self.into.groups.setdefault(found.text("id"), {})
            for each in found.parts("members"):
                spans = members.setdefault(self.code(each), [])
                if any(since < end and begin < until for begin, end in spans):
                    each.refuse(f"`{each.text()}` is in the group already at that time")
                spans.append((since, until))
        for part in self.top.parts("clocks"):
            self._clock(part)

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
                for record in read_table(part.text(), data, PARTY):
                    self._party(record)
            elif part.text().endswith("-reservations.csv"):
                for record in read_table(part.text(), data, RESERVATION):
                    self._reservation(record)
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
        )
        if (row.begins is None) == (record["status"] in {"bound", "party"}):
            record.refuse("a bound party needs its date, and only a bound party has one")
        kept = self.into.parties.setdefault(place, [])
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
        for part in self.top.parts("rules"):
            rule = self._rule(part, known)
            if rule.name in self.into.rules:
                part.refuse(f"rule `{rule.name}` is held already")
            self.into.rules[rule.name] = rule

    def _rule(self, part: Part, known: Known) -> Rule:
        found = part.section(
            "id role text cite evidence when",
            "sides unless where emergency purposes categories between articles lifted_by"
            " obligations from until",
        )
        role = Role(found["role"].as_one_of([role.value for role in Role], "role"))
        self._check(found, role)
        tests = {
            name: compile_predicate(found[name], known)
            for name in ("when", "unless", "where", "emergency")
            if name in found.found
        }
        purposes, lexicon = found.parts("purposes"), known.lexicon
        return Rule(
            name=found.text("id"),
            role=role,
            text=found.text("text"),
            cite=found.text("cite"),
            pack=self.name,
            is_verified=found["evidence"].as_one_of(_EVIDENCE, "evidence") != "unverified",
            sides=frozenset(
                Side(each.as_one_of(_SIDES, "side")) for each in found.parts("sides")
            )
            or (_BOTH if role is Role.BASIS else frozenset({Side.RELEASE})),
            test=tests["when"].test,
            unless=tests["unless"].test if "unless" in tests else None,
            where=tests["where"].test if "where" in tests else None,
            emergency=tests["emergency"].test if "emergency" in tests else None,
            reads=tuple(sorted({fact for each in tests.values() for fact in each.reads})),
            of_value=any(each.of_value for each in tests.values()),
            of_handling=any(each.of_handling for each in tests.values()),
            purposes=frozenset(each.as_one_of(lexicon.purposes, "purpose") for each in purposes)
            or None,
            categories=categories(found["categories"], lexicon)
            if role is Role.BASIS
            else _NONE,
            between=found["between"].as_one_of(known.instruments, "instrument")
            if role is Role.BASIS
            else "",
            articles=frozenset(found.texts("articles")),
            lifted_by=frozenset(
                each.as_one_of(SEATS, "seat") for each in found.parts("lifted_by")
            ),
            duties=tuple(duty(each) for each in found.parts("obligations")),
            since=found.day("from", date.min),
            until=found.day("until", date.max),
        )

    def _check(self, found: Section, role: Role) -> None:
        wanted = {"purposes", "categories", "between", "articles", "lifted_by"}
        if role is Role.BASIS and not wanted <= found.found.keys():
            found.at.refuse(f"a basis needs {', '.join(sorted(wanted - found.found.keys()))}")
        if role is not Role.BASIS and found.found.keys() & {
            "categories",
            "between",
            "articles",
        }:
            found.at.refuse("only a basis has categories, between and articles")
        if role is Role.ABSOLUTE and found.found.keys() & {
            "lifted_by",
            "unless",
            "where",
            "emergency",
        }:
            found.at.refuse("nothing lifts an absolute prohibition")
        may_refer = role in _LIFTED or "where" in found.found
        if may_refer and "lifted_by" not in found.found:
            found.at.refuse(f"a {role.value} names who may lift its referral")
        if "unless" in found.found and role is not Role.CONDITION:
            found.at.refuse("only a condition has `unless`")
        if found.found.keys() & {"where", "emergency"} and role is not Role.TERM:
            found.at.refuse("only a term has `where` or an emergency path")


_NONE = frozenset[str]()
_SIDES = [side.value for side in Side]
_LIFTED = {Role.CONDITION, Role.SENSITIVITY}


def span(part: Part) -> Span:
    """Read a length of time: `8 h`, `30 d`, `4 month`."""
    number, _, unit = part.text().partition(" ")
    if not number.isascii() or not number.isdigit() or unit not in {"h", "d", "month"}:
        part.refuse(
            f"expected a length like `8 h`, `30 d` or `4 month`, got `{part.text()[:20]}`"
        )
    return Span(length=int(number), unit=unit)


def duty(part: Part) -> Duty:
    """Read an obligation."""
    found = part.section("code detail", "within handling")
    return Duty(
        code=found.text("code"),
        detail=found.text("detail"),
        within=span(found["within"]) if "within" in found.found else None,
        handling=frozenset(
            each.as_one_of({"H1", "H2", "H3"}, "handling code")
            for each in found.parts("handling")
        ),
    )


def _overlap(one: Party, other: Party) -> bool:
    if one.begins is None or other.begins is None:
        return True
    begins = max(one.begins, other.begins)
    return begins < (one.until or date.max) and begins < (other.until or date.max)
