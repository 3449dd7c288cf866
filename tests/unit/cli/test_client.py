"""The command line as a person uses it, in process, against the API that programs use."""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import typer
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.unit.api.ground import ARCADIA, ASK, Office, open_office, told
from tests.unit.api.ground import FACTS as FACTS_STATED
from typer.testing import CliRunner

from comity.cli.client import Client, connect, read_answer, safe_address
from comity.cli.importing import import_files
from comity.cli.office import add_office
from comity.cli.practice import add_practices, commands, whole
from comity.cli.say import exit_code
from comity.cli.subject import read_file
from comity.core.errors import (
    AuthorisationError,
    ComityError,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    StateError,
    StorageError,
    UnreachableError,
)
from comity.node.bootstrap import shipped_practices

ANNA = ("--name", "Anna Example", "--born", "1988-04-17")
FIRST = ("--to", "xa.border", "--purpose", "counter-terrorism", "--marking", "TLP:AMBER H1")
FACTS = (
    *("--fact", "conduct_bombing=yes", "--fact", "political_offence=no"),
    *("--fact", "for_investigation=yes", "--fact", "free_text_sensitive=no"),
)
NEW = ("request", "new", "--question", "Did she cross?", "--subject-status", "suspect")


@dataclass(slots=True)
class Desk:
    """A terminal in front of one office."""

    office: Office
    folder: Path
    passphrase: str | None = None

    def run(self, *words: str, seat: str = "officer") -> tuple[int, dict[str, object], str]:
        """Run one command; return exit code, the document on stdout and words on stderr."""

        @contextmanager
        def opened(path: Path, /, *, passphrase: str | None) -> Generator[ASGIApp]:
            assert path == self.folder
            self.passphrase = passphrase
            yield self.office.app

        app = typer.Typer(pretty_exceptions_enable=False)
        add_practices(app, shipped_practices(), open_node=opened)
        add_office(app, open_node=opened)
        env = {"COMITY_TOKEN": self.office.tokens[seat], "COMITY_NODE": str(self.folder)}
        found = CliRunner().invoke(app, [*words, "--json"], env=env)
        if isinstance(found.exception, ComityError):
            return exit_code(found.exception), {}, str(found.exception)
        assert found.stdout.count("\n") <= 1
        document = json.loads(found.stdout) if found.stdout else {}
        return found.exit_code, document, found.stderr


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(office=open_office(), folder=tmp_path)


def test_a_new_request_is_sent(desk: Desk) -> None:
    code, said, words = desk.run(*NEW, *ANNA, *FIRST, *FACTS)
    assert code == 0
    assert said["outcome"] == "sent"
    assert "sent in case" in words


def test_a_denial_is_a_no_with_its_reasons(desk: Desk) -> None:
    to = ("--to", "xm.justice", "--purpose", "counter-terrorism")
    code, said, words = desk.run(*NEW, *to)
    assert code == 1
    assert said["outcome"] == "denied"
    assert "art." in words


def test_a_preview_sends_nothing(desk: Desk) -> None:
    code, said, _ = desk.run(*NEW, *ANNA, *FIRST, *FACTS, "--preview")
    assert code == 0
    assert "decision" in said
    assert desk.office.world.outbox(desk.office.here.node) == []


def test_an_entity_comes_from_a_file(desk: Desk) -> None:
    path = desk.folder / "anna.json"
    path.write_text(json.dumps([{"schema": "Person", "properties": {"name": ["Anna"]}}]))
    code, said, _ = desk.run(*NEW, "--subject", str(path), *FIRST, *FACTS, "--preview")
    assert code == 0
    assert "Anna" in json.dumps(said["body"])


def test_an_identifier_has_a_type(desk: Desk) -> None:
    code, said, _ = desk.run(*NEW, *ANNA, "--id", "passport:X1234567", *FIRST, "--preview")
    assert code == 0
    assert "passportNumber" in json.dumps(said["body"])
    assert desk.run(*NEW, *ANNA, "--id", "X1234567", *FIRST)[0] == 2


