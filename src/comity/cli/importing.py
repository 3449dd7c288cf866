"""Files brought in at the command line: what changes is shown before it is committed."""

import base64
from pathlib import Path

from comity.cli.command import Given
from comity.cli.say import Document, Json, Said, at, listed, within
from comity.cli.subject import read_file
from comity.core import limits
from comity.core.errors import InvalidInputError

_BESIDE = ("sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv")
"""What the publisher of the OFAC list lays beside each other."""
_DATED = frozenset({"ofac-sdn", "un-sc"})
"""Formats that are editions of a list even where nobody names one."""


def import_file(given: Given) -> Said:
    """Preview an import and, unless only the preview is asked, make it so."""
    incoming = _incoming(given)
    if not incoming["edition"]:
        found = given.client.post("imports", "keep", body=incoming)
        return Said(document=found, lines=[f"{at(found, 'statements')} statements are new"])
    shown = given.client.post("imports", "preview", body=incoming)
    lines = _previewed(shown)
    if given.values["preview"]:
        return Said(document=shown, lines=lines)
    previewed = given.text("digest") or at(shown, "digest")
    body: Document = {"incoming": incoming, "previewed": previewed}
    done = given.client.post("imports", "commit", body=body)
    return Said(document={**done, "preview": shown}, lines=[*lines, "committed"])


def _incoming(given: Given) -> dict[str, Json]:
    form, path = given.needed("form", "--format"), Path(given.text("file"))
    edition = given.text("edition") or (given.text("published")[:10] if form in _DATED else "")
    if form in _DATED and not edition:
        raise InvalidInputError("a list has editions: name `--edition` or `--published`")
    dataset = given.text("dataset") or (form if form in _DATED else path.stem)
    return {
        "format": form,
        "files": [_file(each) for each in import_files(path, form)],
        "marking": given.needed("marking", "--marking"),
        "basis": given.needed("basis", "--basis"),
        "purpose": given.text("purpose") or at(given.client.get("me"), "purpose"),
        "dataset": dataset,
        "edition": edition,
        "published": given.text("published") or None,
        "retain_until": given.text("until") or None,
    }


def import_files(path: Path, form: str) -> list[Path]:
    """Return the files of an import; an OFAC list is a folder, or its first file."""
    if form != "ofac-sdn":
        return [path]
    folder = path if path.is_dir() else path.parent
    return [folder / name for name in _BESIDE if (folder / name).is_file()] or [path]


def _file(path: Path) -> Document:
    data = read_file(path, limit=limits.UPLOAD)
    return {"name": path.name, "content": base64.b64encode(data).decode("ascii")}


def _previewed(shown: Document) -> list[str]:
    counts = ", ".join(
        f"{at(within(shown, word), 'count')} {word}" for word in ("new", "changed", "removed")
    )
    rejected = [
        f"  {at(each, 'file')}:{at(each, 'line')} {at(each, 'field')}: {at(each, 'reason')}"
        for each in listed(shown, "rejected")[:10]
    ]
    head = (
        f"{at(shown, 'dataset')} {at(shown, 'edition')} after {at(shown, 'before') or 'none'}"
    )
    return [f"{head}: {counts}; {at(shown, 'rejections')} values rejected", *rejected]
