"""Freeze who is bound by what into the tables beside the packs of law.

    python tools/freeze_participation.py SOURCE [--check] [--packs FOLDER]

SOURCE is a folder of dated source tables (`parties_*.csv`, `hr_status_*.csv`,
`reservations.csv` and `instruments.csv`). A row goes to the pack that declares its instrument,
as `NAME-parties.csv` or `NAME-reservations.csv`; an instrument no pack declares is named and
left out. What the tables may say:
 * signature is not consent to be bound; an extension to a territory binds no state;
 * a party without dates counts from the last day its source may speak of, never earlier;
 * where only the deposit is given, the treaty's own delay gives the first day;
 * rows of one party are merged, a dated one first; sources that contradict one another leave it
   in doubt, and so does a reservation whose text was not read;
 * codes are looked up exactly (`NA` is Namibia); one that is not held is an error.
Absence is never written: a list shows it only where a pack says that it is complete.
"""

import argparse
import calendar
import csv
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import cast

import yaml

PACKS = Path(__file__).parents[1] / "src/comity/law/packs"
FACTS = Path(__file__).parents[1] / "src/comity/law/data/facts.yaml"
PARTY = ("instrument", "party", "signed", "bound", "in_force", "until", "status", "action")
PARTY_COLUMNS = (*PARTY, "as_of", "source")
RESERVATION = ("instrument", "party", "article", "effect", "counterpart", "until")
RESERVATION_COLUMNS = (*RESERVATION, "as_of", "source", "text")
FORMER = {"TP": "TL"}
"""Codes withdrawn from ISO 3166-1 that sources still use."""
DELAYS = {
    **dict.fromkeys(("UN-IPP-1973", "UN-HOSTAGES-1979", "UN-BOMBINGS-1997"), 30),
    **dict.fromkeys(("UN-FINANCING-1999", "UN-NUCLEAR-2005", "UN-CAT-1984"), 30),
    **dict.fromkeys(("UN-OPCAT-2002", "UN-UNTOC-2000", "UN-HAGUE-1970"), 30),
    **dict.fromkeys(("UN-MONTREAL-1971", "UN-AIRPORT-1988"), 30),
    "UN-PLASTIC-1991": 60,
    "UN-TOKYO-1963": 90,
    "UN-SUA-1988": 90,
}
"""Days from deposit to entry into force, by the treaty's own clause."""
UNCHECKED = {
    ("UN-ICCPR-OP1-1966", "JM"): "said to have denounced it; the lists show no end",
    ("UN-ICCPR-OP1-1966", "TT"): "said to have denounced it; the lists show no end",
    ("COE-217-2015", "RU"): "whether it still binds after 2022 is to be checked",
}
"""Parties whose lists are known to be silent on what may have ended."""
CHANGES: Mapping[tuple[str, str], frozenset[str] | None] = {
    ("UN-FINANCING-1999", "2(2)(a)"): None,
    ("UN-FINANCING-1999", "2(1)(b)"): frozenset({"EG", "JO", "SY", "YE", "TR"}),
    ("UN-FINANCING-1999", "11"): frozenset({"PK"}),
    ("UN-FINANCING-1999", "14"): frozenset({"PK"}),
    ("UN-FINANCING-1999", "10(1)"): frozenset({"MY"}),
    ("UN-FINANCING-1999", "general"): frozenset({"SV", "BD"}),
    ("UN-FINANCING-1999", "recognition"): frozenset({"YE"}),
    ("UN-IPP-1973", "8(1)-(4)"): frozenset({"CO"}),
    ("UN-IPP-1973", "recognition"): frozenset({"IQ"}),
}
"""What changes a decision, and for whom (`None`: for whoever declared it)."""
DISPUTES = {"24(1)", "23(1)", "17(2)", "16(1)"}
TOWARDS = {("UN-FINANCING-1999", "YE"): "IL", ("UN-IPP-1973", "IQ"): "IL"}
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one source, or several that agree, say of one party."""

    instrument: str
    party: str
    signed: str = ""
    bound: str = ""
    in_force: str = ""
    until: str = ""
    status: str
    action: str = ""
    as_of: str = ""
    source: str
    is_computed: bool = False
    """`in_force` is our own sum, not the source's word."""
    year: str = ""
    """All that an undated source says of when."""


