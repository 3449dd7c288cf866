from dataclasses import replace
from itertools import product

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import Instant
from comity.core.errors import InvalidInputError, NotFoundError, StateError
from comity.core.ids import AgencyId, CaseId, EntityId, MessageId
from comity.core.store import Transaction
from comity.message import Statement, handling
from comity.record import (
    DisclosureRow,
    Finding,
    Safe,
    StatementRow,
    Told,
    acknowledge,
    contest,
    correct,
    disclose,
    keep_statements,
    provenance,
    recall,
    release,
    restrict,
    row_of,
    serving,
    settle,
    unacknowledged,
)

CASE = CaseId("c-9")
PARTNERS = (AgencyId("xa.police"), AgencyId("xc.border"))


@pytest.fixture
def held(store: MemoryStore, safe: Safe, at: Instant, a_name: Statement) -> Statement:
    store.commit(lambda tx: keep_statements(tx, [a_name], safe=safe, at=at)).result()
    told = [("s-1", a_name.entity_id)]

    def unit(tx: Transaction) -> None:
        for number, partner in enumerate(PARTNERS):
            mid = MessageId(bytes([number]) * 16)
            disclose(tx, told, partner=partner, message=mid, at=at)
            disclose(tx, told, partner=partner, message=mid, at=at)

    store.commit(unit).result()
    return a_name


def row(store: MemoryStore, name: str = "s-1") -> StatementRow:
    return store.read(lambda reader: row_of(reader, name))


def partners(rows: tuple[DisclosureRow, ...]) -> set[str]:
    return {each.partner for each in rows}


@pytest.mark.usefixtures("held")
def test_a_recall_reaches_every_holder_until_each_acknowledges(
    store: MemoryStore, at: Instant
) -> None:
    told = store.commit(lambda tx: recall(tx, "s-1", at=at)).result()
    assert partners(told) == set(PARTNERS)
    assert store.commit(lambda tx: recall(tx, "s-1", at=at)).result() == ()

    def settled(word: Told) -> int:
        return store.commit(
            lambda tx: acknowledge(tx, "s-1", word, partner=PARTNERS[0], at=at)
        ).result()

    assert settled(Told.CORRECTED) == 0
    assert settled(Told.RECALLED) == 1
    left = store.read(unacknowledged)
    assert [each.partner for each in left] == [PARTNERS[1]]
    assert store.read(lambda reader: unacknowledged(reader, PARTNERS[0])) == []


@pytest.mark.usefixtures("held")
def test_who_was_never_told_can_acknowledge_nothing(store: MemoryStore, at: Instant) -> None:
    stranger = AgencyId("xm.police")
    with pytest.raises(NotFoundError):
        store.commit(
            lambda tx: acknowledge(tx, "s-1", Told.RECALLED, partner=stranger, at=at)
        ).result()


def test_a_correction_supersedes_and_keeps_the_history(
    store: MemoryStore, safe: Safe, at: Instant, held: Statement
) -> None:
    right = replace(held, statement_id="s-2", value="Anna Exemple")
    told = store.commit(lambda tx: correct(tx, "s-1", right, safe=safe, at=at)).result()
    assert partners(told) == set(PARTNERS)
    assert (row(store).status, row(store).superseded_by) == ("superseded", "s-2")
    found = store.read(lambda reader: provenance(reader, "s-2", safe=safe))
    assert (found.corrects, found.statement) == (("s-1",), right)
    with pytest.raises(StateError):
        store.commit(lambda tx: correct(tx, "s-1", right, safe=safe, at=at)).result()


def test_a_correction_speaks_of_the_same_entity_from_the_same_source(
    store: MemoryStore, safe: Safe, at: Instant, held: Statement
) -> None:
    wrong = (
        replace(held, statement_id="s-2", entity_id=EntityId("p-2")),
        replace(held, statement_id="s-2", originator=AgencyId("xa.police")),
        held,
    )

    def attempt(each: Statement) -> None:
        store.commit(lambda tx: correct(tx, "s-1", each, safe=safe, at=at)).result()

    for each in wrong:
        with pytest.raises(InvalidInputError):
            attempt(each)
    assert row(store).status == "active"


@pytest.mark.usefixtures("held")
def test_a_contested_statement_that_is_recalled_serves_its_challenge_alone(
    store: MemoryStore, safe: Safe, at: Instant
) -> None:
    store.commit(lambda tx: contest(tx, "s-1", challenge=CASE, at=at)).result()
    store.commit(lambda tx: recall(tx, "s-1", at=at)).result()
    assert row(store).procedure == CASE
    assert len(store.read(lambda reader: serving(reader, CASE, safe=safe))) == 1
    assert store.read(lambda reader: serving(reader, CaseId("other"), safe=safe)) == ()


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("finding", "status"), [(Finding.DISMISSED, "active"), (Finding.UPHELD, "recalled")]
)
def test_a_challenge_ends_with_its_finding(
    store: MemoryStore, at: Instant, finding: Finding, status: str
) -> None:
    store.commit(lambda tx: contest(tx, "s-1", challenge=CASE, at=at)).result()
    told = store.commit(lambda tx: settle(tx, "s-1", finding=finding, at=at)).result()
    assert (row(store).status, row(store).challenge) == (status, "")
    assert bool(told) is (finding is Finding.UPHELD)
    with pytest.raises(StateError):
        store.commit(lambda tx: settle(tx, "s-1", finding=finding, at=at)).result()


@pytest.mark.usefixtures("held")
def test_one_challenge_does_not_displace_another(store: MemoryStore, at: Instant) -> None:
    for _ in range(2):
        store.commit(lambda tx: contest(tx, "s-1", challenge=CASE, at=at)).result()
    with pytest.raises(StateError):
        store.commit(lambda tx: contest(tx, "s-1", challenge=CaseId("x"), at=at)).result()
    assert row(store).challenge == CASE


@pytest.mark.usefixtures("held")
def test_one_procedure_cannot_release_what_another_holds(store: MemoryStore) -> None:
    store.commit(lambda tx: restrict(tx, "s-1", procedure=CASE)).result()
    with pytest.raises(StateError):
        store.commit(lambda tx: restrict(tx, "s-1", procedure=CaseId("x"))).result()
    with pytest.raises(StateError):
        store.commit(lambda tx: release(tx, "s-1", procedure=CaseId("x"))).result()
    store.commit(lambda tx: release(tx, "s-1", procedure=CASE)).result()
    assert row(store).procedure == ""


NEW = ("TLP:CLEAR", "TLP:RED H2", "TLP:GREEN REL:xa,xc", "TLP:CLEAR L1")
OLD = ("TLP:AMBER REL:xa", "TLP:RED CAVEAT:LES", "TLP:GREEN ORCON:xa.police")


@pytest.mark.parametrize("markings", list(product(NEW, OLD)))
def test_a_correction_is_held_under_the_terms_of_what_it_corrects(
    store: MemoryStore, safe: Safe, at: Instant, a_name: Statement, markings: tuple[str, str]
) -> None:
    new, old = markings
    before = replace(a_name, handling=handling(old))
    store.commit(lambda tx: keep_statements(tx, [before], safe=safe, at=at)).result()
    longer = Instant(before.retain_until + 10**9)
    after = replace(
        before, statement_id="s-2", handling=handling(new), value="Ana", retain_until=longer
    )
    store.commit(lambda tx: correct(tx, "s-1", after, safe=safe, at=at)).result()
    held = row(store, "s-2")
    assert handling(held.handling).is_within(handling(old))
    assert handling(held.handling).is_within(handling(new))
    assert held.retain_until == before.retain_until