def test_a_file_goes_along(desk: Desk) -> None:
    path = desk.folder / "note.txt"
    path.write_text("a note")
    code, said, _ = desk.run(*NEW, *ANNA, *FIRST, "--attachments", str(path), "--preview")
    assert code == 0
    assert "YSBub3Rl" in json.dumps(said["body"])


@pytest.mark.parametrize(
    "words",
    [
        ("request", "new", *FIRST),
        (*NEW, *FIRST, "--fact", "torture_risk=perhaps"),
        (*NEW, *FIRST, "--marking", "TLP:PURPLE"),
        (*NEW, *FIRST, "--subject", "nowhere.json"),
        ("request", "warning-ack", "--about", "x", "--standing", "read", "--case", "c"),
        (
            "record",
            "import",
            "nowhere.csv",
            "--format",
            "csv",
            "--marking",
            "M",
            "--basis",
            "b",
        ),
        ("request", "new", "--no-such-option"),
        ("screen", "Anna"),
        ("inbox", "--view", "elsewhere"),
    ],
)
def test_bad_input_is_exit_two(desk: Desk, words: Sequence[str]) -> None:
    assert desk.run(*words)[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("case", "show", "2026-0000000000"),
        ("request", "show", "2026-0000000000"),
        ("screen", "Anna", "--case", "2026-0000000000"),
        ("inbox", "--as", "Somebody Else"),
    ],
)
def test_a_no_is_exit_one(desk: Desk, words: Sequence[str]) -> None:
    assert desk.run(*words)[0] == 1


def test_a_seat_that_may_not_is_told_no(desk: Desk) -> None:
    assert desk.run("inbox", seat="admin")[0] == 1


def test_as_names_the_person_of_the_token(desk: Desk) -> None:
    assert desk.run("inbox", "--as", desk.office.persons["officer"])[0] == 0
    assert desk.run("inbox", "--as", "Officer Example")[0] == 0


def test_a_token_comes_from_a_file(desk: Desk) -> None:
    path = desk.folder / "token"
    path.write_text(desk.office.tokens["officer"] + "\n")
    desk.office.tokens["nobody"] = ""
    assert desk.run("inbox", "--token-file", str(path), seat="nobody")[0] == 0
    assert desk.run("inbox", seat="nobody")[0] == 2
    path.write_text("no\ttoken here")
    assert desk.run("inbox", "--token-file", str(path), seat="nobody")[0] == 2


def test_a_case_is_listed_shown_and_worked_on(desk: Desk) -> None:
    case = str(desk.run(*NEW, *ANNA, *FIRST, *FACTS)[1]["case"])
    _, listed, _ = desk.run("request", "list", "--view", "waiting")
    assert case in json.dumps(listed)
    assert desk.run("request", "show", case)[1]["state"] == "open"
    assert desk.run("case", "assign", case)[0] == 0
    assert desk.run("case", "state", case, "political_offence=unknown")[0] == 0
    withdrawn = desk.run("request", "withdraw", "--reason", "no-longer-needed", "--case", case)
    assert withdrawn[1]["outcome"] in {"sent", "referred", "denied"}


def test_what_waits_for_a_second_person_is_confirmed_by_another(desk: Desk) -> None:
    body = {
        "kind": "requests.warning/1",
        "body": {"danger": "method", "text": "So.", "until": "2026-06-03T00:00:00Z"},
        "handling": "TLP:AMBER",
        "recipient": "xa.border",
        "purpose": "counter-terrorism",
        "facts": ASK["facts"],
    }
    pending = str(told(desk.office.ask("POST", "letters", body=body))["pending"])
    assert pending in json.dumps(desk.run("case", "pending")[1])
    assert desk.run("case", "confirm", pending)[0] == 1
    assert desk.run("case", "confirm", pending, seat="supervisor")[1]["outcome"]


