"""`comity node register`: the record of processing a supervisor asks for, from what is set up.

Its fields are those of Directive (EU) 2016/680, article 24(1), each beside its counterpart in
Regulation (EU) 2016/679, article 30(1). Each says where its words come from; what only the
controller can say is marked missing until `[record]` in node.toml says it, and never guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.core.clock import DAY, Instant, iso
from comity.core.errors import ComityError
from comity.core.ids import member_of
from comity.core.store import Op, Reader, Where
from comity.exchange.inbound import QUESTION_LIFE
from comity.node.keyring import DESTROY_AFTER, MESSAGE_LIFE
from comity.node.master import is_demonstration
from comity.node.office import Office, open_office
from comity.practice import CaseRow, Field, Second, Type, kinds
from comity.record import EditionRow
from comity.trust import AgencyEntry, SystemRow

_QUESTION = QUESTION_LIFE // DAY
_PERSONS = ("suspect", "convicted", "victim", "witness", "missing", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field of the record: what is said, on which article, and from where it is known."""

    field: str
    led: str
    """Point of article 24(1) of Directive (EU) 2016/680."""
    gdpr: str
    """Point of article 30(1) of Regulation (EU) 2016/679; empty where it has none."""
    words: tuple[str, ...]
    source: str
    missing: str = ""
    """What only the controller can add, and where; empty where nothing is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """The whole record, as of an instant."""

    node: str
    at: Instant
    entries: tuple[Entry, ...]


def processing_of(folder: Path, *, passphrase: str | None) -> Processing:
    """Open a node that does not run and write its record; nothing is changed."""
    office = open_office(folder, passphrase=passphrase)
    try:
        return office.store.read(lambda r: record_of(r, office))
    finally:
        office.close()


def record_of(reader: Reader, office: Office) -> Processing:
    """Write the record of an opened node."""
    agencies = _agencies(office)
    return Processing(
        node=office.config.node,
        at=office.clock.now(),
        entries=(
            *_controller(office, agencies),
            _purposes(reader, office),
            _recipients(reader, office, agencies),
            *_subjects_and_data(office),
            _profiling(reader, office),
            _transfers(office, agencies),
            _bases(office),
            _time_limits(reader, office),
            _measures(office),
        ),
    )


def markdown(record: Processing) -> str:
    """Write a record for people to read, sign and file."""
    lines = [
        f"# Record of processing: {record.node}",
        "",
        (
            f"Written {iso(record.at)} from what this node is set up to do. LED is Directive"
            " (EU) 2016/680, article 24(1); GDPR is Regulation (EU) 2016/679, article 30(1)."
        ),
    ]
    for each in record.entries:
        gdpr = f", GDPR ({each.gdpr})" if each.gdpr else ""
        lines += [
            "",
            f"## {each.field}",
            "",
            f"*LED ({each.led}){gdpr}. From: {each.source}.*",
            "",
        ]
        lines += [f"- {words}" for words in each.words]
        lines += [f"- **Missing**: {each.missing}"] if each.missing else []
    return "\n".join(lines) + "\n"


def _agencies(office: Office) -> Sequence[AgencyEntry]:
    try:
        return office.register.current().agencies()
    except ComityError:
        return ()


def _controller(office: Office, agencies: Sequence[AgencyEntry]) -> Iterable[Entry]:
    said, config = office.config.record, office.config
    points = [
        ", ".join(filter(None, (each.telephone, each.email, each.hours)))
        for entry in agencies
        if entry.agency == config.agency
        for each in entry.contacts
    ]
    known = tuple(filter(None, (f"{config.name} ({config.agency})", *points)))
    where = "say it in `[record]` of node.toml"
    yield Entry(
        field="Controller",
        led="a",
        gdpr="a",
        words=(said.controller,) if said.controller else known,
        source="node.toml" if said.controller else "node.toml and the directory",
        missing=""
        if said.controller or points
        else f"contact details of the controller: {where}",
    )
    yield Entry(
        field="Joint controllers and data protection officer",
        led="a",
        gdpr="a",
        words=(
            *(f"joint controller: {each}" for each in said.joint),
            *((f"data protection officer: {said.officer}",) if said.officer else ()),
            *((f"supervisory authority: {said.authority}",) if said.authority else ()),
        ),
        source="node.toml, `[record]`",
        missing="" if said.officer else f"the data protection officer: {where}",
    )


def _purposes(reader: Reader, office: Office) -> Entry:
    lexicon = office.station.corpus().lexicon.purposes
    used = {row.purpose for row in reader.find(CaseRow)}
    return Entry(
        field="Purposes of the processing",
        led="b",
        gdpr="b",
        words=tuple(
            f"{name}: {text}{' (used in cases of this node)' if name in used else ''}"
            for name, text in sorted(lexicon.items())
        ),
        source="the purposes of the law packs held, and this node's cases",
    )


def _recipients(reader: Reader, office: Office, agencies: Sequence[AgencyEntry]) -> Entry:
    told = {row.partner for row in reader.find(CaseRow)}
    sorts: dict[str, list[str]] = {}
    for entry in agencies:
        if entry.agency != office.config.agency:
            mark = " (in a case of this node)" if entry.agency in told else ""
            sorts.setdefault(entry.sort.value, []).append(f"{entry.name}{mark}")
    return Entry(
        field="Categories of recipients",
        led="c",
        gdpr="d",
        words=tuple(f"{sort}: {', '.join(names)}" for sort, names in sorted(sorts.items()))
        or ("nobody: this node has joined no network",),
        source="the directory; each disclosure is decided and logged for its recipient alone",
    )


def _subjects_and_data(office: Office) -> Iterable[Entry]:
    practices = office.station.practices.practices
    fields = [f for each in practices for kind in kinds(each) for f in kind.fields]
    lexicon = office.station.corpus().lexicon.categories
    yield Entry(
        field="Categories of data subjects",
        led="d",
        gdpr="c",
        words=(
            *sorted({code for f in fields if _is_status(f) for code in f.choices}),
            "persons named in the lists this node holds",
            "this node's own people, as the acts they did",
        ),
        source="the fields of the practices this node takes part in",
    )
    yield Entry(
        field="Categories of personal data",
        led="d",
        gdpr="c",
        words=tuple(
            f"{name}: {each.text}"
            f"{' (special category)' if each.implies.get('special_category') else ''}"
            for name, each in sorted(lexicon.items())
        ),
        source="the data categories by which the law judges every value",
    )


def _is_status(field: Field) -> bool:
    return (
        field.type is Type.CODE and set(field.choices) <= set(_PERSONS) and bool(field.choices)
    )


def _profiling(reader: Reader, office: Office) -> Entry:
    now = office.clock.now()
    systems = reader.find(SystemRow, Where("until", Op.GT, now))
    return Entry(
        field="Use of profiling",
        led="e",
        gdpr="",
        words=(
            (
                "None that decides: names and documents are compared with what is held, and"
                " each candidate is judged by an officer before its score is shown."
            ),
            "No prediction is made about any person.",
            *(
                f"Scores are given to the system `{each.system}` under {each.agreement},"
                f" until {iso(Instant(each.until))[:10]}; a person judges there."
                for each in systems
                if each.ended_at is None
            ),
        ),
        source="how the node works, and the agreements about systems it holds",
    )


def _transfers(office: Office, agencies: Sequence[AgencyEntry]) -> Entry:
    own = office.config.member
    others = sorted({member_of(each.agency) for each in agencies} - {own})
    return Entry(
        field="Transfers to third countries and international organisations",
        led="f",
        gdpr="e",
        words=(
            f"Members that may be asked or answered: {', '.join(others) or 'none'}",
            (
                "Each transfer rests on a provision named in its decision, and on standing"
                " assessments of the recipient by two persons, renewed within 12 months."
            ),
        ),
        source="the directory and the assessments; which members are third countries follows"
        " from the controller's own law",
    )


def _bases(office: Office) -> Entry:
    corpus = office.station.corpus()
    cited = {rule.instrument for rule in corpus.rules if rule.instrument}
    found = [each for each in corpus.instruments.values() if each.id in cited]
    return Entry(
        field="Legal basis of the processing, transfers included",
        led="g",
        gdpr="",
        words=tuple(
            f"{each.title}{' (fictional, of the demonstration)' if each.is_fictional else ''}"
            for each in sorted(found, key=lambda each: each.title)
        ),
        source="the law packs installed; each decision names its provision",
    )


def _time_limits(reader: Reader, office: Office) -> Entry:
    corpus = office.station.corpus()
    lists = {row.dataset for row in reader.find(EditionRow)}
    return Entry(
        field="Time limits for erasure",
        led="h",
        gdpr="f",
        words=(
            "what is held: until the day stated with each value; erased by itself then",
            f"a question: until its case closes without a hit; {_QUESTION} days at most",
            (
                f"a message on its way: {MESSAGE_LIFE // DAY} days; the keys that open it:"
                f" {MESSAGE_LIFE // DAY} days after their last"
            ),
            f"keys of erased records in copies: {7 + DESTROY_AFTER // DAY} days",
            (
                f"lists held: {', '.join(sorted(lists)) or 'none'}; an entry that is removed"
                " goes with the edition that removes it"
            ),
            *(
                f"clock `{name}`: {clock.span.length} {clock.span.unit}"
                for name, dated in sorted(corpus.clocks.items())
                for clock in dated[-1:]
            ),
        ),
        source="the node's own terms and the clocks of the law packs",
    )


def _measures(office: Office) -> Entry:
    config = office.config
    practices = office.station.practices.practices
    two = sum(
        kind.second is not Second.NONE
        or any(b.second is not Second.NONE for b in kind.branches)
        for each in practices
        for kind in kinds(each)
    )
    master = (
        "IN CLEAR beside the data (demonstration)"
        if is_demonstration(office.folder)
        else f"opened by `{config.master}`"
    )
    return Entry(
        field="Technical and organisational security measures",
        led="i",
        gdpr="g",
        words=(
            (
                "messages are signed by agency and node, and sealed to the recipient's node"
                " alone (X-Wing: ML-KEM-768 with X25519; AES-256-GCM)"
            ),
            f"each record has a key of its own, wrapped weekly; the master key is {master}",
            (
                "every decision, disclosure, opening and erasure is in an append-only ledger"
                " that partners cosign (article 25 of the Directive)"
            ),
            (
                f"{two} kinds of message need or may get a second person; seats have holders,"
                " deputies and terms"
            ),
            f"store: {'PostgreSQL' if config.store else 'SQLite in the folder of the node'}",
            *config.record.measures,
        ),
        source="the configuration, the practices, and `[record]` in node.toml",
        missing=""
        if config.record.measures
        else "measures outside the node: rooms, staff, machines (`measures` in `[record]`)",
    )
