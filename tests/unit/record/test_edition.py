from collections.abc import Sequence
from dataclasses import replace

import pytest

from comity.adapters.memory import MemoryStore
from comity.core.clock import DAY, Instant
from comity.core.errors import ConflictError, InvalidInputError
from comity.core.ids import AgencyId, CaseId, EntityId, MessageId, PersonId
from comity.message import Statement
from comity.record import (
    Approval,
    Candidacy,
    Committed,
    Edition,
    EditionDiff,
    EditionRow,
    Opinion,
    Origin,
    Safe,
    Told,
    View,
    age_of,
    commit_edition,
    contest,
    correct,
    current_edition,
    disclose,
    preview,
    recall,
    record_first_view,
    row_of,
)

BY = PersonId("xn.police/aaaa")
LIST = "un-sc"


class Desk:
    def __init__(self, store: MemoryStore, safe: Safe, at: Instant) -> None:
        self.store, self.safe, self.at = store, safe, at

    def preview(self, name: str, said: Sequence[Statement]) -> EditionDiff:
        edition = Edition(
            dataset=LIST, edition=name, published=self.at, origin=Origin.PUBLISHER
        )
        return self.store.read(lambda reader: preview(reader, edition, said))

    def commit(self, diff: EditionDiff, said: Sequence[Statement]) -> Committed:
        approval = Approval(by=BY, at=self.at)
        return self.store.commit(
            lambda tx: commit_edition(tx, diff, said, safe=self.safe, approval=approval)
        ).result()

    def install(self, name: str, said: Sequence[Statement]) -> Committed:
        return self.commit(self.preview(name, said), said)

    def status(self, name: str) -> str:
        return self.store.read(lambda reader: row_of(reader, name)).status

    def current(self) -> EditionRow | None:
        return self.store.read(lambda reader: current_edition(reader, LIST))


@pytest.fixture
def desk(store: MemoryStore, safe: Safe, at: Instant) -> Desk:
    return Desk(store, safe, at)


@pytest.fixture
def said(a_name: Statement) -> list[Statement]:
    """Three people: p-1 with two statements, p-2 and p-3 with one."""
    places = [("s-1", "p-1"), ("s-2", "p-1"), ("s-3", "p-2"), ("s-4", "p-3")]
    return [
        replace(a_name, statement_id=name, entity_id=EntityId(who), dataset=LIST, value=name)
        for name, who in places
    ]


def test_a_preview_counts_and_changes_nothing(desk: Desk, said: list[Statement]) -> None:
    desk.install("1", said)
    fresh = replace(said[0], statement_id="s-5", entity_id=EntityId("p-4"))
    diff = desk.preview("2", [said[0], said[2], fresh])
    counts = (diff.new.count, diff.changed.count, diff.removed.count, diff.unchanged)
    assert (diff.before, *counts) == ("1", 1, 1, 1, 1)
    assert diff.removed.sample == (EntityId("p-3"),)
    assert desk.status("s-4") == "active"


def test_a_removed_entry_is_withdrawn_at_once_and_everyone_told(
    desk: Desk, said: list[Statement]
) -> None:
    desk.install("1", said)
    partner, gone = AgencyId("xa.police"), EntityId("p-3")
    mid = MessageId(b"m" * 16)
    told = [(str(gone), gone)]
    desk.store.commit(
        lambda tx: disclose(tx, told, partner=partner, message=mid, at=desk.at)
    ).result()
    who = Candidacy(case=CaseId("c-1"), entity_id=gone, person=BY, seen=b"v1", edition="1")
    view = Opinion(view=View.SAME, reason="same passport")
    desk.store.commit(
        lambda tx: record_first_view(tx, who, view, safe=desk.safe, at=desk.at)
    ).result()
    done = desk.install("2", said[:3])
    assert (done.forget, done.reindex) == ((gone,), ())
    assert [(row.partner, row.due) for row in done.told] == [(partner, Told.WITHDRAWN.value)]
    assert [row.case_id for row in done.judged] == ["c-1"]
    assert desk.status("s-4") == "recalled"


def test_an_entry_that_returns_is_active_again(desk: Desk, said: list[Statement]) -> None:
    desk.install("1", said)
    desk.install("2", said[:3])
    done = desk.install("3", said)
    assert desk.status("s-4") == "active"
    assert done.reindex == (EntityId("p-3"),)


def test_committing_twice_changes_nothing(desk: Desk, said: list[Statement]) -> None:
    diff = desk.preview("1", said)
    first, again = desk.commit(diff, said), desk.commit(diff, said)
    assert again.row == first.row
    assert (first.reindex, again.reindex, again.told) == (
        (EntityId("p-1"), EntityId("p-2"), EntityId("p-3")),
        (),
        (),
    )


def test_what_was_not_previewed_is_not_committed(desk: Desk, said: list[Statement]) -> None:
    diff = desk.preview("1", said)
    with pytest.raises(ConflictError):
        desk.commit(diff, said[:2])
    desk.commit(diff, said)
    with pytest.raises(ConflictError):
        desk.install("1", said[:2])
    stale = desk.preview("2", said[:2])
    desk.install("3", said[:3])
    with pytest.raises(ConflictError):
        desk.commit(stale, said[:2])
    with pytest.raises(ConflictError):
        desk.install("1", said)


def test_an_edition_brings_back_nothing_that_people_here_took_back(
    desk: Desk, said: list[Statement]
) -> None:
    desk.install("1", said)
    desk.store.commit(lambda tx: recall(tx, "s-3", at=desk.at)).result()
    desk.store.commit(
        lambda tx: contest(tx, "s-1", challenge=CaseId("c-2"), at=desk.at)
    ).result()
    assert desk.preview("2", said).held_back == ("s-1", "s-3")
    desk.install("2", said)
    assert (desk.status("s-3"), desk.status("s-1")) == ("recalled", "contested")


def test_a_correction_made_here_is_no_part_of_the_list(
    desk: Desk, said: list[Statement]
) -> None:
    desk.install("1", said)
    right = replace(said[3], statement_id="s-9")
    desk.store.commit(lambda tx: correct(tx, "s-4", right, safe=desk.safe, at=desk.at)).result()
    desk.install("2", said)
    assert (desk.status("s-9"), desk.status("s-4")) == ("active", "superseded")


def test_statements_of_another_list_are_refused(desk: Desk, said: list[Statement]) -> None:
    with pytest.raises(InvalidInputError):
        desk.preview("1", [replace(said[0], dataset="ofac-sdn")])


def test_an_edition_knows_its_age_and_renews_retention(
    desk: Desk, said: list[Statement]
) -> None:
    assert desk.current() is None
    desk.install("1", said)
    later = Instant(said[0].retain_until + DAY)
    desk.install("2", [replace(each, retain_until=later) for each in said])
    row = desk.current()
    assert row is not None
    assert (row.edition, row.entities, row.statements) == ("2", 3, 4)
    assert age_of(row, Instant(desk.at + 3 * DAY + 5)) == 3
    assert desk.store.read(lambda reader: row_of(reader, "s-1")).retain_until == later