def test_a_list_is_imported_searched_and_judged(desk: Desk) -> None:
    case = str(desk.run(*NEW, *ANNA, *FIRST, *FACTS)[1]["case"])
    path = desk.folder / "list.csv"
    path.write_text("id,schema,name,birthDate\nlist-1,Person,Anna Exampel,1987-04-17\n")
    terms = ("--format", "csv", "--marking", "TLP:GREEN", "--basis", "Resolution 1373 (2001)")
    edition = ("--edition", "2026-06-01", "--published", "2026-06-01T00:00:00Z")
    shown = desk.run("record", "import", str(path), *terms, *edition, "--preview")[1]
    code, done, _ = desk.run(
        "record", "import", str(path), *terms, *edition, "--digest", str(shown["digest"])
    )
    assert (code, done["statements"]) == (0, 2)
    _, found, words = desk.run("screen", "Anna Example", "--born", "1988-04-17", "--case", case)
    assert "list-1" in words
    assert "score" not in json.dumps(found)
    judged = ("case", "judge", case, "list-1", *ANNA, "--view", "different", "--reason", "No.")
    compared = desk.run("case", "compare", case, "list-1", *ANNA)
    assert "no band before your first view" in compared[2]
    _, found, words = desk.run(*judged)
    assert isinstance(found["score"], float)
    assert "too few to know what became of them" in words
    assert str(found["score"]) not in words
    assert desk.run(*judged, "--final")[1]["verdict"] == "different"


def test_a_door_is_closed_and_opened_again(desk: Desk) -> None:
    assert desk.run("door", "close", "xa.border")[0] == 1
    assert desk.run("door", "close", "xa.border", seat="supervisor")[0] == 0
    assert "xa.border" in json.dumps(desk.run("door", "list")[1])
    assert desk.run("door", "open", "xa.border", seat="supervisor")[1] == {"is_open": False}
    assert desk.run("door", "open", "xa.border", seat="supervisor")[0] == 1
    assert desk.run("door", "open", "xa.border", seat="legal")[1] == {"is_open": True}
    assert desk.run("door", "list")[1] == {"doors": [], "closed_to_us": []}


def test_what_is_no_list_is_kept(desk: Desk) -> None:
    path = desk.folder / "found.csv"
    path.write_text("id,schema,name\nfound-1,Person,Anna Example\n")
    terms = ("--format", "csv", "--marking", "TLP:GREEN", "--basis", "Resolution 1373 (2001)")
    assert desk.run("record", "import", str(path), *terms)[1]["statements"] == 1


