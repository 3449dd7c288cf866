"""The journal: what an engineer needs to keep a node running, and nothing about anybody.

One JSON object a line. A fact is written only if its name is on the list below and its value is
a number or a code without spaces; anything else is replaced by `withheld`. So a name, a body or
a query cannot get in by mistake.

What libraries write through `logging` comes here too, stripped to who wrote it, how grave it is
and the type of the error: their words, and every trace, may hold what a partner sent.
"""

import logging
import re
from typing import TextIO

import structlog
from typing_extensions import override

from comity.core.clock import Clock, iso

FACTS = frozenset(
    {
        "attempts",
        "bytes",
        "code",
        "count",
        "index",
        "level",
        "logger",
        "milliseconds",
        "node",
        "partner",
        "pid",
        "port",
        "route",
        "size",
        "state",
        "status",
        "version",
        "worker",
    }
)
"""The only names a line may hold beside `event` and `at`."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}")
_WITHHELD = "withheld"


class Journal:
    """Writes lines; give `note` to workers and listeners."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        """Write to a stream, each line at the clock's time."""
        self._clock = clock
        self._logger = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[structlog.processors.JSONRenderer(sort_keys=True)],
        )

    def write(self, event: str, **facts: int | str) -> None:
        """Write one line: a short event name and its facts."""
        line = {name: _safe(name, value) for name, value in sorted(facts.items())}
        self._logger.info(_code(event), at=iso(self._clock.now()), **line)

    def failed(self, where: str, code: str) -> None:
        """Write that a worker or route failed, by its name and the error's code."""
        self.write("failed", worker=where, code=code)


class Stripped(logging.Handler):
    """Takes the place of every other handler of the process, and writes into the journal."""

    def __init__(self, journal: Journal) -> None:
        """Take warnings and worse."""
        super().__init__(logging.WARNING)
        self._journal = journal

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write who wrote, how grave, and the type of the error; never a word of it."""
        kind = record.exc_info[0] if record.exc_info else None
        self._journal.write(
            "logged",
            logger=record.name,
            level=record.levelname.lower(),
            code="none" if kind is None else kind.__name__,
        )


def take_over(journal: Journal) -> None:
    """Let nothing but the journal write what libraries log, from now on in this process."""
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        root.removeHandler(handler)
    root.addHandler(Stripped(journal))
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _safe(name: str, value: int | str) -> int | str:
    if name not in FACTS:
        return _WITHHELD
    return value if isinstance(value, int) else _code(value)


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else _WITHHELD
