"""A gate: many may look at once, whoever changes is alone."""

import threading
from collections.abc import Generator
from contextlib import contextmanager


class Gate:
    """Lets lookers in together, and each changer in by itself, before later lookers."""

    def __init__(self) -> None:
        """Begin open."""
        self._turn = threading.Condition()
        self._looking = 0
        self._waiting = 0
        self._is_changing = False

    @contextmanager
    def looking(self) -> Generator[None]:
        """Look, beside others, while nobody changes."""
        with self._turn:
            self._turn.wait_for(lambda: not self._is_changing and not self._waiting)
            self._looking += 1
        try:
            yield
        finally:
            with self._turn:
                self._looking -= 1
                self._turn.notify_all()

    @contextmanager
    def changing(self) -> Generator[None]:
        """Change, alone."""
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: not self._is_changing and not self._looking)
            self._waiting -= 1
            self._is_changing = True
        try:
            yield
        finally:
            with self._turn:
                self._is_changing = False
                self._turn.notify_all()
