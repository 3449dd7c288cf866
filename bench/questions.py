"""Questions one node asks the law on one day: its partners, purposes, kinds and answers.

Drawn from a fixed seed, so that every engine and every run is asked the same. Half of them are
ordinary cases between assessed partners; in the others one to three answers are another, or not
known. Every question has values of its own and a case of its own.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TypeVar

from comity.core.cbor import Value
from comity.core.clock import from_iso
from comity.core.ids import AgencyId, CaseId
from comity.law import Corpus, ordinary_facts
from comity.message import Draft, Handling, Item, Tlp, Urgency

HERE = AgencyId("fr.police")
PARTNERS = tuple(
    AgencyId(f"{code}.police")
    for code in (
        *("de", "es", "it", "be", "nl", "pl", "se", "no", "ch", "gb", "us", "ca", "au", "jp"),
        *("tr", "ma", "tn", "dz", "eg", "jo", "sn", "ml", "ke", "in", "id", "ph", "br", "mx"),
        *("ua", "np"),
    )
)
PURPOSES = ("counter-terrorism", "foreign-fighters", "terrorist-financing", "border-security")
KINDS = ("requests.ask/1", "requests.answer/1", "requests.inform/1")
_AT = from_iso("2026-11-23T08:00:00Z")
_SORTS = ("identity", "travel", "travel-document", "location", "financial", "free-text")
_ODD = (0, 0, 0, 1, 2, 3)
"""How many answers of a question are not the ordinary ones."""
_MARKING = Handling(tlp=Tlp.AMBER)
_BODY: dict[str, Value] = {
    "question": "Did this person cross at one of your ports in May, and on which document? "
    "We hold a booking and no crossing.",
    "subjects": [
        {
            "id": "subject",
            "schema": "Person",
            "properties": {"name": ["Anna Example"], "birthDate": ["1988-04-17"]},
        }
    ],
    "subject_status": "suspect",
}


T = TypeVar("T")


class Drawn:
    """Picks that look random and are the same in every run."""

    def __init__(self, seed: int) -> None:
        """Begin a row of picks."""
        self._seed = seed
        self._next = 0

    def pick(self, among: Sequence[T]) -> T:
        """Pick one."""
        self._next += 1
        number = sha256(f"{self._seed}/{self._next}".encode()).digest()[:4]
        return among[int.from_bytes(number, "big") % len(among)]

    def some(self, among: Sequence[T], count: int) -> list[T]:
        """Pick several different ones."""
        left = list(among)
        return [left.pop(left.index(self.pick(left))) for _ in range(count)]


def questions(corpus: Corpus, count: int, *, seed: int = 20) -> Iterator[Draft]:
    """Draw questions of three to five values each; the same for the same corpus and seed."""
    drawn = Drawn(seed)
    usual = dict(sorted(ordinary_facts(corpus.lexicon).items()))
    for number in range(count):
        facts = dict(usual)
        for name in drawn.some(sorted(facts), drawn.pick(_ODD)):
            facts[name] = drawn.pick((True, False, None))
        sorts = drawn.some(_SORTS, drawn.pick((3, 4, 5)))
        yield Draft(
            kind=drawn.pick(KINDS),
            originator=HERE,
            recipient=drawn.pick(PARTNERS),
            purpose=drawn.pick(PURPOSES),
            at=_AT,
            body=_BODY,
            handling=_MARKING,
            case=CaseId(f"case-{number}"),
            categories=frozenset(sorts),
            items=tuple(
                Item(path=f"subjects/0/properties/{place}", category=sort, handling=_MARKING)
                for place, sort in enumerate(sorts)
            ),
            facts=facts,
            urgency=drawn.pick(list(Urgency)),
        )
