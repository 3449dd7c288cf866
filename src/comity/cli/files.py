"""`comity file …`: large files that wait for a letter, and files of messages to keep."""

from pathlib import Path

from comity.cli.command import Command, Given, argument, option
from comity.cli.say import Said, at, listed
from comity.core.errors import ComityError, InvalidInputError


def list_files(given: Given) -> Said:
    """List what was brought and not sent."""
    found = given.client.get("files")
    lines = [
        f"{at(each, 'file')}  {at(each, 'name')}  {each.get('size')} bytes"
        f"  until {at(each, 'until')}"
        for each in listed(found, "files")
    ]
    return Said(document=found, lines=lines or ["no file of yours waits for a letter"])


def drop_file(given: Given) -> Said:
    """Let a file go."""
    file = given.text("file")
    found = given.client.post("files", file, "drop")
    return Said(document={**found, "file": file}, lines=[f"gone: {file}"])


def get_file(given: Given) -> Said:
    """Write one file of a message to a path where nothing lies yet."""
    mid, place, out = given.text("mid"), given.text("place"), Path(given.text("out"))
    try:
        with out.open("xb") as into:
            try:
                size = given.client.fetch("messages", mid, "files", place, into=into)
            except ComityError:
                out.unlink()
                raise
    except OSError as error:
        words = (error.strerror or "the medium failed").lower()
        raise InvalidInputError(f"cannot write `{out}`: {words}") from None
    return Said(document={"out": str(out), "size": size}, lines=[f"{out}: {size} bytes"])


FILE = (
    Command(
        word="list",
        about="List the files you brought that no letter has taken along yet.",
        example="comity file list",
        run=list_files,
    ),
    Command(
        word="drop",
        about="Let a file go that no letter took along.",
        example=f"comity file drop {'5e' * 32}",
        run=drop_file,
        parameters=(argument("file", "The file, as `comity file list` names it."),),
    ),
    Command(
        word="get",
        about="Write one file of a message to a new file here; it is logged as opening it is.",
        example="comity file get 019e830e1a007f7bb09b44db27528184 0 --out scan.pdf",
        run=get_file,
        parameters=(
            argument("mid", "The message."),
            argument("place", "Which of its files, from 0."),
            option("out", "--out", "Where it goes; nothing may lie there yet."),
        ),
    ),
)
