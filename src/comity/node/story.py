"""The story the demonstration replays: everything through the officers' API, as people would.

An officer of Norland asks Arcadia about a person. The law decides; the message travels;
Arcadia's officers find a candidate, each judges it, and two of them answer. Then Arcadia takes
the answer back, and Norland says that it has.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

import httpx2
import msgspec

from comity.core.errors import StateError, UnreachableError
from comity.law import shipped_lexicon
from comity.node.casting import listed_person
from comity.node.loopback import HTTP
from comity.node.stage import Player, Stage

Json = dict[str, object]
_NOT_YET = 503
T = TypeVar("T")
FACTS: Mapping[str, bool | None] = {
    "conduct_bombing": True,
    "political_offence": False,
    "for_prevention": True,
    "for_investigation": False,
    "accurate_and_verified": True,
    "free_text_sensitive": False,
}
"""What Norland's officer answers when the law asks about this case."""
NO_OTHER: Mapping[str, bool | None] = {
    fact.name: False
    for fact in shipped_lexicon().facts.values()
    if fact.asked_with in {"conduct", "stage"} and fact.name not in FACTS
} | {"suspect_fled": False}
"""What is not ticked among the choices of a question is false."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One person's programs at one node."""

    player: Player
    seat: str

    def get(self, path: str) -> Json:
        """Read; raises `StateError` with the problem's words where the answer is no."""
        return _read(HTTP.get(self._url(path), headers=self._headers(), timeout=30))

    def post(self, path: str, said: Mapping[str, object]) -> Json:
        """Act; raises as `get`."""
        return _read(self.try_post(path, said))

    def try_post(self, path: str, said: Mapping[str, object]) -> httpx2.Response:
        """Act, and return whatever came back."""
        headers = {**self._headers(), "content-type": "application/json"}
        body = msgspec.json.encode(said)
        return HTTP.post(self._url(path), content=body, headers=headers, timeout=60)

    def _url(self, path: str) -> str:
        return f"{self.player.config.console}/api/v1/{path}"

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.player.tokens[self.seat]}"}


def _read(response: httpx2.Response) -> Json:
    found = cast("Json", response.json())
    if response.status_code >= 400:  # noqa: PLR2004 - HTTP: any error
        raise StateError(f"{response.status_code}: {found.get('detail', found)}")
    return found


def until(check: Callable[[], T | None], what: str, *, seconds: float = 120.0) -> T:
    """Wait for something to be there; raises `UnreachableError` naming what did not come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.15)
    raise UnreachableError(f"waited {seconds:.0f} s for {what}")


@dataclass(slots=True)
class Told:
    """What the story left behind, for the checks that follow."""

    case: str = ""
    """Norland's case."""
    their_case: str = ""
    ask: str = ""
    answer: str = ""
    recall: str = ""
    denied: Json = field(default_factory=dict[str, object])
    reserved: Json = field(default_factory=dict[str, object])
    referred: Json = field(default_factory=dict[str, object])
    early_hit: int = 0
    """Status of an answer tried before anyone had judged the candidate."""
    one_person: Json = field(default_factory=dict[str, object])
    """What came of an answer by one person alone."""
    score_before: object = "not looked at"
    score_after: object = None
    candidate: str = ""
    blocked: Json = field(default_factory=dict[str, object])


