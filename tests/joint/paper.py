"""A small practice of several parties, declared for tests: a paper partners write together."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from comity.core.cbor import Value
from comity.core.clock import DAY, HOUR, Instant
from comity.core.ids import AgencyId
from comity.practice import (
    FIRST,
    Branch,
    Children,
    Field,
    Frame,
    Group,
    Held,
    JointCase,
    JointStep,
    JointTimer,
    Kind,
    Need,
    Number,
    Practice,
    Quorum,
    Second,
    SectionType,
    Sight,
    Step,
    Type,
    View,
    fold,
)

N, A, C, M = (
    AgencyId("xn.police"),
    AgencyId("xa.border"),
    AgencyId("xc.police"),
    AgencyId("xm.justice"),
)
ALL = (A, C, M, N)
START = Instant(1_780_000_000_000)
CASE = "ab" * 16
STATE = Field(name="value", type=Type.CODE, choices=("green", "red", "unknown"), is_framed=True)
ROOT = Field(name="root", type=Type.DIGEST, need=Need.REQUIRED, is_framed=True)
TEXT = Field(name="text", type=Type.TEXT, category="free-text")
MISSION = SectionType(
    name="mission",
    fields=(
        Field(name="text", type=Type.TEXT, need=Need.REQUIRED, category="free-text"),
        Field(name="person", type=Type.ENTITY),
    ),
)
SUPPLY = SectionType(name="supply", fields=(TEXT,))
BODY = (
    Field(name="title", type=Type.LINE, need=Need.REQUIRED, category="free-text", limit=200),
    Field(name="parties", type=Type.ROSTER, need=Need.REQUIRED, is_framed=True),
    Field(name="revision", type=Type.INTEGER, is_framed=True, limit=10_000),
    Field(name="previous", type=Type.DIGEST, is_framed=True),
    Field(name="starts", type=Type.INSTANT, is_framed=True),
    Field(name="signers", type=Type.PARTIES, is_framed=True, limit=64),
    Field(name="cites", type=Type.DIGESTS, is_framed=True, limit=64),
    Field(name="sections", type=Type.SECTIONS, sections=(MISSION, SUPPLY), limit=62),
)


def _kind(
    word: str, *fields: Field, seats: Sequence[str] = ("officer",), **more: object
) -> Kind:
    return Kind(name=f"papers.{word}/1", fields=fields, seats=frozenset(seats), **more)  # type: ignore[arg-type]


UNTIL = Field(name="until", type=Type.INSTANT, is_framed=True)
CONDITIONS = Field(name="conditions", type=Type.INTEGER, is_framed=True, limit=100)
PROPOSE, AMEND = _kind("propose", *BODY), _kind("amend", *BODY)
ENDORSE = _kind("endorse", ROOT, UNTIL, CONDITIONS, TEXT, seats=("officer", "supervisor"))
WITHDRAW = _kind("withdraw", ROOT, TEXT)
GATE = _kind("gate", STATE)
GO, NO_GO, HOLD, ABORT = (
    _kind(word, TEXT, seats=("officer", "supervisor"))
    for word in ("go", "no-go", "hold", "abort")
)
RESUME, CLOSE = _kind("resume", TEXT), _kind("close", TEXT)
REVIEW = replace(_kind("review", ROOT, TEXT), second=Second.BEFORE)
DANGER = Field(
    name="danger", type=Type.CODE, choices=("danger-to-life", "other"), is_framed=True
)
WARN = replace(
    _kind("warn", DANGER, TEXT),
    decides="danger",
    branches=(Branch(choice="danger-to-life", passes_stop=True),),
)
RUSH = replace(_kind("rush", ROOT, DANGER, TEXT), second=Second.AFTER, confirm_within=2 * HOUR)
LETTER = _kind("letter", TEXT)


def gate_is_green(sight: Sight) -> str:
    gates = sight.view.of(GATE.name)
    is_green = bool(gates) and gates[-1].frame.text("value") == "green"
    return "" if is_green and sight.met("signed").is_met else "gate"


def _step(before: str, kind: Kind, after: str, **more: str) -> JointStep:
    return JointStep(before=before, kind=kind.name, after=after, **more)


_OPEN = ("proposed", "endorsed", "running", "held")
PAPER = JointCase(
    name="paper",
    opens=PROPOSE.name,
    steps=(
        _step("none", PROPOSE, "proposed"),
        _step("proposed", ENDORSE, "endorsed", quorum="signed"),
        _step("endorsed", ENDORSE, "endorsed"),
        _step("endorsed", WITHDRAW, "proposed"),
        _step("proposed", WITHDRAW, "proposed"),
        *(_step(state, AMEND, "proposed", by="lead") for state in ("proposed", "endorsed")),
        *(_step(state, GATE, state, by="lead") for state in _OPEN),
        _step("endorsed", GO, "running", guard="gate", unlike="papers.gate/1"),
        _step("endorsed", NO_GO, "proposed"),
        _step("running", HOLD, "held"),
        _step("held", RESUME, "running", unlike_seat="papers.hold/1"),
        *(_step(state, ABORT, "aborted") for state in ("endorsed", "running", "held")),
        _step("running", CLOSE, "reviewing", by="convenor"),
        _step("reviewing", REVIEW, "closed", quorum="reviewed"),
        *(_step(state, RUSH, state) for state in ("proposed", "endorsed")),
        *(_step(state, WARN, state) for state in _OPEN),
    ),
    closed=frozenset({"closed", "aborted", "expired"}),
    revises=frozenset({PROPOSE.name, AMEND.name}),
    withdraws={WITHDRAW.name: ENDORSE.name},
    quorums={
        "signed": Quorum(
            groups=(
                Group(kinds=(ENDORSE.name,)),
                Group(kinds=(RUSH.name,), role="lead"),
            )
        ),
        "reviewed": Quorum(
            groups=(Group(kinds=(REVIEW.name, "papers.dissent/2"), field="signers"),)
        ),
    },
    guards={"gate": gate_is_green},
    timers=(
        JointTimer(name="lapse", state="proposed", after="expired", offset=30 * DAY),
        JointTimer(
            name="alert",
            state="endorsed",
            after="proposed",
            field="starts",
            offset=-HOUR,
            runs_on=True,
        ),
        JointTimer(name="over", state="endorsed", after="expired", field="starts"),
    ),
    caution=(GO.name, NO_GO.name, HOLD.name, ABORT.name),
    children=(Children(case="chapter", done=frozenset({"written"})),),
)


LETTER_STEP = Step(before="none", kind=LETTER.name, after="written")
CHAPTER_OPEN, CHAPTER_DONE = (
    _kind("chapter", *BODY[:5]),
    _kind("written", TEXT),
)
CHAPTER = JointCase(
    name="chapter",
    opens=CHAPTER_OPEN.name,
    steps=(
        _step("none", CHAPTER_OPEN, "writing"),
        _step("writing", CHAPTER_DONE, "written"),
    ),
    closed=frozenset({"written"}),
    revises=frozenset({CHAPTER_OPEN.name}),
)
PRACTICE = Practice(
    name="papers",
    command="paper",
    kinds=(
        *(PROPOSE, AMEND, ENDORSE, WITHDRAW, GATE, GO, NO_GO, HOLD, ABORT, RESUME, CLOSE),
        *(REVIEW, WARN, RUSH, LETTER, CHAPTER_OPEN, CHAPTER_DONE),
    ),
    initial="none",
    steps=(LETTER_STEP,),
    joint=(PAPER, CHAPTER),
)


def roster_value(*parties: AgencyId, lead: AgencyId = N) -> Sequence[Value]:
    return [
        {"party": party, "roles": ["lead"] if party == lead else []}
        for party in sorted(parties or ALL)
    ]


@dataclass
class Table:
    """A case as a test writes it: acts by hand, numbers by hand, folded at will."""

    acts: dict[str, Frame] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    opening: str = ""
    clock: int = START
    epoch: int = 1
    by: AgencyId = N
    serial: int = 0

    def frame(
        self,
        kind: Kind | str,
        author: AgencyId = N,
        *,
        person: str = "first",
        seen: int | None = None,
        **fields: Value,
    ) -> Frame:
        self.serial += 1
        name = kind if isinstance(kind, str) else kind.name
        second = fields.pop("second_person", "")
        seat = str(fields.pop("seat", "supervisor" if "lift" in name else "officer"))
        return Frame(
            case=CASE,
            kind=name,
            author=author,
            at=Instant(self.clock),
            hand=f"{author}/{person}".encode()[:16].ljust(16, b"."),
            seat=seat,
            epoch=self.epoch,
            seen=len(self.numbers) if seen is None else seen,
            second=f"{author}/{second}".encode()[:16].ljust(16, b"!") if second else b"",
            fields={**fields, "serial": self.serial},
        )

    def put(self, frame: Frame) -> str:
        digest = hashlib.sha256(frame.encode()).hexdigest()
        self.acts[digest] = frame
        return digest

    def number(self, digest: str, **changes: object) -> Number:
        number = Number(
            case=CASE,
            epoch=self.epoch,
            number=len(self.numbers) + 1,
            previous=self.numbers[-1].act if self.numbers else FIRST,
            act=digest,
            at=Instant(self.clock),
            by=self.by,
        )
        return replace(number, **changes)  # type: ignore[arg-type]

    def act(
        self,
        kind: Kind | str,
        author: AgencyId = N,
        *,
        after: int = 1_000,
        **fields: Value,
    ) -> str:
        """Let a party act, and the convenor number it `after` so many ms."""
        self.clock += after
        digest = self.put(self.frame(kind, author, **fields))  # type: ignore[arg-type]
        self.numbers.append(self.number(digest))
        self.opening = self.opening or digest
        return digest

    def open(self, **fields: Value) -> str:
        return self.act(PROPOSE, parties=roster_value(), revision=1, **fields)  # type: ignore[arg-type]

    def amend(self, author: AgencyId = N, **fields: Value) -> str:
        view = self.view()
        body: Mapping[str, Value] = {
            "parties": roster_value(),
            "revision": view.revision + 1,
            "previous": view.root,
            **fields,
        }
        return self.act(AMEND, author, after=1_000, **body)

    def endorse(self, *parties: AgencyId, **fields: Value) -> list[str]:
        root = self.view().root
        return [
            self.act(ENDORSE, party, after=1_000, **{"root": root, **fields})
            for party in parties or ALL
        ]

    def held(self, **changes: object) -> Held:
        held = Held(
            case=CASE, opening=self.opening, acts=dict(self.acts), numbers=tuple(self.numbers)
        )
        return replace(held, **changes)  # type: ignore[arg-type]

    def view(self, *, after: int = 0, held: Held | None = None) -> View:
        at = Instant(self.clock + after)
        return fold(PRACTICE, PAPER, held or self.held(), at=at)

    def reason(self, digest: str) -> str:
        return self.view().index[digest].reason
