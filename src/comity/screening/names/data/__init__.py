"""Facts and learned weights by which names are read, each file with its source and licence."""

import gzip
from functools import cache
from importlib.resources import files


def rows(name: str) -> list[list[str]]:
    """Return the rows of a table, split at tabs; lines that begin with `# ` are its head."""
    return [line.split("\t") for line in _lines(name) if line and not line.startswith("# ")]


def head(name: str) -> dict[str, str]:
    """Return what a table says of itself, as `source`, `licence` and `date`."""
    said = (line[2:].partition(":") for line in _lines(name) if line.startswith("# "))
    return {key.strip(): value.strip() for key, _, value in said}


@cache
def words(name: str) -> dict[str, str]:
    """Return a table of two columns as a mapping; a single column maps to itself."""
    return {row[0]: row[-1] for row in rows(name)}


def _lines(name: str) -> list[str]:
    packed = files("comity.screening.names.data").joinpath(name).read_bytes()
    text = gzip.decompress(packed) if name.endswith(".gz") else packed
    return text.decode().split("\n")
