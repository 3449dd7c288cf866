"""Reading one rule of a pack: what it needs, what it may not have, where it is published."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from comity.law.logic import Predicate
from comity.law.model import Duty, Evidence, Instrument, Role, Rule, Side, Span
from comity.law.predicate import Known, categories, compile_predicate
from comity.law.source import Part, Section

SEATS = frozenset({"supervisor", "legal", "rights"})
ASSESSED = "local_assessment_stands"
"""The standing fact a basis reads where its instrument defines terrorism widely."""
_BOTH = frozenset({Side.RELEASE, Side.HOLD})
_SIDES = [side.value for side in Side]
_LIFTED = {Role.CONDITION, Role.SENSITIVITY}
_OF_BASIS = {"purposes", "categories", "between", "articles", "lifted_by"}
_DIGITS = 6
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LISTS = {"purposes", "categories", "articles", "sides", "lifted_by"}
_TESTS = ("when", "unless", "where", "emergency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a pack says of all its rules."""

    pack: str
    since: date
    oldest: Span | None
    """How old a row of participation may be where a prohibition reads it."""
    instruments: Mapping[str, Instrument]
    is_fictional: bool
    member: str
    """The member whose national law it is; empty for all other packs."""


def read_rule(part: Part, known: Known, head: Head) -> Rule:
    """Read and compile a rule; raises `InvalidInputError` naming file, line and reason."""
    found = part.section(
        "id role text cite evidence when",
        "sides unless where emergency purposes categories between articles lifted_by"
        " obligations from until instrument url gap",
    )
    role = Role(found["role"].as_one_of([role.value for role in Role], "role"))
    _check(found, role)
    is_limit = role not in {Role.BASIS, Role.MANDATE, Role.OBLIGATION}
    seen = replace(known, oldest=head.oldest if is_limit else None)
    tests = {
        name: compile_predicate(found[name], seen) for name in _TESTS if name in found.found
    }
    rule = _rule(found, tests, known, role=role)
    return _published(rule, found, head, tests)


def _rule(found: Section, tests: Mapping[str, Predicate], known: Known, *, role: Role) -> Rule:
    purposes, lexicon, is_basis = found.parts("purposes"), known.lexicon, role is Role.BASIS
    return Rule(
        name=found.text("id"),
        role=role,
        text=found.text("text"),
        cite=found.text("cite"),
        pack="",
        evidence=Evidence(found["evidence"].as_one_of(list(Evidence), "evidence")),
        sides=frozenset(Side(each.as_one_of(_SIDES, "side")) for each in found.parts("sides"))
        or (_BOTH if is_basis else frozenset({Side.RELEASE})),
        test=tests["when"],
        unless=tests.get("unless"),
        where=tests.get("where"),
        emergency=tests.get("emergency"),
        reads=tuple(sorted({fact for each in tests.values() for fact in each.reads})),
        of_value=any(each.of_value for each in tests.values()),
        of_handling=any(each.of_handling for each in tests.values()),
        purposes=frozenset(each.as_one_of(lexicon.purposes, "purpose") for each in purposes)
        or None,
        categories=categories(found["categories"], lexicon) if is_basis else frozenset(),
        between=found["between"].as_one_of(known.instruments, "instrument") if is_basis else "",
        articles=frozenset(found.texts("articles")),
        lifted_by=frozenset(each.as_one_of(SEATS, "seat") for each in found.parts("lifted_by")),
        duties=tuple(duty(each) for each in found.parts("obligations")),
    )


