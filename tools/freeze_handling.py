"""Freeze the schemes of handling into `src/comity/message/data/handling.json`.

SOURCE holds `classification_equivalence.csv` (levels by system, from public official texts) and
`taxonomies/*.json` (MISP taxonomies, CC0). The same source gives the same bytes:

    python tools/freeze_handling.py SOURCE > src/comity/message/data/handling.json

A cell in brackets is a hole; `(old …)` within one holds codes of old documents, which are read
and never written anew. A short code counts where its taxonomy writes it out as the table does.
"""

import csv
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

COLUMNS = {
    "4": "level4_top_secret",
    "3": "level3_secret",
    "2": "level2_confidential",
    "1": "level1_restricted",
}
SHORT = {"eu": "euci", "nato": "nato", "de": "de-vs", "fr": "fr-classif", "us": "dni-ism"}
LISTS = {"acs": "acs-marking", "iep": "iep2-policy", "ism": "dni-ism"}
OLD = re.compile(r"\bold ([^;)]+)")


def main() -> None:
    """Write the frozen schemes to standard output."""
    source = Path(sys.argv[1])
    with (source / "classification_equivalence.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    frozen = {
        "origin": "Council Decision 2013/488/EU, Appendix B; MISP taxonomies",
        "licence": "official text, reused with its source; CC0 1.0",
        "systems": {row["system"].lower(): _system(row, source) for row in rows},
        "lists": {name: _lists(source, file) for name, file in LISTS.items()},
    }
    text = json.dumps(frozen, indent=1, sort_keys=True, ensure_ascii=False)
    sys.stdout.write(text + "\n")


def _system(row: dict[str, str], source: Path) -> dict[str, object]:
    written = {level: _codes(row[column]) for level, column in COLUMNS.items()}
    old = {level: OLD.findall(row[column]) for level, column in COLUMNS.items()}
    short = list(_entries(source, SHORT.get(row["system"].lower(), "")))
    for codes in written.values():
        same = {_folded(code) for code in codes}
        codes += [code for code, full in short if _folded(full) in same and code not in codes]
    return {
        "is_verified": not row["source"].startswith("unverified"),
        "levels": {level: [_word(code) for code in codes] for level, codes in written.items()},
        "old": {level: [_word(code) for code in codes] for level, codes in old.items()},
    }


def _codes(cell: str) -> list[str]:
    text = re.sub(r"\s*\([^)]*\)", "", cell).strip()
    return [code.strip() for code in text.split(" / ")] if text else []


def _word(code: str) -> str:
    return unicodedata.normalize("NFC", code.strip()).replace(" ", "_")


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("_", " ").casefold())
    return "".join(each for each in bare if not unicodedata.combining(each))


def _entries(source: Path, file: str) -> Iterator[tuple[str, str]]:
    if not file:
        return
    read = json.loads((source / "taxonomies" / f"{file}.json").read_text(encoding="utf-8"))
    if "values" not in read:
        yield from ((each["value"], each["expanded"]) for each in read["predicates"])
    for group in read.get("values", ()):
        if file != "dni-ism" or group["predicate"] == "classification:us":
            yield from ((each["value"], each["expanded"]) for each in group["entry"])


def _lists(source: Path, file: str) -> dict[str, list[str]]:
    read = json.loads((source / "taxonomies" / f"{file}.json").read_text(encoding="utf-8"))
    # `$text` stands for free text: such a field has no list.
    return {
        group["predicate"]: [each["value"] for each in group["entry"]]
        for group in read["values"]
        if [each["value"] for each in group["entry"]] != ["$text"]
    }


if __name__ == "__main__":
    main()
