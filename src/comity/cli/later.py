"""Command groups that are read when they are asked for: most commands need few rooms.

A person at a remote console waits for none of the store, the listener or the ceremony.
"""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer
from starlette.types import ASGIApp
from typer.core import TyperGroup
from typing_extensions import override

from comity.cli.client import OpenNode

if TYPE_CHECKING:
    from typer._click import Command

GROUPS = {
    "demo": "demo:demo",
    "bench": "bench:bench",
    "node": "node:app",
    "person": "node:person_app",
    "directory": "directory:app",
    "bundle": "bundle:app",
    "stick": "stick:app",
    "ledger": "ledger:app",
    "witness": "lookout:witness_app",
    "mirror": "lookout:mirror_app",
    "monitor": "lookout:monitor_app",
    "screening": "screening:app",
    "law": "law:app",
}
"""Where each group or single command stands, in the order in which help shows them."""


def find(place: str) -> object:
    """Return what stands at `module:name`, reading the module if nobody has."""
    module, _, name = place.partition(":")
    return cast("object", getattr(import_module(module), name))


def in_process(
    folder: Path, *, passphrase: str | None = None
) -> "AbstractContextManager[ASGIApp]":
    """Open a node that does not run, as `node.serving.in_process` does."""
    opened = cast("OpenNode", find("comity.node.serving:in_process"))
    return opened(folder, passphrase=passphrase)


class Commands(MutableMapping[str, "Command"]):
    """A group's commands; those of `GROUPS` are made when somebody takes them."""

    def __init__(self, made: MutableMapping[str, "Command"]) -> None:
        """Begin with those already made."""
        self._made = made

    @override
    def __getitem__(self, name: str) -> "Command":
        """Return a command; raises `KeyError`."""
        if name not in self._made and name in GROUPS:
            self._made[name] = _make(name)
        return self._made[name]

    @override
    def __setitem__(self, name: str, command: "Command") -> None:
        """Add a command that is made."""
        self._made[name] = command

    @override
    def __delitem__(self, name: str) -> None:
        """Take a command away."""
        del self._made[name]

    @override
    def __iter__(self) -> Iterator[str]:
        """Give every name, made or not."""
        return iter(dict.fromkeys((*GROUPS, *self._made)))

    @override
    def __len__(self) -> int:
        """Count every name, made or not."""
        return len({*GROUPS, *self._made})


class Front(TyperGroup):
    """The group that the program itself is."""

    @override
    def __setattr__(self, name: str, value: object) -> None:
        """Put the groups beside the commands that are made at once."""
        if name == "commands":
            value = Commands(cast("MutableMapping[str, Command]", value))
        super().__setattr__(name, value)


def _make(name: str) -> "Command":
    found = find(f"comity.cli.{GROUPS[name]}")
    if not isinstance(found, typer.Typer):
        one = typer.Typer(add_completion=False)
        one.command(name)(cast("Callable[[], None]", found))
        found = one
    command = typer.main.get_command(found)
    command.name = name
    return command