def test_a_folder_is_opened_with_its_passphrase(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("many words\n")
    assert desk.run("inbox", "--passphrase-file", str(path))[0] == 0
    assert desk.passphrase == path.read_text().strip()


FOR = ("--purpose", "operation")
UNTIL = ("--until", "2026-12-01T00:00:00Z", "--reasons", "Reports.")


def test_an_assessment_is_stated_and_confirmed_by_two(desk: Desk) -> None:
    said = ("xa.border", "torture_risk=no", "national_law_permits=yes", *FOR)
    assert desk.run("assess", "state", *said, *UNTIL, seat="legal")[0] == 0
    assert desk.run("assess", "confirm", *said, seat="legal")[0] == 1
    assert desk.run("assess", "confirm", *said, seat="rights")[0] == 0
    listed = desk.run("assess", "list")[2]
    assert "operation  torture_risk=no" in listed
    assert "unconfirmed" not in listed


def test_an_answer_that_says_otherwise_confirms_nothing(desk: Desk) -> None:
    first, other = ("torture_risk=no",), ("refoulement_risk=no",)
    assert desk.run("assess", "state", "xa.border", *first, *FOR, *UNTIL, seat="legal")[0] == 0
    for said in (("torture_risk=yes",), (*first, "torture_risk=unknown"), (*first, *other)):
        assert desk.run("assess", "confirm", "xa.border", *said, *FOR, seat="rights")[0] == 1
    assert "unconfirmed" in desk.run("assess", "list")[2]


def test_nothing_is_stated_where_one_answer_is_none(desk: Desk) -> None:
    said = ("xa.border", "torture_risk=no", "refoulement_risk=never", *FOR, *UNTIL)
    assert desk.run("assess", "state", *said, seat="legal")[0] == 2
    assert "operation" not in desk.run("assess", "list")[2]


def test_every_command_has_an_example_and_takes_the_same_person() -> None:
    for practice in shipped_practices():
        for command in commands(practice):
            assert command.example.startswith(f"comity {practice.command} {command.word}")
            assert command.about.endswith(".")


def test_what_a_partner_wrote_cannot_move_the_cursor(desk: Desk) -> None:
    _, _, words = desk.run("case", "show", "\x1b[2J")
    assert "\x1b" not in words


def test_an_answer_of_the_law_is_followed_to_its_article(desk: Desk) -> None:
    case = str(desk.run(*NEW, *ANNA, *FIRST, *FACTS)[1]["case"])
    _, listed, words = desk.run("case", "decisions", case)
    rows = listed["decisions"]
    assert isinstance(rows, list)
    assert "permit" in words
    code, found, words = desk.run("case", "decision", rows[0]["reference"])
    assert code == 0
    assert "the same today" in words
    assert "Bombings Convention, art. 10" in words
    assert "https://treaties.un.org" in words
    _, asked, words = desk.run("case", "decision", rows[0]["reference"], "--question")
    assert asked == found["question"]
    assert json.loads(words) == asked
    assert "Anna" not in words
    assert desk.run("case", "decision", "none")[0] == 1


def test_what_waits_is_dropped_and_a_referral_is_asked_again(desk: Desk) -> None:
    body = {**ASK, "facts": {**dict(FACTS_STATED), "torture_risk": None}}
    reference = str(told(desk.office.ask("POST", "letters", body=body))["reference"])
    assert reference in json.dumps(desk.run("case", "pending")[1])
    assert "decision" in desk.run("case", "referral", reference)[1]
    assert desk.run("case", "resume", reference, *FACTS, seat="legal")[1]["outcome"]
    warned = desk.run(
        *("request", "warning", "--danger", "method", "--text", "So."),
        *("--until", "2026-06-03T00:00:00Z", *FIRST, *FACTS),
    )
    assert warned[0] == 0
    assert warned[1]["outcome"] == "awaits-second"
    assert desk.run("case", "drop", str(warned[1]["pending"]))[1] == {"done": True}


def test_a_message_is_opened_by_its_recipient(desk: Desk) -> None:
    mid = str(desk.run(*NEW, *ANNA, *FIRST, *FACTS)[1]["mid"])
    desk.office.world.run()
    there = Desk(office=open_office(ARCADIA, desk.office.world), folder=desk.folder)
    code, opened, words = there.run("case", "open", mid)
    assert code == 0
    assert "Did she cross?" in words
    assert opened["handling"] == "TLP:AMBER H1"
    assert there.run("case", "release", mid)[0] == 1
    refused = ("request", "refuse", "--about", mid, "--ground", "not-available")
    case = str(there.run("inbox")[1]["cases"][0]["case"])  # type: ignore[index]
    assert there.run(*refused, "--case", case, *FACTS)[1]["outcome"] == "sent"


def test_a_list_of_several_files_is_read_from_its_folder(desk: Desk) -> None:
    for name in ("sdn.csv", "alt.csv"):
        (desk.folder / name).write_text("1\n")
    found = import_files(desk.folder, "ofac-sdn")
    assert [path.name for path in found] == ["sdn.csv", "alt.csv"]
    assert import_files(desk.folder / "sdn.csv", "ofac-sdn") == found
    terms = ("--marking", "TLP:CLEAR", "--basis", "Resolution 1373 (2001)")
    assert (
        desk.run("record", "import", str(desk.folder), "--format", "ofac-sdn", *terms)[0] == 2
    )


@pytest.mark.parametrize("content", ["{", "[1]", '"text"'])
def test_a_file_without_an_entity_is_refused(desk: Desk, content: str) -> None:
    path = desk.folder / "subject.json"
    path.write_text(content)
    assert desk.run(*NEW, "--subject", str(path), *FIRST)[0] == 2


def test_a_file_beyond_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"a" * 11)
    with pytest.raises(LimitError):
        read_file(path, limit=10)


