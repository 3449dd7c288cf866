"""The duty post over the API."""

from tests.unit.api.ground import Office, told


def test_a_rota_is_written_called_and_ended(office: Office) -> None:
    person = office.persons["officer"]
    shift = {"person": person, "days": "mon-sun", "start": "00:00", "end": "00:00"}
    made = told(office.ask("POST", "duty/shifts", body=shift, seat="supervisor"))["made"]
    shown = told(office.ask("GET", "duty"))
    assert shown["on_duty"] == [person]
    assert shown["rota"][0]["days"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]  # type: ignore[index]
    trial = told(office.ask("POST", "duty/trial", seat="supervisor"))["made"]
    office.here.desk.duty.run(lambda _reach: 1)
    told(office.ask("POST", "duty/answer", body={"call": trial}))
    trials = told(office.ask("GET", "duty"))["trials"]
    assert trials[0]["woken"][0]["person"] == person  # type: ignore[index]
    told(office.ask("POST", "duty/shifts/end", body={"shift": made}, seat="supervisor"))
    assert told(office.ask("GET", "duty"))["rota"] == []


def test_one_says_where_to_be_reached_and_when_one_is_away(office: Office) -> None:
    person = office.persons["officer"]
    told(office.ask("POST", "duty/reach", body={"person": person, "address": "+3531234"}))
    gone = {"person": person, "since": "2026-12-24T08:00:00Z"}
    until = {"until": "2026-12-25T08:00:00Z"}
    told(office.ask("POST", "duty/away", body={**gone, **until}))
    assert len(told(office.ask("GET", "duty"))["away"]) == 1  # type: ignore[arg-type]
    told(office.ask("POST", "duty/away", body=gone))
    assert told(office.ask("GET", "duty"))["away"] == []


def test_an_officer_writes_no_rota(office: Office) -> None:
    shift = {"person": office.persons["officer"], "days": "mon", "start": "0:00", "end": "1:00"}
    assert office.ask("POST", "duty/shifts", body=shift).status_code == 403
