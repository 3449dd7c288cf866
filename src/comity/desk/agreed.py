"""What others agreed to, as facts: consents of originators, conditions taken on, assurances.

An agreement counts for what it names, until it ends, and only from who may give it; none held
means no. One given with terms in words adds H3, so that a person reads them first.
"""

from dataclasses import replace

from comity.core.ids import AgencyId, CaseId, member_of
from comity.core.store import Reader
from comity.exchange import InboxRow
from comity.message import Draft, Facts
from comity.practice import CaseRow
from comity.record import ConsentRow, Use, consent_for, has_accepted, is_assured

_COURT = "judicial-assistance"


def agreed_facts(reader: Reader, draft: Draft, passed_on: InboxRow | None) -> Facts:
    """Return the facts that agreements held now answer for a draft."""
    partner, facts = draft.recipient, dict[str, bool | None]()
    held = reader.get(CaseRow, draft.case)
    if held is not None and held.opened < draft.at:
        # Nothing can be held for a case that is not open yet: its first letter leaves it open.
        state, at = member_of(partner), draft.at
        facts = {
            "conditions_accepted": has_accepted(reader, draft.case, partner, at=at),
            "death_penalty_assurance": is_assured(reader, draft.case, state, at=at),
        }
    if passed_on is None:
        return facts
    # A message taken back is passed on by nobody, whatever was agreed before.
    is_agreed = passed_on.state == "filed" and None not in _consents(reader, draft, passed_on)
    return {
        **facts,
        "third_party": passed_on.author != partner,
        "originator_consent": is_agreed,
        "prior_authorisation": is_agreed,
        # A source that consents to this use lets more than hit or no-hit leave.
        "hit_only": False if is_agreed else None,
    }


def under_terms(reader: Reader, draft: Draft, passed_on: InboxRow | None) -> Draft:
    """Return the draft under H3 where a consent it goes on under has terms in words."""
    held = () if passed_on is None else _consents(reader, draft, passed_on)
    if not any(each is not None and each.has_terms for each in held):
        return draft
    marking = replace(draft.handling, codes=draft.handling.codes | {"H3"})
    items = tuple(
        replace(item, handling=replace(item.handling, codes=item.handling.codes | {"H3"}))
        for item in draft.items
    )
    return replace(draft, handling=marking, items=items)


def _consents(
    reader: Reader, draft: Draft, passed_on: InboxRow
) -> tuple[ConsentRow | None, ...]:
    """Return one consent, or none, for each originator and each use this draft makes."""
    # INVARIANT: every originator that kept control agrees, not only who sent it last.
    kept = {name for item in draft.items for name in item.handling.originators}
    kept |= draft.handling.originators | {AgencyId(passed_on.author)}
    return tuple(
        consent_for(
            reader,
            passed_on.mid.hex(),
            use,
            originator=originator,
            partner=draft.recipient,
            at=draft.at,
        )
        for originator in sorted(kept - {draft.originator, draft.recipient})
        for use in _uses(reader, draft, passed_on)
    )


def _uses(reader: Reader, draft: Draft, passed_on: InboxRow) -> tuple[Use, ...]:
    came = reader.get(CaseRow, CaseId(passed_on.case))
    is_other = came is None or came.purpose != draft.purpose
    is_evidence = "H1" in draft.handling.codes and draft.purpose == _COURT
    return (
        Use.ONWARD,
        *((Use.OTHER_PURPOSE,) if is_other else ()),
        *((Use.EVIDENCE,) if is_evidence else ()),
    )
