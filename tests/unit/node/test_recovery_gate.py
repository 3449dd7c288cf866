"""People of a restored node read why they must wait; nobody else's page is touched."""

import asyncio
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from comity.core.clock import Instant
from comity.core.errors import ConfigurationError, NotFoundError
from comity.node.gate import Gate
from comity.node.restored import (
    FILE,
    Restored,
    accept,
    compared,
    finish,
    heard,
    is_whole,
    missing,
    read_restored,
    told,
    write_restored,
)

NODES = ("xa.border.n1", "xc.police.n1")


def restored() -> Restored:
    at = Instant(1_800_000_000_000)
    return Restored(
        name="00",
        backed_up=at,
        restored=at,
        size=1,
        epoch=1,
        applied=0,
        had_list=True,
    )


def call(folder: Path) -> tuple[int, bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    gate = Gate(PlainTextResponse("a page of the node"), folder)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(gate(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_no_page_is_served_before_every_partner_has_answered(tmp_path: Path) -> None:
    assert call(tmp_path) == (200, b"a page of the node")
    write_restored(tmp_path, restored())
    status, words = call(tmp_path)
    assert status == 503
    assert b"restored on" in words
    assert "العقدة".encode() in words
    told(tmp_path)
    assert call(tmp_path) == (200, b"a page of the node")


def test_what_is_missing_grows_less_with_each_answer(tmp_path: Path) -> None:
    write_restored(tmp_path, restored())
    heard(tmp_path, NODES[0])
    heard(tmp_path, NODES[0])
    found = read_restored(tmp_path)
    assert found is not None
    assert missing(found, NODES) == NODES[1:]
    assert NODES[1] in found.words(NODES)
    changed = accept(tmp_path, NODES[1], person="xn.police/1", why="gone for good")
    assert missing(changed, NODES) == ()
    compared(tmp_path)
    told(tmp_path)
    assert is_whole(tmp_path)
    finish(tmp_path)
    finish(tmp_path)
    assert read_restored(tmp_path) is None


def test_a_node_that_is_whole_waits_for_nobody(tmp_path: Path) -> None:
    for act in (compared, told):
        act(tmp_path)
    heard(tmp_path, NODES[0])
    assert is_whole(tmp_path)
    with pytest.raises(NotFoundError):
        accept(tmp_path, NODES[0], person="x", why="y")


def test_a_damaged_note_keeps_the_gate_shut(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"{")
    with pytest.raises(ConfigurationError, match="damaged"):
        is_whole(tmp_path)
