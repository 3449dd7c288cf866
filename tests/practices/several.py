"""Told examples of cases of several parties, replayed through the fold.

An entry under `several:` in a practice's `cases.yaml`: `told`, `cites`, `case` (its type),
`parties` (roles by agency), `steps`. A step has `kind`, `by` (an agency), `body`, the `state`
after it, and where they matter `person`, `second`, `seat`, `seen`, `after` (ms), `why` (the
reason it does not count). `root: current` and `previous: current` in a body name the root.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import cast

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import agency_id
from comity.practice import (
    FIRST,
    Frame,
    Held,
    JointCase,
    Number,
    Practice,
    Registry,
    View,
    fold,
    framed,
    parse_body,
)

CASE = "ab" * 16
START = Instant(1_780_000_000_000)
STEP = 1_000
Entry = Mapping[str, object]


class Replay:
    """One told case, act by act."""

    def __init__(self, practice: Practice, entry: Entry) -> None:
        self.practice, self.registry = practice, Registry([practice])
        self.joint: JointCase = self.registry.joint(practice.name, str(entry["case"]))
        roles = cast("Mapping[str, Sequence[str]]", entry["parties"])
        self.roster: list[Value] = [
            {"party": party, "roles": sorted(roles[party])} for party in sorted(roles)
        ]
        self.acts: dict[str, Frame] = {}
        self.numbers: list[Number] = []
        self.at, self.opening, self.convenor = START, "", agency_id(min(roles))

    def view(self) -> View:
        held = Held(
            case=CASE,
            opening=self.opening,
            acts=dict(self.acts),
            numbers=tuple(self.numbers),
        )
        return fold(self.practice, self.joint, held, at=self.at)

    def body(self, kind: str, given: Mapping[str, Value]) -> Mapping[str, Value]:
        body = dict(given)
        if kind == self.joint.opens:
            body.setdefault("parties", self.roster)
        for name in ("root", "previous"):
            if body.get(name) == "current":
                body[name] = self.view().root
        return parse_body(self.registry.kind(kind), body)

    def step(self, entry: Entry, given: Mapping[str, Value]) -> tuple[str, str]:
        """Do one step; return the state after it and why it does not count."""
        name, by = str(entry["kind"]), agency_id(str(entry["by"]))
        kind = self.registry.kind(name)
        self.at = Instant(self.at + int(str(entry.get("after", STEP))))
        second = entry.get("second")
        frame = Frame(
            case=CASE,
            kind=name,
            author=by,
            at=self.at,
            hand=_mark(by, entry.get("person", "first")),
            seat=str(entry.get("seat", min(kind.seats))),
            epoch=1,
            seen=int(str(entry.get("seen", len(self.numbers)))),
            second=_mark(by, second) if second else b"",
            fields=framed(kind, self.body(name, given)),
        )
        digest = hashlib.sha256(frame.encode() + bytes([len(self.acts)])).hexdigest()
        self.acts[digest] = frame
        self.opening = self.opening or digest
        self.convenor = self.acts[self.opening].author
        self.numbers.append(
            Number(
                case=CASE,
                epoch=1,
                number=len(self.numbers) + 1,
                previous=self.numbers[-1].act if self.numbers else FIRST,
                act=digest,
                at=self.at,
                by=self.convenor,
            )
        )
        view = self.view()
        return view.state, view.index[digest].reason


def _mark(by: str, person: object) -> bytes:
    return hashlib.sha256(f"{by}/{person}".encode()).digest()[:16]
