"""Where the passphrase of a master key comes from: a file, a descriptor, or the person here.

A service names a file: `--passphrase-file %d/comity` is a systemd credential, and
`/dev/fd/3` an open descriptor. Without one a person at a terminal is asked.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.core.errors import InvalidInputError
from comity.node.master import needs_words

PassFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="COMITY_PASSPHRASE_FILE",
        help="A file that holds the passphrase of the master key, or the PIN of its device.",
    ),
]


def passphrase_from(path: Path | None, folder: Path | None = None) -> str | None:
    """Read a passphrase from a file, else ask for that of `folder` at a terminal.

    Returns `None` where nothing is named and nobody can be asked. Raises `InvalidInputError`.
    """
    if path is None:
        return _asked(folder)
    try:
        words = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError(f"cannot read a passphrase from `{path}`") from None
    if not words:
        raise InvalidInputError(f"`{path}` is empty: expected a passphrase")
    return words


def new_passphrase(path: Path | None) -> str:
    """Read a new passphrase from a file, or ask for it twice; raises `InvalidInputError`."""
    words = passphrase_from(path)
    if words is not None:
        return words
    if not sys.stdin.isatty():
        raise InvalidInputError("a new passphrase comes from a file or a person at a terminal")
    said: str = typer.prompt(
        "New passphrase", hide_input=True, confirmation_prompt=True, err=True
    )
    return said


def _asked(folder: Path | None) -> str | None:
    if folder is None or not needs_words(folder) or not sys.stdin.isatty():
        return None
    said: str = typer.prompt("Passphrase of this node", hide_input=True, err=True)
    return said
