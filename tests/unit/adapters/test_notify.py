import shlex
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.adapters.http import Client
from comity.adapters.notify import WORDS, make_notifier
from comity.core.errors import ConfigurationError


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


@pytest.fixture
def journal() -> list[tuple[str, str]]:
    return []


def wake(ways: list[tuple[str, str]], client: Client, journal: list[tuple[str, str]]) -> int:
    made = make_notifier(
        ways, client=client, journal=lambda way, code: journal.append((way, code))
    )
    return made.wake()


def test_a_command_gets_the_words_and_nothing_else(
    client: Client, journal: list[tuple[str, str]], tmp_path: Path
) -> None:
    program = tmp_path / "wake.py"
    program.write_text(
        "import sys, pathlib\npathlib.Path(sys.argv[1]).write_text(sys.argv[2])\n"
    )
    said = tmp_path / "said"
    command = shlex.join([sys.executable, str(program), str(said)])
    assert wake([("command", command)], client, journal) == 1
    assert said.read_text() == WORDS
    assert journal == []


def test_no_shell_reads_the_command(
    client: Client, journal: list[tuple[str, str]], tmp_path: Path
) -> None:
    target = tmp_path / "made"
    assert wake([("command", f"true; touch {target}")], client, journal) == 0
    assert not target.exists()


def test_one_way_that_fails_leaves_the_others(
    client: Client, journal: list[tuple[str, str]]
) -> None:
    ways = [("command", "/nowhere/at-all"), ("command", "false"), ("command", "true")]
    assert wake(ways, client, journal) == 1
    assert journal == [("notify-command", "unreachable")] * 2


def _take_mail(listener: socket.socket, heard: list[bytes]) -> None:
    """Be a mail server for one mail."""
    line, _ = listener.accept()
    with line, line.makefile("rb") as reader:
        line.sendall(b"220 ready\r\n")
        is_inside = False
        for said in reader:
            heard.append(said)
            if said == b"data\r\n":
                is_inside = True
                line.sendall(b"354 go on\r\n")
            elif said == b"QUIT\r\n":
                line.sendall(b"221 bye\r\n")
            elif not is_inside or said == b".\r\n":
                is_inside = False
                line.sendall(b"250 done\r\n")


@pytest.mark.enable_socket
def test_a_mail_says_the_words_and_nothing_else(
    client: Client, journal: list[tuple[str, str]], socket_enabled: None
) -> None:
    del socket_enabled
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_take_mail, args=(listener, heard))
        thread.start()
        where = f"smtp://127.0.0.1:{listener.getsockname()[1]}?from=node@xn&to=duty@xn"
        assert wake([("smtp", where)], client, journal) == 1
        thread.join()
    body = b"".join(heard)
    assert b"Subject: " + WORDS.encode() in body
    assert b"To: duty@xn" in body


@pytest.mark.enable_socket
def test_a_web_hook_gets_the_words_and_nothing_else(
    client: Client, journal: list[tuple[str, str]], socket_enabled: None
) -> None:
    del socket_enabled
    for status, worked in ((b"200 OK", 1), (b"500 Oh", 0)):
        heard: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer(
                listener: socket.socket = listener,
                status: bytes = status,
                heard: list[bytes] = heard,
            ) -> None:
                line, _ = listener.accept()
                with line:
                    while WORDS.encode() not in b"".join(heard):
                        heard.append(line.recv(4096))
                    line.sendall(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")

            thread = threading.Thread(target=answer)
            thread.start()
            where = f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
            assert wake([("webhook", where)], client, journal) == worked
            thread.join()
        assert b"".join(heard).endswith(b'{"text":"%s"}' % WORDS.encode())
    assert journal == [("notify-webhook", "unreachable")]


def test_a_mail_server_that_is_down_is_told_by_code(
    client: Client, journal: list[tuple[str, str]], socket_enabled: None
) -> None:
    del socket_enabled
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for scheme in ("smtp", "smtps"):
        where = f"{scheme}://127.0.0.1:{port}?from=a@xn&to=b@xn"
        assert wake([("smtp", where)], client, journal) == 0
    assert journal == [("notify-smtp", "unreachable")] * 2


@pytest.mark.parametrize(
    "way",
    [
        ("pigeon", "north"),
        ("command", ""),
        ("command", "'open"),
        ("smtp", "mail.example"),
        ("smtp", "smtp://host:port?from=a&to=b"),
        ("smtp", "smtp://host?from=a"),
        ("webhook", "ftp://host"),
    ],
)
def test_a_way_that_cannot_work_is_refused_at_start(
    client: Client, journal: list[tuple[str, str]], way: tuple[str, str]
) -> None:
    with pytest.raises(ConfigurationError):
        wake([way], client, journal)


def test_a_way_that_wants_an_address_gets_it_as_one_word(
    client: Client, journal: list[tuple[str, str]], tmp_path: Path
) -> None:
    program = tmp_path / "wake.py"
    program.write_text(
        "import sys, pathlib\npathlib.Path(sys.argv[1]).write_text(sys.argv[2])\n"
    )
    said = tmp_path / "said"
    command = shlex.join([sys.executable, str(program), str(said), "to={reach}"])
    made = make_notifier(
        [("command", command), ("command", "true")],
        client=client,
        journal=lambda way, code: journal.append((way, code)),
    )
    assert made.wake("+3531 $(id)") == 2
    assert said.read_text() == "to=+3531 $(id)"
    said.unlink()
    for nobody in ("", "-rf"):
        assert made.wake(nobody) == 1
    assert not said.exists()
    assert [way for way, _ in journal] == ["notify-command", "notify-command"]
