"""Lists compared for a case: the law comes first, and what is compared is what was declared."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.api.ground import Json, Office, told
from tests.unit.api.test_screening import case as case  # noqa: PLC0414 - a fixture
from typing_extensions import override

from comity.adapters.results import beside
from comity.cli.batching import screen_batch
from comity.cli.client import Client
from comity.cli.command import Given
from comity.cli.say import NO, Document, Said
from comity.core.clock import DAY
from comity.core.errors import (
    AuthorisationError,
    ConflictError,
    InvalidInputError,
    LimitError,
    StateError,
)
from comity.core.ids import CaseId
from comity.core.store import eq
from comity.desk.bulk import KIND, SORTS, Declared
from comity.desk.ranking import Answer, Ranking
from comity.exchange import EventRow
from comity.law import Verdict
from comity.practice import CaseFieldRow
from comity.record import Clearance
from comity.screening import Query
from comity.screening.batch import chain

SALT = "5a" * 32
ANNA: Json = {
    "schema": "Person",
    "properties": {"name": ["Ana Exampel"], "birthDate": ["1988"]},
}
XERX: Json = {"schema": "Person", "properties": {"name": ["Xerxes Qwertz"]}}
DECLARED = Declared(sort="persons", rows=1, salt=bytes.fromhex(SALT), end=bytes(32))


def query(row: Json) -> Query:
    held = row["properties"]
    assert isinstance(held, dict)
    properties = {name: tuple(values) for name, values in held.items()}
    return Query(schema="Person", properties=properties)


def linked(*slices: list[Json]) -> list[str]:
    """Return the chain before each slice, and at its end."""
    links = [bytes.fromhex(SALT)]
    for rows in slices:
        links.append(chain(links[-1], [query(row) for row in rows]))
    return [link.hex() for link in links]


def permit(office: Office, case: str) -> None:
    for fact in ("screening_law", "screening_needed"):
        body = {"fact": fact, "value": True}
        told(office.ask("POST", f"cases/{case}/facts", body=body))


def begun(office: Office, case: str, *slices: list[Json], seat: str = "officer") -> Json:
    body = {
        "sort": "persons",
        "rows": sum(map(len, slices)),
        "salt": SALT,
        "end": linked(*slices)[-1],
    }
    return told(office.ask("POST", f"cases/{case}/batches", body=body, seat=seat))


def compared(office: Office, batch: object, before: str, rows: list[Json]) -> list[list[Json]]:
    body = {"before": before, "rows": rows, "least": "weak"}
    found = told(office.ask("POST", f"batches/{batch}/rows", body=body))["rows"]
    assert isinstance(found, list)
    return found


def events(office: Office, case: str) -> list[str]:
    rows = office.here.store.read(lambda r: r.find(EventRow, eq("case", case), order="at"))
    return [row.sort for row in rows if row.kind == KIND]


def test_nothing_is_compared_before_the_law_permits_it(office: Office, case: str) -> None:
    said = begun(office, case, [ANNA])
    assert said["batch"] == ""
    decision = said["decision"]
    assert isinstance(decision, dict)
    assert decision["verdict"] == "refer"
    assert set(decision["missing"]) == {"screening_law", "screening_needed"}
    assert events(office, case) == ["referred"]


def test_a_law_that_is_denied_is_denied_here_too(office: Office, case: str) -> None:
    told(
        office.ask(
            "POST", f"cases/{case}/facts", body={"fact": "screening_law", "value": False}
        )
    )
    said = begun(office, case, [ANNA])
    assert said["batch"] == ""
    assert events(office, case) == ["denied"]


def test_one_batch_is_one_decision_and_one_look_in_the_ledger(
    office: Office, case: str
) -> None:
    permit(office, case)
    slices: tuple[list[Json], list[Json]] = [ANNA, XERX], [XERX]
    links = linked(*slices)
    said = begun(office, case, *slices)
    first = compared(office, said["batch"], links[0], slices[0])
    assert [len(each) for each in first] == [1, 0]
    assert first[0][0]["entity"] == "list-1"
    assert "name" in str(first[0][0]["agrees"])
    assert compared(office, said["batch"], links[1], slices[1]) == [[]]
    done = told(office.ask("POST", f"batches/{said['batch']}/finish"))
    assert (done["rows"], done["done"], done["candidates"], done["state"]) == (3, 3, 1, "done")
    assert sorted(events(office, case)) == ["consulted", "permitted"]
    listed = told(office.ask("GET", f"cases/{case}/batches"))["batches"]
    assert listed == [done]


def test_no_answer_carries_a_score(office: Office, case: str) -> None:
    permit(office, case)
    links = linked([ANNA])
    batch = begun(office, case, [ANNA])["batch"]
    body = {"before": links[0], "rows": [ANNA], "least": "weak"}
    shown = office.ask("POST", f"batches/{batch}/rows", body=body).text
    for word in ("score", "weight", "band"):
        assert word not in shown


def test_the_last_rows_may_be_asked_once_more_and_count_once(office: Office, case: str) -> None:
    permit(office, case)
    links = linked([ANNA], [XERX])
    batch = begun(office, case, [ANNA], [XERX])["batch"]
    assert compared(office, batch, links[0], [ANNA]) == compared(
        office, batch, links[0], [ANNA]
    )
    compared(office, batch, links[1], [XERX])
    assert told(office.ask("POST", f"batches/{batch}/finish"))["done"] == 2


def test_other_rows_than_were_declared_are_an_incident(office: Office, case: str) -> None:
    permit(office, case)
    links = linked([ANNA])
    batch = begun(office, case, [ANNA])["batch"]
    compared(office, batch, links[0], [XERX])
    assert office.ask("POST", f"batches/{batch}/finish").status_code == 409
    assert sorted(events(office, case)) == ["consulted", "incident", "permitted"]
    assert office.ask("POST", f"batches/{batch}/finish").status_code == 409


def test_no_more_rows_are_compared_than_were_declared(office: Office, case: str) -> None:
    permit(office, case)
    links = linked([ANNA])
    batch = begun(office, case, [ANNA])["batch"]
    for before, rows, status in (
        (links[0], [ANNA, XERX], 413),
        ("00" * 32, [ANNA], 409),
        (links[0], [], 422),
        (links[0], [ANNA] * 1_001, 422),
    ):
        body = {"before": before, "rows": rows}
        answer = office.ask("POST", f"batches/{batch}/rows", body=body)
        assert answer.status_code in {status, 400, 413}, answer.text


def test_a_batch_is_its_own_persons_alone(office: Office, case: str) -> None:
    permit(office, case)
    links = linked([ANNA])
    batch = begun(office, case, [ANNA])["batch"]
    body = {"before": links[0], "rows": [ANNA]}
    for seat, status in (("other-officer", 404), ("rights", 403), ("engineer", 403)):
        answer = office.ask("POST", f"batches/{batch}/rows", body=body, seat=seat)
        assert answer.status_code == status
    assert office.ask("POST", f"batches/{'0' * 32}/rows", body=body).status_code == 404


def test_a_permit_lasts_a_day(office: Office, case: str) -> None:
    permit(office, case)
    links = linked([ANNA])
    batch = begun(office, case, [ANNA])["batch"]
    office.world.clock.advance(DAY)
    body = {"before": links[0], "rows": [ANNA]}
    assert office.ask("POST", f"batches/{batch}/rows", body=body).status_code == 409
    [stale] = office.here.desk.bulk.batches(office.actor("officer"), CaseId(case))
    assert stale.state == "stale"


def test_a_named_seat_lifts_what_the_law_refers_and_begins_nothing_itself(
    office: Office, case: str
) -> None:
    body = {"rule": "screen-covenant-17", "reasons": "The act on borders, s. 12."}
    path = f"cases/{case}/batches/lift"
    assert office.ask("POST", path, body=body).status_code == 403
    told(office.ask("POST", path, body=body, seat="legal"))
    assert office.ask("POST", path, body={**body, "rule": "x"}, seat="legal").status_code == 404
    assert begun(office, case, [ANNA])["batch"]
    assert sorted(events(office, case)) == ["consulted", "lifted", "permitted"]


def test_whoever_lifted_a_rule_begins_no_list_in_the_case_from_another_seat(
    office: Office, case: str
) -> None:
    both = replace(office.actor("officer"), seats=frozenset({"officer", "legal"}))
    bulk = office.here.desk.bulk
    bulk.lift(both, CaseId(case), "screen-covenant-17", reasons="The act on borders, s. 12.")
    with pytest.raises(AuthorisationError, match="begins no list"):
        bulk.begin(both, CaseId(case), DECLARED)
    assert events(office, case) == ["lifted"]


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (replace(DECLARED, sort="neighbours"), "unknown sort of list `neighbours`: passengers"),
        (replace(DECLARED, rows=0), "names at least one person"),
        (replace(DECLARED, salt=b"short"), "32 bytes each"),
        (replace(DECLARED, end=b"short"), "32 bytes each"),
    ],
)
def test_a_list_that_is_not_said_in_full_is_refused_before_the_law_is_asked(
    office: Office, case: str, declared: Declared, reason: str
) -> None:
    permit(office, case)
    with pytest.raises(InvalidInputError, match=reason):
        office.here.desk.bulk.begin(office.actor("officer"), CaseId(case), declared)
    assert events(office, case) == []


def test_a_slice_has_rows_and_a_band_that_there_is(office: Office, case: str) -> None:
    permit(office, case)
    batch = str(begun(office, case, [ANNA])["batch"])
    bulk, officer, salt = office.here.desk.bulk, office.actor("officer"), bytes.fromhex(SALT)
    with pytest.raises(InvalidInputError, match="unknown band `certain`"):
        bulk.search(officer, batch, [query(ANNA)], before=salt, least="certain")
    with pytest.raises(LimitError, match="rows at once, got 0"):
        bulk.search(officer, batch, [], before=salt)
    [row] = bulk.batches(officer, CaseId(case))
    assert (row.done, row.found) == (0, 0)


def test_who_is_near_two_rows_is_shown_for_both_and_is_one_candidate_of_the_case(
    office: Office, case: str
) -> None:
    permit(office, case)
    batch = begun(office, case, [ANNA, ANNA])["batch"]
    [one, other] = compared(office, batch, SALT, [ANNA, ANNA])
    assert one == other
    assert one[0]["edition"] == other[0]["edition"] != ""
    rows = office.here.store.read(
        lambda r: r.find(CaseFieldRow, eq("case", case), eq("name", "candidate"))
    )
    assert [row.value for row in rows] == ["list-1"]


def test_of_two_slices_at_once_the_later_one_is_refused_and_counts_nothing(
    office: Office, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit(office, case)
    batch = str(begun(office, case, [XERX], [XERX])["batch"])
    bulk, officer, salt = office.here.desk.bulk, office.actor("officer"), bytes.fromhex(SALT)
    plainly = Ranking.search_many

    def after_another(
        self: Ranking, queries: Sequence[Query], clearance: Clearance, *, limit: int
    ) -> tuple[Answer, ...]:
        monkeypatch.undo()
        bulk.search(officer, batch, [query(XERX)], before=salt)
        return plainly(self, queries, clearance, limit=limit)

    monkeypatch.setattr(Ranking, "search_many", after_another)
    with pytest.raises(ConflictError, match="other rows of this batch were first"):
        bulk.search(officer, batch, [query(ANNA)], before=salt, least="weak")
    [row] = bulk.batches(officer, CaseId(case))
    assert (row.done, row.found) == (1, 0)


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_sort_of_list_is_asked_about(office: Office, case: str, sort: str) -> None:
    permit(office, case)
    body = {"sort": sort, "rows": 1, "salt": SALT, "end": linked([ANNA])[-1]}
    assert told(office.ask("POST", f"cases/{case}/batches", body=body))["batch"]


def test_a_past_answer_on_a_list_is_followed_as_one(office: Office, case: str) -> None:
    begun(office, case, [ANNA])
    [row] = [
        each
        for each in office.here.desk.past.list(office.actor("officer"), case=case)
        if each.kind == KIND
    ]
    shown = office.here.desk.past.show(office.actor("officer"), row.decision)
    assert shown.verdict is Verdict.REFER
    assert shown.is_same


# The command, against the same office

LIST = (
    "no,Full name,birthDate,seat\n"
    "7,Ana Exampel,1988,1A\n8,Xerxes Qwertz,1990-02-31,1B\n9,short\n10,Yolanda Qwertz,1990,2A\n"
)


def commanded(office: Office, folder: Path, case: str, **more: object) -> Said:
    (folder / "list.csv").write_text(LIST)
    values: dict[str, object] = {
        "case": case,
        "batch": str(folder / "list.csv"),
        "out": str(folder / "out.csv"),
        "mapped": ["Full name=name", "no=id"],
        "sort": "passengers",
        "least": "weak",
        **more,
    }
    return screen_batch(
        Given(client=Client(office.app, office.tokens["officer"]), values=values)
    )


def test_a_list_is_screened_from_file_to_file(
    office: Office, case: str, tmp_path: Path
) -> None:
    permit(office, case)
    said = commanded(office, tmp_path, case)
    assert (said.document["rows"], said.document["screened"]) == (4, 3)
    with (tmp_path / "out.csv").open(newline="") as file:
        [found] = csv.DictReader(file)
    assert (found["line"], found["id"], found["candidate"]) == ("2", "7", "list-1")
    rejects = (tmp_path / "out.csv.rejects.csv").read_text()
    assert '3,8,"screened without it:' in rejects
    assert '4,9,"not screened: expected 4 columns, got 2"' in rejects
    assert not beside(tmp_path / "out.csv").exists()
    assert sorted(events(office, case)) == ["consulted", "permitted"]


def test_a_list_that_may_not_be_screened_leaves_nothing(
    office: Office, case: str, tmp_path: Path
) -> None:
    said = commanded(office, tmp_path, case)
    assert said.code == NO
    assert any("lift-batch" in line for line in said.lines)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["list.csv"]


class Flaky(Client):
    """A way to a node that breaks off after some answers."""

    left = 1

    @override
    def post(self, *path: str, body: Document | None = None) -> Document:
        found = super().post(*path, body=body)
        if path[-1] in {"rows", "finish"}:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
        return found


def test_a_screening_that_was_broken_off_goes_on_as_the_same_act(
    office: Office, case: str, tmp_path: Path
) -> None:
    permit(office, case)
    rows = [f"{n},Xerxes {n},1990,1A\n" for n in range(2_100)]
    (tmp_path / "long.csv").write_text(LIST + "".join(rows))
    values: dict[str, object] = {
        "case": case,
        "batch": str(tmp_path / "long.csv"),
        "out": str(tmp_path / "out.jsonl"),
        "mapped": ["Full name=name", "no=id"],
    }
    with pytest.raises(StateError, match="goes on from there"):
        screen_batch(Given(client=Flaky(office.app, office.tokens["officer"]), values=values))
    kept = beside(tmp_path / "out.jsonl").read_text()
    assert "Qwertz" not in kept
    assert not (tmp_path / "out.jsonl").exists()
    # The second slice was answered and its answer lost: it is asked for once more.
    client = Client(office.app, office.tokens["officer"])
    said = screen_batch(Given(client=client, values=values))
    assert said.document["rows"] == 2_104
    assert sorted(events(office, case)) == ["consulted", "permitted"]
    with pytest.raises(InvalidInputError, match="it is not there"):
        screen_batch(Given(client=client, values={**values, "batch": "missing.csv"}))


def test_a_changed_list_does_not_go_on_as_the_old_one(
    office: Office, case: str, tmp_path: Path
) -> None:
    permit(office, case)
    flaky = Flaky(office.app, office.tokens["officer"])
    flaky.left = 1
    (tmp_path / "long.csv").write_text("name\n" + "Xerxes Q\n" * 1_500)
    values: dict[str, object] = {
        "case": case,
        "batch": str(tmp_path / "long.csv"),
        "out": str(tmp_path / "out.csv"),
    }
    with pytest.raises(StateError):
        screen_batch(Given(client=flaky, values=values))
    (tmp_path / "long.csv").write_text("name\n" + "Xerxes Q\n" * 1_501)
    with pytest.raises(ConflictError, match="another list"):
        screen_batch(Given(client=flaky, values=values))
