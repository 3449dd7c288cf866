"""Write the generated pages of `docs/`, or with `--check` say which of them are stale.

A generated page says only what the code says: kinds, ledger entries, errors, limits, rows, law.
What cannot be read from code is written by hand, on other pages.
"""

import argparse
import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast, get_args, get_origin

import msgspec
import typer
from msgspec import Struct
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

ROOT: Final = Path(__file__).parents[1]
SRC: Final = ROOT / "src" / "comity"
DOCS: Final = ROOT / "docs"
if find_spec("comity") is None:  # a source checkout that nobody installed
    sys.path.insert(0, str(ROOT / "src"))

from comity import practices  # noqa: E402 - the path comes first
from comity.core import limits  # noqa: E402
from comity.core.store import Row  # noqa: E402
from comity.practice import (  # noqa: E402
    Field,
    Kind,
    Practice,
    Second,
    Words,
    label,
    read_words,
    universal,
)

NOTE: Final = "<!-- Written by tools/build_docs.py from the code; do not edit. -->"
BEGIN: Final = "<!-- generated: promises -->"
END: Final = "<!-- end of generated -->"
ROOMS: Final = (
    *("core", "message", "law", "trust", "seal", "ledger", "record", "screening", "blind"),
    *("interop", "practice", "exchange", "desk", "node"),
)
PARTS: Final = {
    "tutorial": "Tutorial: learn by doing",
    "how-to": "How-to: get one thing done",
    "reference": "Reference: look it up",
    "explanation": "Explanation: understand",
    "spec": "Specification: the formats on the wire",
    "adr": "Decisions: why it is so",
}
SECONDS: Final = {
    Second.NONE: "no",
    Second.LAPSING: "after; lapses without",
    Second.AFTER: "before; after under a stated threat to life",
    Second.BEFORE: "before",
}


def page(title: str, *paragraphs: str) -> str:
    """Return one generated page."""
    return "\n\n".join((f"# {title}", NOTE, *(text for text in paragraphs if text))) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, or nothing where it has no row."""
    lines = ["| " + " | ".join(cell(each) for each in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(("| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines))


def cell(value: object) -> str:
    """Write one value so that it stays within its cell."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(words: Iterable[str]) -> str:
    """Write names as code, in the order given."""
    return ", ".join(f"`{word}`" for word in words)


# practices.md


def declared() -> tuple[Practice, ...]:
    """Return the practice of every folder in `practices/`."""
    names = sorted(each.name for each in pkgutil.iter_modules(practices.__path__))
    found = (importlib.import_module(f"comity.practices.{name}") for name in names)
    return tuple(cast("Practice", module.PRACTICE) for module in found)


def words_of(folder: Path) -> Words:
    """Read the English words of a practice or of the kit."""
    return read_words((folder / "locale" / "en.json").read_bytes())


def practices_page() -> str:
    """Return every kind of message, who may author it, and its fields."""
    kit = words_of(SRC / "practice")
    own = [part for each in declared() for part in practice_part(each, kit)]
    return page(
        "Practices, kinds and fields",
        "What partners can say to one another. A kind's name is on the wire and never changes"
        " meaning; unknown fields are kept and signed over. *Second person*: whether an act"
        " waits for another person of the same party. *Protective* kinds name only what the"
        " partner already holds: they are decided and logged, but need no basis.",
        *own,
        "## In every practice",
        "The kit adds these kinds to every practice; none can be left out. The name begins with"
        " the practice's: `requests.recall/1`.",
        *(part for kind in universal("…") for part in kind_part(kind, kit)),
    )


