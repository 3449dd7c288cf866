"""A terminal for tests: one command in, its exit code and both streams out."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import msgspec
import pytest

from comity.cli.main import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    code: int
    out: bytes
    err: str

    @property
    def json(self) -> dict[str, object]:
        """Return the one JSON document on stdout."""
        return msgspec.json.decode(self.out, type=dict[str, object])


class Terminal:
    """Runs commands in this process, as the installed program would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *words: object, stdin: bytes = b"") -> Shown:
        out, err = io.BytesIO(), io.StringIO()
        stdout = io.TextIOWrapper(out, "utf-8", write_through=True)
        self._monkeypatch.setattr(sys, "argv", ["comity", *(str(word) for word in words)])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        with redirect_stdout(stdout), redirect_stderr(err):
            try:
                code = main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1 if end.code else 0
        shown = Shown(code=code, out=out.getvalue(), err=err.getvalue())
        assert "Traceback" not in shown.err
        return shown