def _published(rule: Rule, found: Section, head: Head, tests: Mapping[str, Predicate]) -> Rule:
    """Add what makes a rule checkable by its reader: address, gap, dates and place."""
    name = rule.between
    if "instrument" in found.found:
        name = found["instrument"].as_one_of(head.instruments, "instrument")
    held = head.instruments.get(name)
    url = found.text("url") or ("" if held is None else held.url)
    if not url and not head.is_fictional:
        found.at.refuse("a rule needs `instrument` or `url`: where its provision is published")
    if not rule.is_verified and not found.text("gap"):
        found.at.refuse(
            "an unverified rule says in `gap` what was not read, and where to read it"
        )
    if rule.between and head.instruments[rule.between].needs_local_assessment:
        _needs(found, ASSESSED in tests["when"].reads, f"its `when` must read `{ASSESSED}`")
    if head.member:
        _guard(found, rule, head.member)
    since, until = found.day("from", head.since), found.day("until", date.max)
    _needs(found, since < until, "a rule ends after it begins")
    return replace(
        rule,
        pack=head.pack,
        instrument=name,
        url=url,
        gap=found.text("gap"),
        place=f"{found.at.file}:{found.at.line}",
        digest=found.at.digest(),
        since=since,
        until=until,
    )


def _guard(found: Section, rule: Rule, member: str) -> None:
    """Refuse a national rule that would bind another member than its own."""
    is_one = len(rule.sides) == 1 or rule.role in {Role.BASIS, Role.OBLIGATION}
    _needs(found, is_one, f"a rule of {member}'s law is for sending, or for keeping")
    own = ["recipient"] if rule.sides == frozenset({Side.HOLD}) else ["originator"]
    if rule.role is Role.OBLIGATION:
        # What the recipient's law will do with it is told to the sender before it sends.
        own.append("recipient")
    guards = {name for name in own for part in _conjuncts(found) if _names(part, name, member)}
    _needs(found, bool(guards), f"a rule of {member}'s law names `{own[0]}: {member}`")


def _conjuncts(found: Section) -> list[Part]:
    name = "where" if "where" in found.found else "when"
    return found[name].parts() if found[name].is_list else [found[name]]


def _names(part: Part, side: str, member: str) -> bool:
    held = part.pairs() if part.is_map else {}
    return held.keys() == {side} and held[side].is_text and held[side].text() == member


def _check(found: Section, role: Role) -> None:
    _needs(found, _NAME.fullmatch(found.text("id")), "an `id` is written `bombings-15-b`")
    for name in sorted(_LISTS & found.found.keys()):
        # INVARIANT: an empty list is no list: it never means *any purpose* or *either side*.
        _needs(found, found.parts(name), f"`{name}` lists at least one")
    keys, is_basis = found.found.keys(), role is Role.BASIS
    lacking = _OF_BASIS - keys if is_basis else set[str]()
    _needs(found, not lacking, f"a basis needs {', '.join(sorted(lacking))}")
    _needs(
        found,
        is_basis or not keys & {"categories", "between", "articles"},
        "only a basis has categories, between and articles",
    )
    _needs(
        found,
        role is not Role.ABSOLUTE or not keys & {"lifted_by", "unless", "where", "emergency"},
        "nothing lifts an absolute prohibition",
    )
    may_refer = role in _LIFTED or "where" in keys
    _needs(
        found,
        not may_refer or "lifted_by" in keys,
        f"a {role.value} names who may lift its referral",
    )
    _needs(
        found, "unless" not in keys or role is Role.CONDITION, "only a condition has `unless`"
    )
    _needs(
        found,
        not keys & {"where", "emergency"} or role is Role.TERM,
        "only a term has `where` or an emergency path",
    )


def _needs(found: Section, holds: object, reason: str) -> None:
    if not holds:
        found.at.refuse(reason)


def span(part: Part) -> Span:
    """Read a length of time: `8 h`, `30 d`, `4 month`."""
    number, _, unit = part.text().partition(" ")
    is_number = number.isascii() and number.isdigit() and len(number) <= _DIGITS
    if not is_number or unit not in {"h", "d", "month"}:
        part.refuse(
            f"expected a length like `8 h`, `30 d` or `4 month`, got `{part.text()[:20]}`"
        )
    return Span(length=int(number), unit=unit)


def duty(part: Part) -> Duty:
    """Read an obligation."""
    found = part.section("code detail", "within handling")
    return Duty(
        code=found.text("code"),
        detail=found.text("detail"),
        within=span(found["within"]) if "within" in found.found else None,
        handling=frozenset(
            each.as_one_of({"H1", "H2", "H3"}, "handling code")
            for each in found.parts("handling")
        ),
    )