def practice_part(practice: Practice, kit: Words) -> Iterator[str]:
    """Write one practice: its kinds, its states and its clocks."""
    folder = SRC / "practices" / practice.name
    words = {**kit, **words_of(folder)}
    readme = f"../../src/comity/practices/{practice.name}/README.md"
    yield f"## {practice.name}"
    yield f"Command `comity {practice.command}`. [Who uses it, and its bounds]({readme})."
    for kind in practice.kinds:
        yield from kind_part(kind, words)
    yield f"### States of {practice.name}"
    yield table(
        ("from", "kind", "choice", "by", "to"),
        (
            (
                f"`{s.before}`",
                f"`{s.kind}`",
                s.choice and f"`{s.choice}`",
                s.by.value,
                f"`{s.after}`",
            )
            for s in practice.steps
        ),
    )
    yield f"Closed: {code(sorted(practice.closed))}."
    yield table(
        ("in state", "owes", "legal clock", "since"),
        (
            (f"`{d.state}`", d.owed_by.value, f"`{d.clock}`", f"`{d.since}`")
            for d in practice.duties
        ),
    )
    yield table(
        ("in state", "once this instant is past", "to"),
        ((f"`{t.state}`", f"`{t.field}`", f"`{t.after}`") for t in practice.timers),
    )


def kind_part(kind: Kind, words: Words) -> Iterator[str]:
    """Write one kind: its authors, second person, fields and branches."""
    yield f"### {kind.name}"
    seats = f"Seats: {code(sorted(kind.seats))}. Second person: {SECONDS[kind.second]}."
    yield seats + (" Protective." if kind.is_protective else "")
    yield table(
        ("field", "read as", "type", "need", "at most", "category", "searchable"),
        (field_row(kind, each, words) for each in kind.fields),
    )
    for field in kind.fields:
        if field.choices:
            told = (f"`{each}`" + _cited(field, each) for each in field.choices)
            yield f"`{field.name}` is one of: {', '.join(told)}."
    yield table(
        (f"`{kind.decides}`", "then required", "then barred", "second person", "passes a stop"),
        (
            (
                f"`{each.choice}`",
                code(sorted(each.required)),
                code(sorted(each.barred)),
                SECONDS[each.second],
                "yes" if each.passes_stop else "",
            )
            for each in kind.branches
        ),
    )


def field_row(kind: Kind, field: Field, words: Words) -> Sequence[object]:
    """Write one field of a kind."""
    return (
        f"`{field.name}`",
        label(words, kind, field.name),
        field.type.value,
        field.need.value,
        f"{field.limit:,}"
        if field.type.value in {"text", "codes", "integer", "entities"}
        else "",
        field.category,
        "yes" if field.is_searchable else "",
    )


def _cited(field: Field, choice: str) -> str:
    return f" ({field.cites[choice]})" if choice in field.cites else ""


# leaves.md, errors.md, limits.md, rows.md


def leaves_page() -> str:
    """Return the numbers of ledger entries and the modules that name each."""
    from comity.ledger import LeafType  # noqa: PLC0415 - only once the room is there

    named = {
        str(path.relative_to(SRC)): set(re.findall(r"\bLeafType\.([A-Z_]+)", path.read_text()))
        for path in sorted(SRC.rglob("*.py"))
        if path.parent.name != "ledger"
    }
    rows = (
        (
            int(kind),
            f"`{kind.name.lower().replace('_', '-')}`",
            code(path for path, kinds in named.items() if kind.name in kinds)
            or "no module yet",
        )
        for kind in LeafType
    )
    return page(
        "Ledger entries",
        "What an entry of the ledger records. A number is never reused. An entry holds no"
        " content: its layout is in the [specification of the ledger](../spec/ledger.md).",
        table(("number", "type", "named in"), rows),
    )


def errors_page() -> str:
    """Return every error with its stable code, and what a node rejects bytes with."""
    from comity.seal import REJECTION_CODES  # noqa: PLC0415 - only once the room is there

    return page(
        "Errors and rejections",
        "Every error has a stable code. It names what failed and what was expected, and never a"
        " person's name, a key, a body or a question.",
        table(
            ("error", "code", "is a", "raised when", "defined in"),
            (
                (f"`{name}`", f"`{codes}`", f"`{base}`", doc, f"`{path}`")
                for name, codes, base, doc, path in errors()
            ),
        ),
        "## Rejections",
        "A node that does not take a partner's bytes answers with one of these codes. A denial"
        " by law is not an error but a decision; a partner's refusal is an answer, with a"
        f" ground. {code(sorted(REJECTION_CODES))}.",
    )


