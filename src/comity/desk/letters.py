"""A letter: what a person wants to say to a partner, turned into a draft the law can judge."""

from dataclasses import dataclass, field, replace

from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError
from comity.core.ids import AgencyId, CaseId
from comity.core.store import Reader, Transaction, eq
from comity.desk.agreed import agreed_facts, under_terms
from comity.desk.derive import derived_facts, derived_signs
from comity.desk.lineage import descended, followed, inherited
from comity.desk.rows import CaseFactRow
from comity.exchange import Act, InboxRow, OutboxRow, Station
from comity.exchange.cases import new_case_id
from comity.exchange.naming import check
from comity.exchange.stepping import check_pairwise
from comity.law import Home, compose_facts, shipped_lexicon, standing_facts
from comity.message import Draft, Facts, Handling
from comity.practice import (
    ActRow,
    Body,
    CaseFieldRow,
    CaseRow,
    JointRow,
    Kind,
    PartyRow,
    Side,
    branch,
    choice,
    items,
    normal_body,
    parse_body,
    protects,
    universal,
    urgency,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a person filled in; without `case`, `recipient` and `purpose` open one.

    `facts` are the officer's answers to what the law asked of this message.
    """

    kind: str
    body: Body
    handling: Handling
    case: CaseId | None = None
    recipient: AgencyId | None = None
    purpose: str = ""
    parent: CaseId | None = None
    """The case whose child it opens, where it opens one of several parties."""
    facts: Facts = field(default_factory=dict[str, bool | None])


def draft_of(reader: Reader, letter: Letter, agency: AgencyId, *, station: Station) -> Draft:
    """Turn a letter into a draft with every fact from its home.

    Raises `InvalidInputError` naming each field that does not hold, `NotFoundError` for an
    unknown case, partner or message.
    """
    kind = station.practices.kind(letter.kind)
    body = normal_body(kind, vouched(kind, letter.body, persons=1))
    body = parse_body(kind, body)
    partner, purpose, case = _address(reader, letter, station)
    check(reader, kind, body, case=case, station=station, is_ours=True)
    at = station.clock.now()
    marking = inherited(reader, letter.handling, kind, body, partner=partner, station=station)
    parts = items(kind, body, handling=marking)
    draft = Draft(
        kind=kind.name,
        originator=agency,
        recipient=partner,
        purpose=purpose,
        at=at,
        body=body,
        handling=marking,
        case=case,
        categories=frozenset(item.category for item in parts),
        items=parts,
        urgency=urgency(body),
        is_protective=protects(kind, body),
    )
    return with_facts(reader, descended(reader, draft, safe=station.safe), letter.facts)


def vouched(kind: Kind, body: Body, *, persons: int) -> Body:
    """Say in a body how many persons stand behind it, as this node knows and no form says."""
    if "confirmation" not in {each.name for each in kind.fields}:
        return body
    bare = {name: value for name, value in body.items() if name != "confirmation"}
    if "confirmation" not in branch(kind, choice(kind, body)).required:
        return bare
    return {**bare, "confirmation": "two-persons" if persons > 1 else "one-person"}


def with_facts(reader: Reader, draft: Draft, stated: Facts) -> Draft:
    """Put every fact from its home on a draft: derived, standing, case, message.

    What an officer states of the case is merged with what was stated of it before. Raises
    `AuthorisationError` where a letter takes a contrary sign back.
    """
    passed_on, signs = followed(reader, draft.body), shipped_lexicon().signs.keys()
    draft = under_terms(reader, draft, passed_on)
    of_case = facts_of_case(stated)
    if any(of_case.get(sign, True) is False for sign in signs):
        raise AuthorisationError(
            "a letter takes no contrary sign back: the rights officer does"
        )
    before = {row.fact: row.value for row in reader.find(CaseFactRow, eq("case", draft.case))}
    known = {**before, **of_case}
    facts = compose_facts(
        derived={**derived_facts(draft), **agreed_facts(reader, draft, passed_on)},
        standing=standing_facts(reader, draft.recipient, draft.purpose, at=draft.at),
        case={name: value for name, value in known.items() if name not in signs},
        message={name: value for name, value in stated.items() if name not in of_case},
        contrary_signs=derived_signs(draft)
        | _signs_of_case(reader, draft)
        | {sign for sign in signs if known.get(sign, False) is not False},
    )
    sensitive = {"special_category": stated.get("free_text_sensitive")}
    items = tuple(
        replace(item, facts={**item.facts, **sensitive})
        if item.category == "free-text"
        else item
        for item in draft.items
    )
    return replace(draft, facts=facts, items=items)


def facts_of_case(stated: Facts) -> Facts:
    """Return what is of the case, signs included, and inherited by its later messages."""
    known, signs = shipped_lexicon().facts, shipped_lexicon().signs
    return {
        name: value
        for name, value in stated.items()
        if name in signs or (name in known and known[name].home is Home.CASE)
    }


def open_case(tx: Transaction, draft: Draft, *, act: Act, station: Station) -> None:
    """Write the case a first letter opens, and the facts its author stated of it."""
    for fact, value in facts_of_case({**act.stated, **draft.facts}).items():
        stated = CaseFactRow(
            case=draft.case,
            fact=fact,
            value=value,
            person=act.person,
            seat=act.seat,
            at=draft.at,
        )
        tx.put(stated)
    if tx.get(CaseRow, draft.case) is not None:
        return
    practice = station.practices.owner(draft.kind)
    row = CaseRow(
        case=draft.case,
        practice=practice.name,
        state=practice.initial,
        opener=draft.originator,
        partner=draft.recipient,
        side=Side.OPENER.value,
        conv=station.entropy.take(16),
        purpose=draft.purpose,
        opened=draft.at,
        changed=draft.at,
        due=None,
        owner=act.person,
        setting=draft.handling.setting.value,
        parent=None,
    )
    tx.insert(row)


def _address(reader: Reader, letter: Letter, station: Station) -> tuple[AgencyId, str, CaseId]:
    if letter.case is not None:
        held = reader.get(CaseRow, letter.case)
        if held is None:
            raise NotFoundError(f"no case `{letter.case}`")
        partner = _partner(reader, letter, held, station)
        return partner, held.purpose, CaseId(held.case)
    if letter.recipient is None or not letter.purpose:
        raise InvalidInputError("a first letter names its recipient and its purpose")
    partner = station.directory().agency(letter.recipient).agency
    return partner, letter.purpose, new_case_id(station.clock.now(), station.entropy)


def _partner(reader: Reader, letter: Letter, held: CaseRow, station: Station) -> AgencyId:
    """Return whom a letter in a case goes to; among several parties it names one of them."""
    if reader.get(JointRow, held.case) is None:
        return AgencyId(held.partner)
    party = reader.get(PartyRow, held.case, letter.recipient or "")
    if party is None:
        raise InvalidInputError("a letter in a case of several parties names one of them")
    check_pairwise(reader, CaseId(held.case), letter.kind, station)
    return AgencyId(party.party)


def _signs_of_case(reader: Reader, draft: Draft) -> set[str]:
    """Return the signs that the messages of a case themselves are: a challenge, a dissent."""
    of_case = eq("case", draft.case)
    kit = universal(draft.kind.partition(".")[0])
    named = [eq("kind", kind.name) for kind in kit if kind.word == "dissent"]
    several = eq("kind", f"{draft.kind.partition('.')[0]}.dissent/2")
    found = set[str]()
    if any(reader.count(row, of_case, *named) for row in (InboxRow, OutboxRow)):
        found.add("dissent")
    if reader.count(ActRow, of_case, several):
        found.add("dissent")
    if reader.count(CaseFieldRow, of_case, eq("name", "contested")):
        found.add("challenge")
    return found
