"""What `comity demo --check` claims, and how each claim is checked from outside.

A check looks at HTTP answers, files and ledgers, as a partner or an overseer could; it returns
its evidence in words, and raises `VerificationError` where the claim does not hold.
"""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import httpx2

from comity.core import cbor
from comity.core.clock import signing_time
from comity.core.errors import ComityError, StateError, VerificationError
from comity.ledger import (
    Checkpoint,
    Leaf,
    LeafType,
    parse_checkpoint,
    parse_note,
    sign_note,
    write_request,
)
from comity.node.chronicle import signer
from comity.node.following import followed
from comity.node.inspection import Inspection, keyring_of
from comity.node.loopback import HTTP
from comity.node.network import verified
from comity.node.stage import OVERSIGHT, Player, Stage, wait_ready
from comity.node.story import Json, Story, Told, until
from comity.seal import (
    Receipt,
    Rejection,
    UnknownPrekeyError,
    open_envelope,
    read_answer,
    read_envelope,
    verify_envelope,
)
from comity.trust import Directory

MANY = 24
"""How many questions travel while the receiver is killed."""
_CONFLICTS = {409, 422}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, whether it holds, and by what evidence."""

    id: str
    claim: str
    holds: bool
    evidence: str


@dataclass(slots=True)
class Check:
    """Checks every claim over a stage whose story has been told."""

    stage: Stage
    story: Story
    told: Told
    directory: Directory = field(init=False)
    inspections: dict[str, Inspection] = field(default_factory=dict[str, Inspection])

    def __post_init__(self) -> None:
        """Read the directory the nodes were given."""
        self.directory, _ = verified(self.stage.network)

    def run(self, say: Callable[[Claim], None]) -> tuple[Claim, ...]:
        """Check every claim in turn; one that breaks does not stop the others."""
        found: list[Claim] = []
        for name, (words, check) in self._claims().items():
            claim = _checked(name, words, check)
            say(claim)
            found.append(claim)
        return tuple(found)

    def _claims(self) -> dict[str, tuple[str, Callable[[], str]]]:
        return {
            "kill": ("a receiver killed mid-exchange loses and doubles nothing", self.kill),
            "law-first": ("every disclosure follows its own decision", self.law_first),
            "no-basis": (
                "no basis in force: denied with its article, nothing leaves",
                self.denied,
            ),
            "reservation": ("a reservation takes the basis away", self.reserved),
            "unknown": ("an unknown fact on a prohibition goes to a person", self.referred),
            "followed": (
                "a permitted and a denied disclosure lead back to their articles",
                lambda: followed(self.stage, self.told),
            ),
            "receipts": ("receipts match both ledgers", self.receipts),
            "two-persons": ("a hit needs a judgement and two persons", self.two_persons),
            "score-last": ("the score is shown only after the first view", self.score_last),
            "recall": ("a recall reaches the holder and is acknowledged", self.recall),
            "erased": ("erased content is unreadable, its ledger verifies", self.erased),
            "third-node": ("a third node can neither open nor hold another's copy", self.third),
            "replay": ("a replayed envelope gets the same receipt", self.replay),
            "truncated": ("a damaged envelope is rejected in words", self.truncated),
            "tampered": ("a tampered ledger is detected", self.tampered),
            "fork": ("a forked checkpoint is refused by the witness", self.fork),
            "witnessed": ("the ledger is cosigned by the oversight witness", self.witnessed),
            "one-process": (
                "a second process on the same folder is refused",
                self.second_serve,
            ),
        }

    def kill(self) -> str:
        """Ask many times while Arcadia is killed and started again."""
        there = self.stage.players["xa"]
        sent: list[str] = []
        for place in range(MANY):
            if place == MANY // 3:
                self.stage.kill(there)
            if place == 2 * MANY // 3:
                self.stage.start(there)
            outcome = self.story.asker.post("letters", self.story.letter("xa.border"))
            sent.append(str(outcome["mid"]))
        wait_ready(there, until=time.monotonic() + 60)
        until(lambda: self._all_receipted(sent), "every receipt after the kill", seconds=90)
        stored = _rows(there, "SELECT hex(mid) FROM inbox")
        counts = [stored.count((mid.upper(),)) for mid in sent]
        _require(all(count == 1 for count in counts), f"stored {counts} times")
        return f"{MANY} sent, one kill -9, each stored exactly once"

    def _all_receipted(self, sent: Sequence[str]) -> bool:
        rows = _rows(self.stage.players["xn"], "SELECT hex(mid), state FROM outbox")
        done = {str(mid) for mid, state in rows if state == "receipted"}
        return {mid.upper() for mid in sent} <= done

    def law_first(self) -> str:
        """Every `sent` leaf names an earlier `permitted` leaf, in each ledger."""
        total = 0
        for code in ("xn", "xa", "xc", "xm"):
            inspection = self._inspect(code)
            report = inspection.audit()
            _require(not report.findings, f"{code}: {report.findings[:2]}")
            total += _in_order(inspection.leaves())
        return f"{total} sent leaves, each behind its permitted leaf"

    def denied(self) -> str:
        """Meridia signed and is bound by nothing: the question never left."""
        return self._nothing_left(self.told.denied, "xm", "denied")

    def reserved(self) -> str:
        """Castalia keeps two articles out: the question never left."""
        return self._nothing_left(self.told.reserved, "xc", "denied")

    def referred(self) -> str:
        """With torture risk unknown a person must decide."""
        outcome = self.told.referred
        _require(outcome.get("outcome") == "referred", f"came to {outcome.get('outcome')}")
        _require("torture_risk" in str(outcome), "the missing fact is not named")
        kinds = [leaf.type for leaf in self._inspect("xn").leaves()]
        _require(LeafType.REFERRED in kinds, "no referred leaf")
        return "torture_risk unknown: referred, and in the ledger"

    def _nothing_left(self, outcome: Json, code: str, wanted: str) -> str:
        _require(outcome.get("outcome") == wanted, f"came to {outcome.get('outcome')}")
        received = [leaf.type for leaf in self._inspect(code).leaves()]
        _require(LeafType.RECEIVED not in received, f"{code} received something")
        cites = _cites(outcome)
        _require(bool(cites), "no provision is cited")
        return f"{wanted}: {cites[0]}; {code} received nothing"

    def receipts(self) -> str:
        """Each receipted envelope of Norland is a received leaf of Arcadia, and the reverse."""
        pairs = 0
        for one, other in (("xn", "xa"), ("xa", "xn")):
            mine, theirs = self._inspect(one).leaves(), self._inspect(other).leaves()
            receipted = {leaf.digest for leaf in mine if leaf.type is LeafType.RECEIPTED}
            received = {leaf.digest for leaf in theirs if leaf.type is LeafType.RECEIVED}
            _require(receipted <= received, f"{one} holds a receipt {other} never wrote")
            pairs += len(receipted)
        return f"{pairs} envelope digests stand in both ledgers"

    def two_persons(self) -> str:
        """Before any judgement the answer is refused; by one person alone it waits."""
        conflict = 409
        _require(self.told.early_hit == conflict, f"status {self.told.early_hit}")
        outcome = self.told.one_person.get("outcome")
        _require(outcome == "awaits-second", f"came to {outcome}")
        return "unjudged: refused; judged, one person: waits for the second"

    def score_last(self) -> str:
        """Find no score in the API's answer before the officer's own first view."""
        _require(self.told.score_before is None, f"score {self.told.score_before} shown first")
        _require(isinstance(self.told.score_after, float), "no score afterwards")
        return "absent before the first view, present after it"

    def recall(self) -> str:
        """Find nothing shown of the recalled answer, and its compliance at the sender."""
        _require(self.told.blocked.get("body") is None, "the recalled content is still shown")
        rows = _rows(
            self.stage.players["xa"],
            "SELECT complied_at FROM outbox WHERE hex(mid) = ?",
            self.told.recall.upper(),
        )
        _require(bool(rows and rows[0][0]), "no compliance is recorded")
        return "closed at the holder on arrival, compliance recorded at the sender"

    def erased(self) -> str:
        """Norland's copy has neither key nor content, and its ledger still verifies."""
        rows = _rows(
            self.stage.players["xn"],
            "SELECT r.wrapped, r.sealed FROM inbox i"
            " JOIN records r ON r.record_id = i.record_id"
            " WHERE hex(i.mid) = ?",
            self.told.answer.upper(),
        )
        _require(rows == [(None, None)], "key or content is still there")
        report = self._inspect("xn").audit()
        _require(not report.findings, str(report.findings[:2]))
        return f"key and content destroyed; {report.size} entries verify"

    def third(self) -> str:
        """Castalia is handed Norland's envelope for Arcadia."""
        envelope = self._envelope()
        answer = read_answer(_post(self.stage.players["xc"], envelope)).said
        if not isinstance(answer, Rejection):
            raise VerificationError("it was taken")
        read = read_envelope(envelope)
        signed_at = signing_time(read.header.mid)
        key = self.directory.current_node_keys(read.header.from_node, at=signed_at)
        outer = verify_envelope(read, key[0], federation=self.directory.federation)
        keyring = keyring_of(self.stage.players["xc"])
        try:
            open_envelope(outer, prekey=keyring.prekey, federation=self.directory.federation)
        except UnknownPrekeyError:
            held = _rows(self.stage.players["xc"], "SELECT count(*) FROM inbox")
            _require(held == [(0,)], "it holds a message")
            return f"rejected as `{answer.code}`; its keys do not open it; it holds nothing"
        raise VerificationError("a third node opened the envelope")

    def replay(self) -> str:
        """Post the same bytes twice; the receipts agree byte for byte."""
        there, envelope = self.stage.players["xa"], self._envelope()
        first, again = _post(there, envelope), _post(there, envelope)
        _require(first == again, "two different answers")
        _require(isinstance(read_answer(first).said, Receipt), "not a receipt")
        return "two posts, one row, one receipt"

    def truncated(self) -> str:
        """Half an envelope gets an answer, never a trace."""
        envelope = self._envelope()
        reply = HTTP.post(
            f"{self.stage.players['xa'].config.url}/x/v1/inbox",
            content=envelope[: len(envelope) // 2],
            timeout=20,
        )
        _require(reply.status_code in {200, 400}, f"status {reply.status_code}")
        _require(b"Traceback" not in reply.content, "a trace came back")
        return f"status {reply.status_code}, no trace"

    def tampered(self) -> str:
        """One changed byte in one entry is found."""
        inspection = self._inspect("xa")
        inspection.audit()
        found = inspection.tampered().audit().findings
        _require(bool(found), "nothing was found")
        return f"{found[0].where}: {found[0].what}"

    def fork(self) -> str:
        """Show the oversight witness another root for a size of Arcadia's ledger."""
        player, witness = self.stage.players["xa"], self.stage.players[OVERSIGHT[0]]
        text = parse_note(Inspection(player, self.directory).fetch("checkpoint")).text
        true = parse_checkpoint(text)
        lie = Checkpoint(origin=true.origin, size=true.size, root=b"\x66" * 32)
        note = sign_note(lie, [signer(keyring_of(player), true.origin)], at=1)
        body = write_request(true.size, (), note)
        reply = HTTP.post(
            f"{witness.config.url}/witness/add-checkpoint", content=body, timeout=20
        )
        _require(reply.status_code in _CONFLICTS, f"status {reply.status_code}")
        return f"refused with status {reply.status_code}"

    def witnessed(self) -> str:
        """Arcadia's checkpoint carries the oversight node's cosignature."""
        name = f"{self.directory.federation}/witness/{_node(self.stage, OVERSIGHT[0])}"

        def cosigned() -> bool:
            inspection = Inspection(self.stage.players["xa"], self.directory)
            opened = inspection.audit()
            return any(seen.verifier.name == name for seen in opened.seen)

        until(cosigned, "the oversight witness's cosignature")
        return f"cosigned by {name.rpartition('/')[2]}"

    def second_serve(self) -> str:
        """Serve the same folder again; the refusal names the process that holds it."""
        folder = self.stage.players["xa"].folder
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "comity", "node", "serve", str(folder)],
            capture_output=True,
            timeout=60,
            check=False,
        )
        _require(done.returncode == 1, f"exit code {done.returncode}")
        _require(b"pid" in done.stderr and b"Traceback" not in done.stderr, "no clear words")
        return done.stderr.decode("utf-8", "replace").strip().splitlines()[-1][:100]

    def _inspect(self, code: str) -> Inspection:
        if code not in self.inspections:
            player = self.stage.players[code]
            size = _rows(player, "SELECT count(*) FROM outbox WHERE state = 'queued'")
            _require(size == [(0,)] or code != "xn", "messages still wait")
            self.inspections[code] = until(lambda: self._settled(player), "a checkpoint")
        return self.inspections[code]

    def _settled(self, player: Player) -> Inspection | None:
        """Wait for a checkpoint that covers every entry."""
        inspection = Inspection(player, self.directory)
        signed = int(inspection.fetch("checkpoint").split(b"\n")[1])
        ((held,),) = _rows(player, "SELECT count(*) FROM ledger_entry")
        return inspection if signed == held else None

    def _envelope(self) -> bytes:
        rows = _rows(
            self.stage.players["xn"],
            "SELECT envelope FROM outbox WHERE hex(mid) = ?",
            self.told.ask.upper(),
        )
        ((envelope,),) = rows
        if not isinstance(envelope, bytes):
            raise VerificationError("the outbox holds no envelope of the question")
        return envelope