def errors() -> list[tuple[str, str, str, str, str]]:
    """Find the tree of errors in the source: name, code, base, first line, module."""
    classes = [
        (node, path)
        for path in [SRC / "core" / "errors.py", *sorted(SRC.rglob("*.py"))]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    codes = {"Exception": ""}
    found: list[tuple[str, str, str, str, str]] = []
    for node, path in classes:
        bases = [each.id for each in node.bases if isinstance(each, ast.Name)]
        base = next((each for each in bases if each in codes), "")
        if base and node.name not in codes:
            codes[node.name] = own_code(node) or codes[base]
            first = (ast.get_docstring(node) or "").splitlines()[0]
            place = path.relative_to(SRC).as_posix()
            found.append((node.name, codes[node.name], base, first, place))
    return found


def own_code(node: ast.ClassDef) -> str:
    """Return the code an error class states for itself, if it does."""
    for each in node.body:
        match each:
            case (
                ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(text)))
                | ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(text)))
            ):
                return text
            case _:
                pass
    return ""


def limits_page() -> str:
    """Return every limit with its value and meaning."""
    values = cast("Mapping[str, int]", vars(limits))
    told = attribute_docs(ast.parse(inspect.getsource(limits)))
    return page(
        "Limits",
        "Every size a partner or a person can make a node pay for. Beyond it the node says so"
        " (`input.limit`, or the rejection `too-large`) before it does the work.",
        table(
            ("limit", "value", "meaning"),
            ((f"`{name}`", f"{values[name]:,}", doc) for name, doc in told.items()),
        ),
    )