def main(arguments: Sequence[str]) -> int:
    """Write or check the tables; returns 1 if a checked one is stale."""
    parser = argparse.ArgumentParser(description="Freeze who is bound by what.")
    parser.add_argument("source", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--packs", type=Path, default=PACKS)
    asked = parser.parse_args(arguments)
    homes, tables = declared(asked.packs), frozen(asked.source)
    stale = [
        path
        for pack, instruments in sorted(homes.items())
        for path, text in files_of(pack, instruments, tables)
        if not _is_settled(asked.packs / path, text, is_check=asked.check)
    ]
    known = frozenset[str]().union(*homes.values())
    left = sorted({row["instrument"] for rows in tables for row in rows} - known)
    sys.stdout.write(f"left out, for no pack declares them: {', '.join(left) or 'none'}\n")
    for path in stale:
        sys.stdout.write(f"{'stale' if asked.check else 'written'}: {path}\n")
    return 1 if asked.check and stale else 0


def _is_settled(path: Path, text: str, *, is_check: bool) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return True
    if not is_check:
        path.write_text(text, encoding="utf-8")
    return False


def declared(packs: Path) -> dict[str, frozenset[str]]:
    """Return the instruments each pack declares, those of fictional states left out."""
    found: dict[str, frozenset[str]] = {}
    for path in packs.glob("*.yaml"):
        pack = _yaml(path)
        if isinstance(pack, dict) and "pack" in pack and pack.get("demonstration") != "yes":
            listed = cast("list[dict[str, str]]", pack.get("instruments") or [])
            found[path.stem] = frozenset(each["id"] for each in listed)
    return found


def _yaml(path: Path) -> dict[str, object] | list[object]:
    text = path.read_text(encoding="utf-8")
    return cast(
        "dict[str, object] | list[object]",
        yaml.load(text, Loader=yaml.BaseLoader),  # noqa: S506 - strings only
    )


Table = list[dict[str, str]]


def files_of(
    pack: str, instruments: frozenset[str], tables: tuple[Table, Table]
) -> Iterable[tuple[str, str]]:
    """Return the tables of one pack that hold a row, by file name."""
    kinds = zip(("parties", "reservations"), (PARTY_COLUMNS, RESERVATION_COLUMNS), strict=True)
    for (kind, columns), rows in zip(kinds, tables, strict=True):
        kept = [row for row in rows if row["instrument"] in instruments]
        if kept:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(sorted([row[name] for name in columns] for row in kept))
            yield f"{pack}-{kind}.csv", text.getvalue()


def frozen(source: Path) -> tuple[Table, Table]:
    """Return rows of participation and of reservations; raises `ValueError` on a bad row."""
    begun = {row["id"]: _day(row["in_force"]) for row in read(source / "instruments.csv")}
    said: dict[tuple[str, str], list[Row]] = defaultdict(list)
    tables = [*sorted(source.glob("parties_*.csv")), *sorted(source.glob("hr_status_*.csv"))]
    for path in tables:
        for cells in read(path):
            row = row_of(cells, path=path)
            if row is not None:
                said[row.instrument, row.party].append(row)
    reach = {  # how far each dated list goes, by instrument
        instrument: max(row.as_of for row in rows)
        for instrument, rows in _by_instrument(said.values()).items()
    }
    merged = (merge(rows, begun=begun, reach=reach) for rows in said.values())
    parties = [{name: getattr(row, name) for name in PARTY_COLUMNS} for row in merged if row]
    noted = read(source / "reservations.csv")
    kept = [each for cells in noted for each in reservations(cells)]
    return parties, kept


def _by_instrument(said: Iterable[list[Row]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in (row for rows in said for row in rows if row.is_computed):
        found[row.instrument].append(row)
    return found


def read(path: Path) -> Table:
    """Read a table as texts, and look every country up exactly."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    countries = _countries()
    for number, row in enumerate(rows, start=2):
        if "iso2" in row:
            row["iso2"] = FORMER.get(row["iso2"], row["iso2"])
            if row["iso2"] not in countries:
                raise ValueError(f"{path.name}:{number}: unknown country `{row['iso2'][:20]}`")
    return rows


@cache
def _countries() -> frozenset[str]:
    facts = cast("dict[str, str]", _yaml(FACTS))
    return frozenset(facts["countries"].split())


def _day(text: str) -> str:
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else ""


def ends_of(text: str) -> list[tuple[str, str]]:
    """Return first and last day of every day, month or year a text names."""
    found: list[tuple[str, str]] = []
    for year, month, day in re.findall(r"\b((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?\b", text):
        last = calendar.monthrange(int(year), int(month or 12))[1]
        found.append(
            (f"{year}-{month or '01'}-{day or '01'}", f"{year}-{month or '12'}-{day or last}")
        )
    return sorted(found)


_SOURCES = ("source", "source_url", "source_and_gap", "basis")


def row_of(cells: Mapping[str, str], *, path: Path) -> Row | None:
    """Return what one line of a source says, or `None` if it says nothing that can be used."""
    got, note = cells.get, cells.get("note") or ""
    own = max(got("signed") or "", got("bound") or "", got("in_force") or "")
    spoken = ends_of(got("as_of") or got("basis", ""))
    # A source is no older than what it tells.
    fit = [last for _, last in spoken if last >= own]
    as_of = fit[0] if fit else own if spoken else ""
    stated = got("in_force") or ""
    row = Row(
        instrument=cells["instrument"],
        party=cells["iso2"],
        signed=got("signed") or "",
        bound=got("bound") or "",
        in_force=stated or got("in_force_from_computed") or "",
        until=got("until") or "",
        status="signatory",
        action=got("action") or "",
        as_of=as_of,
        source=next((cells[name] for name in _SOURCES if got(name)), ""),
        is_computed="in_force_from_computed" in cells,
        year=got("year") or "",
    )
    status = _status(row, cells, note=note, since=spoken[0][0] if spoken else "")
    if note.startswith("dates doubtful"):
        row = replace(row, in_force="", source=f"{row.source}; {note}")
    if status == "":
        return None
    if not row.source:
        raise ValueError(f"{path.name}: a row of `{row.party}` names no source")
    return replace(row, status=status)


def _status(row: Row, cells: Mapping[str, str], *, note: str, since: str) -> str:
    if "state_party" in cells:
        return "party" if cells["state_party"] == "1" else "absent"
    # Where no delay is held, a source that speaks wholly after the deposit still proves it.
    is_late = row.instrument not in DELAYS and not row.in_force
    tests = {
        "territory": row.action == "territorial application",
        "doubtful": note.startswith("dates doubtful")
        or bool(is_late and row.bound and since <= row.bound),
        "party": bool(is_late and row.bound),
        "bound": bool(row.in_force or row.bound),
        "signatory": bool(row.signed) or row.action == "signature",
        "": not row.as_of,
    }
    return next((status for status, holds in tests.items() if holds), "party")


def merge(
    rows: Sequence[Row], *, begun: Mapping[str, str], reach: Mapping[str, str]
) -> Row | None:
    """Return what all sources together say of one party."""
    rows = [_counted(row, begun.get(row.instrument, "")) for row in rows]
    said = [row for row in rows if row.status != "absent"]
    if not said:
        return None
    order = ("territory", "doubtful", "bound", "party", "signatory")
    said.sort(key=lambda row: (order.index(row.status), row.is_computed))
    best, agreed = said[0], [row for row in said if row.status != "signatory"] or said
    why = disagreement(rows, best, reach=reach)
    source = " + ".join(dict.fromkeys(row.source for row in agreed))
    dated = [row.as_of for row in agreed if row.as_of]
    found = replace(
        best,
        signed=next((row.signed for row in said if row.signed), ""),
        bound=next((row.bound for row in said if row.bound), ""),
        until=next((row.until for row in said if row.until), ""),
        action=next((row.action for row in said if row.action), ""),
        # A party without a date counts from its `as_of`: the earliest source that names it.
        as_of=(min if best.status == "party" else max)(dated, default=""),
        source=source,
    )
    if not why or best.status == "doubtful":
        return found
    return replace(found, status="doubtful", in_force="", source=f"{source}; in doubt: {why}")


def _counted(row: Row, begun: str) -> Row:
    """Add the treaty's own delay where only the deposit is given."""
    if row.status != "bound" or row.in_force:
        return row
    days = 0 if row.action == "succession" else DELAYS[row.instrument]
    first = date.fromisoformat(row.bound) + timedelta(days=days)
    return replace(row, in_force=max(first.isoformat(), begun), is_computed=True)


def disagreement(rows: Sequence[Row], best: Row, *, reach: Mapping[str, str]) -> str:
    """Say how sources contradict one another, or nothing."""
    bound = [row for row in rows if row.status == "bound"]
    years = {day[:4] for row in bound for day in (row.bound, row.in_force) if day}
    told = min((row.year for row in rows if row.year), default="")
    reached = reach.get(best.instrument, "")[:4]
    found = {
        UNCHECKED.get((best.instrument, best.party), ""): True,
        "two days of deposit": len({row.bound for row in bound if row.bound}) > 1,
        "two days of entry into force": len(
            {row.in_force for row in bound if not row.is_computed}
        )
        > 1,
        "a later list shows it as no party": bool(bound)
        and any(row.status == "absent" for row in rows),
        f"another list gives {told}": bool(told and bound) and told not in years,
        f"a party since {told} is missing from a later dated list": bool(told)
        and not bound
        and told < reached,
    }
    return next((why for why, holds in found.items() if why and holds), "")


_ARTICLES = re.compile(r"\d+(\(\w+\))*(, \d+(\(\w+\))*)*")


def reservations(cells: Mapping[str, str]) -> Iterable[dict[str, str]]:
    """Return one row per article that a reservation or declaration names."""
    instrument, party, article = cells["instrument"], cells["iso2"], cells["article"]
    if cells["status"] == "text not read":
        effect = "doubt"
    elif cells["status"] == "withdrawn":
        effect = "none" if article in DISPUTES else "doubt"
    else:
        whose = CHANGES.get((instrument, article), frozenset[str]())
        effect = "doubt" if whose is None or party in whose else "none"
    named = article.split(", ") if _ARTICLES.fullmatch(article) else [article]
    if effect == "doubt":
        named = [re.sub(r"^(general|recognition)$|\(1\)-\(4\)", "", name) for name in named]
    spoken = ends_of(cells["as_of"])
    for name in named:
        yield {
            "instrument": instrument,
            "party": party,
            "article": name,
            "effect": effect,
            "counterpart": TOWARDS.get((instrument, party), "") if not name else "",
            "until": _withdrawn(cells["effect_for_a_program"])
            if cells["status"] == "withdrawn"
            else "",
            "as_of": spoken[-1][1] if spoken else "",
            "source": cells["source_url"],
            "text": cells["effect_for_a_program"],
        }


def _withdrawn(text: str) -> str:
    """Return the day a withdrawal is known by: as told, or the last of the year told of."""
    told = re.search(r"\b(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})\b", text)
    if told:
        return date(int(told[3]), _MONTHS[told[2]], int(told[1])).isoformat()
    found = ends_of(text.replace("/", " "))
    if not found:
        raise ValueError(f"a withdrawal names its date, got `{text[:60]}`")
    return found[0][1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