class Story:
    """The story, step by step; each step waits for what it needs."""

    def __init__(self, stage: Stage, say: Callable[[str], None]) -> None:
        """Begin; `say` tells a person what happens."""
        self.stage = stage
        self.say = say
        self.told = Told()
        self.subject = listed_person()
        self.asker = Caller(stage.players["xn"], "officer")
        self.first = Caller(stage.players["xa"], "officer")
        self.second = Caller(stage.players["xa"], "officer-2")

    def run(self) -> Told:
        """Tell the whole story."""
        self.wait_for_lists()
        self.ask()
        self.judge()
        self.answer()
        self.recall()
        self.refusals()
        self.leave_open()
        return self.told

    def letter(self, recipient: str, **changes: object) -> Json:
        """Write the question to one partner."""
        said: Json = {
            "kind": "requests.ask/1",
            "recipient": recipient,
            "purpose": "counter-terrorism",
            "handling": "TLP:AMBER H1",
            "facts": {**FACTS, **NO_OTHER},
            "body": {
                "question": "Is this person known to you, and under which documents?",
                "subjects": [self.subject],
                "subject_status": "suspect",
                "why_you": "A crossing at Port Halden was reported.",
            },
        }
        return {**said, **changes}

    def wait_for_lists(self) -> None:
        """Wait until Arcadia holds the list it is asked about."""

        def held() -> bool:
            editions = cast("list[Json]", self.first.get("editions")["editions"])
            return bool(editions)

        until(held, "the public list at Arcadia", seconds=120)

    def ask(self) -> None:
        """Norland asks Arcadia; the law permits, and the message is stored there."""
        sent = self.asker.post("letters", self.letter("xa.border"))
        if sent["outcome"] != "sent":
            raise StateError(f"the question was not sent: {sent}")
        self.told.case, self.told.ask = str(sent["case"]), str(sent["mid"])
        self.say("Norland asks Arcadia about a person; the law permits it.")
        until(lambda: self._message(self.asker, self.told.ask)["stored"], "Arcadia's receipt")
        cases = cast("list[Json]", self.first.get("cases?view=to-do")["cases"])
        self.told.their_case = str(cases[0]["case"])
        self.first.get(f"messages/{self.told.ask}")
        until(
            lambda: self._message(self.asker, self.told.ask)["seen"],
            "the word that it was seen",
        )
        self.say("Arcadia has stored it, and an officer has seen it.")

    def judge(self) -> None:
        """Let two officers judge, each before seeing the other's view or any score."""
        search = {key: self.subject[key] for key in ("schema", "properties")}
        found = until(
            lambda: self._searched(search), "the list to be read for screening", seconds=300.0
        )
        candidates = cast("list[Json]", found["candidates"])
        if not candidates:
            raise StateError("Arcadia found no candidate for a person on its own list")
        self.told.candidate = str(candidates[0]["entity"])
        self.told.early_hit = self.first.try_post("letters", self.answer_letter()).status_code
        before = self._compare(self.first, search)
        self.told.score_before = before["score"]
        for caller in (self.first, self.second):
            self._judge(caller, search)
        self.told.score_after = self._compare(self.first, search)["score"]
        self.say("Two officers of Arcadia compared the candidate: the same person.")

    def _searched(self, search: Json) -> Json | None:
        """Search; nothing while the list that was brought in a moment ago is still read."""
        answer = self.first.try_post(f"cases/{self.told.their_case}/search", search)
        return None if answer.status_code == _NOT_YET else _read(answer)

    def _judge(self, caller: Caller, search: Json) -> None:
        for step in ("first-view", "final-view"):
            shown = self._compare(caller, search)
            opinion = {
                **search,
                "seen": shown["seen"],
                "view": "same",
                "reason": "Full name and birth date agree; nothing speaks against it.",
            }
            caller.post(self._candidate(step), opinion)

    def _compare(self, caller: Caller, search: Json) -> Json:
        return caller.post(self._candidate("compare"), search)

    def _candidate(self, step: str) -> str:
        return f"cases/{self.told.their_case}/candidates/{self.told.candidate}/{step}"

    def answer_letter(self) -> Json:
        """Write Arcadia's answer: a hit, with what it may tell."""
        return {
            "kind": "requests.answer/1",
            "case": self.told.their_case,
            "handling": "TLP:AMBER H1",
            "facts": {**FACTS, **NO_OTHER},
            "body": {
                "about": self.told.ask,
                "outcome": "hit",
                "confirmation": "two-persons",
                "judgement": self.told.ask,
                "text": "The person is on the public list we hold.",
                "subject_status": "suspect",
            },
        }

    def answer(self) -> None:
        """Arcadia's officer answers; another confirms; Norland reads it."""
        self.told.one_person = self.first.post("letters", self.answer_letter())
        pending = str(self.told.one_person.get("pending"))
        sent = self.second.post(f"pending/{pending}/confirm", {})
        if sent["outcome"] != "sent":
            raise StateError(f"the answer was not sent: {sent}")
        self.told.answer = str(sent["mid"])
        until(
            lambda: self._message(self.first, self.told.answer)["stored"], "Norland's receipt"
        )
        self.asker.get(f"messages/{self.told.answer}")
        self.say("A second officer confirmed the answer; Norland has read it in time.")

    def recall(self) -> None:
        """Take the answer back; it is closed at Norland at once, and Norland says so."""
        said = {
            "kind": "requests.recall/1",
            "case": self.told.their_case,
            "handling": "TLP:AMBER",
            "body": {"about": self.told.answer, "ground": "source-withdrew"},
        }
        sent = self.first.post("letters", said)
        self.told.recall = str(sent["mid"])
        until(lambda: self._message(self.first, self.told.recall)["stored"], "the recall")
        self.told.blocked = self.asker.get(f"messages/{self.told.answer}")
        done = {
            "kind": "requests.comply/1",
            "case": self.told.case,
            "handling": "TLP:AMBER",
            "body": {"about": self.told.recall, "done": "erased", "told": 0},
        }
        self.asker.post("letters", done)
        until(
            lambda: self._message(self.first, self.told.recall)["complied"],
            "Norland's compliance",
        )
        self.say("Arcadia recalled its answer; Norland closed it at once and said so.")

    def refusals(self) -> None:
        """Ask what the law holds back: a signatory, a reservation, an unknown fact."""
        self.told.denied = self.asker.post("letters", self.letter("xm.justice"))
        self.told.reserved = self.asker.post("letters", self.letter("xc.police"))
        self.told.referred = self.asker.post(
            "letters",
            self.letter("xa.border", facts={**FACTS, **NO_OTHER, "torture_risk": None}),
        )
        self.say("The law denied two questions and left one to a person; nothing of them left.")

    def leave_open(self) -> None:
        """Ask about another person; the answer is left to who looks at Arcadia's inbox."""
        body = {
            "question": "Please say before the evening what you hold on this person.",
            "subjects": [listed_person(1)],
            "subject_status": "suspect",
            "urgency_ground": "suspect-may-flee",
        }
        self.asker.post("letters", self.letter("xa.border", body=body))
        self.say("One urgent question waits in Arcadia's inbox: answer it.")

    def _message(self, caller: Caller, mid: str) -> Json:
        case = self.told.case if caller is self.asker else self.told.their_case
        messages = cast("list[Json]", caller.get(f"cases/{case}")["messages"])
        found = next((each for each in messages if each["mid"] == mid), None)
        if found is None:
            raise StateError(f"message {mid} is not in its case")
        return found
