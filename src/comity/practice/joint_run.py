"""A fold on its way: what is known of a case after so many numbers, grown in place."""

from collections.abc import Mapping

from comity.core.cbor import Value
from comity.core.clock import Instant
from comity.core.ids import AgencyId
from comity.practice.frame import Frame, Party
from comity.practice.joint import JointCase
from comity.practice.model import Kind
from comity.practice.view import Counted, DissentMark, Number, StopMark, View


class Run:
    """A fold on its way: the view so far, grown in place so that a long case stays cheap."""

    def __init__(
        self, joint: JointCase, kinds: Mapping[str, Kind], case: str, convenor: AgencyId
    ) -> None:
        """Begin before the first number."""
        self.joint, self.kinds, self.case = joint, kinds, case
        self.convenor, self.epoch = convenor, 1
        self.state, self.entered, self.number = joint.initial, Instant(0), 0
        self.roster: tuple[Party, ...] = ()
        self.revision, self.root = 0, ""
        self.body: Mapping[str, Value] = {}
        self.acts: list[Counted] = []
        self.index: dict[str, Counted] = {}
        self.cautious: list[Counted] = []
        self.standing: dict[tuple[AgencyId, str], Counted] = {}
        self.stops: tuple[StopMark, ...] = ()
        self.lifts: frozenset[AgencyId] = frozenset()
        self.dissents: list[DissentMark] = []
        self.stale: set[str] = set()
        self.recalled: set[tuple[str, int]] = set()
        self.citing: dict[str, list[str]] = {}
        self._seen: dict[AgencyId, int] = {}

    def is_counted(self, digest: str) -> bool:
        """Whether an act was numbered and counts."""
        return digest in self.index and self.index[digest].is_counted

    def seen_by(self, frame: Frame, number: Number) -> int:
        """Return the last number an author can be held to have seen; it never goes back."""
        said = min(frame.seen, number.number - 1)
        known = max(said, self._seen.get(frame.author, 0))
        self._seen[frame.author] = max(known, number.number)
        return known

    def note(self, act: Counted) -> None:
        """Keep an act folded, counted or not."""
        self.number = act.number.number
        self.epoch, self.convenor = act.number.epoch, act.number.by
        self.acts.append(act)
        self.index.setdefault(act.digest, act)
        if act.is_counted:
            self.standing[act.frame.author, act.frame.kind] = act
            if act.frame.kind in self.joint.caution:
                self.cautious.append(act)

    def parties(self) -> frozenset[AgencyId]:
        """Every party of the current revision."""
        return frozenset(each.party for each in self.roster)

    def view(self) -> View:
        """Return the view so far."""
        return View(
            case=self.case,
            type=self.joint.name,
            state=self.state,
            at=self.acts[-1].number.at if self.acts else Instant(0),
            number=self.number,
            epoch=self.epoch,
            convenor=self.convenor,
            roster=self.roster,
            revision=self.revision,
            root=self.root,
            body=self.body,
            entered=self.entered,
            acts=self.acts,
            index=self.index,
            standing=self.standing,
            stops=self.stops,
            lifts=self.lifts,
            dissents=tuple(self.dissents),
            stale=frozenset(self.stale),
            recalled=frozenset(self.recalled),
        )

    def move(self, state: str, at: Instant) -> None:
        """Enter a state; a step back into itself is no new entry."""
        if state != self.state:
            self.state, self.entered = state, at
