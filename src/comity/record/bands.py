"""What became of candidates judged here whose score stood in one band.

A score holds under the labelled pairs it was fitted on; what a band meant at this node, only
its own judgements can tell. Each counts where it stood when its first view was recorded, under
the version that made the score: nothing is computed again with hindsight.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.core.ids import CaseId, EntityId
from comity.core.store import Op, Reader, Where, eq
from comity.record.judgement import JudgementRow, Standing, Verdict, View, verdict

ENOUGH = 50
"""Fewest judged candidates from which a count says anything."""
_NEWEST = 5_000
"""Judgements counted, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """How many candidates were judged, and to what; not yet known below `ENOUGH`."""

    standing: Standing
    judged: int
    verdicts: Mapping[str, int]
    """`same`, `different`, `unsure` and `disputed`; empty where it is not yet known."""

    @property
    def is_known(self) -> bool:
        """Whether enough were judged to say anything."""
        return self.judged >= ENOUGH


def outcomes(reader: Reader, standing: Standing) -> Outcomes:
    """Count what was made of candidates that stood as this one does."""
    rows = reader.find(
        JudgementRow,
        eq("band", standing.band),
        eq("script", standing.script),
        eq("calibration", standing.calibration),
        Where("final_view", Op.NE, ""),
        order="-first_at",
        limit=_NEWEST,
    )
    pairs = {(row.case_id, row.entity_id) for row in rows}
    found = Counter(filter(None, (_became(reader, *pair) for pair in sorted(pairs))))
    judged = sum(found.values())
    names = ("same", "different", "unsure", "disputed")
    known = {name: found[name] for name in names} if judged >= ENOUGH else {}
    return Outcomes(standing=standing, judged=judged, verdicts=known)


def _became(reader: Reader, case: str, entity_id: str) -> str:
    """Return what a candidate was judged to be; nothing while one more view is needed."""
    found = verdict(reader, CaseId(case), EntityId(entity_id))
    if found is not Verdict.OPEN:
        return str(found.value)
    rows = reader.find(JudgementRow, eq("case_id", case), eq("entity_id", entity_id))
    return View.UNSURE.value if _all_unsure(rows) else ""


def _all_unsure(rows: Iterable[JudgementRow]) -> bool:
    final = {row.final_view for row in rows if row.final_view}
    return final == {View.UNSURE.value}
