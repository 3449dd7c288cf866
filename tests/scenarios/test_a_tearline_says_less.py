"""A tearline: a lower rendition on its own terms, which only its parent's terms allow."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.scenarios.stage import (
    ANNA,
    CASTALIA,
    FACTS,
    PERSON,
    A,
    N,
    a_world,
    case_of,
    confirmed,
    entries,
    leaves,
    opened,
    question,
    reply,
    send,
    sure,
)

from comity.adapters.world import Resident, World
from comity.core import cbor
from comity.core.cbor import Value
from comity.core.clock import DAY, Instant
from comity.core.errors import AuthorisationError, InvalidInputError, NotFoundError, StateError
from comity.core.ids import AgencyId, EntityId, RecordId
from comity.core.store import Reader, Transaction
from comity.desk import AwaitsSecond, Incoming, Sent
from comity.message import Grade, Statement, handling
from comity.record import (
    Point,
    StatementRow,
    Tearline,
    TearlineRow,
    Treated,
    contest,
    correct,
    recall,
    row_of,
    statements_of,
)

WHOLE = "The source in the harbour office saw her board the Meridia ferry at 04:12 on Monday"
LESS = "She travelled by sea in the first week of the month"
CHECKED: Mapping[Point, Treated] = {
    Point.SOURCE: Treated.REMOVED,
    Point.METHOD: Treated.REMOVED,
    Point.PRECISION: Treated.GENERALISED,
    Point.PERSONS: Treated.ABSENT,
    Point.THIRD_PARTY: Treated.ABSENT,
    Point.WORDING: Treated.REMOVED,
}


@pytest.fixture
def world() -> World:
    return a_world()


def hold(
    here: Resident, marking: str = "TLP:RED L1", *, originator: AgencyId | None = None
) -> Statement:
    at = here.clock.now()
    held = Statement(
        statement_id="s-parent",
        entity_id=PERSON,
        schema="Person",
        prop="notes",
        value=WHOLE,
        dataset="own-file",
        originator=originator or here.agency,
        grade=Grade(scale="admiralty", source="B", information="2"),
        handling=handling(marking),
        basis="Treaty of the Test, article 1",
        purpose="counter-terrorism",
        collected=at,
        retain_until=Instant(at + 90 * DAY),
    )
    here.desk.holdings.keep(here.actor("officer"), Incoming(statements=[held]))
    return held


def lower(parent: str = "s-parent", text: str = LESS) -> Tearline:
    return Tearline(
        parent=parent,
        entity_id=EntityId("p-tear"),
        schema="Person",
        prop="notes",
        text=text,
        handling=handling("TLP:GREEN REL:xn,xc"),
        grade=Grade(scale="europol-4x4", source="X", information="3"),
        checked=CHECKED,
        reasons="Castalia guards the ferry and cannot read the whole.",
    )


def made(here: Resident, said: Tearline) -> TearlineRow:
    row = here.desk.release.tearline(here.actor("supervisor"), said)
    if row.state == "made":
        return row
    return here.desk.release.confirm(here.actor("legal"), row.tearline)


def rendered(here: Resident, row: TearlineRow) -> Statement:
    def query(reader: Reader) -> Statement:
        return statements_of(reader, [row_of(reader, row.tearline)], safe=here.station.safe)[0]

    return here.store.read(query)


def test_a_tearline_stands_on_its_own_terms_and_names_no_parent(world: World) -> None:
    here = world.residents[A]
    parent = hold(here)
    row = made(here, lower())
    said = rendered(here, row)
    assert (said.value, str(said.handling)) == (LESS, "TLP:GREEN REL:xc,xn")
    assert said.grade == Grade(scale="europol-4x4", source="X", information="3")
    assert said.retain_until == parent.retain_until
    assert said.entity_id != parent.entity_id
    shown = repr(said) + repr(here.store.read(lambda r: row_of(r, row.tearline)))
    assert "s-parent" not in shown
    assert WHOLE not in shown


def test_its_link_opens_to_whoever_is_given_the_salt_and_to_nobody_else(world: World) -> None:
    here = world.residents[A]
    hold(here)
    row = made(here, lower())
    salt = here.store.read(lambda r: here.station.safe.open(r, RecordId(row.salt_id)))
    assert salt is not None
    said = cbor.encode(["comity/v1/tearline", "s-parent", [WHOLE]])
    assert hashlib.sha256(salt + said).digest() == row.commitment
    # Who knows the parent's words still cannot tell that this is its tearline.
    assert hashlib.sha256(said).digest() != row.commitment
    assert leaves(here)[-1] == "assessed"
    assert all(row.commitment != entry.commitment for entry in entries(here))


def test_what_is_secret_needs_a_second_person_and_another(world: World) -> None:
    here = world.residents[A]
    hold(here)
    row = here.desk.release.tearline(here.actor("supervisor"), lower())
    assert row.state == "waiting"
    assert here.store.read(lambda r: r.count(StatementRow)) == 1
    with pytest.raises(AuthorisationError, match="another"):
        here.desk.release.confirm(here.actor("supervisor"), row.tearline)
    with pytest.raises(AuthorisationError):
        here.desk.release.confirm(here.actor("officer"), row.tearline)
    done = here.desk.release.confirm(here.actor("legal"), row.tearline)
    assert (done.state, done.second) == ("made", here.actor("legal").person)
    with pytest.raises(StateError, match="no longer"):
        here.desk.release.confirm(here.actor("legal"), row.tearline)
    with pytest.raises(NotFoundError):
        here.desk.release.confirm(here.actor("legal"), "0" * 32)


@pytest.mark.parametrize(
    "marking",
    ["TLP:AMBER L1", "TLP:RED", "TLP:AMBER CAVEAT:LES", "TLP:AMBER H2", "TLP:AMBER H3"],
)
def test_strict_terms_ask_for_a_second_person(world: World, marking: str) -> None:
    here = world.residents[A]
    hold(here, marking)
    assert here.desk.release.tearline(here.actor("legal"), lower()).state == "waiting"


def test_plain_terms_are_released_by_one_named_officer(world: World) -> None:
    here = world.residents[A]
    hold(here, "TLP:AMBER H1")
    row = here.desk.release.tearline(here.actor("legal"), lower())
    assert (row.state, row.by) == ("made", here.actor("legal").person)
    assert here.desk.release.tearlines(here.actor("officer")) == (row,)


@pytest.mark.parametrize("seat", ["officer", "analyst", "rights", "engineer", "admin"])
def test_nobody_but_a_releasing_officer_makes_one(world: World, seat: str) -> None:
    here = world.residents[A]
    hold(here)
    with pytest.raises(AuthorisationError):
        here.desk.release.tearline(here.actor(seat), lower())


def test_what_another_originated_is_not_lowered_without_it(world: World) -> None:
    here = world.residents[A]
    hold(here, originator=CASTALIA)
    with pytest.raises(InvalidInputError, match="has not agreed"):
        made(here, lower())


def test_originator_control_of_another_stands_in_the_way(world: World) -> None:
    here = world.residents[A]
    hold(here, "TLP:AMBER ORCON:xa.border,xc.police")
    with pytest.raises(InvalidInputError, match="has not agreed"):
        made(here, lower())


def told(world: World, **more: Value) -> Sent:
    letter = replace(
        question(),
        kind="requests.inform/1",
        body={"text": WHOLE, **more},
        facts={**FACTS, "conditions_set": False},
    )
    sent = confirmed(world.residents[N], letter)
    world.run()
    return sent


def agreed(world: World, sent: Sent, use: str) -> None:
    here, there = world.residents[N], world.residents[A]
    case = case_of(there, sent.mid)
    partners = {"partners": ["xc.police"]} if use == "onward" else {}
    asked = send(there, reply(case, "consent", about=sent.mid, use=use, **partners))
    world.run()
    given = reply(sent.case, "consent-answer", about=asked.mid, answer="given")
    waits = here.desk.correspondence.send(here.actor("supervisor"), given)
    assert isinstance(waits, AwaitsSecond)
    sure(here.desk.correspondence.confirm(here.actor("legal"), waits.pending))
    world.run()


def test_a_partners_message_is_lowered_only_with_its_consent_to_that(world: World) -> None:
    there, sent = world.residents[A], told(world)
    for use in ("", "onward", "publication"):
        if use:
            agreed(world, sent, use)
        with pytest.raises(InvalidInputError, match="has not agreed"):
            made(there, lower(sent.mid))
    agreed(world, sent, "tearline")
    row = made(there, lower(sent.mid))
    assert rendered(there, row).originator == there.agency


def test_a_tearline_goes_with_the_message_it_was_made_from(world: World) -> None:
    here, there, sent = world.residents[N], world.residents[A], told(world)
    agreed(world, sent, "tearline")
    row = made(there, lower(sent.mid))
    send(here, reply(sent.case, "recall", about=sent.mid, ground="source-withdrew"))
    world.run()
    assert there.store.read(lambda r: row_of(r, row.tearline)).status == "recalled"
    assert there.desk.release.tearlines(there.actor("legal"))[0].state == "withdrawn"
    with pytest.raises(NotFoundError):
        made(there, lower(sent.mid))
    assert opened(there, sent.mid).content is None


@pytest.mark.parametrize("how", ["recall", "correct"])
def test_a_tearline_goes_with_the_statement_it_was_made_from(world: World, how: str) -> None:
    here = world.residents[A]
    parent = hold(here)
    row = made(here, lower())
    at, safe = here.clock.now(), here.station.safe

    def unit(tx: Transaction) -> object:
        if how == "recall":
            return recall(tx, "s-parent", at=at)
        right = replace(parent, statement_id="s-right", value="He travelled")
        return correct(tx, "s-parent", right, safe=safe, at=at)

    here.store.commit(unit).result()
    assert here.store.read(lambda r: row_of(r, row.tearline)).status == "recalled"
    with pytest.raises(NotFoundError):
        made(here, lower())


def test_what_waited_is_judged_again_when_it_is_confirmed(world: World) -> None:
    here = world.residents[A]
    hold(here)
    row = here.desk.release.tearline(here.actor("supervisor"), lower())
    at, case = here.clock.now(), case_of(here, told(world).mid)
    here.store.commit(lambda tx: contest(tx, "s-parent", challenge=case, at=at)).result()
    with pytest.raises(InvalidInputError, match="challenged"):
        here.desk.release.confirm(here.actor("legal"), row.tearline)


@pytest.mark.parametrize("point", list(Point))
def test_every_point_of_the_checklist_is_answered(world: World, point: Point) -> None:
    here = world.residents[A]
    hold(here)
    gap = {each: answer for each, answer in CHECKED.items() if each is not point}
    with pytest.raises(InvalidInputError, match=point.value):
        made(here, replace(lower(), checked=gap))


@pytest.mark.parametrize("point", [Point.SOURCE, Point.THIRD_PARTY])
def test_neither_the_source_nor_third_party_data_are_kept(world: World, point: Point) -> None:
    here = world.residents[A]
    hold(here)
    with pytest.raises(InvalidInputError, match="never kept"):
        made(here, replace(lower(), checked={**CHECKED, point: Treated.KEPT}))


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.upper(),
        f"As told: {WHOLE.split('saw ')[1]}",
        "We hear that THE SOURCE  in the harbour office knows her",
    ],
)
def test_the_parents_own_wording_does_not_leave(world: World, text: str) -> None:
    here = world.residents[A]
    hold(here)
    with pytest.raises(InvalidInputError, match="in its own words"):
        made(here, lower(text=text))


@pytest.mark.parametrize(
    "said",
    [
        replace(lower(), reasons=" "),
        replace(lower(), handling=handling("TLP:GREEN EXERCISE")),
        replace(lower(), grade=Grade(scale="europol-4x4", source="F", information="3")),
        replace(lower(), prop="nonsense"),
        lower(text=""),
        lower(parent="s-none"),
        lower(parent="0" * 32),
    ],
)
def test_what_is_no_tearline_is_refused(world: World, said: Tearline) -> None:
    here = world.residents[A]
    hold(here)
    with pytest.raises((InvalidInputError, NotFoundError)):
        made(here, said)
    assert here.store.read(lambda r: r.count(TearlineRow)) == 0


def test_a_token_of_one_case_lowers_no_other_message(world: World) -> None:
    there, sent = world.residents[A], told(world)
    agreed(world, sent, "tearline")
    bound = replace(there.actor("legal"), case="2026-0000000000")
    with pytest.raises(AuthorisationError, match="case"):
        there.desk.release.tearline(bound, lower(sent.mid))
    wrong = replace(there.actor("legal"), purpose="border-security")
    with pytest.raises(AuthorisationError, match="purpose"):
        there.desk.release.tearline(wrong, lower(sent.mid))


def test_no_text_of_any_value_of_a_message_is_taken_over(world: World) -> None:
    there = world.residents[A]
    person = {**ANNA, "id": "e-1"}
    sent = told(world, entities=[person], subject_status="suspect")
    agreed(world, sent, "tearline")
    with pytest.raises(InvalidInputError, match="in its own words"):
        made(there, lower(sent.mid, text="anna  EXAMPLE"))


def test_a_rendition_that_was_erased_is_confirmed_by_nobody(world: World) -> None:
    here = world.residents[A]
    hold(here)
    row = here.desk.release.tearline(here.actor("supervisor"), lower())
    here.desk.holdings.erase(here.actor("rights"), RecordId(row.record_id))
    with pytest.raises(NotFoundError, match="erased"):
        here.desk.release.confirm(here.actor("legal"), row.tearline)