def attribute_docs(tree: ast.Module | ast.ClassDef) -> dict[str, str]:
    """Return the text that stands under each assignment."""
    told: dict[str, str] = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        match before, after:
            case (
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                told[name] = text
            case _:
                pass
    return told


def rows_page() -> str:
    """Return every stored row of every room."""
    parts: list[str] = []
    for room in ROOMS:
        if find_spec(f"comity.{room}") is None:
            continue
        face = importlib.import_module(f"comity.{room}")
        rows = cast("tuple[type[Row], ...]", getattr(face, "ROWS", ()))
        parts += [f"## {room}"] * bool(rows) + [part for row in rows for part in row_part(row)]
    return page(
        "Stored rows",
        "What a node's database holds, room by room. A row holds codes, ids, times, keyed"
        " hashes and sealed bytes; what a person wrote lies in encrypted records. No practice"
        " has a table of its own.",
        *parts,
    )


def row_part(row: type[Row]) -> Iterator[str]:
    """Write one row: table, key, indexes and fields."""
    tree = ast.parse(inspect.getsource(row)).body[0]
    if not isinstance(tree, ast.ClassDef):
        return
    told = attribute_docs(tree)
    yield f"### {row.table}"
    yield f"{(row.__doc__ or '').splitlines()[0]} Key: {code(row.key)}." + "".join(
        f" Index: {code(index)}." for index in row.indexes
    )
    yield table(
        ("field", "type", "meaning"),
        (
            (
                f"`{each.target.id}`",
                f"`{ast.unparse(each.annotation)}`",
                told.get(each.target.id, ""),
            )
            for each in tree.body
            if isinstance(each, ast.AnnAssign)
            and isinstance(each.target, ast.Name)
            and "ClassVar" not in ast.unparse(each.annotation)
        ),
    )


# configuration.md


def configuration_page() -> str:
    """Return every table of `node.toml`, with each setting's type, default and meaning."""
    from comity.node.config import File  # noqa: PLC0415 - only once the room is there

    return page(
        "Configuration: node.toml",
        "Every setting of a node's folder. What is left out has its default; a name that is not"
        " listed here is refused, so that a misspelt setting never counts as set. The node"
        " reads the file once, when it starts: after a change, restart it. No secret stands in"
        " it.",
        *settings_part(File, ""),
    )


def settings_part(kind: type[Struct], name: str) -> Iterator[str]:
    """Write one table of the configuration, then the tables it holds."""
    tree = ast.parse(inspect.getsource(kind)).body[0]
    told = attribute_docs(tree) if isinstance(tree, ast.ClassDef) else {}
    held = [(each, held_table(each.type)) for each in msgspec.structs.fields(kind)]
    if name:
        yield f"## {name}"
    yield inspect.getdoc(kind) or ""
    yield table(
        ("setting", "type", "default", "meaning"),
        (
            (f"`{each.name}`", setting_type(each.type), default_of(each), told[each.name])
            for each, table_of in held
            if table_of is None
        ),
    )
    for each, table_of in held:
        if table_of is not None:
            is_list = get_origin(each.type) is tuple
            yield from settings_part(
                table_of, f"`[[{each.name}]]`" if is_list else f"`[{each.name}]`"
            )


def metrics_page() -> str:
    """Return every figure a node gives to Prometheus."""
    from comity.node.metrics import FIGURES  # noqa: PLC0415 - only once the room is there

    return page(
        "Figures for Prometheus",
        "What `/metrics` gives, at the listener for the node's own people, to this machine and"
        " to the addresses in `[web] metrics`. No figure and no label names a person, a case or"
        " a content; a label is the node id of a partner, a worker, a place or an error code.",
        table(
            ("figure", "label", "meaning"),
            (
                (f"`comity_{each.name}`", each.label and f"`{each.label}`", each.says)
                for each in FIGURES
            ),
        ),
        "Of one process: `comity_failures_total` (labels `place`, `code`),"
        " `comity_calls_refused_total` (label `listener`), and memory, processor and"
        " descriptors as `comity_process_…`. Where several processes share a store, each is"
        " asked by itself; figures of the store are the same from each.",
    )


def held_table(kind: object) -> type[Struct] | None:
    """Return the table a field holds, one or a list of them, if it does."""
    inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
    return inner if isinstance(inner, type) and issubclass(inner, Struct) else None


def setting_type(kind: object) -> str:
    """Name a setting's type as TOML does."""
    if get_origin(kind) is tuple:
        return f"list of {setting_type(get_args(kind)[0])}"
    names: dict[object, str] = {
        str: "text",
        int: "number",
        bool: "true or false",
        float: "number",
    }
    return names.get(kind, str(kind))


def default_of(field: msgspec.structs.FieldInfo) -> str:
    """Write a setting's default as it would stand in the file."""
    if field.required:
        return "must be set"
    value: object = field.default
    return f"`{msgspec.json.encode(value).decode()}`"


# facts.md, packs.md


def facts_page() -> str:
    """Return the closed lists of the law."""
    from comity.law import shipped_lexicon  # noqa: PLC0415 - only once the room is there

    lexicon = shipped_lexicon()
    return page(
        "Facts, purposes and data categories",
        "The closed lists the law reads. A fact is true, false or unknown; none has a"
        " default, and unanswered is unknown. *Home* says who may state it: the record"
        " (derived), a dated assessment of partner and purpose (standing), the case, or the"
        " message.",
        "## Facts",
        table(
            ("fact", "home", "question", "provision", "yes is", "unknown again on"),
            (
                (
                    f"`{fact.name}`" + (" (absolute)" if fact.absolute else ""),
                    fact.home.value,
                    fact.text,
                    fact.provision,
                    "a danger" if fact.harms else "a condition met",
                    code(sorted(fact.signs)),
                )
                for fact in lexicon.facts.values()
            ),
        ),
        "An *absolute* fact feeds a prohibition that nobody can lift: an officer may answer it"
        " yes or unknown, never no.",
        "## Contrary signs",
        table(("sign", "meaning"), ((f"`{k}`", v) for k, v in lexicon.signs.items())),
        "## Purposes",
        table(("purpose", "meaning"), ((f"`{k}`", v) for k, v in lexicon.purposes.items())),
        "## Data categories",
        table(
            ("category", "what it holds", "implies"),
            (
                (
                    f"`{name}`",
                    each.text,
                    ", ".join(
                        f"`{k}`: {'yes' if v else 'no'}" for k, v in each.implies.items()
                    ),
                )
                for name, each in lexicon.categories.items()
            ),
        ),
        "## Sets of categories",
        table(
            ("set", "categories"),
            ((f"`{k}`", code(sorted(v))) for k, v in lexicon.sets.items()),
        ),
    )


def packs_page() -> str:
    """Return the shipped packs of law, counted."""
    from comity.law import (  # noqa: PLC0415 - only once the room is there
        packs_report,
        shipped_corpus,
        told_cases,
    )

    corpus = shipped_corpus()
    report = packs_report(corpus)
    roles = Counter((rule.pack, rule.role.value) for rule in corpus.rules)
    checked = Counter(rule.pack for rule in corpus.rules if rule.is_verified)
    whole, dated = corpus.rows
    real = [each for each in corpus.instruments.values() if not each.is_fictional]
    return page(
        "Packs of law",
        "The law that ships with the package, as a node reads it. Rows and rules from the"
        " demonstration are fictional and are counted nowhere but in their own pack.",
        table(
            ("pack", "version", "rules", "of them", "text read", "SHA-256 begins"),
            (
                (
                    f"`{name}`",
                    version,
                    sum(count for (pack, _), count in roles.items() if pack == name),
                    ", ".join(
                        f"{n} {role}"
                        for (pack, role), n in sorted(roles.items())
                        if pack == name
                    ),
                    checked[name],
                    f"`{digest.hex()[:16]}`",
                )
                for name, version, digest in corpus.packs
            ),
        ),
        "*Text read*: rules whose provision was compared with its text; the others are marked"
        " *unverified* in the pack.",
        f"Instruments: {len(real)}. Rows of participation from real sources:"
        f" {whole:,}, with a date in force: {dated:,}. Told cases: {len(told_cases(corpus))}.",
        "## Instruments",
        table(
            ("instrument", "title", "in force", "text", "official address"),
            (
                (
                    f"`{each.id}`",
                    each.title,
                    "not known" if each.in_force is None else each.in_force.isoformat(),
                    each.evidence.value,
                    f"<{each.url}>",
                )
                for each in sorted(real, key=lambda each: each.id)
            ),
        ),
        "## Rules",
        table(
            ("rule", "role", "pack", "provision", "says"),
            ((f"`{r.name}`", r.role.value, r.pack, r.cite, r.text) for r in corpus.rules),
        ),
        "## Legal clocks",
        table(
            ("clock", "length", "starts", "on silence", "provision", "since"),
            (
                (f"`{c.name}`", f"{c.length} {c.unit}", c.starts, c.on_expiry, c.cite, c.since)
                for dated_clocks in corpus.clocks.values()
                for c in dated_clocks
            ),
        ),
        "## What is not held yet",
        "\n".join(f"- {gap}" for gap in cast("list[str]", report["gaps"])),
    )


# markings.md


def markings_page() -> str:
    """Return every word of a written marking, and the codes it may hold."""
    from comity import message  # noqa: PLC0415 - only once the room is there
    from comity.message import Pap, Tlp, code_lists, equivalent, systems  # noqa: PLC0415

    acs, iep, ism = (code_lists(name) for name in ("acs", "iep", "ism"))
    return page(
        "Markings",
        "A marking is one line, `TLP:AMBER H1 REL:xa,xc`: first its TLP label, then any of the"
        " words below, each once. A word that is not known is refused, never dropped. Joining"
        " two markings only tightens.",
        table(
            ("word", "says", "two of them join to"),
            (
                ("`TLP:…`", f"audience: {code(each.label for each in Tlp)}", "the strictest"),
                (
                    "`L1` … `L4`",
                    "level: restricted, confidential, secret, top secret",
                    "the higher",
                ),
                (
                    "`CLASS:fr:SECRET`",
                    "original classifications, by system and code",
                    "all of them",
                ),
                (
                    "`PAP:…`",
                    f"permissible actions: {code(each.name for each in Pap)}",
                    "the strictest",
                ),
                ("`H0` … `H3`", "Europol handling codes", "all of them"),
                ("`CAVEAT:…`", "caveats; a person reads them before release", "all of them"),
                ("`IEP:field=value`", "terms of FIRST IEP 2.0 that restrict", "all of them"),
                ("`REL:xa,xc`", "the only members that may have it", "those on both lists"),
                ("`ORCON:xn.police`", "originators that must all consent", "all of them"),
                ("`PURPOSE:…`", "the only purposes", "those on both lists"),
                ("`UNTIL:…`", "the end of the release", "the earlier"),
                ("`EXERCISE`", "invented values", "never with real ones"),
            ),
        ),
        "An empty list releases to nobody.",
        "## Classifications",
        "A level belongs to a system and a code, never to a word: the same word can be"
        " another level elsewhere. A code is written with `_` for a space, exactly as here."
        " Where a system has no code for a level, the next higher stands in (*up*). Being"
        " equivalent permits nothing: release also needs a basis, an agreement and cleared"
        " readers. Not verified: no official text was read; the agreement between the parties"
        " decides.",
        table(
            (
                "system",
                "top secret (4)",
                "secret (3)",
                "confidential (2)",
                "restricted (1)",
                "verified",
            ),
            (
                (
                    f"`{name}`",
                    *(
                        code(
                            each.code
                            for each in codes
                            if each.level == level and not each.is_old
                        )
                        or f"up: `{equivalent(level, name).code}`"
                        for level in (4, 3, 2, 1)
                    ),
                    "yes" if codes[0].is_verified else "no",
                )
                for name, codes in systems().items()
            ),
        ),
        "On old documents only: "
        + code(str(each) for codes in systems().values() for each in codes if each.is_old)
        + ".",
        "## Caveats",
        f"{code(sorted(message.CAVEATS))}, and the codes of these lists, written with the list:"
        " `ism.dissem.OC`. Codes of the lists that grant instead of restricting are no caveats."
        f" Kept within the originator's own member: {code(sorted(message.NATIONAL))}.",
        table(
            ("list", "codes"),
            (
                (
                    f"`{scheme}.{name}`",
                    code(each for each in codes if _restricts(scheme, name, each)),
                )
                for scheme, lists in (("acs", acs), ("ism", ism))
                for name, codes in lists.items()
                if any(_restricts(scheme, name, each) for each in codes)
            ),
        ),
        "## Terms of IEP 2.0",
        table(
            ("field", "values that restrict"),
            (
                (f"`{name}`", code(each for each in values if _forbids(name, each)))
                for name, values in iep.items()
                if any(_forbids(name, each) for each in values)
            ),
        ),
    )


def _restricts(scheme: str, name: str, each: str) -> bool:
    from comity.message import caveat  # noqa: PLC0415 - only once the room is there

    return _is_read(lambda: caveat(f"{scheme}.{name}.{each}"))


def _forbids(name: str, value: str) -> bool:
    from comity.message import term  # noqa: PLC0415 - only once the room is there

    return _is_read(lambda: term(f"{name}={value}"))


def _is_read(read: Callable[[], object]) -> bool:
    from comity.core.errors import InvalidInputError  # noqa: PLC0415

    try:
        read()
    except InvalidInputError:
        return False
    return True


# commands.md


def commands_page() -> str:
    """Return every command with its arguments and options."""
    module = importlib.import_module("comity.cli.main")
    root = typer.main.get_command(cast("typer.Typer", module.app))
    return page(
        "Commands",
        "Every command takes `--json` and prints one JSON document on stdout; messages for"
        " people go to stderr. Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad"
        " input, 3 something needed is not reachable.",
        *(part for name, each in commands(root, "comity") for part in command_part(name, each)),
    )


def commands(command: object, name: str) -> Iterator[tuple[str, TyperCommand]]:
    """Walk the commands that do something, in alphabetical order."""
    match command:
        case TyperGroup():
            for word, each in sorted(command.commands.items()):
                yield from commands(each, f"{name} {word}")
        case TyperCommand(hidden=False):
            yield name, command
        case _:
            pass


def command_part(name: str, command: TyperCommand) -> Iterator[str]:
    """Write one command."""
    yield f"## {name}"
    yield " ".join((command.help or "").split())
    yield table(
        ("argument or option", "needed", "meaning"),
        (
            (
                code(each.opts) if isinstance(each, TyperOption) else f"`{each.name}`",
                "yes" if each.required else "",
                each.help or "",
            )
            for each in command.params
            if isinstance(each, TyperArgument | TyperOption)
        ),
    )


# the threat model's index, and the index of all pages


def promises() -> Iterator[tuple[str, str, str]]:
    """Find every comment that promises or risks something: sort, module, text."""
    for path in sorted(SRC.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            found = re.search(r"\b(INVARIANT|RISK):\s*(.*)", line)
            if found:
                is_comment = line.lstrip().startswith("#")
                text = " ".join(
                    (found[2], *following(lines[number + 1 :], is_comment=is_comment))
                )
                yield (
                    found[1],
                    path.relative_to(SRC).as_posix(),
                    text.removesuffix('"""').strip(),
                )


def following(lines: Sequence[str], *, is_comment: bool) -> Iterator[str]:
    """Return the lines that belong to the same comment or paragraph."""
    for line in lines:
        text = line.strip()
        if not text or text.startswith('"""') or is_comment is not text.startswith("#"):
            return
        yield text.lstrip("# ").removesuffix('"""')
        if text.endswith('"""'):
            return


def threat_model() -> str:
    """Return the threat model with its index of promises written anew."""
    text = (DOCS / "explanation" / "threat-model.md").read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    found = list(promises())
    parts = [
        f"### {title}\n\n"
        + table(
            ("where", "what"),
            (
                (f"[`{path}`](../../src/comity/{path})", told)
                for each, path, told in found
                if each == sort
            ),
        )
        for sort, title in (("INVARIANT", "What must never break"), ("RISK", "Risks taken"))
    ]
    return f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}"


def index_page() -> str:
    """Return the list of every page in its part."""
    made = {path for path, _ in generated() if path.name != "README.md"}
    every = made | {path for path in DOCS.rglob("*.md") if path.name != "README.md"}
    parts = [
        f"## {title}\n\n"
        + "\n".join(
            f"- [{title_of(path)}]({path.relative_to(DOCS).as_posix()})"
            for path in sorted(every)
            if path.parent == DOCS / folder
        )
        for folder, title in PARTS.items()
        if any(path.parent == DOCS / folder for path in every)
    ]
    return page("Documentation of Comity", *parts)


def title_of(path: Path) -> str:
    """Return the heading of a page."""
    made = dict(generated()).get(path)
    text = path.read_text(encoding="utf-8") if made is None or path.exists() else made()
    return text.splitlines()[0].removeprefix("# ")


def generated() -> tuple[tuple[Path, Callable[[], str]], ...]:
    """Return each page that code writes, where its room is there, with its writer."""
    reference = DOCS / "reference"
    every: tuple[tuple[str, Path, Callable[[], str]], ...] = (
        ("comity.practice", reference / "practices.md", practices_page),
        ("comity.ledger", reference / "leaves.md", leaves_page),
        ("comity.seal", reference / "errors.md", errors_page),
        ("comity.core", reference / "limits.md", limits_page),
        ("comity.core", reference / "rows.md", rows_page),
        ("comity.law", reference / "facts.md", facts_page),
        ("comity.law", reference / "packs.md", packs_page),
        ("comity.message", reference / "markings.md", markings_page),
        ("comity.node", reference / "configuration.md", configuration_page),
        ("comity.node", reference / "metrics.md", metrics_page),
        ("comity", DOCS / "explanation" / "threat-model.md", threat_model),
        ("comity.cli.main", reference / "commands.md", commands_page),
        ("comity", DOCS / "README.md", index_page),
    )
    return tuple((path, write) for room, path, write in every if find_spec(room) is not None)


def main() -> int:
    """Write every generated page; with `--check` compare, and return 1 where one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    is_check = bool(parser.parse_args().check)
    stale = 0
    for path, write in generated():
        text = write()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'stale' if is_check else 'written'}: {path.relative_to(ROOT).as_posix()}")
        if not is_check:
            path.write_text(text, encoding="utf-8")
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
