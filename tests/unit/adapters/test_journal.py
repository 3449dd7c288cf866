import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from comity.adapters.journal import Journal, take_over
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


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before, level = list(logger.handlers), logger.level
    yield logger
    logger.handlers[:] = before
    logger.setLevel(level)
    logging.captureWarnings(capture=False)


def test_what_a_library_logs_loses_its_words_and_its_trace(
    journal: Journal, stream: io.StringIO, root: logging.Logger
) -> None:
    root.addHandler(logging.StreamHandler(stream))
    take_over(journal)
    try:
        raise ValueError("subject Jane Doe")  # noqa: TRY301 - the trace is the point
    except ValueError:
        logging.getLogger("uvicorn.error").exception("request of %s failed", "Jane Doe")
    logging.getLogger("uvicorn.error").info("GET /sign-in?token=JaneDoe")
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(each["logger"], each["level"], each["code"]) for each in said] == [
        ("uvicorn.error", "error", "ValueError")
    ]
    assert "Jane" not in stream.getvalue()


def test_a_warning_of_a_library_is_stripped_too(
    journal: Journal, stream: io.StringIO, root: logging.Logger
) -> None:
    take_over(journal)
    assert root.handlers
    warnings.showwarning("Jane Doe", UserWarning, "jane.py", 1)
    assert "ane" not in stream.getvalue()
    assert json.loads(stream.getvalue())["logger"] == "py.warnings"