def test_whole_numbers_are_whole() -> None:
    assert whole("12", "persons") == 12
    with pytest.raises(InvalidInputError, match="--persons"):
        whole("twelve", "persons")


def test_a_node_that_does_not_answer_is_exit_three() -> None:
    async def silent(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise httpx2.ConnectError("refused")

    with pytest.raises(UnreachableError, match="ConnectError"):
        Client(silent, "t").get("me")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError, 1),
        (AuthorisationError, 1),
        (StateError, 1),
        (ConflictError, 1),
        (InvalidInputError, 2),
        (LimitError, 2),
        (ConfigurationError, 2),
        (UnreachableError, 3),
        (StorageError, 3),
    ],
)
def test_each_error_has_its_exit_code(error: type[ComityError], code: int) -> None:
    assert exit_code(error("words")) == code
    problem = json.dumps({"code": error.code, "detail": "words"}).encode()
    with pytest.raises(error, match="words"):
        read_answer(500, problem)


@pytest.mark.parametrize("data", [b"", b"<html>", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_node_is_not_believed(data: bytes) -> None:
    with pytest.raises(UnreachableError):
        read_answer(200, data)


def test_an_unknown_problem_is_still_no_success() -> None:
    with pytest.raises(ComityError):
        read_answer(418, b"{}")


@pytest.mark.parametrize(
    "address",
    [
        "http://node.example",
        "ftp://127.0.0.1",
        "https://",
        "http://127.0.0.1.evil.example",
        "https://me:secret@node.example",
        "http://[::1",
        "http://127.0.0.1@evil.example",
    ],
)
def test_a_token_does_not_travel_in_the_clear(address: str) -> None:
    with pytest.raises(InvalidInputError):
        safe_address(address)


@pytest.mark.parametrize(
    "address",
    ["https://node.example", "http://127.0.0.1:8700/", "http://[::1]:1", "http://localhost"],
)
def test_a_safe_address_is_taken(address: str) -> None:
    assert not safe_address(address).endswith("/")


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    @contextmanager
    def opened(_path: Path, /, *, passphrase: str | None) -> Generator[ASGIApp]:
        raise AssertionError(passphrase)

    with pytest.raises(InvalidInputError), connect(str(tmp_path / "x"), "t", open_node=opened):
        pass


async def echo(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer with the raw path that was asked for."""
    raw = json.dumps({"path": scope["raw_path"].decode()}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": raw})


def test_a_part_of_a_path_cannot_become_another_path() -> None:
    found = Client(echo, "t").get("cases", "../../x?y#z")
    assert found["path"] == "/api/v1/cases/..%2F..%2Fx%3Fy%23z"


def test_a_rota_is_written_and_a_call_answered(desk: Desk) -> None:
    person = desk.office.persons["officer"]
    code, made, _ = desk.run(
        "duty", "add", person, "mon-sun", "22:00", "22:00", "--deputy", "1", seat="supervisor"
    )
    assert code == 0
    assert desk.run("duty", "add", person, "mon", "8:00", "9:00", "--deputy", "x")[0] == 2
    assert desk.run("duty", "reach", person, "+3531234567")[0] == 0
    assert desk.run("duty", "away", person, "2026-12-24T08:00:00Z")[0] == 1
    until = ("--until", "2026-12-25T08:00:00Z")
    assert desk.run("duty", "away", person, "2026-12-24T08:00:00Z", *until)[0] == 0
    trial = desk.run("duty", "trial", seat="supervisor")[1]
    assert desk.run("duty", "answer", str(trial["made"]))[0] == 0
    shown = desk.run("duty", "show")[1]
    assert [each["rank"] for each in shown["rota"]] == [1]  # type: ignore[attr-defined]
    assert desk.run("duty", "end", str(made["made"]), seat="supervisor")[0] == 0
