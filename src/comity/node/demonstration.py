"""The demonstration as a whole: stage, story, checks, and a clean end."""

import shutil
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from comity.core.errors import ComityError
from comity.node.claims import Check, Claim
from comity.node.stage import LISTS, TOLD, Stage, build_stage
from comity.node.story import Story


def _silent(_words: str) -> None:
    return


class Demonstration:
    """A network of fictional states that lives as long as this object is kept up."""

    def __init__(self, folder: Path, *, nodes: int, port: int, keep: bool) -> None:
        """Plan it; nothing is made before `start` or `check`."""
        self.folder = folder
        self.nodes = nodes
        self.port = port
        self.keep = keep
        self.say: Callable[[str], None] = _silent
        self._stage: Stage | None = None
        self._story: threading.Thread | None = None

    def start(self) -> Stage:
        """Make and start every node, and tell the story in the background."""
        stage = self._up()
        self._story = threading.Thread(target=self._tell, args=(stage,), daemon=True)
        self._story.start()
        return stage

    def stay(self) -> None:
        """Wait until Ctrl-C or SIGTERM."""
        done = threading.Event()

        def stop(_number: int, _frame: FrameType | None) -> None:
            done.set()

        signal.signal(signal.SIGTERM, stop)
        try:
            done.wait()
        except KeyboardInterrupt:
            return

    def check(self, say: Callable[[Claim], None]) -> tuple[Claim, ...]:
        """Replay the story and verify every claim from outside, then end everything."""
        try:
            stage = self._up(TOLD)
            story = Story(stage, self.say)
            told = story.run()
            return Check(stage, story, told).run(say)
        finally:
            self.end()

    def end(self) -> None:
        """Stop every node; the folder goes unless it is to be kept."""
        if self._stage is not None:
            self._stage.stop()
            self._stage = None
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _up(self, lists: Mapping[str, str] = LISTS) -> Stage:
        self.say("making keys, ceremony and people …")
        stage = build_stage(self.folder, nodes=self.nodes, port=self.port)
        stage.lists = lists
        self._stage = stage
        self.say("starting the nodes …")
        stage.start_all()
        stage.wait_ready()
        return stage

    def _tell(self, stage: Stage) -> None:
        try:
            Story(stage, self.say).run()
        except ComityError as error:
            self.say(f"the story stopped: {error}")
