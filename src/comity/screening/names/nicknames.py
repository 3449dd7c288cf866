"""Names and the short forms people go by."""

from functools import cache

from comity.screening.names.data import rows


def nicknames(text: str) -> frozenset[str]:
    """Return the names that go with this one: full names of a short one and the reverse."""
    return _known().get(text, frozenset())


@cache
def _known() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for full, short in rows("nicknames.tsv"):
        for name in full.split(" "):
            for each in short.split(" "):
                found.setdefault(name, set()).add(each)
                found.setdefault(each, set()).add(name)
    return {name: frozenset(others) for name, others in found.items()}
