"""Lists on disk, read for the screening engine alone: what is loaded is what is held, no node.

The formats are those of `record import`; whatever a list says that cannot be taken is counted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from comity.adapters.lines import lines_of, reading
from comity.core import limits
from comity.core.errors import InvalidInputError
from comity.core.ids import EntityId
from comity.interop import Found, Reading, read_csv, read_ftm, read_ofac, read_un
from comity.screening import Profile
from comity.screening.matching import Held

FORMATS = ("ofac-sdn", "un-sc", "ftm", "csv")
_OFAC = ("sdn.csv", "alt.csv", "add.csv")
_ENDS = {"un-sc": (".xml",), "ftm": (".json", ".jsonl", ".ftm"), "csv": (".csv",)}
_TITLES = {
    "ofac-sdn": "Specially Designated Nationals, OFAC",
    "un-sc": "Consolidated list, UN Security Council",
}
_LINES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """One list to be loaded, under the name it is searched by."""

    form: str
    path: Path
    name: str

    @property
    def title(self) -> str:
        """What people call it."""
        return _TITLES.get(self.form, self.path.stem)


def list_files(named: Iterable[str]) -> tuple[ListFile, ...]:
    """Read `FORMAT:PATH`, each; a folder holds the files of a list, or several.

    Raises `InvalidInputError` on an unknown format or a path where nothing of it lies.
    """
    found: list[ListFile] = []
    for text in named:
        form, colon, path = text.partition(":")
        if form not in FORMATS or not colon or not path:
            expected = ", ".join(f"`{each}:PATH`" for each in FORMATS)
            raise InvalidInputError(f"`{text[:100]}` names no list, expected {expected}")
        for each in _files(form, Path(path)):
            name = form if form in _TITLES else each.stem.lower()
            taken = {other.name for other in found}
            free = (f"{name}-{n}" for n in range(2, 1_000))
            own = next(one for one in chain((name,), free) if one not in taken)
            found.append(ListFile(form=form, path=each, name=own))
    return tuple(found)


def _files(form: str, path: Path) -> list[Path]:
    if form == "ofac-sdn":
        folder = path if path.is_dir() else path.parent
        if not (folder / _OFAC[0]).is_file():
            raise InvalidInputError(f"no `sdn.csv` lies in `{folder}`")
        return [folder]
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.suffix in _ENDS[form])
        if not found:
            ends = ", ".join(f"`*{each}`" for each in _ENDS[form])
            raise InvalidInputError(f"no file of format {form} ({ends}) lies in `{path}`")
        return found
    if not path.is_file():
        raise InvalidInputError(f"cannot read `{path}`: no such file")
    return [path]


def entities_in(listed: ListFile, *, told: Callable[[int], None]) -> Iterator[Found]:
    """Yield the entities of a list; `told` learns how many values and rows were not taken.

    Raises `InvalidInputError` naming the file that is not of its format.
    """
    was = Reading(listed.path.name)
    try:
        yield from _READERS[listed.form](listed.path, was)
    except InvalidInputError as error:
        raise InvalidInputError(f"`{listed.path}`: {error}") from None
    told(was.rejections)


def _read_whole(path: Path) -> bytes:
    with reading(str(path)) as file:
        return file.read(limits.UPLOAD + 1)


def _ofac(folder: Path, was: Reading) -> Iterator[Found]:
    held = [folder / name for name in _OFAC if (folder / name).is_file()]
    return read_ofac({path.name: _read_whole(path) for path in held}, was)


def _ftm(path: Path, was: Reading) -> Iterator[Found]:
    """Read a file of any size, some thousand lines at a time."""
    with reading(str(path)) as file:
        lines = lines_of(file, limit=limits.BODY)
        # A line that was too long comes cut: it must not run into the next one.
        while held := b"".join(line.rstrip(b"\n") + b"\n" for line in islice(lines, _LINES)):
            yield from read_ftm(held, was)


_READERS: dict[str, Callable[[Path, Reading], Iterator[Found]]] = {
    "ofac-sdn": _ofac,
    "un-sc": lambda path, was: read_un(_read_whole(path), was),
    "csv": lambda path, was: read_csv(_read_whole(path), was),
    "ftm": _ftm,
}


def held_of(found: Found, *, dataset: str) -> Held:
    """Return an entity of a list as a program may see it."""
    values: dict[str, list[str]] = {}
    for each in found.values:
        values.setdefault(each.prop, []).append(each.value)
    return Held(
        entity_id=found.entity_id,
        schema=found.schema,
        properties={prop: tuple(held) for prop, held in values.items()},
        datasets=(dataset,),
    )


def profile_of(held: Held) -> Profile:
    """Return an entity of a list as screening sees it."""
    return Profile(
        entity_id=EntityId(held.entity_id),
        dataset=held.datasets[0],
        schema=held.schema,
        properties=held.properties,
    )