def _checked(name: str, words: str, check: Callable[[], str]) -> Claim:
    try:
        return Claim(id=name, claim=words, holds=True, evidence=check())
    except (ComityError, httpx2.HTTPError, sqlite3.Error) as error:
        return Claim(id=name, claim=words, holds=False, evidence=str(error)[:300])


def _in_order(leaves: Sequence[Leaf]) -> int:
    sent = 0
    for place, leaf in enumerate(leaves):
        if leaf.type is LeafType.SENT:
            follows = leaf.follows
            _require(follows is not None and follows < place, f"entry {place} follows nothing")
            _require(
                leaves[follows or 0].type is LeafType.PERMITTED, f"entry {place} had no permit"
            )
            sent += 1
    return sent


def _cites(outcome: Json) -> list[str]:
    """Return every provision an outcome's decision cites."""
    decision = cast("Mapping[str, Sequence[Mapping[str, str]]]", outcome.get("decision") or {})
    said = (*decision.get("reasons", ()), *decision.get("why_not", ()))
    return [each["cite"] for each in said if each.get("cite")]


def _rows(player: Player, query: str, *values: str) -> list[tuple[object, ...]]:
    """Read a node's store as anyone with its folder could, without its keys."""
    held = sqlite3.connect(f"file:{player.folder / 'store.db'}?mode=ro", uri=True, timeout=10)
    try:
        return [tuple(row) for row in held.execute(query, values).fetchall()]
    finally:
        held.close()


def _post(player: Player, envelope: bytes) -> bytes:
    reply = HTTP.post(
        f"{player.config.url}/x/v1/inbox",
        content=envelope,
        headers={"content-type": "application/cbor-seq"},
        timeout=20,
    )
    if reply.status_code != 200:  # noqa: PLR2004 - HTTP OK
        raise StateError(f"status {reply.status_code}")
    return cbor.sequence(reply.content, tag=18)[0]


def _node(stage: Stage, code: str) -> str:
    return stage.players[code].config.node


def _require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise VerificationError(otherwise)
