import io
import json

import pytest

from comity.adapters.journal import Journal
from comity.adapters.memory import FixedClock
from comity.core.clock import Instant


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def journal(stream: io.StringIO) -> Journal:
    return Journal(stream, FixedClock(Instant(0)))


def test_a_line_is_one_json_object(journal: Journal, stream: io.StringIO) -> None:
    journal.write("delivered", partner="xa.border.n1", count=3)
    journal.failed("deliver", "unreachable")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    at = "1970-01-01T00:00:00Z"
    assert lines == [
        {"at": at, "event": "delivered", "partner": "xa.border.n1", "count": 3},
        {"at": at, "event": "failed", "worker": "deliver", "code": "unreachable"},
    ]


def test_nothing_about_a_person_can_be_written(journal: Journal, stream: io.StringIO) -> None:
    journal.write("delivered", name="Jane", subject="jane.doe")
    journal.write("failed for Jane Doe", code="no such person: Jane Doe", worker="x" * 200)
    journal.write("failed", code="jane\n{}", worker="naïve")
    assert "ane" not in stream.getvalue().replace("withheld", "")
    assert stream.getvalue().count("withheld") == 7
